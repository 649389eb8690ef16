"""What a harness says at its end: one row for each promise, and whether it was kept."""

from __future__ import annotations

from dataclasses import dataclass, field

from tooling.console import paint, say


@dataclass
class Verdict:
    """``expect`` adds a row that must hold, ``tell`` one that is only told."""

    title: str
    rows: list[tuple[str, str, str]] = field(default_factory=list)
    kept: bool = True

    def expect(self, what: str, got: object, *, holds: bool, wanted: str = "") -> None:
        self.kept = self.kept and holds
        shown = f"{got}" if holds or not wanted else f"{got} (wanted {wanted})"
        self.rows.append((what, shown, "ok" if holds else "BROKEN"))

    def tell(self, what: str, got: object) -> None:
        self.rows.append((what, f"{got}", ""))

    def close(self) -> int:
        """Print the table; the exit code."""
        width = max((len(what) for what, _got, _mark in self.rows), default=0)
        broad = max((len(got) for _what, got, _mark in self.rows), default=0)
        say(f"\n{paint(self.title, 'bold')}")
        for what, got, mark in self.rows:
            colour = "red" if mark == "BROKEN" else "green"
            say(f"  {what:<{width}}  {got:>{broad}}  {paint(mark, colour)}".rstrip())
        say(paint("kept", "green") if self.kept else paint("BROKEN", "red"))
        return 0 if self.kept else 1

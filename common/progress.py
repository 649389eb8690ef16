"""A progress bar for long commands: one line that is rewritten on a terminal, nothing where there
is none.
"""

from typing import TextIO

WIDTH = 30


class Bar:
    def __init__(self, total: int, out: TextIO, label: str = "") -> None:
        self.total, self.out, self.label = max(total, 1), out, label
        self.done = 0

    def forward(self, steps: int = 1) -> None:
        self.show(self.done + steps)

    def show(self, done: int, words: str = "") -> None:
        self.done = min(done, self.total)
        if self.out.isatty():
            full = WIDTH * self.done // self.total
            bar = "█" * full + "·" * (WIDTH - full)
            self.out.write(f"\r{self.label}{bar} {self.done}/{self.total} {words}\x1b[K")
            self.out.flush()

    def close(self) -> None:
        if self.out.isatty():
            self.out.write("\n")

"""The pages of the wizard: what each holds, and when it counts as done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from common.languages import column
from listings.content import Content
from listings.forms import ConceptsForm, RowForm


@dataclass(frozen=True)
class Section:
    """One page of the wizard."""

    slug: str
    title: Any
    hint: Any
    form: Any
    part: str = ""
    rows: type[RowForm] | None = None
    rows_title: Any = ""

    def names(self, record: Any) -> list[str]:
        """The content that the section holds."""
        if issubclass(self.form, ConceptsForm):
            return ["concepts"]
        texts = [column(name, record.source_language) for name in self.form.TEXTS]
        facts = [name for name in self.form._meta.fields if name != "source_language"]
        return [*texts, *facts, *([self.part] if self.part else [])]

    def wanted(self, record: Any) -> list[str]:
        texts = set(getattr(self.form, "TEXTS", ()))
        asked = self.form.WANTED or (*getattr(self.form, "TEXTS", ()), self.part)
        return [
            column(name, record.source_language) if name in texts else name
            for name in asked
            if name
        ]

    def state(self, record: Any, content: Content) -> str:
        """``done``, ``begun`` or an empty string."""
        if all(content.get(name) not in ("", None, []) for name in self.wanted(record)):
            return "done"
        return (
            "begun"
            if any(content.get(name) not in ("", None, []) for name in self.names(record))
            else ""
        )

"""Model fields that SQLite and PostgreSQL keep and search in the same way."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db import models
from django.db.models import Lookup, Q
from django.utils.text import capfirst


def pack(codes: Iterable[str]) -> str:
    """Codes as one text, ``,a,b,``: each code stands between commas, so a search cannot hit half
    of one.
    """
    kept = list(dict.fromkeys(code for code in codes if code))
    return f",{','.join(kept)}," if kept else ""


def unpack(text: str | None) -> list[str]:
    return [code for code in (text or "").split(",") if code]


class CodesField(models.TextField):
    """A short list of codes (countries, terms, languages) in one column; search with ``holds``."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def __init__(self, *args: Any, code_choices: Any = None, **kwargs: Any) -> None:
        self.code_choices = code_choices
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", list)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, *_: Any) -> list[str]:
        return unpack(value)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, (list, tuple, set, frozenset)):
            return [str(code) for code in value]
        return unpack(value)

    def get_prep_value(self, value: Any) -> str:
        return value if isinstance(value, str) else pack(value or [])

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj))

    def formfield(self, **kwargs: Any) -> Any:  # type: ignore[override]
        return forms.MultipleChoiceField(
            choices=self.code_choices or [],
            required=not self.blank,
            label=kwargs.get("label", capfirst(self.verbose_name)),
            help_text=kwargs.get("help_text", self.help_text),
            widget=forms.CheckboxSelectMultiple,
        )


@CodesField.register_lookup
class Holds(Lookup):
    """``terms__holds="sale"``: the list has this code."""

    lookup_name = "holds"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        left, params = self.process_lhs(compiler, connection)
        return f"{left} LIKE %s ESCAPE '!'", [*params, f"%,{_escape(str(self.rhs))},%"]


def _escape(code: str) -> str:
    return code.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def holds_any(field: str, codes: Iterable[str]) -> Q:
    """The condition that the list has at least one of the codes."""
    condition = Q(pk__in=[])
    for code in codes:
        condition |= Q(**{f"{field}__holds": code})
    return condition


class WebAddressField(models.URLField):
    """A URL; typed without a scheme it means https."""

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.URLField", args, kwargs

    def formfield(self, **kwargs: Any) -> Any:  # type: ignore[override]
        return super().formfield(**{"assume_scheme": "https", **kwargs})

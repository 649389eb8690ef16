"""What a listing says, as plain data: so changes wait, are compared, shown and written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import pgettext

from common.fields import CodesField
from common.languages import CODES, column
from common.templatetags.dates import full_day
from common.templatetags.places import countries, in_words, language_word
from common.templatetags.quantities import number
from listings.models import Listing
from vocabulary.models import Concept

Content = dict[str, Any]
COUNTRIES = {"country", "developed_in"}
LISTS_OF_COUNTRIES = {"deployed_in", "available_in"}
UNSEEN = {"machine_languages"}


def columns_of(model: type[Listing]) -> tuple[str, ...]:
    texts = (column(name, code) for name in model.TEXT_FIELDS for code in CODES)
    return (*texts, "source_language", "machine_languages", *model.FACT_FIELDS)


def read(record: Any) -> Content:
    """Columns, concept keys and rows of a stored record."""
    content = {name: plain(getattr(record, name)) for name in columns_of(type(record))}
    content["concepts"] = sorted(concept.key for concept in record.concepts.all())
    for part, names in record.PARTS.items():
        rows = getattr(record, part).all()
        content[part] = [{name: plain(getattr(row, name)) for name in names} for row in rows]
    return content


def plain(value: Any) -> Any:
    """A value as JSON keeps it; numbers and texts that mean the same are written the same."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return "" if value is None else value


def difference(record: Any, changes: Content) -> Content:
    """The part of ``changes`` that is not so already; names that are no content are left out."""
    now = read(record)
    return {
        name: value
        for name, value in changes.items()
        if name in now and _same(now[name]) != _same(value)
    }


def _same(value: Any) -> Any:
    return (
        sorted(value)
        if isinstance(value, list) and all(isinstance(item, str) for item in value)
        else value
    )


def overlay(record: Any, changes: Content | None) -> Any:
    """The record in memory as it would read with the changes; nothing is stored."""
    for name, value in (changes or {}).items():
        if name in columns_of(type(record)):
            setattr(record, name, _stored(type(record), name, value))
    return record


def write(record: Any, changes: Content) -> None:
    """Store the changes; runs in the caller's transaction, with the row locked by it."""
    model = type(record)
    overlay(record, changes)
    names = [name for name in changes if name in columns_of(model)]
    record.save(update_fields=[*names, "updated_at"])
    if "concepts" in changes:
        record.concepts.set(concepts_by_key(changes["concepts"]))
    for part in record.PARTS:
        if part in changes:
            _write_rows(record, part, changes[part])
    record._prefetched_objects_cache = {}


def _write_rows(record: Any, part: str, rows: list[Content]) -> None:
    related = getattr(record, part)
    model = related.model
    related.all().delete()
    back = related.field.name
    for row in rows:
        values = {name: _stored(model, name, row.get(name)) for name in record.PARTS[part]}
        model.objects.create(**{back: record}, **values)


def _stored(model: type[models.Model], name: str, value: Any) -> Any:
    field: Any = model._meta.get_field(name)
    if (
        value in ("", None)
        and field.null
        and not isinstance(field, (models.CharField, models.TextField))
    ):
        return None
    return field.to_python(value)


def concepts_by_key(keys: list[str]) -> list[Concept]:
    wanted = set(keys)
    codes = [key.partition(":")[2] for key in keys]
    return [concept for concept in Concept.objects.filter(code__in=codes) if concept.key in wanted]


def compared(record: Any, changes: Content) -> list[dict[str, str]]:
    """Old and new in words, for the person who decides."""
    now, model = read(record), type(record)
    return [
        {
            "label": label_of(model, name),
            "old": told(model, name, now.get(name)),
            "new": told(model, name, value),
        }
        for name, value in changes.items()
        if name in now and name not in UNSEEN
    ]


def label_of(model: type[Any], name: str) -> str:
    """The name of a field, with its language when it is a text."""
    if name in model.PARTS:
        return capfirst(str(model._meta.get_field(name).related_model._meta.verbose_name_plural))
    for text in model.TEXT_FIELDS:
        for code in CODES:
            if column(text, code) == name:
                words = {"field": label_of(model, text), "language": language_word(code)}
                return pgettext("text in a language", "%(field)s (%(language)s)") % words
    return capfirst(str(model._meta.get_field(name).verbose_name))


def told(model: type[models.Model], name: str, value: Any) -> str:
    """A value as a reader sees it."""
    if value in (None, "", []):
        return ""
    if name == "concepts":
        return in_words(sorted(str(concept) for concept in concepts_by_key(value)))
    if name in getattr(model, "PARTS", {}):
        return "\n".join(_row_told(model, name, row) for row in value)
    if name in COUNTRIES or name in LISTS_OF_COUNTRIES:
        return countries([value] if isinstance(value, str) else value)
    return _column_told(model._meta.get_field(name), value)


def _column_told(field: Any, value: Any) -> str:
    if isinstance(field, CodesField):
        labels = dict(field.code_choices or [])
        return in_words(labels.get(code, code) for code in value)
    if field.choices:
        return str({str(code): label for code, label in field.choices}.get(str(value), value))
    if isinstance(field, models.DateField):
        return full_day(field.to_python(value))
    numeric = isinstance(field, (models.DecimalField, models.FloatField))
    return number(value) if numeric else str(value)


def _row_told(model: type[Any], part: str, row: Content) -> str:
    related = model._meta.get_field(part).related_model
    return " · ".join(
        words for name in model.PARTS[part] if (words := told(related, name, row.get(name)))
    )

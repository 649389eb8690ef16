"""A shortlist as a table for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common.templatetags.fit import criterion_name
from common.templatetags.places import country
from matching.choices import Decision, Side
from matching.engine.records import CRITERIA
from matching.models import Suggestion
from matching.templatetags.chips import doubtful, fitting
from matching.templatetags.measures import rows_of
from outbox.templatetags.mail import absolute

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BOM = "\ufeff"  # tells spreadsheets that the text is UTF-8


def shortlist_sheet(rows: Iterable[Suggestion]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(map(cell, _titles()))
    for row in rows:
        writer.writerow(map(cell, _line(row)))
    return BOM + out.getvalue()


def cell(value: object) -> object:
    """Text that a spreadsheet would take for a formula is marked as text."""
    if isinstance(value, int | float):
        return value
    text = str(value if value is not None else "")
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def _titles() -> list[str]:
    return [
        _("Score"),
        _("Technology"),
        _("Organisation"),
        _("Country"),
        *(criterion_name(name) for name in CRITERIA),
        pgettext("side of a suggestion", "Provider"),
        pgettext("side of a suggestion", "City"),
        _("Answers wanted by"),
        pgettext("chips", "Fits"),
        pgettext("chips", "To check"),
        _("Address of the page"),
    ]


def _line(row: Suggestion) -> list[object]:
    verdicts = rows_of(row.verdicts)
    points = {verdict.criterion: round(verdict.points, 1) for verdict in verdicts}
    organisation = row.technology.organisation
    between = pgettext("between items of a list", "; ")
    return [
        round(row.score),
        row.technology.shown("title")[0],
        organisation.name,
        country(organisation.country),
        *(points.get(name, "") for name in CRITERIA),
        _answer(row, Side.TECHNOLOGY),
        _answer(row, Side.NEED),
        row.expires_at.date().isoformat(),
        between.join(fitting(verdicts)),
        between.join(doubtful(verdicts)),
        absolute(row),
    ]


def _answer(row: Suggestion, side: Side) -> str:
    response = row.response_of(side)
    return str(Decision(response.decision).label) if response else ""

"""A whole platform of a size: organisations, technologies, needs, written past all actions.

Texts and facts are those of corpus.Market. Two processes write batches: PostgreSQL by COPY, SQLite
by one statement for many rows. Technologies are encoded as the platform does when they come in.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import django
from django.db import connection, connections, models, transaction
from django.utils import timezone

from benchmarks.corpus import SEED, Market, _supply
from matching.engine import Demand, Supply

BATCH, PROCESSES = 1_000, 2
PER_PROVIDER, PER_CITY = 3, 5
NEED_CHARACTERS = 900
_held: dict[str, Any] = {}


def fill(data: Path, technologies: int, needs: int) -> None:
    """Everything, in a migrated database with its vocabulary."""
    from accounts.models import User

    boss = User.objects.create_superuser(email="boss@greenmatch.example", password=None)
    _organisations("provider", technologies // PER_PROVIDER + 1, boss.pk)
    _organisations("city", needs // PER_CITY + 1, boss.pk)
    batches = [(kind, first, min(first + BATCH, many))
               for kind, many in (("technology", technologies), ("need", needs))
               for first in range(0, many, BATCH)]  # fmt: skip
    connections.close_all()
    with ProcessPoolExecutor(PROCESSES, initializer=_begin, initargs=(data, boss.pk)) as pool:
        list(pool.map(_batch, batches))
    _set_counters()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _begin(data: Path, boss: int) -> None:
    os.nice(0)
    django.setup()
    from vocabulary.models import Concept

    rows = Concept.objects.filter(scheme__in=["topic", "sdg"]).order_by("pk")
    topics = [row.pk for row in rows if row.scheme == "topic"]
    goals = [row.pk for row in rows if row.scheme == "sdg"]
    _held.update(market=Market(data), boss=boss, topics=topics, goals=goals)


def _organisations(kind: str, many: int, boss: int) -> None:
    from partners.models import Organisation

    now = timezone.now()
    known = {"status": "approved", "decided_at": now, "decided_by_id": boss, "country": "FR"}
    first = 1 if kind == "provider" else 10_000_001
    rows = [
        Organisation(pk=first + n, kind=kind, name=f"{kind.title()} {n}", place="Lyon", **known)
        for n in range(many)
    ]
    for start in range(0, many, BATCH):
        write(rows[start : start + BATCH])


def _batch(given: tuple[str, int, int]) -> None:
    kind, first, last = given
    (_technologies if kind == "technology" else _needs)(range(first, last))


def _technologies(numbers: Sequence[int]) -> None:
    from matching.encodings import fingerprint, words
    from matching.engine import encode_supply
    from matching.models import Encoding
    from technologies.models import Benefit, Technology

    rows, benefits, links, encoded = [], [], [], []
    mark, glossary = fingerprint(), words().glossary
    for number in numbers:
        random = Random(f"{SEED} technology {number}")
        base, sentences = _held["market"]._mix(random)
        supply = _supply(number, base.language, random)
        texts = {"title": base.title[:300] or "none", "description": " ".join(sentences)[:20_000]}
        row = _technology(number + 1, supply, texts)
        rows.append(row)
        benefits += [
            Benefit(technology=row, metric=b.metric, value=b.value, unit=b.unit,
                    evidence=b.evidence) for b in supply.benefits
        ]  # fmt: skip
        links += _links(Technology, "technology", row.pk, random)
    write(rows, benefits, links)
    from matching.records import supply_of

    for row in Technology.objects.filter(pk__in=[row.pk for row in rows]).for_page():
        encoding = encode_supply(supply_of(row), glossary)
        encoded.append(Encoding(technology_id=row.pk, fingerprint=mark, row=encoding))
    write(encoded)


def _public() -> dict[str, Any]:
    now, boss = timezone.now(), _held["boss"]
    return {
        "status": "published", "created_by_id": boss, "published_at": now, "published_by_id": boss,
        "confirmed_at": now, "confirm_by": (now + timedelta(days=180)).date(),
    }  # fmt: skip


def _technology(pk: int, supply: Supply, texts: dict[str, str]) -> Any:
    from technologies.models import Technology

    price = supply.price
    costs = {} if price is None else {
        "cost_low": round(price.low or 0, 2), "cost_high": round(price.high or 0, 2),
        "cost_currency": price.currency, "cost_unit": price.unit,
    }  # fmt: skip
    row = Technology(
        pk=pk, organisation_id=pk // PER_PROVIDER + 1, source_language=supply.language,
        trl_low=supply.trl_low, terms=sorted(supply.terms), developed_in=supply.developed_in,
        deployed_in=sorted(supply.deployed_in), available_in=sorted(supply.available_in),
        lead_time_weeks=supply.lead_time_weeks and int(supply.lead_time_weeks),
        **costs, **_public(),
    )  # fmt: skip
    for field, text in texts.items():
        row.say(field, supply.language, text)
    return row


def _needs(numbers: Sequence[int]) -> None:
    from needs.models import Need, Target

    rows, targets, links = [], [], []
    for number in numbers:
        random = Random(f"{SEED} need {number}")
        demand = _held["market"].need(number)
        row = need_row(number + 1, demand, 10_000_001 + number // PER_CITY, _public())
        rows.append(row)
        targets += [Target(need=row, metric=t.metric, value=t.value, unit=t.unit)
                    for t in demand.targets]  # fmt: skip
        links += _links(Need, "need", row.pk, random)
    write(rows, targets, links)


def need_row(pk: int | None, demand: Demand, city: int, known: dict[str, Any]) -> Any:
    """A need in the words of the market."""
    from needs.models import Need

    row = Need(
        pk=pk, organisation_id=city, source_language=demand.language, country=demand.country,
        budget_high=round(demand.budget.high or 0, 2) if demand.budget else None,
        budget_currency="USD", budget_unit="m2", scale_value=demand.scale and demand.scale.value,
        scale_unit="m2", trl_min=demand.trl_min, terms=sorted(demand.terms), capacity=5,
        must=sorted(demand.must),
        decision_by=timezone.localdate() + timedelta(weeks=int(demand.weeks_to_decision or 4)),
        **known,
    )  # fmt: skip
    for text in demand.texts:
        row.say(
            text.field, demand.language, text.text[:300] if text.field == "title" else text.text
        )
    return row


def _links(model: Any, name: str, pk: int, random: Random) -> list[Any]:
    through = model.concepts.through
    chosen = {*random.sample(_held["topics"], random.randrange(1, 3)),
              *random.sample(_held["goals"], 1)}  # fmt: skip
    return [through(**{f"{name}_id": pk, "concept_id": concept}) for concept in sorted(chosen)]


def write(*parts: Sequence[models.Model]) -> None:
    """All or nothing; a short time only, SQLite has others wait."""
    with transaction.atomic():
        for rows in parts:
            _write(rows)


def _write(rows: Sequence[models.Model]) -> None:
    """COPY where there is one."""
    if not rows:
        return
    model = type(rows[0])
    if connection.vendor != "postgresql":
        model._base_manager.bulk_create(rows, batch_size=200)
        return
    fields = [f for f in model._meta.concrete_fields if f.attname != "id" or rows[0].pk]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    text = StringIO()
    for row in rows:
        text.write("\t".join(_copied(f.pre_save(row, add=True), f) for f in fields) + "\n")
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert(f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN', text)


def _copied(value: Any, field: Any) -> str:
    """A value as COPY reads it."""
    if value is None:
        return "\\N"
    if isinstance(value, bytes):
        return "\\\\x" + value.hex()
    value = field.get_prep_value(value)
    if isinstance(value, bool):
        return "t" if value else "f"
    written = str(value).replace("\0", "")
    return (
        written.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")
    )


def _set_counters() -> None:
    """Numbers were given: the next ones begin after them."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        for table in ("technologies_technology", "needs_need", "partners_organisation"):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
            )

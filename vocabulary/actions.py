"""Loading the vocabulary from its reviewed data files; running it again changes nothing."""

import csv
from collections.abc import Iterator
from pathlib import Path

from django.db import transaction

from common.languages import CODES, column
from vocabulary.choices import Scheme
from vocabulary.models import Concept

DATA = Path(__file__).resolve().parent / "data"
TEXTS = [column(name, code) for name in ("label", "synonyms") for code in CODES]


@transaction.atomic
def load(folder: Path = DATA) -> dict[str, int]:
    """Write every concept of the data files; the number of rows by scheme."""
    rows = list(read(folder))
    concepts = [_concept(scheme, position, row) for scheme, position, row in rows]
    Concept.objects.bulk_create(
        concepts,
        update_conflicts=True,
        unique_fields=["scheme", "code"],
        update_fields=["position", "label", "synonyms", *TEXTS],
    )
    _link([(scheme, row) for scheme, _position, row in rows])
    counts: dict[str, int] = {}
    for scheme, _position, _row in rows:
        counts[scheme] = counts.get(scheme, 0) + 1
    return counts


def read(folder: Path = DATA) -> Iterator[tuple[str, int, dict[str, str]]]:
    """Scheme, position and cells of each line of ``<scheme>.tsv``."""
    for scheme in Scheme.values:
        path = folder / f"{scheme}.tsv"
        if path.exists():
            with path.open(encoding="utf-8", newline="") as lines:
                rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
                for position, row in enumerate(rows):
                    yield scheme, position, row


def _concept(scheme: str, position: int, row: dict[str, str]) -> Concept:
    concept = Concept(scheme=scheme, code=row["code"], position=position)
    for language in CODES:
        setattr(concept, column("label", language), row[language].strip())
        setattr(concept, column("synonyms", language), (row.get(f"{language}_syn") or "").strip())
    return concept


def _link(rows: list[tuple[str, dict[str, str]]]) -> None:
    """Parents and cross references, once every concept exists."""
    ids = {
        f"{scheme}:{code}": pk
        for pk, scheme, code in Concept.objects.values_list("pk", "scheme", "code")
    }
    changed, maps = [], []
    through = Concept.maps_to.through
    for scheme, row in rows:
        pk = ids[f"{scheme}:{row['code']}"]
        changed.append(Concept(pk=pk, parent_id=ids.get(_key(scheme, row.get("parent") or ""))))
        targets = [ids.get(target.strip()) for target in (row.get("maps") or "").split(",")]
        maps += [through(from_concept_id=pk, to_concept_id=other) for other in targets if other]
    Concept.objects.bulk_update(changed, ["parent"])
    through.objects.all().delete()
    through.objects.bulk_create(maps, ignore_conflicts=True)


def _key(scheme: str, parent: str) -> str:
    return parent if ":" in parent else f"{scheme}:{parent}"

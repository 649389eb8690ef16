"""A run over all needs as rows: asked for once, dealt out in chunks, taken over when a worker dies.

Stages follow one another; the chunks of a stage may be done by any number of workers. What a chunk
found is stored in the transaction that marks it done, and only by who still holds it, so that a
chunk done twice counts once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from matching.choices import Effect, Stage
from matching.models import Chunk, Run
from matching.policy import in_force
from matching.signals import run_moved
from matching.work import ask_all
from needs.models import Need

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 5
RENEWED = timedelta(seconds=5)
ORDER = list(Stage)
ONE_BY_ONE = {Stage.SCORE, Stage.WRITE}  # when a chunk of these is given up, the others go on

Finish = Callable[[], bytes | None]
"""What a chunk writes in the transaction that marks it done; the payload it leaves."""
Stages = Mapping[str, Callable[[Chunk], Finish]]


def start(day: date | None = None) -> Run:
    """Match every need anew; a run under way gives way to it. One run for a day."""
    done = Run.objects.filter(day=day).first() if day else None
    if done is not None:
        return done
    try:
        with transaction.atomic():
            supersede()
            run = Run.objects.create(policy=in_force(), day=day)
            Chunk.objects.create(run=run, stage=Stage.PREPARE)
    except IntegrityError:  # another process was quicker
        return Run.objects.filter(under_way=True).first() or Run.objects.latest("started_at")
    _announce(run)
    return run


def supersede() -> None:
    """End the run under way, whoever works on it: what its chunks find is no longer wanted."""
    for run in Run.objects.select_for_update().filter(under_way=True):
        finish(run, error="Superseded")


def finish(run: Run, *, error: str = "") -> None:
    Run.objects.filter(pk=run.pk, under_way=True).update(
        under_way=False, finished_at=timezone.now(), last_error=error
    )
    run.chunks.filter(parked_at__isnull=True).delete()


def under_way() -> bool:
    return Run.objects.filter(under_way=True).exists()


def progress(run: Run) -> tuple[int, int]:
    """Chunks of the present stage that are over, and all of them."""
    over = Q(done_at__isnull=False) | Q(parked_at__isnull=False)
    counts = run.chunks.filter(stage=run.stage).aggregate(
        over=Count("pk", filter=over), every=Count("pk")
    )
    return counts["over"], counts["every"]


def step(stages: Stages) -> bool:
    """Do one chunk of the run under way; False when there is none to claim."""
    chunk = _claim()
    if chunk is None:
        return False
    try:
        _finish(chunk, stages[chunk.stage](chunk))
    except Exception as error:
        log.exception("chunk %s of run %s failed", chunk, chunk.run)
        _postpone(chunk, error)
    _move_on(chunk.run_id)
    return True


def _claim() -> Chunk | None:
    """The first free chunk, by compare-and-swap; when a stage is over, of the next one."""
    while True:
        row = Chunk.objects.all().due().select_related("run__policy").first()
        if row is None:
            run = Run.objects.filter(under_way=True).first()
            if run is None or not _move_on(run.pk):
                return None
            continue
        now = timezone.now()
        mine = Chunk.objects.all().open().filter(pk=row.pk, claimed_at=row.claimed_at)
        if mine.update(claimed_at=now, attempts=F("attempts") + 1):
            row.claimed_at, row.attempts = now, row.attempts + 1
            if row.attempts <= MAX_ATTEMPTS:
                return row
            _park(row, "WorkerDied")


def renew(chunk: Chunk) -> None:
    """Say that a long chunk is still worked on; not when another has taken it over."""
    now = timezone.now()
    if chunk.claimed_at is None or now - chunk.claimed_at < RENEWED:
        return
    mine = Chunk.objects.filter(pk=chunk.pk, claimed_at=chunk.claimed_at, done_at__isnull=True)
    if mine.update(claimed_at=now):
        chunk.claimed_at = now


def _finish(chunk: Chunk, write: Finish) -> None:
    with transaction.atomic():
        mine = Chunk.objects.select_for_update().filter(
            pk=chunk.pk, claimed_at=chunk.claimed_at, done_at__isnull=True, run__under_way=True
        )
        if not mine.exists():  # it took too long and another worker has it, or the run is over
            return
        payload = write()
        Chunk.objects.filter(pk=chunk.pk).update(
            done_at=timezone.now(), claimed_at=None, payload=payload
        )


def _postpone(chunk: Chunk, error: Exception) -> None:
    """Later again, after the fifth time not at all."""
    name = type(error).__name__
    if chunk.attempts >= MAX_ATTEMPTS:
        _park(chunk, name)
        return
    Chunk.objects.filter(pk=chunk.pk, claimed_at=chunk.claimed_at).update(
        claimed_at=None,
        due_at=timezone.now() + timedelta(seconds=2**chunk.attempts),
        last_error=name,
    )


@transaction.atomic
def _park(chunk: Chunk, error: str) -> None:
    """Give a chunk up: its needs are scored one by one, so that a bad one harms no other."""
    now = timezone.now()
    mine = Chunk.objects.all().open().filter(pk=chunk.pk, claimed_at=chunk.claimed_at)
    if not mine.update(parked_at=now, claimed_at=None, last_error=error):
        return
    needs = Need.objects.published()
    if chunk.stage in ONE_BY_ONE:
        needs = needs.filter(pk__range=(chunk.first, chunk.last))
    else:
        finish(chunk.run, error=error)
    ask_all(Effect.REFRESH_NEED, needs.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def _move_on(run_id: int) -> bool:
    """Open the next stage when nothing of this one is left; by whoever notices first."""
    run = Run.objects.select_for_update().filter(pk=run_id, under_way=True).first()
    if run is None or run.chunks.open().filter(stage=run.stage).exists():
        return False
    if run.stage == ORDER[-1]:
        finish(run)
        return False
    following = ORDER[ORDER.index(Stage(run.stage)) + 1]
    if not run.chunks.filter(stage=following).exists():
        Chunk.objects.create(run=run, stage=following)
    Run.objects.filter(pk=run.pk).update(stage=following)
    _announce(run)
    return True


def _announce(run: Run) -> None:
    transaction.on_commit(lambda: run_moved.send(Run, pk=run.pk), robust=True)

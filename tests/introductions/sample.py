"""An introduction with something of everything, for tests that open every address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from introductions import actions, milestones
from introductions.models import ImpactEntry, Meeting
from introductions.uploads import Checked
from matching.choices import Side
from matching.models import Introduction, Suggestion
from matching.policy import in_force
from needs.models import Need
from technologies.models import Technology


def introduced(technology: Technology, need: Need) -> dict[str, Any]:
    """A pair that both sides accepted, with an entry of every kind, and their keys by route."""
    pair = Suggestion.objects.create(
        need=need,
        technology=technology,
        score=77,
        policy=in_force(),
        expires_at=timezone.now() + timedelta(days=10),
    )
    author = User.objects.get(email="author@provider.example")
    introduction = Introduction.objects.create(suggestion=pair)
    today, side = timezone.localdate(), Side.TECHNOLOGY
    milestone = milestones.report(introduction, by=author, side=side, step="meeting", day=today)
    message = actions.write(
        introduction,
        by=author,
        side=Side.TECHNOLOGY,
        text="See the plan.",
        file=Checked("plan.txt", "text/plain", b"plan"),
    )
    meeting = Meeting.objects.create(
        introduction=introduction,
        status="agreed",
        side=Side.NEED,
        by=author,
        starts_at=timezone.now() + timedelta(days=3),
    )
    effect = measured(introduction, author)
    return {
        "introductions:impact_correct.row": effect.pk,
        "introductions:verify.row": effect.pk,
        "introductions:calendar.row": meeting.pk,
        "introductions.pk": introduction.pk,
        "introductions.row": milestone.pk,
        "introductions:file.row": message.attachments.get().pk,
    }


def measured(introduction: Introduction, by: User) -> ImpactEntry:
    today = timezone.localdate()
    entry: ImpactEntry = ImpactEntry.objects.create(
        introduction=introduction,
        metric="power",
        value=5,
        unit="kW",
        starts=today,
        ends=today,
        evidence="claimed",
        side=Side.TECHNOLOGY,
        by=by,
    )
    return entry

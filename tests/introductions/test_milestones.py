"""Milestones: one side reports, the other confirms; steps may be skipped, entries never change."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry, User
from common.errors import Conflict, Incomplete, NotAllowed
from introductions import milestones, tasks
from introductions.choices import Step, Word
from introductions.models import Milestone, MilestoneAnswer, Reminder
from matching.choices import Side
from matching.models import Introduction
from outbox.models import Message

pytestmark = pytest.mark.django_db


def days_ago(days: int) -> date:
    return timezone.localdate() - timedelta(days=days)


def report(introduction: Introduction, by: User, step: str = "meeting", ago: int = 3) -> Milestone:
    return milestones.report(
        introduction, by=by, side=Side.TECHNOLOGY, step=step, day=days_ago(ago), note="In Lyon"
    )


def test_one_side_reports_on_the_page_and_the_other_confirms(
    introduction: Introduction, official: User, as_author: Client, as_official: Client
) -> None:
    path = reverse("introductions:report", args=[introduction.pk])
    said = {"step": "meeting", "day": days_ago(2).isoformat(), "note": "Two hours on site"}
    as_author.post(path, said)
    row = Milestone.objects.get()
    assert Message.objects.filter(recipient=official, subject__contains="reports").count() == 1
    page = as_official.get(introduction.get_absolute_url()).content.decode()
    assert "Waits for your confirmation" in page
    as_official.post(reverse("introductions:confirm", args=[introduction.pk, row.pk]))
    assert list(Milestone.objects.confirmed()) == [row]
    assert (
        "Confirmed by both sides" in as_author.get(introduction.get_absolute_url()).content.decode()
    )
    verbs = AuditEntry.objects.filter(verb__endswith="milestone").values_list("verb", flat=True)
    assert sorted(verbs) == ["confirmed milestone", "report milestone"]


def test_nobody_reports_for_the_other_side(introduction: Introduction, as_author: Client) -> None:
    path = reverse("introductions:report", args=[introduction.pk])
    said = {"step": "meeting", "day": days_ago(2).isoformat(), "side": Side.NEED}
    assert as_author.post(path, said).status_code == 403
    assert not Milestone.objects.exists()


def test_nobody_confirms_an_entry_of_the_own_side(
    introduction: Introduction, author: User, colleague: User, stranger: User, as_author: Client
) -> None:
    row = report(introduction, author)
    for person in (author, colleague):
        with pytest.raises(NotAllowed):
            milestones.confirm(row, by=person, side=Side.TECHNOLOGY)
    for person in (author, stranger):
        with pytest.raises(NotAllowed):
            milestones.confirm(row, by=person, side=Side.NEED)
    as_author.post(reverse("introductions:confirm", args=[introduction.pk, row.pk]))
    assert not MilestoneAnswer.objects.exists()


def test_the_other_side_answers_once(
    introduction: Introduction, author: User, official: User
) -> None:
    row = report(introduction, author)
    milestones.confirm(row, by=official, side=Side.NEED)
    with pytest.raises(Conflict):
        milestones.confirm(row, by=official, side=Side.NEED)
    with pytest.raises(Conflict):
        milestones.contest(row, by=official, side=Side.NEED, reason="No")


def test_contesting_needs_a_reason_which_is_read_on_the_page_and_in_no_mail(
    introduction: Introduction, author: User, as_official: Client, as_author: Client
) -> None:
    row = report(introduction, author)
    path = reverse("introductions:contest", args=[introduction.pk, row.pk])
    assert as_official.post(path, {"reason": " "}).status_code == 200
    as_official.post(path, {"reason": "It was a telephone call"})
    page = as_author.get(introduction.get_absolute_url()).content.decode()
    assert "It was a telephone call" in page
    mail = Message.objects.get(subject__contains="contests", recipient=author)
    assert "telephone call" not in mail.text + mail.html


def test_correction_is_a_new_entry_that_waits_again(
    introduction: Introduction, author: User, official: User, as_author: Client
) -> None:
    row = report(introduction, author)
    milestones.contest(row, by=official, side=Side.NEED, reason="A day later")
    path = reverse("introductions:correct", args=[introduction.pk, row.pk])
    as_author.post(path, {"day": days_ago(2).isoformat(), "note": "Sorry"})
    new = Milestone.objects.get(corrects=row)
    assert list(Milestone.objects.waiting()) == [new]
    assert as_author.get(path).status_code == 404
    with pytest.raises(Conflict):
        milestones.correct(row, by=author, side=Side.TECHNOLOGY, day=days_ago(1))
    with pytest.raises(Conflict):
        milestones.confirm(row, by=official, side=Side.NEED)
    milestones.confirm(new, by=official, side=Side.NEED)
    assert list(Milestone.objects.confirmed()) == [new]


def test_the_other_side_does_not_correct(
    introduction: Introduction, author: User, official: User
) -> None:
    row = report(introduction, author)
    with pytest.raises(NotAllowed):
        milestones.correct(row, by=official, side=Side.NEED, day=days_ago(1))


def test_steps_are_skipped_but_keep_their_order_in_time(
    introduction: Introduction, author: User
) -> None:
    report(introduction, author, Step.DEMONSTRATION, ago=10)
    with pytest.raises(Incomplete):
        report(introduction, author, Step.DEPLOYMENT, ago=11)
    with pytest.raises(Incomplete):
        report(introduction, author, Step.MEETING, ago=9)
    with pytest.raises(Incomplete):
        report(introduction, author, Step.DEMONSTRATION, ago=8)
    with pytest.raises(Incomplete):
        report(introduction, author, Step.DEPLOYMENT, ago=-5)
    report(introduction, author, Step.MEETING, ago=30)
    report(introduction, author, Step.DEPLOYMENT, ago=1)
    assert Milestone.objects.count() == 3


@pytest.mark.parametrize("day", ["", "31.31.2026", "2099-01-01", "0001-01-01x"])
def test_bad_day_is_said_beside_its_field(
    introduction: Introduction, as_author: Client, day: str
) -> None:
    path = reverse("introductions:report", args=[introduction.pk])
    answer = as_author.post(path, {"step": "mou", "day": day, "note": "Signed"})
    assert answer.status_code == 200
    assert answer.context["form"].errors["day"]
    assert "Signed" in answer.content.decode()


def test_closing_takes_effect_at_once_and_its_reason_waits_for_the_other_side(
    introduction: Introduction, official: User, as_author: Client, as_official: Client
) -> None:
    path = reverse("introductions:close", args=[introduction.pk])
    assert as_author.post(path, {}).status_code == 200
    as_author.post(path, {"reason": "silence", "note": "Nobody writes"})
    row = Milestone.objects.get()
    page = as_official.get(introduction.get_absolute_url()).content.decode()
    assert "The other side does not answer" in page
    milestones.contest(row, by=official, side=Side.NEED, reason="We wrote twice")
    assert as_author.get(path).status_code == 404
    for name in ("report",):
        gone = reverse(f"introductions:{name}", args=[introduction.pk])
        assert as_author.get(gone).status_code == 404


def test_the_database_refuses_to_change_an_entry(introduction: Introduction, author: User) -> None:
    row = report(introduction, author)
    row.note = "Otherwise"
    with pytest.raises(TypeError):
        row.save()
    with pytest.raises(TypeError):
        Milestone.objects.all().delete()
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE introductions_milestone SET note = 'Otherwise'")


def test_reminders_come_twice_and_only_while_it_waits(
    introduction: Introduction, author: User, official: User
) -> None:
    report(introduction, author)
    tasks.sweep()
    assert reminded(official) == 0
    first, second = Reminder.objects.order_by("due_at")
    due(first)
    for _ in range(5):
        tasks.sweep()
    assert reminded(official) == 1
    due(second)
    tasks.sweep()
    assert reminded(official) == 2


def test_nobody_is_reminded_of_what_was_answered(
    introduction: Introduction, author: User, official: User
) -> None:
    row = report(introduction, author)
    milestones.confirm(row, by=official, side=Side.NEED)
    for reminder in Reminder.objects.all():
        due(reminder)
    tasks.sweep()
    assert reminded(official) == 0
    assert not Reminder.objects.all().due().exists()


def due(reminder: Reminder) -> None:
    then = timezone.now() - timedelta(minutes=reminder.pk % 7 + 1)
    Reminder.objects.filter(pk=reminder.pk).update(due_at=then)


def reminded(person: User) -> int:
    return Message.objects.filter(recipient=person, subject__startswith="Still to confirm").count()


def test_words_of_an_answer_are_kept(
    introduction: Introduction, author: User, official: User
) -> None:
    row = report(introduction, author)
    milestones.contest(row, by=official, side=Side.NEED, reason="  Not yet ")
    answer = MilestoneAnswer.objects.get()
    assert (answer.word, answer.reason, answer.by) == (Word.CONTESTED, "Not yet", official)

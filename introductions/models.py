"""What two sides do with an introduction: write, report milestones, follow the effect."""

import secrets
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.choices import Evidence, Metric, Unit
from introductions.broker_models import Broker
from introductions.choices import CloseReason, MeetingStatus, Minutes, Step, Word
from introductions.entries import Appended, by_person, of_introduction, on_side, sent_with
from introductions.querysets import ImpactQuerySet, MilestoneQuerySet, ReminderQuerySet
from introductions.uploads import PrivateStorage

__all__ = ("Broker",)  # Django looks for models here


class Withdrawal(models.Model):
    """One side does not want its contact details shown any longer."""

    introduction = of_introduction("withdrawals")
    side = on_side()
    by = by_person(_("withdrawn by"))
    at = models.DateTimeField(_("withdrawn at"), default=timezone.now)
    for_safety = models.BooleanField(_("by an admin"), default=False)

    class Meta:
        verbose_name = _("withdrawal of contact details")
        verbose_name_plural = _("withdrawals of contact details")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["introduction", "side"], name="side_withdraws_its_contacts_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.introduction_id} {self.side}"


class ThreadMessage(Appended):
    """One entry of the conversation."""

    introduction = of_introduction("messages")
    side = on_side(blank=True)
    by = by_person(_("written by"))
    text = models.TextField(pgettext_lazy("of a message", "text"), max_length=5000)
    at = models.DateTimeField(_("written at"), default=timezone.now)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.introduction_id} {self.side} {self.pk}"


class Reading(models.Model):
    """How far one person has read a conversation, and how far they were told of it by e-mail."""

    introduction = of_introduction("readings")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("user")
    )
    read_upto = models.BigIntegerField(_("read up to"), default=0)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    told_upto = models.BigIntegerField(_("told up to"), default=0)
    told_at = models.DateTimeField(_("told at"), null=True, blank=True)

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["introduction", "person"], name="person_reads_a_conversation_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.introduction_id} {self.person_id}: {self.read_upto}"


class Milestone(Appended):
    """A step that one side reports and the other side confirms; closing needs no consent."""

    introduction = of_introduction("milestones")
    step = models.CharField(_("step"), max_length=15, choices=Step.choices)
    day = models.DateField(pgettext_lazy("of a milestone", "day"))
    note = models.TextField(_("note"), max_length=2000, blank=True)
    reason = models.CharField(_("reason"), max_length=20, choices=CloseReason.choices, blank=True)
    side = on_side(blank=True)
    by = by_person(_("reported by"))
    at = models.DateTimeField(_("reported at"), default=timezone.now)
    corrects = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="correction",
        verbose_name=_("corrects"),
    )

    objects: ClassVar[Any] = MilestoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering: ClassVar = ["at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["introduction"],
                condition=Q(step=Step.CLOSED, corrects__isnull=True),
                name="introduction_closes_once",
            ),
            models.CheckConstraint(
                condition=(Q(step=Step.CLOSED) & ~Q(reason=""))
                | (~Q(step=Step.CLOSED) & Q(reason="")),
                name="only_closing_has_a_reason_and_always",
            ),
            models.CheckConstraint(
                condition=~Q(side="") | Q(step=Step.CLOSED),
                name="only_closing_may_come_from_neither_side",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.day}"

    @property
    def word(self) -> str:
        """What the other side said: empty while it waits."""
        answer = getattr(self, "answer", None)
        return answer.word if answer else ""

    @property
    def is_replaced(self) -> bool:
        return getattr(self, "correction", None) is not None

    @property
    def waits(self) -> bool:
        return bool(self.side) and not self.word and not self.is_replaced


def _place(attachment: "Attachment", _name: str) -> str:
    """Where a file lies: nothing of its name, nothing that can be guessed."""
    return f"introductions/{attachment.introduction_id}/{secrets.token_hex(16)}"


class Attachment(Appended):
    """A file for the two sides alone, sent with a message or a milestone."""

    introduction = of_introduction("attachments")
    message = sent_with("ThreadMessage", _("message"))
    milestone = sent_with("Milestone", _("milestone"))
    side = on_side(blank=True)
    by = by_person(_("sent by"))
    at = models.DateTimeField(_("sent at"), default=timezone.now)
    name = models.CharField(_("file name"), max_length=120)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(pgettext_lazy("of a file", "size"))
    digest = models.CharField(_("SHA-256"), max_length=64)
    file = models.FileField(_("file"), storage=PrivateStorage, upload_to=_place, max_length=200)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(message__isnull=False, milestone__isnull=True)
                | Q(message__isnull=True, milestone__isnull=False),
                name="attachment_belongs_to_one_entry",
            )
        ]

    def __str__(self) -> str:
        return f"{self.introduction_id} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("introductions:file", args=[self.introduction_id, self.pk])


class MilestoneAnswer(Appended):
    """The other side confirms a milestone, or says why not."""

    milestone = models.OneToOneField(
        Milestone, models.PROTECT, related_name="answer", verbose_name=_("milestone")
    )
    word = models.CharField(_("answer"), max_length=10, choices=Word.choices)
    reason = models.TextField(_("reason"), max_length=1000, blank=True)
    side = on_side()
    by = by_person(_("answered by"))
    at = models.DateTimeField(_("answered at"), default=timezone.now)

    class Meta:
        verbose_name = _("answer to a milestone")
        verbose_name_plural = _("answers to milestones")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(word=Word.CONFIRMED) | ~Q(reason=""),
                name="contesting_a_milestone_needs_a_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.milestone_id}: {self.get_word_display()}"


class Reminder(models.Model):
    """A day on which the other side is reminded of a milestone that still waits for its word."""

    milestone = models.ForeignKey(
        Milestone, models.CASCADE, related_name="reminders", verbose_name=_("milestone")
    )
    due_at = models.DateTimeField(_("due at"))
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    objects = ReminderQuerySet.as_manager()

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["milestone", "due_at"], name="reminder_is_due_once_at_a_time"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(done_at__isnull=True), name="reminder_due")
        ]

    def __str__(self) -> str:
        return f"{self.milestone_id} {self.due_at}"


class ImpactEntry(Appended):
    """An effect over a period, with who says so, when and how it is known; never changed."""

    introduction = of_introduction("impact")
    metric = models.CharField(_("metric"), max_length=30, choices=Metric.choices)
    value = models.DecimalField(_("value"), max_digits=14, decimal_places=2)
    unit = models.CharField(_("unit"), max_length=10, choices=Unit.choices)
    starts = models.DateField(_("from"))
    ends = models.DateField(_("to"))
    evidence = models.CharField(_("evidence"), max_length=12, choices=Evidence.choices)
    method = models.CharField(_("how it is known"), max_length=500, blank=True)
    side = on_side(blank=True)
    by = by_person(_("entered by"))
    at = models.DateTimeField(_("entered at"), default=timezone.now)
    replaces = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replacement",
        verbose_name=_("replaces"),
    )

    objects: ClassVar[Any] = ImpactQuerySet.as_manager()

    class Meta:
        verbose_name = _("impact entry")
        verbose_name_plural = _("impact entries")
        ordering: ClassVar = ["pk"]
        permissions: ClassVar = [("verify_impactentry", "Can verify effects")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends__gte=F("starts")), name="impact_has_a_period"),
            models.CheckConstraint(
                condition=Q(evidence=Evidence.CLAIMED) | ~Q(method=""),
                name="backed_impact_says_how_it_is_known",
            ),
            models.CheckConstraint(
                condition=Q(evidence=Evidence.VERIFIED, side="", replaces__isnull=False)
                | (~Q(evidence=Evidence.VERIFIED) & ~Q(side="")),
                name="impact_is_verified_by_neither_side",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_metric_display()} {self.value} {self.unit}"


class Meeting(models.Model):
    """A time that both sides agree on; each change raises the sequence that calendars follow."""

    introduction = of_introduction("meetings")
    status = models.CharField(_("status"), max_length=10, choices=MeetingStatus.choices)
    sequence = models.PositiveIntegerField(_("sequence"), default=0)
    side = on_side(blank=True)  # blank: proposed by the programme manager
    by = by_person(_("proposed by"))
    minutes = models.PositiveSmallIntegerField(
        _("length"), choices=Minutes.choices, default=Minutes.HOUR
    )
    place = models.CharField(pgettext_lazy("of a meeting", "place"), max_length=200, blank=True)
    starts_at = models.DateTimeField(_("agreed time"), null=True, blank=True)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now)

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["introduction"],
                condition=Q(status=MeetingStatus.PROPOSED),
                name="one_meeting_is_proposed_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(status=MeetingStatus.AGREED) | Q(starts_at__isnull=False),
                name="agreed_meeting_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.introduction_id} {self.get_status_display()}"

    @property
    def ends_at(self) -> datetime | None:
        return self.starts_at and self.starts_at + timedelta(minutes=self.minutes)


class Slot(models.Model):
    """One of the times proposed for a meeting."""

    meeting = models.ForeignKey(
        Meeting, models.CASCADE, related_name="slots", verbose_name=_("meeting")
    )
    starts_at = models.DateTimeField(_("starts at"))

    class Meta:
        verbose_name = _("proposed time")
        verbose_name_plural = _("proposed times")
        ordering: ClassVar = ["starts_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["meeting", "starts_at"], name="time_is_proposed_once")
        ]

    def __str__(self) -> str:
        return f"{self.starts_at}"

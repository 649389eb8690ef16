"""E-mails as rows, until delivered."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from common import clock
from common.fields import CodesField
from outbox.choices import (
    OPTIONAL,
    EventKind,
    EventSource,
    Frequency,
    MessageKind,
    MessageStatus,
)
from outbox.querysets import MessageQuerySet, PreferenceQuerySet


class Message(models.Model):
    """One e-mail to one recipient, written in the transaction that made it necessary."""

    kind = models.CharField(_("kind"), max_length=20, choices=MessageKind.choices)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("recipient"),
    )
    address = models.EmailField(_("address"))
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default="en"
    )
    subject = models.CharField(_("subject"), max_length=250)
    text = models.TextField(_("plain text"), blank=True)
    html = models.TextField(_("HTML"), blank=True)
    dedupe_key = models.CharField(_("key against doubles"), max_length=200, unique=True)
    message_id = models.CharField(_("Message-ID"), max_length=200, unique=True)
    status = models.CharField(
        _("status"), max_length=10, choices=MessageStatus.choices, default=MessageStatus.QUEUED
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt"), default=clock.now)
    first_attempt_at = models.DateTimeField(_("first attempt"), null=True, blank=True)
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    claimed_by = models.CharField(_("claimed by"), max_length=80, blank=True)
    deaths = models.PositiveSmallIntegerField(_("workers lost"), default=0)
    code = models.PositiveSmallIntegerField(_("answer of the mail server"), null=True, blank=True)
    about = models.JSONField(
        _("about"), default=list, blank=True, help_text=_("Records looked at again before sending.")
    )
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("written at"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("e-mail")
        verbose_name_plural = _("e-mails")
        ordering: ClassVar = ["-created_at", "-pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(
                    status__in=[MessageStatus.QUEUED, MessageStatus.CLAIMED, MessageStatus.SENDING]
                ),
                name="message_due",
            )
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status=MessageStatus.SENT, sent_at__isnull=False)
                | ~Q(status=MessageStatus.SENT),
                name="sent_message_has_its_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Suppression(models.Model):
    """An address to which nothing is sent, known by a keyed hash alone: it outlives erasure."""

    address_key = models.CharField(_("key of the address"), max_length=64, unique=True)
    reason = models.CharField(_("reason"), max_length=10, choices=EventKind.choices, blank=True)
    suppressed_at = models.DateTimeField(_("suppressed at"), null=True, blank=True)
    soft_bounces = models.PositiveSmallIntegerField(_("soft bounces"), default=0)
    last_bounce_at = models.DateTimeField(_("last bounce"), null=True, blank=True)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lifted by"),
    )
    lift_reason = models.CharField(_("why it was lifted"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("suppressed address")
        verbose_name_plural = _("suppressed addresses")
        ordering: ClassVar = ["-suppressed_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(reason="", suppressed_at__isnull=True)
                | (~Q(reason="") & Q(suppressed_at__isnull=False)),
                name="suppression_has_reason_and_time",
            )
        ]

    def __str__(self) -> str:
        return self.address_key[:12]


class MailEvent(models.Model):
    """What somebody told us about an e-mail after it left, stored as it came, looked at later."""

    event_id = models.CharField(_("identifier of the event"), max_length=200, unique=True)
    source = models.CharField(_("source"), max_length=10, choices=EventSource.choices)
    kind = models.CharField(_("kind"), max_length=10, choices=EventKind.choices)
    message_id = models.CharField(_("Message-ID"), max_length=250, db_index=True)
    raw = models.TextField(_("as it came"), blank=True)
    received_at = models.DateTimeField(_("received at"), default=clock.now)
    next_attempt_at = models.DateTimeField(_("next attempt"), default=clock.now)
    processed_at = models.DateTimeField(_("processed at"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("mail event")
        verbose_name_plural = _("mail events")
        ordering: ClassVar = ["-received_at", "-pk"]
        indexes: ClassVar = [
            models.Index(
                fields=["next_attempt_at"],
                condition=Q(processed_at__isnull=True),
                name="event_to_process",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class Part(models.Model):
    """A part of the machinery: when it last moved, and whether it is given a rest."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    seen_at = models.DateTimeField(_("last seen"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    rests_until = models.DateTimeField(_("rests until"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("part of the machinery")
        verbose_name_plural = _("machinery")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Run(models.Model):
    """One scheduled job at one due time; the row is why two schedulers run it once."""

    job = models.CharField(_("job"), max_length=60)
    due_at = models.DateTimeField(_("due at"))
    claimed_at = models.DateTimeField(_("claimed at"), default=clock.now)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    class Meta:
        verbose_name = _("scheduled run")
        verbose_name_plural = _("scheduled runs")
        ordering: ClassVar = ["-due_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "due_at"], name="job_runs_once_when_due")
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.due_at:%Y-%m-%d %H:%M}"


class Preference(models.Model):
    """How one person wants to be written to; without a row the defaults hold."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="preference",
        verbose_name=_("person"),
    )
    off = CodesField(
        _("switched off"), code_choices=[(kind.value, kind.label) for kind in OPTIONAL]
    )
    frequency = models.CharField(
        _("how often new suggestions"), max_length=10, choices=Frequency.choices, blank=True
    )
    weekday = models.PositiveSmallIntegerField(
        _("day of the week"), choices=list(WEEKDAYS.items()), default=0
    )
    hour = models.PositiveSmallIntegerField(
        _("hour"), choices=[(hour, f"{hour}:00") for hour in range(8, 19)], default=9
    )

    objects = PreferenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("e-mail preference")
        verbose_name_plural = _("e-mail preferences")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(weekday__lte=6, hour__gte=8, hour__lte=18),
                name="digest_has_a_weekday_and_an_hour_of_work",
            )
        ]

    def __str__(self) -> str:
        return str(self.person)

    @property
    def pace(self) -> str:
        """What the person chose, else what this installation begins with."""
        return self.frequency or settings.DIGEST_DEFAULT

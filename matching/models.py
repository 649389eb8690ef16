"""Which offer fits which demand, why, and what both sides answered."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common import clock
from matching import engine
from matching.choices import Decision, DeclineReason, Effect, Side
from matching.clock_models import Pause, Reminder
from matching.index_models import Encoding, Epoch
from matching.policy_models import Rehearsal, RehearsedNeed, Unlearned
from matching.querysets import (
    IntroductionQuerySet,
    ResponseQuerySet,
    SuggestionQuerySet,
    WorkQuerySet,
)
from matching.run_models import Chunk, Run

MESSAGE_LENGTH = 3000

__all__ = (
    "Chunk",
    "Encoding",
    "Epoch",
    "Pause",
    "Rehearsal",
    "RehearsedNeed",
    "Reminder",
    "Run",
    "Unlearned",
)  # Django looks for models here


def shipped_intercept() -> float:
    return engine.DEFAULT.intercept


def shipped_miss_cost() -> float:
    return engine.DEFAULT.miss_cost


def shipped_rates() -> dict[str, float]:
    return dict(engine.DEFAULT.rates)


class Policy(models.Model):
    """The weights and limits of matching; versions are kept, one is in force."""

    version = models.PositiveIntegerField(_("version"), unique=True)
    note = models.CharField(_("what changed"), max_length=200, blank=True)
    weights = models.JSONField(_("weights by criterion"))
    limits = models.JSONField(
        _("limits"), help_text=_("Lowest score, suggestions per need and per provider, days.")
    )
    intercept = models.FloatField(
        _("starting point"),
        default=shipped_intercept,
        validators=[MinValueValidator(-20), MaxValueValidator(20)],
        help_text=_("Log-odds of a pair of which nothing is known. Lower: all scores fall."),
    )
    slope = models.FloatField(
        _("steepness"),
        default=1.0,
        validators=[MinValueValidator(0.05), MaxValueValidator(20)],
        help_text=_("All weights are multiplied by it. Higher: scores lie further apart."),
    )
    miss_cost = models.FloatField(
        _("cost of a miss"),
        default=shipped_miss_cost,
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_("Share of its weight that a criterion costs when it is missed, from 0 to 1."),
    )
    rates = models.JSONField(_("US dollars for one unit of currency"), default=shipped_rates)
    rates_as_of = models.DateField(_("exchange rates as of"), null=True, blank=True)
    figures = models.JSONField(_("what speaks for it"), default=dict, blank=True)
    in_force = models.BooleanField(_("in force"), default=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
    )

    class Meta:
        verbose_name = _("matching policy")
        verbose_name_plural = _("matching policies")
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["in_force"], condition=Q(in_force=True), name="one_policy_is_in_force"
            )
        ]

    def __str__(self) -> str:
        return _("Policy %(version)s") % {"version": self.version}


class Shortlist(models.Model):
    """The last scoring of a need: how many technologies were looked at and what each hard
    condition removed.
    """

    need = models.OneToOneField(
        "needs.Need", models.CASCADE, related_name="shortlist", verbose_name=_("need")
    )
    considered = models.PositiveIntegerField(_("technologies scored"), default=0)
    excluded = models.JSONField(_("left out by hard conditions"), default=dict)
    scored_at = models.DateTimeField(_("scored at"), default=timezone.now)
    policy = models.ForeignKey(Policy, models.PROTECT, related_name="+", verbose_name=_("policy"))

    class Meta:
        verbose_name = _("shortlist")
        verbose_name_plural = _("shortlists")

    def __str__(self) -> str:
        return str(self.need)


class Suggestion(models.Model):
    """A scored pair that the platform proposes to both sides."""

    need = models.ForeignKey(
        "needs.Need", models.CASCADE, related_name="suggestions", verbose_name=_("need")
    )
    technology = models.ForeignKey(
        "technologies.Technology",
        models.CASCADE,
        related_name="suggestions",
        verbose_name=_("technology"),
    )
    score = models.FloatField(_("score"), validators=[MinValueValidator(0), MaxValueValidator(100)])
    verdicts = models.JSONField(_("verdicts by criterion"), default=list)
    explanation = models.JSONField(
        _("terms shared, missing, what would raise the score"), default=dict
    )
    policy = models.ForeignKey(
        Policy, models.PROTECT, related_name="suggestions", verbose_name=_("policy")
    )
    created_at = models.DateTimeField(_("suggested at"), default=timezone.now)
    expires_at = models.DateTimeField(_("answers wanted by"))
    told_need_at = models.DateTimeField(_("city told at"), null=True, blank=True)
    told_technology_at = models.DateTimeField(_("provider told at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects = SuggestionQuerySet.as_manager()

    mine: list[str]  # the sides of the reader, set by a page
    usual: dict[str, int]  # days in which a side usually answers, set by a page

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        ordering: ClassVar = ["-score", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["need", "technology"], name="pair_is_suggested_once"),
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=100), name="score_is_0_to_100"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.score:.0f}: {self.need} – {self.technology}"

    def get_absolute_url(self) -> str:
        return reverse("matching:suggestion", args=[self.pk])

    @property
    def is_live(self) -> bool:
        """Waits for answers, or has become an introduction."""
        if getattr(self, "introduction", None) is not None:
            return True
        return self.closed_at is None and self.expires_at > timezone.now()

    def response_of(self, side: str) -> "Response | None":
        return next((response for response in self.responses.all() if response.side == side), None)


class Response(models.Model):
    """One side's answer to a suggestion."""

    suggestion = models.ForeignKey(
        Suggestion, models.CASCADE, related_name="responses", verbose_name=_("suggestion")
    )
    side = models.CharField(_("side"), max_length=10, choices=Side.choices)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices)
    decline_reason = models.CharField(
        _("reason"), max_length=20, choices=DeclineReason.choices, blank=True
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    message = models.TextField(
        _("first message"),
        max_length=MESSAGE_LENGTH,
        blank=True,
        help_text=_("Shown to the other side once both have accepted."),
    )
    message_language = models.CharField(
        _("language of the message"), max_length=10, choices=settings.LANGUAGES, blank=True
    )
    answered_at = models.DateTimeField(_("answered at"), default=timezone.now)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("answered by")
    )

    objects = ResponseQuerySet.as_manager()

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["suggestion", "side"], name="side_answers_once"),
            models.CheckConstraint(
                condition=Q(decision=Decision.ACCEPT, decline_reason="")
                | Q(decision=Decision.DECLINE),
                name="only_a_decline_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(decision=Decision.ACCEPT) | Q(message="", message_language=""),
                name="only_an_acceptance_has_a_message",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_side_display()}: {self.get_decision_display()}"


class Mention(models.Model):
    """One person has been written to about one suggestion."""

    suggestion = models.ForeignKey(
        Suggestion, models.CASCADE, related_name="mentions", verbose_name=_("suggestion")
    )
    side = models.CharField(_("side"), max_length=10, choices=Side.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("person")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        verbose_name = _("mention")
        verbose_name_plural = _("mentions")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["suggestion", "side", "person"], name="person_is_told_once_of_a_suggestion"
            )
        ]

    def __str__(self) -> str:
        return f"{self.suggestion_id} {self.side} {self.person_id}"


class Introduction(models.Model):
    """Both sides said yes: contact details are open between them. Only this counts as a match."""

    suggestion = models.OneToOneField(
        Suggestion, models.PROTECT, related_name="introduction", verbose_name=_("suggestion")
    )
    opened_at = models.DateTimeField(_("opened at"), default=timezone.now)

    objects = IntroductionQuerySet.as_manager()

    class Meta:
        verbose_name = _("introduction")
        verbose_name_plural = _("introductions")
        ordering: ClassVar = ["-opened_at"]

    def __str__(self) -> str:
        return str(self.suggestion)

    def get_absolute_url(self) -> str:
        return reverse("introductions:page", args=[self.pk])  # a name: that app stands above


class Work(models.Model):
    """Something to be done soon; a Celery message is only a hint to look at it."""

    effect = models.CharField(_("effect"), max_length=20, choices=Effect.choices)
    subject_id = models.BigIntegerField(_("record"))
    wanted = models.PositiveIntegerField(_("times asked for"), default=1)
    due_at = models.DateTimeField(_("due at"), default=clock.now)
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)
    claimed_by = models.CharField(_("claimed by"), max_length=80, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    parked_at = models.DateTimeField(_("given up at"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)

    objects = WorkQuerySet.as_manager()

    class Meta:
        verbose_name = _("work to do")
        verbose_name_plural = _("work to do")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["effect", "subject_id"], name="work_is_asked_for_once")
        ]
        indexes: ClassVar = [models.Index(fields=["due_at"], name="work_due")]

    def __str__(self) -> str:
        return f"{self.effect} {self.subject_id}"


class Change(models.Model):
    """A listing became public, changed or went: every process that holds an index reads these in
    order.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=Side.choices)
    subject_id = models.BigIntegerField(_("record"))
    at = models.DateTimeField(_("at"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("index change")
        verbose_name_plural = _("index changes")

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id}"

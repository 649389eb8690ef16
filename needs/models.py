"""What is sought."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.choices import TRL_CHOICES, Evidence, Metric, PriceUnit, ScaleUnit, Term, Unit
from common.fields import CodesField
from listings.models import Listing
from needs.choices import Must, Procurement
from needs.querysets import NeedQuerySet


class Need(Listing):
    """A demand: a problem of a city, with what an answer must and may be."""

    KIND = "need"
    PREFIX = "N"
    TEXT_FIELDS = ("title", "summary", "problem", "baseline", "target", "constraints")
    FACT_FIELDS = (
        *(
            "country",
            "place",
            "subdivision",
            "unlocode",
            "latitude",
            "longitude",
            "scale_value",
            "scale_unit",
        ),
        *(
            "budget_low",
            "budget_high",
            "budget_currency",
            "budget_unit",
            "decision_by",
            "procurement",
        ),
        *("trl_min", "evidence_min", "terms", "must", "team_languages", "capacity"),
    )
    PARTS: ClassVar = {"targets": ("metric", "value", "unit")}

    problem = models.TextField(_("the problem"), max_length=20000, blank=True)
    baseline = models.TextField(_("situation today"), max_length=3000, blank=True)
    target = models.TextField(_("what should be reached"), max_length=3000, blank=True)
    constraints = models.TextField(_("constraints"), max_length=3000, blank=True)
    concepts = models.ManyToManyField(
        "vocabulary.Concept", blank=True, related_name="needs", verbose_name=_("topics and goals")
    )
    country = models.CharField(_("country"), max_length=2)
    subdivision = models.CharField(_("region code"), max_length=8, blank=True)
    place = models.CharField(_("city or district"), max_length=120, blank=True)
    unlocode = models.CharField(_("UN/LOCODE"), max_length=5, blank=True)
    latitude = models.FloatField(
        _("latitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
    )
    longitude = models.FloatField(
        _("longitude"),
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
    )
    budget_low = models.DecimalField(
        _("budget, from"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    budget_high = models.DecimalField(
        _("budget, to"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    budget_currency = models.CharField(_("currency"), max_length=3, blank=True)
    budget_unit = models.CharField(
        _("budget is for"), max_length=10, choices=PriceUnit.choices, blank=True
    )
    scale_value = models.FloatField(
        _("size of the task"), null=True, blank=True, validators=[MinValueValidator(0)]
    )
    scale_unit = models.CharField(
        _("measured in"), max_length=12, choices=ScaleUnit.choices, blank=True
    )
    decision_by = models.DateField(_("decision date"), null=True, blank=True)
    procurement = models.CharField(
        _("procurement route"), max_length=25, choices=Procurement.choices, blank=True
    )
    terms = CodesField(_("terms wanted"), code_choices=Term.choices)
    trl_min = models.PositiveSmallIntegerField(
        _("lowest readiness accepted"), choices=TRL_CHOICES, null=True, blank=True
    )
    evidence_min = models.CharField(
        _("evidence asked"), max_length=10, choices=Evidence.choices, blank=True
    )
    must = CodesField(_("hard conditions"), code_choices=Must.choices)
    team_languages = CodesField(_("languages the team works in"), code_choices=settings.LANGUAGES)
    capacity = models.PositiveSmallIntegerField(
        _("suggestions wanted at a time"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
    )

    objects = NeedQuerySet.as_manager()

    class Meta(Listing.Meta):
        verbose_name = _("need")
        verbose_name_plural = _("needs")
        ordering: ClassVar = ["-published_at", "-pk"]
        permissions: ClassVar = [("review_need", "Can publish needs or ask for changes")]
        indexes: ClassVar = [models.Index(fields=["status", "-published_at"], name="need_latest")]
        constraints: ClassVar = [
            *Listing.Meta.constraints,
            models.CheckConstraint(
                condition=Q(budget_low__isnull=True)
                | Q(budget_high__isnull=True)
                | Q(budget_low__lte=F("budget_high")),
                name="need_budget_rises",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("needs:detail", args=[self.pk])

    @property
    def must_words(self) -> list[str]:
        return self.words_of("must")

    @property
    def is_open(self) -> bool:
        """Nobody can say no to a need without a date."""
        return self.decision_by is None or self.decision_by >= timezone.localdate()

    def take_over(self) -> None:
        """A need is usually where its city is."""
        for name in ("country", "subdivision", "place", "latitude", "longitude"):
            setattr(self, name, getattr(self.organisation, name))

    @classmethod
    def required_to_submit(cls) -> tuple[str, ...]:
        return (*super().required_to_submit(), "country")


class Target(models.Model):
    """One figure that an answer should reach."""

    need = models.ForeignKey(Need, models.CASCADE, related_name="targets", verbose_name=_("need"))
    metric = models.CharField(_("what is measured"), max_length=30, choices=Metric.choices)
    value = models.FloatField(_("value"))
    unit = models.CharField(_("unit"), max_length=10, choices=Unit.choices)

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_metric_display()} {self.value:g} {self.get_unit_display()}"

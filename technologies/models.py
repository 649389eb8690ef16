"""What is offered."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common.choices import TRL_CHOICES, Evidence, Metric, PriceUnit, Term, Unit
from common.fields import CodesField
from listings.models import Listing
from technologies.choices import Complexity, Maturity, RightKind, RightStatus, Type
from technologies.querysets import TechnologyQuerySet

EVIDENCE_ORDER = [Evidence.CLAIMED, Evidence.DOCUMENTED, Evidence.VERIFIED]


class Technology(Listing):
    """An offer: something a provider can deliver to solve a problem of a city."""

    KIND = "technology"
    PREFIX = "T"
    TEXT_FIELDS = (
        "title",
        "summary",
        "description",
        "problem_solved",
        "difference",
        "economic_case",
    )
    FACT_FIELDS = (
        *("type", "trl_low", "trl_high", "maturity", "complexity", "terms"),
        *("developed_in", "deployed_in", "available_in"),
        *("cost_low", "cost_high", "cost_currency", "cost_unit", "lead_time_weeks"),
    )
    PARTS: ClassVar = {
        "benefits": ("metric", "value", "unit", "evidence", "basis"),
        "sites": ("place", "country", "year", "note"),
        "rights": ("kind", "number", "office", "status", "checked_at"),
    }

    description = models.TextField(_("description"), max_length=20000, blank=True)
    problem_solved = models.TextField(_("problem solved"), max_length=3000, blank=True)
    difference = models.TextField(
        _("difference from the leading alternative"), max_length=3000, blank=True
    )
    economic_case = models.TextField(_("economic case"), max_length=3000, blank=True)
    type = models.CharField(
        pgettext_lazy("technology", "type"), max_length=10, choices=Type.choices, blank=True
    )
    concepts = models.ManyToManyField(
        "vocabulary.Concept",
        blank=True,
        related_name="technologies",
        verbose_name=_("topics and goals"),
    )
    trl_low = models.PositiveSmallIntegerField(
        _("readiness level, lowest"), choices=TRL_CHOICES, null=True, blank=True
    )
    trl_high = models.PositiveSmallIntegerField(
        _("readiness level, highest"), choices=TRL_CHOICES, null=True, blank=True
    )
    maturity = models.CharField(_("maturity"), max_length=10, choices=Maturity.choices, blank=True)
    complexity = models.CharField(
        _("complexity"), max_length=10, choices=Complexity.choices, blank=True
    )
    terms = CodesField(_("offer terms"), code_choices=Term.choices)
    developed_in = models.CharField(_("developed in"), max_length=2, blank=True)
    deployed_in = CodesField(_("deployed in"))
    available_in = CodesField(_("available in"))
    cost_low = models.DecimalField(
        _("cost, from"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    cost_high = models.DecimalField(
        _("cost, to"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    cost_currency = models.CharField(_("currency"), max_length=3, blank=True)
    cost_unit = models.CharField(
        _("cost is for"), max_length=10, choices=PriceUnit.choices, blank=True
    )
    lead_time_weeks = models.PositiveSmallIntegerField(
        _("lead time in weeks"), null=True, blank=True, validators=[MaxValueValidator(520)]
    )

    objects = TechnologyQuerySet.as_manager()

    class Meta(Listing.Meta):
        verbose_name = _("technology")
        verbose_name_plural = _("technologies")
        ordering: ClassVar = ["-published_at", "-pk"]
        permissions: ClassVar = [
            ("review_technology", "Can publish technologies or ask for changes")
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "-published_at"], name="technology_latest")
        ]
        constraints: ClassVar = [
            *Listing.Meta.constraints,
            models.CheckConstraint(
                condition=Q(trl_low__isnull=True)
                | Q(trl_high__isnull=True)
                | Q(trl_low__lte=F("trl_high")),
                name="technology_readiness_rises",
            ),
            models.CheckConstraint(
                condition=Q(cost_low__isnull=True)
                | Q(cost_high__isnull=True)
                | Q(cost_low__lte=F("cost_high")),
                name="technology_cost_rises",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("technologies:detail", args=[self.pk])

    @property
    def best_evidence(self) -> str:
        """The strongest level among the benefits, or an empty string."""
        levels = {benefit.evidence for benefit in self.benefits.all()}
        return next((level for level in reversed(EVIDENCE_ORDER) if level in levels), "")

    @property
    def headline(self) -> "Benefit | None":
        """The benefit shown in place of a picture: the best evidenced, first listed."""
        ranked = sorted(
            self.benefits.all(), key=lambda b: -EVIDENCE_ORDER.index(Evidence(b.evidence))
        )
        return ranked[0] if ranked else None


class Benefit(models.Model):
    """One measured advantage of a technology, and how well it is backed."""

    technology = models.ForeignKey(
        Technology, models.CASCADE, related_name="benefits", verbose_name=_("technology")
    )
    metric = models.CharField(_("what is measured"), max_length=30, choices=Metric.choices)
    value = models.FloatField(_("value"))
    unit = models.CharField(_("unit"), max_length=10, choices=Unit.choices)
    evidence = models.CharField(
        _("evidence"), max_length=10, choices=Evidence.choices, default=Evidence.CLAIMED
    )
    basis = models.CharField(_("where the figure comes from"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("benefit")
        verbose_name_plural = _("benefits")
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_metric_display()} {self.value:g} {self.get_unit_display()}"


class Site(models.Model):
    """A place where the technology is at work and can be seen."""

    technology = models.ForeignKey(
        Technology, models.CASCADE, related_name="sites", verbose_name=_("technology")
    )
    place = models.CharField(_("place"), max_length=120)
    country = models.CharField(_("country"), max_length=2)
    year = models.PositiveSmallIntegerField(_("since"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("reference site")
        verbose_name_plural = _("reference sites")
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return self.place


class Right(models.Model):
    """An intellectual property right that protects the technology."""

    technology = models.ForeignKey(
        Technology, models.CASCADE, related_name="rights", verbose_name=_("technology")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=RightKind.choices)
    number = models.CharField(_("number"), max_length=60, blank=True)
    office = models.CharField(_("office"), max_length=20, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=RightStatus.choices, blank=True)
    checked_at = models.DateField(_("checked on"), null=True, blank=True)

    class Meta:
        verbose_name = _("IP right")
        verbose_name_plural = _("IP rights")
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}".strip()

"""The words that both sides share."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from vocabulary.choices import Scheme
from vocabulary.querysets import ConceptQuerySet


class Concept(models.Model):
    """One idea of one classification scheme, with its label and synonyms in six languages."""

    scheme = models.CharField(_("scheme"), max_length=10, choices=Scheme.choices)
    code = models.CharField(_("code"), max_length=60)
    version = models.CharField(_("version"), max_length=20, default="1")
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("broader concept"),
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    label = models.CharField(_("label"), max_length=200)
    synonyms = models.TextField(
        _("synonyms"), blank=True, help_text=_("Separated by a vertical bar.")
    )
    maps_to = models.ManyToManyField(
        "self", blank=True, symmetrical=False, verbose_name=_("corresponds to")
    )

    objects = ConceptQuerySet.as_manager()

    class Meta:
        verbose_name = _("concept")
        verbose_name_plural = _("concepts")
        ordering: ClassVar = ["scheme", "position", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["scheme", "code"], name="concept_code_is_unique_in_its_scheme"
            )
        ]

    def __str__(self) -> str:
        return self.label or self.key

    @property
    def key(self) -> str:
        """The code with its scheme, ``topic:water.leakage``: unique over all schemes."""
        return f"{self.scheme}:{self.code}"

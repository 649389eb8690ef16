"""The abstract listing: fields, life cycle and constraints that technologies and needs share."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.choices import EDITABLE_STATUSES, PUBLIC_STATUSES, Status
from common.fields import CodesField, WebAddressField
from common.languages import Translated


def pair(name: str) -> models.CheckConstraint:
    """``<verb>_at`` and ``<verb>_by`` are both there or both empty."""
    both = Q(**{f"{name}_at__isnull": False, f"{name}_by__isnull": False})
    neither = Q(**{f"{name}_at__isnull": True, f"{name}_by__isnull": True})
    return models.CheckConstraint(
        condition=both | neither, name=f"%(class)s_{name}_has_time_and_person"
    )


class Listing(Translated):
    """What an organisation publishes: a draft, reviewed, confirmed from time to time, archived."""

    KIND: ClassVar[str]
    PREFIX: ClassVar[str]
    TEXT_FIELDS: ClassVar[tuple[str, ...]]
    FACT_FIELDS: ClassVar[tuple[str, ...]]  # written by the author, the same in every language
    PARTS: ClassVar[dict[str, tuple[str, ...]]]  # rows of their own, with their columns

    organisation = models.ForeignKey(
        "partners.Organisation",
        models.PROTECT,
        related_name="%(app_label)s",
        verbose_name=_("organisation"),
    )
    source_language = models.CharField(
        _("language it is written in"), max_length=10, choices=settings.LANGUAGES, default="en"
    )
    machine_languages = CodesField(
        _("translated by machine, not yet checked"), code_choices=settings.LANGUAGES, editable=False
    )
    title = models.CharField(_("title"), max_length=300)
    summary = models.TextField(_("summary"), max_length=600, blank=True)

    status = models.CharField(
        _("status"), max_length=20, choices=Status.choices, default=Status.DRAFT
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("written by"),
    )
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("submitted by"),
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("published by"),
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    confirm_by = models.DateField(_("to be confirmed by"), null=True, blank=True)
    review_note = models.TextField(_("note of the reviewer"), blank=True)
    proposed = models.JSONField(_("changes waiting for review"), null=True, blank=True)
    proposed_at = models.DateTimeField(_("changes submitted at"), null=True, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("changes submitted by"),
    )
    source = models.CharField(_("source"), max_length=200, blank=True)
    external_id = models.CharField(_("identifier at the source"), max_length=120, blank=True)
    source_url = WebAddressField(_("address at the source"), max_length=500, blank=True)
    source_licence = models.CharField(_("licence of the source"), max_length=120, blank=True)

    class Meta:
        abstract = True
        constraints: ClassVar = [
            pair("submitted"),
            pair("published"),
            pair("proposed"),
            models.CheckConstraint(
                condition=~Q(status__in=PUBLIC_STATUSES) | Q(published_at__isnull=False),
                name="%(class)s_is_public_only_once_published",
            ),
            models.UniqueConstraint(
                fields=["organisation", "external_id"],
                condition=~Q(external_id=""),
                name="%(class)s_is_imported_once",
            ),
        ]

    def __str__(self) -> str:
        return self.shown("title")[0] or self.reference

    @property
    def reference(self) -> str:
        """The number people quote: ``N-2026-0412``."""
        return f"{self.PREFIX}-{self.created_at:%Y}-{self.pk or 0:04d}"

    @property
    def is_public(self) -> bool:
        return self.status in PUBLIC_STATUSES

    @property
    def is_editable(self) -> bool:
        return self.status in EDITABLE_STATUSES

    @property
    def awaits_review(self) -> bool:
        return self.status == Status.SUBMITTED or self.proposed_at is not None

    def take_over(self) -> None:
        """What a new record has from its organisation, so that nobody types it twice."""

    @classmethod
    def required_to_submit(cls) -> tuple[str, ...]:
        """Fields without which a reviewer has nothing to review."""
        return cls.TEXT_FIELDS[:3]

    @property
    def terms_words(self) -> list[str]:
        return self.words_of("terms")

    def words_of(self, field: str) -> list[str]:
        """The labels of a list of codes, in the order of their choices."""
        held = getattr(self, field)
        choices = self._meta.get_field(field).code_choices  # type: ignore[union-attr]
        return [str(label) for code, label in choices if code in held]

    def concepts_of(self, scheme: str) -> list[Any]:
        """Concepts of one scheme, from the prefetched set."""
        return [concept for concept in self.concepts.all() if concept.scheme == scheme]  # type: ignore[attr-defined]

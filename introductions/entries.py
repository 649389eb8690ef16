"""What rows of an introduction have in common; those written once can never change."""

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from introductions.querysets import AppendedQuerySet
from matching.choices import Side


def of_introduction(name: str) -> Any:
    return models.ForeignKey(
        "matching.Introduction", models.PROTECT, related_name=name, verbose_name=_("introduction")
    )


def by_person(label: Any) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=label
    )


def on_side(*, blank: bool = False) -> Any:
    return models.CharField(_("side"), max_length=10, choices=Side.choices, blank=blank)


def sent_with(entry: str, label: Any) -> Any:
    return models.ForeignKey(
        entry,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="attachments",
        verbose_name=label,
    )


class Appended(models.Model):
    """Written once; a correction is another row. The database refuses changes as well."""

    objects: ClassVar[Any] = AppendedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("append-only")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("append-only")

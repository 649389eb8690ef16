"""The six languages, and which text of a translated record to show to whom."""

from django.conf import settings
from django.db import models
from django.utils.translation import get_language

CODES: tuple[str, ...] = ("en", "zh-hans", "fr", "es", "ru", "ar")
NAMES: dict[str, str] = {
    "en": "English",
    "zh-hans": "中文",
    "fr": "Français",
    "es": "Español",
    "ru": "Русский",
    "ar": "العربية",
}


def column(field: str, language: str) -> str:
    """The model column that holds ``field`` in ``language``: ``title``, ``zh-hans`` gives
    ``title_zh_hans``.
    """
    return f"{field}_{language.replace('-', '_')}"


def active() -> str:
    return get_language() or settings.LANGUAGE_CODE


class Translated(models.Model):
    """A record written in one language and translated, field by field, into others."""

    class Meta:
        abstract = True

    source_language: str

    def said(self, field: str, language: str) -> str:
        """The text of ``field`` in exactly this language, or an empty string."""
        return getattr(self, column(field, language), "") or ""

    def say(self, field: str, language: str, text: str) -> None:
        setattr(self, column(field, language), text)

    def shown(self, field: str, language: str | None = None) -> tuple[str, str]:
        """The text to show and the language it is in: the reader's, else English, else the
        source.
        """
        for code in dict.fromkeys((language or active(), "en", self.source_language, *CODES)):
            if code and (text := self.said(field, code)):
                return text, code
        return "", self.source_language

    def languages_of(self, field: str) -> list[str]:
        """The languages in which ``field`` has been written."""
        return [code for code in CODES if self.said(field, code)]

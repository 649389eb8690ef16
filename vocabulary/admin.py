"""The vocabulary in the admin: words can be improved, codes come from the reviewed data files."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from common.languages import CODES, NAMES, column
from vocabulary.models import Concept


@admin.register(Concept)
class ConceptAdmin(admin.ModelAdmin):
    list_display = ("code", "scheme", "__str__", "parent")
    list_filter = ("scheme",)
    list_select_related = ("parent",)
    search_fields: ClassVar[tuple[str, ...]] = (
        "code",
        *(column(name, code) for name in ("label", "synonyms") for code in CODES),
    )
    readonly_fields = ("scheme", "code", "version", "parent", "position")
    fieldsets: ClassVar[Any] = (
        (None, {"fields": readonly_fields}),
        *(
            (NAMES[code], {"fields": (column("label", code), column("synonyms", code))})
            for code in CODES
        ),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

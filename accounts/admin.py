"""People and the audit trail in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import AuditEntry, User


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ("email", "name", "language", "is_active", "is_staff", "date_joined")
    list_filter = ("is_active", "is_staff", "language")
    search_fields = ("email", "name")
    ordering = ("-date_joined",)
    fields = (
        "email",
        "name",
        "language",
        "time_zone",
        "is_active",
        "is_staff",
        "is_superuser",
        "groups",
        "date_joined",
        "last_login",
    )
    readonly_fields = ("date_joined", "last_login")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People sign up themselves, so that their address is verified."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Only a superuser hands out rights; otherwise changing a user would be as good as being
        one.
        """
        rights = (
            () if request.user.is_superuser else ("is_staff", "is_superuser", "groups", "email")
        )
        return (*self.readonly_fields, *rights)


@admin.register(AuditEntry)
class AuditEntryAdmin(admin.ModelAdmin):
    list_display = ("at", "verb", "subject_type", "subject_id", "by", "reason")
    list_filter = ("verb", "subject_type")
    list_select_related = ("by",)
    search_fields = ("=subject_id", "reason")
    date_hierarchy = "at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

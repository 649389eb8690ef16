"""Roles of people in organisations."""

from django.db import models
from django.utils.translation import pgettext_lazy


class Role(models.TextChoices):
    MANAGER = "manager", pgettext_lazy("role in an organisation", "Manager")
    MEMBER = "member", pgettext_lazy("role in an organisation", "Member")

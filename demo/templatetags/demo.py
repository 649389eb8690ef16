"""The demonstration accounts, for the sign-in page."""

from typing import Any

from django import template
from django.conf import settings

from demo import accounts

register = template.Library()


@register.inclusion_tag("demo/_accounts.html")
def demo_accounts() -> dict[str, Any]:
    if not settings.DEMO_MODE:
        return {"accounts": []}
    return {"accounts": accounts.ACCOUNTS, "password": accounts.password()}

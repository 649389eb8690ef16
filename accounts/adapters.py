"""allauth's e-mails go through the outbox, so that one place delivers all mail."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.module_loading import import_string
from django.utils.translation import get_language

from accounts.emails import as_html


class AccountAdapter(DefaultAccountAdapter):
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue what allauth would have sent at once."""
        message = self.render_mail(template_prefix, email, {"email": email, **context})
        subject = " ".join(message.subject.split())
        html = as_html(subject, message.body, code=str(context.get("code") or ""))
        put = import_string(settings.ACCOUNT_MAIL_WRITER)
        with transaction.atomic():
            put(
                "account",
                to=context.get("user"),
                address=email,
                subject=subject,
                text=message.body,
                html=html,
                language=get_language() or settings.LANGUAGE_CODE,
                dedupe_key=f"account:{get_random_string(24)}",
            )

    def save_user(self, request: Any, user: Any, form: Any, commit: bool = True) -> Any:
        """A new person reads e-mails in the language in which they signed up."""
        user.language = get_language() or settings.LANGUAGE_CODE
        return super().save_user(request, user, form, commit)

"""Mails about an introduction: whole in every language, with our own addresses alone."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.utils import timezone

from accounts.models import User
from common.languages import CODES
from introductions.models import Milestone
from matching.models import Introduction
from needs.models import Need
from outbox.actions import write
from outbox.choices import MessageKind
from tests.outbox.test_mails import TRICK, check

pytestmark = pytest.mark.django_db
TEMPLATES = (
    "introduction_closed",
    "meeting_agreed",
    "meeting_cancelled",
    "meeting_proposed",
    "message_written",
    "milestone_confirmed",
    "milestone_contested",
    "milestone_reported",
    "milestone_waits",
)


@pytest.mark.parametrize("template", TEMPLATES)
def test_mail_is_whole_in_every_language(
    template: str, introduction: Introduction, official: User
) -> None:
    Need.objects.filter(pk=introduction.suggestion.need_id).update(title_en=TRICK)
    introduction.refresh_from_db()
    milestone = Milestone(step="meeting", day=timezone.localdate(), reason="funding")
    for language in CODES:
        for who in ("Pumps & <b>pipes</b>", ""):
            official.language = language
            message = write(
                MessageKind.THREAD,
                template,
                to=official,
                dedupe_key=f"{template}{language}{who}",
                context={
                    "introduction": introduction,
                    "suggestion": introduction.suggestion,
                    "organisation": introduction.suggestion.need.organisation,
                    "who": who,
                    "milestone": milestone,
                    "meeting": SimpleNamespace(starts_at=timezone.now()),
                    "zone": "Asia/Shanghai",
                },
            )
            assert message
            check(message, language)

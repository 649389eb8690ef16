"""Two ways in for the same steps: the actions themselves, and the site as browsers see it."""

from __future__ import annotations

import json
import time
from itertools import cycle
from typing import Any

from django.db.models import ProtectedError
from django.test import Client
from django.urls import reverse

from accounts.models import User
from common.errors import Conflict, Incomplete, NotAllowed
from faults.kit.life.course import Pair
from faults.kit.life.town import Town
from introductions import actions as talk
from introductions import milestones, pages
from introductions.models import Milestone
from introductions.permissions import open_to
from matching import actions
from matching.choices import Side
from matching.models import Introduction, Suggestion
from outbox import events
from outbox.actions import unsubscribe, unsubscribe_address
from outbox.choices import EventKind, EventSource, MessageKind
from outbox.models import Message
from partners import actions as partners
from partners.models import Organisation

SECRET = "of-the-mail-service"
REFUSED = (Conflict, Incomplete, NotAllowed)
BACKEND = "django.contrib.auth.backends.ModelBackend"
STEPS = {
    "open contacts": talk.open_contacts,
    "withdraw contacts": talk.withdraw_contacts,
    "show contacts again": talk.show_contacts_again,
    "write": talk.write,
    "report": milestones.report,
    "close": milestones.close,
}
PATHS = {
    "open contacts": "contacts",
    "withdraw contacts": "withdraw",
    "show contacts again": "show_again",
}


class Actions:
    """Calls what the doors call; who cannot sign in does not come this far."""

    def __init__(self, town: Town) -> None:
        self.town = town

    def answer(self, word: str, by: User, pk: int, side: Side, **said: Any) -> None:
        row = Suggestion.objects.filter(pk=pk).first()
        if row is not None and by.is_active:
            self._try(getattr(actions, word), row, by=by, side=side, **said)

    def talk(self, what: str, by: User, pk: int, side: Side, **said: Any) -> None:
        if by.is_active:
            mine = {} if what == "open contacts" else {"side": side}
            row = Introduction.objects.select_related("suggestion").get(pk=pk)
            self._try(STEPS[what], row, by=by, **mine, **said)

    def side_of(self, by: User, asked: Side, pair: Pair) -> Side:
        """For which side somebody answers a milestone."""
        return asked

    def reply(self, word: str, by: User, milestone: int, side: Side) -> None:
        if by.is_active:
            row = Milestone.objects.select_related("introduction__suggestion").get(pk=milestone)
            more = {"reason": "It was not so."} if word == "contest" else {}
            self._try(getattr(milestones, word), row, by=by, side=side, **more)

    def decide(self, organisation: Organisation, *, suspended: bool) -> None:
        act = partners.suspend if suspended else partners.approve
        self._try(act, organisation, by=self.town.curator, reason="Reported")

    def stop(self, person: User, kind: MessageKind) -> None:
        unsubscribe(person, kind)

    def event(self, kind: EventKind, message: Message, number: int) -> None:
        report = events.Report(f"hook:{number}", kind, message.message_id)
        events.store([report], EventSource.WEBHOOK)

    def erase(self, person: User) -> None:
        """There is no action for it: the admin deletes who has left no trace."""
        try:
            User.objects.get(pk=person.pk).delete()
        except ProtectedError:
            return

    def shown(self, by: User, pk: int) -> str:
        """What a person reads of the other side's contact details."""
        row = open_to(by).filter(pk=pk).first()
        if row is None or not by.is_active:
            return ""
        cards = pages.details(row, by, None)["contacts"]
        return " ".join(card.organisation.contact_email for card in cards if card.shown)

    def _try(self, act: Any, *args: Any, **said: Any) -> None:
        try:
            act(*args, **said)
        except REFUSED:
            return


class Site(Actions):
    """The same by requests; each person has a browser in which they once signed in."""

    def __init__(self, town: Town, browsers: dict[int, Client]) -> None:
        super().__init__(town)
        self.browsers = browsers

    def _post(self, by: User, path: str, **said: Any) -> None:
        answer = self.browsers[by.pk].post(path, said)
        assert answer.status_code in (200, 302, 403, 404), f"{answer.status_code} at {path}"

    def answer(self, word: str, by: User, pk: int, side: Side, **said: Any) -> None:
        shown = {name: f"{value}" for name, value in said.items()}
        self._post(by, reverse(f"matching:{word}", args=[pk]), side=side, **shown)

    def talk(self, what: str, by: User, pk: int, side: Side, **said: Any) -> None:
        path = reverse(f"introductions:{PATHS.get(what, what)}", args=[pk])
        shown = {name: f"{value}" for name, value in said.items()}
        self._post(by, path, side=side, **shown)

    def side_of(self, by: User, asked: Side, pair: Pair) -> Side:
        """The page knows whose word is waited for; nobody is asked."""
        home = self.town.member_of.get(by.pk)
        return next((s for s in Side if self.town.owner(s, pair.listing(s)) == home), asked)

    def reply(self, word: str, by: User, milestone: int, side: Side) -> None:
        pk = Milestone.objects.values_list("introduction", flat=True).get(pk=milestone)
        path = reverse(f"introductions:{word}", args=[pk, milestone])
        self._post(by, path, side=side, reason="It was not so.")

    def decide(self, organisation: Organisation, *, suspended: bool) -> None:
        path = reverse("admin:partners_organisation_decide", args=[organisation.pk])
        word = "suspend" if suspended else "approve"
        self._post(self.town.curator, path, decision=word, note="Reported")
        organisation.refresh_from_db(fields=["status"])

    def stop(self, person: User, kind: MessageKind) -> None:
        address = unsubscribe_address(person, "en", kind)
        answer = Client().post("/" + address.split("/", 3)[3], {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200, answer.status_code

    def event(self, kind: EventKind, message: Message, number: int) -> None:
        words = {
            EventKind.HARD: ("bounce", "hard"),
            EventKind.SOFT: ("bounce", "soft"),
            EventKind.COMPLAINT: ("complaint", ""),
            EventKind.DELIVERED: ("delivered", ""),
        }
        type_, class_ = words[kind]
        event = {"id": f"{number}", "type": type_, "message_id": message.message_id}
        body = json.dumps({"events": [event | ({"class": class_} if class_ else {})]}).encode()
        now = str(int(time.time()))
        signed = {"X-Timestamp": now, "X-Signature": events.signature(now, body, SECRET)}
        path = reverse("mail_events")
        answer = Client().post(path, body, content_type="application/json", headers=signed)
        assert answer.status_code == 202, answer.status_code

    def erase(self, person: User) -> None:
        path = reverse("admin:accounts_user_delete", args=[person.pk])
        self._post(self.town.curator, path, post="yes")

    def shown(self, by: User, pk: int) -> str:
        answer = self.browsers[by.pk].get(reverse("introductions:page", args=[pk]))
        return answer.content.decode() if answer.status_code == 200 else ""


class Either:
    """One step by the actions, the next by the site: what one leaves, the other finds."""

    def __init__(self, town: Town, browsers: dict[int, Client]) -> None:
        self._doors = cycle((Actions(town), Site(town, browsers)))
        self._door = next(self._doors)

    def __getattr__(self, step: str) -> Any:
        if step != "reply":  # side_of was asked of the same door just before
            self._door = next(self._doors)
        return getattr(self._door, step)


def browsers(town: Town) -> dict[int, Client]:
    """Signed in before anything happens; whoever is suspended later finds their session void."""
    found = {}
    for person in [*town.people, town.curator]:
        found[person.pk] = Client()
        found[person.pk].force_login(person, backend=BACKEND)
    return found

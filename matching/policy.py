"""The matching policy in force, as a row and as the engine reads it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions import record
from accounts.models import User
from common.errors import Conflict, NotAllowed
from matching import engine
from matching.choices import Effect
from matching.models import Policy
from matching.work import ask_all
from needs.models import Need

DEFAULT_LIMITS: dict[str, Any] = {
    "min_score": 60,
    "per_need": 5,
    "per_provider": 20,
    "days_to_answer": 14,
}


def in_force() -> Policy:
    """The policy in force; the first one is written from the engine's defaults."""
    policy = Policy.objects.filter(in_force=True).first()
    if policy is None:
        policy, _created = Policy.objects.get_or_create(
            version=1,
            defaults={
                "in_force": True,
                "weights": dict(engine.DEFAULT.weights),
                "limits": {**DEFAULT_LIMITS, "min_score": engine.DEFAULT.min_score},
                "note": "Weights shipped with the engine",
            },
        )
    return policy


def as_engine_policy(policy: Policy) -> engine.Policy:
    return replace(
        engine.DEFAULT,
        version=policy.version,
        weights={**engine.DEFAULT.weights, **policy.weights},
        min_score=policy.limits.get("min_score", engine.DEFAULT.min_score),
        per_need=policy.limits.get("per_need", engine.DEFAULT.per_need),
        per_provider=policy.limits.get("per_provider", engine.DEFAULT.per_provider),
    )


@transaction.atomic
def put_in_force(policy: Policy, *, by: User) -> None:
    """Exactly one policy is in force, and every need is scored anew with it."""
    if not by.has_perm("matching.change_policy"):
        raise NotAllowed
    rows = {row.pk: row for row in Policy.objects.select_for_update()}
    if policy.pk not in rows or rows[policy.pk].in_force:
        raise Conflict
    as_engine_policy(rows[policy.pk])
    Policy.objects.filter(in_force=True).update(in_force=False)
    Policy.objects.filter(pk=policy.pk).update(in_force=True)
    record("put in force", policy, by=by)
    ask_all(Effect.REFRESH_NEED, Need.objects.published().values_list("pk", flat=True))


def problems_of(weights: Any, limits: Any) -> list[str]:
    """Why a policy could not be put in force."""
    found = []
    if not isinstance(weights, dict) or set(weights) != set(engine.CRITERIA):
        found.append(
            _("Give a weight for each criterion: %(names)s.")
            % {"names": ", ".join(engine.CRITERIA)}
        )
    elif not all(_number(value, 0, 20) for value in weights.values()):
        found.append(_("A weight is a number from 0 to 20."))
    if not isinstance(limits, dict) or set(limits) != set(DEFAULT_LIMITS):
        found.append(_("Give each limit: %(names)s.") % {"names": ", ".join(DEFAULT_LIMITS)})
    elif not _number(limits["min_score"], 0, 100):
        found.append(_("The lowest score is a number from 0 to 100."))
    elif not all(_number(limits[name], 1, 365) for name in DEFAULT_LIMITS if name != "min_score"):
        found.append(_("Suggestions and days are numbers from 1 to 365."))
    return found


def _number(value: Any, least: float, most: float) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most

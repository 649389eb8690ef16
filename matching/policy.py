"""The matching policy in force, as a row and as the engine reads it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db import transaction

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
PARTS = ("weights", "limits", "intercept", "slope", "miss_cost", "rates")


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


def parts_of(policy: Policy) -> dict[str, Any]:
    """Everything that makes a score, as plain values: two versions alike score alike."""
    return {name: getattr(policy, name) for name in PARTS}


def as_engine_policy(policy: Policy) -> engine.Policy:
    """The steepness is folded into the weights: z = intercept + slope · (what the criteria say)."""
    weights = {**engine.DEFAULT.weights, **policy.weights}
    return replace(
        engine.DEFAULT,
        version=policy.version,
        weights={criterion: policy.slope * weight for criterion, weight in weights.items()},
        intercept=policy.intercept,
        miss_cost=policy.miss_cost,
        rates={**engine.DEFAULT.rates, **policy.rates},
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

"""The numbers of a decision that may be turned: weights, prices, volumes, limits, the margin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from lab.recommend.case import Case
from lab.recommend.rule import Judgement

PRICES = ("cpu_hour", "gpu_hour", "million_tokens_in", "million_tokens_out")
VOLUMES = ("questions_per_month", "updates_per_month", "horizon_months", "wrong_answer", "escalation")
LIMITS = ("quality_floor", "max_p95_ms", "max_memory_gb", "max_staleness")
RATES = ("facts_changing_per_month", "update_interval_months")
_SHARES = ("quality_floor", "max_staleness", "facts_changing_per_month")


@dataclass(frozen=True, slots=True)
class Dial:
    """One declared number. `turn` gives the case with another value; values above `most` make no sense.

    `reach` is the largest factor by which it is worth turning. `group` is one of weight, price, volume, limit, rate,
    margin, penalty. A penalty may be 0 now.
    """

    name: str
    group: str
    now: float
    turn: Callable[[Case, float], Case]
    most: float = float("inf")
    reach: float = 100.0

    def scaled(self, factor: float) -> float:
        """The value at so many times what it is; a weight, of which the others get the rest, stays a share."""
        if self.group == "weight":
            return factor * self.now / (1.0 + (factor - 1.0) * self.now)
        return min(factor * self.now, self.most)


def dials_of(case: Case, judgement: Judgement) -> list[Dial]:
    """All declared numbers above 0 of a case that its decision may depend on, and the penalty for a wrong answer."""
    dials = _weights(judgement)
    dials += [_economics(name, "price", getattr(case.economics, name)) for name in PRICES if _set(case.economics, name)]
    dials += [
        _hosting(name, price)
        for name, price in case.economics.hosting_per_month.items()
        if price and name in case.names
    ]
    dials += [
        _economics(name, "volume", getattr(case.economics, name)) for name in VOLUMES if _set(case.economics, name)
    ]
    if case.margin > 0.0:
        dials.append(Dial("margin", "margin", case.margin, lambda case, value: replace(case, margin=value), 1.0))
    for group, names in (("limit", LIMITS), ("rate", RATES)):
        dials += [_need(name, group, getattr(case.needs, name)) for name in names if _set(case.needs, name)]
    if case.wrong_counted and any(one.name == "quality" for one in judgement.criteria.used):
        dials.append(_need("wrong_penalty", "penalty", case.needs.wrong_penalty))
    return dials


def _set(section: object, name: str) -> bool:
    return bool(getattr(section, name))


def _economics(name: str, group: str, now: float) -> Dial:
    def turn(case: Case, value: float) -> Case:
        return replace(case, economics=case.economics.model_copy(update={name: value}))

    return Dial(name, group, now, turn, reach=1e6 if group == "volume" else 100.0)


def _hosting(method: str, now: float) -> Dial:
    def turn(case: Case, value: float) -> Case:
        hosting = {**case.economics.hosting_per_month, method: value}
        return replace(case, economics=case.economics.model_copy(update={"hosting_per_month": hosting}))

    return Dial(f"hosting_per_month.{method}", "price", now, turn)


def _need(name: str, group: str, now: float) -> Dial:
    def turn(case: Case, value: float) -> Case:
        return replace(case, needs=case.needs.model_copy(update={name: value}))

    return Dial(name, group, now, turn, most=max(now, 1.0) if name in _SHARES else float("inf"))


def _weights(judgement: Judgement) -> list[Dial]:
    """The share of each criterion that counts; nothing where only one does."""
    shares = {one.name: one.weight for one in judgement.criteria.used}
    if len(shares) < 2:
        return []
    return [_weight(name, shares) for name in shares]


def _weight(name: str, shares: dict[str, float]) -> Dial:
    def turn(case: Case, value: float) -> Case:
        rest = (1.0 - value) / (1.0 - shares[name])
        weights = {other: value if other == name else share * rest for other, share in shares.items()}
        return replace(case, needs=case.needs.model_copy(update={"weights": weights}))

    return Dial(f"weights.{name}", "weight", shares[name], turn, most=1.0)

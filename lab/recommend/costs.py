"""What a question costs, what building and updating cost, and from which volume an investment pays.

    c = tokens in * price + tokens out * price                    where prices of tokens are declared, else
    c = seconds of compute * price of an hour / 3600
    F = (seconds of indexing + seconds of training) * price of an hour / 3600
    TCO(T) = F + T * H + Q * T * c + u * T * U                    over T months, Q questions and u updates a month
    E = c + w * C + a * D                                         w wrong and a declined answers of a question
    N* = [(F_a - F_b) + T (H_a - H_b) + u T (U_a - U_b)] / (c_b - c_a)

U, one update, is building again: all passages embedded, the weights trained from the base. Who declares that weights
are trained every tau months pays for it: u of a tuned method is at least 1 / tau. Hours of labelling and evaluating
again are in neither. H is the declared price of hosting a month. What is not declared is left out: None with a reason
where a figure needs it, nothing where it is an addition (hosting, updates).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lab.decision_config import EconomicsConfig
from lab.recommend.case import Case
from lab.recommend.evidence import SIMPLEST_FIRST, Candidate

UNTUNED = "base"  # the weights of methods that train nothing
NEVER_RIGHT = 1e-12  # a share of right answers up to rounding
NO_PRICE = "no price declared"
NO_DEVICE = "hour prices do not apply: on which device was not told"
NO_HORIZON = "horizon_months is not declared"


@dataclass(frozen=True, slots=True)
class MethodCost:
    """Costs of one method in the declared currency; None where `reasons` says why.

    `build` is F, `update` is U, `updates` u, `hosting` H. `build_seconds` are also those of one update.
    """

    per_question: float | None
    build_seconds: float | None
    build: float | None
    update: float | None
    hosting: float
    updates: float
    reasons: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Prices:
    """What one question costs with each method, and how that was counted.

    `spread` says whether building, hosting and updates are in it, spread over the questions of the horizon. `reason`
    is set where a price is missing, and then no method has one.
    """

    per_question: Mapping[str, float]
    spread: bool
    reason: str | None = None


def is_tuned(candidate: Candidate) -> bool | None:
    """Whether the method's weights were trained; None: unknown."""
    if candidate.tuned is not None:
        return candidate.tuned
    if candidate.weights == UNTUNED:
        return False
    return True if candidate.name in SIMPLEST_FIRST else None


def hour_price(economics: EconomicsConfig, device: str | None) -> float | None:
    """The declared price of an hour on the device that was used; None also where that device was not told."""
    if device is None:
        return None
    return economics.gpu_hour if device.startswith("cuda") else economics.cpu_hour


def method_cost(
    candidate: Candidate, economics: EconomicsConfig, device: str | None, interval: float | None = None
) -> MethodCost:
    """Cost of a question, of building and of hosting (methodology 7). `interval`: months between two trainings."""
    reasons: dict[str, str] = {}
    price = hour_price(economics, device)
    per_question = _per_question(candidate, economics, device, reasons)
    seconds = _build_seconds(candidate, reasons)
    build = None
    if seconds == 0.0:
        build = 0.0
    elif seconds is None:
        reasons["build_cost"] = reasons["build_seconds"]
    elif price is None:
        reasons["build_cost"] = NO_DEVICE if device is None else f"no price of an hour on {device} is declared"
    else:
        build = seconds * price / 3600
    hosting = economics.hosting_per_month.get(candidate.name, 0.0)
    updates = economics.updates_per_month or 0.0
    if interval is not None and _trains(candidate):
        updates = max(updates, 1.0 / interval)
    return MethodCost(per_question, seconds, build, build, hosting, updates, reasons)


def _trains(candidate: Candidate) -> bool:
    """Whether the weights are trained, as far as is known: seconds of training also tell it."""
    tuned = is_tuned(candidate)
    return bool(candidate.training_seconds) if tuned is None else tuned


def _per_question(
    candidate: Candidate, economics: EconomicsConfig, device: str | None, reasons: dict[str, str]
) -> float | None:
    price = hour_price(economics, device)
    hours_priced = economics.cpu_hour is not None or economics.gpu_hour is not None
    price_in, price_out = economics.million_tokens_in, economics.million_tokens_out
    if price_in is not None and price_out is not None:
        if candidate.tokens_in is not None and candidate.tokens_out is not None:
            return (candidate.tokens_in * price_in + candidate.tokens_out * price_out) / 1e6
        reasons["cost_per_question"] = "tokens were not counted"
    elif price is None:
        reasons["cost_per_question"] = NO_DEVICE if device is None and hours_priced else NO_PRICE
    elif candidate.seconds_per_question is None:
        reasons["cost_per_question"] = "seconds per question were not measured"
    else:
        return candidate.seconds_per_question * price / 3600
    return None


def _build_seconds(candidate: Candidate, reasons: dict[str, str]) -> float | None:
    tuned, total = is_tuned(candidate), 0.0
    if tuned is None and candidate.training_seconds is None:
        reasons["build_seconds"] = "whether its weights were trained, and for how long, was not told"
        return None
    for needed, seconds, what in (
        (candidate.retrieves, candidate.index_seconds, "indexing"),
        (tuned is not False, candidate.training_seconds, "training"),
    ):
        if needed and seconds is None:
            reasons["build_seconds"] = f"the seconds of {what} were not measured"
            return None
        total += (seconds or 0.0) if needed else 0.0
    return total


def fixed_cost(cost: MethodCost, economics: EconomicsConfig, months: float | None) -> float | str:
    """F + T H + u T U over T `months`, whatever is asked; the reason where it cannot be told."""
    if cost.build is None or cost.update is None:
        return cost.reasons["build_cost"]
    if not economics.hosting_per_month and not cost.updates:
        return cost.build
    if months is None:
        return NO_HORIZON
    return cost.build + months * (cost.hosting + cost.updates * cost.update)


def total_cost(cost: MethodCost, economics: EconomicsConfig, months: float) -> float | str:
    """TCO over so many months; the reason where it cannot be told."""
    if economics.questions_per_month is None:
        return "questions_per_month is not declared"
    if cost.per_question is None:
        return cost.reasons["cost_per_question"]
    fixed = fixed_cost(cost, economics, months)
    return fixed if isinstance(fixed, str) else fixed + months * economics.questions_per_month * cost.per_question


def costs_of(case: Case) -> dict[str, MethodCost]:
    """The costs of all candidates by name."""
    interval = case.needs.update_interval_months
    return {one.name: method_cost(one, case.economics, case.evidence.device, interval) for one in case.candidates}


def prices_of(case: Case) -> Prices:
    """One question with each candidate, counted alike for all of them."""
    return question_prices(costs_of(case), case.economics)


def question_prices(costs: Mapping[str, MethodCost], economics: EconomicsConfig) -> Prices:
    """One question with each method, counted alike for all of them.

    Building, hosting and updates are spread over the questions of the horizon where questions_per_month and
    horizon_months are declared; otherwise a question stands alone. Where the total of any method is unknown then, no
    method has a price: a question alone would be cheaper than it is just where building and hosting cost most.
    """
    missing = {name: one.reasons["cost_per_question"] for name, one in costs.items() if one.per_question is None}
    if missing:
        return Prices({}, False, _joined(missing, len(costs)))
    alone = {name: one.per_question for name, one in costs.items() if one.per_question is not None}
    volume, months = economics.questions_per_month, economics.horizon_months
    if volume is None or months is None:
        return Prices(alone, False)
    totals = {name: total_cost(one, economics, months) for name, one in costs.items()}
    unknown = {name: total for name, total in totals.items() if isinstance(total, str)}
    if unknown:
        return Prices({}, False, f"what building and upkeep cost is unknown ({_joined(unknown, len(costs))})")
    return Prices({name: float(total) / (volume * months) for name, total in totals.items()}, True)


def _joined(missing: Mapping[str, str], methods: int) -> str:
    """The reasons by method; the one reason where all have the same."""
    reasons = set(missing.values())
    if len(reasons) == 1 and len(missing) == methods:
        return reasons.pop()
    return "; ".join(f"{name}: {why}" for name, why in missing.items())


def break_even(extra_fixed: float, saving: float) -> float | None:
    """N*: the number of questions from which a method with `extra_fixed` cost pays by `saving` on each of them.

    None where no number does: it saves nothing.
    """
    return extra_fixed / saving if saving > 0.0 else None


def cost_per_correct(cost: float, right: float) -> float | None:
    """What a right answer costs, with the share of right answers; None where none is right.

    Cost-of-Pass (arXiv 2504.13359, section 2).
    """
    return cost / right if right > NEVER_RIGHT else None


def expected_cost(cost: float, wrong: float, declined: float, economics: EconomicsConfig) -> float:
    """A question with what its answer costs where it is wrong, or declined: c + w C + a D (methodology 7).

    What is not declared costs nothing.
    """
    for share, price in ((wrong, economics.wrong_answer), (declined, economics.escalation)):
        cost += share * price if price else 0.0
    return cost

"""What a question costs, what building and updating cost, and from which volume an investment pays.

    c = tokens in * price + tokens out * price                    where prices of tokens are declared, else
    c = seconds of compute * price of an hour / 3600
    F = (seconds of indexing + seconds of training) * price of an hour / 3600
    TCO(T) = F + T * H + Q * T * c + u * T * U                    over T months, Q questions and u updates a month
    N* = [(F_a - F_b) + T (H_a - H_b) + u T (U_a - U_b)] / (c_b - c_a)

U, one update, is building again: all passages embedded, the weights trained from the base. Hours of labelling and
evaluating again are in neither. H is the declared price of hosting a month. What is not declared is left out: None with
a reason where a figure needs it, nothing where it is an addition (hosting, updates).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lab.decision_config import EconomicsConfig
from lab.recommend.evidence import Candidate, Evidence

UNTUNED = "base"  # the weights of methods that train nothing
NO_PRICE = "no price declared"
NO_HORIZON = "horizon_months is not declared"


@dataclass(frozen=True, slots=True)
class MethodCost:
    """Costs of one method in the declared currency; None where `reasons` says why.

    `build` is F, `update` is U, `hosting` H. `build_seconds` are also those of one update.
    """

    per_question: float | None
    build_seconds: float | None
    build: float | None
    update: float | None
    hosting: float
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


def is_tuned(candidate: Candidate) -> bool:
    """Whether the method's weights were trained here."""
    return candidate.weights != UNTUNED


def hour_price(economics: EconomicsConfig, device: str) -> float | None:
    """The declared price of an hour on the device that was used."""
    return economics.gpu_hour if device.startswith("cuda") else economics.cpu_hour


def method_cost(candidate: Candidate, economics: EconomicsConfig, device: str) -> MethodCost:
    """Cost of a question, of building and of hosting (methodology 7)."""
    reasons: dict[str, str] = {}
    price = hour_price(economics, device)
    per_question = _per_question(candidate, economics, price, reasons)
    seconds = _build_seconds(candidate, reasons)
    build = None
    if seconds == 0.0:
        build = 0.0
    elif seconds is None:
        reasons["build_cost"] = reasons["build_seconds"]
    elif price is None:
        reasons["build_cost"] = f"no price of an hour on {device} is declared"
    else:
        build = seconds * price / 3600
    hosting = economics.hosting_per_month.get(candidate.name, 0.0)
    return MethodCost(per_question, seconds, build, build, hosting, reasons)


def _per_question(
    candidate: Candidate, economics: EconomicsConfig, price: float | None, reasons: dict[str, str]
) -> float | None:
    price_in, price_out = economics.million_tokens_in, economics.million_tokens_out
    if price_in is not None and price_out is not None:
        if candidate.tokens_in is not None and candidate.tokens_out is not None:
            return (candidate.tokens_in * price_in + candidate.tokens_out * price_out) / 1e6
        reasons["cost_per_question"] = "tokens were not counted"
    elif price is None:
        reasons["cost_per_question"] = NO_PRICE
    elif candidate.seconds_per_question is None:
        reasons["cost_per_question"] = "seconds per question were not measured"
    else:
        return candidate.seconds_per_question * price / 3600
    return None


def _build_seconds(candidate: Candidate, reasons: dict[str, str]) -> float | None:
    total = 0.0
    for needed, seconds, what in (
        (candidate.retrieves, candidate.index_seconds, "indexing"),
        (is_tuned(candidate), candidate.training_seconds, "training"),
    ):
        if needed and seconds is None:
            reasons["build_seconds"] = f"the seconds of {what} were not measured"
            return None
        total += (seconds or 0.0) if needed else 0.0
    return total


def fixed_cost(cost: MethodCost, economics: EconomicsConfig, months: float | None) -> float | str:
    """F + T H + u T U over T `months`, whatever is asked; the reason where it cannot be told."""
    updates = economics.updates_per_month or 0.0
    if cost.build is None or cost.update is None:
        return cost.reasons["build_cost"]
    if not economics.hosting_per_month and not updates:
        return cost.build
    if months is None:
        return NO_HORIZON
    return cost.build + months * (cost.hosting + updates * cost.update)


def total_cost(cost: MethodCost, economics: EconomicsConfig, months: float) -> float | str:
    """TCO over so many months; the reason where it cannot be told."""
    if economics.questions_per_month is None:
        return "questions_per_month is not declared"
    if cost.per_question is None:
        return cost.reasons["cost_per_question"]
    fixed = fixed_cost(cost, economics, months)
    return fixed if isinstance(fixed, str) else fixed + months * economics.questions_per_month * cost.per_question


def costs_of(evidence: Evidence, economics: EconomicsConfig) -> dict[str, MethodCost]:
    """The costs of all candidates by name."""
    return {one.name: method_cost(one, economics, evidence.device) for one in evidence.candidates}


def question_prices(costs: Mapping[str, MethodCost], economics: EconomicsConfig) -> Prices:
    """One question with each method, counted alike for all of them.

    Building, hosting and updates are spread over the questions of the horizon where questions_per_month and
    horizon_months are declared and the fixed cost of every method is known; otherwise a question stands alone.
    """
    missing = [(name, one.reasons["cost_per_question"]) for name, one in costs.items() if one.per_question is None]
    if missing:
        reasons = {reason for _, reason in missing}
        reason = missing[0][1] if len(reasons) == 1 else "; ".join(f"{name}: {why}" for name, why in missing)
        return Prices({}, False, reason)
    alone = {name: one.per_question for name, one in costs.items() if one.per_question is not None}
    volume, months = economics.questions_per_month, economics.horizon_months
    if volume is None or months is None:
        return Prices(alone, False)
    totals = {name: total_cost(one, economics, months) for name, one in costs.items()}
    known = {name: total / (volume * months) for name, total in totals.items() if not isinstance(total, str)}
    return Prices(known, True) if len(known) == len(costs) else Prices(alone, False)


def break_even(extra_fixed: float, saving: float) -> float | None:
    """N*: the number of questions from which a method with `extra_fixed` cost pays by `saving` on each of them.

    None where no number does: it saves nothing.
    """
    return extra_fixed / saving if saving > 0.0 else None


def cost_per_correct(cost: float, quality: float) -> float | None:
    """What a right answer costs, with quality as the share of right answers; None where none is right.

    Cost-of-Pass (arXiv 2504.13359, section 2).
    """
    return cost / quality if quality > 0.0 else None


def expected_cost(cost: float, wrong: float, wrong_answer: float) -> float:
    """A question with what its answer costs where it is wrong: c + w C (methodology 7)."""
    return cost + wrong * wrong_answer

"""The costs of all methods as plain JSON: by method, by pair from which volume one pays, and by month."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import combinations
from typing import Any

from lab.decision_config import EconomicsConfig
from lab.recommend.case import Case
from lab.recommend.costs import (
    NO_HORIZON,
    MethodCost,
    break_even,
    cost_per_correct,
    costs_of,
    expected_cost,
    fixed_cost,
    hour_price,
    question_prices,
    total_cost,
)
from lab.recommend.phrases import break_even_sentence, metric_label

MONTHS_SHOWN = 120
NOTE = "Building is indexing and training, one update is building again."
TRAINED_AGAIN = "Weights are trained again at least once in {:g} months, as update_interval_months declares."


def cost_table(case: Case) -> dict[str, Any]:
    """All costs; None with a reason in `reasons` or `missing` where an input was not declared or not measured.

    `per_method` has seconds and tokens whatever is declared; its `fixed_cost` is what `break_even` counts as such:
    building, and hosting and updates over the horizon. `spread` says whether building, hosting and updates are in
    `price_per_question`, spread over the questions of the horizon. `per` is what cost_per_correct is the cost of: a
    right answer, or a point of the primary metric where right answers were not counted. `note` names what is not
    counted. `curves` are totals at `months`.
    """
    economics, costs = case.economics, costs_of(case)
    prices = question_prices(costs, economics)
    months = _months(economics)
    curves: dict[str, list[float]] = {}
    problems = [] if prices.reason is None else [f"cost of a question: {prices.reason}"]
    if not months:
        problems.append(f"cost over time: {NO_HORIZON}")
    for name, cost in costs.items():
        totals = [total_cost(cost, economics, month) for month in months]
        known = [total for total in totals if not isinstance(total, str)]
        if months and len(known) == len(totals):
            curves[name] = known
        elif months:
            problems.append(f"cost over time of {name}: {next(total for total in totals if isinstance(total, str))}")
    strangers = sorted(set(economics.hosting_per_month) - set(case.names))
    if strangers:
        problems.append(f"hosting of {', '.join(strangers)}: no candidate of this name, so it is not counted")
    return {
        "currency": economics.currency,
        "device": case.evidence.device,
        "hour_price": hour_price(economics, case.evidence.device),
        "spread": prices.spread,
        "per": "right answer" if case.right_counted else f"point of {metric_label(case)}",
        "note": _note(case),
        "per_method": {name: _method(case, name, cost, prices.per_question.get(name)) for name, cost in costs.items()},
        "break_even": [_pair(costs, economics, pair) for pair in combinations(costs, 2)],
        "months": months if curves else [],
        "curves": curves,
        "missing": "; ".join(problems) or None,
    }


def _note(case: Case) -> str:
    economics, interval = case.economics, case.needs.update_interval_months
    left = ["hours of labelling and of evaluating again", "storage"]
    left += [] if economics.hosting_per_month else ["hosting"]
    left += [] if economics.wrong_answer is not None else ["what wrong answers do"]
    left += [] if economics.escalation is not None else ["people who answer what a method declines"]
    trained = "" if interval is None else f" {TRAINED_AGAIN.format(interval)}"
    return f"{NOTE}{trained} Not counted: {', '.join(left)}."


def _months(economics: EconomicsConfig) -> list[float]:
    """Up to 120 months and the horizon itself, from 0 on; empty without a horizon."""
    horizon = economics.horizon_months
    if horizon is None:
        return []
    step = max(1, math.ceil(horizon / MONTHS_SHOWN))
    return [float(month) for month in range(0, math.ceil(horizon), step)] + [horizon]


def _method(case: Case, name: str, cost: MethodCost, price: float | None) -> dict[str, Any]:
    one, economics, position = case.candidate(name), case.economics, case.names.index(name)
    reasons = dict(cost.reasons)
    total: float | str = NO_HORIZON
    if economics.horizon_months is not None:
        total = total_cost(cost, economics, economics.horizon_months)
    if isinstance(total, str):
        reasons["total_cost"] = total
    fixed = fixed_cost(cost, economics, economics.horizon_months)
    if isinstance(fixed, str):
        reasons["fixed_cost"] = fixed
    wrong, declined, right = (_counted(case, part, position) for part in ("wrong", "declined", "right"))
    alone = cost.per_question
    share = right if case.right_counted and right is not None else case.quality(name)
    per_correct = None if alone is None else cost_per_correct(alone, share)
    if alone is not None and per_correct is None:
        reasons["cost_per_correct"] = "no answer was right"
    elif alone is None:
        reasons["cost_per_correct"] = reasons["cost_per_question"]
    expected = _expected(cost, wrong, declined, economics)
    if isinstance(expected, str):
        reasons["expected_cost"] = expected
    return {
        "seconds_per_question": one.seconds_per_question,
        "tokens_in": one.tokens_in,
        "tokens_out": one.tokens_out,
        "wrong": wrong,
        "declined": declined,
        "right": right,
        "build_seconds": cost.build_seconds,
        "update_seconds": cost.build_seconds,
        "cost_per_question": alone,
        "price_per_question": price,
        "cost_per_correct": per_correct,
        "expected_cost": None if isinstance(expected, str) else expected,
        "build_cost": cost.build,
        "update_cost": cost.update,
        "hosting_per_month": cost.hosting,
        "updates_per_month": cost.updates,
        "fixed_cost": None if isinstance(fixed, str) else fixed,
        "total_cost": None if isinstance(total, str) else total,
        "reasons": reasons,
    }


def _counted(case: Case, part: str, position: int) -> float | None:
    share = float(getattr(case.measured.found, part)[position])
    return None if math.isnan(share) else share


def _expected(cost: MethodCost, wrong: float | None, declined: float | None, economics: EconomicsConfig) -> float | str:
    """A question with what its answer costs where it is wrong or declined; the reason where that cannot be told."""
    if economics.wrong_answer is None and economics.escalation is None:
        return "neither wrong_answer nor escalation is declared"
    if economics.wrong_answer and wrong is None:
        return "wrong answers were not counted"
    if economics.escalation and declined is None:
        return "declined answers were not counted"
    if cost.per_question is None:
        return cost.reasons["cost_per_question"]
    return expected_cost(cost.per_question, wrong or 0.0, declined or 0.0, economics)


def _pair(costs: Mapping[str, MethodCost], economics: EconomicsConfig, pair: tuple[str, str]) -> dict[str, Any]:
    """From which volume the method with the higher fixed cost pays against the other one."""
    baseline, method = pair
    found: dict[str, Any] = {"method": method, "baseline": baseline, "extra_fixed": None, "saving_per_question": None}
    found |= {"questions": None, "per_month": None, "above": None, "below": None, "reason": None}
    fixed = {name: fixed_cost(costs[name], economics, economics.horizon_months) for name in pair}
    alone = {name: costs[name].per_question for name in pair}
    problem = next((value for value in fixed.values() if isinstance(value, str)), None) or next(
        (costs[name].reasons["cost_per_question"] for name in pair if alone[name] is None), None
    )
    if problem is not None:
        return found | {"reason": problem, "sentence": break_even_sentence(found | {"reason": problem}, economics)}
    # By fixed cost, then by cost of a question: so that what has neither advantage is the method.
    baseline, method = sorted(pair, key=lambda name: (fixed[name], -(alone[name] or 0.0)))
    extra = float(fixed[method]) - float(fixed[baseline])
    saving = (alone[baseline] or 0.0) - (alone[method] or 0.0)
    questions = break_even(extra, saving)
    months = economics.horizon_months
    found |= {"method": method, "baseline": baseline, "extra_fixed": extra, "saving_per_question": saving}
    found |= {"questions": questions, "per_month": None if questions is None or months is None else questions / months}
    found["above"] = baseline if questions is None else method
    found["below"] = method if questions == 0.0 else baseline
    if questions is None:
        found["reason"] = f"no volume justifies {method}: it saves nothing on a question"
    return found | {"sentence": break_even_sentence(found, economics)}

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
from lab.recommend.phrases import break_even_sentence

MONTHS_SHOWN = 120
NOTE = (
    "Building is indexing and training, one update is building again. Hours of labelling and of evaluating again are "
    "not in it."
)


def cost_table(case: Case) -> dict[str, Any]:
    """All costs; None with a reason in `reasons` or `missing` where an input was not declared or not measured.

    `per_method` has seconds and tokens whatever is declared. `spread` says whether building, hosting and updates are in
    `price_per_question`, spread over the questions of the horizon. `curves` are totals at `months`.
    """
    economics, costs = case.economics, costs_of(case.evidence, case.economics)
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
        "note": NOTE,
        "per_method": {name: _method(case, name, cost, prices.per_question.get(name)) for name, cost in costs.items()},
        "break_even": [_pair(costs, economics, pair) for pair in combinations(costs, 2)],
        "months": months if curves else [],
        "curves": curves,
        "missing": "; ".join(problems) or None,
    }


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
    share = float(case.measured.found.wrong[position])
    wrong = None if math.isnan(share) else share
    alone = cost.per_question
    per_correct = None if alone is None else cost_per_correct(alone, case.quality(name))
    if alone is not None and per_correct is None:
        reasons["cost_per_correct"] = "no answer was right"
    elif alone is None:
        reasons["cost_per_correct"] = reasons["expected_cost"] = reasons["cost_per_question"]
    expected = None
    if economics.wrong_answer is None:
        reasons["expected_cost"] = "wrong_answer is not declared"
    elif wrong is None:
        reasons["expected_cost"] = "wrong answers were not counted"
    elif alone is not None:
        expected = expected_cost(alone, wrong, economics.wrong_answer)
    return {
        "seconds_per_question": one.seconds_per_question,
        "tokens_in": one.tokens_in,
        "tokens_out": one.tokens_out,
        "wrong": wrong,
        "build_seconds": cost.build_seconds,
        "update_seconds": cost.build_seconds,
        "cost_per_question": alone,
        "price_per_question": price,
        "cost_per_correct": per_correct,
        "expected_cost": expected,
        "build_cost": cost.build,
        "update_cost": cost.update,
        "hosting_per_month": cost.hosting,
        "total_cost": None if isinstance(total, str) else total,
        "reasons": reasons,
    }


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

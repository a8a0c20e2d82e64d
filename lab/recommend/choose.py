"""From what was measured and what is declared to a recommendation, as plain JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from lab.decision_config import EconomicsConfig, NeedsConfig
from lab.recommend.case import Case
from lab.recommend.contrasts import proven
from lab.recommend.cost_table import cost_table
from lab.recommend.criteria import Criterion
from lab.recommend.draws import measure
from lab.recommend.evidence import Evidence
from lab.recommend.flips import flips
from lab.recommend.pareto import pareto
from lab.recommend.rule import NONE, Judgement, judge
from lab.recommend.sensitivity import stability, tornado
from lab.recommend.sentences import SCREENING_BELOW, nearest_miss, nearest_miss_sentence, reason, sentence, words

DRAWS = 2000


def recommend(
    evidence: Evidence, needs: NeedsConfig, economics: EconomicsConfig, *, draws: int = DRAWS
) -> dict[str, Any]:
    """Choose a method (methodology 9.4), and say how sure that is and what would change it (9.5).

    Args:
        evidence: the candidates, the simplest first; those that are equally simple as they were listed.
        needs: hard requirements, weights and anchors, as declared.
        economics: prices and volumes, as declared.
        draws: how often the questions and training runs are drawn again.

    Returns:
        Plain JSON. `choice`: a method or "none". `clear`: whether P(best) >= 0.8. `proven`: whether a registered
        contrast backs it. `p_best`: of the choice; None for "none" and for one cluster. `p_best_by_method` and
        `p_within_by_method`: of those that pass the gates. The rest is named as the modules are.

    Raises:
        ValueError: candidates that do not fit together.
    """
    if not evidence.candidates or not len(evidence.clusters):
        return _nothing(evidence)
    rng = np.random.default_rng(evidence.seed)
    for_draws, for_weights = rng.spawn(2)
    case = Case(evidence, measure(evidence, for_draws, draws), needs, economics, evidence.margin)
    judgement = judge(case)
    costs = cost_table(case)
    return {
        **_chosen(case, judgement),
        "gates": [asdict(gate) for gate in judgement.gates],
        "flips": flips(case, judgement, costs),
        **_criteria(case, judgement),
        "utility": _utility(judgement),
        "pareto": pareto(case),
        "tornado": tornado(case, judgement),
        "stability": stability(judgement, for_weights),
        "costs": costs,
        "nearest_miss": _nearest_miss(case, judgement),
        "scope": _scope(evidence),
    }


def _chosen(case: Case, judgement: Judgement) -> dict[str, Any]:
    p_within = judgement.p_within()
    return {
        "choice": judgement.choice,
        "clear": judgement.clear,
        "proven": proven(case, judgement),
        "p_best": judgement.p_best.get(judgement.choice),
        "p_best_by_method": {name: judgement.p_best.get(name) for name in judgement.passing},
        "p_within_by_method": {name: p_within.get(name) for name in judgement.passing},
        "within_margin": list(judgement.within),
        "sentence": sentence(case, judgement),
        "reason": reason(case, judgement),
        "words": words(case, judgement.choice),
    }


def _utility(judgement: Judgement) -> dict[str, dict[str, float | None]]:
    found = {}
    for name, mean in judgement.utilities.items():
        low, high = judgement.interval(name)
        found[name] = {"mean": mean, "low": low, "high": high}
    return found


def _criteria(case: Case, judgement: Judgement) -> dict[str, Any]:
    criteria = judgement.criteria
    return {
        "criteria_used": [
            {"name": one.name, "weight": one.weight, "anchors": [one.worst, one.good]} for one in criteria.used
        ],
        "criteria_dropped": [{"name": name, "reason": why} for name, why in criteria.dropped.items()],
        "scores": [
            _score(case, one, position, name) for one in criteria.used for position, name in enumerate(case.names)
        ],
    }


def _score(case: Case, one: Criterion, position: int, method: str) -> dict[str, Any]:
    value, score = float(one.values[position]), float(one.scores[position])
    return {
        "method": method,
        "criterion": one.name,
        "value": value if np.isfinite(value) else None,
        "score": score if np.isfinite(score) else None,
        "source": _source(case, one.name, method),
    }


def _source(case: Case, criterion: str, method: str) -> str:
    """The rows that a value came from."""
    of = f"scores.jsonl: method {method}, metric"
    quality = f"{of} {case.evidence.metric}"
    right = f"{of}s wrong, abstained" if case.right_counted else quality
    measured: Mapping[str, str] = {
        "quality": f"{quality}, less needs.wrong_penalty for each in metric wrong" if case.penalty else quality,
        "groundedness": f"{of} {case.evidence.groundedness_metric}",
        "latency": f"results.json: methods.{method}.latency_ms",
        "freshness": "declared: needs.facts_changing_per_month, needs.update_interval_months",
        "cost": f"{right}; results.json: recommendation.costs.per_method.{method}, from declared prices",
    }
    return measured[criterion]


def _nearest_miss(case: Case, judgement: Judgement) -> dict[str, Any] | None:
    """Only where no candidate passes the gates."""
    if judgement.passing:
        return None
    method = nearest_miss(case, judgement)
    failed = [gate.need for gate in judgement.gates if gate.method == method and not gate.met]
    return {"method": method, "failed": failed, "sentence": nearest_miss_sentence(case, judgement)}


def _scope(evidence: Evidence) -> dict[str, Any]:
    return {**evidence.scope, "screening": len(evidence.clusters) < SCREENING_BELOW}


def _nothing(evidence: Evidence) -> dict[str, Any]:
    """The same keys where there is nothing to choose from."""
    said = "There is nothing to choose from: no candidate has a defined value."
    empty: dict[str, Any] = {"choice": NONE, "clear": False, "proven": False, "p_best": None, "words": NONE}
    empty |= {"sentence": said, "reason": said, "nearest_miss": None, "costs": None, "stability": None}
    empty |= {name: {} for name in ("p_best_by_method", "p_within_by_method", "utility")}
    lists = ("within_margin", "gates", "flips", "criteria_used", "criteria_dropped", "scores", "pareto", "tornado")
    return empty | {name: [] for name in lists} | {"scope": _scope(evidence)}

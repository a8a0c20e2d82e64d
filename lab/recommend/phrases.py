"""Small parts of sentences. Numbers are rounded so that the sentence stays true: shares down, volumes up."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from lab import rounding
from lab.decision_config import EconomicsConfig
from lab.recommend.case import Case

_LABELS = {
    "token_f1": "token F1",
    "contains": "containment",
    "exact_match": "exact match",
    "list_f1": "list F1",
    "rouge_1": "ROUGE-1",
    "rouge_2": "ROUGE-2",
    "rouge_l": "ROUGE-L",
    "rouge_lsum": "ROUGE-Lsum",
}


def break_even_sentence(pair: Mapping[str, Any], economics: EconomicsConfig) -> str:
    """From which volume `method` is cheaper than `baseline`."""
    method, baseline = pair["method"], pair["baseline"]
    if pair["saving_per_question"] is None:
        return f"Break-even of {method} and {baseline} is unknown: {pair['reason']}."
    if pair["questions"] is None:
        return f"No volume justifies {method} over {baseline} on cost: it saves nothing on a question."
    if pair["questions"] == 0.0:
        return f"{method} is cheaper than {baseline} at every volume."
    total = f"{_volume(pair['questions'])} questions"
    months = economics.horizon_months
    if pair["per_month"] is not None and months is not None:
        total += f" in {months:g} months, {_volume(pair['per_month'])} a month"
    return f"{method} is cheaper than {baseline} from {total} on; below that {baseline} is."


def _volume(questions: float) -> str:
    """Rounded up, but not by one more for the last digit of a float."""
    return f"{math.ceil(questions * (1 - 1e-12)):,}"


def metric_label(case: Case) -> str:
    """The primary metric in words."""
    return _LABELS.get(case.evidence.metric, case.evidence.metric.replace("_", " "))


def quality_label(case: Case) -> str:
    """What counts as quality, in words."""
    less = f" less {case.penalty:g} for each wrong answer" if case.penalty else ""
    return f"{metric_label(case)}{less}"


def percent(share: float | None) -> str:
    """Rounded down, so that 79.9 % is not shown as the 80 % that would have been clear."""
    return "an unknown share" if share is None else rounding.chance(share)


def count(n: int, noun: str) -> str:
    """1 question, 2,000 questions."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


def listed(names: Sequence[str]) -> str:
    """a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"

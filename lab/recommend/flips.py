"""What would change the choice, as sentences: needs dropped or added, numbers turned, ranks swapped, costs even."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from lab.recommend.case import Case
from lab.recommend.contrasts import rivals_of
from lab.recommend.rule import NONE, Judgement, judge
from lab.recommend.sensitivity import Flip, choice_flips, rank_flips

_NEEDS = {
    "citations_required": "need for citations",
    "erasure_required": "need to erase documents",
    "index_allowed": "ban on an index",
    "max_staleness": "limit on stale facts",
    "max_p95_ms": "limit on latency",
    "max_memory_gb": "limit on memory",
    "quality_floor": "quality floor",
}
_SWITCHES = {"citations_required": False, "erasure_required": False, "index_allowed": True}  # not declared
_PHRASES = {
    "cpu_hour": "a price of {} for an hour of the CPU",
    "gpu_hour": "a price of {} for an hour of the GPU",
    "million_tokens_in": "a price of {} for a million prompt tokens",
    "million_tokens_out": "a price of {} for a million written tokens",
    "questions_per_month": "{} questions a month",
    "updates_per_month": "{} knowledge updates a month",
    "horizon_months": "a horizon of {} months",
    "wrong_answer": "a cost of {} for a wrong answer",
    "escalation": "a cost of {} for a declined answer",
    "margin": "a margin of {}",
    "quality_floor": "a quality floor of {}",
    "max_p95_ms": "a latency limit of {} ms",
    "max_memory_gb": "a memory limit of {} GB",
    "max_staleness": "a limit of {} on the share of stale facts",
    "facts_changing_per_month": "a share of {} of the facts changing in a month",
    "update_interval_months": "{} months between two trainings",
}


def flips(case: Case, judgement: Judgement, costs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All that was found: {input, now, at, until, ends, kind, choice, sentence}.

    `kind`: "need" (without it, or with it), "choice" (from `at` on), "rank" (the highest utility goes to `choice`,
    which the rule may not follow) or "break-even" (`choice` becomes the cheaper one). "choice" and "rank" were looked
    at in steps up to `until`; `ends`: whether the choice changes again there. None for the other kinds.
    """
    told = [_told(case, flip) for flip in choice_flips(case, judgement)]
    ranks = [_told(case, flip) for flip in rank_flips(case, judgement)]
    return [
        *_dropped_needs(case, judgement),
        *told,
        *ranks,
        *_cheaper(case, judgement, costs),
        *_added_needs(case, judgement),
    ]


def _dropped_needs(case: Case, judgement: Judgement) -> list[dict[str, Any]]:
    found = []
    for need in dict.fromkeys(gate.need for gate in judgement.gates if not gate.met and gate.need in _NEEDS):
        there = _with(case, need, _SWITCHES.get(need))
        if there != judgement.choice:
            told = f"Without the {_NEEDS[need]} {_would(there)}."
            found.append(_flip(need, getattr(case.needs, need), _SWITCHES.get(need), "need", there, told))
    if any(gate.verdict == "unknown" and not gate.met for gate in judgement.gates):
        there = _with(case, "unknown_passes", True)
        if there != judgement.choice:
            told = f"If what is unknown counted as met, {_would(there)}."
            found.append(_flip("unknown_passes", False, True, "need", there, told))
    return found


def _added_needs(case: Case, judgement: Judgement) -> list[dict[str, Any]]:
    found = []
    for need, off in _SWITCHES.items():
        if getattr(case.needs, need) != off:
            continue
        there = _with(case, need, not off)
        if there not in (judgement.choice, NONE):
            found.append(_flip(need, off, not off, "need", there, f"With a {_NEEDS[need]} {_would(there)}."))
    return found


def _with(case: Case, need: str, value: float | None) -> str:
    return judge(replace(case, needs=case.needs.model_copy(update={need: value}))).choice


def _told(case: Case, flip: Flip) -> dict[str, Any]:
    shown = _outward(case, flip)
    side, way = ("more", "up to") if flip.up else ("less", "down to")
    end = f"{way} {_inward(case, flip, shown):,.12g}"
    bound = f", {end}" if flip.ends else f" (looked at {end})"
    outcome = _would(flip.choice) if flip.kind == "choice" else f"{flip.choice} would have the highest utility"
    phrase = _phrase(flip.dial.name).format(f"{shown:,.12g}")
    told = _flip(
        flip.dial.name, flip.dial.now, flip.at, flip.kind, flip.choice, f"{phrase} or {side}{bound}, {outcome}."
    )
    return told | {"until": flip.until, "ends": flip.ends}


def _outward(case: Case, flip: Flip) -> float:
    """The point with as few digits as hold: rounded to the side of the new choice, and judged there."""
    for shown in _rounded(flip.at, up=flip.up):
        if flip.stands(case, shown):
            return shown
    return flip.at


def _inward(case: Case, flip: Flip, start: float) -> float:
    """The end with as few digits as hold: rounded to the side of the point, not before it, and judged there."""
    for shown in _rounded(flip.until, up=not flip.up):
        if (shown >= start if flip.up else shown <= start) and flip.stands(case, shown):
            return shown
    return max(flip.until, start) if flip.up else min(flip.until, start)


def _rounded(value: float, *, up: bool) -> Iterator[float]:
    """A value with ever more digits, rounded up or down."""
    for digits in (3, 4, 6, 9) if value else ():
        scale = 10.0 ** (digits - 1 - math.floor(math.log10(value)))
        yield float(f"{(math.ceil if up else math.floor)(value * scale) / scale:.12g}")


def _phrase(name: str) -> str:
    """The start of a sentence, with a place for the number."""
    section, _, key = name.partition(".")
    if name == "wrong_penalty":
        return "If a wrong answer took away {}"
    if section == "weights":
        return f"With a weight of {{}} for {key}"
    hosting = f"a price of {{}} a month for hosting {key}"
    return f"With {hosting if section == 'hosting_per_month' else _PHRASES[name]}"


def _cheaper(case: Case, judgement: Judgement, costs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The volume at which the choice and the next method cost the same."""
    rivals = rivals_of(judgement) if judgement.choice != NONE else []
    if not rivals:
        return []
    pair = {judgement.choice, rivals[0]}
    row = next(one for one in costs["break_even"] if {one["method"], one["baseline"]} == pair)
    if not row["per_month"]:
        return []
    now = case.economics.questions_per_month
    choice = row["below"] if now is not None and now > row["per_month"] else row["above"]
    return [_flip("questions_per_month", now, row["per_month"], "break-even", choice, row["sentence"])]


def _would(choice: str) -> str:
    return "no method could be chosen" if choice == NONE else f"the choice would be {choice}"


def _flip(name: str, now: Any, at: Any, kind: str, choice: str, sentence: str) -> dict[str, Any]:
    found = {"input": name, "now": now, "at": at, "kind": kind, "choice": choice, "sentence": sentence}
    return found | {"until": None, "ends": None}

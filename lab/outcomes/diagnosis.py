"""Which lever is missing: gaps between methods, each with the remedy that it points to.

A gap is large if the low end of its interval is above 0 and its mean at least the margin; small if the whole interval
is below the margin; else unclear. Only a large gap points somewhere, except that a small gain in storage is a warning.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np

from lab.outcomes.factorial import Effect, effect, from_sample
from lab.outcomes.table import Mask, ScoreTable

LENIENT = "contains"
_LARGE = {
    "knowledge_gap": "Retrieval supplies what is missing: with the right passages the model answers, from memory not.",
    "retrieval_gap": "Improve the retriever before any tuning: the right passages would be read rightly.",
    "behaviour_gap": "Tuning for format: the right answers stand in what was written, in another form.",
    "reading_gap": "Tune the reading (RAFT): the right passages alone do not lead to the right answers.",
    "storage_gain": "The weights store the facts: tuning taught answers that the untuned model did not know.",
    "context_damage": "Prefer RAFT over fine-tuned+rag: tuning without passages harmed how passages are read.",
}
_DO_NOT_RELY = "Do not rely on weights for facts: tuning taught less than the margin of what was not known before."

_NO_ORACLE = Effect.missing("no gold passage is known, so the oracle has no better context than rag")
_NOT_ASKED = Effect.missing("the untuned model was not asked what it knows")

Size = Literal["large", "small", "unclear"]


@dataclass(frozen=True, slots=True)
class Gap:
    """A gap over the questions that `over` names. `size` and `lever` are None where it was not measured."""

    name: str
    formula: str
    over: str
    estimate: Effect
    size: Size | None = None
    lever: str | None = None


def diagnose(table: ScoreTable, metric: str, margin: float, *, shown_k: int) -> list[dict[str, Any]]:
    """The gaps that tell which lever is missing, always all six, in this order.

    knowledge_gap   oracle - closed-book
    retrieval_gap   oracle - rag
    behaviour_gap   contains - metric, of the better of closed-book and rag: lenient minus strict
    reading_gap     1 - contains of oracle
    storage_gain    fine-tuned - closed-book, over questions whose answer the untuned model did not know
    context_damage  rag - fine-tuned+rag, over questions with a gold passage among the `shown_k` first

    Gaps of the oracle leave out answerable questions whose gold passage nobody knows: there it equals rag. Where
    retrieval shows the gold passage rag has the oracle's context, so context_damage compares how the two weights read.

    Args:
        table: the scores.
        metric: the primary metric, higher is better, 1 is perfect.
        margin: the smallest gap worth acting on, in units of the metric.
        shown_k: how many passages a method with context gets.
    """
    gaps = (
        _of_oracle(table, metric, "knowledge_gap", "closed-book"),
        _of_oracle(table, metric, "retrieval_gap", "rag"),
        _behaviour(table, metric),
        _reading(table),
        _storage(table, metric),
        _damage(table, metric, shown_k),
    )
    return [asdict(_judged(gap, margin)) for gap in gaps]


def _of_oracle(table: ScoreTable, metric: str, name: str, baseline: str) -> Gap:
    where, over = _oracle_knows(table)
    gap = Gap(name, f"oracle - {baseline}, {metric}", over, _NO_ORACLE)
    terms = [(1.0, "oracle", metric), (-1.0, baseline, metric)]
    return gap if where is None else replace(gap, estimate=effect(table, terms, where))


def _reading(table: ScoreTable) -> Gap:
    where, over = _oracle_knows(table)
    gap = Gap("reading_gap", f"1 - oracle, {LENIENT}", over, _NO_ORACLE)
    if where is None:
        return gap
    if not table.has("oracle", LENIENT):
        return replace(gap, estimate=Effect.missing(f"there is no {LENIENT} of oracle"))
    sample = table.sample([(-1.0, "oracle", LENIENT)], where)
    return replace(gap, estimate=from_sample(sample and replace(sample, values=1.0 + sample.values), int(where.sum())))


def _oracle_knows(table: ScoreTable) -> tuple[Mask | None, str]:
    """Questions for which the oracle's context is the best one; None if that is so for no answerable question."""
    over = "questions whose gold passage is known, and unanswerable ones"
    if not any(one.has_gold for one in table.questions):
        return None, over
    return _mask(one.has_gold or not one.answerable for one in table.questions), over


def _behaviour(table: ScoreTable, metric: str) -> Gap:
    name, over = "behaviour_gap", "all questions"
    plain = [method for method in ("closed-book", "rag") if table.has(method, metric) and table.has(method, LENIENT)]
    formula = f"{LENIENT} - {metric}, the better of closed-book and rag"
    if metric == LENIENT:
        return Gap(name, formula, over, Effect.missing(f"{LENIENT} is the primary metric, and it is the lenient one"))
    if not plain:
        return Gap(name, formula, over, Effect.missing(f"neither closed-book nor rag has both {LENIENT} and {metric}"))
    best = max(plain, key=lambda method: float(np.nanmean(table.values(method, metric))))
    found = effect(table, [(1.0, best, LENIENT), (-1.0, best, metric)])
    return Gap(name, f"{LENIENT} - {metric}, {best}", over, found)


def _storage(table: ScoreTable, metric: str) -> Gap:
    over = "questions whose answer the untuned model did not know"
    gap = Gap("storage_gain", f"fine-tuned - closed-book, {metric}", over, _NOT_ASKED)
    if all(one.known is None for one in table.questions):
        return gap
    where = _mask(one.known == "unknown" for one in table.questions)
    terms = [(1.0, "fine-tuned", metric), (-1.0, "closed-book", metric)]
    return replace(gap, estimate=effect(table, terms, where))


def _damage(table: ScoreTable, metric: str, shown_k: int) -> Gap:
    found = _mask(one.gold_rank is not None and one.gold_rank <= shown_k for one in table.questions)
    terms = [(1.0, "rag", metric), (-1.0, "fine-tuned+rag", metric)]
    over = f"questions with a gold passage among the first {shown_k}"
    return Gap("context_damage", f"rag - fine-tuned+rag, {metric}", over, effect(table, terms, found))


def _mask(flags: Iterable[bool]) -> Mask:
    return np.fromiter(flags, dtype=bool)


def _judged(gap: Gap, margin: float) -> Gap:
    size = _size(gap.estimate, margin)
    if size is None:
        return gap
    if size == "large":
        return replace(gap, size=size, lever=_LARGE[gap.name])
    if size == "unclear":
        return replace(gap, size=size, lever=_unclear(gap.estimate, margin))
    small = f"Points nowhere: the gap is below the margin of {margin:g}."
    return replace(gap, size=size, lever=_DO_NOT_RELY if gap.name == "storage_gain" else small)


def _size(found: Effect, margin: float) -> Size | None:
    if found.mean is None:
        return None
    if found.low is None or found.high is None:
        return "unclear"
    if found.low > 0 and found.mean >= margin:
        return "large"
    return "small" if found.high < margin else "unclear"


def _unclear(found: Effect, margin: float) -> str:
    if found.low is None:
        return "Inconclusive: all questions share one document, so the gap has no interval."
    return f"Inconclusive: a gap of {margin:g} or more may be there, but the data do not show it."

"""What retrieval and tuning add, each by itself and together: a 2 x 2 factorial on the same questions.

Closed-book, rag, fine-tuned and fine-tuned+rag are its four cells. Every effect is a weighted sum of a question's own
scores, so that its interval is that of a mean: Miller 2024 (arXiv 2411.00640), clustered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lab.outcomes.table import Mask, ScoreTable, Term
from lab.statistics.clustered import estimate
from lab.statistics.sample import Codes, Floats, Sample

_NOISE = 1e-9  # sums of scores that differ by less differ by rounding


@dataclass(frozen=True, slots=True)
class Effect:
    """A mean over `n` questions with its clustered 95 % interval; what is None has its `reason`.

    `undefined` counts the questions that were left out because they have no value.
    """

    mean: float | None
    low: float | None
    high: float | None
    n: int
    undefined: int
    reason: str | None = None

    @classmethod
    def missing(cls, why: str, undefined: int = 0) -> Effect:
        """One that was not measured, and why."""
        return cls(None, None, None, 0, undefined, f"not measured: {why}")


@dataclass(frozen=True, slots=True)
class Factorial:
    """The effects on `metric`; `interaction_reads` says in a word what the interaction shows, None if not measured."""

    metric: str
    retrieval: Effect
    tuning: Effect
    interaction: Effect
    interaction_reads: str | None
    trained_with_context: Effect


def factorial(table: ScoreTable, metric: str) -> dict[str, Any] | None:
    """The factorial effects on one metric; None if no method has a value of it.

    retrieval            ((rag - closed-book) + (fine-tuned+rag - fine-tuned)) / 2
    tuning               ((fine-tuned - closed-book) + (fine-tuned+rag - rag)) / 2
    interaction          fine-tuned+rag - rag - fine-tuned + closed-book
    trained_with_context raft - fine-tuned+rag

    An interaction below 0 reads 'substitutes' (each does part of the other's work), above 0 'complements'; 'neither
    shown' where the interval holds 0 or there is none. An effect of which a method is missing is None with the reason.
    """
    if not any(table.has(method, metric) for method in table.methods):
        return None
    closed_book, rag, tuned, both = (
        ("closed-book", metric),
        ("rag", metric),
        ("fine-tuned", metric),
        ("fine-tuned+rag", metric),
    )
    interaction = effect(table, [(1, *both), (-1, *rag), (-1, *tuned), (1, *closed_book)])
    return asdict(
        Factorial(
            metric=metric,
            retrieval=effect(table, [(0.5, *rag), (-0.5, *closed_book), (0.5, *both), (-0.5, *tuned)]),
            tuning=effect(table, [(0.5, *tuned), (-0.5, *closed_book), (0.5, *both), (-0.5, *rag)]),
            interaction=interaction,
            interaction_reads=_reads(interaction),
            trained_with_context=effect(table, [(1, "raft", metric), (-1, *both)]),
        )
    )


def effect(table: ScoreTable, terms: Sequence[Term], where: Mask | None = None) -> Effect:
    """The mean of a weighted sum of terms over the questions of `where` that have all of them."""
    absent = [f"{metric} of {method}" for _, method, metric in terms if not table.has(method, metric)]
    if absent:
        return Effect.missing("there is no " + " and no ".join(dict.fromkeys(absent)))
    return from_sample(table.sample(terms, where), len(table.questions) if where is None else int(where.sum()))


def effect_of(values: Floats, clusters: Codes, where: Mask | None = None) -> Effect:
    """The mean of `values`, shape (seeds, questions), over the questions of `where` that are defined in every run."""
    chosen = np.ones(values.shape[1], dtype=bool) if where is None else where
    defined = ~np.isnan(values).any(axis=0) & chosen
    left_out = int(chosen.sum() - defined.sum())
    sample = Sample(values[:, defined], clusters[defined], undefined=left_out) if defined.any() else None
    return from_sample(sample, int(chosen.sum()))


def from_sample(sample: Sample | None, asked: int) -> Effect:
    """The mean of a sample of `asked` questions, with the reason for what it does not have."""
    if sample is None:
        return Effect.missing("there are no such questions" if asked == 0 else "no question has a value", asked)
    found = estimate(sample, sample.undefined)
    alone = "all questions share one document, so there is no interval" if found.low is None else None
    return Effect(found.mean, found.low, found.high, found.n, found.undefined, alone)


def _reads(interaction: Effect) -> str | None:
    if interaction.mean is None:
        return None
    if interaction.high is not None and interaction.high < -_NOISE:
        return "substitutes"
    if interaction.low is not None and interaction.low > _NOISE:
        return "complements"
    return "neither shown"

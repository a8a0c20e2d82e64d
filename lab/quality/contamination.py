"""What the base model knew of the test before it read anything: its closed-book score against chance.

A high score is no proof that the test stood in its training data, and a low one no proof that it did not; it says how
much of the test is new knowledge (Gekhman et al. 2024 and Ovadia et al. 2024 measure the same before tuning).
"""

from __future__ import annotations

from lab import rounding
from lab.quality.finding import Finding
from lab.types import Estimate

CHECK = "contamination"
KNOWS_MUCH = 0.2
NOT_YET = "known once the base model was asked without passages (closed-book); the report says it"
NO_CLOSED_BOOK = "the method closed-book was not asked"


def contamination(hits: Estimate, chance: float | None = None, *, chosen: bool = False) -> list[Finding]:
    """A finding from the closed-book score of a run.

    Args:
        hits: share of the test questions that the untuned model answers without passages: `contains`, or of labels
            accuracy.
        chance: what the most frequent label would score, for labels; None for other answers, where it is next to 0.
        chosen: whether a teacher left out what it knew, so that a low score is of its making.
    """
    if hits.mean is None:
        return []
    said = f"Without passages the base model answers {rounding.share(hits.mean)} of the test questions"
    said += f" {rounding.interval(hits.low, hits.high)}".rstrip()
    low, count = hits.low if hits.low is not None else hits.mean, round(hits.mean * hits.n)
    if chance is not None:
        beyond = "more than" if low > chance else "no more than"
        said += f": {beyond} always giving the most frequent label would ({rounding.share(chance)})."
        return [Finding(CHECK, "note", count, hits.n, said)]
    if low < KNOWS_MUCH and chosen:
        said += ": no sign that the test is new to it, since the teacher left out the questions that it knew itself."
        return [Finding(CHECK, "note", count, hits.n, said)]
    if low < KNOWS_MUCH:
        return [Finding(CHECK, "note", count, hits.n, f"{said}: most of the test is new to it.")]
    said += ": it may have seen them in training, or knows the domain, so they say little of new knowledge."
    advice = "Compare the methods on what it does not know (slice 'known before'), or test facts newer than the model."
    return [Finding(CHECK, "warning", count, hits.n, said, (), advice)]

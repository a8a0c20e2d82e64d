"""Answering and declining: how often a method answers, how right it is then, and whether it declines where it should.

An answer is correct (c), wrong (w), or it declines (a); c + w + a = n. To decline is the right behaviour for an
unanswerable question only.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from lab.outcomes.factorial import Effect, effect_of
from lab.outcomes.table import Mask, ScoreTable
from lab.statistics.sample import Floats

PENALTIES = (0, 1, 3)  # what a wrong answer costs, in right answers


def abstaining(table: ScoreTable, method: str) -> dict[str, Any]:
    """The outcomes of one method. Every rate has n and, where it is a mean over questions, a clustered interval.

    coverage             (c + w) / n
    selective_accuracy   c / (c + w), over what was answered
    over_refusal         declined, over answerable questions
    false_answer         answered, over unanswerable questions
    precision, recall    of declining; positive = unanswerable
    f1                   their harmonic mean; a ratio, so it has no interval
    f1_attempted         harmonic mean of c / n and c / (c + w): SimpleQA's F (Wei et al. 2024)
    utility              by penalty l: (c - l * w) / n. With l = t / (1 - t) answering pays from a confidence of t on
                         (Kalai et al. 2025); at 0 guessing is free. To decline counts 0, as in CRAG, whose score
                         (2c + a) / n - 1 is the utility at 1 (Yang et al. 2024)

    `counts` are over all training runs. What cannot be measured is None with its reason.
    """
    absent = [name for name in ("wrong", "abstained") if not table.has(method, name)]
    if absent:
        return {"reason": f"not measured: there is no {' and no '.join(absent)} of {method}"}
    wrong, declined = table.values(method, "wrong"), table.values(method, "abstained")
    wrong, declined = wrong + 0.0 * declined, declined + 0.0 * wrong  # undefined together
    correct = 1.0 - wrong - declined
    answerable = _answerable(table)
    rates = _rates(table, correct, declined, answerable)
    return {
        "reason": None,
        "counts": {
            "answers": int((~np.isnan(wrong)).sum()),
            "correct": _total(correct),
            "wrong": _total(wrong),
            "declined": _total(declined),
            "unanswerable": int((~np.isnan(wrong[:, ~answerable])).sum()),
        },
        **{name: asdict(found) for name, found in rates.items()},
        "f1": asdict(_harmonic(rates["precision"], rates["recall"])),
        "f1_attempted": asdict(_harmonic(effect_of(correct, table.clusters), rates["selective_accuracy"])),
        "utility": {
            str(penalty): asdict(effect_of(correct - penalty * wrong, table.clusters)) for penalty in PENALTIES
        },
    }


def right(table: ScoreTable, method: str) -> Floats:
    """1 where a method did right: a correct answer, or declining an unanswerable question; else 0.

    Shape (seeds, questions); NaN where `wrong` or `abstained` is undefined.
    """
    wrong, declined = table.values(method, "wrong"), table.values(method, "abstained")
    return np.asarray(np.where(_answerable(table), 1.0 - wrong - declined, declined + 0.0 * wrong))


def _rates(table: ScoreTable, correct: Floats, declined: Floats, answerable: Mask) -> dict[str, Effect]:
    answered, clusters = 1.0 - declined, table.clusters
    without_answer = np.logical_not(answerable)
    unanswerable = np.where(np.isnan(declined), np.nan, without_answer)
    return {
        "coverage": effect_of(answered, clusters),
        "selective_accuracy": _share(table, correct, answered, "nothing was answered"),
        "over_refusal": effect_of(declined, clusters, answerable),
        "false_answer": effect_of(answered, clusters, without_answer),
        "precision": _share(table, unanswerable, declined, "nothing was declined"),
        "recall": effect_of(declined, clusters, without_answer),
    }


def _share(table: ScoreTable, hits: Floats, among: Floats, nothing: str) -> Effect:
    """The share of `hits` in `among`, both of shape (seeds, questions), the latter 0 and 1.

    Training runs answer different questions, so with several it is a ratio. Its interval is that of its linear form
    share + (hits - share * among) / mean(among) (Cochran 1977, section 2.11), which for one run is the plain mean.
    """
    held: Mask = np.asarray(np.nan_to_num(among).any(axis=0), dtype=bool)
    if not held.any():
        return Effect.missing(nothing)
    defined = held & ~np.isnan(among + hits).any(axis=0)
    inside, hit = among[:, defined], (hits * among)[:, defined]
    if not inside.sum():
        return Effect.missing(nothing)
    share = hit.sum() / inside.sum()
    linear = np.full(among.shape, np.nan)
    linear[:, defined] = share + (hit - share * inside) / inside.mean()
    return effect_of(linear, table.clusters, held)


def _harmonic(one: Effect, other: Effect) -> Effect:
    if one.mean is None or other.mean is None:
        missing = one if one.mean is None else other
        return Effect(None, None, None, 0, 0, missing.reason)
    total = one.mean + other.mean
    mean = 2.0 * one.mean * other.mean / total if total else 0.0
    return Effect(mean, None, None, one.n, one.undefined, "no interval: it is no mean over questions")


def _answerable(table: ScoreTable) -> Mask:
    return np.array([one.answerable for one in table.questions], dtype=bool)


def _total(outcome: Floats) -> int:
    return int(np.nansum(outcome))

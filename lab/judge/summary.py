"""Grades and verdicts to the tables of `judge.json`: counts, rates with intervals, agreement with the strict scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lab.judge.calibration import kappa
from lab.judge.grading import GRADES, Pairwise
from lab.judge.rows import AnswerRow, Graded
from lab.statistics.clustered import SHARE, estimate
from lab.statistics.sample import Sample

COMPARED = ("exact_match", "contains")
LENGTHS = ((1, 5), (6, 20), (21, None))  # words of an answer, both ends included
Point = tuple[str, str, int, float | None]  # question, cluster, seed, value


@dataclass(frozen=True, slots=True)
class PairRow:
    """Two answers to one question, of two methods under one training seed, with what the judge says of them.

    `asked` False: the answers are the same, which is a tie without a request.
    """

    left: AnswerRow
    right: AnswerRow
    seed: int
    result: Pairwise
    asked: bool = True


def of_methods(graded: Sequence[Graded]) -> dict[str, dict[str, Any]]:
    """By method: counts of its answers, rates with a clustered 95 % interval, agreement with the strict scores."""
    by_method: dict[str, list[Graded]] = {}
    for one in graded:
        by_method.setdefault(one.row.method, []).append(one)
    return {method: _of_method(found) for method, found in by_method.items()}


def by_length(graded: Sequence[Graded]) -> list[dict[str, Any]]:
    """The judge beside the strict scores in bins of the answer's length: a judge that likes long answers shows here."""
    bins = []
    for low, high in LENGTHS:
        found = [one for one in graded if one.grade is not None and _within(one.row.answer, low, high)]
        shares: dict[str, float | None] = {"correct": _mean([float(one.grade == "correct") for one in found])}
        for name in COMPARED:
            shares[name] = _mean([value for one in found if (value := one.row.scores.get(name)) is not None])
        bins.append({"words": f"{low}-{high}" if high else f"{low} or more", "n": len(found), **shares})
    return bins


def match_pairs(rows: Sequence[AnswerRow], left: str, right: str) -> list[tuple[AnswerRow, AnswerRow, int]]:
    """Answers of two methods to the same question under the same seed; a method with one run meets all of the other."""
    found: dict[str, dict[tuple[str, int], AnswerRow]] = {left: {}, right: {}}
    for row in rows:
        if row.method in found:
            found[row.method][row.question_id, row.seed] = row
    seeds = {method: sorted({seed for _, seed in places}) for method, places in found.items()}
    questions = tuple(dict.fromkeys(row.question_id for row in rows))
    pairs = []
    for seed in max(seeds.values(), key=len):
        of = {method: seed if seed in own or len(own) != 1 else own[0] for method, own in seeds.items()}
        for question in questions:
            one, other = found[left].get((question, of[left])), found[right].get((question, of[right]))
            if one is not None and other is not None:
                pairs.append((one, other, seed))
    return pairs


def of_pair(left: str, right: str, rows: Sequence[PairRow]) -> dict[str, Any]:
    """One row of the pairwise table. `preference` is the mean of +1 (left), 0 (tie), -1 (right), clustered."""
    verdicts = [row.result.verdict for row in rows]
    value = {"left": 1.0, "tie": 0.0, "right": -1.0}
    points: list[Point] = [
        (row.left.question_id, row.left.cluster, row.seed, value[row.result.verdict] if row.result.verdict else None)
        for row in rows
    ]
    dependent = sum(row.result.position_dependent for row in rows)
    return {
        "left": left,
        "right": right,
        "n": len(rows),
        "left_better": verdicts.count("left"),
        "right_better": verdicts.count("right"),
        "ties": verdicts.count("tie") - dependent,
        "position_dependent": dependent,
        "unparsed": verdicts.count(None),
        "same_text": sum(not row.asked for row in rows),
        "preference": _estimate(points, (-1.0, 1.0)),
    }


def _of_method(graded: Sequence[Graded]) -> dict[str, Any]:
    grades = [one.grade for one in graded]
    return {
        "counts": {
            "answers": len(graded),
            **{grade.replace(" ", "_"): grades.count(grade) for grade in GRADES},
            "unparsed": grades.count(None),
            "blank": sum(not one.asked for one in graded),
        },
        "rates": {
            "correct": _rate(graded, lambda grade: grade == "correct"),
            "incorrect": _rate(graded, lambda grade: grade == "incorrect"),
            "not_attempted": _rate(graded, lambda grade: grade == "not attempted"),
            "correct_given_attempted": _rate(
                graded, lambda grade: None if grade == "not attempted" else grade == "correct"
            ),
        },
        "agreement": {name: _agreement(graded, name) for name in COMPARED},
    }


def _rate(graded: Sequence[Graded], holds: Callable[[str], bool | None]) -> dict[str, Any]:
    points: list[Point] = []
    for one in graded:
        value = None if one.grade is None else holds(one.grade)
        points.append((one.row.question_id, one.row.cluster, one.row.seed, None if value is None else float(value)))
    return _estimate(points, SHARE)


def _estimate(points: Sequence[Point], bounds: tuple[float, float]) -> dict[str, Any]:
    """Mean over the questions that have a value under every seed, with its clustered 95 % interval."""
    seeds = sorted({seed for _, _, seed, _ in points})
    cluster = {question: name for question, name, _, _ in points}
    values = {(question, seed): np.nan if value is None else value for question, _, seed, value in points}
    table = np.array([[values.get((question, seed), np.nan) for question in cluster] for seed in seeds])
    defined = ~np.isnan(table).any(axis=0) if points else np.zeros(0, dtype=bool)
    undefined = int(len(cluster) - defined.sum())
    if not defined.any():
        return asdict(estimate(None, undefined))
    codes = np.unique(list(cluster.values()), return_inverse=True)[1]
    return asdict(estimate(Sample(table[:, defined], codes[defined]), undefined, bounds))


def _agreement(graded: Sequence[Graded], metric: str) -> dict[str, Any]:
    """The judge's 'correct' beside a strict score of 1."""
    pairs = [
        (one.grade == "correct", value == 1.0)
        for one in graded
        if one.grade is not None and (value := one.row.scores.get(metric)) is not None
    ]
    table: Mapping[str, int] = {
        "both": pairs.count((True, True)),
        "judge_only": pairs.count((True, False)),
        "metric_only": pairs.count((False, True)),
        "neither": pairs.count((False, False)),
    }
    share = _mean([float(judge == score) for judge, score in pairs])
    words = {True: "right", False: "not right"}
    return {
        "n": len(pairs),
        **table,
        "share": share,
        "kappa": kappa([words[judge] for judge, _ in pairs], [words[score] for _, score in pairs]),
    }


def _within(answer: str, low: int, high: int | None) -> bool:
    words = len(answer.split())
    return low <= words and (high is None or words <= high)


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None

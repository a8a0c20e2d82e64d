"""Declining to answer, what it costs and saves, and whether confidence tells right answers from wrong ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lab import rounding
from lab.report import lookup, words
from lab.report.cells import estimate_cell, mean_cell, missing, questions_detail, value_cell
from lab.report.layout import Cell, Column, Table
from lab.types import ExperimentResult

_RATES: Mapping[str, str] = {
    "coverage": "answered (coverage)",
    "selective_accuracy": "right, of what was answered",
    "over_refusal": "answerable refused",
    "false_answer": "unanswerable answered",
    "precision": "declining: precision",
    "recall": "declining: recall",
    "f1": "declining: F1",
    "f1_attempted": "F of attempted answers (SimpleQA)",
}
_UTILITIES = {"0": "utility, wrong answers free", "1": "utility, a wrong answer costs 1", "3": "utility, it costs 3"}
_EMPTY = ("there are no such questions", "nothing was answered", "nothing was declined")
# Names that an earlier version of the lab gave to a share, and the number of its questions.
_EARLIER = {"over_refusal": ("over_refusal", "n_answerable"), "false_answer": ("false_answers", "n_unanswerable")}


def abstention_tables(result: ExperimentResult) -> tuple[Table, ...]:
    """Rates of answering and declining, then calibration; without rows where a result holds none of it."""
    return tuple(table for table in (_rates(result), _calibration(result)) if table.rows)


def _rates(result: ExperimentResult) -> Table:
    primary = lookup.primary(result)
    methods = [name for name in lookup.methods_by_quality(result) if _abstention(result, name)]
    if not methods:
        return Table("Abstention", (), ())

    def answerable(name: str) -> Cell:
        return estimate_cell(lookup.estimate(lookup.at(result.methods, name, "answerable", primary)))

    rows = [(Cell(f"{words.metric_label(primary)}, answerable only"), *map(answerable, methods))]
    rows += [
        (Cell(label), *(_rate(_abstention(result, name), key) for name in methods))
        for key, label in _RATES.items()
        if any(_has_rate(_abstention(result, name), key) for name in methods)
    ]
    rows += [
        (Cell(label), *(_utility(_abstention(result, name), penalty) for name in methods))
        for penalty, label in _UTILITIES.items()
        if any(lookup.mapping(_abstention(result, name), "utility") for name in methods)
    ]
    return Table("Abstention", _columns("measure", methods), tuple(rows), note=_note(result))


def _calibration(result: ExperimentResult) -> Table:
    methods = [name for name in lookup.methods_by_quality(result) if lookup.mapping(result.methods, name, "confidence")]
    fields: Sequence[tuple[str, str, Callable[[Any], str]]] = (
        ("mean confidence", "confidence", rounding.score),
        ("right (declining the unanswerable included)", "accuracy", rounding.score),
        ("expected calibration error", "ece", rounding.score),
        ("Brier score", "brier", rounding.score),
        ("AUROC of confidence", "auroc", rounding.score),
        ("area under risk by coverage", "risk_coverage_area", rounding.score),
    )
    rows = tuple(
        (Cell(label), *(_calibrated(result, name, key, write) for name in methods)) for label, key, write in fields
    )
    note = (
        "Confidence: exp of the mean log-probability of the answer's tokens. Calibration error: the mean gap between "
        "confidence and share of right answers, in ten bins of equally many answers; 0 is best, as for Brier and the "
        "area. AUROC: how often a right answer is surer than a wrong one; 0.5 is chance. Tuning often sharpens "
        "confidence without making it truer, so compare methods with the same context."
    )
    if not any(_confident(result, name) for name in methods):
        rows = ()
    return Table("Calibration", _columns("measure", methods), rows, note=note)


def _calibrated(result: ExperimentResult, name: str, key: str, write: Callable[[Any], str]) -> Cell:
    found = lookup.mapping(result.methods, name, "confidence")
    if key == "brier":
        return mean_cell(found.get(key))
    reasons = lookup.mapping(found, "reasons")
    why = reasons.get(key) or reasons.get("all")
    detail = questions_detail(found.get("n")) if key == "confidence" else ""
    return value_cell(found.get(key), write, why, detail)


def _confident(result: ExperimentResult, name: str) -> bool:
    return rounding.number(lookup.at(result.methods, name, "confidence", "confidence")) is not None


def _abstention(result: ExperimentResult, name: str) -> Mapping[str, Any]:
    return lookup.mapping(result.methods, name, "abstention")


def _has_rate(found: Mapping[str, Any], key: str) -> bool:
    return key in found or _EARLIER.get(key, (key,))[0] in found or bool(found.get("reason"))


def _rate(found: Mapping[str, Any], key: str) -> Cell:
    value = found.get(key)
    if isinstance(value, Mapping):
        return _none_such(value) or mean_cell(value)
    name, size = _EARLIER.get(key, (key, ""))
    if rounding.number(found.get(name)) is not None:
        return Cell(rounding.score(found[name]), questions_detail(found.get(size)))
    if found.get(size) == 0:
        return Cell(rounding.NOT_APPLICABLE)
    return missing(found.get("reason"))


def _none_such(rate: Mapping[str, Any]) -> Cell | None:
    """A rate over questions, or answers, of which there are none is not applicable."""
    why = str(rate.get("reason") or "").removeprefix(f"{rounding.NOT_MEASURED}: ")
    return Cell(f"{rounding.NOT_APPLICABLE}:", why) if rate.get("mean") is None and why in _EMPTY else None


def _utility(found: Mapping[str, Any], penalty: str) -> Cell:
    value = lookup.at(found, "utility", penalty)
    return missing(found.get("reason")) if value is None else mean_cell(value)


def _columns(first: str, methods: Sequence[str]) -> tuple[Column, ...]:
    return (Column(first, number=False), *(Column(words.method_label(name)) for name in methods))


def _note(result: ExperimentResult) -> str:
    note = (
        "An answer is right, wrong, or it declines. Utility: right answers minus the cost of the wrong ones, by "
        "question; where wrong answers are free, guessing is free. An F is no mean over questions and has no interval."
    )
    always = rounding.number(lookup.at(result.corpus, "always_abstain"))
    if always is None:
        return note
    metric = words.metric_label(lookup.primary(result))
    return (
        f"{note} Answering NOT_FOUND to every question would score {rounding.score(always)} in {metric} over all "
        "questions."
    )

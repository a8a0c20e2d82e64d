"""Why answers are not right, counted by method, and the questions on which the methods disagree most."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab import rounding
from lab.report import lookup, words
from lab.report.layout import Cell, Column, Section, Table
from lab.types import ExperimentResult

_MEANING = {
    "answered the unanswerable": "the question has no answer",
    "refused": "the question has an answer",
    "format": "the right answer stands in what was written, not in the answer",
    "gold suspect": "several methods agree on another answer",
    "not known": "no passages, and the weights did not know",
    "retrieval miss": "no gold passage was shown",
    "evidence unknown": "nothing says which passage is gold, and none shown holds the answer",
    "stale memory": "what the weights say, against the passages",
    "context ignored": "the answer stands in no passage that was shown",
    "wrong reading": "the gold passage was shown, something else was read from it",
}


def causes_section(result: ExperimentResult) -> Section:
    """One cause for each answer that is not right, by a fixed rule; then questions to read."""
    found = lookup.mapping(result.analysis, "causes")
    tables = (_counts(result, lookup.mapping(found, "counts")), _disagreements(result, found))
    return Section("causes", "Why answers are not right", tables=tuple(table for table in tables if table.rows))


def _counts(result: ExperimentResult, counts: Mapping[str, Any]) -> Table:
    methods = [name for name in lookup.methods_by_quality(result) if name in counts]
    causes = dict.fromkeys(cause for name in methods for cause in lookup.mapping(counts, name))
    happened = [cause for cause in causes if any(lookup.at(counts, name, cause) for name in methods)]
    rows = tuple(
        (Cell(cause, _MEANING.get(cause, "")), *(_count(result, counts, name, cause) for name in methods))
        for cause in happened
    )
    return Table(
        "Causes by method",
        (Column("cause", number=False), *(Column(words.method_label(name)) for name in methods)),
        rows,
        note="Answers of all training runs that are not right, with their share of the method's answers: wrong ones, "
        "and refusals of questions that have an answer. The first cause that fits, from the top, counts; the answers "
        "below can be filtered by it.",
    )


def _count(result: ExperimentResult, counts: Mapping[str, Any], name: str, cause: str) -> Cell:
    amount = rounding.number(lookup.at(counts, name, cause))
    answers = rounding.number(lookup.at(result.methods, name, "abstention", "counts", "answers"))
    if amount is None:
        return Cell(rounding.NOT_APPLICABLE)
    return Cell(rounding.count(amount), f"({rounding.share(amount / answers)})" if answers else "")


def _disagreements(result: ExperimentResult, found: Mapping[str, Any]) -> Table:
    questions = [one for one in lookup.sequence(found, "disagreements") if isinstance(one, Mapping)]
    said = [{str(lookup.at(item, "method")): item for item in lookup.sequence(one, "answers")} for one in questions]
    methods = [name for name in lookup.methods_by_quality(result) if any(name in answers for answers in said)]
    rows = tuple(
        (Cell(str(one.get("question_id"))), *(_verdict(answers, name) for name in methods))
        for one, answers in zip(questions, said, strict=True)
    )
    return Table(
        "Questions on which the methods disagree most",
        (Column("question", number=False), *(Column(words.method_label(name), number=False) for name in methods)),
        rows,
        note="Of each method its first training run; an answer that is not right by its cause. To read them, look the "
        "question up below.",
        folded=True,
    )


def _verdict(answers: Mapping[str, Any], name: str) -> Cell:
    if name not in answers:
        return Cell(rounding.NOT_APPLICABLE)
    right = lookup.at(answers[name], "right") is True
    return Cell("right" if right else str(lookup.at(answers[name], "cause") or "not right"))

"""Declining to answer: what it costs on answerable questions, and what it saves on the others."""

from __future__ import annotations

from lab.report import lookup, rounding, words
from lab.report.layout import Cell, Column, Table
from lab.report.tables import estimate_cell
from lab.types import ExperimentResult


def abstention_table(result: ExperimentResult) -> Table:
    """The primary metric over answerable questions, their share refused, and the share of the others answered."""
    primary = lookup.primary(result)
    rows = tuple(
        (
            Cell(words.method_label(name)),
            estimate_cell(lookup.estimate(lookup.at(result.methods, name, "answerable", primary))),
            _share(result, name, "over_refusal", "n_answerable"),
            _share(result, name, "false_answers", "n_unanswerable"),
        )
        for name in lookup.methods_by_quality(result)
        if lookup.mapping(result.methods, name, "abstention")
    )
    columns = (
        Column("method", number=False),
        Column(f"{words.metric_label(primary)}, answerable only"),
        Column("answerable refused"),
        Column("unanswerable answered"),
    )
    return Table("Abstention", columns, rows, note=_note(result))


def _share(result: ExperimentResult, method: str, key: str, size: str) -> Cell:
    """A share with its denominator; not applicable where there is no such question."""
    found = lookup.mapping(result.methods, method, "abstention")
    questions = rounding.number(found.get(size))
    if rounding.number(found.get(key)) is None:
        return Cell(rounding.NOT_APPLICABLE if questions == 0 else rounding.NOT_MEASURED)
    return Cell(rounding.share(found[key]), "" if questions is None else f"of {rounding.count(questions)}")


def _note(result: ExperimentResult) -> str:
    always = rounding.number(lookup.at(result.corpus, "always_abstain"))
    if always is None:
        return ""
    metric = words.metric_label(lookup.primary(result))
    return f"Answering NOT_FOUND to every question would score {rounding.score(always)} in {metric} over all questions."

"""Answers that are one of a fixed set of labels: how each label fares, and what always giving one would score."""

from __future__ import annotations

from collections.abc import Sequence

from lab import rounding
from lab.report import lookup, words
from lab.report.layout import Cell, Column, Table
from lab.types import ExperimentResult


def label_tables(result: ExperimentResult) -> tuple[Table, ...]:
    """One table for each kind of question whose answers are labels."""
    methods = lookup.methods_by_quality(result)
    kinds = sorted({kind for name in methods for kind in lookup.mapping(result.methods, name, "labels")})
    return tuple(_table(result, kind, methods) for kind in kinds)


def _table(result: ExperimentResult, kind: str, methods: Sequence[str]) -> Table:
    rows = []
    for name in methods:
        found = lookup.mapping(result.methods, name, "labels", kind)
        rows.append(
            (
                Cell(words.method_label(name)),
                Cell(rounding.score(found.get("accuracy"))),
                Cell(rounding.score(found.get("macro_f1"))),
                Cell(rounding.share(found.get("invalid"))),
            )
        )
    first = next(found for name in methods if (found := lookup.mapping(result.methods, name, "labels", kind)))
    share = rounding.score(first.get("majority_share"))
    return Table(
        f"Labels: {words.join(map(str, lookup.sequence(first, 'labels')))}",
        (
            Column("method", number=False),
            Column(words.metric_label("label_accuracy")),
            Column("macro F1"),
            Column("answers that are no label"),
        ),
        tuple(rows),
        note=f"Always answering {first.get('majority')} would have an accuracy of {share}. "
        "Macro F1 is the mean over the labels, so a rare label counts as much as a frequent one. An answer that is no "
        "label is wrong.",
    )

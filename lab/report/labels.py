"""Answers that are one of a fixed set of labels: how each label fares, and what always giving one would score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lab import rounding
from lab.report import lookup, words
from lab.report.layout import Cell, Column, Section, Table
from lab.types import ExperimentResult

MATRIX_UP_TO = 12  # labels; of more, the most frequent confusions are listed
CONFUSIONS_SHOWN = 12
FIGURES = (
    ("accuracy", words.metric_label("label_accuracy")),
    ("macro_f1", "macro F1"),
    ("macro_precision", "macro precision"),
    ("macro_recall", "macro recall"),
    ("balanced_accuracy", "balanced accuracy"),
    ("mcc", "MCC"),
)
OPTION = (("accuracy", "likeliest label: accuracy"), ("macro_f1", "likeliest label: macro F1"))

Found = Mapping[str, Mapping[str, Any]]  # by method, best first


def labels_section(result: ExperimentResult) -> Section:
    """For each kind of question whose answers are labels: the figures, F1 by label, and what was taken for what."""
    methods = lookup.methods_by_quality(result)
    kinds = sorted({kind for name in methods for kind in lookup.mapping(result.methods, name, "labels")})
    warnings: list[str] = []
    tables: list[Table] = []
    for kind in kinds:
        found = {name: part for name in methods if (part := lookup.mapping(result.methods, name, "labels", kind))}
        warnings += _warnings(found)
        tables += [_figures_table(found, len(result.seeds)), *_by_label(found)]
        tables += [table for name, one in found.items() if (table := _confusion(name, one)) is not None]
    return Section("labels", "Labels", paragraphs=tuple(warnings), tables=tuple(tables))


def _warnings(found: Found) -> list[str]:
    """That no candidate is clearly better than always giving one label; nothing where one is, or nobody measured it."""
    candidates = {name: one for name, one in found.items() if name != lookup.ORACLE}
    measured = [one["above_majority"] for one in candidates.values() if lookup.mapping(one, "above_majority")]
    lows = [rounding.number(lookup.at(one, "low")) for one in measured]
    if not measured or any(low is not None and low > 0.0 for low in lows):
        return []
    always = next(iter(candidates.values())).get("majority")
    return [
        f"No method is clearly more accurate than always answering {always}: for none does the 95 % interval of the "
        "difference lie above 0. None has been shown to tell the labels apart."
    ]


def _figures_table(found: Found, runs: int) -> Table:
    shown = [(key, label) for key, label in FIGURES if any(key in one for one in found.values())]
    option = [(key, label) for key, label in OPTION if any(lookup.mapping(one, "option") for one in found.values())]
    rows = []
    for name, one in found.items():
        cells = [_figure_cell(one, key) for key, _ in shown]
        cells += [_figure_cell(lookup.mapping(one, "option"), key) for key, _ in option]
        rows.append((Cell(words.method_label(name)), *cells, Cell(rounding.share(one.get("invalid")))))
    first = next(iter(found.values()))
    always = lookup.mapping(first, "majority_baseline") or {"accuracy": first.get("majority_share")}
    baseline = [
        Cell(rounding.score(value) if (value := always.get(key)) is not None else rounding.DASH) for key, _ in shown
    ]
    nothing = [Cell(rounding.DASH)] * len(option)
    rows.append((Cell(f"always {first.get('majority')}", "no method"), *baseline, *nothing, Cell(rounding.DASH)))
    labels = ("method", *(label for _, label in (*shown, *option)), "answers that are no label")
    return Table(
        f"Labels: {words.join(map(str, lookup.sequence(first, 'labels')))}",
        tuple(Column(label, number=place > 0) for place, label in enumerate(labels)),
        tuple(rows),
        note=_note(first, runs, option=bool(option)),
    )


def _note(first: Mapping[str, Any], runs: int, *, option: bool) -> str:
    share = rounding.score(first.get("majority_share"))
    parts = [
        f"Always answering {first.get('majority')} would have an accuracy of {share}.",
        "Macro F1 is the mean over the labels, so a rare label counts as much as a frequent one. An answer that is no "
        "label is wrong.",
    ]
    if "mcc" in first:
        unsure = lookup.at(first, "intervals", "macro_f1") is None
        fewer = " Here there are too few clusters for those." if unsure else ""
        parts.append(
            "Balanced accuracy is the mean recall of the labels that occur; MCC is Matthews' correlation, 0 for always "
            "giving one label. Intervals are 95 %, clustered; all but accuracy's come from a bootstrap of clusters."
            + fewer
        )
    if option:
        parts.append("The likeliest label is the one that the generator finds likeliest, whatever it writes.")
    if runs > 1:
        parts.append("Figures are means over the training runs; what is counted by label is of the first run.")
    return " ".join(parts)


def _figure_cell(tree: Mapping[str, Any], key: str) -> Cell:
    value = rounding.number(tree.get(key))
    if value is None:
        return Cell(rounding.NOT_MEASURED)
    low, high = (lookup.at(tree, "intervals", key, side) for side in ("low", "high"))
    return Cell(rounding.score(value, low, high), rounding.interval(low, high))


def _by_label(found: Found) -> list[Table]:
    """F1 of each label by method."""
    rows_of = {name: _label_rows(one) for name, one in found.items()}
    first = next(iter(rows_of.values()))
    if not first:
        return []
    rows = tuple(
        (
            Cell(label, f"n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{rounding.count(row.get('support'))}"),
            *(_share_cell(by_label.get(label, {}), "f1") for by_label in rows_of.values()),
        )
        for label, row in first.items()
    )
    columns = (Column("label", number=False), *(Column(words.method_label(name)) for name in rows_of))
    note = (
        "n: questions that want the label. Without any, and never said, it has no F1; the macro figures count it as 0."
    )
    return [Table("F1 by label", columns, rows, note=note)]


def _share_cell(row: Mapping[str, Any], key: str) -> Cell:
    """A dash for a label that no question wants and no answer says: its 0 is a convention of the macro figures."""
    return Cell(rounding.DASH if row.get("support") == row.get("said") == 0 else rounding.score(row.get(key)))


def _label_rows(one: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {str(row.get("label")): row for row in lookup.sequence(one, "per_label") if isinstance(row, Mapping)}


def _confusion(name: str, one: Mapping[str, Any]) -> Table | None:
    """What was taken for what by one method; None where it was not counted."""
    labels = [str(label) for label in lookup.sequence(one, "labels")]
    counts = [row for row in lookup.sequence(one, "confusion") if isinstance(row, list | tuple)]
    if not labels or len(counts) != len(labels) or any(len(row) != len(labels) + 1 for row in counts):
        return None
    said = [*labels, "no label"]
    title = f"What was taken for what: {words.method_label(name)}"
    if len(labels) > MATRIX_UP_TO:
        return _frequent(title, labels, said, counts)
    by_label = _label_rows(one)
    rows = tuple(
        (
            Cell(label),
            *(Cell(rounding.count(count)) for count in row),
            *(_share_cell(by_label.get(label, {}), key) for key in ("precision", "recall", "f1")),
        )
        for label, row in zip(labels, counts, strict=True)
    )
    columns = [Column("wanted", number=False), *map(Column, said), *map(Column, ("precision", "recall", "F1"))]
    return Table(title, tuple(columns), rows, note="A row is the label wanted, a column the label said.", folded=True)


def _frequent(title: str, labels: Sequence[str], said: Sequence[str], counts: Sequence[Sequence[Any]]) -> Table | None:
    found = [
        (number, wanted, other)
        for wanted, row in zip(labels, counts, strict=True)
        for other, count in zip(said, row, strict=True)
        if other != wanted and (number := rounding.number(count))
    ]
    most = sorted(found, key=lambda item: -item[0])[:CONFUSIONS_SHOWN]
    columns = (Column("wanted", number=False), Column("said", number=False), Column("questions"))
    rows = tuple((Cell(wanted), Cell(other), Cell(rounding.count(number))) for number, wanted, other in most)
    note = f"The most frequent of {rounding.count(len(found))} confusions; the matrix is in results.json."
    return Table(title, columns, rows, note=note, folded=True) if rows else None

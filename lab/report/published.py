"""Figures that others published of the same benchmark, beside the run's own."""

from __future__ import annotations

from lab import rounding
from lab.report import lookup, words
from lab.report.cells import estimate_cell
from lab.report.layout import Cell, Column, Section, Table
from lab.types import ExperimentResult


def published_section(result: ExperimentResult) -> Section:
    """A row for each method of either; empty where the experiment file names no figures."""
    told = lookup.mapping(result.config, "published")
    values, others = lookup.mapping(told, "values"), lookup.mapping(told, "others")
    if not values and not others:
        return Section("published", "Beside published figures")
    metric, model = str(told.get("metric")), str(told.get("model"))
    names = [*values, *(name for name in lookup.methods_by_quality(result) if name not in values)]
    rows = [
        (Cell(words.method_label(name)), _theirs(values.get(name)), estimate_cell(lookup.metric(result, name, metric)))
        for name in names
    ]
    rows += [(Cell(name), _theirs(value), Cell(rounding.DASH)) for name, value in others.items()]
    ours = str(lookup.at(result.config, "generator", "model") or "this run's model")
    columns = (
        Column("method", number=False),
        Column(f"published, {model}"),
        Column(f"here, {ours}: {words.metric_label(metric)}"),
    )
    note = (
        f"Published: {told.get('source')}. They are another model's figures, printed without intervals; no difference "
        f"between the two columns was tested. {told.get('note') or ''}"
    ).strip()
    return Section(
        "published",
        "Beside published figures",
        tables=(Table("Published and measured", columns, tuple(rows), note=note),),
    )


def _theirs(value: object) -> Cell:
    found = rounding.number(value)
    return Cell(rounding.DASH if found is None else rounding.score(found))

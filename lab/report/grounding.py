"""Whether answers rest on the passages that were shown, and whether what the passages hold reaches the answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab import rounding
from lab.report import lookup, words
from lab.report.cells import effect_cell, estimate_cell, mean_cell, missing
from lab.report.layout import Cell, Column, Table
from lab.types import ExperimentResult

GROUNDEDNESS = ("support_lexical", "support_embedding", "support_nli", "quote_fidelity", "supporting_document")


def grounding_table(result: ExperimentResult) -> Table:
    """The metrics of groundedness by method; empty for results of a lab that did not compute them."""
    methods = lookup.methods_by_quality(result)
    known = {name for method in methods for name in lookup.mapping(result.methods, method, "metrics")}
    rows = tuple(
        (Cell(words.metric_label(name)), *(_cell(result, method, name) for method in methods))
        for name in GROUNDEDNESS
        if name in known
    )
    return Table(
        "Groundedness",
        (Column("measure", number=False), *(Column(words.method_label(method)) for method in methods)),
        rows,
        note="Only the passages that stood in the prompt count, and only answers that do not decline. Words: the share "
        "of the answer's content words in the one passage that holds most of them. Sentence: the cosine with the "
        "nearest sentence of a passage. These are signs of support, not of truth: a wrong answer copied from a passage "
        "is supported.",
    )


def _cell(result: ExperimentResult, method: str, name: str) -> Cell:
    found = lookup.metric(result, method, name)
    if found is not None and found.mean is not None:
        return estimate_cell(found)
    if lookup.at(result.methods, method, "context") == "none":
        return Cell(f"{rounding.NOT_APPLICABLE}:", "no passages")
    if name == "support_nli":
        return missing("no entailment model was named")
    if name == "quote_fidelity":
        return Cell(f"{rounding.NOT_APPLICABLE}:", "no quotes")
    return estimate_cell(found)


def reading_table(result: ExperimentResult) -> Table:
    """What passages did to the answers: the same weights with and without them, question by question."""
    found = lookup.mapping(result.analysis, "reading")
    methods = [
        name
        for name in lookup.methods_by_quality(result)
        if name in found and not str(lookup.at(found, name, "reason") or "").startswith(rounding.NOT_APPLICABLE)
    ]
    rows = tuple(
        (
            Cell(words.method_label(name), _held_against(lookup.mapping(found, name))),
            *(_read(lookup.mapping(found, name), key) for key in ("helped", "harmed", "net")),
        )
        for name in methods
    )
    notes = [str(note) for name in methods if (note := lookup.at(found, name, "note"))]
    return Table(
        "What passages did to the answers",
        (
            Column("method", number=False),
            Column("helped: right only with passages"),
            Column("harmed: right only without"),
            Column("helped minus harmed"),
        ),
        rows,
        note="Shares of the questions, with 95 % intervals."
        + "".join(f" Note: {words.labelled(note)}." for note in dict.fromkeys(notes)),
    )


def _held_against(found: Mapping[str, Any]) -> str:
    without = found.get("without")
    return f"against {words.method_label(str(without))}" if without else ""


def _read(found: Mapping[str, Any], key: str) -> Cell:
    if found.get(key) is None:
        return missing(found.get("reason"))
    return effect_cell(found[key]) if key == "net" else mean_cell(found[key])

"""Beside another model: what a server's model answered to the same prompts, apart from all comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab import rounding
from lab.endpoint_config import MARK
from lab.report import lookup, words
from lab.report.cells import effect_cell, estimate_cell, value_cell
from lab.report.layout import Cell, Column, Section, Table
from lab.types import ExperimentResult

_FILTERED = "content_filter"


def endpoint_section(result: ExperimentResult) -> Section:
    """The endpoint's methods beside the recommended one; nothing without an endpoint."""
    found = lookup.mapping(result.analysis, "endpoint")
    if not found or not lookup.beside(result):
        return Section("endpoint", "Beside another model")
    return Section(
        "endpoint",
        "Beside another model",
        paragraphs=(_who(result),),
        points=_filtered(result),
        tables=(_table(result, found),),
    )


def beside_sentences(result: ExperimentResult) -> tuple[str, ...]:
    """The endpoint's scores in one sentence, for the first screen."""
    names = lookup.beside(result)
    if not names:
        return ()
    metric = words.metric_label(lookup.primary(result))
    scores = (f"{words.method_label(name)} {_score(result, name)}" for name in names)
    return (f"{_model(result)} ({MARK}) reached, in {metric}: {words.join(scores)}. It is no candidate here.",)


def endpoint_limits(result: ExperimentResult) -> tuple[str, ...]:
    """What the figures of an endpoint cannot say."""
    if not lookup.beside(result):
        return ()
    return (
        f"{_model(result)} stands beside the comparison: which model answered there, and by which settings, nobody "
        "here can check, and it may answer otherwise tomorrow.",
    )


def _who(result: ExperimentResult) -> str:
    return (
        f"{_model(result)} got the prompts of the untuned methods as chat messages, at temperature 0: {MARK}. A "
        "difference holds this server's model, prompt handling and decoding, not only the method. So it has an "
        "interval, but neither a test nor a verdict, and is part of no comparison and no recommendation."
    )


def _model(result: ExperimentResult) -> str:
    engine = lookup.mapping(result.methods, lookup.beside(result)[0], "engine")
    return f"{engine.get('model') or 'A model'} on {engine.get('server') or 'a server'}"


def _score(result: ExperimentResult, name: str) -> str:
    found = estimate_cell(lookup.metric(result, name, lookup.primary(result)))
    return f"{found.text} {found.detail}".strip()


def _filtered(result: ExperimentResult) -> tuple[str, ...]:
    stopped = {name: lookup.at(result.methods, name, "engine", "finishes", _FILTERED) for name in lookup.beside(result)}
    said = [f"{words.method_label(name)} {rounding.count(n)}" for name, n in stopped.items() if rounding.number(n)]
    return (f"The server's filter ended some replies: {words.join(said)}.",) if said else ()


def _table(result: ExperimentResult, found: Mapping[str, Any]) -> Table:
    names, chosen = lookup.beside(result), lookup.at(found, "baseline")
    against = words.method_label(str(chosen)) if chosen in result.methods else None
    currency = str(found.get("currency") or "units of money")
    rows = [_chosen_row(result, str(chosen))] if against else []
    rows += [_row(result, name, lookup.mapping(found, "methods", name)) for name in names]
    columns = (
        Column("method", number=False),
        Column(words.metric_label(lookup.primary(result))),
        Column(f"minus {against}" if against else "minus the recommended one"),
        *map(Column, ("seconds a question", "p50, ms", "p95, ms", "tokens in", "tokens out")),
        Column(f"1,000 questions, {currency}"),
    )
    return Table(
        f"Beside another model, {words.metric_label(lookup.primary(result))}",
        columns,
        tuple(rows),
        note="Differences are over the same questions, with 95 % intervals clustered by document, unadjusted. Times of "
        "the server are those of its requests, with network and waiting, several under way at a time: they compare "
        "with nothing measured here. Each model counts its own tokens.",
        marked=0 if against else None,
        beside=frozenset(range(len(rows) - len(names), len(rows))),
    )


def _chosen_row(result: ExperimentResult, name: str) -> tuple[Cell, ...]:
    price = lookup.at(result.recommendation, "costs", "per_method", name, "cost_per_question")
    why = lookup.at(result.recommendation, "costs", "per_method", name, "reasons", "cost_per_question")
    return (
        Cell(words.method_label(name), "recommended"),
        estimate_cell(lookup.metric(result, name, lookup.primary(result))),
        Cell(rounding.DASH),
        *_costs(result, name),
        value_cell(price, rounding.thousand, why),
    )


def _row(result: ExperimentResult, name: str, found: Mapping[str, Any]) -> tuple[Cell, ...]:
    return (
        Cell(words.method_label(name), MARK),
        estimate_cell(lookup.metric(result, name, lookup.primary(result))),
        effect_cell(found.get("difference")),
        *_costs(result, name),
        value_cell(found.get("price_per_question"), rounding.thousand, found.get("price_reason")),
    )


def _costs(result: ExperimentResult, name: str) -> tuple[Cell, ...]:
    method = result.methods[name]
    return (
        Cell(rounding.seconds(lookup.at(method, "seconds_per_question"))),
        *(Cell(rounding.count(lookup.at(method, "latency_ms", share))) for share in ("p50", "p95")),
        *(Cell(rounding.count(lookup.at(method, "tokens", side))) for side in ("in", "out")),
    )

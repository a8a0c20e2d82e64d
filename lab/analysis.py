"""Everything that the scores say beyond means and comparisons, put together for results.json."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from lab.config import ExperimentConfig
from lab.endpoint_config import is_beside
from lab.metrics.text import normalise
from lab.outcomes.causes import Said, causes, count_causes, disagreements
from lab.outcomes.diagnosis import diagnose
from lab.outcomes.factorial import Effect, effect, factorial
from lab.outcomes.reading import reading
from lab.outcomes.router import route
from lab.outcomes.slices import slices
from lab.outcomes.table import ScoreTable

Rows = Sequence[Mapping[str, Any]]


def analyse(table: ScoreTable, config: ExperimentConfig, beside: Collection[str] = ()) -> dict[str, Any]:
    """Effects, gaps, slices, the router's bound, and what passages changed.

    Methods that stand `beside` the comparison have means by slice and what passages changed, and no part in the rest.
    """
    own = table.without(beside)
    metric, margin, k = config.metrics.primary, config.metrics.margin, config.index.k
    return {
        "factorial": factorial(own, metric),
        "diagnosis": diagnose(own, metric, margin, shown_k=k),
        "slices": slices(table, metric, config.holdout.seed, shown_k=k),
        "router": route(own, metric, shown_k=k),
        "reading": reading(table),
    }


def beside_choice(
    table: ScoreTable, methods: Mapping[str, Mapping[str, Any]], choice: str | None, config: ExperimentConfig
) -> dict[str, Any]:
    """Each of the endpoint's methods minus the recommended one, with an unadjusted interval, and its price.

    No test and no verdict: the difference holds the server's model, prompt handling and decoding, not only the method.
    """
    metric, baseline = config.metrics.primary, choice if choice in methods else None
    found = {}
    for name in (one for one, method in methods.items() if is_beside(method)):
        difference = Effect.missing("no method is recommended")
        if baseline is not None:
            difference = effect(table, [(1.0, name, metric), (-1.0, baseline, metric)])
        price, reason = _price(methods[name].get("tokens") or {}, config)
        found[name] = {"difference": asdict(difference), "price_per_question": price, "price_reason": reason}
    return {"metric": metric, "baseline": baseline, "currency": config.economics.currency, "methods": found}


def _price(tokens: Mapping[str, float | None], config: ExperimentConfig) -> tuple[float | None, str | None]:
    """What a question costs at the endpoint's own prices, else at those of economics; or why that is not known."""
    own, general = config.generator.endpoint, config.economics
    priced = own if own is not None and own.million_tokens_in is not None else general
    if priced.million_tokens_in is None or priced.million_tokens_out is None:
        return None, "not measured: no price of its tokens is declared (generator.endpoint.million_tokens_in, _out)"
    read, written = tokens.get("in"), tokens.get("out")
    if read is None or written is None:
        return None, "not measured: the server did not count its tokens"
    return (read * priced.million_tokens_in + written * priced.million_tokens_out) / 1e6, None


def find_causes(
    rows: Rows, table: ScoreTable, beside: Collection[str] = ()
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The rows of `answers.jsonl` with the cause of each wrong answer put in; and the causes counted, with examples.

    Answers of the methods `beside` the comparison have causes, and change none of the others': an endpoint is no
    witness to a wrong gold answer.
    """
    said = [Said.from_row(row) for row in rows]
    own = [one for one in said if one.method not in beside]
    evidence = {question.id for question in table.questions if question.has_gold}
    found = causes(own, evidence, normalise)
    if beside:
        found = {**causes(said, evidence, normalise), **found}
    told = [{**row, "cause": found[one.key]} for one, row in zip(said, rows, strict=True)]
    return told, {"counts": count_causes(found), "disagreements": disagreements(own, found)}

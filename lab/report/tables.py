"""What a result says about its methods, as tables of text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lab import rounding
from lab.endpoint_config import MARK
from lab.report import lookup, words
from lab.report.cells import estimate_cell
from lab.report.grounding import GROUNDEDNESS
from lab.report.layout import Cell, Column, Table
from lab.types import Estimate, ExperimentResult

NOTHING_BUILT = "none"
ORACLE_NOTE = (
    " The oracle is RAG with the gold passages put in: no candidate, and no upper bound either, since their position, "
    "evidence split over passages and questions over several documents can cost it answers."
)
BESIDE_NOTE = f" What an endpoint answered ({MARK}) is no candidate, and its seconds are those of requests to a server."
SECONDS_NOTE = (
    " Seconds are compute seconds on this run's machine; build: indexing, training, or both, before the first question."
)
STRICT_AND_LENIENT = ("token_f1", "exact_match", "contains")
TRAINING_COLUMNS = (
    "examples", "epochs", "steps", "kept step", "stopped early", "last training loss", "best dev loss", "learning rate",
    "tokens", "tokens a second", "seconds",
)  # fmt: skip


def methods_table(result: ExperimentResult) -> Table:
    """The first table: what decides, strict and lenient scores beside it, and what an answer costs."""
    primary = lookup.primary(result)
    beside = [name for name in STRICT_AND_LENIENT if name != primary]
    order = lookup.methods_by_quality(result)
    labels = [words.metric_label(name) for name in (primary, *beside)]
    columns = [
        Column("method", number=False),
        *map(Column, labels),
        *map(Column, ("seconds a question (in batches)", "tokens in", "build, s")),
    ]
    rows = []
    for name in order:
        scores = [estimate_cell(lookup.metric(result, name, metric)) for metric in (primary, *beside)]
        costs = [
            rounding.seconds(lookup.at(result.methods, name, "seconds_per_question")),
            rounding.count(lookup.at(result.methods, name, "tokens", "in")),
            _build_seconds(result, name),
        ]
        rows.append((Cell(words.method_label(name), _what_it_is(result, name)), *scores, *map(Cell, costs)))
    chosen = lookup.choice(result)
    return Table(
        title="Methods",
        columns=tuple(columns),
        rows=tuple(rows),
        note="Means over the test questions with 95 % intervals clustered by document. Exact match is strict; contains "
        "is lenient: the gold answer stands somewhere in the output."
        + (SECONDS_NOTE if lookup.ours(result) else "")
        + (ORACLE_NOTE if lookup.ORACLE in order else "")
        + (BESIDE_NOTE if lookup.beside(result) else ""),
        marked=order.index(chosen) if chosen else None,
        apart=order.index("oracle") if "oracle" in order else None,
        beside=frozenset(place for place, name in enumerate(order) if name in lookup.beside(result)),
        sortable=True,
    )


def metrics_tables(result: ExperimentResult) -> tuple[Table, ...]:
    """Every metric by method but those of groundedness; the same without near twins of training questions; counts."""
    tables = [
        _metric_by_method(
            result, "All metrics", "metrics", "Not applicable is neither 0 nor left out: it has no value."
        ),
        _metric_by_method(
            result,
            "Without test questions that have a near twin in training",
            "metrics_without_near_leaks",
            "Should agree with the table above; a fall would mean that leaks carried the score.",
        ),
        _counts_table(result),
    ]
    return tuple(table for table in tables if table.rows)


def kinds_table(result: ExperimentResult) -> Table:
    """The primary metric by kind of question."""
    methods = lookup.methods_by_quality(result)
    kinds = sorted({kind for name in methods for kind in lookup.mapping(result.methods, name, "metrics_by_kind")})
    primary = lookup.primary(result)

    def found(method: str, kind: str) -> Estimate | None:
        by_metric = lookup.mapping(result.methods, method, "metrics_by_kind", kind)
        return lookup.estimate(by_metric.get(primary, by_metric.get("primary", by_metric)))

    rows = tuple(
        (
            Cell(kind, _questions(found(method, kind) for method in methods)),
            *(estimate_cell(found(method, kind)) for method in methods),
        )
        for kind in kinds
    )
    return Table(
        title=f"{words.metric_label(primary)} by kind of question",
        columns=(Column("kind", number=False), *(Column(words.method_label(name)) for name in methods)),
        rows=rows,
        note="Small groups have wide intervals; no verdicts are drawn from them.",
    )


def retrieval_table(result: ExperimentResult) -> Table:
    """Where the gold passages were found, judged by passage and by document."""
    names = [name for name, value in result.retrieval.items() if lookup.estimate(value) is not None]
    rows = tuple(
        (
            Cell(words.retrieval_label(name)),
            estimate_cell(lookup.estimate(result.retrieval[name])),
            estimate_cell(lookup.estimate(lookup.at(result.retrieval, "by_document", name))),
        )
        for name in names
    )
    return Table(
        title="Retrieval",
        columns=(Column("measure", number=False), Column("by passage"), Column("by document")),
        rows=rows,
        note="The same retrieval serves every method that reads passages.",
    )


def training_table(result: ExperimentResult) -> Table:
    """What each adapter was trained on and for how long; a row for each seed where there are several."""
    rows, reads = [], False
    for name in lookup.adapters(result):
        runs = _training_runs(result, name)
        for seed, record in runs:
            label = f"Adapter {name}" + (f", seed {seed}" if len(runs) > 1 else "")
            rows.append((Cell(label, _users(result, name)), *_training_cells(record)))
            reads |= record.get("early_stopping_reads") == "dev_loss"
    return Table(
        title="Training",
        columns=(Column("adapter", number=False), *map(Column, TRAINING_COLUMNS)),
        rows=tuple(rows),
        note="Kept step: its weights answered the test questions. "
        + ("Early stopping read the dev loss, no score. " if reads else "")
        + "Losses are in nats per answer token. The learning rate is the peak. Tokens are those of all steps taken; "
        "seconds count dev loss, loading and saving too. Methods with one adapter share its training.",
        sortable=True,
    )


def _training_runs(result: ExperimentResult, adapter: str) -> list[tuple[Any, Mapping[str, Any]]]:
    """Seed and record of each training of an adapter; the first one alone in results that do not tell the others."""
    first = lookup.adapters(result)[adapter]
    for method in result.methods:
        if lookup.at(result.methods, method, "training") is first:
            runs = [run for run in lookup.sequence(result.methods, method, "training_by_seed") if lookup.mapping(run)]
            return [(run.get("seed"), run) for run in runs] or [(None, first)]
    return []


def _training_cells(record: Mapping[str, Any]) -> tuple[Cell, ...]:
    taken, planned, tokens, seconds, dropped = (
        rounding.number(record.get(key))
        for key in ("stopped_at_step", "steps", "tokens", "seconds", "dropped_too_long")
    )
    early = None if taken is None or planned is None else taken < planned
    curve = lookup.sequence(record, "curve")
    train, dev = (
        [value for point in curve if (value := rounding.number(lookup.at(point, key))) is not None]
        for key in ("train_loss", "dev_loss")
    )
    return (
        Cell(rounding.count(record.get("examples")), f"{rounding.count(dropped)} dropped, too long" if dropped else ""),
        Cell(rounding.rate(record.get("epochs"))),
        Cell(rounding.count(planned if taken is None else taken), f"of {rounding.count(planned)}" if early else ""),
        Cell(rounding.count(record.get("best_step"))),
        Cell(rounding.NOT_MEASURED if early is None else "yes" if early else "no"),
        Cell(rounding.loss(train[-1] if train else None)),
        Cell(rounding.loss(min(dev, default=None))),
        Cell(rounding.rate(record.get("learning_rate"))),
        Cell(rounding.count(tokens)),
        Cell(rounding.count(tokens / seconds if tokens is not None and seconds else None)),
        Cell(rounding.seconds(seconds)),
    )


def _metric_by_method(result: ExperimentResult, title: str, key: str, note: str) -> Table:
    methods = lookup.methods_by_quality(result)
    # dict.fromkeys keeps the order in which the run wrote the metrics.
    found_names = (name for method in methods for name in lookup.mapping(result.methods, method, key))
    names = dict.fromkeys(name for name in found_names if name not in GROUNDEDNESS)  # they have a section of their own
    rows: list[tuple[Cell, ...]] = []
    valueless = []
    for name in names:
        found = [lookup.estimate(lookup.at(result.methods, method, key, name)) for method in methods]
        if all(one is not None and one.mean is None for one in found):
            valueless.append(words.metric_label(name))
            continue
        rows.append((Cell(words.metric_label(name)), *map(estimate_cell, found)))
        if name == "contains" and key == "metrics":
            rows.append((Cell("cut off at the token limit"), *(_truncated(result, method) for method in methods)))
    columns = (Column("metric", number=False), *(Column(words.method_label(method)) for method in methods))
    if valueless:
        note += f" Not applicable to any of these questions: {', '.join(valueless)}."
    return Table(title, columns, tuple(rows), note=note)


def _truncated(result: ExperimentResult, method: str) -> Cell:
    """Share of answers cut off: it stands beside contains, which reads all that was written."""
    amount = rounding.number(lookup.at(result.methods, method, "truncated"))
    scored = lookup.metric(result, method, "contains")
    answers = 0 if scored is None else scored.n + scored.undefined
    return Cell(rounding.NOT_MEASURED if amount is None or not answers else rounding.share(amount / answers))


def _counts_table(result: ExperimentResult) -> Table:
    fields: tuple[tuple[str, tuple[str, ...], Callable[[Any], str]], ...] = (
        ("tokens in, mean", ("tokens", "in"), rounding.count),
        ("tokens out, mean", ("tokens", "out"), rounding.seconds),
        ("passages dropped to fit", ("passages_dropped",), rounding.count),
        ("answers not parsed", ("parse_failures",), rounding.count),
    )
    lengths = (
        ("words in an answer, mean", ("lengths", "answer_words"), rounding.seconds),
        ("words in a gold answer, mean", ("lengths", "gold_words"), rounding.seconds),
    )
    methods = lookup.methods_by_quality(result)
    told = any(lookup.mapping(result.methods, method, "lengths") for method in methods)  # results of before tell none
    rows = tuple(
        (Cell(label), *(Cell(write(lookup.at(result.methods, method, *keys))) for method in methods))
        for label, keys, write in (*fields, *(lengths if told else ()))
    )
    columns = (Column("count", number=False), *(Column(words.method_label(method)) for method in methods))
    return Table("Tokens and mishaps", columns, rows)


def _questions(found: Any) -> str:
    sizes = sorted({estimate.n for estimate in found if estimate is not None})
    return f"n = {rounding.count(sizes[-1])}" if sizes else ""


def _build_seconds(result: ExperimentResult, name: str) -> str:
    method = result.methods[name]
    if "build_seconds" not in method:
        return rounding.NOT_MEASURED
    return NOTHING_BUILT if method["build_seconds"] is None else rounding.seconds(method["build_seconds"])


def _what_it_is(result: ExperimentResult, name: str) -> str:
    method = result.methods[name]
    weights = method.get("weights")
    context = method.get("context")
    shots = rounding.number(method.get("few_shot"))
    parts: Sequence[str | None] = (
        MARK if name in lookup.beside(result) else None,
        None if weights is None else words.weights_label(str(weights)),
        None if context is None else "no passages" if context == "none" else f"{context} passages",
        words.plural(rounding.count(shots), "example") if shots else None,
    )
    return ", ".join(part for part in parts if part)


def _users(result: ExperimentResult, adapter: str) -> str:
    names = [
        name for name in lookup.methods_by_quality(result) if lookup.at(result.methods, name, "weights") == adapter
    ]
    return words.join(words.method_label(name) for name in names) if names else ""

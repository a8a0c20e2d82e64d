"""The tables of a run as rows: which columns each has, of what kind, and how a cell is read.

    methods       one row for each method: its metrics with intervals, seconds, tokens, cost
    scores        one row for each question, method, training run and metric: the long form of all numbers
    answers       one row for each question, method and training run: texts, passages, cause, a column for each metric
    comparisons   one row for each pair of methods and metric

What was not measured is an empty cell, in Parquet a null; in `scores` the column `reason` says why.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

from lab.errors import ConfigError, DataError
from lab.report.read import read_result
from lab.types import ExperimentResult

Kind = Literal["text", "number", "count", "flag", "texts"]
TableName = Literal["methods", "scores", "answers", "comparisons"]
TABLES: tuple[TableName, ...] = get_args(TableName)
Row = Mapping[str, Any]
_ESTIMATE: tuple[tuple[str, Kind], ...] = (
    ("low", "number"),
    ("high", "number"),
    ("n", "count"),
    ("undefined", "count"),
)


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `read` takes its cell from a row of the run's file. A cell of another kind is read as missing."""

    name: str
    kind: Kind
    read: Callable[[Row], Any]

    def cell(self, row: Row) -> Any:
        """A str, float, int, bool, list of str, or None."""
        value = self.read(row)
        if self.kind == "texts":
            return [_text(one) for one in value] if isinstance(value, list) else None
        if self.kind == "flag":
            return value if isinstance(value, bool) else None
        if self.kind == "text":
            return _text(value) if isinstance(value, str) else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if self.kind == "number" else int(value)


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, and rows that are read as they are asked for, each time anew."""

    name: TableName
    columns: tuple[Column, ...]
    rows: Callable[[], Iterable[Row]]

    def cells(self) -> Iterator[list[Any]]:
        """The cells row by row, in the order of the columns."""
        for row in self.rows():
            yield [column.cell(row) for column in self.columns]

    def only(self, names: Sequence[str]) -> Table:
        """The columns of these names, in this order.

        Raises:
            ConfigError: there is no such column, or one is named twice.
        """
        known = {column.name: column for column in self.columns}
        faults = [_unknown(name, self.name, list(known)) for name in names if name not in known]
        faults += [f"{name} is named twice" for name in dict.fromkeys(names) if list(names).count(name) > 1]
        if faults:
            raise ConfigError(f"--columns: {'; '.join(faults)}")
        return Table(self.name, tuple(known[name] for name in names), self.rows)


def read_run_table(run: Path, name: TableName) -> Table:
    """A table of a finished run.

    Raises:
        DataError: a file of the run is missing or damaged.
    """
    result = read_result(run / "results.json")
    if name == "methods":
        return Table(name, _method_columns(result), lambda: _method_rows(result))
    if name == "comparisons":
        return Table(name, _COMPARISON_COLUMNS, lambda: [asdict(one) for one in result.comparisons])
    answers = partial(_lines, run / "answers.jsonl", ("question_id", "method"))
    if name == "answers":
        metrics = dict.fromkeys(metric for row in answers() for metric in _mapping(row.get("scores")))
        return Table(name, _answer_columns(list(metrics)), answers)
    facts = {row["question_id"]: (row.get("cluster"), row.get("kind")) for row in answers()}
    scores = partial(_lines, run / "scores.jsonl", ("question_id", "method", "metric", "value"))
    return Table(name, _score_columns(facts), scores)


def _key(kind: Kind, *names: str) -> tuple[Column, ...]:
    return tuple(Column(name, kind, lambda row, name=name: row.get(name)) for name in names)  # type: ignore[misc]


def _inside(name: str, kind: Kind, *path: str) -> Column:
    def read(row: Row) -> Any:
        value: Any = row
        for key in path:
            value = _mapping(value).get(key)
        return value

    return Column(name, kind, read)


_COMPARISON_COLUMNS = (
    *_key("text", "metric", "method", "baseline"),
    *_key("number", "difference", "low", "high", "p", "p_holm"),
    *_key("text", "verdict"),
    *_key("count", "n", "clusters"),
    *_key("number", "mde", "low_bca", "high_bca", "p_mcnemar", "p_retrained"),
    *(_inside(name, "number", "effects", name) for name in ("relative_error_reduction", "odds_ratio", "d_z")),
)


def _score_columns(facts: Mapping[str, tuple[Any, Any]]) -> tuple[Column, ...]:
    return (
        *_key("text", "question_id"),
        Column("cluster", "text", lambda row: facts.get(row["question_id"], (None, None))[0]),
        Column("kind", "text", lambda row: facts.get(row["question_id"], (None, None))[1]),
        *_key("text", "method"),
        *_key("count", "seed"),
        *_key("text", "metric"),
        *_key("number", "value"),
        *_key("text", "reason"),
    )


def _answer_columns(metrics: Sequence[str]) -> tuple[Column, ...]:
    base = (
        *_key("text", "question_id", "cluster", "kind", "method"),
        *_key("count", "seed"),
        *_key("text", "question"),
        *_key("texts", "gold"),
        *_key("text", "answer", "raw", "cause"),
        Column("passages", "texts", lambda row: _of_hits(row, lambda hit: True)),
        Column("gold_passages", "texts", lambda row: _of_hits(row, lambda hit: hit.get("gold") is True)),
        _inside("tokens_in", "count", "tokens", "in"),
        _inside("tokens_out", "count", "tokens", "out"),
        *_key("number", "seconds", "logprob"),
        *_key("flag", "parse_ok", "truncated"),
        *_key("count", "passages_dropped"),
    )
    taken = {column.name for column in base}
    return (*base, *(_inside(name, "number", "scores", name) for name in metrics if name not in taken))


def _of_hits(row: Row, wanted: Callable[[Row], bool]) -> list[str]:
    hits = row.get("hits")
    return [str(hit.get("passage")) for hit in hits if wanted(hit)] if isinstance(hits, list) else []


def _method_columns(result: ExperimentResult) -> tuple[Column, ...]:
    metrics = dict.fromkeys(name for method in result.methods.values() for name in _mapping(method.get("metrics")))
    return (
        *_key("text", "method", "weights", "context"),
        *_key("count", "few_shot"),
        *(column for name in metrics for column in _estimate_columns(name)),
        *_key("number", "seconds_per_question"),
        *(_inside(f"latency_ms_{name}", "number", "latency_ms", name) for name in ("p50", "p95", "p99")),
        *_key("number", "cost_per_question"),
        _inside("tokens_in", "number", "tokens", "in"),
        _inside("tokens_out", "number", "tokens", "out"),
        *_key("number", "build_seconds", "throughput_per_s", "memory_bytes", "energy_j_per_question"),
        *_key("count", "truncated", "passages_dropped", "parse_failures"),
    )


def _estimate_columns(metric: str) -> Iterator[Column]:
    yield _inside(metric, "number", "metrics", metric, "mean")
    for field, kind in _ESTIMATE:
        yield _inside(f"{metric}_{field}", kind, "metrics", metric, field)


def _method_rows(result: ExperimentResult) -> list[Row]:
    costs = _mapping(_mapping(result.recommendation.get("costs")).get("per_method"))
    return [
        {**method, "method": name, "cost_per_question": _mapping(costs.get(name)).get("cost_per_question")}
        for name, method in result.methods.items()
    ]


def _lines(path: Path, needed: Sequence[str]) -> Iterator[Row]:
    if not path.is_file():
        raise DataError(f"{path}: expected a file of a finished run, found none; run the experiment again")
    with path.open("rb") as file:
        for place, line in enumerate(file, start=1):
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if not isinstance(row, dict) or any(key not in row for key in needed):
                raise DataError(f"{path.name}:{place}: expected an object with {', '.join(needed)}")
            yield row


def _unknown(name: str, table: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(known)}"
    return f"the table {table} has no column {name!r}; {hint}"


def _text(value: Any) -> str:
    """Text that UTF-8 can hold: half a surrogate pair, which JSON may carry, becomes U+FFFD."""
    return str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

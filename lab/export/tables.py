"""The tables of a run as rows: which columns each has, of what kind, and how a cell is read.

    methods       one row for each method: its metrics with intervals, seconds, tokens, cost
    scores        one row for each question, method, training run and metric: the long form of all numbers
    answers       one row for each question, method and training run: texts, passages, cause, a column for each metric
    comparisons   one row for each pair of methods and metric

What was not measured is an empty cell, in Parquet a null; in `scores` the column `reason` says why. Of `methods`, means
are over all training runs, but columns that end in `_first_run` count the answers of the first one alone.
`cost_per_question` is in `currency` and for answering alone: building, updates and hosting are not in it.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args

from lab.errors import ConfigError, DataError
from lab.files import ANSWERS_FILE, RESULTS_FILE, SCORES_FILE
from lab.report.lookup import at, mapping
from lab.report.read import parse_json, read_result
from lab.types import ExperimentResult

Kind = Literal["text", "number", "count", "flag", "texts"]
TableName = Literal["methods", "scores", "answers", "comparisons"]
TABLES: tuple[TableName, ...] = get_args(TableName)
Row = Mapping[str, Any]
LARGEST = 2**63  # the first number that a column of counts cannot hold: they are int64, in Parquet and elsewhere
_PLACES: Mapping[TableName, str] = {
    "methods": f"{RESULTS_FILE}: method {{}}",
    "scores": f"{SCORES_FILE}:{{}}",
    "answers": f"{ANSWERS_FILE}:{{}}",
    "comparisons": f"{RESULTS_FILE}: comparison {{}}",
}
_OF_FIRST_RUN = ("truncated", "passages_dropped", "parse_failures")
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
        """A str, float, int, bool, list of str, or None.

        Raises:
            DataError: a number that no column can hold: infinite, or a count beyond 64 bits.
        """
        value = self.read(row)
        if self.kind == "texts":
            return [_text(one) for one in value] if isinstance(value, list) else None
        if self.kind == "flag":
            return value if isinstance(value, bool) else None
        if self.kind == "text":
            return _text(value) if isinstance(value, str) else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        if self.kind == "count" and -LARGEST <= value < LARGEST:
            return int(value)
        if self.kind == "number" and math.isfinite(found := _float(value)):
            return found
        raise DataError(f"{self.name}: expected a number of 64 bits, got one that is larger")


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, and rows that are read as they are asked for, each time anew."""

    name: TableName
    columns: tuple[Column, ...]
    rows: Callable[[], Iterable[Row]]

    def cells(self) -> Iterator[list[Any]]:
        """The cells row by row, in the order of the columns.

        Raises:
            DataError: a cell or a row is damaged; the message says which row.
        """
        for place, row in enumerate(self.rows(), start=1):
            try:
                cells = [column.cell(row) for column in self.columns]
            except DataError as error:
                raise DataError(f"{_PLACES[self.name].format(place)}: {error}") from None
            yield cells

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
    result = read_result(run / RESULTS_FILE)
    if name == "methods":
        return Table(name, _method_columns(result), lambda: _method_rows(result))
    if name == "comparisons":
        return Table(name, _COMPARISON_COLUMNS, lambda: [asdict(one) for one in result.comparisons])
    answers = partial(_lines, run / ANSWERS_FILE, ("question_id", "method"))
    if name == "answers":
        metrics = dict.fromkeys(metric for row in answers() for metric in mapping(row, "scores"))
        return Table(name, _answer_columns(list(metrics)), answers)
    facts = {row["question_id"]: (row.get("cluster"), row.get("kind")) for row in answers()}
    scores = partial(_lines, run / SCORES_FILE, ("question_id", "method", "metric", "value"))
    return Table(name, _score_columns(facts), scores)


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # JSON's whole numbers know no end
        return math.inf


def _text(value: Any) -> str:
    """Text that UTF-8 can hold: half a surrogate pair, which JSON may carry, becomes U+FFFD."""
    return str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _key(kind: Kind, *names: str) -> tuple[Column, ...]:
    return tuple(Column(name, kind, lambda row, name=name: row.get(name)) for name in names)  # type: ignore[misc]


def _inside(name: str, kind: Kind, *path: str) -> Column:
    return Column(_text(name), kind, lambda row: at(row, *path))


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
        *_key("text", "option"),
        *_key("flag", "parse_ok", "truncated"),
        *_key("count", "passages_dropped"),
    )
    taken = {column.name for column in base}
    return (*base, *(_inside(name, "number", "scores", name) for name in metrics if name not in taken))


def _of_hits(row: Row, wanted: Callable[[Row], bool]) -> list[str]:
    hits = row.get("hits")
    return [str(at(hit, "passage")) for hit in hits if wanted(mapping(hit))] if isinstance(hits, list) else []


def _method_columns(result: ExperimentResult) -> tuple[Column, ...]:
    metrics = dict.fromkeys(name for method in result.methods.values() for name in mapping(method, "metrics"))
    return (
        *_key("text", "method", "weights", "context"),
        *_key("count", "few_shot"),
        *(column for name in metrics for column in _estimate_columns(name)),
        *_key("number", "seconds_per_question"),
        *(_inside(f"latency_ms_{name}", "number", "latency_ms", name) for name in ("p50", "p95", "p99")),
        *_key("number", "cost_per_question"),
        *_key("text", "currency"),
        _inside("tokens_in", "number", "tokens", "in"),
        _inside("tokens_out", "number", "tokens", "out"),
        *_key("number", "build_seconds", "throughput_per_s", "memory_bytes", "energy_j_per_question"),
        *(_inside(f"{name}_first_run", "count", name) for name in _OF_FIRST_RUN),
    )


def _estimate_columns(metric: str) -> Iterator[Column]:
    yield _inside(metric, "number", "metrics", metric, "mean")
    for field, kind in _ESTIMATE:
        yield _inside(f"{metric}_{field}", kind, "metrics", metric, field)


def _method_rows(result: ExperimentResult) -> list[Row]:
    costs, currency = (
        mapping(result.recommendation, "costs", "per_method"),
        at(result.recommendation, "costs", "currency"),
    )
    return [
        {**method, "method": name, "cost_per_question": at(costs, name, "cost_per_question"), "currency": currency}
        for name, method in result.methods.items()
    ]


def _lines(path: Path, needed: Sequence[str]) -> Iterator[Row]:
    if not path.is_file():
        raise DataError(f"{path}: expected a file of a finished run, found none; run the experiment again")
    with path.open("rb") as file:
        for place, line in enumerate(file, start=1):
            where = f"{path.name}:{place}"
            row = parse_json(line, where)
            if not isinstance(row, dict) or any(key not in row for key in needed):
                raise DataError(f"{where}: expected an object with {', '.join(needed)}")
            if not isinstance(row["question_id"], str):
                raise DataError(f"{where}: question_id: expected a string, got {type(row['question_id']).__name__}")
            yield row


def _unknown(name: str, table: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(known)}"
    return f"the table {table} has no column {name!r}; {hint}"

"""The small language of requirements. Nothing in it is evaluated: words are looked up among the names of one run.

    requirement = quantity  operator  bound
    operator    = >=  >  <=  <  ==  !=
    bound       = a number; true or false; a method or none; a verdict

    quantity    = method.metric                    the mean over the test questions
                | method.metric.FIELD              FIELD: mean, low, high, n, undefined
                | method.MEASURE                   seconds_per_question, cost_per_question, latency_ms.p95, ...
                | method - baseline                on the primary metric, question by question: see below
                | method - baseline.metric
                | method - baseline.FIELD          FIELD: difference, low, high, p, p_holm, mde, n, clusters, verdict
                | method - baseline.metric.FIELD
                | retrieval.measure                recall@5, mrr, ...; with FIELD as for a metric
                | retrieval.by_document.measure
                | recommendation.NAME              choice, clear, proven, p_best
                | n_test | n_clusters

`raft - rag > 0` is a statement about more questions than those asked, so a comparison without a field means an end of
its 95 % interval: the lower one must pass > and >=, the upper one < and <=. Where the requirement says which of the two
is better (> or >= a bound from 0 up, < or <= one from 0 down) and the pair is a registered contrast by this metric, p
after Holm's adjustment must be below 0.05 too: the interval is of one pair alone, and of many pairs some lie beside 0
by chance. Such a requirement holds where the run's own verdict could say so. By the interval alone, with a note that no
adjustment was made, go pairs that are not registered and bounds that allow for a loss, as in `raft - rag > -0.03`.

A field is taken literally: the point difference is `.difference`, and `.low > 0` reads the interval and nothing else.
`raft - rag.verdict == better` asks for the run's own verdict; one of two words stands in quotes: "slightly better".
`low` and `high` of a metric are the ends of its 95 % interval.

`cost_per_question` is of answering alone: building, updates and hosting are not in it. `truncated`, `passages_dropped`
and `parse_failures` count the answers of the first training run.

A name stands as it is where it consists of letters, digits, _, @, + and - (the longest that fits is taken, so
`fine-tuned+rag - rag` has one minus); any other, or one that is a word of this language, stands in double quotes, as
JSON writes it: "my system 2.0".token_f1.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lab.report.lookup import mapping
from lab.types import ExperimentResult

Operator = Literal[">=", ">", "<=", "<", "==", "!="]
Bound = float | bool | str
OPERATORS: tuple[Operator, ...] = (">=", ">", "<=", "<", "==", "!=")  # the longer first: > begins >=
SCORE_FIELDS = ("mean", "low", "high", "n", "undefined")
PAIR_FIELDS = ("difference", "low", "high", "p", "p_holm", "mde", "n", "clusters", "verdict")
MEASURES = (
    "seconds_per_question", "cost_per_question", "throughput_per_s", "build_seconds", "memory_bytes",
    "energy_j_per_question", "truncated", "passages_dropped", "parse_failures", "latency_ms.p50", "latency_ms.p95",
    "latency_ms.p99", "tokens.in", "tokens.out",
)  # fmt: skip
ADVICE = ("choice", "clear", "proven", "p_best")
FLAGS = ("clear", "proven")
COUNTS = ("n_test", "n_clusters")
RETRIEVAL, RECOMMENDATION, BY_DOCUMENT = "retrieval", "recommendation", "by_document"
VERDICTS = ("better", "slightly better", "equivalent", "inconclusive", "slightly worse", "worse")
NO_METHOD = "none"
ALPHA = 0.05  # of the verdicts
_BARE = re.compile(r"[\w+@]([\w+@-]*[\w+@])?")
_RESERVED = frozenset({*COUNTS, RETRIEVAL, RECOMMENDATION, BY_DOCUMENT, *MEASURES, *PAIR_FIELDS})


@dataclass(frozen=True, slots=True)
class Names:
    """The words that a run knows: its methods, metrics, measures of retrieval. Any text may be a method's name."""

    methods: tuple[str, ...]
    metrics: tuple[str, ...]
    retrieval: tuple[str, ...]
    by_document: tuple[str, ...]

    @classmethod
    def of(cls, result: ExperimentResult) -> Names:
        """The words of one result."""
        scored = [mapping(method.get("metrics")) for method in result.methods.values()]
        metrics = (*(one.metric for one in result.comparisons), *(name for found in scored for name in found))
        return cls(
            methods=tuple(result.methods),
            metrics=tuple(dict.fromkeys(metrics)),
            retrieval=tuple(name for name, found in result.retrieval.items() if _is_measure(name, found)),
            by_document=tuple(mapping(result.retrieval.get(BY_DOCUMENT))),
        )


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is measured. Which parts are set depends on `about`.

    about           method  baseline  name                               field
    score           set               the metric                         one of SCORE_FIELDS
    measure         set               one of MEASURES
    pair            set     set       a metric; "" is the primary one    one of PAIR_FIELDS; "": an end of the interval
    retrieval                         the measure                        one of SCORE_FIELDS
    by_document                       the measure                        one of SCORE_FIELDS
    recommendation                    one of ADVICE
    count                             one of COUNTS
    """

    about: Literal["score", "measure", "pair", "retrieval", "by_document", "recommendation", "count"]
    name: str = ""
    method: str = ""
    baseline: str = ""
    field: str = ""

    @property
    def kind(self) -> Literal["number", "flag", "method", "verdict"]:
        """What it can be compared with."""
        if self.about == "pair" and self.field == "verdict":
            return "verdict"
        if self.about == "recommendation" and self.name in FLAGS:
            return "flag"
        return "method" if self.about == "recommendation" and self.name == "choice" else "number"

    def __str__(self) -> str:
        field = f".{self.field}" if self.field and self.field != "mean" else ""
        if self.about == "score":
            return f"{written(self.method)}.{written(self.name)}{field}"
        if self.about == "measure":
            return f"{written(self.method)}.{self.name}"
        if self.about == "pair":
            metric = f".{written(self.name)}" if self.name else ""
            return f"{written(self.method)} - {written(self.baseline)}{metric}{field}"
        if self.about == "by_document":
            return f"{RETRIEVAL}.{BY_DOCUMENT}.{written(self.name)}{field}"
        if self.about == "retrieval":
            return f"{RETRIEVAL}.{written(self.name)}{field}"
        return self.name if self.about == "count" else f"{RECOMMENDATION}.{self.name}"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement. `text` is how it was written; `str()` writes it in the one standard way."""

    quantity: Quantity
    operator: Operator
    bound: Bound
    text: str = field(default="", compare=False)

    @property
    def claims_a_side(self) -> bool:
        """Whether it is a comparison without a field that holds only where one of the two methods is better."""
        if self.quantity.about != "pair" or self.quantity.field or not isinstance(self.bound, int | float):
            return False
        return self.bound >= 0 if self.operator in (">", ">=") else self.bound <= 0

    @property
    def shown_bound(self) -> str:
        """The bound as the language writes it."""
        if isinstance(self.bound, bool):
            return "true" if self.bound else "false"
        return written(self.bound) if isinstance(self.bound, str) else repr(self.bound).removesuffix(".0")

    def __str__(self) -> str:
        return f"{self.quantity} {self.operator} {self.shown_bound}"


class RequirementError(Exception):
    """A text that is no requirement: what was expected, at which character (from 0), and which names are near."""

    def __init__(self, message: str, position: int, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.hint = hint


def is_bare(name: str) -> bool:
    """Whether a name can stand without quotes."""
    return _BARE.fullmatch(name) is not None


def written(name: str) -> str:
    """A name as the language reads it back."""
    return name if is_bare(name) and name not in _RESERVED else json.dumps(name, ensure_ascii=False)


def _is_measure(name: str, value: Any) -> bool:
    if name == BY_DOCUMENT:
        return False
    return isinstance(value, Mapping) or (isinstance(value, int | float) and not isinstance(value, bool))

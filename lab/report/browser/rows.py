"""From rows of answers.jsonl, in any order, to questions: each row is cut down as it passes, so a stream will do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from lab import rounding
from lab.report import lookup, words

Row = Mapping[str, Any]
Run = tuple[str, int | None]  # method, training seed

EQUAL, RIGHT, WRONG = 2, 1, 0
_RIGHT_BY = (
    ("contains", "because it contains a gold answer"),
    ("label_accuracy", "by its label"),
    ("call_match", "by its call"),
    ("list_match", "by its items"),
    ("numeric_match", "by its number"),
)


@dataclass(frozen=True, slots=True)
class Said:
    """One answer. `verdict`: EQUAL to a gold answer, otherwise RIGHT, or WRONG; `detail` is JSON, see `_detail`."""

    answer: str
    verdict: int
    cause: str | None
    score: float | None
    detail: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with its answers by run. `synthetic` is what wrote it if no person did.

    `readings`: JSON of each distinct list of hits, by its place.
    """

    id: str
    text: str
    kind: str
    cluster: str
    gold: tuple[str, ...]
    synthetic: str | None = None
    said: dict[Run, Said] = field(default_factory=dict)
    readings: dict[str, int] = field(default_factory=dict)


class Collector:
    """Takes rows one by one; afterwards `questions` in order of first appearance, `metrics` and `passages` (JSON)."""

    def __init__(self, primary: str) -> None:
        self.questions: dict[str, Asked] = {}
        self.metrics: dict[str, int] = {}
        self.passages: list[str] = []
        self._places: dict[tuple[str, str, str], int] = {}
        self._primary = primary

    def take_all(self, rows: Iterable[Row]) -> None:
        """All rows of a run; a later row of the same question, method and seed replaces the earlier."""
        for row in rows:
            question = self._question(row)
            reading = self._reading(row, question)
            question.said[str(row["method"]), row.get("seed")] = Said(
                answer=str(row["answer"]),
                verdict=verdict(row),
                cause=str(row["cause"]) if row.get("cause") else None,
                score=rounding.number(row["scores"].get(self._primary)),
                detail=self._detail(row, reading),
            )

    def _question(self, row: Row) -> Asked:
        key = str(row["question_id"])
        if key not in self.questions:
            gold = tuple(str(answer) for answer in row["gold"])
            kind, cluster = str(row.get("kind") or "other"), str(row.get("cluster") or "")
            maker = str(row["synthetic"]) if row.get("synthetic") else None
            self.questions[key] = Asked(key, str(row["question"]), kind, cluster, gold, maker)
        return self.questions[key]

    def _reading(self, row: Row, question: Asked) -> int | None:
        hits = [self._hit(hit) for hit in row["hits"] if isinstance(hit, Mapping)]
        return question.readings.setdefault(to_json(hits), len(question.readings)) if hits else None

    def _hit(self, hit: Row) -> list[Any]:
        """[passage, rank, score, is gold, gold spans]."""
        text = str(hit.get("text") or "")
        key = str(hit.get("document") or ""), str(hit.get("title") or ""), text
        place = self._places.setdefault(key, len(self.passages))
        if place == len(self.passages):
            self.passages.append(to_json(key))
        score = _score(hit.get("score"))
        return [place, rounding.count(hit.get("rank")), score, int(hit.get("gold") is True), _spans(hit, text)]

    def _detail(self, row: Row, reading: int | None) -> str:
        """JSON: v scores by metric, h reading, i and o tokens, s seconds, n notes, r raw output, y why it is right.

        Each may be missing; y stands where the answer is right and equals no gold answer. Numbers are text already, so
        that the page rounds nothing. The raw output is missing where it is the answer.
        """
        scores, tokens = row["scores"], lookup.mapping(row, "tokens")
        for name in scores:
            self.metrics.setdefault(name, len(self.metrics))
        found: dict[str, Any] = {
            "v": [_score(scores.get(name)) for name in self.metrics],
            "i": _known(rounding.count(tokens.get("in"))),
            "o": _known(rounding.count(tokens.get("out"))),
            "s": _known(rounding.seconds(row.get("seconds"))),
            "n": _notes(row),
            "y": right_by(row),
        }
        if reading is not None:
            found["h"] = reading
        if str(row.get("raw") or "").strip() not in ("", row["answer"].strip()):
            found["r"] = str(row["raw"])
        return to_json({key: value for key, value in found.items() if value not in (None, [])})


def verdict(row: Row) -> int:
    """Right as `outcomes.abstaining.right` counts: neither wrong nor declined; without a gold answer, declined.

    Rows without `wrong` and `abstained`, as of other programs, are right where exact match or `contains` is 1.
    """
    scores = row["scores"]
    wrong, declined = rounding.number(scores.get("wrong")), rounding.number(scores.get("abstained"))
    equal = scores.get("exact_match") == 1
    if declined is None or wrong is None:
        right = equal or scores.get("contains") == 1
    else:
        right = wrong == 0 and declined == 0 if row["gold"] else declined == 1
    return (EQUAL if equal else RIGHT) if right else WRONG


def right_by(row: Row) -> str | None:
    """What makes a right answer right that equals no gold answer; None for other answers, and where no score tells."""
    if verdict(row) != RIGHT:
        return None
    if not row["gold"]:
        return "because it declines"
    return next((said for name, said in _RIGHT_BY if row["scores"].get(name) == 1), None)


def to_json(value: Any) -> str:
    """The shortest JSON. NaN is refused."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _notes(row: Row) -> list[str]:
    notes = []
    if row.get("parse_ok") is False:
        notes.append("could not be parsed")
    if row.get("truncated") is True:
        notes.append("cut off at the token limit")
    dropped = rounding.number(row.get("passages_dropped"))
    if dropped:
        notes.append(f"{words.plural(rounding.count(dropped), 'passage')} dropped to fit the prompt")
    if row.get("error"):
        notes.append(f"error: {row['error']}")
    return notes


@lru_cache(maxsize=100_000, typed=True)  # typed: true is no score, though it equals 1.0
def _score(value: Any) -> str | None:
    return _known(rounding.score(value))


def _known(said: str) -> str | None:
    return None if said == rounding.NOT_MEASURED else said


def _spans(hit: Row, text: str) -> list[list[int]]:
    """Gold spans in UTF-16 units, as JavaScript counts; those that do not lie inside the text are left out."""
    spans = [span for span in lookup.sequence(hit, "spans") if _is_span(span, len(text))]
    return [[_units(text, start), _units(text, end)] for start, end in spans]


def _is_span(span: Any, length: int) -> bool:
    if not isinstance(span, list | tuple) or len(span) != 2 or not all(type(end) is int for end in span):
        return False
    return bool(0 <= span[0] < span[1] <= length)


def _units(text: str, position: int) -> int:
    return position if text.isascii() else position + sum(character > "\uffff" for character in text[:position])

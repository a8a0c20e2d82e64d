"""The answers as one compact JSON value for the page's answer browser.

Passages are many methods' common reading, so each is stored once and named by its position; so is each list of hits
within a question. Key names are short since every answer repeats them:

    {"methods": [[name, label]], "metrics": {name: label}, "primary": name, "seeds": 1,
     "passages": [{"d": document, "t": title, "x": text}],
     "questions": [{"id", "q": question, "k": kind, "g": [gold], "h": [[[passage, rank, score, is gold]]],
                    "a": [{"m": method, "s": seed, "t": answer, "r": raw, "h": hits, "v": scores, "c": cause, ...}]}]}
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from lab.report import lookup, rounding, words
from lab.types import ExperimentResult

Row = Mapping[str, Any]


def browser_data(result: ExperimentResult, answers: Sequence[Row]) -> dict[str, Any]:
    """All that the answer browser shows. Questions keep the order of `answers`, methods that of the tables."""
    order = {name: place for place, name in enumerate(lookup.methods_by_quality(result))}
    passages = _Passages()
    questions: dict[str, list[Row]] = {}
    for row in answers:
        questions.setdefault(str(row["question_id"]), []).append(row)
    return {
        "methods": [[name, words.method_label(name)] for name in order],
        "metrics": {name: words.metric_label(name) for row in answers for name in row["scores"]},
        "primary": lookup.primary(result),
        "seeds": len(result.seeds),
        "questions": [
            _question(key, sorted(rows, key=lambda row: order.get(row["method"], len(order))), passages)
            for key, rows in questions.items()
        ],
        "passages": passages.stored,
    }


def script_json(value: Any) -> str:
    """JSON that no HTML parser can read as the end of its script element, or as the start of a comment.

    U+2028 and U+2029 end lines in old JavaScript; < also covers <!-- and <script.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


class _Passages:
    """Each distinct passage once."""

    def __init__(self) -> None:
        self.stored: list[dict[str, str]] = []
        self._places: dict[tuple[str, str, str], int] = {}

    def place(self, hit: Row) -> int:
        key = (str(hit.get("document") or ""), str(hit.get("title") or ""), str(hit.get("text") or ""))
        if key not in self._places:
            self._places[key] = len(self.stored)
            self.stored.append(dict(zip("dtx", key, strict=True)))
        return self._places[key]


def _question(key: str, rows: Sequence[Row], passages: _Passages) -> dict[str, Any]:
    first = rows[0]
    readings: list[list[list[Any]]] = []
    answers = []
    for row in rows:
        reading = [_hit(hit, passages) for hit in row["hits"] if isinstance(hit, Mapping)]
        if reading and reading not in readings:
            readings.append(reading)
        answers.append(_answer(row, readings.index(reading) if reading else None))
    gold = [str(answer) for answer in first["gold"]]
    return {
        "id": key,
        "q": first["question"],
        "k": str(first.get("kind") or "other"),
        "g": gold,
        "h": readings,
        "a": answers,
    }


def _hit(hit: Row, passages: _Passages) -> list[Any]:
    score = rounding.number(hit.get("score"))
    return [
        passages.place(hit),
        hit.get("rank"),
        None if score is None else round(score, 4),
        int(hit.get("gold") is True),
    ]


def _answer(row: Row, reading: int | None) -> dict[str, Any]:
    scores = {
        name: None if (value := rounding.number(score)) is None else round(value, 4)
        for name, score in row["scores"].items()
    }
    found: dict[str, Any] = {"m": row["method"], "s": row.get("seed"), "t": row["answer"], "h": reading, "v": scores}
    if str(row.get("raw") or "").strip() != row["answer"].strip():
        found["r"] = row.get("raw")
    tokens = lookup.mapping(row, "tokens")
    extras = {
        "c": row.get("cause"),
        "i": tokens.get("in"),
        "o": tokens.get("out"),
        "sec": rounding.number(row.get("seconds")),
        "bad": row.get("parse_ok") is False,
        "cut": row.get("truncated") is True,
        "e": row.get("error"),
    }
    return found | {key: value for key, value in extras.items() if value not in (None, False)}

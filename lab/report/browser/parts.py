"""What the page takes in: islands of data, one script, one style sheet, and what the template fills its form with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from lab import rounding
from lab.report import lookup, words
from lab.report.browser.packing import (
    Island,
    Names,
    Sizes,
    detail_islands,
    head_island,
    index_islands,
    passage_islands,
)
from lab.report.browser.rows import Asked, Collector, Row, Run
from lab.types import ExperimentResult

# One script of several files: each is a chapter, all share the names of one function.
_SCRIPTS = ("store", "words", "filter", "list", "question", "keys", "start")
SIZES = Sizes()


@dataclass(frozen=True, slots=True)
class BrowserParts:
    """`islands` go into script elements of type application/octet-stream; `script` and `style` are our own files.

    `context` is what browser.html.j2 fills its form from, under the one name `context`.
    """

    islands: tuple[Island, ...]
    script: str
    style: str
    context: dict[str, Any]


def browser_parts(result: ExperimentResult, rows: Iterable[Row], *, sizes: Sizes = SIZES) -> BrowserParts:
    """The answer browser of a run. Questions keep the order of `rows`, methods that of the tables.

    Rows are read once and cut down as they pass, so `rows` may be a stream of any length.
    """
    primary = lookup.primary(result)
    found = Collector(primary)
    found.take_all(rows)
    questions = list(found.questions.values())
    names = _names(result, questions)
    methods = [(name, words.method_label(name)) for name in dict.fromkeys(method for method, _ in names.runs)]
    head = head_island(
        names,
        methods,
        questions=len(questions),
        metrics=[words.metric_label(name) for name in found.metrics],
        primary=words.metric_label(primary),
        sizes=sizes,
    )
    islands = (
        head,
        *index_islands(questions, names, sizes.index),
        *detail_islands(questions, names, sizes.detail),
        *passage_islands(found.passages, sizes.passages),
    )
    return BrowserParts(islands, script(), _template("browser.css"), _context(questions, names, methods))


def script() -> str:
    """The browser's one script."""
    chapters = "".join(_template(f"browser_{name}.js") for name in _SCRIPTS)
    return f'"use strict";\n(() => {{\n{chapters}}})();\n'


def _names(result: ExperimentResult, questions: Sequence[Asked]) -> Names:
    order = {name: place for place, name in enumerate(lookup.methods_by_quality(result))}

    def place(run: Run) -> tuple[int, str, bool, int]:
        method, seed = run
        return order.get(method, len(order)), method, seed is None, seed or 0

    return Names(
        runs=tuple(sorted({run for one in questions for run in one.said}, key=place)),
        kinds=tuple(sorted({one.kind for one in questions})),
        causes=tuple(sorted({said.cause for one in questions for said in one.said.values() if said.cause})),
        clusters=tuple(sorted({one.cluster for one in questions})),
    )


def _context(questions: Sequence[Asked], names: Names, methods: Sequence[tuple[str, str]]) -> dict[str, Any]:
    runs = [method for method, _ in names.runs]
    return {
        "questions": rounding.count(len(questions)),
        "methods": [{"name": name, "label": label, "runs": runs.count(name)} for name, label in methods],
        "kinds": names.kinds,
        "causes": names.causes,
        "documents": any(names.clusters),
    }


def _template(name: str) -> str:
    return files("lab.report").joinpath("templates", name).read_text(encoding="utf-8")

"""Questions and passages as pages that are packed: JSON, gzip, base64. Equal rows give equal bytes."""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any, TypeVar

from lab import rounding
from lab.report.browser.rows import Asked, Run, to_json

Item = TypeVar("Item")
ABSENT = "-"
_DIGITS = re.compile("([0-9]+)")
_LEVEL = 6  # 9 takes three times as long and saves 1 %


@dataclass(frozen=True, slots=True)
class Island:
    """One script element of data: `text` is base64 and so can end no element and start no comment."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Sizes:
    """Questions on a page of the index and of details, and passages on a page.

    A page is unpacked whole: small pages open fast, large ones pack well. Measured on 20,000 questions of 8 methods and
    one slow core: 26, 4 and 2 ms a page; pages four times as large save 2 % of the bytes and take five times as long.
    """

    index: int = 2000
    detail: int = 100
    passages: int = 100


@dataclass(frozen=True, slots=True)
class Names:
    """What columns name by number: the runs of all methods in order, then kinds, causes and documents by name."""

    runs: tuple[Run, ...]
    kinds: tuple[str, ...]
    causes: tuple[str, ...]
    clusters: tuple[str, ...]


def index_islands(questions: Sequence[Asked], names: Names, size: int) -> Iterator[Island]:
    """Columns: id, q, g (gold), k, c (kind and document), o (place in order of id), by run r, w, t, by method s.

    r is a text of one character a question: 2, 1 or 0 as in rows.verdict, - where nothing was answered. w is the cause,
    counted from 1, t the answer, s the primary score (mean over the method's runs). m, what wrote a question that no
    person wrote, is there where a page has such a question.
    """
    kinds = {name: place for place, name in enumerate(names.kinds)}
    causes = {name: place for place, name in enumerate(names.causes, start=1)}
    clusters = {name: place for place, name in enumerate(names.clusters)}
    by_id = sorted(range(len(questions)), key=lambda place: _natural(questions[place].id))
    order = {questions[place].id: rank for rank, place in enumerate(by_id)}
    for number, page in enumerate(_pages(questions, size)):
        columns: dict[str, Any] = {
            "id": [one.id for one in page],
            "q": [one.text for one in page],
            "g": [one.gold for one in page],
            "k": [kinds[one.kind] for one in page],
            "c": [clusters[one.cluster] for one in page],
            "o": [order[one.id] for one in page],
            "r": [],
            "w": [],
            "s": [],
            "t": [],
        }
        if any(one.synthetic for one in page):
            columns["m"] = [one.synthetic for one in page]
        for run in names.runs:
            said = [one.said.get(run) for one in page]
            columns["r"].append("".join(ABSENT if one is None else str(one.verdict) for one in said))
            columns["w"].append([causes[one.cause] if one and one.cause else 0 for one in said])
            columns["t"].append([one.answer if one else None for one in said])
        for method in dict.fromkeys(method for method, _ in names.runs):
            runs = [run for run in names.runs if run[0] == method]
            columns["s"].append([_mean([one.said[run].score for run in runs if run in one.said]) for one in page])
        yield pack(f"index-{number}", to_json(columns))


def detail_islands(questions: Sequence[Asked], names: Names, size: int) -> Iterator[Island]:
    """By question: h, its distinct lists of hits, and a, the details by run (null where nothing was answered)."""
    for number, page in enumerate(_pages(questions, size)):
        items = (
            f'{{"h":[{",".join(one.readings)}],'
            f'"a":[{",".join(one.said[run].detail if run in one.said else "null" for run in names.runs)}]}}'
            for one in page
        )
        yield pack(f"detail-{number}", f"[{','.join(items)}]")


def passage_islands(passages: Sequence[str], size: int) -> Iterator[Island]:
    """By passage: document, title, text."""
    for number, page in enumerate(_pages(passages, size)):
        yield pack(f"passages-{number}", f"[{','.join(page)}]")


def head_island(names: Names, methods: Sequence[tuple[str, str]], **more: Any) -> Island:
    """What the page needs first. `methods`: name and label; runs name their method by number."""
    place = {name: number for number, (name, _) in enumerate(methods)}
    head = {
        "methods": methods,
        "runs": [[place[method], seed] for method, seed in names.runs],
        "kinds": names.kinds,
        "causes": names.causes,
        "clusters": names.clusters,
        **{key: asdict(value) if isinstance(value, Sizes) else value for key, value in more.items()},
    }
    return pack("head", to_json(head))


def pack(name: str, text: str) -> Island:
    """An island of this text. Lone surrogates, which UTF-8 cannot hold, become question marks."""
    packed = gzip.compress(text.encode("utf-8", "replace"), _LEVEL, mtime=0)
    return Island(f"browser-{name}", base64.b64encode(packed).decode("ascii"))


def _mean(scores: Sequence[float | None]) -> float | None:
    """As the tables would write it, so that the page can show it as it is."""
    known = [score for score in scores if score is not None]
    if not known:
        return None
    return float(rounding.score(fmean(known)).replace(rounding.MINUS, "-"))


def _pages(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _natural(name: str) -> list[tuple[int, str]]:
    """q-9 before q-10: digits count by their value, however many there are."""
    parts = _DIGITS.split(name)
    return [(len(part.lstrip("0")), part.lstrip("0")) if place % 2 else (0, part) for place, part in enumerate(parts)]

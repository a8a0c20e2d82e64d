"""Make documents.jsonl and questions.jsonl from `source.yaml`.

    python corpora/velloway-summaries/build.py            write both files
    python corpora/velloway-summaries/build.py --check    write nothing; exit 1 when a file is stale

A report is pieced together from one variant of each part of its kind, with sentences that are beside the point; its
summary rests on the runs that are marked `[[...]]`, and their places become the evidence offsets. Each draw hashes the
report's name and what is drawn, so it depends on no other draw and on no version of Python.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml

HERE = Path(__file__).resolve().parent
SLOT = re.compile(r"\{(\w+)\}")
WEEKS = 51  # of a year; no two reports of a kind share one, so every title is another
BESIDE = 3  # sentences of a report that are beside the point
MARK = re.compile(r"\[\[(.+?)\]\]")

Record = dict[str, Any]
Item = TypeVar("Item")


def draw(below: int, *name: object) -> int:
    """A whole number in [0, below) that depends on `name` alone."""
    digest = hashlib.sha256("/".join(map(str, name)).encode()).digest()
    return int.from_bytes(digest[:8], "big") % below


def pick(items: Sequence[Item], *name: object) -> Item:
    """An item that depends on `name` alone."""
    return items[draw(len(items), *name)]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its slots filled, and a capital where a sentence begins."""
    filled = SLOT.sub(lambda found: values[found[1]], text)
    return re.sub(r"(^(?:\[\[)?|[.!?] (?:\[\[)?)([a-z])", lambda found: found[1] + found[2].upper(), filled)


def values_of(source: Record, kind: Record, number: int) -> dict[str, str]:
    """What fills the slots of one report; lines and details go round, so that reports differ."""
    name = (source["seed"], kind["id"], number)
    lines, details = list(source["places"]), kind["details"]
    line = lines[number % len(lines)]
    found: dict[str, str] = {slot: pick(items, *name, slot) for slot, items in source["slots"].items()}
    for slot, (low, high) in source["ranges"].items():
        found[slot] = str(low + draw(high - low + 1, *name, slot))
    weeks = sorted(range(1, WEEKS + 1), key=lambda week: draw(2**60, source["seed"], kind["id"], "week", week))
    lower, upper = source["places"][line]
    places = {"line": line, "lower": lower, "upper": upper, "week": str(weeks[number])}
    found.update(details[number % len(details)])
    return found | places


def paragraphs(source: Record, kind: Record, number: int) -> Iterator[str]:
    """The parts of a report in order, with a sentence that is beside the point behind each of the first three."""
    name = (source["seed"], kind["id"], number)
    beside = sorted(source["background"], key=lambda sentence: draw(2**60, *name, "beside", sentence))
    for place, variants in enumerate(kind["report"]):
        said = pick(variants, *name, "part", place)
        yield f"{said} {beside[place]}" if place < BESIDE else said


def strip_marks(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Text without marks, and where each marked run stands in it."""
    pieces: list[str] = []
    spans: list[tuple[int, int]] = []
    length = done = 0
    for found in MARK.finditer(text):
        pieces += [text[done : found.start()], found[1]]
        start = length + len(pieces[-2])
        length = start + len(found[1])
        spans.append((start, length))
        done = found.end()
    return "".join([*pieces, text[done:]]), spans


def records(source: Record) -> Iterator[tuple[Record, Record]]:
    """Each report with its question."""
    for number in range(source["per_kind"]):
        for kind in source["kinds"]:
            values = values_of(source, kind, number)
            id = f"{kind['id']}-{number + 1:02}"
            title = fill(kind["title"], values)
            title = f"{title[0].upper()}{title[1:]}, week {values['week']} of {values['year']}"
            text, spans = strip_marks("\n\n".join(fill(part, values) for part in paragraphs(source, kind, number)))
            summary = fill(pick(kind["summary"], source["seed"], id, "summary"), values)
            yield (
                {"id": id, "title": title, "text": text, "metadata": {"kind": kind["id"]}},
                {
                    "id": f"{id}/summary",
                    "question": f"Summarise the report on the {title[0].lower()}{title[1:]}.",
                    "answers": [summary],
                    "kind": "free",
                    "evidence": [{"document": id, "start": start, "end": end} for start, end in spans],
                },
            )


def files() -> dict[str, bytes]:
    """What the source gives, by file name."""
    made = list(records(yaml.safe_load((HERE / "source.yaml").read_text(encoding="utf-8"))))
    columns = dict(zip(("documents.jsonl", "questions.jsonl"), zip(*made, strict=True), strict=True))
    return {
        name: "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
        for name, rows in columns.items()
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files, or say which are stale."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 when a file is stale")
    check = parser.parse_args(arguments).check
    stale = [
        name for name, made in files().items() if not (HERE / name).is_file() or (HERE / name).read_bytes() != made
    ]
    if check:
        for name in stale:
            print(f"{name} is not what the source gives; run build.py", file=sys.stderr)
        return 1 if stale else 0
    for name, made in files().items():
        (HERE / name).write_bytes(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Compile `source/*.yaml` into documents.jsonl and questions.jsonl.

    python corpora/velloway-messages/build.py            write both files
    python corpora/velloway-messages/build.py --check    write nothing; exit 1 when a file is stale

A source file holds one label: entries of the guide, each with families of messages. The messages of a family say the
same thing in other words, so they share a `group` and always stand on one side of the split. Places, days and times are
drawn by hash of the message's id, so they depend on no other draw and on no version of Python.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
LABELS = (
    "fares",
    "running",
    "refunds",
    "lost-property",
    "staff",
    "access",
    "groups",
    "hazards",
)  # the sources, by name
SLOTS = {
    "line": ("Ossel Line", "Quarnbeck Line", "Lowhallow Line", "Skerra Line"),
    "lower": ("Marrowfoot", "Pellhaven", "Dunmarrow"),
    "upper": ("Lowhallow", "Skerrafell", "Hobb Ridge"),
    "day": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "time": ("half past eight", "ten", "noon", "two", "a quarter past four", "half past five"),
}
SLOT = re.compile(r"\{(\w+)\}")

Record = dict[str, Any]


def pick(items: Sequence[str], *name: object) -> str:
    """An item that depends on `name` alone."""
    digest = hashlib.sha256("/".join(map(str, name)).encode()).digest()
    return items[int.from_bytes(digest[:8], "big") % len(items)]


def fill(text: str, question: str) -> str:
    """The message with its places, days and times."""
    return SLOT.sub(lambda found: pick(SLOTS[found[1]], "velloway-messages", question, found[1]), text)


def entries() -> Iterator[tuple[str, Record]]:
    """Label and entry, in the order of the sources."""
    for name in LABELS:
        source = yaml.safe_load((HERE / "source" / f"{name}.yaml").read_text(encoding="utf-8"))
        for entry in source["entries"]:
            yield source["label"], entry


def document_rows() -> list[Record]:
    """One row for each entry of the guide."""
    return [
        {"id": entry["id"], "title": entry["title"], "text": entry["text"].strip(), "metadata": {"label": label}}
        for label, entry in entries()
    ]


def question_rows() -> list[Record]:
    """One row for each message: its label is the answer, the entry that describes the label is the evidence."""
    rows = []
    for label, entry in entries():
        for number, family in enumerate(entry["messages"], start=1):
            group = f"{entry['id']}/{number}"
            for place, message in enumerate(family, start=1):
                name = f"{group}/{place}"
                rows.append(
                    {
                        "id": name,
                        "question": fill(message, name),
                        "answers": [label],
                        "kind": "label",
                        "evidence": [{"document": entry["id"]}],
                        "group": group,
                    }
                )
    return rows


def files() -> dict[str, bytes]:
    """What the sources give, by file name."""
    made = {"documents.jsonl": document_rows(), "questions.jsonl": question_rows()}
    return {
        name: "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
        for name, rows in made.items()
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
            print(f"{name} is not what the sources give; run build.py", file=sys.stderr)
        return 1 if stale else 0
    for name, made in files().items():
        (HERE / name).write_bytes(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())

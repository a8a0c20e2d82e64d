"""Which column of a file of questions holds what: the names that people give their columns, and what is found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

# By role, the names that stand for it, the likeliest first; written as `canonical` writes them.
NAMES: Mapping[str, tuple[str, ...]] = {
    "question": (
        "question", "questions", "q", "query", "question text", "prompt", "user input", "input", "instruction",
    ),
    "answers": (
        "answers", "answer", "a", "gold answers", "gold answer", "gold", "ground truth", "reference answer",
        "reference", "expected answer", "expected output", "expected", "correct answer", "best answer", "response",
        "target", "output", "label", "labels", "class", "category",
    ),
    "document": (
        "document", "document id", "doc", "doc id", "source file", "source document", "source", "file name",
        "filename", "file", "path", "title", "document title",
    ),
    "evidence": (
        "evidence", "quote", "supporting text", "excerpt", "context", "contexts", "passage", "passages",
        "reference contexts", "retrieved contexts",
    ),
    "kind": ("kind", "answer type", "question type", "type"),
    "group": ("group", "group id", "fact", "fact id", "paraphrase of"),
    "id": ("id", "question id", "qid", "uid"),
    "split": ("split", "fold", "set"),
    "synthetic": ("synthetic",),
}  # fmt: skip
LABEL_NAMES = frozenset(("label", "labels", "class", "category"))
NEEDED = ("question", "answers")


def roles_of(columns: Iterable[str]) -> dict[str, str]:
    """The column that plays each role: of several that could, the one whose name comes first in `NAMES`."""
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(canonical(column), column)
    found: dict[str, str] = {}
    for role, names in NAMES.items():
        named = [by_name[name] for name in names if name in by_name]
        if named:
            found[role] = named[0]
    return found


def canonical(column: str) -> str:
    """`Ground_Truth`, `groundTruth` and `ground-truth` are one name: `ground truth`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", column)
    return " ".join(re.split(r"[\W_]+", parted)).strip().casefold()

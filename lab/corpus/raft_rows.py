"""Rows as the RAFT script writes them (Zhang et al. 2024, arXiv 2403.10131; raft/raft.py in ShishirPatil/gorilla).

    {"id": "seed_task_0", "type": "general", "question": "...", "oracle_context": "the golden passage",
     "context": {"title": [["placeholder_title", ...]], "sentences": [["passage", ...]]},
     "cot_answer": "... ##begin_quote## ... ##end_quote## ... <ANSWER>: $answer", "instruction": "<DOCUMENT>..."}

Only the passages, the question and the answer are read. The lab draws its own distractors and writes its own prompts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from lab.corpus.documents import DocumentSet
from lab.corpus.fields import Fields, show
from lab.corpus.locate import AUTO, Locator, plain
from lab.corpus.row_files import JSON_SUFFIXES, PARQUET_SUFFIXES, find_row_file, open_rows
from lab.corpus.source import Source
from lab.errors import DataError, list_faults
from lab.types import Corpus, Question

NO_TITLE = "placeholder_title"
_ANSWER_TAG = re.compile(r"(?:<\s*answer\s*>|##\s*answer\b)\s*:?", re.IGNORECASE)
_REASON_TAG = re.compile(r"\A\s*##\s*reason\b\s*:?", re.IGNORECASE)
_END_TAG = re.compile(r"<\s*(?:stop|/\s*answer)\s*>", re.IGNORECASE)


def read_raft(source: Source) -> Corpus:
    """Read one file of rows, or the only such file of a folder; of a large one, the first `corpus.limit` rows.

    The documents are the distinct passages of all rows, golden ones and distractors.

    Raises:
        DataError: no such file, or faults; every fault is listed as `file:line`, or `file: [row]`.
    """
    path = find_row_file(source, (*JSON_SUFFIXES, *PARQUET_SUFFIXES))
    faults: list[str] = []
    rows, notes = open_rows(path, faults)
    reader = _Reader(str(source.options.kind))
    limit = source.options.limit
    for row in islice(rows, limit):
        reader.read(row)
    if faults:
        raise DataError(list_faults(f"{path}: faults in the data: {len(faults)}", faults))
    # Only now: what stands behind the limit may be broken.
    stopped = limit is not None and next(rows, None) is not None
    documents = tuple(reader.documents.by_id.values())
    return Corpus(source.name, documents, reader.named_questions(), (*notes, *reader.notes(stopped)))


@dataclass
class _Reader:
    """Walks the rows in order and gathers questions, passages and counts."""

    kind: str
    documents: DocumentSet = field(default_factory=DocumentSet)
    questions: list[Question] = field(default_factory=list)
    locator: Locator = field(default_factory=Locator)
    counts: Counter[str] = field(default_factory=Counter)

    def read(self, row: Fields) -> None:
        id = row.identity("id") if row.has("id") else ""
        text = row.text("question").strip()
        answer, tagged = final_answer(row.text("cot_answer"))
        if tagged and not answer:
            row.fault(f"expected an answer behind the last tag, got {show(row.values['cot_answer'])}", "cot_answer")
        titles = dict(_passages(row))
        for passage, title in titles.items():
            self.documents.add(title, passage)
        golden = [self.documents.add(titles.get(passage, ""), passage) for passage in _golden(row)]
        kind = self.kind if tagged or self.kind != AUTO else "free"
        kind, evidence = self.locator.place((answer,), golden, kind)
        reason = reasoning(row.text("cot_answer")) if tagged else None
        self.questions.append(Question(id, text, plain((answer,), kind), kind, evidence, reason=reason))
        self.counts["untagged"] += not tagged
        self.counts["without golden"] += not golden
        self.counts["several golden"] += len(golden) > 1
        self.counts["golden left out"] += any(document.text not in titles for document in golden)

    def named_questions(self) -> tuple[Question, ...]:
        """The questions with the ids of their rows, or numbered where an id is missing or used twice."""
        if self._has_ids():
            return tuple(self.questions)
        return tuple(replace(question, id=f"row-{n}") for n, question in enumerate(self.questions, start=1))

    def notes(self, stopped: bool) -> list[str]:
        """What the rows lack and what was done about it, as sentences."""
        counts, total = self.counts, len(self.questions)
        notes = []
        if stopped:
            notes.append(
                f"Only {total} rows were read (corpus.limit), and the index holds only the passages that they bring, "
                "which makes retrieval easier than with all."
            )
        notes += [
            f"The documents are the {len(self.documents.by_id)} distinct passages of {total} rows. The distractors of "
            "the rows were drawn without a seed; the lab draws its own from all passages.",
            "The data name no splits; the lab divides the questions.",
        ]
        if not self._has_ids():
            notes.append("Ids are missing or used twice; the questions are called row-<n>, n from 1.")
        notes += self.locator.notes("their golden passages")
        sentences = {
            "golden left out": "have a golden passage that stands in oracle_context alone; it is a document too",
            "without golden": "have no oracle_context, and so no evidence; retrieval is not scored on them",
            "several golden": "have several golden passages; each is a document",
            "untagged": "have no tag such as <ANSWER>: before the answer; the whole of cot_answer is the answer",
        }
        return notes + [f"{counts[key]} of {total} rows {words}." for key, words in sentences.items() if counts[key]]

    def _has_ids(self) -> bool:
        ids = {question.id for question in self.questions}
        return "" not in ids and len(ids) == len(self.questions)


def final_answer(reasoning: str) -> tuple[str, bool]:
    """The text behind the last `<ANSWER>:` or `##Answer:`, and whether there is such a tag; else the whole text."""
    parts = _ANSWER_TAG.split(reasoning)
    return _END_TAG.sub("", parts[-1]).strip(), len(parts) > 1


def reasoning(written: str) -> str | None:
    """The text before the first answer tag, without a tag of its own."""
    return _REASON_TAG.sub("", _ANSWER_TAG.split(written)[0]).strip() or None


def _passages(row: Fields) -> Iterator[tuple[str, str]]:
    """Passages of the row's context and their titles, empty for the script's placeholder."""
    context = row.values.get("context")
    if context is None:
        return
    if not isinstance(context, dict):
        row.fault(f"expected an object with title and sentences, got {show(context)}", "context")
        return
    inner = Fields(context, row.place, row.faults, ".".join(part for part in (row.path, "context") if part))
    passages, titles = (_flat(inner, key) for key in ("sentences", "title"))
    if len(titles) != len(passages):
        titles = [""] * len(passages)
    for passage, title in zip(passages, titles, strict=True):
        if passage.strip():
            yield passage, "" if title == NO_TITLE else " ".join(title.split())


def _golden(row: Fields) -> list[str]:
    return [passage for passage in dict.fromkeys(_flat(row, "oracle_context")) if passage.strip()]


def _flat(fields: Fields, key: str) -> list[str]:
    """A text, a list of texts or the script's list of lists as one list of texts."""
    value = fields.values.get(key)
    level = value if isinstance(value, list) else [value]
    items = [inner for item in level for inner in (item if isinstance(item, list) else [item]) if inner is not None]
    if not all(isinstance(item, str) for item in items):
        fields.fault(f"expected texts, got {show(value)}", key)
        return []
    return [
        Fields({key: item}, fields.place, fields.faults, fields.path).text(key) if item.strip() else ""
        for item in items
    ]

"""Compile `source/*.yaml` into documents.jsonl, questions.jsonl and changes.jsonl.

    python corpora/velloway/build.py            write the three files
    python corpora/velloway/build.py --check    write nothing; exit 1 when a file differs from what the sources give

In the sources a fact is marked where it stands: `weighs [[tare|436 kilograms]]`. The places of the marks become the
evidence offsets. `NAME.yaml` holds documents with their questions, `NAME-pairs.yaml` questions about two marked facts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
SOURCES = ("equipment", "procedures", "incidents", "policies")
SEED = "velloway"
DELETION_SHARE = 0.15  # of the rows of changes.jsonl

Record = dict[str, Any]
Span = tuple[int, int]

MARK = re.compile(r"\[\[([a-z0-9-]+)\|([^\[\]]+)\]\]")
LIST_ITEM = re.compile(r"- |\d+\. |[A-Z]\. |\d\d:\d\d ")
SENTENCE_GAP = re.compile(r"""(?:(?<=[.!?])|(?<=[.!?]["')*]))\s+(?=["'(*A-Z0-9])""")
SENTENCE_FINAL = re.compile(r"""[.!?]["')*]*$""")
# A sentence that starts like this leans on the one before it, which can then not be taken out.
LEANS_BACK = re.compile(
    r"(And|Both|But|Each|He|Her|His|It|Its|Neither|Nor|One|Or|She|So|That|Their|Then|These|They|This)\b"
)


class SourceError(ValueError):
    """The sources contradict themselves; every fault is listed."""


@dataclass(frozen=True, slots=True)
class Page:
    """A source document without its marks. `marks` gives each fact's characters [start, end) of `text`."""

    id: str
    title: str
    genre: str
    source: str
    text: str
    marks: Mapping[str, Span]
    facts: Mapping[str, Mapping[str, Any]]
    unanswerable: Sequence[Mapping[str, Any]]


def strip_marks(text: str) -> tuple[str, dict[str, Span]]:
    """Text without marks, and where each marked run stands in it."""
    pieces: list[str] = []
    marks: dict[str, Span] = {}
    length = done = 0
    for match in MARK.finditer(text):
        before, marked = text[done : match.start()], match[2]
        start = length + len(before)
        marks[match[1]] = (start, start + len(marked))
        pieces += [before, marked]
        length, done = start + len(marked), match.end()
    return "".join([*pieces, text[done:]]), marks


def join_lines(text: str) -> str:
    """Undo the wrapping of the YAML: line breaks become spaces, except at blank lines and before list items."""
    return "\n\n".join(_join_paragraph(paragraph) for paragraph in re.split(r"\n\s*\n", text.strip()))


def _join_paragraph(paragraph: str) -> str:
    lines = [" ".join(line.split()) for line in paragraph.splitlines()]
    return "".join(("\n" if LIST_ITEM.match(line) else " ") + line for line in lines).strip()


def read_pages() -> list[Page]:
    """All documents in the order of the sources.

    Raises:
        SourceError: ids repeat, marks and facts differ, or a first answer is not the marked text.
    """
    pages = [_read_page(entry, source) for source in SOURCES for entry in _load(f"{source}.yaml")]
    faults = [fault for page in pages for fault in _page_faults(page)]
    ids = [page.id for page in pages]
    faults += [f"{id}: used by more than one document" for id in sorted({id for id in ids if ids.count(id) > 1})]
    if faults:
        raise SourceError("\n".join(["the sources have faults", *faults]))
    return pages


def _load(name: str) -> list[Record]:
    entries: list[Record] = yaml.safe_load((HERE / "source" / name).read_text(encoding="utf-8"))
    return entries


def _read_page(entry: Record, source: str) -> Page:
    text, marks = strip_marks(join_lines(entry["text"]))
    facts, unanswerable = entry.get("facts") or {}, entry.get("unanswerable") or []
    return Page(entry["id"], entry["title"], entry["genre"], source, text, marks, facts, unanswerable)


def _page_faults(page: Page) -> Iterator[str]:
    if set(page.marks) != set(page.facts):
        yield f"{page.id}: marks {sorted(page.marks)}, facts {sorted(page.facts)}"
    for key, fact in page.facts.items():
        start, end = page.marks.get(key, (0, 0))
        if fact["kind"] != "yes-no" and page.text[start:end] != fact["answers"][0]:
            yield f"{page.id}/{key}: marked {page.text[start:end]!r}, first answer {fact['answers'][0]!r}"


def document_rows(pages: Sequence[Page]) -> list[Record]:
    """One row per document."""
    return [
        {
            "id": page.id,
            "title": page.title,
            "text": page.text,
            "metadata": {"genre": page.genre, "source": page.source},
        }
        for page in pages
    ]


def question_rows(pages: Sequence[Page]) -> list[Record]:
    """One row per wording: facts and unanswerables in document order, then the two-document questions."""
    rows: list[Record] = []
    for page in pages:
        for key, fact in page.facts.items():
            answer = {"answers": fact["answers"], "kind": fact["kind"], "evidence": [_evidence(page, key)]}
            rows += _wordings(f"{page.id}/{key}", fact["ask"], answer)
        for entry in page.unanswerable:
            answer = {"answers": [], "kind": "unanswerable", "evidence": [], "document": page.id}
            rows += _wordings(f"{page.id}/{entry['id']}", entry["ask"], answer)
    by_id = {page.id: page for page in pages}
    for pair in (pair for source in SOURCES for pair in _load(f"{source}-pairs.yaml")):
        places = [place.split("/") for place in pair["evidence"]]
        evidence = [_evidence(by_id[document], key) for document, key in places]
        answer = {"answers": pair["answers"], "kind": "multi-document", "evidence": evidence}
        rows += _wordings(f"pairs/{pair['id']}", pair["ask"], answer)
    return rows


def _wordings(group: str, ask: Sequence[str], answer: Record) -> Iterator[Record]:
    for number, wording in enumerate(ask, start=1):
        yield {"id": f"{group}/{number}", "question": wording} | answer | {"group": group}


def _evidence(page: Page, key: str) -> Record:
    start, end = page.marks[key]
    return {"document": page.id, "start": start, "end": end}


def change_rows(pages: Sequence[Page]) -> list[Record]:
    """Edits, each to be applied alone to the text as built: text[:start] + new + text[end:]."""
    facts = [(page, key, fact["change"]) for page in pages for key, fact in page.facts.items() if "change" in fact]
    values = [_change(page, key, "value", page.marks[key], new, [new]) for page, key, new in facts]
    additions = [_addition(page, entry) for page in pages for entry in page.unanswerable]
    wanted = round((len(values) + len(additions)) * DELETION_SHARE / (1 - DELETION_SHARE))
    return [*values, *additions, *_deletions(pages, wanted)]


def _change(page: Page, key: str, operation: str, span: Span, new: str, answers: Sequence[str]) -> Record:
    group, (start, end) = f"{page.id}/{key}", span
    row = {"id": f"{group}/{operation}", "document": page.id, "operation": operation, "group": group}
    return row | {"start": start, "end": end, "old": page.text[start:end], "new": new, "answers": list(answers)}


def _addition(page: Page, entry: Mapping[str, Any]) -> Record:
    """The sentence goes to the end of the paragraph that shares the most words with it, the last of equals."""
    sentence, marks = strip_marks(entry["addition"])
    [(start, end)] = marks.values()
    words = _long_words(sentence)
    paragraphs = [match for match in re.finditer(r"[^\n]+", page.text) if SENTENCE_FINAL.search(match[0])]
    place = max(paragraphs, key=lambda match: (len(words & _long_words(match[0])), match.end())).end()
    return _change(page, entry["id"], "addition", (place, place), f" {sentence}", [sentence[start:end]])


def _long_words(text: str) -> set[str]:
    return set(re.findall(r"\w{4,}", text.lower()))


def _deletions(pages: Sequence[Page], wanted: int) -> Iterator[Record]:
    """At most one sentence of a document, taken in the order of a seeded hash."""
    chosen: dict[str, Record] = {}
    facts = {f"{SEED}/deletion/{page.id}/{key}": (page, key) for page in pages for key in page.marks}
    for name in sorted(facts, key=lambda name: hashlib.sha256(name.encode()).digest()):
        page, key = facts[name]
        span = _removable(page, key)
        if span and page.id not in chosen and len(chosen) < wanted:
            chosen[page.id] = _change(page, key, "deletion", span, "", [])
    return (chosen[page.id] for page in pages if page.id in chosen)


def _removable(page: Page, key: str) -> Span | None:
    """The fact's sentence with one neighbouring space, or None where its loss would leave a torn text.

    It must hold no other fact, be neither a list item nor a whole paragraph, answer no question that stands before it,
    announce nothing, and have no following sentence that leans on it. What these rules do not see is marked in the
    sources: `keep: true` says that the text does not read well without this fact's sentence.
    """
    start, end = page.marks[key]
    line = page.text.rfind("\n", 0, start) + 1
    stop = f"{page.text}\n".index("\n", end)
    gaps = [(line + m.start(), line + m.end()) for m in SENTENCE_GAP.finditer(page.text[line:stop])]
    before = max((gap for gap in gaps if gap[1] <= start), default=(line, line))
    after = min((gap for gap in gaps if gap[0] >= end), default=(stop, stop))
    first, last = before[1], after[0]
    alone = all(not (first <= s < last) for name, (s, _) in page.marks.items() if name != key)
    asked = page.text[line : before[0]].rstrip("\"')*").endswith("?") or page.text[first:last].endswith((":", "?"))
    whole = first == line and last == stop
    leant_on = page.facts[key].get("keep", False) or LEANS_BACK.match(page.text, after[1])
    if not alone or asked or whole or leant_on or LIST_ITEM.match(page.text, line):
        return None
    return (first, after[1]) if last < stop else (before[0], last)


def build() -> dict[str, bytes]:
    """Name and content of each file."""
    pages = read_pages()
    rows = {"documents": document_rows(pages), "questions": question_rows(pages), "changes": change_rows(pages)}
    lines = {name: [json.dumps(record, ensure_ascii=False) for record in records] for name, records in rows.items()}
    return {f"{name}.jsonl": "".join(f"{line}\n" for line in lines[name]).encode() for name in lines}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compile the Velloway corpus from its sources.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is not up to date")
    check = parser.parse_args(arguments).check
    files = build()
    stale = [name for name, new in files.items() if not (HERE / name).is_file() or (HERE / name).read_bytes() != new]
    if check:
        for name in stale:
            print(f"{name}: differs from the sources; run python corpora/velloway/build.py", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        (HERE / name).write_bytes(files[name])
        print(f"{name}: written")
    return 0


if __name__ == "__main__":
    sys.exit(main())

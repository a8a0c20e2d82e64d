"""Files of questions as people have them: CSV, TSV, JSON Lines, JSON, Parquet, with columns named as people name them.

Only a question and its answer are needed; `columns.py` says which names are understood. What may stand beside them: the
document (its id, file name or title), the evidence (its text, or offsets as in questions.jsonl), kind, group, split
and id.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from lab.corpus.cells import SIDES, Cells
from lab.corpus.fields import Fields, holds_surrogate, show
from lab.corpus.locate import AUTO
from lab.corpus.row_files import CSV_SUFFIXES, JSON_SUFFIXES, PARQUET_SUFFIXES, open_rows
from lab.corpus.source import TextFile
from lab.corpus_config import ColumnsConfig
from lab.create.columns import LABEL_NAMES, NAMES, NEEDED, canonical, roles_of
from lab.create.names import Names
from lab.create.placing import Told
from lab.errors import DataError, list_faults
from lab.types import Document, Evidence, Kind

SUFFIXES = (*CSV_SUFFIXES, *JSON_SUFFIXES, *PARQUET_SUFFIXES)
KINDS: tuple[str, ...] = get_args(Kind)
NAMED_SHOWN = 3
LABEL_REPEATS = 3  # a column called "label" holds labels where each stands on so many rows on average


@dataclass(frozen=True, slots=True)
class Asked:
    """One row: a question with all that the file says of it, before its answer is looked for."""

    place: str
    id: str
    text: str
    answers: tuple[str, ...]
    kind: str = AUTO
    told: Told = field(default_factory=Told)
    spans: tuple[Evidence, ...] = ()
    group: str | None = None
    split: str = ""
    synthetic: str | None = None


@dataclass(frozen=True, slots=True)
class QuestionFile:
    """The rows of a file; `columns` by role, those that play none in `unused`; `notes` are plain sentences."""

    path: Path
    asked: tuple[Asked, ...]
    columns: Mapping[str, str]
    unused: tuple[str, ...]
    notes: tuple[str, ...]


def read_question_file(path: Path, documents: Sequence[Document]) -> QuestionFile:
    """Read a file of questions about `documents`.

    Raises:
        DataError: no such file, no question or answer column, no question, or faults: all of them with their lines.
    """
    need_question_file(path)
    faults: list[str] = []
    rows, notes = _rows(path, faults)
    columns = tuple(dict.fromkeys(column for row in rows for column in row.values))
    roles = _nested(roles_of(columns), rows)
    if not faults:
        _need_roles(path, rows, columns, roles)
    reader = _Reader(roles, Names.of(documents), _kind_of_all(roles, rows))
    asked = tuple(reader.read(row) for row in rows)
    if faults:
        raise DataError(list_faults(f"{path}: faults in the questions: {len(faults)}", faults))
    if not any(one.answers for one in asked):
        raise DataError(f"{path}: no row has an answer in the column {roles['answers']!r}; name a file with answers")
    used = {column.partition(".")[0] for column in roles.values()} | set(roles.values())
    unused = tuple(column for column in columns if column not in used)
    return QuestionFile(path, asked, roles, unused, (*notes, *reader.notes()))


def question_id(text: str) -> str:
    """An id that stays the same when rows are added before a question: `q-` and 8 hex digits of its text's sha256."""
    return f"q-{hashlib.sha256(' '.join(text.split()).encode()).hexdigest()[:8]}"


def need_question_file(path: Path) -> None:
    """Raise DataError unless there is a file of a kind that is read; nothing of it is read."""
    if not path.is_file():
        found = "a folder" if path.is_dir() else "nothing"
        raise DataError(f"{path}: expected a file of questions, found {found}; name a {', '.join(SUFFIXES)} file")
    if path.suffix.lower() not in SUFFIXES:
        raise DataError(
            f"{path}: expected a file of questions that ends in {', '.join(SUFFIXES)}; save a spreadsheet as CSV"
        )


def _rows(path: Path, faults: list[str]) -> tuple[list[Fields], tuple[str, ...]]:
    wrapped = _wrapped_rows(path, faults)
    if wrapped is not None:
        return wrapped, ()
    rows, notes = open_rows(path, faults)
    if path.suffix.lower() in CSV_SUFFIXES:
        rows = (Fields(_with_lists(row.values), row.place, row.faults, row.path) for row in rows)
    return list(rows), notes


def _wrapped_rows(path: Path, faults: list[str]) -> list[Fields] | None:
    """Rows of a file that is one JSON object with a single list of objects in it; None for any other file."""
    if path.suffix.lower() != ".json" or TextFile.detect(path).first_character() != "{":
        return None
    with TextFile.detect(path).utf8() as stream:
        try:
            tree = json.loads(stream.read())
        except (RecursionError, ValueError):  # JSON Lines, or no JSON: read row by row, which names the lines
            return None
    lists = {key: value for key, value in tree.items() if isinstance(value, list) and value}
    if len(lists) != 1:
        return None
    ((key, items),) = lists.items()
    if any(isinstance(item, dict) and "paragraphs" in item for item in items):
        raise DataError(f"{path}: this is SQuAD, which brings its documents; use corpus: {{format: squad}} in a file")
    rows = []
    for number, item in enumerate(items):
        if isinstance(item, dict):
            rows.append(Fields(item, str(path), faults, f"{key}[{number}]"))
        else:
            faults.append(f"{path}: {key}[{number}]: expected an object, got {show(item)}")
    return rows


def _with_lists(values: Mapping[str, Any]) -> dict[str, Any]:
    """The cells of CSV, those that spell out a JSON list as lists."""
    return {column: _listed(cell) for column, cell in values.items()}


def _listed(cell: str) -> Any:
    if not cell.strip().startswith("["):
        return cell
    try:
        value = json.loads(cell)
    except (RecursionError, ValueError):
        return cell
    return value if isinstance(value, list) else cell


def _need_roles(path: Path, rows: Sequence[Fields], columns: Sequence[str], roles: Mapping[str, str]) -> None:
    if not rows:
        raise DataError(f"{path}: expected questions, found no row; write one row a question below a header")
    for role in NEEDED:
        if role not in roles:
            shown = ", ".join(show(column) for column in columns) or "none"
            raise DataError(
                f"{path}: no column holds the {role}; the columns are {shown}; name one of them {NAMES[role][0]!r}"
            )


def _nested(roles: dict[str, str], rows: Sequence[Fields]) -> dict[str, str]:
    """Answers as SQuAD's rows have them lie in a list `text` of an object."""
    column = roles.get("answers")
    if column and any(isinstance(row.values.get(column), dict) and "text" in row.values[column] for row in rows[:100]):
        return {**roles, "answers": f"{column}.text"}
    return roles


def _kind_of_all(roles: Mapping[str, str], rows: Sequence[Fields]) -> str:
    """Label where the answers' column is called so and its values repeat; else each answer tells its kind."""
    column = roles.get("answers", "")
    if canonical(column) not in LABEL_NAMES:
        return AUTO
    values = [value for row in rows if isinstance(value := row.values.get(column), str) and value.strip()]
    return "label" if values and len(values) >= LABEL_REPEATS * len(set(values)) else AUTO


@dataclass
class _Reader:
    """Reads row after row, and remembers what the file names that is not there."""

    roles: Mapping[str, str]
    names: Names
    kind: str
    strangers: dict[str, None] = field(default_factory=dict)
    seen: dict[str, str] = field(default_factory=dict)

    def read(self, row: Fields) -> Asked:
        roles = self.roles
        columns = ColumnsConfig(
            question=roles.get("question", "question"), answers=roles.get("answers", "answers"), id=roles.get("id"),
            group=roles.get("group"), kind=roles.get("kind"),
        )  # fmt: skip
        cells = Cells.of(columns, row)
        text = cells.fields.text(columns.question).strip()
        answers = cells.answers()
        kind = cells.kind(self.kind)
        if kind == "unanswerable" and answers:
            row.fault(f"expected no answers for kind unanswerable, got {len(answers)}", columns.answers)
        return Asked(
            place=f"{row.place}: {row.path}" if row.path else row.place,
            id=self._id(cells, text),
            text=text,
            answers=answers,
            kind=kind,
            told=self._told(row),
            spans=self._spans(row),
            group=cells.group(),
            split=_split(row.values.get(roles.get("split", ""))),
            synthetic=_synthetic(row.values.get(roles.get("synthetic", ""))),
        )

    def notes(self) -> list[str]:
        """What the file names that is not there, as sentences."""
        if not self.strangers:
            return []
        number, shown = len(self.strangers), ", ".join(map(show, list(self.strangers)[:NAMED_SHOWN]))
        more = f" and {number - NAMED_SHOWN} more" if number > NAMED_SHOWN else ""
        names = "document that is" if number == 1 else "documents that are"
        return [
            f"It names {number} {names} not among those read: {shown}{more}. The answers were looked for in all "
            "documents."
        ]

    def _id(self, cells: Cells, text: str) -> str:
        column, fields = cells.columns.id, cells.fields
        if column is None or fields.values.get(column) in (None, ""):
            return ""
        id = fields.identity(column)
        if id in self.seen:
            fields.fault(f"{show(id)} is used twice, first at {self.seen[id]}", column)
        self.seen[id] = fields.place
        return id

    def _told(self, row: Fields) -> Told:
        found: dict[str, Document] = {}
        vague = False
        for name in _texts(row.values.get(self.roles.get("document", ""))):
            documents = self.names.find(name) if name.strip() else ()
            found.update({document.id: document for document in documents})
            vague = vague or len(documents) > 1
            if name.strip() and not documents:
                self.strangers[name.strip()] = None
        quotes = tuple(value for value in _texts(row.values.get(self.roles.get("evidence", ""))) if value.strip())
        return Told(tuple(found.values()), quotes, vague)

    def _spans(self, row: Fields) -> tuple[Evidence, ...]:
        """Evidence as questions.jsonl has it, objects with a document and offsets; none if one of them fits no text."""
        value = row.values.get(self.roles.get("evidence", ""))
        items = [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
        found = []
        for item in items:
            name = item.get("document")
            documents = self.names.find(name) if isinstance(name, str) else ()
            if isinstance(name, str) and not documents:
                self.strangers[name] = None
            found += [_span(item, documents[0])] if len(documents) == 1 else []
        whole = [one for one in found if one is not None]
        return tuple(whole) if len(whole) == len(items) else ()


def _span(item: Mapping[str, Any], document: Document) -> Evidence | None:
    start, end = item.get("start"), item.get("end")
    if start is None and end is None:
        return Evidence(document.id)
    if type(start) is int and type(end) is int and 0 <= start < end <= len(document.text):
        return Evidence(document.id, start, end)
    return None


def _texts(value: object) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [str(item) for item in items if isinstance(item, str | int) and not isinstance(item, bool)]


def _split(value: object) -> str:
    name = str(value).strip().casefold() if isinstance(value, str) else ""
    return SIDES.get(name, name)


def _synthetic(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) and not holds_surrogate(value) else None

"""The questions of a corpus folder: those that are there follow their documents, those of a file come behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.create.folder import ASIDE, QUESTIONS
from lab.create.follow import Follower, SetAside
from lab.create.importing import Imported, as_row, import_questions
from lab.create.question_lines import as_lines
from lab.create.state import State
from lab.files import Content
from lab.types import Document, Evidence, Question


@dataclass(frozen=True, slots=True)
class Asking:
    """What became of the questions: `total` that there are now, and what was imported.

    `moved`: ids of those whose evidence stands elsewhere in its text now; `aside`: those that lost it now; `waiting`:
    how many are set aside in all; `returned`: ids of those that found it again.
    """

    total: int
    imported: Imported | None = None
    moved: tuple[str, ...] = ()
    aside: tuple[SetAside, ...] = ()
    waiting: int = 0
    returned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """The account, the files to write, and the questions as far as settings depend on them."""

    asking: Asking
    files: Mapping[str, Content]
    questions: tuple[Question, ...]


def ask(file: Path | None, state: State, documents: Sequence[Document]) -> Asked:
    """Bring the questions of a folder up to date with `documents`, and add those of a file.

    Raises:
        DataError: the file's questions have faults.
    """
    follower = Follower({one.id: one for one in state.documents}, {one.id: one for one in documents})
    followed = follower.follow(state.questions.rows)
    back = follower.bring_back(state.aside.rows)
    kept = [row for row in followed.rows if row is not None]
    returned = [row for row in back.rows if row is not None]
    imported = import_questions(file, documents, [*kept, *returned]) if file else None
    new = [*returned, *(as_row(question) for question in (imported.questions if imported else ()))]
    waiting = [one.row for one in (*back.aside, *followed.aside)]
    files: dict[str, Content] = {}
    if kept or new or state.questions.rows:
        files[QUESTIONS] = state.questions.replaced(followed.rows) + as_lines(new)
    if waiting or state.aside.rows:
        files[ASIDE] = as_lines(waiting) if waiting else None
    asking = Asking(
        total=len(kept) + len(new),
        imported=imported,
        moved=followed.moved,
        aside=followed.aside,
        waiting=len(waiting),
        returned=tuple(str(row.get("id")) for row in returned),
    )
    return Asked(asking, files, tuple(map(_question, [*kept, *new])))


def _question(row: Mapping[str, object]) -> Question:
    """A row as far as settings depend on it; whether it is right is for the corpus's reader to say."""
    answers, evidence = row.get("answers"), row.get("evidence")
    texts = tuple(map(str, answers)) if isinstance(answers, list) else ()
    items = [item for item in evidence if isinstance(item, dict)] if isinstance(evidence, list) else []
    spans = [(item.get("start"), item.get("end")) for item in items]
    return Question(
        id=str(row.get("id")),
        text=str(row.get("question")),
        answers=texts,
        kind=str(row.get("kind") or ("span" if texts else "unanswerable")),
        evidence=tuple(Evidence("", start, end) for start, end in spans if type(start) is int and type(end) is int),
    )

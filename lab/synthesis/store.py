"""Where synthesis keeps what it made, so that a kill loses nothing and the same command goes on.

questions.jsonl              accepted questions, appended; what stood there before stays byte for byte
synthesis.json               counts, accept rates and costs of all calls together
.work/synthesis/
    rounds.jsonl             one line a finished round: its passages, counts and costs
    rejected.jsonl           every rejected proposal, with its reason
    removed.jsonl            questions that people turned away, never to be made again
    writing.json             the block that is just being appended, and where; absent otherwise
    generations.jsonl, ranks.jsonl, replies.jsonl      what the teacher wrote, by prompt
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lab.errors import DataError
from lab.files import QUESTIONS_FILE, sync, write_atomically, write_json
from lab.synthesis.nouns import Rejection
from lab.types import Question

RESULT_FILE, WORK = "synthesis.json", Path(".work") / "synthesis"
WRITING_FILE = "writing.json"


class Store:
    """The files of one corpus folder. Only one process may hold it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.work = folder / WORK
        self.work.mkdir(parents=True, exist_ok=True)
        self.questions_file = folder / QUESTIONS_FILE
        self._recover()
        self._rejected = {row["key"] for row in read_lines(self.work / "rejected.jsonl")}

    @property
    def rounds(self) -> list[dict[str, Any]]:
        """What finished rounds left, in order."""
        return read_lines(self.work / "rounds.jsonl")

    @property
    def removed(self) -> list[dict[str, Any]]:
        """Questions that people turned away: id, question, group."""
        return read_lines(self.work / "removed.jsonl")

    def commit(self, questions: Sequence[Question], round_row: Mapping[str, Any]) -> None:
        """Append a round's questions and its row.

        Both are on disk when this returns; after a kill in between, when the store is next made.
        """
        size = self.questions_file.stat().st_size if self.questions_file.is_file() else 0
        block = "".join(json.dumps(row_of(question), ensure_ascii=False) + "\n" for question in questions)
        if block and size and not _ends_line(self.questions_file):
            block = f"\n{block}"
        planned = {"at": size, "block": block, "number": len(self.rounds), "row": dict(round_row)}
        write_json(self.work / WRITING_FILE, planned)
        self._finish(planned)

    def reject(self, rejections: Iterable[Rejection]) -> None:
        """Keep rejected proposals, each once."""
        rows = []
        for one in rejections:
            row = _rejected_row(one)
            if row["key"] not in self._rejected:
                self._rejected.add(row["key"])
                rows.append(row)
        append_lines(self.work / "rejected.jsonl", rows)

    def replace_questions(self, changed: Sequence[Question], removed: Sequence[Question]) -> None:
        """After a review: write changed questions anew and drop removed ones; all other lines stay as they are."""
        new = {question.id: json.dumps(row_of(question), ensure_ascii=False).encode() for question in changed}
        gone = {question.id for question in removed}
        append_lines(self.work / "removed.jsonl", [row_of(question) for question in removed])
        lines = []
        for line in self.questions_file.read_bytes().split(b"\n"):
            id = json.loads(line.decode("utf-8-sig"))["id"] if line.strip() else None
            if id not in gone:
                lines.append(new.get(id, line) if id is not None else line)
        write_atomically(self.questions_file, lambda target: target.write_bytes(b"\n".join(lines)))

    def _recover(self) -> None:
        """Finish a commit that a kill cut short, unless somebody has changed the questions since."""
        intended = self.work / WRITING_FILE
        if not intended.is_file():
            return
        planned = json.loads(intended.read_text(encoding="utf-8"))
        written = self.questions_file.read_bytes() if self.questions_file.is_file() else b""
        if len(written) >= planned["at"] and planned["block"].encode().startswith(written[planned["at"] :]):
            self._finish(planned)
        else:
            intended.unlink()

    def _finish(self, planned: Mapping[str, Any]) -> None:
        if planned["block"]:
            with self.questions_file.open("r+b" if self.questions_file.is_file() else "wb") as file:
                file.seek(planned["at"])
                file.write(planned["block"].encode())
                file.flush()
                os.fsync(file.fileno())
            sync(self.folder)
        if len(self.rounds) == planned["number"]:
            append_lines(self.work / "rounds.jsonl", [planned["row"]])
        (self.work / WRITING_FILE).unlink()


def row_of(question: Question) -> dict[str, Any]:
    """A question as a line of `questions.jsonl`; keys without a value are left out."""
    row: dict[str, Any] = {
        "id": question.id,
        "question": question.text,
        "answers": list(question.answers),
        "kind": question.kind,
        "evidence": [
            {"document": piece.document_id}
            if piece.start is None
            else {"document": piece.document_id, "start": piece.start, "end": piece.end}
            for piece in question.evidence
        ],
    }
    for key, value in (
        ("document", question.document_id),
        ("split", question.split),
        ("group", question.group),
        ("synthetic", question.synthetic),
    ):
        if value is not None:
            row[key] = value
    return row


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The rows of an append-only file; a last line that a kill cut short is dropped from it.

    Raises:
        DataError: another line is damaged. Nothing is dropped then.
    """
    if not path.is_file():
        return []
    _drop_cut_line(path)
    rows = []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                row = json.loads(line) if line.strip() else {}
            except (RecursionError, ValueError):
                row = None
            if not isinstance(row, dict):
                raise DataError(f"{path}:{number}: expected a JSON object, got something else; remove this line")
            if row:
                rows.append(row)
    return rows


def append_lines(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append rows; they are on disk when this returns."""
    if not rows:
        return
    _drop_cut_line(path)  # or the first of the rows would become its end
    with path.open("ab") as file:
        file.write("".join(json.dumps(row, allow_nan=False) + "\n" for row in rows).encode())
        file.flush()
        os.fsync(file.fileno())


def _rejected_row(one: Rejection) -> dict[str, Any]:
    proposal, answer = one.proposal, one.proposal.answer
    span = f"{answer.start}-{answer.end}" if answer else "none"
    named = f"{proposal.passage.document_id}\0{span}\0{proposal.question}\0{one.reason}"
    return {
        "key": hashlib.sha256(named.encode("utf-8", "surrogatepass")).hexdigest()[:24],
        "reason": one.reason,
        "question": proposal.question,
        "answer": answer.text if answer else None,
        "document": proposal.passage.document_id,
        "passage": [proposal.passage.start, proposal.passage.end],
        "maker": proposal.maker,
    }


def _drop_cut_line(path: Path) -> None:
    if path.is_file() and path.stat().st_size and not _ends_line(path):
        os.truncate(path, path.read_bytes().rfind(b"\n") + 1)


def _ends_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"

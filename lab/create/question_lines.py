"""The lines of questions.jsonl: those that nothing changes stay as they are, character for character."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.corpus.fields import holds_surrogate
from lab.errors import DataError, list_faults

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class QuestionLines:
    """The rows of a file and the line that each stands on, without its line end."""

    rows: tuple[Row, ...] = ()
    lines: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path) -> QuestionLines:
        """The lines of a file that are not blank; none where there is no file.

        Raises:
            DataError: the file is not UTF-8, or lines are no JSON objects; all of them are listed.
        """
        if not path.is_file():
            return cls()
        rows, lines, faults = [], [], []
        for number, content in enumerate(path.read_bytes().split(b"\n"), start=1):
            try:
                line = content.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                row = json.loads(line, parse_constant=_refuse) if line else None
            except (RecursionError, ValueError) as error:
                faults.append(f"{path}:{number}: not JSON in UTF-8 that can be read: {error}")
                continue
            if isinstance(row, dict):
                rows.append(row)
                lines.append(line)
            elif line:
                faults.append(f"{path}:{number}: expected a JSON object, got {type(row).__name__}")
        if faults:
            raise DataError(list_faults(f"{path}: faults in the questions: {len(faults)}", faults))
        return cls(tuple(rows), tuple(lines))

    def replaced(self, rows: Sequence[Row | None]) -> str:
        """The text with other rows in their places; None leaves one out."""
        return "".join(
            f"{line if row == before else written(row)}\n"
            for line, before, row in zip(self.lines, self.rows, rows, strict=True)
            if row is not None
        )


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def written(row: Mapping[str, Any]) -> str:
    """One row as a line, without its line end. NaN is refused; half of a surrogate pair stays an escape."""
    line = json.dumps(row, ensure_ascii=False, allow_nan=False)
    return json.dumps(row, allow_nan=False) if holds_surrogate(line) else line


def as_lines(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as lines."""
    return "".join(f"{written(row)}\n" for row in rows)

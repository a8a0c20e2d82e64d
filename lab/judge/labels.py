"""People's labels of answers, from a CSV file with the columns `question_id, method, label`.

A label is correct, incorrect or not attempted. Where a method was tuned more than once, a column `seed` says which
answer is meant.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lab.errors import DataError, list_faults
from lab.judge.calibration import Label
from lab.judge.grading import GRADES, Grade
from lab.judge.rows import AnswerRow

COLUMNS = ("question_id", "method", "label")
SEED = "seed"
MAX_SHOWN = 60  # characters of a cell in a message


def read_labels(path: Path, answers: Sequence[AnswerRow]) -> tuple[Label, ...]:
    """The labels in a file, each of an answer of the run.

    Raises:
        DataError: no such file or column, or lines that name no answer of the run, no label, or an answer twice; all of
            them are listed as file:line.
    """
    if not path.is_file():
        raise DataError(f"{path}: expected a CSV file with the columns {', '.join(COLUMNS)}, found none")
    known: dict[str, dict[str, list[int]]] = {}
    for row in answers:
        known.setdefault(row.method, {}).setdefault(row.question_id, []).append(row.seed)
    labels: dict[tuple[str, str, int], Label] = {}
    faults: list[str] = []
    for line, cells in _lines(path):
        try:
            label = _label(cells, known)
        except ValueError as error:
            faults.append(f"{path}:{line}: {error}")
            continue
        if label.place in labels:
            faults.append(f"{path}:{line}: {label.method}'s answer to {label.question_id} is labelled twice; keep one")
        labels[label.place] = label
    if faults:
        raise DataError(list_faults("labels that cannot be used:", faults))
    if not labels:
        raise DataError(f"{path}: expected labels, found the columns only")
    return tuple(labels.values())


def _lines(path: Path) -> Iterable[tuple[int, Mapping[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            names = [name.strip() for name in reader.fieldnames or ()]
            missing = [name for name in COLUMNS if name not in names]
            if missing:
                raise DataError(
                    f"{path}:1: expected the columns {', '.join(COLUMNS)}, "
                    f"got {', '.join(map(_shown, names[:9])) or 'none'}; "
                    f"missing: {', '.join(missing)}"
                )
            reader.fieldnames = names
            for row in reader:
                cells = {name: (cell or "").strip() for name, cell in row.items() if isinstance(name, str)}
                if any(cells.values()):
                    yield reader.line_num, cells
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: expected a CSV file in UTF-8 ({error})") from None


def _label(cells: Mapping[str, str], known: Mapping[str, Mapping[str, Sequence[int]]]) -> Label:
    """Raises ValueError with what is wrong."""
    question, method, said = (cells[name] for name in COLUMNS)
    if method not in known:
        raise ValueError(f"expected a method of the run ({', '.join(known)}), got {_shown(method)}")
    if question not in known[method]:
        raise ValueError(f"the run has no answer of {method} to a question {_shown(question)}")
    plain = " ".join(said.casefold().replace("_", " ").replace("-", " ").split())
    by_name: dict[str, Grade] = {grade: grade for grade in GRADES}
    if plain not in by_name:
        raise ValueError(f"label: expected {', '.join(GRADES[:-1])} or {GRADES[-1]}, got {_shown(said)}")
    return Label(question, method, _seed(cells.get(SEED, ""), known[method][question]), by_name[plain])


def _seed(said: str, seeds: Sequence[int]) -> int:
    shown = ", ".join(map(str, seeds))
    if not said:
        if len(seeds) > 1:
            raise ValueError(f"there is one answer for each of the seeds {shown}; say which in a column {SEED}")
        return seeds[0]
    if said not in map(str, seeds):
        raise ValueError(f"{SEED}: expected {shown}, got {_shown(said)}")
    return int(said)


def _shown(cell: str) -> str:
    return repr(cell if len(cell) <= MAX_SHOWN else f"{cell[:MAX_SHOWN]}...")

r"""APIBench (Patil et al. 2023, Gorilla, arXiv 2305.15334): API cards, and instructions that a card's call answers.

A folder holds for each API set `<prefix>*_api.jsonl` with one card a line, `<prefix>*_eval.json`, and for some sets
`<prefix>*_train.json`. The last two are JSON Lines in spite of their names: `code` (the instruction and a worked
answer, of which the explanation is read as the question's reason), `api_call` and `api_data` (the card). Instructions
come in two layouts:

    ###Instruction: Tell dogs from cats.\n###Output: ...
    {'Instruction': Tell dogs from cats., 'Output': {...}}
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.corpus.fields import Fields, holds_surrogate, show
from lab.corpus.parts import Numbering
from lab.corpus.records import read_records
from lab.corpus.source import Source, TextFile
from lab.errors import DataError, list_faults
from lab.types import Corpus, Document, Evidence, Question, Split

CARDS, TRAIN, EVAL = "_api.jsonl", "_train.json", "_eval.json"
CALL_LABEL = "Call: "
PARTS = (
    ("API", "api_name"),
    ("Domain", "domain"),
    ("Framework", "framework"),
    ("Arguments", "api_arguments"),
    ("Requirements", "python_environment_requirements"),
    ("Performance", "performance"),
)
NO_INPUT = "<noinput>"
_MARKED = re.compile(
    r"\s*###\s*Instruction:\s*(?P<instruction>.*?)\s*(?:###\s*Input:\s*(?P<input>.*?)\s*)?(?:###\s*Output\b.*)?",
    re.DOTALL,
)
_BRACED = re.compile(
    r"""\s*\{\s*['"]Instruction['"]\s*:\s*(?P<instruction>.*?)\s*
    (?:,\s*['"]Input['"]\s*:\s*(?P<input>.*?)\s*)?(?:,\s*['"]Output['"]\s*:.*|\}\s*)""",
    re.DOTALL | re.VERBOSE,
)
_EXPLAINED = re.compile(
    r"""<<<\s*explanation\s*>>>\s*:?\s*(?P<marked>.*?)\s*(?:<<<\s*code\s*>>>|\Z)
      | ['"]explanation['"]\s*:\s*(?P<quote>['"])(?P<quoted>.*?)(?P=quote)\s*(?:,\s*['"]code['"]|\}|\Z)""",
    re.DOTALL | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class _Card:
    """A card as document, its call, and its raw values as one text."""

    document: Document
    call: str
    data: str

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.document.id, len(CALL_LABEL), len(CALL_LABEL) + len(self.call))


@dataclass
class _Shelf:
    """The cards in file order, found by their values and by their call; the first of equal ones stays."""

    cards: list[_Card] = field(default_factory=list)
    by_data: dict[str, _Card] = field(default_factory=dict)
    by_call: dict[str, _Card] = field(default_factory=dict)
    numbering: Numbering = field(default_factory=lambda: Numbering("api"))
    repeated: int = 0

    def add(self, card: Fields) -> None:
        name, call, data = card.text("api_name").strip(), _one_line(card.text("api_call")), _canonical(card.values)
        if data in self.by_data:
            self.repeated += 1
            return
        document = Document(
            self.numbering.next_id(name),
            _plain(card.values.get("functionality")) or name,
            _card_text(card, call),
            {"domain": _plain(card.values.get("domain")), "api_name": name, "call": call},
        )
        if holds_surrogate(document.title + document.text + document.metadata["domain"]):
            card.fault("holds half of a surrogate pair, which no text file can store; write the whole character")
        self.cards.append(_Card(document, call, data))
        self.by_data[data] = self.cards[-1]
        self.by_call.setdefault(call, self.cards[-1])

    def find(self, data: Mapping[str, Any], call: str) -> _Card | None:
        """The card with these values, if it makes this call; else the first card with the call."""
        own = self.by_data.get(_canonical(data))
        return own if own is not None and own.call == call else self.by_call.get(call)

    def notes(self) -> list[str]:
        calls = Counter(card.call for card in self.cards)
        shared = sum(calls[card.call] > 1 for card in self.cards)
        notes = []
        if self.repeated:
            notes.append(f"{self.repeated} cards repeat an earlier card in every value; they were left out.")
        if shared:
            notes.append(
                f"{shared} of {len(self.cards)} cards share their call with another card. Retrieval counts only the "
                "question's own card: another card with the right call counts as a miss."
            )
        return notes


def read_apibench(source: Source) -> Corpus:
    """Read the cards and questions of the API set that `corpus.prefix` names.

    With a train file the splits are the paper's: train and test. Without one the questions have no split.

    Raises:
        DataError: `corpus.path` is no folder, not exactly one file of a role, or faults; all are listed as `file:line`.
    """
    cards_file, train_file, eval_file = _find_files(source)
    faults: list[str] = []
    shelf = _Shelf()
    for card in read_records(cards_file, faults):
        with _not_too_deep(card):
            shelf.add(card)
    questions: list[Question] = []
    if train_file:
        questions += _read_questions(train_file, "train", "train", shelf, faults)
    questions += _read_questions(eval_file, "eval", "test" if train_file else None, shelf, faults)
    if faults:
        raise DataError(list_faults(f"{source.path}: faults in the data: {len(faults)}", faults))
    files = (cards_file, *((train_file,) if train_file else ()), eval_file)
    notes = [note for file in files for note in file.notes]
    if not train_file:
        notes.append(
            f"There is no *{TRAIN} beside {eval_file.path.name}, so the lab divides the evaluation questions itself; "
            "the figures are not those of the paper's split."
        )
    notes += [*shelf.notes(), *_question_notes(questions)]
    return Corpus(source.name, tuple(card.document for card in shelf.cards), tuple(questions), tuple(notes))


def _find_files(source: Source) -> tuple[TextFile, TextFile | None, TextFile]:
    """The files of the cards, of training (None if absent) and of evaluation."""
    if not source.path.is_dir():
        raise DataError(f"{source.path}: expected a folder with *{CARDS} and *{EVAL}; see corpus.path")
    prefix = source.options.prefix
    found = {role: _matching(source.path, prefix, role) for role in (CARDS, TRAIN, EVAL)}
    faults = [
        f"expected {'at most' if role == TRAIN else 'exactly'} one {prefix}*{role}, "
        f"found {', '.join(file.name for file in files) or f'none; {_offered(source.path, role)}'}"
        for role, files in found.items()
        if len(files) > 1 or (not files and role != TRAIN)
    ]
    if faults:
        raise DataError(list_faults(f"{source.path}: no single API set; name one as corpus.prefix", faults))
    train = TextFile.detect(found[TRAIN][0]) if found[TRAIN] else None
    return TextFile.detect(found[CARDS][0]), train, TextFile.detect(found[EVAL][0])


def _matching(folder: Path, prefix: str, role: str) -> list[Path]:
    names = (file for file in folder.iterdir() if file.name.startswith(prefix) and file.name.endswith(role))
    return sorted(file for file in names if file.is_file())


def _offered(folder: Path, role: str) -> str:
    return f"in the folder: {', '.join(file.name for file in _matching(folder, '', role)) or 'none'}"


def _card_text(card: Fields, call: str) -> str:
    """The call first, then the description, so that both stand in the first passage; then the rest of the card."""
    lines = [CALL_LABEL + call, _plain(card.text("description"))]
    lines += [f"{label}: {value}" for label, key in PARTS if (value := _plain(card.values.get(key)))]
    example = _code(card.values.get("example_code"))
    return "\n".join(line for line in (*lines, f"Example: {example}" if example else "") if line)


def _plain(value: object) -> str:
    """A value as text: `name: value` joined by commas, inner objects in round brackets, without N/A and empty parts."""
    if isinstance(value, dict):
        parts = ((key, inner, _plain(inner)) for key, inner in value.items())
        return ", ".join(
            f"{key} ({text})" if _is_deep(inner) else f"{key}: {text}" for key, inner, text in parts if text
        )
    if isinstance(value, list):
        return ("; " if _is_deep(value) else ", ").join(text for text in map(_plain, value) if text)
    text = "" if value is None else str(value).strip()
    return "" if text.casefold() == "n/a" else text


def _is_deep(value: object) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in value))


def _code(value: object) -> str:
    """Example code, which comes as one text, as a list of lines or as an object of named lines."""
    if isinstance(value, dict | list):
        lines = map(_code, value.values() if isinstance(value, dict) else value)
        return "\n".join(line for line in lines if line)
    text = "" if value is None else str(value).rstrip()
    return "" if text.strip().casefold() == "n/a" else text


def _read_questions(file: TextFile, name: str, split: Split | None, shelf: _Shelf, faults: list[str]) -> list[Question]:
    """One question a record, named `<name>-<n>` with n from 1."""
    questions = []
    for number, row in enumerate(read_records(file, faults), start=1):
        with _not_too_deep(row):
            questions.append(_question(row, f"{name}-{number}", split, shelf))
    return questions


def _question(row: Fields, id: str, split: Split | None, shelf: _Shelf) -> Question:
    call, data = _one_line(row.text("api_call")), row.values.get("api_data")
    if not isinstance(data, dict):
        row.fault(f"expected an object, the API card, got {show(data)}", "api_data")
    card = shelf.find(data, call) if isinstance(data, dict) else None
    evidence = (card.evidence,) if card else ()
    return Question(id, _instruction(row), (call,), "call", evidence, split=split, reason=_explanation(row))


def _explanation(row: Fields) -> str | None:
    """Why the call is right, in the words of the worked answer."""
    code = row.values.get("code")
    found = _EXPLAINED.search(code) if isinstance(code, str) else None
    return " ".join((found["marked"] or found["quoted"] or "").split()) or None if found else None


def _instruction(row: Fields) -> str:
    """What the user asks: the instruction and, on a line of its own, the input that some rows bring."""
    code = row.text("code")
    if not code.strip():
        return ""
    marked, braced = _MARKED.fullmatch(code), _BRACED.fullmatch(code)
    found = marked or braced
    if found is None:
        row.fault(f"expected ###Instruction: ... or {{'Instruction': ..., got {show(code)}", "code")
        return ""
    instruction, given = (part if marked else _unquoted(part) for part in (found["instruction"], found["input"] or ""))
    if not instruction:
        row.fault("expected an instruction, got an empty one", "code")
    return instruction if given in ("", NO_INPUT) else f"{instruction}\nInput: {given}"


def _unquoted(text: str) -> str:
    """Without the quotes around it, or the single one at its end, that the braced layout has in some rows."""
    last = text[-1:]
    if last not in ("'", '"'):
        return text
    if text.count(last) == 2 and text[0] == last:
        return text[1:-1].strip()
    return text[:-1].rstrip() if text.count(last) == 1 else text


def _question_notes(questions: list[Question]) -> list[str]:
    notes = []
    if given := sum("\nInput: " in question.text for question in questions):
        notes.append(f"{given} of {len(questions)} instructions come with an input; it is asked with them.")
    if without := sum(not question.evidence for question in questions):
        notes.append(
            f"{without} of {len(questions)} questions have a call that no card holds; they have no evidence, and "
            "retrieval is not scored on them."
        )
    return notes


def _one_line(call: str) -> str:
    """A generator answers on one line, so the call stands on one in the card and in the answer."""
    return " ".join(call.split())


@contextmanager
def _not_too_deep(record: Fields) -> Iterator[None]:
    try:
        yield
    except RecursionError:
        record.fault("lists and objects are nested too deeply")


def _canonical(values: Mapping[str, Any]) -> str:
    return json.dumps(values, sort_keys=True)

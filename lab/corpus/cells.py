"""One row, seen through `corpus.columns`: its question, answers, contexts and what else the columns name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, get_args

from lab.corpus.fields import Fields, holds_surrogate, one_of, show
from lab.corpus.locate import AUTO
from lab.corpus_config import ColumnsConfig
from lab.types import Kind, Split

KINDS: tuple[str, ...] = get_args(Kind)
SIDES: Mapping[str, Split] = {"train": "train", "dev": "dev", "validation": "dev", "val": "dev", "test": "test"}
_ABSENT: Any = object()
_EXACT = 2.0**53  # below it a float holds every integer


@dataclass(frozen=True, slots=True)
class Context:
    """One text that a question is about. `id` is empty where no column names documents."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells that the columns lead to. `fields` holds them by the column's name, so that a fault names it."""

    columns: ColumnsConfig
    fields: Fields

    @classmethod
    def of(cls, columns: ColumnsConfig, row: Fields) -> Cells:
        """The cells of one row; a column that the row does not have is left out."""
        values = {column: look_up(row.values, column) for _, column in columns if column is not None}
        found = {column: value for column, value in values.items() if value is not _ABSENT}
        return cls(columns, Fields(found, row.place, row.faults, row.path))

    def answers(self) -> tuple[str, ...]:
        """The distinct answers; null and empty ones of a list do not count."""
        column = self.columns.answers
        value = self.fields.values.get(column)
        texts = [_as_text(item) for item in _items(value)]
        if None in texts:
            hint = "; a dot leads into nested values: answers.text" if isinstance(value, dict) else ""
            self.fields.fault(
                f"expected text, a number, true or false, or a list of these, got {show(value)}{hint}", column
            )
        if any(holds_surrogate(text) for text in texts if text):
            self.fields.fault(f"holds half of a surrogate pair; write the whole character: {show(value)}", column)
        return tuple(dict.fromkeys(text.strip() for text in texts if text and text.strip()))

    def contexts(self) -> list[Context]:
        """The texts of the context that are not empty, each with its title and its document's id."""
        columns, value = self.columns, self.fields.values.get(self.columns.context)
        texts = _items(value)
        if not all(isinstance(text, str) for text in texts if text is not None):
            self.fields.fault(f"expected text or a list of texts, got {show(value)}", columns.context)
            return []
        titles, ids = self._beside(columns.title, len(texts)), self._beside(columns.document, len(texts))
        return [
            self._context(text, title, id)
            for text, title, id in zip(texts, titles, ids, strict=True)
            if isinstance(text, str) and text.strip()
        ]

    def start(self) -> int | None:
        """Where the first answer begins; None where no column says so or after noting the fault."""
        column = self.columns.start
        first = next(iter(_items(self.fields.values.get(column))), None) if column else None
        if column is None or first in (None, ""):
            return None
        text = str(first).strip().removesuffix(".0")  # a column with gaps is often stored as decimals
        if not text.isdecimal():
            self.fields.fault(f"expected an offset in characters, got {show(first)}", column)
            return None
        return int(text)

    def kind(self, otherwise: str) -> str:
        """The kind that a column names, else `otherwise`."""
        kind, column = self._optional(self.columns.kind), self.columns.kind
        if column and kind and kind not in (*KINDS, AUTO):
            self.fields.fault(one_of(kind, KINDS), column)
        return kind or otherwise

    def group(self) -> str | None:
        """The group of wordings that the question belongs to, if any."""
        return self._optional(self.columns.group) or None

    def split(self, column: str) -> str:
        """The name of the split in small letters, empty after noting the fault."""
        value = self.fields.values.get(column)
        name = value.strip().casefold() if isinstance(value, str) else ""
        if name not in SIDES:
            self.fields.fault(one_of(str(value or ""), SIDES), column)
            return ""
        return name

    def _optional(self, column: str | None) -> str:
        given = column is not None and self.fields.values.get(column) not in (None, "")
        return self.fields.identity(column) if column and given else ""

    def _beside(self, column: str | None, n: int) -> list[object]:
        """The values of a column for each of `n` texts; a single value stands for all of them."""
        value = self.fields.values.get(column) if column else None
        if not isinstance(value, list):
            return [value] * n
        if len(value) != n:
            self.fields.fault(f"expected one for each text of the context, {n}, got {len(value)}", str(column))
            return [None] * n
        return value

    def _context(self, text: str, title: object, id: object) -> Context:
        columns, fields = self.columns, self.fields
        beside = {columns.context: text, columns.title: title, columns.document: id}
        part = Fields(
            {str(column): value for column, value in beside.items()}, fields.place, fields.faults, fields.path
        )
        named = part.identity(columns.title) if columns.title and title not in (None, "") else ""
        return Context(
            part.identity(columns.document) if columns.document else "",
            " ".join(named.split()),
            part.text(columns.context),
        )


def look_up(value: object, path: str) -> Any:
    """What a dotted path leads to: in an object by its key, in a list from each of its objects; absent if nowhere.

    Not-a-number, which tables have for missing values, counts as null.
    """
    if isinstance(value, Mapping):
        if path in value:
            return None if _is_nan(value[path]) else value[path]
        head, _, rest = path.partition(".")
        if not rest or head not in value:
            return _ABSENT
        return None if value[head] is None else look_up(value[head], rest)
    if isinstance(value, list):
        items = [found for item in value if (found := look_up(item, path)) is not _ABSENT]
        return items if items or not value else _ABSENT
    return _ABSENT


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and value != value


def _as_text(value: object) -> str | None:
    """An answer as text, empty for null; None for what is no answer."""
    if value is None or _is_nan(value):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))  # a column of integers with gaps is often stored as decimals
    return str(value) if isinstance(value, str | int | float | Decimal) else None

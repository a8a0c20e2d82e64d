"""What the readers share: JSON objects read key by key. A fault is noted with its place, and reading goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

SHOWN_CHARACTERS = 60
PATH_CHARACTERS = 200


def collapse(text: str) -> str:
    """`text` with case folded and each run of whitespace made one space, for comparing what people typed."""
    return " ".join(text.casefold().split())


def show(value: object) -> str:
    """`value` as it stands in a fault: its repr, cut to 60 characters."""
    shown = repr(value)
    return shown if len(shown) <= SHOWN_CHARACTERS else f"{shown[: SHOWN_CHARACTERS - 3]}..."


def _short(path: str) -> str:
    """A path of keys on one line, cut to 200 characters: keys may be as long as a file."""
    path = " ".join(path.split())
    return path if len(path) <= PATH_CHARACTERS else f"{path[: PATH_CHARACTERS - 3]}..."


def trim_span(text: str, start: int, end: int) -> tuple[int, int]:
    """[start, end) of `text` without the whitespace at its ends; empty (start == end) where it holds nothing else."""
    inner = text[start:end]
    trimmed = inner.strip()
    start += len(inner) - len(inner.lstrip())
    return start, start + len(trimmed)


@dataclass(frozen=True, slots=True)
class Fields:
    """One JSON object. `place` is `FILE` or `FILE:LINE`, `path` leads to the object, and faults go to `faults`.

    A reader gives an empty value after noting a fault, so that the faults behind it are found too; whoever reads a
    file raises when `faults` is not empty. A null counts as an absent key wherever the key is optional.
    """

    values: Mapping[str, Any]
    place: str
    faults: list[str]
    path: str = ""

    def fault(self, message: str, key: str = "") -> None:
        """Note a fault of this object, or of one key of it."""
        path = _short(".".join(part for part in (self.path, key) if part))
        self.faults.append(f"{self.place}: {path}: {message}" if path else f"{self.place}: {message}")

    def only(self, known: Collection[str]) -> None:
        """Note every key that is not one of `known`."""
        for key in self.values:
            if key not in known:
                self.fault(f"unknown key; known keys: {', '.join(known)}", key)

    def has(self, key: str) -> bool:
        """Whether the key is there with a value other than null."""
        return self.values.get(key) is not None

    def text(self, key: str) -> str:
        """Text that must not be empty; whitespace at its ends is kept."""
        return self._checked_text(self._typed(key, (str,), "text"), key)

    def identity(self, key: str) -> str:
        """An id: text, or an integer read as text."""
        return self._checked_text(self._typed(key, (str, int), "text or an integer"), key).strip()

    def integer(self, key: str) -> int | None:
        """An integer, or None after noting the fault."""
        value: int | None = self._typed(key, (int,), "an integer")
        return value

    def boolean(self, key: str) -> bool:
        """True or false, False after noting the fault."""
        return bool(self._typed(key, (bool,), "true or false"))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, none of them empty, with the whitespace at their ends removed."""
        items = self._typed(key, (list,), "a list of texts") or []
        return tuple(self._text_item(item, f"{key}[{number}]") for number, item in enumerate(items))

    def text_map(self, key: str) -> dict[str, str]:
        """An object whose values are texts, or integers read as text."""
        values = self._typed(key, (dict,), "an object with texts as values") or {}
        inner = Fields(values, self.place, self.faults, ".".join(part for part in (self.path, key) if part))
        return {name: str(inner._typed(name, (str, int), "text or an integer")) for name in values}

    def objects(self, key: str) -> list[Fields]:
        """The objects of a list, each knowing its path; other items are noted and left out."""
        inner = []
        for number, item in enumerate(self._typed(key, (list,), "a list of objects") or []):
            if isinstance(item, dict):
                path = ".".join(part for part in (self.path, f"{key}[{number}]") if part)
                inner.append(Fields(item, self.place, self.faults, path))
            else:
                self.fault(f"expected an object, got {show(item)}", f"{key}[{number}]")
        return inner

    def _typed(self, key: str, types: tuple[type, ...], expected: str) -> Any:
        if key not in self.values:
            self.fault(f"missing key; expected {expected}", key)
            return None
        value = self.values[key]
        # JSON's true is an int to Python, and never meant as one.
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            self.fault(f"expected {expected}, got {show(value)}", key)
            return None
        return value

    def _text_item(self, item: object, key: str) -> str:
        if not isinstance(item, str):
            self.fault(f"expected text, got {show(item)}", key)
            return ""
        return self._checked_text(item, key).strip()

    def _checked_text(self, value: str | int | None, key: str) -> str:
        if value is None:
            return ""
        text = str(value)
        if not text.strip():
            self.fault("expected text, got an empty one", key)
        elif holds_surrogate(text):
            self.fault("holds half of a surrogate pair, which no text file can store; write the whole character", key)
        return text


def holds_surrogate(text: str) -> bool:
    """Whether half of a surrogate pair stands in `text`, as JSON's escapes allow and UTF-8 does not."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


def one_of(value: str, known: Iterable[str]) -> str:
    """The words of a fault about a value outside a fixed set."""
    return f"expected one of {', '.join(known)}, got {show(value)}"

"""What several readers make of other people's records: lists of texts with gaps, and ids from titles."""

from __future__ import annotations

import re
from collections import Counter

from lab.corpus.fields import Fields


def texts_or_blank(fields: Fields, key: str) -> tuple[str, ...]:
    """A list of texts as they stand: spaces at their ends are kept, and a blank text is no fault."""
    values = fields.values.get(key)
    if not isinstance(values, list):
        return fields.texts(key)  # notes the fault
    return tuple(_text_or_blank(fields, f"{key}[{number}]", value) for number, value in enumerate(values))


def _text_or_blank(fields: Fields, key: str, value: object) -> str:
    if isinstance(value, str) and not value.strip():
        return value
    return Fields({key: value}, fields.place, fields.faults, fields.path).text(key)


def slug(title: str, otherwise: str) -> str:
    """Letters and digits of `title` in small letters, joined by hyphens; `otherwise` where it has none."""
    return re.sub(r"[\W_]+", "-", title.casefold()).strip("-") or otherwise


class Numbering:
    """Ids `<slug of a title>-<n>`: unique, since n holds no hyphen, and unchanged when data are appended."""

    def __init__(self, otherwise: str) -> None:
        self._otherwise = otherwise
        self._numbers: Counter[str] = Counter()

    def next_id(self, title: str) -> str:
        """The next id of this title's slug, n from 1; of `otherwise` where the title has neither letter nor digit."""
        stem = slug(title, self._otherwise)
        self._numbers[stem] += 1
        return f"{stem}-{self._numbers[stem]}"

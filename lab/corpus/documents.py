"""The distinct documents of data that bring their contexts row by row."""

from __future__ import annotations

from dataclasses import dataclass, field

from lab.corpus.parts import Numbering
from lab.types import Document


@dataclass
class DocumentSet:
    """Documents in order of first appearance. Appended rows change no id."""

    by_id: dict[str, Document] = field(default_factory=dict)
    given: int = 0
    _ids: dict[tuple[str, str], str] = field(default_factory=dict)
    _numbering: Numbering = field(default_factory=lambda: Numbering("document"))

    def add(self, title: str, text: str) -> Document:
        """The document with this title and text, named `<slug of the title>-<n>`, or `document-<n>` without a title."""
        self.given += 1
        if (title, text) not in self._ids:
            id = self._ids[title, text] = self._numbering.next_id(title)
            self.by_id[id] = Document(id, title, text)
        return self.by_id[self._ids[title, text]]

    def add_named(self, id: str, title: str, text: str) -> Document:
        """The document with this id: the one of an earlier row, whatever its title and text, else a new one."""
        self.given += 1
        return self.by_id.setdefault(id, Document(id, title, text))

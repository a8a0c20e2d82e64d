"""Documents by what people call them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from lab.types import Document


@dataclass(frozen=True, slots=True)
class Names:
    """Documents by id, file name with as much of its folders as is given and without its ending, title, table row."""

    by_name: Mapping[str, tuple[Document, ...]]

    @classmethod
    def of(cls, documents: Sequence[Document]) -> Names:
        """A name that a file and a title share means both; an id means its document alone."""
        found: dict[str, dict[str, Document]] = {}
        for document in documents:
            source = document.metadata.get("source", "")
            parts = PurePosixPath(source).parts
            ends = ("/".join(parts[number:]) for number in range(len(parts)))
            for name in (*ends, PurePosixPath(source).stem, document.title, document.metadata.get("row", "")):
                if name.strip():
                    found.setdefault(name.strip().casefold(), {})[document.id] = document
        for document in documents:
            found[document.id.casefold()] = {document.id: document}
        return cls({name: tuple(documents.values()) for name, documents in found.items()})

    def find(self, name: str) -> tuple[Document, ...]:
        """The documents that `name` means: as written, else the end of a longer path."""
        wanted = name.strip().replace("\\", "/").casefold()
        return self.by_name.get(wanted) or self.by_name.get(PurePosixPath(wanted).name, ())

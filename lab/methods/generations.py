"""What the generator did with a prompt, kept on disk, so that a killed run goes on and nothing is done twice.

One JSON line for each prompt, such as a generated text, appended and synced batch by batch. A line belongs to the
request that made it. A request forms its batches from the prompts that no *other* request had done; so an interrupted
request forms the same batches again, skips the finished ones, and ends in the same rows as an unbroken run. (In a
folder that holds rows of another config, batches may be composed otherwise than in a fresh one; in bf16 a near-tie may
then fall otherwise.)
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Generated:
    """One generated text. `seconds` is the batch's wall time divided by its size.

    `logprob` is the mean log-probability of the tokens written, end token included.
    """

    text: str
    tokens_in: int
    tokens_out: int
    seconds: float
    truncated: bool
    logprob: float | None = None


class PromptStore(Generic[Row]):
    """Rows of one dataclass by prompt key, in one append-only JSONL file."""

    kind: ClassVar[Any]

    def __init__(self, path: Path) -> None:
        self.path = path
        self._by_key: dict[str, tuple[str, Row]] = {}
        if path.is_file():
            self._load()

    def _load(self) -> None:
        intact = 0
        with self.path.open("rb") as file:
            for line in file:
                try:
                    row = json.loads(line) if line.endswith(b"\n") else None
                except ValueError:  # not JSON, or not even text
                    row = None
                if row is None:  # a kill cut this line short
                    break
                intact += len(line)
                key, request = row.pop("key"), row.pop("request")
                self._by_key[key] = (request, self.kind(**row))
        if intact < self.path.stat().st_size:
            os.truncate(self.path, intact)

    def get(self, key: str) -> Row | None:
        """The row of this key, by whichever request."""
        found = self._by_key.get(key)
        return found[1] if found else None

    def is_from_another(self, key: str, request: str) -> bool:
        """Whether a request other than `request` made the row of this key."""
        found = self._by_key.get(key)
        return found is not None and found[0] != request

    def put(self, request: str, rows: Sequence[tuple[str, Row]]) -> None:
        """Append a batch; it is on disk when this returns."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            for key, row in rows:
                values: Any = row
                file.write(json.dumps({"key": key, "request": request, **asdict(values)}) + "\n")
                self._by_key[key] = (request, row)
            file.flush()
            os.fsync(file.fileno())


class GenerationStore(PromptStore[Generated]):
    """Generated texts by prompt key."""

    kind = Generated


def prompt_key(weights: str, prompt: str, max_new_tokens: int) -> str:
    """sha256 of all that decides a greedy text: the weights' digest, the prompt, the limit."""
    return hashlib.sha256(f"{weights}\0{max_new_tokens}\0{prompt}".encode()).hexdigest()

"""The judge's replies, kept on disk by request, so that a stopped judging goes on and nothing is asked twice.

One JSON line for each reply in `judge.jsonl`, appended and synced. Its key is the sha256 of all that the judge is told:
the model's name, the limit of the reply, the whole prompt. So the same answer of two methods is judged once, and
another wording of a prompt is another request.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from lab.errors import DataError
from lab.judge.client import Ask

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Replies:
    """The reply to each prompt; `requests` of them were made now, `cached` stood on disk."""

    by_prompt: Mapping[str, str]
    requests: int
    cached: int


class ReplyStore:
    """Replies of one server's model under one limit, in an append-only file that may hold those of others too.

    `shown_model` is the name that is written beside each reply.

    Raises:
        DataError: a line of the file is damaged, other than the last one, which a kill may have cut short.
    """

    def __init__(self, path: Path, *, model: str, max_tokens: int, shown_model: str) -> None:
        self.path = path
        self._identity = (model, max_tokens)
        self._shown_model = shown_model
        self._by_key: dict[str, str] = {}
        if path.is_file():
            self._load()

    def get(self, prompt: str) -> str | None:
        """The reply to this prompt, if it was given before."""
        return self._by_key.get(self.key(prompt))

    def put(self, prompt: str, reply: str) -> None:
        """Append one reply; it is on disk when this returns."""
        key = self.key(prompt)
        row = {"key": key, "model": self._shown_model, "max_tokens": self._identity[1], "reply": reply}
        with self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps(row, ensure_ascii=True) + "\n")
            file.flush()
            os.fsync(file.fileno())
        self._by_key[key] = reply

    def key(self, prompt: str) -> str:
        """sha256 of model, limit and prompt, 64 hex digits."""
        return hashlib.sha256(json.dumps([*self._identity, prompt]).encode()).hexdigest()

    def _load(self) -> None:
        intact = 0
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.endswith(b"\n"):  # a kill cut it short
                    break
                try:
                    row = json.loads(line)
                    self._by_key[str(row["key"])] = str(row["reply"])
                except (ValueError, KeyError, TypeError):
                    raise DataError(
                        f"{self.path}:{number}: expected a reply as JSON, got something else; remove this line"
                    ) from None
                intact += len(line)
        if intact < self.path.stat().st_size:
            os.truncate(self.path, intact)


def ask_all(
    prompts: Sequence[str], store: ReplyStore, ask: Ask, *, parallel: int = 1, on_progress: OnProgress | None = None
) -> Replies:
    """The reply to every prompt; each distinct one is asked once, `parallel` at a time, unless the store has it.

    Every reply that came before or beside a failure is in the store. `on_progress` gets how many distinct prompts are
    done, of how many.

    Raises:
        LabError: the judge could not be asked.
    """
    distinct = list(dict.fromkeys(prompts))
    missing = [prompt for prompt in distinct if store.get(prompt) is None]
    cached = len(distinct) - len(missing)
    tell = on_progress or (lambda done, total: None)
    tell(cached, len(distinct))
    with ThreadPoolExecutor(max_workers=parallel) as pool:
        waiting = {pool.submit(ask, prompt): prompt for prompt in missing}
        try:
            for done, finished in enumerate(as_completed(waiting), start=cached + 1):
                store.put(waiting[finished], finished.result())
                tell(done, len(distinct))
        except BaseException:  # Ctrl-C too: what has not begun shall not begin, what is under way is kept
            pool.shutdown(wait=True, cancel_futures=True)
            for other, prompt in waiting.items():
                if not other.cancelled() and other.exception() is None and store.get(prompt) is None:
                    store.put(prompt, other.result())
            raise
    found = {prompt: store.get(prompt) or "" for prompt in distinct}
    return Replies(found, len(missing), cached)

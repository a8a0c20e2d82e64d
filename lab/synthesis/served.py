"""A model behind a URL as the teacher; its replies are kept on disk by request, so that nothing is asked twice."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any, Protocol

from lab.synthesis.store import append_lines, read_lines
from lab.synthesis.teacher import OnProgress, Prompt

CHARACTERS_PER_TOKEN = 4  # of English, roughly; where the server tells no tokens


class Reply(Protocol):
    """What a server wrote, with its tokens where it tells them."""

    @property
    def text(self) -> str: ...

    @property
    def tokens_in(self) -> int | None: ...

    @property
    def tokens_out(self) -> int | None: ...


Chat = Callable[[Sequence[Mapping[str, str]]], Reply]


class ServedTeacher:
    """Asks `chat`, `parallel` requests at a time; `identity` names model, host and the longest reply.

    The longest reply is the server's setting for all prompts, since a model that thinks first needs room.
    """

    ranker = None

    def __init__(self, name: str, chat: Chat, path: Path, *, identity: str, parallel: int) -> None:
        self.name = name
        self._chat = chat
        self._path = path
        self._identity = identity
        self._parallel = parallel
        self._known = {row["key"]: row for row in read_lines(path)}

    def write(self, prompts: Sequence[Prompt], *, stage: str, max_tokens: int, on_progress: OnProgress) -> list[str]:
        """Replies, without halves of characters. Every one that came before or beside a failure is on disk.

        Raises:
            LabError: the server could not be asked.
        """
        messages = {self._key(prompt): prompt.messages() for prompt in prompts}
        missing = [key for key in messages if key not in self._known]
        on_progress(len(messages) - len(missing), len(messages))
        with ThreadPoolExecutor(max_workers=self._parallel) as pool:
            waiting = {pool.submit(self._ask, key, messages[key], stage): key for key in missing}
            try:
                for finished in as_completed(waiting):
                    self._keep(finished.result())
                    on_progress(sum(key in self._known for key in messages), len(messages))
            except BaseException:  # Ctrl-C too: what has not begun shall not begin, what is under way is kept
                pool.shutdown(wait=True, cancel_futures=True)
                self._keep_what_came(waiting)
                raise
        return [_whole(self._known[self._key(prompt)]["text"]) for prompt in prompts]

    def _key(self, prompt: Prompt) -> str:
        return hashlib.sha256(json.dumps([self._identity, prompt.messages()]).encode()).hexdigest()

    def _ask(self, key: str, messages: Sequence[Mapping[str, str]], stage: str) -> dict[str, Any]:
        start = time.perf_counter()
        reply = self._chat(messages)
        seconds = time.perf_counter() - start
        told = reply.tokens_in is not None and reply.tokens_out is not None
        read = sum(len(message["content"]) for message in messages)
        return {
            "key": key,
            "stage": stage,
            "text": reply.text,
            "tokens_in": reply.tokens_in if told else -(-read // CHARACTERS_PER_TOKEN),
            "tokens_out": reply.tokens_out if told else -(-len(reply.text) // CHARACTERS_PER_TOKEN),
            "seconds": seconds,
            "estimated": not told,
        }

    def _keep(self, row: dict[str, Any]) -> None:
        if row["key"] not in self._known:
            append_lines(self._path, [row])
            self._known[row["key"]] = row

    def _keep_what_came(self, waiting: Mapping[Future[dict[str, Any]], str]) -> None:
        for other in waiting:
            if not other.cancelled() and other.exception() is None:
                self._keep(other.result())


def _whole(text: str) -> str:
    """Without halves of surrogate pairs, which JSON's escapes allow and no file in UTF-8 holds."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

"""A desk whose methods say what a test scripts, with passages of the test's own; no model is loaded."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.ask.desk import SILENT, Desk, Listener
from lab.ask.reply import Reply, make_reply
from lab.ask.written import WrittenAnswer
from lab.config import IndexConfig
from lab.errors import DataError
from lab.methods.prompts import PromptStyle, parse_answer
from lab.recipe import IndexRecord, MethodRecipe, ModelRecord, RunRecipe
from lab.types import Answer, Hit, Passage, Timing, Tokens

WEIGHTS = {"closed-book": ("base", "none"), "rag": ("base", "top-k"), "raft": ("B", "top-k")}


def recipe_of(run: Path, methods: Sequence[str] = tuple(WEIGHTS), reasoning: str = "none") -> RunRecipe:
    """A recipe without files."""
    model = ModelRecord("toy", run, "digest", "")
    return RunRecipe(
        run=run,
        domain="ferries & <b>quays</b>",
        device="cpu",
        dtype="float32",
        batch_size=1,
        generator=model,
        encoder=model,
        rerank=None,
        index=IndexRecord(run, IndexConfig(), 3),
        style=PromptStyle("ferries", reasoning),
        shots=(),
        max_new_tokens=20,
        context_limit=2048,
        methods={name: MethodRecipe(name, *WEIGHTS[name], ()) for name in methods},
        libraries={},
        passages_file=run / "passages.jsonl",
    )


@dataclass
class Script:
    """What each method writes; passages as (title, text). `gate` is waited for before each part but the first."""

    raw: dict[str, str] = field(default_factory=dict)
    passages: Sequence[tuple[str, str]] = (("Tarn", "The ferry leaves at seven."), ("Crew", "Nobody sleeps."))
    truncated: bool = False
    gate: Callable[[], None] = lambda: None


class ScriptedDesk(Desk):
    """Writes character by character. `stopped` is set when a listener ended an answer."""

    def __init__(self, recipe: RunRecipe, script: Script) -> None:
        super().__init__(recipe)
        self.script = script
        self.asked: list[tuple[str, str]] = []
        self.at_once = 0
        self.most_at_once = 0
        self.stopped = threading.Event()

    def answer(self, question: str, name: str, listener: Listener = SILENT, *, limit: int | None = None) -> Reply:
        method = self.method(name)
        if question == "too long":
            raise DataError("question asked: its prompt has 9000 tokens without any passage, the model holds 2028")
        if question == "break":
            raise RuntimeError("a secret of the inside")
        self.asked.append((question, name))
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return self._write(question, name, listener, method.context != "none", limit)
        except BaseException:
            self.stopped.set()
            raise
        finally:
            self.at_once -= 1

    def _write(self, question: str, name: str, listener: Listener, reads: bool, limit: int | None) -> Reply:
        hits = tuple(
            Hit(Passage(f"d{place}#0", f"d{place}", title, text, 0, len(text)), 0.9 - place / 10, place + 1)
            for place, (title, text) in enumerate(self.script.passages if reads else ())
        )
        if hits:
            listener.on_passages(hits)
        raw = self.script.raw.get(name, f"{name} says: seven")[:limit]
        written = WrittenAnswer(self.recipe.style.reasoning, self.recipe.style.form)
        for place, character in enumerate(raw):
            if place:
                self.script.gate()
            listener.on_raw(character)
            if part := written.add(character):
                listener.on_answer(part)
        parsed = parse_answer(raw, self.recipe.style.reasoning, self.recipe.style.form)
        if part := written.finish(parsed.text):
            listener.on_answer(part)
        answer = Answer(
            "asked", parsed.text, raw, hits, Timing(0.01, 0.2), Tokens(11, len(raw)), parsed.ok, self.script.truncated
        )
        return make_reply(name, question, answer, None)

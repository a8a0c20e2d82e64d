"""Who writes the questions: what a teacher is asked, what it takes, and the local generator as one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A task, worked examples as (text, reply) and the text in question."""

    task: str
    shots: tuple[tuple[str, str], ...]
    text: str

    def messages(self) -> list[dict[str, str]]:
        """As chat messages, up to where the reply begins."""
        turns = [message for shot in self.shots for message in _turn(*shot)]
        return [{"role": "system", "content": self.task}, *turns, {"role": "user", "content": self.text}]


class Ranker(Protocol):
    """Tells how likely texts are."""

    def rank(self, text: str, options: Sequence[str], *, stage: str) -> list[float]:
        """The mean log-probability of each option behind the text, in order."""
        ...


class Teacher(Protocol):
    """Writes a reply to each prompt, in order; "" where it wrote none.

    What that takes it keeps on disk by `stage` (`lab.synthesis.costs`). `name` is what made the questions, as
    `synthetic` says it. A teacher with a `ranker` is small: it ranks questions
    that rules made and chooses answers, in place of writing either.
    """

    @property
    def name(self) -> str: ...

    @property
    def ranker(self) -> Ranker | None: ...

    def write(
        self, prompts: Sequence[Prompt], *, stage: str, max_tokens: int, on_progress: OnProgress
    ) -> list[str]: ...


class Written(Protocol):
    """What a local generator returns for a prompt."""

    @property
    def text(self) -> str: ...


class LocalGenerator(Protocol):
    """What is needed of a local generator: greedy, in batches, each text kept on disk by its prompt."""

    @property
    def tokenizer(self) -> Any: ...

    @property
    def context_limit(self) -> int: ...

    def generate(
        self, prompts: Sequence[str], adapter: None, *, max_new_tokens: int, request: str, on_progress: OnProgress
    ) -> Sequence[Written]: ...


@dataclass(frozen=True, slots=True)
class LocalTeacher:
    """The experiment's generator. A prompt that its context cannot hold gets the reply ""."""

    name: str
    generator: LocalGenerator
    ranker: Ranker | None

    def write(self, prompts: Sequence[Prompt], *, stage: str, max_tokens: int, on_progress: OnProgress) -> list[str]:
        """The texts that the generator writes; those that stand in its store are not generated again."""
        tokenizer, room = self.generator.tokenizer, self.generator.context_limit - max_tokens
        rendered = [tokenizer.render(prompt.messages()) for prompt in prompts]
        fitting = [place for place, text in enumerate(rendered) if len(tokenizer.encode(text)) <= room]
        digest = hashlib.sha256("\0".join(rendered).encode("utf-8", "surrogatepass")).hexdigest()
        found = self.generator.generate(
            [rendered[place] for place in fitting],
            None,
            max_new_tokens=max_tokens,
            request=f"{stage}-{digest[:16]}",
            on_progress=on_progress,
        )
        replies = [""] * len(prompts)
        for place, written in zip(fitting, found, strict=True):
            replies[place] = written.text
        return replies


def _turn(text: str, reply: str) -> tuple[dict[str, str], dict[str, str]]:
    return {"role": "user", "content": text}, {"role": "assistant", "content": reply}

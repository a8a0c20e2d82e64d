"""Who writes the questions: what a teacher is asked, what it takes, and the local generator as one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A task, worked examples as (text, reply) and the text in question.

    `opening` is what the reply shall begin with: small models write far better questions when the first words, which
    follow from the answer's form, are given. Teachers that cannot be made to begin so ignore it.
    """

    task: str
    shots: tuple[tuple[str, str], ...]
    text: str
    opening: str = ""

    def messages(self) -> list[dict[str, str]]:
        """As chat messages, up to where the reply begins."""
        turns = [message for shot in self.shots for message in _turn(*shot)]
        return [{"role": "system", "content": self.task}, *turns, {"role": "user", "content": self.text}]


@dataclass(frozen=True, slots=True)
class Cost:
    """What replies took: how many, prompt and reply tokens, the teacher's seconds.

    Of `estimated` replies the tokens are a guess from their characters, since the server told none.
    """

    replies: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    estimated: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.replies + other.replies,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.seconds + other.seconds,
            self.estimated + other.estimated,
        )


class Ranker(Protocol):
    """Tells how likely texts are."""

    def rank(self, text: str, options: Sequence[str]) -> tuple[list[float], Cost]:
        """The mean log-probability of each option behind the text, in order, and what that took."""
        ...


class Teacher(Protocol):
    """Writes a reply to each prompt, in order; "" where it wrote none.

    `name` is what made the questions, as `synthetic` says it. A teacher with a `ranker` is small: it ranks questions
    that rules made, gets openings where it writes, and chooses answers in place of writing them.
    """

    @property
    def name(self) -> str: ...

    @property
    def ranker(self) -> Ranker | None: ...

    def write(
        self, prompts: Sequence[Prompt], *, max_tokens: int, on_progress: OnProgress
    ) -> tuple[list[str], Cost]: ...


class Written(Protocol):
    """What a local generator returns for a prompt."""

    @property
    def text(self) -> str: ...

    @property
    def tokens_in(self) -> int: ...

    @property
    def tokens_out(self) -> int: ...

    @property
    def seconds(self) -> float: ...


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

    def write(self, prompts: Sequence[Prompt], *, max_tokens: int, on_progress: OnProgress) -> tuple[list[str], Cost]:
        """Replies with their openings in front; texts that stand in the generator's store are not generated again."""
        tokenizer, room = self.generator.tokenizer, self.generator.context_limit - max_tokens
        rendered = [tokenizer.render(prompt.messages()) + prompt.opening for prompt in prompts]
        fitting = [place for place, text in enumerate(rendered) if len(tokenizer.encode(text)) <= room]
        digest = hashlib.sha256("\0".join(rendered).encode("utf-8", "surrogatepass")).hexdigest()
        found = self.generator.generate(
            [rendered[place] for place in fitting],
            None,
            max_new_tokens=max_tokens,
            request=f"synthesis-{digest[:16]}",
            on_progress=on_progress,
        )
        replies, cost = [""] * len(prompts), Cost()
        for place, written in zip(fitting, found, strict=True):
            replies[place] = prompts[place].opening + written.text
            cost += Cost(1, written.tokens_in, written.tokens_out, written.seconds)
        return replies, cost


def _turn(text: str, reply: str) -> tuple[dict[str, str], dict[str, str]]:
    return {"role": "user", "content": text}, {"role": "assistant", "content": reply}

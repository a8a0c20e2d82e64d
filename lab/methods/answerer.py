"""Queries in, answers out: the one way in which every method asks the generator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lab.errors import DataError
from lab.methods.contexts import Context, Retrieved
from lab.methods.generations import Generated
from lab.methods.generator import Adapter, ChatTokenizer, Progress
from lab.methods.prompts import PromptStyle, Shot, build_messages, parse_answer
from lab.types import Answer, Passage, Query, Timing, Tokens


class TextSource(Protocol):
    """What a method needs of a generator."""

    @property
    def tokenizer(self) -> ChatTokenizer: ...

    @property
    def context_limit(self) -> int: ...

    def generate(
        self,
        prompts: Sequence[str],
        adapter: Adapter | None,
        *,
        max_new_tokens: int,
        request: str,
        on_progress: Progress,
    ) -> list[Generated]: ...


@dataclass(frozen=True, slots=True)
class FittedPrompt:
    """A rendered prompt that leaves room for the answer, and how many passages were dropped for that."""

    text: str
    dropped: int


@dataclass(frozen=True, slots=True)
class PromptAnswerer:
    """Answers queries by prompting the base model, or the base model with an adapter."""

    request: str
    generator: TextSource
    adapter: Adapter | None
    context: Context
    style: PromptStyle
    shots: tuple[Shot, ...]
    max_new_tokens: int
    on_progress: Progress = lambda done, total: None

    def prompts(self, queries: Sequence[Query]) -> list[FittedPrompt]:
        """The prompt for each query, word for word as the generator gets it."""
        return [self._fit(query, found) for query, found in zip(queries, self.context(queries), strict=True)]

    def answer(self, queries: Sequence[Query]) -> list[Answer]:
        """One answer for each query, in order."""
        contexts = self.context(queries)
        prompts = [self._fit(query, found) for query, found in zip(queries, contexts, strict=True)]
        texts = self.generator.generate(
            [prompt.text for prompt in prompts],
            self.adapter,
            max_new_tokens=self.max_new_tokens,
            request=self.request,
            on_progress=self.on_progress,
        )
        answers = []
        for query, found, prompt, generated in zip(queries, contexts, prompts, texts, strict=True):
            parsed = parse_answer(generated.text, self.style.reasoning, self.style.form)
            answers.append(
                Answer(
                    query_id=query.id,
                    text=parsed.text,
                    raw=generated.text,
                    hits=found.hits if found else (),
                    timing=Timing(found.seconds if found else 0.0, generated.seconds),
                    tokens=Tokens(generated.tokens_in, generated.tokens_out),
                    parse_ok=parsed.ok,
                    truncated=generated.truncated,
                    passages_dropped=prompt.dropped,
                    logprob=generated.logprob,
                )
            )
        return answers

    def _fit(self, query: Query, found: Retrieved | None) -> FittedPrompt:
        """Drop whole passages, lowest rank first, until prompt and answer fit the model's context."""
        passages: list[Passage] | None = [hit.passage for hit in found.hits] if found else None
        room = self.generator.context_limit - self.max_new_tokens
        dropped = 0
        while True:
            messages = build_messages(self.style, query.text, passages, self.shots)
            text = self.generator.tokenizer.render(messages)
            length = len(self.generator.tokenizer.encode(text))
            if length <= room:
                return FittedPrompt(text, dropped)
            if not passages:
                raise DataError(
                    f"question {query.id}: its prompt has {length} tokens without any passage, the model holds {room}; "
                    "shorten the question or set generator.few_shot: 0"
                )
            passages = passages[:-1]
            dropped += 1

"""Models loaded once, question after question: the run's prompts, decoding and parser, one question at a time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from lab.ask.reply import Reply, make_reply
from lab.ask.written import WrittenAnswer
from lab.corpus.fields import holds_surrogate, show
from lab.endpoint_config import ENDPOINT
from lab.errors import ConfigError, DataError
from lab.index.build import open_retriever
from lab.index.encoder import SentenceEncoder
from lab.methods.answerer import PromptAnswerer
from lab.methods.classifiers import read_fit
from lab.methods.contexts import Context, Retrieved, no_context, top_k
from lab.methods.encoder_methods import EncoderAnswerer
from lab.methods.generations import Generated, GenerationStore
from lab.methods.generator import Adapter, ChatTokenizer, Generator, Progress
from lab.models import Hardware, ModelClock, ModelFiles, choose_hardware
from lab.recipe import GENERATOR, MethodRecipe, RunRecipe
from lab.types import Hit, Query, Retriever

QUESTION_ID = "asked"
ROOM_FOR_A_COPY = (
    6  # sizes of the weights' files: they may hold half the bytes a number, and merging takes a second copy
)


def ignore_passages(hits: tuple[Hit, ...]) -> None:
    """Tell nobody."""


def ignore_text(part: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Told what happens while a question is answered; what a listener raises ends the answering.

    `on_passages` once, before anything is written, by methods that read; `on_answer` each part of the answer; `on_raw`
    each token's part of all that is written, "" where a token completes no character.
    """

    on_passages: Callable[[tuple[Hit, ...]], None] = ignore_passages
    on_answer: Callable[[str], None] = ignore_text
    on_raw: Callable[[str], None] = ignore_text


SILENT = Listener()


def check_question(question: str) -> None:
    """Refuse what no method can be asked.

    Raises:
        DataError: nothing but white space, or half of a surrogate pair, which no tokenizer reads: JSON's escapes allow
            it, and in a command it stands for a byte that is no UTF-8.
    """
    if not question.strip():
        raise DataError("the question is empty; ask something")
    if holds_surrogate(question):
        raise DataError(
            f"the question {show(question)} holds half of a surrogate pair, or a byte that is no UTF-8; "
            "write the whole character, in UTF-8"
        )


class Desk:
    """Answers new questions as the methods of a run do. Not for several threads at a time.

    Where memory has room, each set of weights (base, A, B) stays loaded; else one copy changes its weights.
    """

    def __init__(self, recipe: RunRecipe) -> None:
        self.recipe = recipe
        self._clock = ModelClock()
        self._generators: dict[str, Generator] = {}
        self._classifiers: dict[str, EncoderAnswerer] = {}

    @property
    def methods(self) -> tuple[str, ...]:
        """Names of the methods that can be asked, in the run's order."""
        return self.recipe.servable

    def method(self, name: str) -> MethodRecipe:
        """A method by name.

        Raises:
            ConfigError: the run has no such method, or it cannot answer new questions.
        """
        found = self.recipe.methods.get(name)
        if found is None:
            raise ConfigError(f"method {name!r}: expected one of {', '.join(self.methods)}")
        if found.engine == ENDPOINT:
            raise ConfigError(
                f"method {name!r} was answered by another server; this machine's models alone answer new questions: "
                f"ask one of {', '.join(self.methods)}"
            )
        if not found.servable:
            raise ConfigError(
                f"method {name!r} needs the gold passages of a question, which a new question has not; "
                f"ask one of {', '.join(self.methods)}"
            )
        return found

    def load(self, names: Sequence[str]) -> None:
        """Load the search, where one of these methods reads, and the weights of the first, whose answer then waits not.

        Other weights are loaded by the first question to a method that has them.

        Raises:
            ModelError: a model is gone, is another one, or does not fit this machine.
        """
        if any(self.method(name).context != "none" for name in names):
            self._retriever.search([Query("warm-up", "warm up")], 1)
        if not names:
            return
        first = self.method(names[0])
        if first.engine != GENERATOR:
            self._classifier(first).answer([Query("warm-up", "warm up")])
        else:
            self._generator(first.weights).generate_alone("warm up", first.adapter, max_new_tokens=1)

    def in_order(self, names: Sequence[str]) -> list[str]:
        """The methods with those of equal weights side by side, so that weights change as seldom as can be."""
        places = {weights: place for place, weights in enumerate(dict.fromkeys(self.method(n).weights for n in names))}
        return sorted(names, key=lambda name: places[self.method(name).weights])

    def answer(self, question: str, name: str, listener: Listener = SILENT, *, limit: int | None = None) -> Reply:
        """One method's reply to a question; `limit` cuts it after fewer tokens than the run allowed.

        Raises:
            ConfigError: no such method.
            DataError: the question is none (see `check_question`), or longer than the model's context.
        """
        method = self.method(name)
        check_question(question)
        if method.engine != GENERATOR:
            return self._labelled(method, question, listener)
        written = WrittenAnswer(self.recipe.style.reasoning, self.recipe.style.form)
        answerer = PromptAnswerer(
            request="ask",
            generator=_Following(self._generator(method.weights), listener, written, limit),
            adapter=method.adapter,
            context=no_context if method.context == "none" else self._context(listener),
            style=self.recipe.style,
            shots=self.recipe.shots if method.weights == "base" else (),
            max_new_tokens=self.recipe.max_new_tokens,
        )
        found = answerer.answer([Query(QUESTION_ID, question)])[0]
        if rest := written.finish(found.text):
            listener.on_answer(rest)
        return make_reply(name, question, found, method.adapters[0].seed if method.adapters else None)

    def _labelled(self, method: MethodRecipe, question: str, listener: Listener) -> Reply:
        found = self._classifier(method).answer([Query(QUESTION_ID, question)])[0]
        listener.on_raw(found.raw)
        listener.on_answer(found.text)
        return make_reply(method.name, question, found, None)

    def _classifier(self, method: MethodRecipe) -> EncoderAnswerer:
        if method.name not in self._classifiers:
            assert method.fit is not None  # whoever reads a recipe has found it
            classifier, record = read_fit(method.fit)
            self._classifiers[method.name] = EncoderAnswerer(self._encoder, classifier, record.labels)
        return self._classifiers[method.name]

    @cached_property
    def _encoder(self) -> SentenceEncoder:
        return SentenceEncoder(self.recipe.encoder.files(), device=self.recipe.device, clock=self._clock)

    def _context(self, listener: Listener) -> Context:
        """Search as the run did: as deep, then the best k."""
        index = self.recipe.index

        def retrieve(queries: Sequence[Query]) -> list[Retrieved]:
            start = time.perf_counter()
            found = self._retriever.search(queries, index.depth)
            seconds = time.perf_counter() - start
            listener.on_passages(found[0][: index.settings.k])
            return [Retrieved(hits, seconds) for hits in found]

        return top_k(retrieve, index.settings.k)

    @cached_property
    def _retriever(self) -> Retriever:
        recipe = self.recipe
        rerank = str(recipe.rerank.files().folder) if recipe.rerank else "none"
        return open_retriever(
            recipe.passages(),
            recipe.index.settings.model_copy(update={"rerank": rerank}),
            self._encoder,
            recipe.index.folder,
            clock=self._clock,
            offline=True,
        ).retriever

    def _generator(self, weights: str) -> Generator:
        if weights not in self._generators:
            loaded = next(iter(self._generators.values()), None)
            self._generators[weights] = loaded if loaded and not self._has_room() else self._new_generator()
        return self._generators[weights]

    def _new_generator(self) -> Generator:
        recipe = self.recipe
        nothing_kept = GenerationStore(Path(os.devnull))
        return Generator(self._files, self._hardware, nothing_kept, self._clock, batch_size=recipe.batch_size)

    @cached_property
    def _files(self) -> ModelFiles:
        return self.recipe.generator.files()

    @cached_property
    def _hardware(self) -> Hardware:
        return choose_hardware(self.recipe.device, self.recipe.dtype)

    def _has_room(self) -> bool:
        size = sum(path.stat().st_size for path in self._files.folder.glob("*.safetensors"))
        return free_bytes(self._hardware.device) > ROOM_FOR_A_COPY * size


def free_bytes(device: str) -> int:
    """Memory that a further copy of the weights could take on this device."""
    if device.startswith("cuda"):
        import torch

        return int(torch.cuda.mem_get_info()[0])
    import psutil

    return int(psutil.virtual_memory().available)


@dataclass(frozen=True, slots=True)
class _Following:
    """The generator with batches of one, whose listener hears every token."""

    generator: Generator
    listener: Listener
    written: WrittenAnswer
    limit: int | None

    @property
    def tokenizer(self) -> ChatTokenizer:
        return self.generator.tokenizer

    @property
    def context_limit(self) -> int:
        return self.generator.context_limit

    def generate(
        self,
        prompts: Sequence[str],
        adapter: Adapter | None,
        *,
        max_new_tokens: int,
        request: str,
        on_progress: Progress,
    ) -> list[Generated]:
        """The text of the one prompt."""

        def on_text(part: str) -> None:
            self.listener.on_raw(part)
            if new := self.written.add(part):
                self.listener.on_answer(new)

        most = max_new_tokens if self.limit is None else min(self.limit, max_new_tokens)
        return [
            self.generator.generate_alone(prompt, adapter, max_new_tokens=most, on_text=on_text) for prompt in prompts
        ]

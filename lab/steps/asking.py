"""Ask every method every test question: worked examples, answer length and prompts are settled here."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from lab.errors import ConfigError
from lab.files import read_json, write_json
from lab.memory import give_back
from lab.methods.answerer import PromptAnswerer
from lab.methods.contexts import no_context, top_k, top_k_with_gold
from lab.methods.few_shot import FewShotChoice, choose_few_shot, dev_sample, pick_shots
from lab.methods.options import Options, options_of
from lab.methods.prompts import PromptStyle, Shot
from lab.methods.registry import METHODS, Engine, PromptedMethod, Toolbox
from lab.metrics.catalogue import Catalogue
from lab.metrics.registry import score_answers
from lab.run_folder import StepProgress, StepSpec
from lab.steps.asked import Asked, read_answers, write_answers
from lab.steps.bench import MODEL_LIBRARIES, Bench
from lab.steps.endpoint import Served
from lab.steps.fitting import Fitting
from lab.steps.plan import seeds_of, step_name
from lab.steps.retrieval import Retrieval
from lab.steps.tuning import Tuning
from lab.types import Answer, Query, Question

log = logging.getLogger(__name__)

LIMIT_QUANTILE, LIMIT_ROOM, MAX_SHARE_CUT = 0.995, 8, 0.05
CODE = tuple(
    f"methods/{name}.py"
    for name in ("prompts", "registry", "contexts", "answerer", "generator", "batches", "attention", "logprobs")
)


class Asking:
    """Makes the methods from what they share, and asks them."""

    def __init__(self, bench: Bench, retrieval: Retrieval, tuning: Tuning, style: PromptStyle) -> None:
        self._bench = bench
        self._retrieval = retrieval
        self._tuning = tuning
        self._style = style
        self._passages = {passage.id: passage for passage in bench.data.passages}
        self.fitting = Fitting(bench)
        self.served = Served(bench, retrieval, lambda: self.toolbox(self.shots(self.few_shot.shots)))
        self._engines: Mapping[Engine, Callable[[str], tuple[Asked, ...]]] = {
            "generator": self._ask_generator,
            "encoder": self.fitting.ask,
            "endpoint": self.served.ask,
        }

    @cached_property
    def max_new_tokens(self) -> int:
        """The same limit for all methods: as set, or the 99.5th percentile of the training targets + 8."""
        train = self._bench.data.holdout.train
        sets = [self._tuning.example_set(name, train, self._tuning.first_seed) for name in ("A", "B")]
        targets = [example.target for found in sets for example in found.examples]

        def work(folder: Path, progress: StepProgress) -> None:
            write_json(
                folder / "lengths.json",
                sorted(len(self._bench.generator.tokenizer.encode_target(target)) for target in targets),
            )

        inputs = {"targets": targets, "model": self._bench.models.generator_files.digest}
        step = self._bench.folder.run(StepSpec("limits", inputs, ["methods/generator.py"], ("transformers",)), work)
        return answer_limit(self._bench.config.generator.max_new_tokens, read_json(step.path / "lengths.json"))

    def settle(self) -> None:
        """Settle what all prompts share before any adapter is trained, so that a bad limit costs no training.

        The encoder's methods are fitted here, while memory holds no generator that would count as theirs.
        """
        encoded = [name for name in self._bench.config.methods if METHODS[name].engine == "encoder"]
        if encoded:
            log.info("%d questions searched with the encoder", len(self._retrieval.found))  # which loads it
            self._bench.generator.release()  # a prompt that was shown may have loaded it
            give_back()
        for name in encoded:
            self.fitting.fitted(name)
        log.info("%d worked examples, at most %d new tokens", self.few_shot.shots, self.max_new_tokens)
        self.served.settle()

    def toolbox(self, shots: Sequence[Shot], seed: int | None = None) -> Toolbox:
        """What all methods share; tuned ones are of the training run `seed`, by default the first."""
        training = self._tuning.first_seed if seed is None else seed
        k, gold = self._bench.config.index.k, self._retrieval.gold

        contexts = {
            "none": no_context,
            "top-k": top_k(self._retrieval, k),
            "top-k with gold": top_k_with_gold(self._retrieval, k, gold),
        }
        return Toolbox(
            self._bench.generator,
            contexts,
            lambda name, material: self._tuning.tuned(name, material, training).adapter,
            self._style,
            tuple(shots),
            self.max_new_tokens,
        )

    def shots(self, count: int, draw: int = 0) -> tuple[Shot, ...]:
        """The worked examples of the untuned methods; other draws are other examples."""
        train, gold = self._bench.data.holdout.train, self._retrieval.gold
        nearest = {question.id: self._retrieval.found[question.id].hits[0].passage for question in train}
        return pick_shots(train, gold, nearest, count, self._bench.config.holdout.seed + draw)

    @cached_property
    def few_shot(self) -> FewShotChoice:
        """How many worked examples the untuned methods show, as set or chosen on dev."""
        wanted = self._bench.config.generator.few_shot
        dev = dev_sample(self._bench.data.holdout.dev, self._bench.config.holdout.seed)
        judged = [name for name in ("closed-book", "rag") if name in self._bench.config.methods]
        if wanted != "auto":
            return FewShotChoice(wanted, {}, 0)
        if not dev or not judged:
            return FewShotChoice(0, {}, 0)
        by_id = {question.id: question for question in self._bench.data.holdout.train + dev}
        primary, catalogue = self._bench.config.metrics.primary, Catalogue.of(self._bench.data.corpus.documents)

        def score(answer: Answer, question: Question) -> float | None:
            scores = score_answers([answer], by_id, None, catalogue=catalogue)
            return next(found.value for found in scores if found.metric == primary)

        def work(folder: Path, progress: StepProgress) -> None:
            def make(method: str, count: int) -> PromptAnswerer:
                request = f"few-shot/{folder.name}/{method}/{count}"
                note = f"{method}, {count} worked examples"
                toolbox = self.toolbox(self.shots(count))
                return PromptedMethod(
                    METHODS[method], toolbox, request, lambda done, total: progress(done, total, note)
                ).answerer(None)

            write_json(folder / "choice.json", asdict(choose_few_shot(dev, make, judged, score)))

        inputs = self.inputs([question.query for question in dev]) | {
            "gold": [list(question.answers) for question in dev],
            "methods": judged,
            "primary": primary,
            "train": [asdict(shot) for shot in self.shots(3)],
        }
        code = [*CODE, "methods/few_shot.py", "methods/examples.py", "metrics"]
        step = self._bench.folder.run(StepSpec("few-shot", inputs, code, MODEL_LIBRARIES), work)
        return FewShotChoice(**read_json(step.path / "choice.json"))

    def inputs(self, queries: Sequence[Query]) -> dict[str, Any]:
        """What decides the texts for these queries beside weights, context and worked examples."""
        return {
            **self._bench.generator_inputs(),
            "batch_size": self._bench.config.generator.batch_size,
            "style": asdict(self._style),
            "max_new_tokens": self.max_new_tokens,
            "retrieve": self._retrieval.step.key,
            "k": self._bench.config.index.k,
            "queries": [asdict(query) for query in queries],
        }

    def prompt(self, method: str) -> str:
        """One method's prompt for the first test question, word for word; of methods without one, what they read."""
        if METHODS[method].engine == "encoder":
            return f"no prompt, the text alone: {self._bench.data.holdout.test[0].text}"
        if METHODS[method].engine == "endpoint":
            return self.served.prompt(method)
        shots = self.shots(self.few_shot.shots)
        answerer = PromptedMethod(METHODS[method], self.toolbox(shots), "show").answerer(None)
        return answerer.prompts([self._bench.data.holdout.test[0].query])[0].text

    def ask(self, method: str) -> tuple[Asked, ...]:
        """Fit a method and ask it every test question, once per training seed if it has an adapter."""
        return self._engines[METHODS[method].engine](method)

    def _ask_generator(self, method: str) -> tuple[Asked, ...]:
        return tuple(self._ask(method, seed) for seed in seeds_of(method, self._bench.config))

    @cached_property
    def options(self) -> Options:
        """The labels that the generator's methods score beside their answers."""
        return options_of(self._bench.config.generator.option_scoring, self._style)

    def answerer(self, method: str, asked: Asked, request: str) -> PromptAnswerer:
        """One of the generator's methods as it was asked: the same weights, prompts and worked examples."""
        recipe = METHODS[method]
        toolbox = self.toolbox(self.shots(self.few_shot.shots) if recipe.few_shot else (), asked.seed)
        return PromptedMethod(recipe, toolbox, request).answerer(asked.tuned.adapter if asked.tuned else None)

    def _ask(self, method: str, seed: int) -> Asked:
        recipe, config = METHODS[method], self._bench.config
        queries = [question.query for question in self._bench.data.holdout.test]
        shots = self.shots(self.few_shot.shots) if recipe.few_shot else ()
        name = recipe.adapter
        tuned = None if name is None else self._tuning.tuned(name, self._bench.data.material, seed)

        def work(folder: Path, progress: StepProgress) -> None:
            request = f"answer/{method}/{folder.name}"
            prompted = PromptedMethod(
                recipe, self.toolbox(shots, seed), request, lambda done, total: progress(done, total, "answers")
            )
            answerer = prompted.fit(self._bench.data.material)
            answers = answerer.answer(queries)
            (folder / "prompt.txt").write_text(answerer.prompts(queries[:1])[0].text, encoding="utf-8")
            write_answers(folder, answers)

        inputs = self.inputs(queries) | {
            "adapter": tuned.adapter.digest if tuned else "base",
            "context": recipe.context,
            "shots": [asdict(shot) for shot in shots],
            "gold": [asdict(self._retrieval.gold[query.id])["units"] for query in queries]
            if recipe.context == "top-k with gold"
            else None,
        }
        step_of = step_name(f"answer-{method}", seed, config) if tuned else f"answer-{method}"
        step = self._bench.folder.run(StepSpec(step_of, inputs, CODE, MODEL_LIBRARIES), work)
        answers = read_answers(step.path, self._passages)
        return Asked(seed, answers, (step.path / "prompt.txt").read_text(encoding="utf-8"), tuned, step.key)


def answer_limit(wanted: int | Literal["auto"], lengths: Sequence[int]) -> int:
    """The limit for generated tokens: as wanted, or from the sorted token counts of the training targets.

    Raises:
        ConfigError: more than 5 % of the training targets are longer than the limit that is wanted.
    """
    if wanted == "auto":
        return lengths[math.ceil(LIMIT_QUANTILE * len(lengths)) - 1] + LIMIT_ROOM
    too_long = sum(length > wanted for length in lengths)
    if too_long > MAX_SHARE_CUT * len(lengths):
        raise ConfigError(
            f"generator.max_new_tokens: {wanted} would cut {too_long} of {len(lengths)} training answers, the longest "
            f"has {lengths[-1]} tokens; raise it or use auto"
        )
    return wanted

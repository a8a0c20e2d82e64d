"""Questions to training examples. Pure: what is random comes from a seed and the question's id.

An example of adapter A is `question -> answer` without context. An example of adapter B is built as RAFT does (Zhang et
al. 2024, arXiv 2403.10131, section 3): with probability P the golden passages stand among distractors, else only
distractors are shown.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lab.methods.prompts import ABSTAIN, Message, PromptStyle, build_messages, target_text
from lab.training_config import RaftConfig
from lab.types import Hit, Passage, Question


@dataclass(frozen=True, slots=True)
class TrainingExample:
    """Prompt and target of one question, with what a reader needs to check how the prompt was filled."""

    question_id: str
    messages: tuple[Message, ...]
    target: str
    gold_present: bool = False
    gold_positions: tuple[int, ...] = ()
    passage_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ExampleSet:
    """Training examples and the count of each thing that was dropped or could not be done as asked."""

    examples: tuple[TrainingExample, ...]
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class GoldPassages:
    """For one question: for each evidence unit the passages that hold it whole, the units' texts, and the ids of all
    passages that touch any evidence.
    """

    units: tuple[tuple[Passage, ...], ...] = ()
    spans: tuple[str, ...] = ()
    touching: frozenset[str] = frozenset()

    def ranked(self, hits: Sequence[Hit]) -> GoldPassages:
        """The same, each unit's passages in the order of `hits`; those that were not found come last."""
        rank = {hit.passage.id: hit.rank for hit in hits}
        units = tuple(
            tuple(sorted(unit, key=lambda passage: rank.get(passage.id, len(rank) + 1))) for unit in self.units
        )
        return replace(self, units=units)

    @property
    def golden(self) -> tuple[Passage, ...]:
        """One passage for each unit that some passage holds whole, none twice."""
        return tuple({unit[0].id: unit[0] for unit in self.units if unit}.values())


@dataclass(frozen=True, slots=True)
class RaftInputs:
    """What RAFT draws from, by question id: gold passages and the retriever's hits; and all passages."""

    gold: Mapping[str, GoldPassages]
    hits: Mapping[str, Sequence[Hit]]
    passages: Sequence[Passage]
    k: int


def closed_book_examples(questions: Sequence[Question], style: PromptStyle) -> ExampleSet:
    """Adapter A: each question with its first gold answer, no context."""
    examples = tuple(
        TrainingExample(
            question.id,
            tuple(build_messages(style, question.text, None)),
            target_text(_first_answer(question), style.reasoning, reason=question.reason, form=style.form),
        )
        for question in questions
    )
    return ExampleSet(examples, {})


def raft_examples(
    questions: Sequence[Question], style: PromptStyle, config: RaftConfig, inputs: RaftInputs, seed: int
) -> ExampleSet:
    """Adapter B: each question among passages; `config.p` is the probability that the golden passages are present.

    The number of passages is constant: without the golden ones, distractors take their places. Positions are shuffled.
    Distractors never touch the evidence; one that holds the answer text is dropped if the answer is a call or has two
    or more words.
    """
    counts = {"gold_present": 0, "gold_absent": 0, "no_gold_known": 0, "distractors_with_answer": 0, "too_few": 0}
    examples = []
    for question in questions:
        rng = question_rng(seed, "raft", question.id)
        gold = inputs.gold.get(question.id, GoldPassages())
        present = bool(gold.golden) and rng.random() < config.p
        golden = gold.golden if present else ()
        slots = _slots(config, inputs.k, len(gold.golden))
        distractors, rejected = _distractors(question, config, inputs, max(slots - len(golden), 0), rng)
        counts["distractors_with_answer"] += rejected
        counts["gold_present" if present else ("gold_absent" if gold.golden else "no_gold_known")] += 1
        counts["too_few"] += len(golden) + len(distractors) < slots
        passages = [*golden, *distractors]
        shuffled = [passages[place] for place in rng.permutation(len(passages))]
        golden_ids = {passage.id for passage in golden}
        examples.append(
            TrainingExample(
                question.id,
                tuple(build_messages(style, question.text, shuffled)),
                _raft_target(question, style, config, gold, present=present),
                present,
                tuple(place for place, passage in enumerate(shuffled) if passage.id in golden_ids),
                tuple(passage.id for passage in shuffled),
            )
        )
    return ExampleSet(tuple(examples), counts)


def question_rng(seed: int, purpose: str, question_id: str) -> np.random.Generator:
    """A generator of its own for each question, so that adding questions moves nothing."""
    digest = hashlib.sha256(f"{seed}|{purpose}|{question_id}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def _first_answer(question: Question) -> str:
    return question.answers[0] if question.answers else ABSTAIN


def _slots(config: RaftConfig, k: int, n_golden: int) -> int:
    """Passages in a prompt: one golden place and the distractors; more golden passages take distractors' places."""
    distractors = k - 1 if config.distractors == "auto" else config.distractors
    return max(distractors + 1, n_golden)


def _raft_target(
    question: Question, style: PromptStyle, config: RaftConfig, gold: GoldPassages, *, present: bool
) -> str:
    if question.answers and not present and config.no_gold_target == "abstain":
        return target_text(ABSTAIN, style.reasoning)
    explains = question.answers and (present or config.no_gold_target == "paper")
    quote, reason = (_quote(gold), question.reason) if explains else (None, None)
    return target_text(_first_answer(question), style.reasoning, quote, reason, style.form)


def _quote(gold: GoldPassages) -> str | None:
    """The first sentence of a golden passage, word for word, that holds an evidence span whole."""
    for passage in gold.golden:
        for sentence in re.split(r"(?<=[.!?])\s+", passage.text):
            if any(re.search(rf"(?<!\w){re.escape(span)}(?!\w)", sentence) for span in gold.spans):
                return sentence
    return None


def _distractors(
    question: Question, config: RaftConfig, inputs: RaftInputs, count: int, rng: np.random.Generator
) -> tuple[list[Passage], int]:
    """`count` distractors from hard negatives, random passages or half of each, and how many held the answer."""
    touching = inputs.gold.get(question.id, GoldPassages()).touching
    telling = question.kind == "call"  # one word, but never found by accident
    answers = [answer.casefold() for answer in question.answers if telling or len(answer.split()) >= 2]
    chosen: dict[str, Passage] = {}
    rejected: set[str] = set()

    def take(passage: Passage, limit: int) -> None:
        if len(chosen) >= limit or passage.id in touching:
            return
        if any(answer in passage.text.casefold() for answer in answers):
            rejected.add(passage.id)
        else:
            chosen[passage.id] = passage

    hard = [hit.passage for hit in inputs.hits.get(question.id, ())]
    wanted_hard = {"hard": count, "random": 0, "mix": (count + 1) // 2}[config.distractor_source]
    for passage in hard:
        take(passage, wanted_hard)
    n_draws = min(len(inputs.passages), count + len(touching) + 50)
    for place in rng.choice(len(inputs.passages), size=n_draws, replace=False):
        take(inputs.passages[int(place)], count)
    for passage in hard:
        take(passage, count)
    return list(chosen.values()), len(rejected)

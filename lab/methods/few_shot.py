"""Worked examples in the prompts of the untuned methods: which ones, and whether they help on dev."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lab.methods.examples import GoldPassages, question_rng
from lab.methods.prompts import ABSTAIN, Shot
from lab.types import LABEL_KINDS, Answer, Answerer, Passage, Question

AUTO_SHOTS = 3
MAX_DEV_QUESTIONS = 40

Score = Callable[[Answer, Question], float | None]


@dataclass(frozen=True, slots=True)
class FewShotChoice:
    """The number of worked examples and, if it was chosen, the dev score of each candidate by method."""

    shots: int
    dev_scores: Mapping[str, Mapping[str, float]]
    n_dev: int


def pick_shots(
    train: Sequence[Question],
    gold: Mapping[str, GoldPassages],
    nearest: Mapping[str, Passage],
    count: int,
    seed: int,
) -> tuple[Shot, ...]:
    """`count` training questions, seeded, of as many kinds as possible, the kinds that are most frequent first.

    Where answers are labels, each label counts as a kind. Each comes with its gold passages; an unanswerable one with
    the passage that retrieval puts first, and the answer that declines, as tuned methods see such questions too.
    """
    usable = [question for question in train if not question.answers or gold.get(question.id, GoldPassages()).golden]
    frequency = Counter(_kind(question) for question in usable)
    ranked = sorted(usable, key=lambda question: question_rng(seed, "shot", question.id).random())
    seen: dict[str, int] = {}
    rounds: list[tuple[int, int, int, Question]] = []
    for question in ranked:
        kind = _kind(question)
        rounds.append((seen.setdefault(kind, 0), -frequency[kind], len(rounds), question))
        seen[kind] += 1
    chosen = [entry[-1] for entry in sorted(rounds, key=lambda entry: entry[:3])[:count]]
    return tuple(
        Shot(question.text, gold[question.id].golden, question.answers[0], question.reason)
        if question.answers
        else Shot(question.text, (nearest[question.id],), ABSTAIN)
        for question in chosen
    )


def dev_sample(dev: Sequence[Question], seed: int) -> tuple[Question, ...]:
    """At most 40 dev questions, drawn by seeded hash."""
    drawn = sorted(dev, key=lambda question: question_rng(seed, "few-shot-dev", question.id).random())
    return tuple(drawn[:MAX_DEV_QUESTIONS])


def choose_few_shot(
    asked: Sequence[Question], answerer: Callable[[str, int], Answerer], methods: Sequence[str], score: Score
) -> FewShotChoice:
    """0 or 3 worked examples for all untuned methods, by the mean score over `methods` on dev; a tie takes 0.

    `answerer(method, shots)` makes the method that is asked; `score` is the primary metric.
    """
    queries = [question.query for question in asked]
    scores: dict[str, dict[str, float]] = {}
    for shots in (0, AUTO_SHOTS):
        scores[str(shots)] = {}
        for method in methods:
            answers = answerer(method, shots).answer(queries)
            values = [score(answer, question) for answer, question in zip(answers, asked, strict=True)]
            defined = [value for value in values if value is not None]
            if not defined:  # the primary metric says nothing about these questions
                return FewShotChoice(0, {}, 0)
            scores[str(shots)][method] = sum(defined) / len(defined)
    means = {shots: sum(by_method.values()) / len(by_method) for shots, by_method in scores.items()}
    better = means[str(AUTO_SHOTS)] > means["0"]
    return FewShotChoice(AUTO_SHOTS if better else 0, scores, len(asked))


def _kind(question: Question) -> str:
    return f"{question.kind} {question.answers[0]}" if question.kind in LABEL_KINDS else question.kind

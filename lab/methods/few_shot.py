"""Worked examples in the prompts of the untuned methods: which ones, and whether they help on dev."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lab.methods.examples import GoldPassages, question_rng
from lab.methods.prompts import Shot
from lab.types import Answer, Answerer, Question

AUTO_SHOTS = 3
MAX_DEV_QUESTIONS = 40

Score = Callable[[Answer, Question], float]


@dataclass(frozen=True, slots=True)
class FewShotChoice:
    """The number of worked examples and, if it was chosen, the dev score of each candidate by method."""

    shots: int
    dev_scores: Mapping[str, Mapping[str, float]]
    n_dev: int


def pick_shots(train: Sequence[Question], gold: Mapping[str, GoldPassages], count: int, seed: int) -> tuple[Shot, ...]:
    """`count` answerable training questions with their gold passages, of as many kinds as possible, seeded."""
    usable = [question for question in train if question.answers and gold.get(question.id, GoldPassages()).golden]
    ranked = sorted(usable, key=lambda question: question_rng(seed, "shot", question.id).random())
    seen: dict[str, int] = {}
    rounds: list[tuple[int, int, Question]] = []
    for question in ranked:
        rounds.append((seen.setdefault(question.kind, 0), len(rounds), question))
        seen[question.kind] += 1
    chosen = [question for _, _, question in sorted(rounds, key=lambda entry: entry[:2])[:count]]
    return tuple(Shot(question.text, gold[question.id].golden, question.answers[0]) for question in chosen)


def choose_few_shot(
    dev: Sequence[Question], answerer: Callable[[str, int], Answerer], methods: Sequence[str], score: Score
) -> FewShotChoice:
    """0 or 3 worked examples for all untuned methods, by the mean dev score over `methods`; a tie takes 0.

    `answerer(method, shots)` makes the method that is asked; `score` is the primary metric.
    """
    asked = list(dev[:MAX_DEV_QUESTIONS])
    queries = [question.query for question in asked]
    scores: dict[str, dict[str, float]] = {}
    for shots in (0, AUTO_SHOTS):
        scores[str(shots)] = {}
        for method in methods:
            answers = answerer(method, shots).answer(queries)
            values = [score(answer, question) for answer, question in zip(answers, asked, strict=True)]
            scores[str(shots)][method] = sum(values) / len(values)
    means = {shots: sum(by_method.values()) / len(by_method) for shots, by_method in scores.items()}
    better = means[str(AUTO_SHOTS)] > means["0"]
    return FewShotChoice(AUTO_SHOTS if better else 0, scores, len(asked))

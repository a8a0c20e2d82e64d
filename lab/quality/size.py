"""Whether the test can show the difference that matters, and who wrote the questions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lab import rounding
from lab.quality.finding import Finding, capital, clipped, first, part, some, verb
from lab.types import REVIEWED, RULE_MAKERS, Holdout, Question

SIZE, SYNTHETIC = "size of the test", "who wrote the questions"
SHOWS_NOTHING = 0.3  # as large as the share of questions on which two methods are taken to differ
MOSTLY = 0.5
CHOSEN = (
    "What the teacher knew without the passage, or did not answer from it, was left out: methods without passages "
    "score too low, those with passages too high, most of all if the teacher is the run's generator."
)


@dataclass(frozen=True, slots=True)
class Power:
    """`detectable` difference of two scores (80 % power, corrected); `margin` is the one that matters to the user.

    `questions` and `clusters` more would show `margin`.
    """

    detectable: float
    margin: float
    questions: int
    clusters: int


def too_few(holdout: Holdout, power: Power) -> list[Finding]:
    """An error where the test can show no difference at all, a warning where it cannot show the margin."""
    n, clusters = len(holdout.test), len({question.cluster for question in holdout.test})
    if power.questions == 0:
        return []
    asked = f"{some(n, 'test question')} from {some(clusters, 'cluster')}"
    more = (
        f"Ask about {some(power.questions, 'more question')} from {some(power.clusters, 'more document')}, or set "
        "metrics.margin to the difference that matters to you."
    )
    if power.detectable >= SHOWS_NOTHING:
        said = f"{asked} can show next to nothing: two methods would have to differ by {power.detectable:.2f}."
        return [Finding(SIZE, "error", n, None, said, (), more)]
    said = (
        f"{asked} {verb(n, 'show')} a difference of about {power.detectable:.2f}, not the margin of {power.margin:g}."
    )
    return [Finding(SIZE, "warning", n, None, said, (), more)]


def synthetic_share(holdout: Holdout) -> list[Finding]:
    """Questions that no person wrote, by side. A warning where the test has some that no person read."""
    sides = {"train": holdout.train, "dev": holdout.dev, "test": holdout.test}
    made = {
        side: Counter(question.synthetic for question in questions if question.synthetic is not None)
        for side, questions in sides.items()
    }
    found = []
    if test := made["test"]:
        amount, n = sum(test.values()), len(holdout.test)
        makers = " and ".join(clipped(str(maker)) for maker, _ in test.most_common(3))
        said = f"{capital(part(amount, n, 'test question'))} {verb(amount, 'were')} written by {makers}"
        said += " from the passages: this favours retrieval."
        said += f" {CHOSEN}" if any(by_teacher(str(maker)) for maker in test) else ""
        read = all(str(maker).endswith(REVIEWED) for maker in test)
        ids = [question.id for question in holdout.test if question.synthetic is not None]
        advice = "Have people write a test set, too." if read else "Have people write a test set, or review this one."
        found.append(Finding(SYNTHETIC, "note" if read else "warning", amount, n, said, first(ids), advice))
    rest = made["train"] + made["dev"]
    if rest:
        amount, n = sum(rest.values()), len(holdout.train) + len(holdout.dev)
        makers = ", ".join(f"{clipped(str(maker))} {times}" for maker, times in rest.most_common(3))
        said = f"{rounding.share(amount / n)} of the training and dev questions are synthetic ({makers})."
        found.append(Finding(SYNTHETIC, "note", amount, n, said))
    return found


def by_teacher(maker: str) -> bool:
    """Whether a model wrote a question and its filters chose it; `maker` is what `Question.synthetic` names."""
    return maker.removesuffix(REVIEWED) not in RULE_MAKERS


def mostly_chosen(questions: Sequence[Question]) -> bool:
    """Whether at least half of the questions are a teacher's, which leaves out what it knows."""
    chosen = [one for one in questions if one.synthetic is not None and by_teacher(one.synthetic)]
    return bool(questions) and len(chosen) >= MOSTLY * len(questions)

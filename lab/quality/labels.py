"""Class balance: how often each label and each kind of question stands on each side of the split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lab import rounding
from lab.quality.finding import Finding, clipped, first, some
from lab.types import LABEL_KINDS, Holdout, Question

CHECK = "class balance"
FEW = 5
MAJORITY = 0.8
SHOWN = 8


def class_balance(holdout: Holdout) -> list[Finding]:
    """Labels that are too frequent, too rare or never trained on, kind by kind; then rare kinds."""
    kinds = sorted({question.kind for question in holdout.test} & LABEL_KINDS)
    return [found for kind in kinds for found in _labels(kind, holdout)] + _kinds(holdout.test)


def _labels(kind: str, holdout: Holdout) -> list[Finding]:
    train, test = _count(holdout.train, kind), _count(holdout.test, kind)
    n = sum(test.values())
    if len(test) > max(20, n / 3):
        said = (
            f"{some(len(test), 'different label')} in {some(n, 'test question')} of kind {kind}: these look like free "
            "answers, not labels."
        )
        return [Finding(CHECK, "warning", len(test), n, said, _names(test), "Set corpus.kind to free or span.")]
    most, times = test.most_common(1)[0]
    share = times / n
    found = [
        Finding(
            CHECK,
            "warning" if share >= MAJORITY else "note",
            times,
            n,
            f"Always answering {clipped(most)} would be right on {rounding.share(share)} of the "
            f"{some(n, 'test question')} of kind {kind}: compare every score with that.",
            advice="Read macro F1 beside accuracy, or balance the test." if share >= MAJORITY else "",
        )
    ]
    unseen = [label for label in test if label not in train]
    if unseen:
        found.append(
            Finding(
                CHECK,
                "warning",
                len(unseen),
                len(test),
                f"{some(len(unseen), 'label')} of kind {kind} in the test only: no tuned method can learn "
                f"{'it' if len(unseen) == 1 else 'them'}.",
                tuple(unseen[:SHOWN]),
                "Add training questions with these labels.",
            )
        )
    rare = [label for label in train | test if train[label] and (train[label] < FEW or test[label] < FEW)]
    if rare:
        counts = tuple(f"{clipped(label)}: {train[label]} train, {test[label]} test" for label in rare[:SHOWN])
        found.append(
            Finding(
                CHECK,
                "warning",
                len(rare),
                len(train | test),
                f"{some(len(rare), 'label')} of kind {kind} with fewer than {FEW} training or {FEW} test questions: "
                "what is said of them is chance.",
                counts,
                "Add questions, or join rare labels.",
            )
        )
    return found


def _kinds(test: Sequence[Question]) -> list[Finding]:
    counts = Counter(question.kind for question in test)
    rare = [kind for kind, times in counts.items() if times < FEW]
    if not rare or len(counts) == 1:
        return []
    shown = tuple(f"{kind}: {counts[kind]} test" for kind in rare)
    said = f"{some(len(rare), 'kind')} of question with fewer than {FEW} test questions: their slices say nothing."
    return [Finding(CHECK, "note", len(rare), len(counts), said, first(shown))]


def _count(questions: Sequence[Question], kind: str) -> Counter[str]:
    """Questions by label, case folded, as the first gold answer says."""
    return Counter(
        question.answers[0].strip().casefold() for question in questions if question.kind == kind and question.answers
    )


def _names(counts: Counter[str]) -> tuple[str, ...]:
    return tuple(clipped(label) for label, _ in counts.most_common(SHOWN))

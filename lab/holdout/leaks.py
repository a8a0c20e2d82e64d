"""Test questions that also stand in training (or dev), word for word or nearly so.

A division made by `divide` has none. Splits that come with the data can have them: exact ones stop the run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lab.errors import LeakageError, list_faults
from lab.holdout.likeness import (
    ShingleIndex,
    Sketch,
    about_the_same,
    near_pairs,
    normal_text,
    sketch,
    spaced_words,
)
from lab.types import Holdout, Question


@dataclass(frozen=True, slots=True)
class Leak:
    """A test question and the question of train or dev (`train_id`) that gives it away."""

    train_id: str
    test_id: str
    similarity: float
    why: str


@dataclass(frozen=True, slots=True)
class Leaks:
    """What of the test stands in train or dev.

    exact: equal normalised text. near: near-duplicate text (Jaccard >= 0.8) about the same fact.
    near_misses: test questions that have a near-duplicate about another fact; no leaks.
    intended: near pairs of one group on the track `wording`, which is made of them; no leaks.
    straddling_groups: groups on both sides on the other tracks, where other words for a trained fact are tested.
    questions_holding_their_answer: ids of test questions whose text contains a gold answer.
    """

    exact: tuple[Leak, ...] = ()
    near: tuple[Leak, ...] = ()
    near_misses: int = 0
    intended: int = 0
    straddling_groups: tuple[str, ...] = ()
    questions_holding_their_answer: tuple[str, ...] = ()


def find_leaks(holdout: Holdout) -> Leaks:
    """Compare train and dev with test."""
    seen, test = (*holdout.train, *holdout.dev), holdout.test
    sketches = sketch([question.text for question in (*seen, *test)])
    dev_ids = frozenset(question.id for question in holdout.dev)
    near, intended = [], 0
    for one, other, similarity in _near_across(seen, test, sketches):
        if holdout.track == "wording" and one.group is not None and one.group == other.group:
            intended += 1
        else:
            near.append(_leak(one, other, similarity, dev_ids))
    return Leaks(
        exact=tuple(_leak(one, other, 1.0, dev_ids) for one, other in _equal_across(seen, test)),
        near=tuple(near),
        near_misses=_count_near_misses(seen, test, sketches),
        intended=intended,
        straddling_groups=() if holdout.track == "wording" else _shared_groups(seen, test),
        questions_holding_their_answer=tuple(question.id for question in test if _holds_its_answer(question)),
    )


def stop_on_exact(leaks: Leaks, holdout: Holdout, given: bool) -> None:
    """Stop where splits that came with the data (`given`) put a test question into train or dev word for word.

    Raises:
        LeakageError: lists up to 20 pairs.
    """
    if not given or not leaks.exact:
        return
    texts = {question.id: question.text for question in holdout.test}
    faults = [f"{leak.train_id} = {leak.test_id} ({leak.why}): {texts[leak.test_id]!r}" for leak in leaks.exact]
    tested = len({leak.test_id for leak in leaks.exact})
    title = (
        f"the given splits leak: {tested} of {len(holdout.test)} test questions also stand in train or dev, "
        "so the test would reward memory of the test itself; remove one of each pair, "
        "or remove all splits to have the questions divided without leaks"
    )
    raise LeakageError(list_faults(title, faults))


def _leak(one: Question, other: Question, similarity: float, dev_ids: frozenset[str]) -> Leak:
    likeness = "equal text" if similarity == 1.0 and normal_text(one.text) == normal_text(other.text) else "near text"
    fact = "same fact" if about_the_same(one, other) else "different evidence"
    return Leak(one.id, other.id, similarity, f"{likeness}, {fact}, in {'dev' if one.id in dev_ids else 'train'}")


def _equal_across(seen: Sequence[Question], test: Sequence[Question]) -> Iterator[tuple[Question, Question]]:
    by_text: defaultdict[str, list[Question]] = defaultdict(list)
    for question in seen:
        by_text[normal_text(question.text)].append(question)
    return ((one, other) for other in test for one in by_text.get(normal_text(other.text), ()))


def _near_across(
    seen: Sequence[Question], test: Sequence[Question], sketches: Sequence[Sketch]
) -> Iterator[tuple[Question, Question, float]]:
    questions = (*seen, *test)
    for first, second, similarity in near_pairs(questions, sketches):
        one, other = questions[first], questions[second]
        across = first < len(seen) <= second
        if across and normal_text(one.text) != normal_text(other.text):
            yield one, other, similarity


def _count_near_misses(seen: Sequence[Question], test: Sequence[Question], sketches: Sequence[Sketch]) -> int:
    index = ShingleIndex(sketches[: len(seen)])

    def misses(question: Question, own: Sketch) -> bool:
        text = normal_text(question.text)
        near = (seen[position] for position in index.near(own))
        return any(not about_the_same(question, one) and normal_text(one.text) != text for one in near)

    return sum(misses(question, own) for question, own in zip(test, sketches[len(seen) :], strict=True))


def _shared_groups(seen: Sequence[Question], test: Sequence[Question]) -> tuple[str, ...]:
    trained = {question.group for question in seen}
    return tuple(sorted({q.group for q in test if q.group is not None and q.group in trained}))


def _holds_its_answer(question: Question) -> bool:
    if question.kind == "yes-no":
        return False
    words = spaced_words(question.text)
    return any(_is_telling(answer) and spaced_words(answer) in words for answer in question.answers)


def _is_telling(answer: str) -> bool:
    """Shorter answers stand in questions by accident, such as the 2 of 'in 2 days'."""
    normal = normal_text(answer)
    return normal not in {"yes", "no"} and (len(normal.split()) >= 2 or len(normal) >= 4)

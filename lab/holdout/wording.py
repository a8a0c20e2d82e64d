"""The `wording` track: of a fact that has several wordings one is tested and the others are trained.

A *unit* is what cannot be divided: questions with equal text, and near-duplicates that belong to different groups. A
*fact* is a group, or several groups that share a unit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lab.holdout.components import Joined, component_key
from lab.holdout.likeness import near_pairs, normal_text, sketch
from lab.holdout.order import chance, natural
from lab.types import Question, Split

Unit = list[Question]


class Shares(NamedTuple):
    """Shares of the questions that are tested and that are used to choose; the rest is trained."""

    test: float
    dev: float


def divide_wordings(questions: Sequence[Question], seed: int, shares: Shares) -> dict[str, Split]:
    """Side of each question, by id. Facts that have one wording are trained; those without an answer go like others.

    Each fact holds out at most one unit. A fact of w units is tested with probability w * shares.test, which gives
    the asked share of its questions, and never more than the share that leaves room for dev. The probability depends
    on the fact alone, so facts that are appended move nothing.
    """
    sides: dict[str, Split] = {question.id: "train" for question in questions}
    for fact in _facts(questions):
        side = _side_of_fact(fact, seed, shares)
        candidates = _can_be_held_out(fact)
        if side != "train" and candidates:
            # A unit goes by its smallest hash, not by its place in the fact, so that no style of wording is favoured.
            chosen = min(candidates, key=lambda unit: (chance(seed, "unit", _unit_key(unit)), _unit_key(unit)))
            sides.update({question.id: side for question in chosen})
    return sides


def _side_of_fact(fact: Sequence[Unit], seed: int, shares: Shares) -> Split:
    held_out = shares.test + shares.dev
    if held_out == 0.0:
        return "train"
    u = chance(seed, "side", component_key([question for unit in fact for question in unit], "wording"))
    test = min(shares.test * len(fact), shares.test / held_out)
    dev = min(shares.dev * len(fact), shares.dev / held_out)
    # Test grows from 0 and dev from 1: a tested fact which gains a wording is still tested, and one in dev stays there.
    return "test" if u < test else "dev" if u >= 1.0 - dev else "train"


def _facts(questions: Sequence[Question]) -> list[list[Unit]]:
    joined = _joined_units(questions)
    units = joined.sets()
    joined.join_by((i, q.group) for i, q in enumerate(questions) if q.group is not None)
    facts: defaultdict[int, list[Unit]] = defaultdict(list)
    for unit in units:
        facts[joined.find(unit[0])].append([questions[i] for i in unit])
    return list(facts.values())


def _joined_units(questions: Sequence[Question]) -> Joined:
    joined = Joined(len(questions))
    joined.join_by((i, normal_text(q.text)) for i, q in enumerate(questions))
    for first, second, _ in near_pairs(questions, sketch([q.text for q in questions])):
        group = questions[first].group
        if group is None or group != questions[second].group:
            joined.join(first, second)
    return joined


def _can_be_held_out(fact: Sequence[Unit]) -> list[Unit]:
    """Units of grouped questions, one wording of each group, whose groups all keep a trained wording."""
    units_of: defaultdict[str, int] = defaultdict(int)
    for unit in fact:
        for group in _texts_by_group(unit):
            units_of[group] += 1
    return [unit for unit in fact if _is_one_wording(unit, units_of)]


def _is_one_wording(unit: Unit, units_of: Mapping[str, int]) -> bool:
    if any(question.group is None for question in unit):
        return False
    return all(len(texts) == 1 and units_of[group] > 1 for group, texts in _texts_by_group(unit).items())


def _texts_by_group(unit: Unit) -> dict[str, set[str]]:
    texts: defaultdict[str, set[str]] = defaultdict(set)
    for question in unit:
        if question.group is not None:
            texts[question.group].add(normal_text(question.text))
    return dict(texts)


def _unit_key(unit: Unit) -> str:
    return min((question.id for question in unit), key=natural)

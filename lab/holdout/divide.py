"""Questions -> train, dev and test, once, by seeded hashes, so that appended data moves no old question.

On every track the index holds all documents; the track says what training saw of the tested facts:
`question` their documents, `wording` the facts themselves in other words, `document` nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from lab.config import HoldoutConfig
from lab.errors import DataError, list_faults
from lab.holdout.components import component_key, components
from lab.holdout.order import chance, natural
from lab.holdout.wording import Shares, divide_wordings
from lab.types import Holdout, Question, Split, Track

SIDES: tuple[Split, ...] = ("train", "dev", "test")


def divide(questions: Sequence[Question], config: HoldoutConfig) -> Holdout:
    """Divide questions once. The order of `questions` does not matter; each side comes in natural order of ids.

    Splits that come with the data are used as they are. Where they name no dev, dev is taken from train by hash:
    `config.dev` of the training questions. Limits keep the smallest by a seeded hash of the id.

    Raises:
        DataError: an id twice, splits for some questions only, or a side that is empty.
    """
    ordered = sorted(questions, key=lambda question: natural(question.id))
    _refuse_repeated_ids(ordered)
    given = any(question.split is not None for question in ordered)
    sides = _given_sides(ordered, config) if given else _sides(ordered, config, Shares(config.test, config.dev))
    parts = _limit({side: [q for q in ordered if sides[q.id] == side] for side in SIDES}, config)
    _refuse_empty_sides(parts, config, given)
    return Holdout(
        train=tuple(parts["train"]),
        dev=tuple(parts["dev"]),
        test=tuple(parts["test"]),
        track=config.track,
        fingerprint=fingerprint(parts),
    )


def fingerprint(parts: Mapping[Split, Iterable[Question]]) -> str:
    """sha256 over the sorted (side, id, text, answers) of all questions, 64 hex digits."""
    rows = sorted([side, q.id, q.text, *q.answers] for side, part in parts.items() for q in part)
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def _sides(questions: Sequence[Question], config: HoldoutConfig, shares: Shares) -> dict[str, Split]:
    if config.track == "wording":
        return divide_wordings(questions, config.seed, shares)
    sides: dict[str, Split] = {}
    for members in components(questions, config.track):
        u = chance(config.seed, "side", component_key(members, config.track))
        side: Split = "test" if u < shares.test else "dev" if u < shares.test + shares.dev else "train"
        sides.update({question.id: side for question in members})
    return sides


def _given_sides(questions: Sequence[Question], config: HoldoutConfig) -> dict[str, Split]:
    without = [f"question {question.id}: no split" for question in questions if question.split is None]
    if without:
        title = (
            f"expected a split for every question or for none, {len(without)} of {len(questions)} have none; "
            "add split: train, dev or test, or remove all splits"
        )
        raise DataError(list_faults(title, without))
    sides: dict[str, Split] = {question.id: question.split for question in questions if question.split is not None}
    if config.dev > 0.0 and "dev" not in sides.values():
        train = [question for question in questions if question.split == "train"]
        sides.update(_sides(train, config, Shares(test=0.0, dev=config.dev)))
    return sides


def _limit(parts: Mapping[Split, list[Question]], config: HoldoutConfig) -> dict[Split, list[Question]]:
    dev = _keep(parts["dev"], config.limit_dev, config.seed)
    test = _keep(parts["test"], config.limit_test, config.seed)
    needed = _training_wordings(parts["train"], [test, dev], config.seed) if config.track == "wording" else {}
    return {"train": _keep(parts["train"], config.limit_train, config.seed, needed), "dev": dev, "test": test}


def _keep(
    questions: list[Question], limit: int | None, seed: int, rank: Mapping[str, int] | None = None
) -> list[Question]:
    """The first `limit` by rank, then by hash of the id; what has no rank comes last. Order is kept."""
    if limit is None or len(questions) <= limit:
        return questions
    ranks = rank or {}
    by_hash = sorted(questions, key=lambda q: (ranks.get(q.id, len(ranks)), _luck(q, seed)))
    kept = {question.id for question in by_hash[:limit]}
    return [question for question in questions if question.id in kept]


def _training_wordings(train: Iterable[Question], held_out: Sequence[list[Question]], seed: int) -> dict[str, int]:
    """Rank 0 for one training wording of each tested group, 1 for one of each other group in dev; by question id.

    Without this a limit could remove every wording of a tested fact, and the track would no longer be what it says.
    """
    rank_of_group: dict[str, int] = {}
    for rank, part in enumerate(held_out):
        for question in part:
            if question.group is not None:
                rank_of_group.setdefault(question.group, rank)
    ranks: dict[str, int] = {}
    for question in sorted(train, key=lambda q: _luck(q, seed)):
        if question.group in rank_of_group:
            ranks[question.id] = rank_of_group.pop(question.group)
    return ranks


def _luck(question: Question, seed: int) -> tuple[float, str]:
    return chance(seed, "limit", question.id), question.id


def _refuse_repeated_ids(questions: Sequence[Question]) -> None:
    counts = Counter(question.id for question in questions)
    faults = [f"question {id_}: {count} times" for id_, count in counts.items() if count > 1]
    if faults:
        raise DataError(list_faults("expected every question id once; rename these", faults))


def _refuse_empty_sides(parts: Mapping[Split, Sequence[Question]], config: HoldoutConfig, given: bool) -> None:
    empty = [side for side in SIDES if not parts[side] and (side != "dev" or config.dev > 0.0)]
    if not empty:
        return
    sizes = ", ".join(f"{side} {len(parts[side])}" for side in SIDES)
    title = f"expected questions in {', '.join(empty)}; the division on track {config.track} gave {sizes}"
    raise DataError(list_faults(title, [_remedy(side, config.track, given) for side in empty]))


def _remedy(side: Split, track: Track, given: bool) -> str:
    if given and side != "dev":
        return f"the splits come with the data: mark some questions split: {side}, or remove all splits"
    change = {
        "train": "lower holdout.test and holdout.dev",
        "dev": "raise holdout.dev, or set it to 0",
        "test": "raise holdout.test",
    }[side]
    reason = {
        "question": "with few questions another holdout.seed can also help",
        "wording": "this track holds out wordings of groups with two or more; without such groups "
        "set holdout.track to question",
        "document": "questions that share a document stay together; with few documents, or many questions "
        "about several, set holdout.track to question",
    }[track]
    return f"{change} ({reason})"

"""Which questions the runs share: those with the same id, the same words and the same gold answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab.compare.runs import FinishedRun

OTHER_TEXT, OTHER_GOLD = "other question text", "other gold answers"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A question that not all runs asked alike; `texts` holds what differs, by run."""

    question_id: str
    reason: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Matching:
    """`ids` of the questions that are compared, sorted. `asked` counts each run's questions.

    `other_clusters` counts matched questions that lie in other company in a later run than in the first, whose clusters
    count.
    """

    ids: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    asked: Mapping[str, int]
    other_clusters: int

    @property
    def complete(self) -> bool:
        """Whether every question of every run is matched."""
        return not self.left_out


def match_questions(runs: Sequence[FinishedRun]) -> Matching:
    """Match by id, never by position. Gold answers are the same in any order."""
    ids = {run.letter: {question.id for question in run.table.questions} for run in runs}
    matched: list[str] = []
    left_out: list[LeftOut] = []
    for question_id in sorted(set().union(*ids.values())):
        reason = _reason(question_id, runs, ids)
        if reason is None:
            matched.append(question_id)
        else:
            having = [run for run in runs if question_id in ids[run.letter]]
            left_out.append(LeftOut(question_id, reason, _texts(question_id, having, reason)))
    counts = {run.letter: len(ids[run.letter]) for run in runs}
    return Matching(tuple(matched), tuple(left_out), counts, _other_clusters(runs, matched))


def _reason(question_id: str, runs: Sequence[FinishedRun], ids: Mapping[str, set[str]]) -> str | None:
    lacking = [run.letter for run in runs if question_id not in ids[run.letter]]
    if lacking:
        having = [run.letter for run in runs if question_id in ids[run.letter]]
        return f"only in {' and '.join(having)}"
    asked = [run.asked[question_id] for run in runs]
    if len({one.text for one in asked}) > 1:
        return OTHER_TEXT
    return OTHER_GOLD if len({tuple(sorted(one.gold)) for one in asked}) > 1 else None


def _texts(question_id: str, runs: Sequence[FinishedRun], reason: str) -> dict[str, str]:
    if reason == OTHER_GOLD:
        return {run.letter: " | ".join(run.asked[question_id].gold) for run in runs}
    return {run.letter: run.asked[question_id].text for run in runs}


def _other_clusters(runs: Sequence[FinishedRun], matched: Sequence[str]) -> int:
    """Clusters are compared by who is in them: their names may differ."""
    first, *others = (_companies(run, matched) for run in runs)
    return sum(any(one[name] != first[name] for one in others) for name in matched)


def _companies(run: FinishedRun, matched: Sequence[str]) -> dict[str, frozenset[str]]:
    cluster = {question.id: question.cluster for question in run.table.questions}
    members: dict[str, set[str]] = {}
    for name in matched:
        members.setdefault(cluster[name], set()).add(name)
    found = {key: frozenset(names) for key, names in members.items()}
    return {name: found[cluster[name]] for name in matched}

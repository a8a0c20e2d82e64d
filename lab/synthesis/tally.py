"""Counts of a round: proposals by stage and maker, rejections by reason."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.synthesis.filters import NOT_NEEDED
from lab.synthesis.nouns import Proposal, Rejection
from lab.types import Question

UNANSWERABLE = "unanswerable"


@dataclass(slots=True)
class Tally:
    """What one round counts. Stages hold how many entered and how many passed."""

    stages: dict[str, list[int]] = field(default_factory=dict)
    proposed: Counter[str] = field(default_factory=Counter)
    accepted: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    passed: Counter[str] = field(default_factory=Counter)
    rejections: list[Rejection] = field(default_factory=list)

    def propose(self, proposals: Iterable[Proposal]) -> None:
        """Count proposals by maker."""
        self.proposed.update(proposal.maker for proposal in proposals)

    def stage(self, name: str, entered: int, passed: int) -> None:
        """Count what went into a stage and came out."""
        before = self.stages.setdefault(name, [0, 0])
        self.stages[name] = [before[0] + entered, before[1] + passed]

    def reject(self, proposal: Proposal, reason: str) -> None:
        """Count and keep one rejection."""
        self.reasons[reason] += 1
        self.rejections.append(Rejection(proposal, reason))

    def pass_on(self, proposals: Iterable[Proposal]) -> None:
        """Count proposals that passed every check, by maker; those that are not accepted then were not needed."""
        self.passed.update(proposal.maker for proposal in proposals)

    def accept(self, questions: Iterable[Question]) -> None:
        """Count accepted questions by maker and kind; those that nothing answers were no proposals: by kind alone."""
        for question in questions:
            self.kinds[question.kind] += 1
            if question.answerable:
                self.accepted[question.synthetic or ""] += 1

    def row(self) -> dict[str, Any]:
        """The counts as JSON."""
        return {
            "stages": self.stages,
            "proposed": dict(self.proposed),
            "accepted": dict(self.accepted),
            "kinds": dict(self.kinds),
            "reasons": dict(self.reasons),
            "not_needed": dict(self.passed - self.accepted),
        }


def total(rounds: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The counts of all rounds together, with accept rates by stage and maker; a rate of nothing is None."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    stages: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rounds:
        for name in ("proposed", "accepted", "kinds", "reasons", "not_needed"):
            found[name].update(row[name])
        for stage, (entered, passed) in row["stages"].items():
            stages[stage] = [stages[stage][0] + entered, stages[stage][1] + passed]
    proposed, accepted, spare = found["proposed"], found["accepted"], found["not_needed"]
    return {
        "passages": sum(row["tried"] for row in rounds),
        "proposals": sum(proposed.values()),
        "passed": sum(accepted.values()) + sum(spare.values()),
        "accepted": sum(accepted.values()),
        "unanswerable": found["kinds"][UNANSWERABLE],
        "kinds": dict(found["kinds"]),
        "makers": {
            maker: {
                "proposed": proposed[maker],
                "accepted": accepted[maker],
                NOT_NEEDED: spare[maker],
                "passed_share": _rate(accepted[maker] + spare[maker], proposed[maker]),
            }
            for maker in proposed
        },
        "stages": {
            stage: {"entered": entered, "passed": passed, "share": _rate(passed, entered)}
            for stage, (entered, passed) in stages.items()
        },
        "rejected": dict(found["reasons"].most_common()),
    }


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None

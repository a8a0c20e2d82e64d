"""What the teacher took, summed over all that it ever computed for a corpus: each reply is kept with its cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.synthesis.store import read_lines

GENERATIONS_FILE, RANKS_FILE, REPLIES_FILE = "generations.jsonl", "ranks.jsonl", "replies.jsonl"


@dataclass(frozen=True, slots=True)
class Cost:
    """How many replies (rankings count as one each), prompt and reply tokens, the teacher's seconds.

    Of `estimated` replies the tokens are a guess from their characters, since the server told none. Seconds of requests
    that ran side by side are added up.
    """

    replies: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    estimated: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.replies + other.replies,
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            self.seconds + other.seconds,
            self.estimated + other.estimated,
        )

    def __sub__(self, other: Cost) -> Cost:
        return Cost(
            self.replies - other.replies,
            self.tokens_in - other.tokens_in,
            self.tokens_out - other.tokens_out,
            self.seconds - other.seconds,
            self.estimated - other.estimated,
        )


def spent(work: Path) -> dict[str, Cost]:
    """What each stage took so far, by the files in the folder of working files; empty before anything was asked."""
    found: defaultdict[str, Cost] = defaultdict(Cost)
    for row in read_lines(work / GENERATIONS_FILE):
        stage = str(row["request"]).rpartition("-")[0]
        found[stage] += Cost(1, row["tokens_in"], row["tokens_out"], row["seconds"])
    for row in read_lines(work / RANKS_FILE):
        found[row["stage"]] += Cost(1, row["tokens"], 0, row["seconds"])
    for row in read_lines(work / REPLIES_FILE):
        found[row["stage"]] += Cost(1, row["tokens_in"], row["tokens_out"], row["seconds"], int(row["estimated"]))
    return dict(found)


def since(now: Mapping[str, Cost], before: Mapping[str, Cost]) -> dict[str, Cost]:
    """What each stage took between two looks; stages that took nothing are left out."""
    found = {stage: cost - before.get(stage, Cost()) for stage, cost in now.items()}
    return {stage: cost for stage, cost in found.items() if cost.replies}

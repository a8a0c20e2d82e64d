"""What passages do to the answers: the same weights with and without them, question by question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lab.outcomes.abstaining import right
from lab.outcomes.factorial import Effect, effect_of
from lab.outcomes.table import ScoreTable

# The method without passages that each method with passages is held against.
WITHOUT: Mapping[str, str] = {
    "rag": "closed-book",
    "oracle": "closed-book",
    "fine-tuned+rag": "fine-tuned",
    "raft": "fine-tuned",
    "endpoint+rag": "endpoint",
}
_OTHER_WEIGHTS = {"raft": "raft has weights of its own; it is held against fine-tuned, tuned on the same questions"}


@dataclass(frozen=True, slots=True)
class Reading:
    """Shares of the questions: `helped` are right with passages and wrong without, `harmed` the other way round.

    `net` = helped - harmed. `note` says where the weights differ too. Everything is None where it does not apply, or
    was not measured, and `reason` says which.
    """

    without: str | None
    helped: Effect | None
    harmed: Effect | None
    net: Effect | None
    note: str | None
    reason: str | None


def reading(table: ScoreTable) -> dict[str, dict[str, Any]]:
    """By method, how passages changed its answers; clustered intervals.

    Right is as in `abstaining.right`: to decline is right for unanswerable questions, wrong for others.
    """
    return {method: asdict(_reading(table, method)) for method in table.methods}


def _reading(table: ScoreTable, method: str) -> Reading:
    if method not in WITHOUT:
        return _no_reading(None, "not applicable: it gets no passages, or nothing answers the same way without them")
    without = WITHOUT[method]
    for name in (method, without):
        if not all(table.has(name, metric) for metric in ("wrong", "abstained")):
            return _no_reading(without, f"not measured: there is no wrong or no abstained of {name}")
    read, alone = np.broadcast_arrays(right(table, method), right(table, without))
    clusters = table.clusters
    return Reading(
        without=without,
        helped=effect_of(read * (1.0 - alone), clusters),
        harmed=effect_of((1.0 - read) * alone, clusters),
        net=effect_of(read - alone, clusters),
        note=_OTHER_WEIGHTS.get(method),
        reason=None,
    )


def _no_reading(without: str | None, reason: str) -> Reading:
    return Reading(without, None, None, None, None, reason)

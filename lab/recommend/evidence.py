"""All that a recommendation may read: the scores of the candidates and what was measured of their costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lab.statistics.sample import Codes, Floats
from lab.types import Comparison

# The methods that the lab knows; of those with the same parts, the one without a language model first.
SIMPLEST_FIRST = ("closed-book", "knn-vote", "rag", "linear-head", "fine-tuned", "fine-tuned+rag", "raft")
NEIGHBOURS, HEAD = "neighbours", "head"  # the weights of those


@dataclass(frozen=True, slots=True)
class Candidate:
    """One method on the questions that all candidates have a value for. None or empty: not measured.

    `quality` and `wrong` (1 = answered, but wrong; NaN where that cannot be told) have shape (seeds, questions); one
    row where nothing is trained, or one training run. Candidates with equal `weights` come from the same training runs;
    "base" are weights that nothing trained. `groundedness` has the shape of `quality`, NaN where an answer has none;
    None for methods without passages. `latency_ms` are lone questions from end to end; `seconds_per_question` and the
    tokens are means over full batches; `memory_bytes` is the peak while answering. `index_seconds` and
    `training_seconds`: building once what the method needs, 0 where it needs none. `declined` (1 = declines to answer)
    has the shape of `quality`. `tuned`: whether the weights were trained; None tells it by the weights for the methods
    that the lab knows, and is unknown for others with weights of their own. What was fitted to the training questions
    without a language model counts as trained, as it must be made again where they change.
    """

    name: str
    weights: str
    retrieves: bool
    quality: Floats
    wrong: Floats
    groundedness: Floats | None = None
    latency_ms: tuple[float, ...] = ()
    seconds_per_question: float | None = None
    tokens_in: float | None = None
    tokens_out: float | None = None
    index_seconds: float | None = None
    training_seconds: float | None = None
    memory_bytes: float | None = None
    declined: Floats | None = None
    tuned: bool | None = None

    @property
    def votes(self) -> bool:
        """Whether training questions vote, each of which can be taken out."""
        return self.weights == NEIGHBOURS

    @property
    def generates(self) -> bool:
        """Whether a language model writes its answers, as far as is known."""
        return self.weights not in (NEIGHBOURS, HEAD)


@dataclass(frozen=True, slots=True)
class Majority:
    """The most frequent label, and what always giving it would score."""

    label: str
    share: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """The candidates, the simplest first, with what they share.

    `metric` is the primary metric, higher is better; `margin` the smallest difference of it worth acting on. `clusters`
    are the codes of the questions. `device` is cpu or cuda: which price of an hour applies; None: not told, so none
    does. `scope` is shown as it is: model, domain, n, clusters, seeds, track, mde, date, lost, left_out.
    `groundedness_metric` names the metric that groundedness is.
    """

    metric: str
    margin: float
    candidates: tuple[Candidate, ...]
    clusters: Codes
    comparisons: tuple[Comparison, ...]
    device: str | None
    seed: int
    scope: Mapping[str, Any]
    majority: Majority | None = None
    groundedness_metric: str = "groundedness"

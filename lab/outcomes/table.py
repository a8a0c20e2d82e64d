"""The scores table: one value for each method, training run, metric and question. All statistics read it alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from lab.statistics.sample import Codes, Floats, Sample

Known = Literal["known", "maybe", "unknown"]
Mask = npt.NDArray[np.bool_]
Term = tuple[float, str, str]  # weight, method, metric


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """What is known of a test question beside its scores.

    `gold_rank` is the rank at which retrieval found the first gold passage, None where it did not or nothing is gold
    (`has_gold`). `known` is how often the untuned model hits the answer without passages; None where nobody asked.
    `popularity` is that of its document, if the data give one.
    """

    id: str
    cluster: str
    kind: str
    answerable: bool
    answer_words: int
    has_gold: bool = False
    gold_rank: int | None = None
    known: Known | None = None
    popularity: float | None = None


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Values by method and metric, of shape (seeds, questions); NaN stands for 'not defined' in here only.

    `seeds` names the training runs of each method, one for untuned methods. The tuned ones share theirs.
    """

    questions: tuple[QuestionFacts, ...]
    seeds: Mapping[str, tuple[int, ...]]
    columns: Mapping[str, Mapping[str, Floats]]

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(self.columns)

    @property
    def clusters(self) -> Codes:
        """The cluster of each question as a code, counted from 0 in order of appearance."""
        position = {name: code for code, name in enumerate(dict.fromkeys(one.cluster for one in self.questions))}
        return np.array([position[one.cluster] for one in self.questions], dtype=np.intp)

    def values(self, method: str, metric: str) -> Floats:
        """Shape (seeds, questions)."""
        return self.columns[method][metric]

    def without(self, methods: Collection[str]) -> ScoreTable:
        """The same questions without some methods."""
        kept = [name for name in self.methods if name not in methods]
        seeds = {name: self.seeds[name] for name in kept}
        return ScoreTable(self.questions, seeds, {name: self.columns[name] for name in kept})

    def has(self, method: str, metric: str) -> bool:
        """Whether the table holds this metric for this method, with a value for some question."""
        return (
            method in self.columns
            and metric in self.columns[method]
            and not np.isnan(self.values(method, metric)).all()
        )

    def sample(self, terms: Sequence[Term], where: Mask | None = None) -> Sample | None:
        """The sum of weighted terms, question by question; None if it is defined for no question.

        `(1, "rag", m), (-1, "closed-book", m)` is their difference. Methods with one run count in each run of others.

        Raises:
            ValueError: methods with several runs have other seeds, or have them in another order.
        """
        several = {self.seeds[method] for _, method, _ in terms if len(self.seeds[method]) > 1}
        if len(several) > 1:
            raise ValueError(f"expected the same training seeds in the same order, got {sorted(several)}")
        chosen = np.ones(len(self.questions), dtype=bool) if where is None else where
        defined = [~np.isnan(self.values(method, metric)).any(axis=0) for _, method, metric in terms]
        everywhere = np.logical_and.reduce(defined) & chosen
        anywhere = np.logical_or.reduce(defined) & chosen
        if not everywhere.any():
            return None
        total: Floats = np.sum(
            np.stack(
                np.broadcast_arrays(
                    *(weight * self.values(method, metric)[:, everywhere] for weight, method, metric in terms)
                )
            ),
            axis=0,
        )
        lost = int(anywhere.sum() - everywhere.sum())
        return Sample(total, self.clusters[everywhere], lost, int(chosen.sum() - everywhere.sum()))

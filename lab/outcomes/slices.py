"""The primary metric by slices of the questions: where a method is good, and where it loses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from lab.outcomes.compare import CANONICAL_ORDER, REGISTERED
from lab.outcomes.factorial import Effect, effect
from lab.outcomes.table import Mask, QuestionFacts, ScoreTable
from lab.statistics.clustered import cluster_sums, clustered_mean
from lab.statistics.resampling import sign_flip_p
from lab.statistics.sample import Codes, Floats, Sample
from lab.statistics.significance import holm

SMALL = 30  # slices with fewer questions are shown, but nothing should be read from them


@dataclass(frozen=True, slots=True)
class Family:
    """One way to slice. `codes` of shape (questions,) are places in `slices`, -1 for questions that are in none.

    A family that cannot be built has no slices and a `reason`. One that is not `tested` gets intervals and no p: it was
    made from answers of a method that is compared.
    """

    name: str
    rule: str
    slices: tuple[str, ...]
    codes: Codes
    reason: str | None = None
    tested: bool = True

    def mask(self, place: int) -> Mask:
        """The questions of one slice."""
        return np.asarray(self.codes == place)


@dataclass(frozen=True, slots=True)
class SliceContrast:
    """method - baseline within one slice; `p_holm` is corrected over all contrasts of the family."""

    method: str
    baseline: str
    difference: Effect
    p: float | None = None
    p_holm: float | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """Questions that share a property; `small` says that they are too few to read anything from."""

    name: str
    n: int
    clusters: int
    small: bool
    methods: dict[str, Effect]
    contrasts: list[SliceContrast]


def slices(table: ScoreTable, metric: str, seed: int, *, shown_k: int) -> list[dict[str, Any]]:
    """Every family with its slices; a family that cannot be built has none and a reason.

    Each slice has the mean of every method that has the metric, and the registered contrasts. p is that of sign flips
    by cluster, with several training runs at least that of the t test with their error; Holm's correction (1979) is
    over all slices and contrasts of a family. `left_out` counts the questions that are in no slice of it.

    Args:
        table: the scores.
        metric: name of the metric.
        seed: of the sign flips.
        shown_k: how many passages a method with context gets.
    """
    methods = in_order(method for method in table.methods if table.has(method, metric))
    return [_family(table, metric, family, methods, seed) for family in families(table, shown_k)]


def in_order(methods: Iterable[str]) -> list[str]:
    """The lab's own methods first, the simplest first, then others as they come."""
    names = list(methods)
    return [name for name in CANONICAL_ORDER if name in names] + [name for name in names if name not in CANONICAL_ORDER]


def families(table: ScoreTable, shown_k: int) -> tuple[Family, ...]:
    """All ways to slice: kind, answer length, retrieval rank, known before, popularity. In this order, always all."""
    facts = table.questions
    kinds = tuple(dict.fromkeys(one.kind for one in facts))
    built = (
        _sliced("kind", "the kind of question", kinds, facts, lambda one: one.kind),
        _sliced(
            "answer length",
            "words of the first gold answer, after normalisation",
            ("no answer", "1 word", "2-3 words", "4 or more words"),
            facts,
            _length,
        ),
        _ranks(facts, shown_k),
        _known(facts),
        _popularity(facts),
    )
    return tuple(_worth(family) for family in built)


def _sliced(
    name: str,
    rule: str,
    names: Sequence[str],
    facts: Sequence[QuestionFacts],
    label: Callable[[QuestionFacts], str | None],
) -> Family:
    """Slices that hold no question are dropped."""
    labels = [label(one) for one in facts]
    used = set(labels)
    kept = tuple(one for one in names if one in used)
    place = {one: code for code, one in enumerate(kept)}
    codes = np.array([-1 if one is None else place[one] for one in labels], dtype=np.intp)
    return Family(name, rule, kept, codes)


def _length(one: QuestionFacts) -> str:
    if not one.answerable:
        return "no answer"
    if one.answer_words <= 1:
        return "1 word"
    return "2-3 words" if one.answer_words <= 3 else "4 or more words"


def _ranks(facts: Sequence[QuestionFacts], shown_k: int) -> Family:
    inside = "rank 2" if shown_k == 2 else f"rank 2-{shown_k}"
    names = ("rank 1", inside, "deeper or missed", "nothing gold")

    def label(one: QuestionFacts) -> str:
        if not one.has_gold:
            return "nothing gold"
        if one.gold_rank is None or one.gold_rank > shown_k:
            return "deeper or missed"
        return "rank 1" if one.gold_rank == 1 else inside

    family = _sliced("retrieval rank", f"rank of the first gold passage; {shown_k} are shown", names, facts, label)
    no_gold = not any(one.has_gold for one in facts)
    return replace(family, reason="not measured: no gold passage is known") if no_gold else family


def _known(facts: Sequence[QuestionFacts]) -> Family:
    rule = "how often the untuned model hits the answer without passages: always, sometimes, never"
    family = _sliced("known before", rule, ("known", "maybe", "unknown"), facts, lambda one: one.known)
    if all(one.known is None for one in facts):
        return replace(family, reason="not measured: the untuned model was not asked what it knows")
    return replace(family, tested=False)


def _popularity(facts: Sequence[QuestionFacts]) -> Family:
    name, rule = "popularity", "thirds of the questions by the popularity of their document; equal values stay together"
    given = [one.popularity for one in facts if one.popularity is not None]
    if not given:
        return Family(name, rule, (), np.full(len(facts), -1), "not measured: the documents carry no popularity")
    third, two_thirds = np.quantile(given, [1 / 3, 2 / 3])

    def label(one: QuestionFacts) -> str | None:
        if one.popularity is None:
            return None
        if one.popularity <= third:
            return "rare"
        return "middle" if one.popularity <= two_thirds else "popular"

    return _sliced(name, rule, ("rare", "middle", "popular"), facts, label)


def _worth(family: Family) -> Family:
    """One slice alone repeats what the whole says."""
    if family.reason is None and len(family.slices) == 1:
        only = family.slices[0]
        family = replace(family, reason=f"not measured: all questions of this family are in one slice ({only})")
    return replace(family, slices=()) if family.reason is not None else family


def _family(table: ScoreTable, metric: str, family: Family, methods: Sequence[str], seed: int) -> dict[str, Any]:
    pairs = [(method, baseline) for method, baseline in REGISTERED if method in methods and baseline in methods]
    clusters = table.clusters
    found = []
    for place, name in enumerate(family.slices):
        where = family.mask(place)
        n = int(where.sum())
        found.append(
            Slice(
                name=name,
                n=n,
                clusters=len(np.unique(clusters[where])),
                small=n < SMALL,
                methods={method: effect(table, [(1.0, method, metric)], where) for method in methods},
                contrasts=[
                    SliceContrast(*pair, effect(table, [(1.0, pair[0], metric), (-1.0, pair[1], metric)], where))
                    for pair in pairs
                ],
            )
        )
    return {
        "family": family.name,
        "rule": family.rule,
        "reason": family.reason,
        "left_out": int((family.codes < 0).sum()) if family.slices else len(table.questions),
        "slices": [asdict(one) for one in (_tested(table, metric, family, found, seed) if family.tested else found)],
    }


def _tested(table: ScoreTable, metric: str, family: Family, found: Sequence[Slice], seed: int) -> list[Slice]:
    """The same slices with p-values; all contrasts of the family share one set of sign flips."""
    samples = {
        (place, row): sample
        for place, one in enumerate(found)
        for row, pair in enumerate(one.contrasts)
        if pair.difference.mean is not None
        and (sample := table.sample(_terms(pair, metric), family.mask(place))) is not None
    }
    if not samples:
        return list(found)
    ps = _p_values(list(samples.values()), int(table.clusters.max()) + 1, seed)
    tested = dict(zip(samples, zip(ps, holm(ps), strict=True), strict=True))
    return [
        replace(
            one,
            contrasts=[
                replace(pair, p=tested[place, row][0], p_holm=tested[place, row][1]) if (place, row) in tested else pair
                for row, pair in enumerate(one.contrasts)
            ],
        )
        for place, one in enumerate(found)
    ]


def _terms(pair: SliceContrast, metric: str) -> list[tuple[float, str, str]]:
    return [(1.0, pair.method, metric), (-1.0, pair.baseline, metric)]


def _p_values(samples: Sequence[Sample], clusters: int, seed: int) -> list[float]:
    """Sign flips see no training run, so with several of them the t test sets a floor."""
    sums: Floats = np.stack([cluster_sums(one.values.mean(axis=0), one.clusters, clusters) for one in samples])
    found = []
    for flipped, sample in zip(sign_flip_p(sums, seed), samples, strict=True):
        result = clustered_mean(sample)
        floor = result.p() if result.seeds > 1 else None
        found.append(max(float(flipped), floor or 0.0))
    return found

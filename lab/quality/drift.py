"""Whether the sides of the split ask for the same things: drift of the questions' meaning, length and kind.

Meaning: maximum mean discrepancy of the questions' embeddings (Gretton et al. 2012, A Kernel Two-Sample Test, JMLR 13,
equation 3: the unbiased estimate of MMD squared), with a Gaussian kernel whose width is the median distance. All three
are tested by permuting the sides. What is permuted is a document (cluster) with all its questions where documents stand
on one side, as on the track `document`; else a question, or a group of wordings. With thousands of questions any two
sides differ a little, so a small p alone is no finding: the difference must also have a size that matters.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab import rounding
from lab.quality.finding import Finding
from lab.types import Holdout, Question

CHECK, DRIFT_OF_MEANING = "drift", "drift of meaning"
MOST = 1_000  # questions a side
LEAST = 8
PERMUTATIONS = 999
ALPHA = 0.01
LARGE_MMD = 0.02  # measured with MiniLM: 0.015 between halves of an encyclopedia's articles, 0.06 to another domain
LARGE_D = 0.3  # Cohen 1988: a small to medium effect
LARGE_V = 0.15
STRADDLE = 0.1
_ROUNDING = 1e-9
Encode = Callable[[Sequence[str]], Any]
Floats = NDArray[np.float64]
_MEANING = {
    "meaning": "ask about other things than",
    "length": "are of another length than",
    "kind": "are of other kinds than",
}


@dataclass(frozen=True, slots=True)
class Drift:
    """`size` of a difference between two sides, in the units of its measure, and p of 'the sides were drawn alike'."""

    what: str
    size: float
    large: float
    p: float

    @property
    def matters(self) -> bool:
        """Whether it is there and large enough to matter."""
        return self.p < ALPHA and self.size >= self.large


def drift(holdout: Holdout, seed: int, encode: Encode | None) -> list[Finding]:
    """Train against test, and dev against test, on at most 1,000 questions a side.

    Without `encode` (texts to L2-normalised vectors, shape (n, dimensions)) lengths and kinds alone are compared.
    Sides of fewer than 8 questions are left out.
    """
    found = []
    for name, side in (("training", holdout.train), ("dev", holdout.dev)):
        if min(len(side), len(holdout.test)) >= LEAST:
            rng = np.random.default_rng([seed, len(name)])
            found += _findings(name, compare_sides(_drawn(side, rng), _drawn(holdout.test, rng), rng, encode))
    return found


def compare_sides(
    one: Sequence[Question], other: Sequence[Question], rng: np.random.Generator, encode: Encode | None
) -> list[Drift]:
    """What differs between two sides, each measure with its permutation p; shared permutations make these cheap."""
    questions = (*one, *other)
    sides = permuted_sides(_units(one, other), len(one), rng)
    words = np.log1p([len(question.text.split()) for question in questions])
    kinds = sorted({question.kind for question in questions})
    onehot = np.array([[question.kind == kind for kind in kinds] for question in questions], dtype=np.float64)
    found = [_tested("length", np.abs(cohen_d(words, sides)), LARGE_D)]
    if len(kinds) > 1:
        found.append(_tested("kind", cramer_v(onehot, sides), LARGE_V))
    if encode is not None:
        vectors = np.asarray(encode([question.text for question in questions]), dtype=np.float64)
        found.insert(0, _tested("meaning", mmd_squared(gaussian_kernel(vectors), sides), LARGE_MMD))
    return found


def permuted_sides(units: Sequence[str], first: int, rng: np.random.Generator) -> Floats:
    """Rows of zeros and ones, shape (1 + 999, questions): 1 where a question is on the first side; row 0 as it is.

    `first` questions stand on the first side. Questions of one unit move together, so the sizes of the sides change a
    little where units do.
    """
    codes = np.unique(units, return_inverse=True)[1].ravel()
    sides = np.zeros(int(codes.max()) + 1)
    sides[codes[:first]] = 1.0  # a unit stands on one side, or each question is a unit
    rows = np.tile(sides, (PERMUTATIONS + 1, 1))
    rng.permuted(rows[1:], axis=1, out=rows[1:])
    found: Floats = rows[:, codes]
    return found


def gaussian_kernel(vectors: Floats) -> Floats:
    """exp(-d**2 / median(d**2)) over all pairs of vectors (n, dimensions), shape (n, n); all 1 where none differ."""
    squares = np.maximum(2.0 - 2.0 * vectors @ vectors.T, 0.0)
    middle = float(np.median(squares[np.triu_indices(len(vectors), 1)]))
    kernel: Floats = np.exp(-squares / middle) if middle > 0 else np.ones_like(squares)
    return kernel


def mmd_squared(kernel: Floats, sides: Floats) -> Floats:
    """Unbiased MMD squared for each row of `sides`, shape (rows,); below 0 by chance where the sides are alike."""
    ones, diagonal = sides.sum(axis=1), np.diag(kernel)
    others = sides.shape[1] - ones
    within = ((sides @ kernel) * sides).sum(axis=1)
    across = sides @ kernel.sum(axis=0) - within
    rest = kernel.sum() - 2 * across - within
    own = sides @ diagonal
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (
            (within - own) / (ones * (ones - 1))
            + (rest - (diagonal.sum() - own)) / (others * (others - 1))
            - 2 * across / (ones * others)
        )
    return _defined(found)


def cohen_d(values: Floats, sides: Floats) -> Floats:
    """Difference of the sides' means over their pooled deviation, for each row of `sides`; 0 where nothing varies.

    Where values vary between the sides only, over the deviation of all: the pooled one would be 0.
    """
    ones = sides.sum(axis=1)
    others = len(values) - ones
    with np.errstate(divide="ignore", invalid="ignore"):
        first, second = sides @ values / ones, (1 - sides) @ values / others
        squares = sides @ values**2 - ones * first**2 + (1 - sides) @ values**2 - others * second**2
        pooled = squares / (len(values) - 2)
        found = (first - second) / np.sqrt(np.where(pooled > _ROUNDING * values.var(), pooled, values.var()))
    return _defined(found)


def cramer_v(onehot: Floats, sides: Floats) -> Floats:
    """Cramer's V of side and category (columns of `onehot`), for each row of `sides`: sqrt(chi-square / n)."""
    n = len(onehot)
    totals = onehot.sum(axis=0)
    found = np.zeros(len(sides))
    for rows in (sides, 1 - sides):
        expected = rows.sum(axis=1, keepdims=True) * totals / n
        with np.errstate(divide="ignore", invalid="ignore"):
            found += _defined((rows @ onehot - expected) ** 2 / expected).sum(axis=1)
    v: Floats = np.sqrt(found / n)
    return v


def _defined(values: Floats) -> Floats:
    found: Floats = np.where(np.isfinite(values), values, 0.0)
    return found


def _tested(what: str, statistics: Floats, large: float) -> Drift:
    """The observed value is row 0 and counts as one permutation more, so p is never 0 (Phipson and Smyth 2010)."""
    extreme = int((statistics[1:] >= statistics[0] - 1e-12).sum())
    return Drift(what, float(statistics[0]), large, (extreme + 1) / (len(statistics)))


def _units(one: Sequence[Question], other: Sequence[Question]) -> list[str]:
    """What is permuted: the cluster where clusters stand on one side, else the group or the question itself."""
    sides: defaultdict[str, set[int]] = defaultdict(set)
    for number, questions in enumerate((one, other)):
        for question in questions:
            sides[question.cluster].add(number)
    both = sum(len(found) == 2 for found in sides.values())
    by_cluster = both <= STRADDLE * len(sides)
    groups = Counter(question.group for question in one if question.group)
    astride = groups.keys() & {question.group for question in other}

    def unit(number: int, question: Question) -> str:
        if by_cluster:
            return question.cluster if len(sides[question.cluster]) == 1 else f"{number}/{question.cluster}"
        if question.group and question.group not in astride:
            return f"group/{question.group}"
        return f"question/{question.id}"

    return [unit(number, question) for number, questions in enumerate((one, other)) for question in questions]


def _drawn(questions: Sequence[Question], rng: np.random.Generator) -> list[Question]:
    if len(questions) <= MOST:
        return list(questions)
    return [questions[place] for place in sorted(rng.choice(len(questions), MOST, replace=False))]


def _findings(side: str, found: Sequence[Drift]) -> list[Finding]:
    findings = []
    for one in found:
        if one.matters:
            said = f"Test questions {_MEANING[one.what]} {side} questions ({_measure(one)})."
            findings.append(Finding(CHECK, "warning", 1, None, said, (), _advice(side)))
    if not findings:
        said = f"Test and {side} questions look alike in {', '.join(one.what for one in found)}"
        said += f" ({'; '.join(map(_measure, found))})."
        findings.append(Finding(CHECK, "note", 0, None, said))
    return findings


def _measure(found: Drift) -> str:
    name = {"meaning": "MMD squared", "length": "Cohen's d", "kind": "Cramer's V"}[found.what]
    return f"{name} {rounding.score(found.size)}, p {rounding.p_value(found.p)}"


def _advice(side: str) -> str:
    if side == "dev":
        return "What is chosen on dev may not be best on the test: draw both the same way."
    return "Tuned methods are tested on what they were not trained for: draw both the same way, or mean it."

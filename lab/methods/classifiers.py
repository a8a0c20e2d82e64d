"""Two classifiers of vectors: a vote of the nearest examples, and logistic regression; one setting of each is chosen.

knn-vote     the k examples of the highest cosine vote, each with its cosine (none below 0); the share of the votes is
             the confidence. Of equal shares the label of the nearest neighbour wins, then the first label.
linear-head  multinomial logistic regression (scikit-learn, L2, lbfgs: no randomness); the probability is the
             confidence.

k and C are chosen on dev by accuracy, then macro F1, then the first of the grid.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from lab.files import read_json, write_atomically, write_json

Floats = NDArray[np.float64]
Vectors = NDArray[np.float32]
Codes = NDArray[np.int64]

KNN, HEAD = "knn-vote", "linear-head"
GRIDS: Mapping[str, tuple[float, ...]] = {KNN: (1, 3, 5, 9, 15), HEAD: (0.1, 1.0, 10.0, 100.0)}
WITHOUT_DEV: Mapping[str, float] = {KNN: 5, HEAD: 1.0}  # where nothing can be chosen
DECIMALS = 6  # of a cosine: the last bits depend on batch and threads
CELLS = 10_000_000  # cosines that are held at a time
MOST_STEPS = 2000  # of the solver
FIT = "fit.json"
ARRAYS: Mapping[str, tuple[str, ...]] = {KNN: ("vectors", "codes"), HEAD: ("coefficients", "intercepts")}


@dataclass(frozen=True, slots=True)
class Examples:
    """Questions as vectors of shape (n, d), L2-normalised, and places of their labels in the list of labels, (n,)."""

    vectors: Vectors
    codes: Codes


class Classifier(Protocol):
    """What was learnt: a label, and the confidence in every label, for vectors of shape (m, d)."""

    def confidence(self, vectors: Vectors) -> Floats:
        """Shape (m, labels), rows add up to 1."""
        ...

    def choose(self, vectors: Vectors) -> Codes:
        """Place of the label that each vector gets, shape (m,)."""
        ...

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that it consists of, by name."""
        ...


@dataclass(frozen=True, slots=True)
class NeighbourVote:
    """The k nearest examples vote."""

    examples: Examples
    labels: int
    k: int

    def confidence(self, vectors: Vectors) -> Floats:
        return self._votes(vectors)[0]

    def choose(self, vectors: Vectors) -> Codes:
        shares, nearest = self._votes(vectors)
        best = shares >= shares.max(axis=1, keepdims=True) - 10.0**-DECIMALS
        return np.asarray(np.where(best, nearest, -np.inf).argmax(axis=1), dtype=np.int64)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"vectors": self.examples.vectors, "codes": self.examples.codes}

    def _votes(self, vectors: Vectors) -> tuple[Floats, Floats]:
        """By vector and label: the share of the votes, and the highest cosine among the voters (-inf without one)."""
        rows = max(1, CELLS // len(self.examples.codes))
        parts = [self._some(vectors[start : start + rows]) for start in range(0, len(vectors), rows)]
        shares, nearest = zip(*parts, strict=True) if parts else ((), ())
        empty = np.empty((0, self.labels))
        return np.concatenate([empty, *shares]), np.concatenate([empty, *nearest])

    def _some(self, vectors: Vectors) -> tuple[Floats, Floats]:
        cosines = np.round((vectors @ self.examples.vectors.T).astype(np.float64), DECIMALS)
        # Equal cosines stand in the order of their labels, then of the examples.
        order = np.lexsort((np.broadcast_to(self.examples.codes, cosines.shape), -cosines))[:, : self.k]
        codes, found = self.examples.codes[order], np.take_along_axis(cosines, order, axis=1)
        weights = np.maximum(found, 0.0)
        weights[weights.sum(axis=1) == 0.0] = 1.0  # nothing is near: every neighbour counts the same
        shares, nearest = np.zeros((len(vectors), self.labels)), np.full((len(vectors), self.labels), -np.inf)
        rows = np.arange(len(vectors))
        for place in range(order.shape[1]):
            np.add.at(shares, (rows, codes[:, place]), weights[:, place])
            np.maximum.at(nearest, (rows, codes[:, place]), found[:, place])
        return shares / shares.sum(axis=1, keepdims=True), nearest


@dataclass(frozen=True, slots=True)
class LinearHead:
    """Softmax of a linear map: coefficients of shape (labels, d), intercepts (labels,)."""

    coefficients: Floats
    intercepts: Floats

    def confidence(self, vectors: Vectors) -> Floats:
        logits = vectors.astype(np.float64) @ self.coefficients.T + self.intercepts
        likely = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
        return np.asarray(likely / likely.sum(axis=1, keepdims=True))

    def choose(self, vectors: Vectors) -> Codes:
        return np.asarray(self.confidence(vectors).argmax(axis=1), dtype=np.int64)

    def arrays(self) -> dict[str, NDArray[Any]]:
        return {"coefficients": self.coefficients, "intercepts": self.intercepts}


@dataclass(frozen=True, slots=True)
class Tried:
    """One value of k or C and how it did on dev, shares between 0 and 1."""

    value: float
    accuracy: float
    macro_f1: float


@dataclass(frozen=True, slots=True)
class FitRecord:
    """How a method was fitted: `value` is k or C; `tried` is empty where there was no dev question to choose by.

    `converged` is None where nothing is solved.
    """

    method: str
    labels: tuple[str, ...]
    value: float
    tried: tuple[Tried, ...]
    n_train: int
    n_dev: int
    converged: bool | None


def fit(method: str, train: Examples, dev: Examples, labels: Sequence[str]) -> tuple[Classifier, FitRecord]:
    """Choose k or C on dev, and fit the method with it.

    Args:
        method: knn-vote or linear-head.
        train: with codes from 0.
        dev: to choose by; a code of -1 is a label that training has not. Without any k is 5, or the nearest that can
            be, and C is 1.
        labels: what the codes stand for.
    """
    values = [value for value in GRIDS[method] if method != KNN or value <= len(train.codes)]
    made = {value: _make(method, train, len(labels), value) for value in values}
    tried = tuple(_try(value, classifier, dev) for value, (classifier, _) in made.items()) if len(dev.codes) else ()
    if tried:
        best = max(tried, key=lambda one: (one.accuracy, one.macro_f1)).value  # of equals the first
    else:
        best = min(values, key=lambda value: abs(value - WITHOUT_DEV[method]))
    classifier, converged = made[best]
    return classifier, FitRecord(method, tuple(labels), best, tried, len(train.codes), len(dev.codes), converged)


def _make(method: str, train: Examples, labels: int, value: float) -> tuple[Classifier, bool | None]:
    if method == KNN:
        return NeighbourVote(train, labels, int(value)), None
    return _solve(train, labels, value)


def _solve(train: Examples, labels: int, inverse_strength: float) -> tuple[LinearHead, bool]:
    """scikit-learn's logistic regression; a label without an example gets no probability.

    Two labels are solved as one: the second's log-odds, as a softmax against 0.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=inverse_strength, max_iter=MOST_STEPS)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        model.fit(train.vectors.astype(np.float64), train.codes)
    found = np.asarray(model.coef_, dtype=np.float64), np.asarray(model.intercept_, dtype=np.float64)
    if len(model.classes_) == 2:
        found = np.vstack([np.zeros_like(found[0]), found[0]]), np.concatenate([[0.0], found[1]])
    coefficients, intercepts = np.zeros((labels, train.vectors.shape[1])), np.full(labels, -np.inf)
    coefficients[model.classes_], intercepts[model.classes_] = found
    return LinearHead(coefficients, intercepts), not any(one.category is ConvergenceWarning for one in caught)


def _try(value: float, classifier: Classifier, dev: Examples) -> Tried:
    from sklearn.metrics import f1_score

    said = classifier.choose(dev.vectors)
    macro = f1_score(dev.codes, said, labels=sorted(set(dev.codes.tolist())), average="macro", zero_division=0)
    return Tried(value, float((said == dev.codes).mean()), float(macro))


def save_fit(folder: Path, classifier: Classifier, record: FitRecord) -> None:
    """Write `fit.json` and the arrays of a fitted method, without pickle."""
    for name, array in classifier.arrays().items():
        save_array(folder / f"{name}.npy", array)
    write_json(folder / FIT, asdict(record))


def read_fit(folder: Path) -> tuple[Classifier, FitRecord]:
    """What `save_fit` wrote."""
    values = read_json(folder / FIT)
    tried = tuple(Tried(**one) for one in values["tried"])
    record = FitRecord(**{**values, "labels": tuple(values["labels"]), "tried": tried})
    first, second = (read_array(folder / f"{name}.npy") for name in ARRAYS[record.method])
    if record.method == KNN:
        return NeighbourVote(Examples(first, second), len(record.labels), int(record.value)), record
    return LinearHead(first, second), record


def fit_files(folder: Path, method: str) -> list[Path]:
    """The files of a fitted method."""
    return [folder / FIT, *(folder / f"{name}.npy" for name in ARRAYS[method])]


def save_array(path: Path, array: NDArray[Any]) -> None:
    """Write an array as .npy, whole or not at all."""

    def write(target: Path) -> None:
        with target.open("wb") as file:
            np.save(file, array, allow_pickle=False)

    write_atomically(path, write)


def read_array(path: Path) -> NDArray[Any]:
    """Read an array that `save_array` wrote."""
    found: NDArray[Any] = np.load(path, allow_pickle=False)
    return found

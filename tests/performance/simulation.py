"""Do the lab's intervals, tests and predictions keep their word? Simulated scores where the truth is known.

Usage: python tests/performance/simulation.py [PAGE]        prints the tables and writes them to PAGE, in a few minutes

Everything is computed by the code that judges real runs. Documents (clusters) shift the differences of all their
questions, as a method that reads one document well reads it well for every question about it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import numpy as np
from scipy import stats

from lab.outcomes.compare import REGISTERED, compare_methods
from lab.outcomes.table import QuestionFacts, ScoreTable
from lab.statistics.clustered import ClusteredMean, cluster_sums, clustered_mean
from lab.statistics.power import minimum_detectable, more_questions
from lab.statistics.resampling import bca_intervals, sign_flip_p
from lab.statistics.sample import Codes, Floats, Sample
from lab.statistics.significance import ALPHA, tost_p

SEED = 20_260_101
RUNS = 4_000
FAMILY_RUNS = 1_500  # each goes through the comparison of five methods
BATCH = 500  # simulated data sets that share the patterns of the resampling
PER_CLUSTER = 5
CLUSTER_SPREAD, QUESTION_SPREAD = 0.15, 0.30  # deviations of a paired difference: of documents, of questions
RUN_SPREADS = (0.03, 0.10)  # deviations of a training run's mean: a part of the error, and most of it
MARGIN = 0.15

METHODS = ("closed-book", "rag", "fine-tuned", "fine-tuned+rag", "raft")
ADAPTER = {"fine-tuned": 0, "fine-tuned+rag": 0, "raft": 1}


@dataclass(frozen=True, slots=True)
class Coverage:
    """Shares of nominal 95 % intervals that hold the truth."""

    naive: float
    clustered: float
    bca: float


def differences(clusters: int, runs: int, generator: np.random.Generator) -> tuple[Floats, Codes]:
    """Differences of true mean 0, shape (runs, questions), equal clusters; normal."""
    codes = np.repeat(np.arange(clusters), PER_CLUSTER)
    shared = generator.normal(0.0, CLUSTER_SPREAD, (runs, clusters))
    return shared[:, codes] + generator.normal(0.0, QUESTION_SPREAD, (runs, len(codes))), codes


def binary_differences(clusters: int, runs: int, generator: np.random.Generator) -> tuple[Floats, Codes]:
    """Differences of scores of 0 and 1, of true mean 0; clusters of 1 to 9 questions, the same in all runs."""
    codes = np.repeat(np.arange(clusters), generator.integers(1, 2 * PER_CLUSTER, clusters))
    difficulty = generator.normal(0.0, 1.0, (runs, len(codes)))
    scores = [
        difficulty
        + generator.normal(0.0, 0.5, (runs, clusters))[:, codes]
        + generator.normal(0.0, 0.7, difficulty.shape)
        for _ in range(2)
    ]
    return (scores[0] > 0).astype(float) - (scores[1] > 0), codes


def coverage(d: Floats, codes: Codes, seed: int) -> Coverage:
    """How often each interval holds 0, which is the true mean of `d`, shape (runs, questions)."""
    n, count = d.shape[1], int(codes.max()) + 1
    half = stats.norm.ppf(0.975) * d.std(axis=1, ddof=1) / n**0.5
    clustered = [holds(clustered_mean(Sample(row[None], codes)).interval()) for row in d]
    sizes = cluster_sums(np.ones(n), codes, count)
    bca: list[bool] = []
    for number, part in enumerate(parts(d)):
        sums = np.stack([cluster_sums(row, codes, count) for row in part])
        found = bca_intervals(sums, np.broadcast_to(sizes, sums.shape), seed + number, least=2)
        bca += [holds(interval) for interval in found]
    return Coverage(float(np.mean(np.abs(d.mean(axis=1)) <= half)), float(np.mean(clustered)), float(np.mean(bca)))


def coverage_of_training_runs(
    trained: int, run_spread: float, runs: int, generator: np.random.Generator
) -> tuple[float, float]:
    """Shares of intervals that hold 0 where training runs differ: of questions only, and of questions and runs.

    30 documents.
    """
    alone: list[bool] = []
    total: list[bool] = []
    for _ in range(runs):
        d, codes = differences(30, 1, generator)
        noise = generator.normal(0.0, QUESTION_SPREAD / 2, (trained, d.shape[1]))
        values = d + noise + generator.normal(0.0, run_spread, (trained, 1))
        alone.append(holds(clustered_mean(Sample(values.mean(axis=0, keepdims=True), codes)).interval()))
        total.append(holds(clustered_mean(Sample(values, codes)).interval()))
    return float(np.mean(alone)), float(np.mean(total))


def equal_methods(clusters: int, trained: int, run_spread: float, generator: np.random.Generator) -> ScoreTable:
    """Five methods that are equally good, scored 0 or 1; tuned ones with `trained` runs of their adapters."""
    codes = np.repeat(np.arange(clusters), PER_CLUSTER)
    difficulty = generator.normal(0.0, 1.0, len(codes))
    adapters = generator.normal(0.0, run_spread, (2, trained, 1))
    columns: dict[str, dict[str, Floats]] = {}
    for method in METHODS:
        shift = adapters[ADAPTER[method]] if method in ADAPTER else np.zeros((1, 1))
        taste = generator.normal(0.0, 0.5, clusters)[codes]
        noise = generator.normal(0.0, 0.7, (len(shift), len(codes)))
        columns[method] = {"exact_match": (difficulty + taste + noise + shift > 0.0).astype(float)}
    facts = tuple(QuestionFacts(str(number), f"d{code}", "span", True, 1) for number, code in enumerate(codes))
    seeds = {method: tuple(range(len(found["exact_match"]))) for method, found in columns.items()}
    return ScoreTable(facts, seeds, columns)


def family_errors(clusters: int, trained: int, run_spread: float, runs: int, generator: np.random.Generator) -> float:
    """Share of runs in which any of the six registered contrasts of equal methods is called different."""
    wrong = 0
    for seed in range(runs):
        rows = compare_methods(equal_methods(clusters, trained, run_spread, generator), "exact_match", 0.03, seed)
        wrong += any(row.p_holm < ALPHA for row in rows if (row.method, row.baseline) in REGISTERED)
    return wrong / runs


def known_error(clusters: int) -> ClusteredMean:
    """What `differences` has in truth: the error that an estimate only estimates."""
    error = ((CLUSTER_SPREAD**2 + QUESTION_SPREAD**2 / PER_CLUSTER) / clusters) ** 0.5
    return ClusteredMean(0.0, error, clusters * PER_CLUSTER, clusters, 1, clusters - 1.0, None)


def predicted_power(difference: float, truth: ClusteredMean, contrasts: int) -> float:
    """Power of the t test at alpha / contrasts, by the noncentral t distribution."""
    critical = stats.t.ppf(1 - ALPHA / (2 * contrasts), truth.df)
    centre = difference / truth.error
    return float(stats.nct.sf(critical, truth.df, centre) + stats.nct.cdf(-critical, truth.df, centre))


def found_power(difference: float, clusters: int, contrasts: int, runs: int, generator: np.random.Generator) -> float:
    """Share of data sets in which the sign flips find a true difference at alpha / contrasts."""
    d, codes = differences(clusters, runs, generator)
    found = 0
    for number, part in enumerate(parts(d + difference)):
        sums = np.stack([cluster_sums(row, codes, clusters) for row in part])
        found += int(np.count_nonzero(sign_flip_p(sums, number) < ALPHA / contrasts))
    return found / runs


def false_equivalence(clusters: int, runs: int, generator: np.random.Generator) -> float:
    """Share of data sets called equivalent although the true difference is the margin."""
    d, codes = differences(clusters, runs, generator)
    results = [clustered_mean(Sample(row[None], codes)) for row in d + MARGIN]
    return float(np.mean([tost_p(one.mean, one.error, one.df, MARGIN) < ALPHA for one in results]))


def holds(interval: tuple[float, float] | None) -> bool:
    return interval is not None and interval[0] <= 0.0 <= interval[1]


def parts(d: Floats) -> Iterator[Floats]:
    for start in range(0, len(d), BATCH):
        yield d[start : start + BATCH]


def coverage_rows() -> Iterator[list[str]]:
    kinds = {
        "real-valued, 5 questions a document": differences,
        "0 or 1, 1 to 9 questions a document": binary_differences,
    }
    for kind, draw in kinds.items():
        for clusters in (12, 30, 60):
            found = coverage(*draw(clusters, RUNS, np.random.default_rng([SEED, clusters])), SEED)
            yield [kind, str(clusters), *map(percent, (found.naive, found.clustered, found.bca))]


def training_run_rows() -> Iterator[list[str]]:
    for spread in RUN_SPREADS:
        for trained in (2, 3, 5):
            found = coverage_of_training_runs(trained, spread, RUNS, np.random.default_rng([SEED, 1, trained]))
            yield [f"{spread:.2f}", str(trained), *map(percent, found)]


def family_rows() -> Iterator[list[str]]:
    for text, clusters, trained, spread in (
        ("30 documents, one training run, runs do not differ", 30, 1, 0.0),
        ("12 documents, one training run, runs do not differ", 12, 1, 0.0),
        ("30 documents, two training runs that differ", 30, 2, 0.15),
        ("30 documents, three training runs that differ", 30, 3, 0.15),
        ("limit: the same, but one training run", 30, 1, 0.15),
        ("two training runs that differ more than three times as much", 30, 2, 0.5),
        ("three such training runs", 30, 3, 0.5),
        ("five such training runs", 30, 5, 0.5),
    ):
        generator = np.random.default_rng([SEED, 2, clusters, trained])
        yield [text, percent(family_errors(clusters, trained, spread, FAMILY_RUNS, generator))]


def power_rows() -> Iterator[list[str]]:
    for clusters in (12, 30, 60):
        truth = known_error(clusters)
        for contrasts in (1, 6):
            generator = np.random.default_rng([SEED, 3, clusters, contrasts])
            detectable = minimum_detectable(truth, contrasts)
            for share in (0.7, 1.0):
                predicted = 0.8 if share == 1.0 else predicted_power(share * detectable, truth, contrasts)
                found = found_power(share * detectable, clusters, contrasts, RUNS, generator)
                yield [str(clusters), str(contrasts), f"{share * detectable:.3f}", percent(predicted), percent(found)]


def further_rows() -> Iterator[list[str]]:
    for clusters in (12, 30):
        truth = known_error(clusters)
        for contrasts in (1, 6):
            wanted = minimum_detectable(truth, contrasts) / 2
            needed = more_questions(truth, wanted, contrasts)
            generator = np.random.default_rng([SEED, 4, clusters, contrasts])
            found = found_power(wanted, clusters + needed.clusters, contrasts, RUNS, generator)
            counts = (clusters, contrasts, needed.clusters, needed.questions)
            yield [*map(str, counts), f"{wanted:.3f}", percent(found)]


def equivalence_rows() -> Iterator[list[str]]:
    for clusters in (12, 30, 60):
        yield [str(clusters), percent(false_equivalence(clusters, RUNS, np.random.default_rng([SEED, 5, clusters])))]


TABLES = (
    (
        "Coverage of nominal 95 % intervals",
        "The clustered t interval decides; wanted: 93 to 97 %. The bootstrap (BCa) is shown from 40 documents on.",
        ("scores", "documents", "naive", "clustered t", "BCa"),
        coverage_rows,
    ),
    (
        "Coverage where training runs differ",
        "30 documents. The truth is the mean over all training runs that could be. Wanted: 93 % or more. With "
        "up to four runs the interval is Howe's, which is too wide rather than too narrow.",
        ("deviation of runs", "training runs", "questions only", "questions and runs"),
        training_run_rows,
    ),
    (
        "False positives of the family of six registered contrasts",
        "Five equally good methods, scored 0 or 1. Share of experiments in which any contrast is called different; "
        "wanted: 5 % at most. The limit is known: one run tells nothing of others.",
        ("experiment", "any false positive"),
        family_rows,
    ),
    (
        "Power of the sign-flip test",
        "At the difference that the lab calls detectable with 80 %, and at 0.7 of it. Wanted: within 5 points.",
        ("documents", "contrasts", "true difference", "predicted", "found"),
        power_rows,
    ),
    (
        "Further questions",
        "Half of the detectable difference, with as many documents more as the lab asks for. Wanted: 80 %.",
        ("documents", "contrasts", "further documents", "further questions", "true difference", "found"),
        further_rows,
    ),
    (
        "False equivalence",
        "The true difference is the margin. Wanted: 5 % at most.",
        ("documents", "called equivalent"),
        equivalence_rows,
    ),
)


def percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def table(head: Sequence[str], rows: Iterator[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(page: Path) -> None:
    start = perf_counter()
    text = [
        "# Simulated checks of the statistics",
        f"Written by `make simulation` on {datetime.now(UTC):%d %B %Y}, seed {SEED}. {RUNS} simulated data sets a line;"
        f" "
        f"{FAMILY_RUNS} experiments for false positives: shares near 5 or 95 % carry a Monte Carlo error (one "
        f"standard error) of {100 * (0.0475 / RUNS) ** 0.5:.1f} and {100 * (0.0475 / FAMILY_RUNS) ** 0.5:.1f} points.",
    ]
    print("\n\n".join(text), flush=True)
    for title, explained, head, rows in TABLES:
        text += [f"## {title}", explained, table(head, rows())]
        print(f"\n{text[-3]}\n\n{text[-2]}\n\n{text[-1]}", flush=True)
    page.write_text("\n\n".join(text) + "\n", encoding="utf-8")
    print(f"\n{perf_counter() - start:.0f} s; written to {page}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_suffix(".md"))

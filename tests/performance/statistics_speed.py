"""How long the comparisons take, and how much memory: 10,000 questions, 8 methods, 5 metrics, 9,999 resamples.

Usage: python tests/performance/statistics_speed.py        for 2 cores: OMP_NUM_THREADS=2
"""

from __future__ import annotations

import resource
from collections.abc import Mapping
from time import perf_counter, process_time

import numpy as np

from lab.outcomes.compare import CANONICAL_ORDER, compare_methods
from lab.outcomes.table import QuestionFacts, ScoreTable
from lab.statistics.resampling import RESAMPLES
from lab.statistics.sample import Floats

QUESTIONS = 10_000
METHODS = (*CANONICAL_ORDER, "second-rag", "second-raft")
UNTUNED = ("closed-book", "rag", "oracle", "second-rag")
LAYOUTS: Mapping[str, tuple[int, int]] = {
    "2,500 documents of 4 questions": (2_500, 1),
    "10,000 documents of 1 question": (10_000, 1),
    "2,500 documents of 4 questions, 3 training runs": (2_500, 3),
}
SECONDS, GIGABYTES = 60, 2  # what each layout may take


def scores(trained: int, generator: np.random.Generator) -> dict[str, Floats]:
    """One method's values by metric. Two metrics are undefined for some questions: the same ones, and its own."""
    shape = trained, QUESTIONS
    numeric = generator.random(shape).round(2)
    numeric[:, ::10] = np.nan
    cited = generator.random(shape)
    cited[:, generator.random(QUESTIONS) < 0.02] = np.nan
    return {
        "token_f1": generator.random(shape),
        "exact_match": generator.integers(0, 2, shape).astype(float),
        "contains": generator.integers(0, 2, shape).astype(float),
        "numeric_match": numeric,
        "cited": cited,
    }


def build(clusters: int, trained: int) -> ScoreTable:
    generator = np.random.default_rng(1)
    facts = tuple(QuestionFacts(str(i), f"d{i % clusters}", "span", True, 2) for i in range(QUESTIONS))
    runs = {method: 1 if method in UNTUNED else trained for method in METHODS}
    columns = {method: scores(count, generator) for method, count in runs.items()}
    return ScoreTable(facts, {method: tuple(range(count)) for method, count in runs.items()}, columns)


def main() -> None:
    print(f"{QUESTIONS} questions, {len(METHODS)} methods, {RESAMPLES} resamples\n")
    print(f"| layout | metrics | comparisons | seconds | CPU seconds | peak memory, GB |\n|{' --- |' * 6}")
    late = False
    for layout, (clusters, trained) in LAYOUTS.items():
        table = build(clusters, trained)
        metrics = tuple(table.columns["rag"])
        start, busy = perf_counter(), process_time()
        rows = [
            row
            for metric in metrics
            for row in compare_methods(table, metric, 0.03, 1, registered=metric == metrics[0])
        ]
        seconds, busy = perf_counter() - start, process_time() - busy
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # kilobytes on Linux
        late |= seconds > SECONDS or peak > GIGABYTES
        print(f"| {layout} | {len(metrics)} | {len(rows)} | {seconds:.1f} | {busy:.1f} | {peak:.2f} |", flush=True)
    if late:
        raise SystemExit(f"expected at most {SECONDS} s and {GIGABYTES} GB a layout")


if __name__ == "__main__":
    main()

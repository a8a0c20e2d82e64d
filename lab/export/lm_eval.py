"""A run's numbers in the shape of lm-evaluation-harness's results file (version 0.4), for programs that read those.

That file is about one model and many tasks. A run is about many methods and one set of questions, so each method is a
task named `<run>_<method>` of one file, and `config.model` names the base model. Standard errors are those of the
lab's intervals: clustered, and with the spread of the training runs; "N/A" where there is none, as the harness writes.
The lab's interval is the mean and Student's t times that error, but with two to four training runs Howe's (1974);
`configs.<task>.metadata.stderr` says which. `n-samples` counts questions. A metric without a value is left out;
`configs.<task>.metadata.n` says how many questions each of the others has. `higher_is_better` says nothing of
`abstained`: to decline is right for some questions and wrong for others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lab import __version__, rounding
from lab.files import RESULTS_FILE, write_json
from lab.report.lookup import mapping
from lab.report.read import read_result
from lab.report.words import metric_label
from lab.score_table import read_table
from lab.statistics.clustered import RUNS_FOR_WELCH, clustered_mean
from lab.types import ExperimentResult

LOWER_IS_BETTER = frozenset({"wrong"})
NO_DIRECTION = frozenset({"abstained"})
STUDENT = "clustered by document; the lab's 95 % interval is mean +- t * stderr with Student's t"
HOWE = (
    "clustered by document, with the spread of {runs} training runs; the lab's 95 % interval is not mean +- t * stderr "
    "but, with two to four training runs that differ, Howe's (1974)"
)
WELCH = (
    "clustered by document, with the spread of {runs} training runs; the lab's 95 % interval is mean +- t * stderr, "
    "with Student's t at the degrees of freedom of Welch (1947) and Satterthwaite (1946)"
)
NO_ERROR = "N/A"
TASK_VERSION = 1.0


def write_lm_eval(run: Path, path: Path) -> tuple[str, ...]:
    """Write the file; returns the names of its tasks.

    Raises:
        DataError: the run is not finished, or its files are damaged.
    """
    result = read_result(run / RESULTS_FILE)
    tree = lm_eval_tree(result, standard_errors(run, result))
    write_json(path, tree)
    return tuple(tree["results"])


def standard_errors(run: Path, result: ExperimentResult) -> dict[tuple[str, str], float]:
    """The standard error of each (method, metric) that has one."""
    metrics = {name for method in result.methods.values() for name in mapping(method.get("metrics"))}
    table = read_table(run, sorted(metrics))
    found = {}
    for method in table.methods:
        for metric in metrics:
            sample = table.sample([(1.0, method, metric)]) if table.has(method, metric) else None
            error = clustered_mean(sample).error if sample is not None else None
            if error is not None:
                found[method, metric] = error
    return found


def lm_eval_tree(result: ExperimentResult, errors: Mapping[tuple[str, str], float]) -> dict[str, Any]:
    """The file as a tree. `errors` are standard errors by (method, metric)."""
    tasks = {method: f"{result.name}_{method}" for method in result.methods}
    means = {
        method: {
            name: value
            for name, found in mapping(result.methods[method].get("metrics")).items()
            if (value := rounding.number(mapping(found).get("mean"))) is not None
        }
        for method in tasks
    }
    environment = result.environment
    return {
        "results": {
            task: {
                "alias": task,
                **{
                    key: value
                    for name, mean in means[method].items()
                    for key, value in (
                        (f"{name},none", mean),
                        (f"{name}_stderr,none", errors.get((method, name), NO_ERROR)),
                    )
                },
            }
            for method, task in tasks.items()
        },
        "group_subtasks": {task: [] for task in tasks.values()},
        "configs": {task: _config(result, method, task, list(means[method])) for method, task in tasks.items()},
        "versions": {task: TASK_VERSION for task in tasks.values()},
        "n-shot": {task: int(result.methods[method].get("few_shot") or 0) for method, task in tasks.items()},
        "higher_is_better": {task: _directions(means[method]) for method, task in tasks.items()},
        "n-samples": {task: {"original": result.n_test, "effective": result.n_test} for task in tasks.values()},
        "config": {
            "model": "rag-finetune-lab",
            "model_args": f"pretrained={environment.get('generator')},dtype={environment.get('dtype')}",
            "batch_size": mapping(result.config.get("generator")).get("batch_size"),
            "device": environment.get("device"),
            "limit": None,
            "bootstrap_iters": 0,
            "gen_kwargs": {"do_sample": False, "max_new_tokens": environment.get("max_new_tokens")},
            "random_seed": mapping(result.config.get("holdout")).get("seed"),
        },
        "date": _seconds(environment.get("date")),
        "transformers_version": mapping(environment.get("libraries")).get("transformers"),
        "lab_version": __version__,
        "model_source": "rag-finetune-lab",
        "model_name": environment.get("generator"),
    }


def _config(result: ExperimentResult, method: str, task: str, metrics: list[str]) -> dict[str, Any]:
    measured = result.methods[method]
    runs, directions = len(mapping(measured.get("by_seed"))) or 1, _directions(metrics)
    said = STUDENT if runs == 1 else HOWE if runs < RUNS_FOR_WELCH else WELCH
    return {
        "task": task,
        "dataset_path": mapping(result.config.get("corpus")).get("path") or result.name,
        "dataset_name": result.name,
        "test_split": "test",
        "description": str(measured.get("description", "")),
        "output_type": "generate_until",
        "num_fewshot": int(measured.get("few_shot") or 0),
        "metric_list": [
            {"metric": name, "aggregation": "mean", "label": metric_label(name)}
            | ({"higher_is_better": directions[name]} if name in directions else {})
            for name in metrics
        ],
        "repeats": runs,
        "metadata": {
            "version": TASK_VERSION,
            "method": method,
            "track": result.track,
            "clusters": result.n_clusters,
            "n": {name: mapping(measured["metrics"][name]).get("n") for name in metrics},
            "stderr": said.format(runs=runs),
        },
    }


def _directions(metrics: Iterable[str]) -> dict[str, bool]:
    """By metric whether more of it is better; without those of which neither more nor less is."""
    return {metric: metric not in LOWER_IS_BETTER for metric in metrics if metric not in NO_DIRECTION}


def _seconds(date: Any) -> float | None:
    """A date as the seconds since 1970 that the harness writes."""
    try:
        return datetime.fromisoformat(str(date)).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None

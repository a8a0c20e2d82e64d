"""`lab decide`: the recommendation of a finished run under other needs, prices, weights or another margin.

Nothing is asked, trained or scored again: results.json and the scores table hold all that a decision reads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

from lab.config import checked_config
from lab.decision import decide, metrics_read, scope_of
from lab.endpoint_config import is_beside
from lab.errors import ConfigError
from lab.files import RESULTS_FILE
from lab.outcomes.compare import compare_methods
from lab.report.read import read_result
from lab.score_table import read_table
from lab.types import ExperimentResult
from lab.yaml_file import apply_override

DECIDED_BY = ("needs.", "economics.", "metrics.margin=")


def redecide(run: Path, overrides: Sequence[str]) -> ExperimentResult:
    """The result with the recommendation that these overrides lead to; no file is written.

    Raises:
        ConfigError: an override is wrong, or is of a key that would need another run.
        DataError: `run` is no finished run.
    """
    result = read_result(run / RESULTS_FILE)
    tree = deepcopy(dict(result.config))
    for override in overrides:
        if not override.startswith(DECIDED_BY):
            raise ConfigError(
                f"--set {override}: a finished run can be decided anew by needs.*, economics.* and metrics.margin; "
                "for other keys run the experiment again"
            )
        apply_override(tree, override)
    config = checked_config(tree, f"{run}: what is declared for the decision has faults")
    table = read_table(run, metrics_read(config.metrics.primary))
    comparisons = result.comparisons
    if config.metrics.margin != result.config["metrics"]["margin"]:  # verdicts depend on it
        own = table.without([name for name, method in result.methods.items() if is_beside(method)])
        judged = compare_methods(own, config.metrics.primary, config.metrics.margin, config.holdout.seed)
        comparisons = (*judged, *(one for one in comparisons if one.metric != config.metrics.primary))
        result = replace(result, comparisons=comparisons)
    advice = decide(result.methods, table, comparisons, scope_of(result), config)
    return replace(result, recommendation=advice, config=tree)


def declared(options: Mapping[str, bool | float | None], weights: str | None) -> list[str]:
    """Overrides for the options that were given; `weights` reads quality=0.5,cost=0.5.

    Raises:
        ConfigError: `weights` has another form.
    """
    found = [f"{key}={json.dumps(value)}" for key, value in options.items() if value is not None]
    if weights is not None:
        parts = [part.split("=") for part in weights.split(",")]
        if any(len(part) != 2 or not all(part) for part in parts):
            raise ConfigError(f"--weights {weights}: expected criterion=number, such as quality=0.5,cost=0.5")
        found.append(f"needs.weights={{{', '.join(f'{name.strip()}: {value}' for name, value in parts)}}}")
    return found

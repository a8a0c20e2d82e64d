"""Which steps a run will go through, known before it starts."""

from __future__ import annotations

from lab.config import ExperimentConfig
from lab.methods.registry import METHODS


def planned_steps(config: ExperimentConfig) -> tuple[str, ...]:
    """Names of the steps in the order in which they run; a step may turn out to be needless, never the reverse."""
    steps = ["index", "retrieve", "limits"]
    if config.generator.few_shot == "auto" and {"closed-book", "rag"} & set(config.methods):
        steps.append("few-shot")
    for method in config.methods:
        training = f"train-{METHODS[method].weights}"
        if METHODS[method].weights != "base" and training not in steps:
            steps.append(training)
        steps.append(f"answer-{method}")
    return (*steps, "score")

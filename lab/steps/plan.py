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
        weights = METHODS[method].weights
        for seed in seeds_of(method, config):
            training = step_name(f"train-{weights}", seed, config)
            if weights != "base" and training not in steps:
                steps.append(training)
            steps.append(step_name(f"answer-{method}", seed, config) if weights != "base" else f"answer-{method}")
    return (*steps, *(["knowledge"] if "closed-book" in config.methods else []), "score", "latency")


def seeds_of(method: str, config: ExperimentConfig) -> tuple[int, ...]:
    """The training seeds under which a method is asked: one for untuned methods, which no seed changes."""
    seeds = config.training.seeds
    return tuple(seeds if METHODS[method].weights != "base" else seeds[:1])


def step_name(name: str, seed: int, config: ExperimentConfig) -> str:
    """A step's name; it tells the seed where there are several."""
    return f"{name}-seed{seed}" if len(config.training.seeds) > 1 else name

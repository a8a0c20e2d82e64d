"""Which steps a run will go through, known before it starts."""

from __future__ import annotations

from lab.config import ExperimentConfig
from lab.endpoint_config import ENDPOINT
from lab.methods.registry import METHODS

EMBED_QUESTIONS, OPTIONS = "embed-questions", "options"


def planned_steps(config: ExperimentConfig) -> tuple[str, ...]:
    """Names of the steps in the order in which they run; a step may turn out to be needless.

    The reverse is true of one: whether answers are labels is known when the data are read, so that their scoring is
    planned only where a metric of labels decides, or where it is asked for.
    """
    steps = [*([ENDPOINT] if config.generator.endpoint else []), "quality", "index", "retrieve"]
    encoded = [method for method in config.methods if METHODS[method].engine == "encoder"]
    if encoded:
        steps += [EMBED_QUESTIONS, *(f"fit-{method}" for method in encoded)]
    steps.append("limits")
    if config.generator.few_shot == "auto" and {"closed-book", "rag"} & set(config.methods):
        steps.append("few-shot")
    for method in config.methods:
        adapter = METHODS[method].adapter
        for seed in seeds_of(method, config):
            training = step_name(f"train-{adapter}", seed, config)
            if adapter and training not in steps:
                steps.append(training)
            steps.append(step_name(f"answer-{method}", seed, config) if adapter else f"answer-{method}")
    if any(METHODS[method].engine == "generator" for method in config.methods) and _scores_options(config):
        steps.append(OPTIONS)
    return (*steps, *(["knowledge"] if "closed-book" in config.methods else []), "score", "latency")


def _scores_options(config: ExperimentConfig) -> bool:
    wanted = config.generator.option_scoring
    return wanted is True or (wanted == "auto" and config.metrics.primary == "label_accuracy")


def seeds_of(method: str, config: ExperimentConfig) -> tuple[int, ...]:
    """The training seeds under which a method is asked: one for methods without an adapter, which no seed changes."""
    seeds = config.training.seeds
    return tuple(seeds if METHODS[method].adapter else seeds[:1])


def step_name(name: str, seed: int, config: ExperimentConfig) -> str:
    """A step's name; it tells the seed where there are several."""
    return f"{name}-seed{seed}" if len(config.training.seeds) > 1 else name

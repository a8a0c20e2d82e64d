"""What makes runs not comparable: a difference would then come from something else than what was to be compared.

Another engine (what turns weights and a prompt into text: its library, the device, the number format) gives other
answers from the same weights: two engines with the same adapter disagreed on one answer in six. Patch and minor
versions, other processors of the same kind and other settings are listed and refused by nobody: they are what runs are
compared for, or too small to forbid it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from lab import rounding
from lab.compare.matching import Matching
from lab.compare.runs import FinishedRun
from lab.compare.text import printable
from lab.report import lookup

ENGINE_LIBRARIES = ("torch", "transformers", "peft")
OWN_ENGINE = "transformers"  # what runs were made with before they named their engine
# The metrics that a library or a model defines beside our own code.
METRIC_LIBRARIES = {
    **dict.fromkeys(("rouge_1", "rouge_2", "rouge_l", "rouge_lsum"), "rouge-score"),
    "bleu": "sacrebleu",
    "chrf": "sacrebleu",
}
METRIC_MODELS = {
    "semantic_similarity": ("index", "encoder"),
    "support_embedding": ("index", "encoder"),
    "support_nli": ("metrics", "nli"),
}
NOT_RECORDED = "not recorded"
ENGINE_REMEDY = "Make the runs with the same one."


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason: `values` by run, `why` it matters, what to do. `forcible`: whether --force goes on in spite of it."""

    what: str
    values: tuple[tuple[str, str], ...]
    why: str
    remedy: str
    forcible: bool = True

    @property
    def fact(self) -> str:
        """'device: A cpu, B cuda'."""
        return f"{self.what}: {', '.join(f'{letter} {value}' for letter, value in self.values)}"

    @property
    def advice(self) -> str:
        """Why it matters and what to do."""
        return f"{self.why} {self.remedy}".strip()


def find_obstacles(runs: Sequence[FinishedRun], matching: Matching, margin: float | None) -> tuple[Obstacle, ...]:
    """Every reason against the comparison, those of the engine first. `margin` is the user's, if one was named."""
    return (*_engines(runs), *_questions(runs, matching), *_metric(runs), *_margins(runs, margin))


def _engines(runs: Sequence[FinishedRun]) -> Iterator[Obstacle]:
    foreign = [run for run in runs if not lookup.ours(run.result)]
    if foreign:
        yield Obstacle(
            "engine",
            tuple((run.letter, "not known" if run in foreign else _engine(run)) for run in runs),
            "Answers that came in a file do not tell what made them.",
            "Only you can know whether it was the same: if so, use --force.",
        )
    ours = [run for run in runs if run not in foreign]
    yield from _unlike("engine", ours, _engine, "Engines give other answers from the same weights.", ENGINE_REMEDY)
    for key, why in (
        ("device", "The same weights give other answers on other devices, and other seconds."),
        ("dtype", "Rounding differs, and with it some answers."),
    ):
        yield from _unlike(key, ours, partial(_environment, key), why, ENGINE_REMEDY)
    for name in ENGINE_LIBRARIES:
        yield from _unlike(
            f"major version of {name}",
            ours,
            partial(_major, name),
            "Major versions change how text is generated.",
            "Install the same one.",
        )


def _questions(runs: Sequence[FinishedRun], matching: Matching) -> Iterator[Obstacle]:
    if matching.complete:
        return  # another division of the same test questions is listed among the settings
    matched = rounding.count(len(matching.ids))
    yield Obstacle(
        "test set",
        tuple((run.letter, f"{matched} of {rounding.count(matching.asked[run.letter])} matched") for run in runs),
        "Questions of one run alone, or worded otherwise, cannot be compared; what is left is another test set.",
        "Give the runs the same corpus and the same holdout settings.",
        forcible=bool(matching.ids),
    )


def _metric(runs: Sequence[FinishedRun]) -> Iterator[Obstacle]:
    first = runs[0]
    lacking = [run for run in runs if not any(run.table.has(name, first.primary) for name in run.table.methods)]
    yield from _unlike(
        "primary metric",
        runs,
        lambda run: printable(run.primary),
        "Each run chose and recommended by its own metric.",
        f"Set metrics.primary alike; with --force that of {first.letter} decides.",
        forcible=not lacking,
    )
    metric = first.primary
    if library := METRIC_LIBRARIES.get(metric):
        yield from _unlike(
            f"definition of {metric}",
            runs,
            lambda run: f"{library} {_version(library, run)}",
            "Another version may count otherwise.",
            f"Install the same {library}.",
        )
    if keys := METRIC_MODELS.get(metric):
        yield from _unlike(
            f"definition of {metric}",
            runs,
            lambda run: printable(lookup.at(run.result.config, *keys)),
            "This metric is what that model says.",
            f"Set {'.'.join(keys)} alike.",
        )


def _margins(runs: Sequence[FinishedRun], margin: float | None) -> Iterator[Obstacle]:
    missing = any(rounding.number(lookup.margin(run.result)) is None for run in runs)
    if margin is not None:
        return
    found = list(
        _unlike(
            "margin",
            runs,
            lambda run: NOT_RECORDED if (value := lookup.margin(run.result)) is None else printable(value),
            "Equivalence and verdicts depend on it.",
            "Name one with --margin.",
            forcible=False,
        )
    )
    if missing and not found:
        found = [Obstacle("margin", ((runs[0].letter, NOT_RECORDED),), "", "Name one with --margin.", forcible=False)]
    yield from found


def _unlike(
    what: str,
    runs: Sequence[FinishedRun],
    value: Callable[[FinishedRun], str],
    why: str,
    remedy: str,
    *,
    forcible: bool = True,
) -> Iterator[Obstacle]:
    values = tuple((run.letter, value(run)) for run in runs)
    if len({text for _, text in values}) > 1:
        yield Obstacle(what, values, why, remedy, forcible=forcible)


def _engine(run: FinishedRun) -> str:
    return printable(lookup.at(run.result.environment, "engine") or OWN_ENGINE)


def _environment(key: str, run: FinishedRun) -> str:
    return _said(lookup.at(run.result.environment, key))


def _version(library: str, run: FinishedRun) -> str:
    return _said(lookup.at(run.result.environment, "libraries", library))


def _major(library: str, run: FinishedRun) -> str:
    return _version(library, run).partition(".")[0]


def _said(value: Any) -> str:
    return NOT_RECORDED if value is None else printable(value)

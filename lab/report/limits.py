"""What this result cannot say."""

from __future__ import annotations

from lab.report import lookup, rounding, words
from lab.report.finding import SCREENING_BELOW
from lab.types import ExperimentResult


def limits(result: ExperimentResult) -> tuple[str, ...]:
    """Honest limits of this result, the weightiest first."""
    found = [*_sample(result), *_models(result), *_measures(result), *_mishaps(result)]
    return tuple(sentence for sentence in found if sentence)


def _sample(result: ExperimentResult) -> list[str]:
    runs = len(result.seeds)
    asked = rounding.number(lookup.at(result.environment, "test_asked"))
    return [
        f"Fewer than {SCREENING_BELOW} test questions: this is a screening, not a verdict."
        if result.n_test < SCREENING_BELOW
        else "",
        "One training run per adapter: how much a second run would differ is not in the intervals."
        if runs == 1 and lookup.tuned(result)
        else "",
        f"The test questions were asked {rounding.count(asked)} times for this result; what is chosen after looking at "
        "test scores is flattered by them."
        if asked is not None and asked > 1
        else "",
        "The intervals speak of new questions from documents like these, not of other domains.",
    ]


def _models(result: ExperimentResult) -> list[str]:
    generator = lookup.at(result.environment, "generator") or "one generator"
    note = lookup.at(result.environment, "weights_note")
    return [
        f"All answers come from {generator}. The order of methods can change with a larger or newer model.",
        str(note) if note else "",
        "The methods share one prompt, one decoding (greedy) and few settings; none was tuned to its best.",
    ]


def _measures(result: ExperimentResult) -> list[str]:
    return [
        f"{words.capital(words.metric_label(lookup.primary(result)))} compares words, not meaning: a right answer in "
        "other words can count as wrong.",
        "Seconds are those of this machine with batched generation; they are no price and no latency under load.",
        "Not measured: energy, money, upkeep when documents change, forgetting of other skills, misleading passages.",
    ]


def _mishaps(result: ExperimentResult) -> list[str]:
    sentences = []
    for key, what in (
        ("truncated", "answers were cut off at the token limit"),
        ("parse_failures", "answers could not be parsed"),
    ):
        hit = [
            f"{words.method_label(name)} {rounding.count(amount)}"
            for name in lookup.methods_by_quality(result)
            if (amount := rounding.number(lookup.at(result.methods, name, key)))
        ]
        if hit:
            sentences.append(f"Some {what}: {words.join(hit)}.")
    return sentences

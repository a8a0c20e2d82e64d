"""What this result cannot say."""

from __future__ import annotations

from lab import rounding
from lab.report import lookup, words
from lab.report.endpoint import endpoint_limits
from lab.report.finding import SCREENING_BELOW
from lab.report.money import priced
from lab.types import ExperimentResult


def limits(result: ExperimentResult) -> tuple[str, ...]:
    """Honest limits of this result, the weightiest first."""
    found = [*_sample(result), *_models(result), *endpoint_limits(result), *_measures(result), *_mishaps(result)]
    return tuple(sentence for sentence in found if sentence)


def _sample(result: ExperimentResult) -> list[str]:
    runs = len(result.seeds)
    asked = rounding.number(lookup.at(result.environment, "test_asked"))
    return [
        f"Fewer than {SCREENING_BELOW} test questions: this is a screening, not a verdict."
        if result.n_test < SCREENING_BELOW
        else "",
        _runs(runs) if lookup.tuned(result) else "",
        f"The test questions were asked {rounding.count(asked)} times for this result; what is chosen after looking at "
        "test scores is flattered by them."
        if asked is not None and asked > 1
        else "",
        "The intervals speak of new questions from documents like these, not of other domains.",
    ]


def _runs(runs: int) -> str:
    if runs == 1:
        return "One training run per adapter: how much a second run would differ is not in the intervals."
    if runs == 2:
        return "Two training runs per adapter: their spread is in the intervals, but two tell little of it."
    return ""


def _models(result: ExperimentResult) -> list[str]:
    if not lookup.ours(result):
        return ["How the answers were made is not known here: prompts, models and decoding may differ between methods."]
    generator = lookup.at(result.environment, "generator")
    note = lookup.at(result.environment, "weights_note")
    others = [
        words.method_label(name)
        for name, method in result.methods.items()
        if words.uses_no_generator(lookup.at(method, "weights"))
    ]
    but = f" but those of {words.join(others)}" if others else ""
    return [
        f"All answers{but} come from {generator}. The order of methods can change with a larger or newer model.",
        str(note) if note else "",
        "The methods share one prompt, one decoding (greedy) and few settings; none was tuned to its best.",
    ]


def _measures(result: ExperimentResult) -> list[str]:
    return [
        f"{words.capital(words.metric_label(lookup.primary(result)))} compares words, not meaning: a right answer in "
        "other words can count as wrong.",
        _free(result),
        _seconds(result),
        f"Not measured: {', '.join(_unmeasured(result))}.",
        *_declared(result),
    ]


def _free(result: ExperimentResult) -> str:
    free = rounding.number(lookup.at(result.corpus, "sides", "test", "kinds", "free"))
    if not free:
        return ""
    return (
        f"{words.plural(rounding.count(free), 'test question')} of kind free: no strict measure calls a text of "
        "several words right, so nearly every such answer counts as wrong where right and wrong are counted (answering "
        "and declining, causes, prices of wrong answers). Read the overlap metrics, or let `lab judge` read them."
    )


def _unmeasured(result: ExperimentResult) -> list[str]:
    """What this result has no figure for."""
    energy = any(
        rounding.number(lookup.at(method, "energy_j_per_question")) is not None for method in result.methods.values()
    )
    used = {lookup.at(one, "name") for one in lookup.sequence(result.recommendation, "criteria_used")}
    found = (
        ("energy", energy),
        ("money", priced(result)),
        ("answers after documents change", False),
        ("forgetting of other skills", "forgetting" in used),
        ("misleading passages", "robustness" in used),
    )
    return [what for what, known in found if not known]


def _seconds(result: ExperimentResult) -> str:
    if not lookup.ours(result):
        return ""
    alone = any(
        rounding.number(lookup.at(method, "latency_ms", "p50")) is not None for method in result.methods.values()
    )
    if alone:
        return "Seconds, in batches or asked alone, are those of this machine; neither is a latency under load."
    return "Seconds are those of this machine with batched generation; they are no latency under load."


def _declared(result: ExperimentResult) -> list[str]:
    """Figures that come from declarations and not from measurements."""
    used = {lookup.at(one, "name") for one in lookup.sequence(result.recommendation, "criteria_used")}
    return [
        "Costs in money follow from the declared prices and volumes; labelling and evaluating again are not in them."
        if priced(result)
        else "",
        "Freshness follows from the declared rates of change; no document was changed." if "freshness" in used else "",
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

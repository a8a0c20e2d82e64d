"""The finding in plain English: what to choose, how sure that is, and what the comparison is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lab import rounding
from lab.report import lookup, words
from lab.report.endpoint import beside_sentences
from lab.report.layout import Finding
from lab.types import Comparison, ExperimentResult

SCREENING_BELOW = 150
EQUAL_BY_CLUSTER = "equal in every cluster: the interval tells nothing here"
_NO_WIDTH = 1e-12  # an interval as narrow as that has an error of rounding alone
_ABOUT_THE_MARGIN = ("better", "worse", "slightly better", "slightly worse", "equivalent")
_FINER = (0.01, 0.001)  # half the width of an interval that is written with three decimals, and with four


def finding(result: ExperimentResult) -> Finding:
    """The recommendation in words. It says 'Undecided' unless the recommendation is clear."""
    choice = lookup.choice(result)
    clear = lookup.at(result.recommendation, "clear") is True
    if choice is None:
        headline, answer = _without_choice(result)
    elif clear:
        doubt = " Ahead, but not proven." if lookup.at(result.recommendation, "proven") is False else ""
        headline, answer = f"{words.advice(choice)}.{doubt}", _clear_answer(result, choice)
    else:
        headline, answer = "Undecided.", _undecided_answer(result, choice)
    answer = _of_all_criteria(result) or answer
    remarks = (
        *_majority_sentences(result),
        *parity_sentences(result),
        *_oracle_sentences(result),
        *beside_sentences(result),
        *_contrast_sentences(result, choice),
    )
    return Finding(headline, answer, _certainty(result), remarks)


def parity_sentences(result: ExperimentResult) -> tuple[str, ...]:
    """What the weights could know of the tested facts: the comparison is of reading, or of storage.

    Nothing where no method was tuned.
    """
    if not lookup.tuned(result):
        return ()
    fact = rounding.number(lookup.at(result.holdout, "parity", "fact"))
    if fact is None:
        return ("Whether the tested facts were among the trained ones was not measured.",)
    known = rounding.number(lookup.at(result.holdout, "parity", "facts_known"))
    trained = f"{rounding.share(fact)} of the {'' if known is None else f'{rounding.count(known)} '}tested facts"
    if fact >= 0.5:
        how = "in other words" if result.track == "wording" else "in a training example"
        return (
            f"{trained} were trained on {how}, so the weights could store them: "
            "this compares storage in weights with reading.",
        )
    shown = "never shown the tested facts" if fact == 0 else "never shown most of the tested facts"
    sentence = f"{trained} were trained on: the weights were {shown}, so this compares reading, not storage."
    if result.track == "wording":
        sentence += " The wording track is meant to train on them; here it mostly did not."
    return (sentence,)


def identical(item: Comparison) -> bool:
    """Whether the two methods scored the same throughout: difference and interval are exactly 0, on every question.

    Differences that cancel inside each cluster leave such an interval too. They have a d_z, which is None where all are
    equal; results without effect sizes do not tell, and the interval decides.
    """
    cancelled = (item.effects is not None and item.effects.d_z is not None) or any(item.by_seed)
    return item.difference == item.low == item.high == 0.0 and not cancelled


def caution(item: Comparison) -> str:
    """`EQUAL_BY_CLUSTER` where the methods differ by the same in every cluster, on all questions or not; else nothing.

    The clustered error is 0 then, whatever the number of clusters: the interval has no width and the equivalence test
    passes for any difference below the margin. Nothing for results without effect sizes.
    """
    if item.low is None or item.high is None or item.effects is None or identical(item):
        return ""
    return EQUAL_BY_CLUSTER if item.high - item.low <= _NO_WIDTH else ""


def shown_difference(item: Comparison, margin: float | None) -> str:
    """The difference as its interval allows, with up to four decimals where fewer put it beyond the verdict's margin.

    A verdict that says nothing about the margin leaves it as it is, and so does a difference too near to it.
    """
    ordinary = rounding.difference(item.difference, item.low, item.high)
    if margin is None or item.verdict not in _ABOUT_THE_MARGIN:
        return ordinary
    finer = (rounding.difference(item.difference, item.difference - half, item.difference + half) for half in _FINER)
    beyond = abs(item.difference) >= margin
    return next((said for said in (ordinary, *finer) if (_size(said) >= margin) == beyond), ordinary)


def _size(said: str) -> float:
    return abs(float(said.replace(rounding.MINUS, "-")))


def contrast_sentence(item: Comparison, margin: float | None) -> str:
    """One registered contrast as a sentence. It never says 'no difference' where none was found."""
    method, baseline = words.method_label(item.method), words.method_label(item.baseline)
    gap = f"{shown_difference(item, margin)} {rounding.interval(item.low, item.high)}".rstrip()
    within = f"the margin of {rounding.rate(margin)}" if margin is not None else "the margin"
    if identical(item):
        return f"{method} and {baseline} scored the same on every question."
    sentences = {
        "better": f"{method} is better than {baseline}: {gap}.",
        "worse": f"{method} is worse than {baseline}: {gap}.",
        "slightly better": f"{method} is better than {baseline}, but not by {within}: {gap}.",
        "slightly worse": f"{method} is worse than {baseline}, but not by {within}: {gap}.",
        "equivalent": f"{method} and {baseline} are equivalent within {within}: {gap}.",
    }
    if item.verdict in sentences:
        return f"{sentences[item.verdict]}{_caution_sentence(item)}"
    detectable = (
        ""
        if item.mde is None
        else f"; these questions would show a difference of {rounding.score(item.mde)} or more with 80 % power"
    )
    return f"{method} against {baseline} is inconclusive: {gap}{detectable}.{_needed(item)}{_caution_sentence(item)}"


def _caution_sentence(item: Comparison) -> str:
    if not caution(item):
        return ""
    doubt = ", nor does the verdict that rests on it" if item.verdict == "equivalent" else ""
    return f" The difference is {caution(item)}{doubt}."


def _needed(item: Comparison) -> str:
    """How many more questions would show the difference that matters."""
    if item.needed is None:
        return ""
    questions = words.plural(rounding.count(item.needed.questions), "more question")
    documents = words.plural(rounding.count(item.needed.clusters), "more document")
    return f" To show one of {rounding.rate(item.needed.difference)}, ask {questions} from {documents}."


def _of_all_criteria(result: ExperimentResult) -> str | None:
    """The recommendation's own sentence where more than quality decided: needs, or other criteria."""
    advice = result.recommendation
    names = {str(lookup.at(one, "name") or one) for one in lookup.sequence(advice, "criteria_used")}
    said = lookup.at(advice, "sentence")
    return words.labelled(str(said)) if said and (names - {"quality"} or lookup.sequence(advice, "gates")) else None


def _without_choice(result: ExperimentResult) -> tuple[str, str]:
    reason = words.labelled(str(lookup.at(result.recommendation, "reason") or ""))
    if lookup.at(result.recommendation, "choice") == "none":
        return "None of them.", reason or "No method is good enough to choose."
    return "No recommendation.", reason or "This result holds no recommendation."


def _clear_answer(result: ExperimentResult, choice: str) -> str:
    metric = words.metric_label(lookup.primary(result))
    outside = {choice, lookup.ORACLE, *lookup.beside(result)}
    others = [name for name in lookup.methods_by_quality(result) if name not in outside]
    answer = f"{words.method_label(choice)} reached {_quality(result, choice)} in {metric}"
    if not others:
        return f"{answer}; it had no rival."
    return f"{answer}; the best of the others, {words.method_label(others[0])}, {_quality(result, others[0])}."


def _undecided_answer(result: ExperimentResult, choice: str) -> str:
    metric = words.metric_label(lookup.primary(result))
    leader = lookup.methods_by_quality(result)[0]
    sure = rounding.chance(lookup.at(result.recommendation, "p_best_by_method", leader))
    answer = f"{words.method_label(leader)} has the highest {metric}, {_quality(result, leader)}"
    if sure != rounding.NOT_MEASURED:
        answer += f", but was best in only {sure} of resampled question sets"
    within = [words.method_label(str(name)) for name in lookup.sequence(result.recommendation, "within_margin")]
    if len(within) < 2:
        return f"{answer}. No other method is within the margin of {rounding.rate(lookup.margin(result))}."
    return (
        f"{answer}. Within the margin are {words.join(within)}; the simplest of them is {words.method_label(choice)}."
    )


def _quality(result: ExperimentResult, name: str) -> str:
    found = lookup.metric(result, name, lookup.primary(result))
    if found is None or found.mean is None:
        return rounding.NOT_MEASURED
    return " ".join(
        filter(None, (rounding.score(found.mean, found.low, found.high), rounding.interval(found.low, found.high)))
    )


def _certainty(result: ExperimentResult) -> str:
    choice = lookup.choice(result)
    p_best = rounding.chance(lookup.at(result.recommendation, "p_best"))
    runs = f", {words.plural(rounding.count(len(result.seeds)), 'training run')}" if lookup.tuned(result) else ""
    size = (
        f"{words.plural(rounding.count(result.n_test), 'test question')} in "
        f"{words.plural(rounding.count(result.n_clusters), 'cluster')}{runs}"
    )
    said = f"{words.method_label(choice)} was best in {p_best} of resampled question sets; " if choice else ""
    if choice and p_best == rounding.NOT_MEASURED:
        said = "How often the choice would win on other questions was not measured; "
    screening = f" Screening only: fewer than {SCREENING_BELOW} questions." if result.n_test < SCREENING_BELOW else ""
    return f"{said}{size}.{screening}"


def _majority_sentences(result: ExperimentResult) -> tuple[str, ...]:
    """What always giving the most frequent label would score, where labels decide, and who scored no more."""
    if lookup.primary(result) != "label_accuracy":
        return ()
    names = [name for name in lookup.methods_by_quality(result) if name != lookup.ORACLE]
    if not names:
        return ()
    return tuple(
        _majority_sentence(result, kind, found, names)
        for kind, found in lookup.mapping(result.methods, names[0], "labels").items()
    )


def _majority_sentence(result: ExperimentResult, kind: str, found: Mapping[str, Any], names: Sequence[str]) -> str:
    share = rounding.number(found.get("majority_share"))
    if share is None:
        return f"What always giving one label would score was not measured for {kind}."
    said = f"Always answering {found.get('majority')} would score {rounding.score(share)}"
    scores = {name: rounding.number(lookup.at(result.methods, name, "labels", kind, "accuracy")) for name in names}
    above = [name for name, score in scores.items() if score is not None and score > share]
    if not above:
        return f"{said}: no method scored more, so none of them has been shown to judge anything."
    if len(above) == len(names):
        return f"{said}."
    return f"{said}; above that {'is' if len(above) == 1 else 'are'} {words.join(map(words.method_label, above))} only."


def _oracle_sentences(result: ExperimentResult) -> tuple[str, ...]:
    if lookup.quality(result, lookup.ORACLE) is None or lookup.quality(result, "rag") is None:
        return ()
    metric = words.metric_label(lookup.primary(result))
    return (
        f"RAG with the gold passages put in (oracle) reached {_quality(result, lookup.ORACLE)} in {metric}, "
        f"RAG as it is {_quality(result, 'rag')}.",
    )


def _contrast_sentences(result: ExperimentResult, choice: str | None) -> tuple[str, ...]:
    mine = [item for item in lookup.registered(result) if choice in (item.method, item.baseline)]
    return tuple(contrast_sentence(item, lookup.margin(result)) for item in mine)

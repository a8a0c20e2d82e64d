"""The wording of a recommendation: the sentence for everyone, and the reason with its numbers.

A method 'beats' another only by the verdict of a registered contrast. Never 'no difference' where none was found.
"""

from __future__ import annotations

from lab import rounding
from lab.recommend.case import Case
from lab.recommend.contrasts import WON, contrast, proven, rivals_of
from lab.recommend.costs import is_tuned
from lab.recommend.phrases import count, listed, metric_label, percent, quality_label
from lab.recommend.rule import NONE, Judgement, expense, simpler
from lab.types import Comparison

SCREENING_BELOW = 150
_MARKED = 1.1  # a cost is mentioned from this ratio on


def words(case: Case, choice: str) -> str:
    """RAG, fine-tuning, both (which of them), neither, or none (methodology 9.4); its name if it may be either."""
    if choice == NONE:
        return NONE
    one = case.candidate(choice)
    tuned = is_tuned(one)
    if tuned is None:
        return choice
    if not one.generates:
        return "neither"
    if one.retrieves:
        return f"both ({choice})" if tuned else "RAG"
    return "fine-tuning" if tuned else "neither"


def sentence(case: Case, judgement: Judgement) -> str:
    """The recommendation in one sentence."""
    metric, n = metric_label(case), len(case.evidence.clusters)
    head = f"On {count(n, 'held-out question')}"
    choice = judgement.choice
    if choice == NONE:
        if judgement.passing or not judgement.gates:
            return f"{head} no method had a mean {quality_label(case)} above 0: choose none of them."
        return f"{head} no method met all needs: choose none of them; {nearest_miss_sentence(case, judgement)}"
    name = f"choose {_called(case, choice)}"
    if judgement.passing == (choice,) and len(case.names) > 1:
        share = judgement.p_best.get(choice)
        sure = (
            "" if judgement.clear or share is None else f", though in only {percent(share)} of resampled question sets"
        )
        figure = f"{metric} {case.quality(choice):z.2f}"
        return f"{head} {choice} is the only method that meets all needs ({figure}){sure}: {name}."
    if not judgement.clear:
        others = [other for other in judgement.within if other != choice]
        if others:
            return (
                f"{head} there is no clear winner: {listed(judgement.within)} are within {_margin(case, judgement)}; "
                f"{name}, {_why(case, judgement)}."
            )
        return f"{head} there is no clear winner: {choice} leads with {_figures(case, judgement, choice)}, {name}."
    rivals = rivals_of(judgement)
    against = f" against {_figures(case, judgement, rivals[0])} for {rivals[0]}" if rivals else ""
    sure = percent(judgement.p_best.get(choice))
    return (
        f"{head} {choice} had the highest {_measure(case, judgement)}, {_figures(case, judgement, choice)}{against}, "
        f"and was best in {sure} of resampled question sets: {name}."
    )


def reason(case: Case, judgement: Judgement) -> str:
    """Why, in a few sentences: what the gates left, who leads, how sure that is, how the nearest ones stand to it."""
    parts: list[str | None]
    if judgement.choice == NONE:
        parts = [sentence(case, judgement)]
    else:
        tell = _clear_reason if judgement.clear else _undecided_reason
        parts = [_excluded(judgement), tell(case, judgement)]
    if judgement.criteria.note is not None:
        parts.append(f"{judgement.criteria.note[0].upper()}{judgement.criteria.note[1:]}.")
    if len(case.evidence.clusters) < SCREENING_BELOW:
        parts.append(f"Screening only: fewer than {SCREENING_BELOW} questions.")
    return " ".join(part for part in parts if part)


def nearest_miss_sentence(case: Case, judgement: Judgement) -> str:
    """Which method came nearest to passing, and what it failed."""
    method = nearest_miss(case, judgement)
    failed = "; ".join(
        f"{gate.need}: {gate.reason}" for gate in judgement.gates if gate.method == method and not gate.met
    )
    return f"the nearest miss is {method}, which fails {failed}."


def nearest_miss(case: Case, judgement: Judgement) -> str:
    """The method with the fewest failed gates; of equals the one with the highest utility, then quality."""
    failed = {name: sum(gate.method == name and not gate.met for gate in judgement.gates) for name in judgement.names}

    def rank(name: str) -> tuple[int, float, float]:
        utility = judgement.utilities.get(name, 0.0)
        return failed[name], -utility, -case.quality(name)

    return min(judgement.names, key=rank)


def _clear_reason(case: Case, judgement: Judgement) -> str:
    choice, rivals = judgement.choice, rivals_of(judgement)
    head = (
        f"{choice} has the highest {_measure(case, judgement)} ({_figures(case, judgement, choice)}) and was best in "
        f"{percent(judgement.p_best[choice])} of resampled question sets"
    )
    if not rivals:
        return f"{head}; {'no other method meets all needs' if len(judgement.names) > 1 else 'it had no rival'}."
    sure = "" if proven(case, judgement) else "Ahead, but not proven: "
    told = f"{sure}{head}; {_against(case, judgement, rivals[0])}."
    gains = _gains(judgement, rivals[0])
    return f"{told} {gains}" if gains else told


def _undecided_reason(case: Case, judgement: Judgement) -> str:
    leader, choice = str(judgement.leader), judgement.choice
    share = judgement.p_best.get(leader)
    sure = (
        "but all questions belong to one cluster, so nothing says how far that holds"
        if share is None
        else f"but was best in only {percent(share)} of resampled question sets"
    )
    head = f"No clear winner: {leader} has the highest {_measure(case, judgement)} "
    head += f"({_figures(case, judgement, leader)}) {sure}."
    others = [name for name in judgement.ranked() if name in judgement.within and name != choice]
    if not others:
        return f"{head} No other method is within {_margin(case, judgement)}."
    clauses = "; ".join(_addition(case, choice, name) for name in others[:2])
    return (
        f"{head} Within {_margin(case, judgement)} are {listed(judgement.within)}; "
        f"{choice} is {_why(case, judgement)}: {clauses}."
    )


def _margin(case: Case, judgement: Judgement) -> str:
    said = f"the margin of {case.margin:g} {metric_label(case)}"
    return said if _alone(judgement) else f"{said} ({judgement.slack:.3f} of utility)"


def _why(case: Case, judgement: Judgement) -> str:
    """What speaks for the choice among those within the margin."""
    able, choice = [name for name in judgement.within if case.worth(name) > 0.0], judgement.choice
    some = f"those with a {quality_label(case)} above 0" if case.penalty else "those with any right answer"
    them = "them" if len(able) == len(judgement.within) else some
    if choice != able[0]:
        return f"the cheapest of the simplest of {them}"
    mine = case.candidate(choice)
    twins = [name for name in able[1:] if not simpler(mine, case.candidate(name))]
    if not twins:
        return f"the simplest of {them}"
    spent = expense(case, [choice, *twins])
    cheaper = all(spent(choice) < spent(name) for name in twins)
    return f"the cheapest of the simplest of {them}" if cheaper else f"the first listed of {them}"


def _against(case: Case, judgement: Judgement, rival: str) -> str:
    """How the clear choice stands to its rival in quality; 'beats' by the verdict of a registered contrast only."""
    choice, metric = judgement.choice, metric_label(case)
    one, gap = contrast(case, choice, rival), case.quality(choice) - case.quality(rival)
    if one is None:
        return f"its {metric} is {gap:+z.2f} against {rival}, a pair that was not compared"
    if one.verdict in WON and one.difference > 0.0:
        return f"it beats {rival} by {_by(one)}"
    if one.verdict == "equivalent":
        return _addition(case, choice, rival)
    if one.difference < 0.0 < gap:  # means are over the questions of all methods
        return f"its {metric} is {gap:+z.2f} against {rival}, but not on all questions of these two ({_by(one)})"
    by = f"its {metric} is {_by(one, signed=True)} against {rival}"
    if one.verdict is None:
        return f"{by}, a pair that was not registered and so not tested"
    if one.verdict == "inconclusive":
        return f"{by}, which is not significant after Holm's adjustment"
    return f"{by}, which {'fewer wrong answers' if _alone(judgement) else 'the other criteria'} outweigh"


def _addition(case: Case, choice: str, other: str) -> str:
    """What `other` adds to the choice and what that costs, by the verdict of their contrast."""
    one = contrast(case, other, choice)
    lever = _lever(case, choice, other)
    price = _extra(case, choice, other)
    if one is not None and one.verdict == "equivalent":
        by = f"by TOST within the margin of {case.evidence.margin:g}"
        if lever is None:
            return f"{choice} and {other} are equivalent in quality ({by}){f', but {other} {price}' if price else ''}"
        return f"{lever} adds no quality (equivalent {by}){f' and {price}' if price else ''}"
    difference = f"{case.quality(other) - case.quality(choice):+z.3f}" if one is None else _by(one, signed=True)
    subject = other if lever is None else lever
    costs = f"; {subject if lever is None else 'it'} {price}" if price else ""
    if one is not None and one.verdict in WON:
        return f"{subject} adds {_by(one)} of {metric_label(case)}{costs}"
    untested = one is None or one.verdict is None
    doubt = "a pair that was not tested" if untested else "which shows neither a gain nor its absence"
    if one is not None and one.verdict in ("worse", "slightly worse"):
        doubt = "a loss"
    return f"with {subject} the {metric_label(case)} is {difference}, {doubt}{costs}"


def _lever(case: Case, choice: str, other: str) -> str | None:
    """What `other` has and the choice has not, if that is one thing."""
    mine, theirs = case.candidate(choice), case.candidate(other)
    if mine.generates != theirs.generates:
        return None
    retrieval = theirs.retrieves - mine.retrieves
    tuned = is_tuned(theirs), is_tuned(mine)
    if tuned[0] is None or tuned[1] is None:
        return None
    tuning = tuned[0] - tuned[1]
    if tuning == 0 and retrieval == 1 and mine.weights == theirs.weights:
        return "retrieval"
    if retrieval == 0 and tuning == 1:
        return f"tuning ({other})" if theirs.retrieves else "tuning"
    return None


def _extra(case: Case, choice: str, other: str) -> str | None:
    """What `other` costs more than the choice, by the first of these that does: prompt tokens, seconds, training."""
    mine, theirs = case.candidate(choice), case.candidate(other)
    for a, b, what in (
        (mine.tokens_in, theirs.tokens_in, "costs {:.1f} times the prompt tokens"),
        (mine.seconds_per_question, theirs.seconds_per_question, "takes {:.1f} times the seconds per question"),
    ):
        if a and b and b / a >= _MARKED:
            return what.format(b / a)
    extra = (theirs.training_seconds or 0.0) - (mine.training_seconds or 0.0)
    return f"needs {extra:.0f} s more of training" if extra >= 1.0 else None


def _gains(judgement: Judgement, rival: str) -> str | None:
    """By which criteria the choice leads its rival; nothing where quality alone counts."""
    used = judgement.criteria.used
    if len(used) < 2:
        return None
    a, b = judgement.names.index(judgement.choice), judgement.names.index(rival)
    parts = sorted(((one.weight * float(one.scores[a] - one.scores[b]), one.name) for one in used), reverse=True)
    told = ", ".join(f"{name} {part:+z.3f}" for part, name in parts)
    return f"Its utility against {rival} is {judgement.gap(judgement.choice, rival):+z.3f}: {told}."


def _measure(case: Case, judgement: Judgement) -> str:
    if _alone(judgement):
        return quality_label(case)
    less = quality_label(case).replace(metric_label(case), "quality", 1)
    return f"utility of {listed([less if one.name == 'quality' else one.name for one in judgement.criteria.used])}"


def _alone(judgement: Judgement) -> bool:
    """Whether quality alone counts."""
    return [one.name for one in judgement.criteria.used] == ["quality"]


def _figures(case: Case, judgement: Judgement, name: str) -> str:
    if _alone(judgement):
        return f"{case.worth(name):z.2f}"
    return f"{judgement.utilities[name]:z.2f}, {metric_label(case)} {case.quality(name):z.2f}"


def _by(one: Comparison, *, signed: bool = False) -> str:
    write = rounding.difference if signed else rounding.score
    return rounding.with_interval(one.difference, one.low, one.high, write)


def _excluded(judgement: Judgement) -> str | None:
    """Which methods fail which needs; nothing where all pass."""
    needs: dict[str, list[str]] = {}
    for gate in judgement.gates:
        if not gate.met:
            needs.setdefault(gate.need, []).append(gate.method)
    if not needs:
        return None
    return f"Excluded: {'; '.join(f'{listed(methods)} by {need}' for need, methods in needs.items())}."


def _called(case: Case, choice: str) -> str:
    if is_tuned(case.candidate(choice)) is None:
        return choice
    if not case.candidate(choice).generates:
        return f"{choice}, neither RAG nor fine-tuning"
    known = {"RAG": "RAG", "fine-tuning": "fine-tuning", "neither": "neither RAG nor fine-tuning"}
    return known.get(words(case, choice), f"both, as {choice}")

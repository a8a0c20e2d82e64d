"""What the comparison says, in plain English. The terminal and the pages use the same sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from lab import rounding
from lab.compare.changes import SPLIT, Change
from lab.compare.runs import FinishedRun
from lab.compare.text import printable, shown
from lab.compare.together import Contrast, RunsCompared, Side
from lab.report import lookup, words
from lab.report.finding import EQUAL_BY_CLUSTER, SCREENING_BELOW, caution, contrast_sentence, identical
from lab.report.layout import Finding

SETTINGS_SHOWN = 3
SAME = "identical"
_HEADLINES = {
    "better": "{later} is better.",
    "slightly better": "{later} is better, but by less than the margin.",
    "worse": "{first} is better.",
    "slightly worse": "{first} is better, but by less than the margin.",
    "equivalent": "{first} and {later} are equivalent.",
    "inconclusive": "Undecided.",
}
_HARDWARE = ("cpu", "gpu", "cores")


def title(found: RunsCompared) -> str:
    """'raft-k3 (A) and raft-k5 (B) compared'."""
    return f"{words.join(f'{run.name} ({run.letter})' for run in found.runs)} compared"


def forced(found: RunsCompared) -> str:
    """That the runs are not comparable, and were compared all the same."""
    letters = words.join(run.letter for run in found.runs)
    return f"{letters} are not comparable, and were compared because --force was given."


def against(found: RunsCompared) -> tuple[str, ...]:
    """What makes the runs not comparable; empty unless the comparison was forced."""
    return tuple(f"{words.capital(one.fact)}. {one.why}" for one in found.obstacles)


def warnings(found: RunsCompared) -> tuple[str, ...]:
    """Both as one text, to stand before all else; empty unless the comparison was forced."""
    return (" ".join((forced(found), *against(found))),) if found.obstacles else ()


def finding(found: RunsCompared) -> Finding:
    """The recommended methods against each other first: that is what choosing a run comes to."""
    first, *later = found.runs
    if len(later) == 1:
        headline, answer = _verdict(found, later[0])
    else:
        headline = f"{len(later)} runs against {first.letter}."
        answer = " ".join(" ".join(_verdict(found, run)) for run in later)
    return Finding(headline, answer, certainty(found), remarks(found))


def certainty(found: RunsCompared) -> str:
    """What the comparison rests on."""
    trained = ""
    if found.trainings.count:
        trained = f", {words.plural(rounding.count(found.trainings.count), 'training run')} a side"
    questions = words.plural(rounding.count(found.n), "matched question")
    clusters = words.plural(rounding.count(found.clusters), "cluster")
    judged = words.plural(rounding.count(len(found.contrasts)), "contrast")
    screening = f" Screening only: fewer than {SCREENING_BELOW} questions." if found.n < SCREENING_BELOW else ""
    return (
        f"{questions} in {clusters}{trained}; {judged} in {words.metric_label(found.metric)}, adjusted together by "
        f"Holm; margin {rounding.score(found.margin)}.{screening}"
    )


def remarks(found: RunsCompared) -> tuple[str, ...]:
    """Method by method, what differs between the runs, and what the intervals do not know."""
    lines = [_by_method(found, run) for run in found.runs[1:]]
    return tuple(
        filter(None, [*lines, settings_sentence(found), *machine_sentences(found), *training_sentences(found)])
    )


def settings_sentence(found: RunsCompared) -> str:
    """How many settings differ: with more than one, no difference can be put down to any of them."""
    changes = [change for change in found.changes.settings if change.key != SPLIT]
    if not changes:
        return "No setting of the experiments differs: what differs comes from machines, versions, data or chance."
    said = "; ".join(_change(found, change) for change in changes[:SETTINGS_SHOWN])
    if len(changes) == 1:
        return f"One setting differs: {said}."
    more = f" and {len(changes) - SETTINGS_SHOWN} more" if len(changes) > SETTINGS_SHOWN else ""
    return f"{len(changes)} settings differ, so no difference can be put down to one of them: {said}{more}."


def machine_sentences(found: RunsCompared) -> tuple[str, ...]:
    """Other hardware or versions that are no reason to refuse, but to be minded."""
    keys = [change.key for change in found.changes.environment]
    lines = []
    if any(key in _HARDWARE for key in keys):
        lines.append("The runs were made on different machines: seconds compare these too, not the methods alone.")
    versions = [key.removeprefix("libraries.") for key in keys if key.startswith("libraries.")]
    if versions:
        lines.append(f"Other versions of {words.join(versions)}: answers may differ a little for that reason.")
    return tuple(lines)


def training_sentences(found: RunsCompared) -> tuple[str, ...]:
    """How training runs were paired, and which were left out."""
    trainings, lines = found.trainings, []
    if trainings.pairing == "order":
        seeds = "; ".join(f"{letter} {words.join(map(str, used))}" for letter, used in trainings.used.items() if used)
        lines.append(f"No training seed is shared; the runs were paired in order ({seeds}).")
    rest = [f"{letter} {words.join(map(str, seeds))}" for letter, seeds in trainings.left_out.items() if seeds]
    if rest:
        lines.append(f"Left out, for want of a partner: training seeds {'; '.join(rest)}.")
    if trainings.count == 1:
        lines.append("Trained once a side: the intervals do not know how much a new training would change.")
    return tuple(lines)


def side_label(side: Side) -> str:
    """'RAFT of B'."""
    return f"{method_name(side.method)} of {side.letter}"


def method_name(method: str) -> str:
    """A method's label, fit to be shown."""
    return words.method_label(shown(method, 40))


def contrast_label(contrast: Contrast) -> str:
    """'RAFT, B - A', or both methods where they differ."""
    later, baseline = contrast.later, contrast.baseline
    if later.method == baseline.method:
        return f"{method_name(later.method)}, {later.letter} {rounding.MINUS} {baseline.letter}"
    return f"{side_label(later)} {rounding.MINUS} {side_label(baseline)}"


def verdict_word(contrast: Contrast) -> str:
    """The verdict in a word or two."""
    return SAME if identical(contrast.found) else contrast.found.verdict or "not judged"


def contrast_sentences(found: RunsCompared) -> tuple[str, ...]:
    """Every contrast as a sentence; those whose scores are the same throughout in one."""
    same = [contrast_label(one) for one in found.contrasts if identical(one.found)]
    said = [said_of(one, found.margin) for one in found.contrasts if not identical(one.found)]
    return (*said, f"The same score on every question: {'; '.join(same)}.") if same else tuple(said)


def said_of(contrast: Contrast, margin: float) -> str:
    """One contrast as a sentence."""
    named = replace(contrast.found, method=side_label(contrast.later), baseline=side_label(contrast.baseline))
    return contrast_sentence(named, margin)


def _verdict(found: RunsCompared, run: FinishedRun) -> tuple[str, str]:
    first, best = found.runs[0], found.best(run.letter)
    if best is None:
        without = [one.letter for one in (first, run) if one.choice is None]
        why = f"{words.join(without)} recommends no method" if without else "one of them has no value here"
        return "No overall answer.", f"What each run recommends cannot be compared: {why}."
    word = best.found.verdict or "inconclusive"
    headline = _HEADLINES[word].format(first=first.letter, later=run.letter)
    if identical(best.found):
        headline = f"{first.letter} and {run.letter} score the same."
    elif caution(best.found) and word == "equivalent":
        headline = f"{first.letter} and {run.letter} differ by the same in every cluster."
    own = "Both runs recommend it." if best.later.method == best.baseline.method else "Each is what its run recommends."
    return headline, f"{said_of(best, found.margin)} {own}"


def _by_method(found: RunsCompared, run: FinishedRun) -> str:
    """Which methods are better, which equivalent, and so on, in one sentence."""
    groups: dict[str, list[str]] = {}
    for contrast in found.same_method(run.letter):
        doubt = f" ({EQUAL_BY_CLUSTER})" if caution(contrast.found) else ""
        groups.setdefault(f"{verdict_word(contrast)}{doubt}", []).append(method_name(contrast.later.method))
    if not groups:
        return f"{run.letter} has no method in common with {found.runs[0].letter}."
    said = "; ".join(f"{words.join(names)} {word}" for word, names in groups.items())
    return f"{run.letter} against {found.runs[0].letter}, each method with itself: {said}."


def _change(found: RunsCompared, change: Change) -> str:
    values = ", ".join(f"{run.letter} {value}" for run, value in zip(found.runs, change.values, strict=True))
    return f"{change.key} ({values})"


def run_sentence(run: FinishedRun, asked: int) -> str:
    """Who a letter stands for: name, folder, day, models, questions, and what the run itself recommends."""
    environment = run.result.environment
    folder = shown(run.folder.resolve().name, 60)
    parts = [run.name if run.name == folder else f"{run.name} (folder {folder})"]
    parts += [printable(day)] if (day := environment.get("date")) else []
    if lookup.ours(run.result):
        where = " ".join(printable(environment.get(key)) for key in ("device", "dtype") if environment.get(key))
        parts.append(f"{printable(environment.get('generator'), 60)} on {where or 'an unknown device'}")
    else:
        parts.append("answers that came in a file")
    parts.append(words.plural(rounding.count(asked), "test question"))
    choice = method_name(run.choice) if run.choice else "nothing"
    return f"{', '.join(parts)}; recommends {choice}."


def matching_sentence(found: RunsCompared) -> str:
    """How many questions of each run are compared, and why others are not."""
    matching, letters = found.matching, words.join(run.letter for run in found.runs)
    n = rounding.count(found.n)
    if matching.complete:
        said = f"All {n} test questions are the same in {letters}, by id, text and gold answers."
    else:
        of = words.join(f"{n} of {rounding.count(asked)} in {letter}" for letter, asked in matching.asked.items())
        reasons = Counter(one.reason for one in matching.left_out)
        why = ", ".join(f"{rounding.count(amount)} {reason}" for reason, amount in reasons.items())
        said = f"Matched by id, text and gold answers: {of}. Left out: {why}."
    if found.matching.other_clusters:
        said += (
            f" {words.plural(rounding.count(found.matching.other_clusters), 'question')} of them lie in other clusters "
            f"in a later run; those of {found.runs[0].letter} count."
        )
    return said


def reading_points(found: RunsCompared) -> Iterator[str]:
    """How to read the numbers, and what they do not say."""
    metric, first = words.metric_label(found.metric), found.runs[0].letter
    yield (
        f"Every difference is a later run minus {first}, on the same questions, in {metric}; its interval is clustered "
        "by document and unadjusted. The verdict comes from the Holm-adjusted p over all contrasts of this page and "
        "from the equivalence test."
    )
    yield (
        "What a run recommends was chosen on these same questions, so the better of two such choices looks a little "
        "better than it is."
    )
    yield "Two runs differ in all their settings at once: a difference says that they differ, not why."
    if found.trainings.count > 1:
        yield (
            "Training runs are paired one with one; their spread is in the intervals. Two trainings with the same seed "
            "in different runs are different trainings."
        )

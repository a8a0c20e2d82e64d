"""The comparison as tables of text."""

from __future__ import annotations

from collections.abc import Sequence

from lab import rounding
from lab.compare.changes import Change, Cost
from lab.compare.finding import contrast_label, method_name, verdict_word
from lab.compare.flips import Example, Flips
from lab.compare.text import shown
from lab.compare.together import Contrast, RunsCompared
from lab.report import lookup, words
from lab.report.contrasts import NO_POWER
from lab.report.finding import caution, shown_difference
from lab.report.layout import Cell, Column, Table
from lab.types import Estimate

TEXT_SHOWN = 240  # characters of a question or an answer
LEFT_OUT_SHOWN = 500
NOT_IN_RUN = "not in this run"


def methods_table(found: RunsCompared) -> Table:
    """Every method in every run; with two runs their difference and verdict beside it."""
    pair = len(found.runs) == 2
    judged = {one.later.method: one for one in found.same_method(found.runs[1].letter)} if pair else {}
    letters = [run.letter for run in found.runs]
    beside = (Column(f"{letters[1]} {rounding.MINUS} {letters[0]}"), Column("verdict", number=False)) if pair else ()
    rows = tuple(
        (
            Cell(method_name(method), _recommended(found, method)),
            *(_mean(means[letter]) for letter in letters),
            *(_beside(judged.get(method), found.margin) if pair else ()),
        )
        for method, means in found.means.items()
    )
    names, choices = list(found.means), {run.choice for run in found.runs}
    agreed = choices.pop() if len(choices) == 1 else None
    return Table(
        title=f"Methods, {words.metric_label(found.metric)}",
        columns=(Column("method", number=False), *map(Column, letters), *beside),
        rows=rows,
        note="Means over the matched questions with 95 % intervals clustered by document. Intervals may overlap where "
        "the paired difference is clear.",
        marked=names.index(agreed) if agreed in names else None,
        apart=names.index(lookup.ORACLE) if lookup.ORACLE in names else None,
    )


def contrasts_table(found: RunsCompared) -> Table:
    """The family that is judged."""
    powerless = any(one.found.mde is None for one in found.contrasts)
    return Table(
        title=f"Contrasts, {words.metric_label(found.metric)}",
        columns=(
            Column("contrast", number=False),
            Column("verdict", number=False),
            *map(Column, ("difference", "95 % interval", "p (Holm)", "detectable difference", "questions", "clusters")),
        ),
        rows=tuple(_contrast_row(one, found.margin) for one in found.contrasts),
        note=f"Margin worth acting on: {rounding.score(found.margin)}. Detectable difference: what this many "
        "questions would find with 80 % power." + (f" {rounding.DASH} there: {NO_POWER}" if powerless else ""),
    )


def secondary_table(found: RunsCompared) -> Table:
    """The same contrasts in other metrics: intervals, no verdicts."""
    return Table(
        title="The same contrasts in other metrics",
        columns=(
            Column("contrast", number=False),
            Column("metric", number=False),
            *map(Column, ("difference", "95 % interval", "questions")),
        ),
        rows=tuple(
            (
                Cell(contrast_label(one)),
                Cell(words.metric_label(one.found.metric)),
                Cell(rounding.difference(one.found.difference, one.found.low, one.found.high)),
                Cell(rounding.interval(one.found.low, one.found.high) or rounding.NOT_APPLICABLE, caution(one.found)),
                Cell(rounding.count(one.found.n)),
            )
            for one in found.secondary
        ),
        note="Unadjusted; no verdicts are drawn from them.",
        folded=True,
    )


def trainings_table(found: RunsCompared) -> Table:
    """The difference in each pair of training runs; empty where nothing was trained more than once."""
    retrained = [one for one in found.contrasts if len(one.found.by_seed) > 1]
    runs = max((len(one.found.by_seed) for one in retrained), default=0)
    return Table(
        title="Differences by training run",
        columns=(Column("contrast", number=False), *(Column(f"pair {place + 1}") for place in range(runs))),
        rows=tuple(
            (Cell(contrast_label(one)), *(Cell(rounding.difference(gap)) for gap in one.found.by_seed))
            for one in retrained
        ),
        note="How far the difference depends on the training's seed.",
        folded=True,
    )


def flips_table(found: RunsCompared) -> Table:
    """By method, how many questions each run alone got right."""
    several = len(found.runs) > 2
    return Table(
        title="Right and wrong, question by question",
        columns=(
            Column("method", number=False),
            *((Column("runs", number=False),) if several else ()),
            *map(Column, ("right in both", "gained", "lost", "right in neither")),
        ),
        rows=tuple(
            (
                Cell(method_name(one.method)),
                *((Cell(f"{one.baseline} to {one.later}"),) if several else ()),
                *(Cell(rounding.count(amount)) for amount in (one.both, one.gained, one.lost, one.neither)),
            )
            for one in found.flips
        ),
        note="Gained: right in the later run only; lost: right in the first only. Right: a correct answer, or "
        "declining a question that the documents do not answer"
        + ("; with several training runs, in more than half of them." if found.trainings.count > 1 else "."),
    )


def example_tables(found: RunsCompared) -> tuple[Table, ...]:
    """Questions that flipped, up to 20 for each method and direction."""
    tables = []
    for one in found.flips:
        for word, amount, examples in (
            ("gained", one.gained, one.gained_examples),
            ("lost", one.lost, one.lost_examples),
        ):
            if examples:
                tables.append(_examples(one, word, amount, examples))
    return tuple(tables)


def changes_table(found: RunsCompared, title: str, changes: Sequence[Change], note: str = "") -> Table:
    """Keys whose value differs."""
    return Table(
        title=title,
        columns=(Column("setting", number=False), *(Column(run.letter, number=False) for run in found.runs)),
        rows=tuple((Cell(change.key), *map(Cell, change.values)) for change in changes),
        note=note,
    )


def costs_table(found: RunsCompared) -> Table:
    """Seconds, tokens and money; with two runs the relative change."""
    pair = len(found.runs) == 2
    return Table(
        title="Seconds, tokens and money",
        columns=(
            Column("what", number=False),
            Column("method", number=False),
            *(Column(run.letter) for run in found.runs),
            *((Column("change"),) if pair else ()),
        ),
        rows=tuple(
            (
                Cell(one.what),
                Cell("the whole run" if one.method is None else method_name(one.method)),
                *(Cell(cost_text(one.what, value)) for value in one.values),
                *((Cell(change_text(one)),) if pair else ()),
            )
            for one in found.costs
        ),
        note="Seconds are of the machine that each run was made on. Tokens are means of a question. Methods "
        "that share an adapter share its training.",
    )


def left_out_table(found: RunsCompared) -> Table:
    """Questions that are not compared, and why."""
    left = found.matching.left_out
    more = len(left) - LEFT_OUT_SHOWN
    return Table(
        title="Questions left out",
        columns=(
            Column("question", number=False),
            Column("why", number=False),
            *(Column(run.letter, number=False) for run in found.runs),
        ),
        rows=tuple(
            (
                Cell(shown(one.question_id, 80)),
                Cell(one.reason),
                *(
                    Cell(shown(one.texts[run.letter], TEXT_SHOWN) if run.letter in one.texts else rounding.DASH)
                    for run in found.runs
                ),
            )
            for one in left[:LEFT_OUT_SHOWN]
        ),
        note=f"{rounding.count(more)} more are not shown." if more > 0 else "",
        folded=True,
    )


def cost_text(what: str, value: float | None) -> str:
    """A cost as its kind is written."""
    if value is None:
        return rounding.NOT_MEASURED
    return rounding.seconds(value) if "seconds" in what else rounding.figure(value)


def change_text(cost: Cost) -> str:
    """The relative change from the first run to the second; nothing without both, or from 0."""
    first, second = cost.values
    if not first or second is None:
        return rounding.DASH
    return rounding.change(second / first - 1)


def _recommended(found: RunsCompared, method: str) -> str:
    by = [run.letter for run in found.runs if run.choice == method]
    return f"recommended by {words.join(by)}" if by else ""


def _mean(found: Estimate) -> Cell:
    if found.mean is None:
        return Cell(NOT_IN_RUN)
    return Cell(rounding.score(found.mean, found.low, found.high), rounding.interval(found.low, found.high))


def _beside(contrast: Contrast | None, margin: float) -> tuple[Cell, Cell]:
    if contrast is None:
        return Cell(rounding.DASH), Cell("")
    one = contrast.found
    gap = Cell(shown_difference(one, margin), rounding.interval(one.low, one.high))
    return gap, Cell(verdict_word(contrast), caution(one))


def _contrast_row(contrast: Contrast, margin: float) -> tuple[Cell, ...]:
    one = contrast.found
    return (
        Cell(contrast_label(contrast), "recommended" if contrast.best else ""),
        Cell(verdict_word(contrast), caution(one)),
        Cell(shown_difference(one, margin)),
        Cell(rounding.interval(one.low, one.high) or rounding.NOT_APPLICABLE),
        Cell(rounding.p_value(one.p_holm)),
        Cell(rounding.DASH if one.mde is None else rounding.score(one.mde)),
        Cell(rounding.count(one.n), f"({rounding.count(one.lost)} without a value)" if one.lost else ""),
        Cell(rounding.count(one.clusters)),
    )


def _examples(flips: Flips, word: str, amount: int, examples: Sequence[Example]) -> Table:
    cut = f", the first of {rounding.count(amount)}" if amount > len(examples) else ""
    return Table(
        title=f"{method_name(flips.method)}, {flips.baseline} to {flips.later}: {word}{cut}",
        columns=tuple(
            Column(label, number=False)
            for label in ("question", "gold", f"{flips.baseline} said", f"{flips.later} said")
        ),
        rows=tuple(
            (
                Cell(shown(one.question, TEXT_SHOWN), shown(one.question_id, 80)),
                Cell(shown(" | ".join(one.gold), TEXT_SHOWN) if one.gold else "no answer in the documents"),
                *(
                    Cell(rounding.NOT_MEASURED if text is None else shown(text, TEXT_SHOWN))
                    for text in (one.before, one.after)
                ),
            )
            for one in examples
        ),
        folded=True,
    )

"""The contrasts as a picture: the report's forest plot, with the runs in the names."""

from __future__ import annotations

from dataclasses import replace

from lab import rounding
from lab.compare.finding import SAME, contrast_label, method_name, verdict_word
from lab.compare.together import Contrast, RunsCompared
from lab.report import words
from lab.report.charts.forest import forest_chart
from lab.report.finding import caution, shown_difference
from lab.report.layout import Chart
from lab.report.svg import Figure
from lab.types import Comparison

NAME = "runs"


def contrasts_chart(found: RunsCompared) -> Chart | None:
    """One row a contrast, a later run minus the first; None where there is nothing to draw."""
    first = found.runs[0].result
    metrics = {"primary": found.metric, "margin": found.margin}
    comparisons = tuple(_named(one) for one in found.contrasts)
    drawn = forest_chart(replace(first, comparisons=comparisons, config={"metrics": metrics}))
    if drawn is None:
        return None
    letter, label = found.runs[0].letter, words.metric_label(found.metric)
    caption = (
        f"Difference in {label}, each later run minus {letter}, on the same questions, with 95 % intervals. Band: "
        "differences too small to act on. Squares: a difference was shown; filled where it is at least as large as the "
        "margin. Diamonds: equivalent. Open circles: not decided."
    )
    described = "; ".join(_said(one, found.margin) for one in found.contrasts)

    def retold(figure: Figure) -> Figure:
        return replace(figure, name=NAME, title=f"Runs compared, difference in {label}", description=described)

    return Chart(retold(drawn.wide), retold(drawn.narrow), caption)


def _named(contrast: Contrast) -> Comparison:
    later, baseline = contrast.later, contrast.baseline
    if later.method == baseline.method:
        return replace(contrast.found, method=f"{method_name(later.method)}, {later.letter}", baseline=baseline.letter)
    return replace(
        contrast.found,
        method=f"{later.letter} {method_name(later.method)}",
        baseline=f"{baseline.letter} {method_name(baseline.method)}",
    )


def _said(contrast: Contrast, margin: float) -> str:
    one = contrast.found
    gap = f"{shown_difference(one, margin)} {rounding.interval(one.low, one.high)}".rstrip()
    word = verdict_word(contrast)
    said = f"{contrast_label(contrast)}: {gap}, {'the same throughout' if word == SAME else word}"
    return f"{said}, {caution(one)}" if caution(one) else said

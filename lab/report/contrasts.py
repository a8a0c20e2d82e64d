"""Two methods on the same questions, as tables: verdicts, effect sizes and further tests, training runs."""

from __future__ import annotations

from collections.abc import Sequence

from lab import rounding
from lab.report import lookup, words
from lab.report.finding import caution, identical, shown_difference
from lab.report.layout import Cell, Column, Table
from lab.types import Comparison, ExperimentResult

NO_POWER = "no error to compute it from, or too few clusters for any result to be significant."
BCA_FROM = 40  # clusters; below, a bootstrap of clusters is too narrow


def comparison_tables(result: ExperimentResult) -> tuple[Table, ...]:
    """The registered contrasts, what else is known of them, then every other pair."""
    registered = lookup.registered(result)
    others = tuple(item for item in result.comparisons if item not in registered)
    second = Table(
        title="All other pairs",
        columns=(
            Column("contrast", number=False),
            Column("metric", number=False),
            *map(Column, ("difference", "95 % interval", "p (Holm)", "questions", "clusters")),
        ),
        rows=tuple(_pair_row(item) for item in others),
        note=f"{rounding.DASH} No p: these pairs were not registered before the run. Their intervals are unadjusted, "
        "and no verdicts are drawn from them.",
        folded=True,
        sortable=True,
    )
    found = (
        _verdicts(result, registered),
        _effects(registered),
        _runs(result, registered),
        _methods_by_run(result),
        second,
    )
    return tuple(table for table in found if table.rows)


def _verdicts(result: ExperimentResult, registered: Sequence[Comparison]) -> Table:
    powerless = any(item.mde is None for item in registered)
    margin = rounding.rate(lookup.margin(result))
    return Table(
        title=f"Registered contrasts, {words.metric_label(lookup.primary(result))}",
        columns=(
            Column("contrast", number=False),
            Column("verdict", number=False),
            *map(Column, ("difference", "95 % interval", "p (Holm)", "detectable difference", "questions", "clusters")),
        ),
        rows=tuple(_contrast_row(item, lookup.margin(result)) for item in registered),
        note=f"Difference: the first method minus the second, on the same questions. Margin worth acting on: {margin}. "
        "The verdict comes from the Holm-adjusted p and the equivalence test; the interval is unadjusted and decides "
        "nothing. Detectable difference: what this many questions would find with 80 % power."
        + (f" {rounding.DASH} there: {NO_POWER}" if powerless else ""),
        sortable=True,
    )


def _effects(registered: Sequence[Comparison]) -> Table:
    """Effect sizes and the tests that decide nothing; empty for results of a lab that did not compute them."""
    known = any(item.effects is not None for item in registered)
    return Table(
        title="Effect sizes and further tests",
        columns=(
            Column("contrast", number=False),
            *map(Column, ("95 % interval (BCa)", "errors saved", "odds ratio", "d (paired)", "p (McNemar)")),
        ),
        rows=tuple(_effect_row(item) for item in registered) if known else (),
        note="BCa: bootstrap of whole clusters, a check of the interval above. Errors saved: the share of the second "
        "method's error that the first one avoids. Odds ratio: questions that only the first has right for each that "
        "only the second has right. d: mean difference over its deviation. McNemar's exact test is for scores of 0 and "
        "1, one question a cluster and one training run; the odds ratio for scores of 0 and 1 and one training run.",
        sortable=True,
    )


def _runs(result: ExperimentResult, registered: Sequence[Comparison]) -> Table:
    """The difference in each training run; empty where no adapter was trained more than once."""
    retrained = [item for item in registered if len(item.by_seed) > 1]
    runs = max((len(item.by_seed) for item in retrained), default=0)
    names = [str(seed) for seed in result.seeds] if len(result.seeds) == runs else [str(run + 1) for run in range(runs)]
    rows = tuple(
        (
            Cell(_contrast(item)),
            *(Cell(rounding.difference(gap)) for gap in item.by_seed),
            *(Cell(rounding.NOT_MEASURED) for _ in range(runs - len(item.by_seed))),
            Cell(rounding.p_value(item.p_retrained) if item.p_retrained is not None else rounding.NOT_APPLICABLE),
        )
        for item in retrained
    )
    return Table(
        title="Differences by training run",
        columns=(
            Column("contrast", number=False),
            *(Column(f"seed {name}") for name in names),
            Column("p (trained again)"),
        ),
        rows=rows,
        note="p (trained again): t test over the runs alone. It asks whether a method that is trained anew would still "
        "differ; the verdicts above know the spread of the runs and of the questions.",
        sortable=True,
    )


def _methods_by_run(result: ExperimentResult) -> Table:
    """The primary metric in each training run; empty where no adapter was trained more than once."""
    by_seed = {name: lookup.mapping(result.methods, name, "by_seed") for name in lookup.methods_by_quality(result)}
    retrained = {name: runs for name, runs in by_seed.items() if len(runs) > 1}
    seeds = list(dict.fromkeys(seed for runs in retrained.values() for seed in runs))
    return Table(
        title=f"{words.metric_label(lookup.primary(result))} by training run",
        columns=(Column("method", number=False), *(Column(f"seed {seed}") for seed in seeds)),
        rows=tuple(
            (Cell(words.method_label(name)), *(Cell(rounding.score(runs.get(seed))) for seed in seeds))
            for name, runs in retrained.items()
        ),
        note="Methods that train nothing answer the same in every run.",
        sortable=True,
    )


def _contrast_row(item: Comparison, margin: float | None) -> tuple[Cell, ...]:
    return (
        Cell(_contrast(item)),
        Cell("identical outputs" if identical(item) else item.verdict or "not judged", caution(item)),
        Cell(shown_difference(item, margin)),
        Cell(rounding.interval(item.low, item.high) or rounding.NOT_APPLICABLE),
        Cell(rounding.p_value(item.p_holm)),
        Cell(rounding.score(item.mde) if item.mde is not None else rounding.DASH),
        Cell(rounding.count(item.n), _lost(item)),
        Cell(rounding.count(item.clusters)),
    )


def _effect_row(item: Comparison) -> tuple[Cell, ...]:
    effects = item.effects
    few = f"fewer than {BCA_FROM} clusters" if item.clusters < BCA_FROM else ""
    bca = rounding.interval(item.low_bca, item.high_bca)
    saved, odds, d = (
        (None, None, None) if effects is None else (effects.relative_error_reduction, effects.odds_ratio, effects.d_z)
    )
    return (
        Cell(_contrast(item)),
        Cell(bca) if bca else Cell(rounding.NOT_APPLICABLE, few),
        Cell(rounding.NOT_APPLICABLE if saved is None else rounding.change(saved)),
        Cell(rounding.NOT_APPLICABLE if odds is None else rounding.ratio(odds)),
        Cell(rounding.NOT_APPLICABLE if d is None else rounding.ratio(d)),
        Cell(rounding.NOT_APPLICABLE if item.p_mcnemar is None else rounding.p_value(item.p_mcnemar)),
    )


def _pair_row(item: Comparison) -> tuple[Cell, ...]:
    return (
        Cell(_contrast(item)),
        Cell(words.metric_label(item.metric)),
        Cell(rounding.difference(item.difference, item.low, item.high)),
        Cell(rounding.interval(item.low, item.high) or rounding.NOT_APPLICABLE, caution(item)),
        Cell(rounding.DASH),
        Cell(rounding.count(item.n), _lost(item)),
        Cell(rounding.count(item.clusters)),
    )


def _contrast(item: Comparison) -> str:
    """'RAFT against RAG', whose difference is the first minus the second."""
    return f"{words.method_label(item.method)} against {words.method_label(item.baseline)}"


def _lost(item: Comparison) -> str:
    return f"({rounding.count(item.lost)} without a value)" if item.lost else ""

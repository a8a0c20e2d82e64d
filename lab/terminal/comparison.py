"""Runs side by side in the terminal: who they are, the finding, methods by run, what flipped, what differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lab import rounding
from lab.compare import finding, tables
from lab.compare.changes import METHOD_COSTS, WHOLE_RUN, Change
from lab.compare.together import Contrast, RunsCompared
from lab.report.finding import EQUAL_BY_CLUSTER, caution, shown_difference
from lab.report.words import metric_label
from lab.types import Estimate

ROOMY = 110  # columns from which intervals of means and what flipped fit beside the rest
WITH_P = 88  # columns from which p fits too; the verdict has it in
CHANGES_SHOWN, KEY_SHOWN, VALUE_SHOWN = 12, 30, 36  # rows; characters
READ_WIDTH = 100  # columns of running text
ARROW, DOUBT = "\N{RIGHTWARDS ARROW}", "\N{DAGGER}"
STYLES = {
    "better": "bold green",
    "slightly better": "green",
    "worse": "bold red",
    "slightly worse": "red",
    "equivalent": "cyan",
}


def show_comparison(console: Console, found: RunsCompared, written: Sequence[Path]) -> None:
    """Print the comparison, as wide as the console is; `written` are the files that hold all of it."""
    for part in _parts(found, console.width):
        console.print(part)
        console.print()
    for path in written:
        console.print(Text(f"written: {path}"), soft_wrap=True)


def _parts(found: RunsCompared, width: int) -> Iterator[RenderableType]:
    if found.obstacles:
        yield _banner(found, width)
    yield _who(found, width)
    yield _finding(found, width)
    yield _methods(found, width)
    if any(one.later.method != one.baseline.method for one in found.contrasts) or len(found.runs) > 2:
        yield _contrasts(found)
    if found.flips and (width < ROOMY or len(found.runs) > 2):
        yield _flips(found)
    if found.costs:
        yield _costs(found)
    yield from _changes(found)


def _banner(found: RunsCompared, width: int) -> RenderableType:
    lines: list[RenderableType] = [Text(f"NOT COMPARABLE. {finding.forced(found)}", style="bold red")]
    lines += [_point(one, "red") for one in finding.against(found)]
    return _narrow(Group(*lines), width)


def _who(found: RunsCompared, width: int) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column(overflow="fold")
    for run in found.runs:
        grid.add_row(run.letter, Text(finding.run_sentence(run, found.matching.asked[run.letter])))
    grid.add_row("", Text(finding.matching_sentence(found), style="dim"))
    return _narrow(grid, width)


def _finding(found: RunsCompared, width: int) -> RenderableType:
    said = finding.finding(found)
    lines: list[RenderableType] = [
        Text.assemble((said.headline, "bold"), " ", said.answer),
        Text(said.certainty, "dim"),
    ]
    lines += [_point(remark) for remark in said.remarks]
    return _narrow(Group(*lines), width)


def _point(text: str, style: str = "") -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("-", Text(text, style=style))
    return grid


def _methods(found: RunsCompared, width: int) -> Table:
    """Two runs: difference and verdict beside the means. With more, the means alone."""
    pair, roomy, with_p = len(found.runs) == 2, width >= ROOMY, width >= WITH_P
    letters = [run.letter for run in found.runs]
    table = _table()
    table.add_column(metric_label(found.metric), no_wrap=True, overflow="ellipsis", max_width=24)
    for letter in letters:
        table.add_column(f"{letter} [95 %]" if roomy else letter, justify="right", no_wrap=True)
    if pair:
        table.add_column(f"{letters[1]} {rounding.MINUS} {letters[0]} [95 %]", justify="right", no_wrap=True)
        if with_p:
            table.add_column("p (Holm)", justify="right", no_wrap=True)
        table.add_column("verdict", no_wrap=True)
        if roomy:
            table.add_column("gained", justify="right", no_wrap=True)
            table.add_column("lost", justify="right", no_wrap=True)
    judged = {one.later.method: one for one in found.same_method(letters[1])} if pair else {}
    flips = {one.method: one for one in found.flips} if pair else {}
    for method, means in found.means.items():
        row = [Text(_starred(found, method)), *(_mean(means[letter], roomy=roomy) for letter in letters)]
        if pair:
            row += _judged(judged.get(method), found.margin, with_p=with_p)
            if roomy:
                one = flips.get(method)
                row += [Text(rounding.count(one.gained) if one else ""), Text(rounding.count(one.lost) if one else "")]
        table.add_row(*row)
    table.caption = _caption(found, judged.values(), roomy=roomy and pair)
    return table


def _caption(found: RunsCompared, judged: Iterable[Contrast], *, roomy: bool) -> Text | None:
    said = ["* recommended by its run"] if any(run.choice for run in found.runs) else []
    if roomy:
        said.append(f"gained, lost: right in {found.runs[1].letter} only, in {found.runs[0].letter} only")
    return Text("; ".join([*said, *_doubts(judged)]), style="dim") or None


def _doubts(judged: Iterable[Contrast]) -> list[str]:
    return [f"{DOUBT} {EQUAL_BY_CLUSTER}"] if any(caution(one.found) for one in judged) else []


def _contrasts(found: RunsCompared) -> Table:
    """All that is judged, where the table of methods does not hold it all."""
    shown = [one for one in found.contrasts if len(found.runs) > 2 or one.later.method != one.baseline.method]
    table = _table()
    table.add_column("contrast", overflow="fold")
    table.add_column("difference [95 %]", justify="right", no_wrap=True)
    table.add_column("p", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for one in shown:
        star = " *" if one.best else ""
        table.add_row(Text(f"{finding.contrast_label(one)}{star}"), *_judged(one, found.margin))
    table.caption = Text("; ".join(_doubts(shown)), style="dim") or None
    return table


def _flips(found: RunsCompared) -> Table:
    shown = tables.flips_table(found)
    table = _table()
    for column in shown.columns:
        table.add_column(column.label, justify="right" if column.number else "left")
    for row in shown.rows:
        table.add_row(*(Text(cell.text) for cell in row))
    return table


def _costs(found: RunsCompared) -> RenderableType:
    """Every measure of every method as 'first run -> later run'; with many runs the seconds of a question alone."""
    measures = [what for what in METHOD_COSTS if any(one.what == what for one in found.costs)]
    if len(found.runs) > 2:
        measures = measures[:1]
    table = _table()
    table.add_column(f" {ARROW} ".join(run.letter for run in found.runs), no_wrap=True)
    for what in measures:
        table.add_column(what.replace(" ", "\n", 1), justify="right", no_wrap=True)
    by_key = {(one.what, one.method): one.values for one in found.costs}
    for method in found.means:
        texts = [_change_of(what, by_key.get((what, method), ())) for what in measures]
        if any(texts):
            table.add_row(Text(finding.method_name(method)), *(Text(text or rounding.DASH) for text in texts))
    if whole := _change_of(WHOLE_RUN, by_key.get((WHOLE_RUN, None), ())):
        return Group(table, Text(f"seconds of the whole run: {whole}", style="dim"))
    return table


def _change_of(what: str, values: Sequence[float | None]) -> str:
    """The values joined by arrows, or the one that all have; nothing where nobody measured it."""
    texts = [rounding.DASH if value is None else tables.cost_text(what, value) for value in values]
    return texts[0] if len(set(texts)) == 1 else f" {ARROW} ".join(texts)


def _changes(found: RunsCompared) -> Iterator[Table]:
    for label, changes in (
        ("setting", found.changes.settings),
        ("machine", found.changes.environment),
    ):
        if changes:
            yield _change_table(found, label, changes)


def _change_table(found: RunsCompared, label: str, changes: Sequence[Change]) -> Table:
    table = _table()
    table.add_column(label, overflow="fold", min_width=min(KEY_SHOWN, max(len(one.key) for one in changes)))
    for run in found.runs:
        table.add_column(run.letter, overflow="ellipsis", no_wrap=True, max_width=VALUE_SHOWN)
    for change in changes[:CHANGES_SHOWN]:
        table.add_row(Text(change.key), *map(Text, change.values))
    if len(changes) > CHANGES_SHOWN:
        table.caption = Text(f"{len(changes) - CHANGES_SHOWN} more in the files", style="dim")
    return table


def _judged(contrast: Contrast | None, margin: float, *, with_p: bool = True) -> list[Text]:
    if contrast is None:
        return [Text(rounding.DASH), *([Text("")] if with_p else []), Text("")]
    one = contrast.found
    word = finding.verdict_word(contrast)
    gap = f"{shown_difference(one, margin)} {rounding.interval(one.low, one.high)}".rstrip()
    p = [Text(rounding.p_value(one.p_holm))] if with_p else []
    return [Text(gap), *p, Text(f"{word}{f' {DOUBT}' if caution(one) else ''}", style=STYLES.get(word, ""))]


def _mean(found: Estimate, *, roomy: bool) -> Text:
    if found.mean is None:
        return Text(rounding.DASH, style="dim")
    if not roomy:
        return Text(rounding.score(found.mean))
    return Text(rounding.with_interval(found.mean, found.low, found.high))


def _starred(found: RunsCompared, method: str) -> str:
    by = "".join(run.letter for run in found.runs if run.choice == method)
    return f"{finding.method_name(method)}{f' *{by}' if by else ''}"


def _table() -> Table:
    return Table(box=None, pad_edge=False, header_style="bold", caption_justify="left", title_justify="left")


def _narrow(part: RenderableType, width: int) -> RenderableType:
    """Running text is hard to read across a wide screen."""
    return Padding(part, (0, max(0, width - READ_WIDTH), 0, 0))

"""A finished run in the terminal: methods, recommendation, where the report lies, what to do next."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

from lab import rounding
from lab.endpoint_config import MARK, is_beside
from lab.escapes import visible
from lab.report.words import metric_label
from lab.terminal.board import Board, clock
from lab.terminal.console import cell
from lab.types import ExperimentResult

SHOWN = ("exact_match", "contains")
ROOMY = 100  # columns from which on the chance of being best and the time of training fit
LONGEST_LINE = 100  # of running text on a terminal
NEXT = {"ask": "", "compare": " OTHER", "report": "", "decide": ""}  # commands that read a finished run
NO_CHOICE = "none"


def show_finished(
    console: Console, result: ExperimentResult, folder: Path, board: Board | None, commands: Collection[str] = ()
) -> None:
    """Print the methods, the recommendation and where all of it lies.

    Args:
        console: on a terminal text is broken at words and coloured; elsewhere each sentence stays one line.
        result: of the run.
        folder: the run folder.
        board: the steps that led to it; None where there were none.
        commands: names of the commands that this version has; only these are suggested.
    """
    console.print()
    console.print(methods_table(result, console.width if console.is_terminal else 80, console.options.ascii_only))
    width = min(console.width, LONGEST_LINE) if console.is_terminal else LONGEST_LINE
    for line in (*_closing(result, folder, board), *_hints(folder, commands, width)):
        if console.is_terminal:
            console.print(Padding(line, (0, console.width - width, 0, 0)))
        else:
            console.print(line, soft_wrap=True)


def methods_table(result: ExperimentResult, width: int = 80, ascii_only: bool = False) -> Table:
    """Each method: the primary metric with its interval, exact match, containment, seconds a question.

    Where `width` columns allow it, also how often it was best and how long its adapter was trained. The chosen method
    is marked.
    """
    primary = str(result.config["metrics"]["primary"])
    others = [name for name in SHOWN if name != primary]
    choice, roomy = result.recommendation.get("choice"), width >= ROOMY
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("  method", no_wrap=True)
    table.add_column(cell(f"{metric_label(primary)} [95 %]"), no_wrap=True)
    more = ("P(best)", "trained, s") if roomy else ()
    for name in (*(metric_label(other).removesuffix(" (lenient)") for other in others), "s/question", *more):
        table.add_column(name, justify="right")
    for name, method in result.methods.items():
        metrics = method["metrics"]
        main = metrics[primary]
        sign = (">" if ascii_only else "▸") if name == choice else " "
        table.add_row(
            Text.assemble((f"{sign} ", "green"), visible(name), "*" if is_beside(method) else ""),
            rounding.with_interval(main["mean"], main["low"], main["high"]),
            *[
                rounding.score(metrics[other]["mean"], metrics[other]["low"], metrics[other]["high"])
                for other in others
            ],
            rounding.seconds(method["seconds_per_question"]),
            *(_more(result, name) if roomy else ()),
            style="bold" if name == choice else None,
        )
    return table


def beside_line(result: ExperimentResult) -> str:
    """What the mark of an endpoint's methods means; empty where there are none."""
    engine = next((method["engine"] for method in result.methods.values() if is_beside(method)), None)
    if engine is None:
        return ""
    return visible(f"* {MARK}: {engine.get('model')} on {engine.get('server')}; beside the comparison, no candidate")


def certainty(result: ExperimentResult) -> str:
    """How sure the recommendation is: `clear, best in 97 % of resampled question sets`; empty if not known."""
    found = result.recommendation
    if found.get("choice") == NO_CHOICE or rounding.number(found.get("p_best")) is None:
        return ""
    clear = "clear" if found.get("clear") else "not clear"
    return f"{clear}, best in {rounding.chance(found['p_best'])} of resampled question sets"


def prompts_text(prompts: Mapping[str, str]) -> str:
    """Every method's prompt, word for word."""
    return "\n".join(f"--- prompt of {method} ---\n{text}\n" for method, text in prompts.items())


def report_line(folder: Path) -> str:
    """Where the report lies."""
    return f"report: {visible(str(folder / 'report.html'))}"


def _closing(result: ExperimentResult, folder: Path, board: Board | None) -> Iterator[Text]:
    found, sure = result.recommendation, certainty(result)
    colour = "bold green" if found.get("clear") else "bold yellow"
    if note := beside_line(result):
        yield Text(note, style="dim")
    yield Text()
    yield Text.assemble(
        ("recommendation: ", "bold"), (visible(str(found["choice"])), colour), (f" ({sure})" if sure else "", "dim")
    )
    yield Text(visible(str(found["reason"])))
    yield Text()
    if board is not None:
        yield Text(_steps(board), style="dim")
    link = Style(color="cyan", link=(folder / "report.html").resolve().as_uri())
    yield Text.assemble(("report: ", "bold"), (visible(str(folder / "report.html")), link))


def _hints(folder: Path, commands: Collection[str], width: int) -> Iterator[Text]:
    """One line of what to do next: as many commands as fit."""
    place = shlex.quote(visible(str(folder)))
    line = ""
    for name, rest in NEXT.items():
        longer = f"{line}, lab {name} {place}{rest}" if line else f"next: lab {name} {place}{rest}"
        if name in commands and len(longer) <= width:
            line = longer
    if line:
        yield Text(line, style="dim")


def _steps(board: Board) -> str:
    reused = sum(row.state == "reused" for row in board.rows.values())
    steps = "all steps were reused" if board.all_reused else f"{reused} of {len(board.rows)} steps were reused"
    warned = (
        f"; {board.warnings} {'warning' if board.warnings == 1 else 'warnings'} in run.log" if board.warnings else ""
    )
    return f"{steps}; {clock(board.now() - board.began)}{warned}"


def _more(result: ExperimentResult, name: str) -> tuple[str, str]:
    chances = result.recommendation.get("p_best_by_method") or {}
    training = result.methods[name].get("training") or {}
    chance = rounding.chance(chances[name]) if name in chances else rounding.DASH
    return chance, rounding.seconds(training["seconds"]) if training.get("seconds") else rounding.DASH

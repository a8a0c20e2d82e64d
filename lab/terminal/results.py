"""A finished run in the terminal: methods, recommendation, where the report lies."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rich.table import Table

from lab.report import rounding
from lab.report.words import metric_label
from lab.terminal.board import Board
from lab.types import ExperimentResult

SHOWN = ("exact_match", "contains")


def methods_table(result: ExperimentResult) -> Table:
    """Each method: the primary metric with its interval, exact match, containment, seconds a question."""
    primary = str(result.config["metrics"]["primary"])
    others = [name for name in SHOWN if name != primary]
    choice = result.recommendation.get("choice")
    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    table.add_column("method", no_wrap=True)
    table.add_column(f"{metric_label(primary)} [95 %]", no_wrap=True)
    for name in others:
        table.add_column(metric_label(name).removesuffix(" (lenient)"), justify="right")
    table.add_column("s/question", justify="right")
    for name, method in result.methods.items():
        metrics = method["metrics"]
        main = metrics[primary]
        table.add_row(
            name,
            f"{rounding.score(main['mean'])} {rounding.interval(main['low'], main['high'])}".strip(),
            *[rounding.score(metrics[other]["mean"]) for other in others],
            rounding.seconds(method["seconds_per_question"]),
            style="bold" if name == choice else None,
        )
    return table


def summary_text(result: ExperimentResult, board: Board, folder: Path) -> str:
    """The recommendation's reason, what was reused, and where the report lies."""
    found = result.recommendation
    reused = sum(row.state == "reused" for row in board.rows.values())
    steps = "all steps were reused" if board.all_reused else f"{reused} of {len(board.rows)} steps were reused"
    return f"\nrecommendation: {found['choice']}\n{found['reason']}\n\n{steps}\nreport: {folder / 'report.html'}"


def advice_text(result: ExperimentResult, folder: Path) -> str:
    """The recommendation's reason, and where the report lies."""
    found = result.recommendation
    return f"\nrecommendation: {found['choice']}\n{found['reason']}\n\nreport: {folder / 'report.html'}"


def prompts_text(prompts: Mapping[str, str]) -> str:
    """Every method's prompt, word for word."""
    return "\n".join(f"--- prompt of {method} ---\n{text}\n" for method, text in prompts.items())

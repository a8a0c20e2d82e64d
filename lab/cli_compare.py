"""`lab compare`: finished runs side by side, also of other people and machines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab.errors import ConfigError


def compare(
    runs: Annotated[
        list[Path],
        typer.Argument(help="Folders of finished runs; the first is the baseline.", metavar="RUN_A RUN_B ..."),
    ],
    out: Annotated[Path | None, typer.Option(help="Folder of the pages; default: reports/compare-<a>-<b>.")] = None,
    margin: Annotated[
        float | None, typer.Option(help="Smallest difference worth acting on, if the runs declare different ones.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Compare what is not comparable; every output says so on top.")
    ] = False,
    files: Annotated[
        bool, typer.Option("--files/--no-files", help="Whether compare.html and compare.md are written.")
    ] = True,
) -> None:
    """Compare finished runs on the questions that they share.

    Reads results.json, questions.jsonl, scores.jsonl and answers.jsonl; nothing is asked or scored again.
    """
    if margin is not None and not 0.0 < margin < 1.0:
        raise ConfigError(f"--margin: expected a number between 0 and 1, got {margin:g}")

    from lab.compare.together import compare_runs
    from lab.compare.write import default_folder, write_comparison
    from lab.terminal.comparison import show_comparison
    from lab.terminal.console import make_console

    found = compare_runs(runs, margin=margin, force=force)
    written = write_comparison(found, out or default_folder(found.runs)) if files else ()
    show_comparison(make_console(), found, written)

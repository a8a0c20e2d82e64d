"""`lab gate` and `lab export`: a finished run for continuous integration, and for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lab.errors import DataError

Run = Annotated[Path, typer.Argument(help="The folder of a finished run.", metavar="RUN")]
REQUIREMENT_MISSED = 1


def gate(
    run: Run,
    require: Annotated[
        list[str] | None,
        typer.Option(
            "--require", metavar="REQUIREMENT", help="Such as 'raft.token_f1.low >= 0.6' or 'raft - rag > 0'."
        ),
    ] = None,
    file: Annotated[Path | None, typer.Option("--file", help="A YAML file with a list of requirements.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Check a finished run against requirements.

    Exit code 0: all hold; 1: one does not, or was not measured; 2: one cannot be read.

    METHOD.METRIC[.mean|low|high|n|undefined], METHOD.seconds_per_question, METHOD.cost_per_question,
    METHOD.latency_ms.p95, METHOD - BASELINE[.METRIC][.difference|low|high|p|p_holm|mde|n|clusters|verdict],
    retrieval.recall@5, recommendation.choice|clear|proven|p_best, n_test, n_clusters; then >=, >, <=, <, == or !=,
    then a number, a method, true or false.

    'raft - rag > 0' asks the lower end of the 95 % interval, not the difference, to be above 0.
    """
    _need_folder(run)

    from lab.gate import Names, check, read_requirements, show
    from lab.gate.read import reasons_in
    from lab.report.read import read_result
    from lab.terminal.console import make_console, show_text

    result = read_result(run / "results.json")
    outcome = check(read_requirements(require or (), file, Names.of(result)), result, reasons_in(run))
    if as_json:
        typer.echo(show.as_json(outcome))
    else:
        console = make_console()
        console.print(show.table(outcome))
        show_text(console, show.text(outcome))
    if not outcome.holds:
        raise typer.Exit(REQUIREMENT_MISSED)


def _need_folder(run: Path) -> None:
    if not run.is_dir():
        found = "a file" if run.exists() else "nothing"
        raise DataError(f"{run}: expected the folder of a finished run, found {found}")

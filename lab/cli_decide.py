"""`lab decide`: a finished run decided anew. The options are those of the needs and economics that change most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from lab.files import need_run


def decide(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.", metavar="RUN")],
    citations_required: Annotated[bool | None, typer.Option(help="Answers must name their source.")] = None,
    erasure_required: Annotated[bool | None, typer.Option(help="Documents must be erasable.")] = None,
    index_allowed: Annotated[bool | None, typer.Option(help="Whether an index may lie on the target.")] = None,
    questions_per_month: Annotated[float | None, typer.Option(help="Questions asked in a month.")] = None,
    updates_per_month: Annotated[float | None, typer.Option(help="Knowledge updates in a month.")] = None,
    horizon_months: Annotated[float | None, typer.Option(help="Months over which total cost is counted.")] = None,
    wrong_answer: Annotated[float | None, typer.Option(help="What one wrong answer costs.")] = None,
    max_p95_ms: Annotated[float | None, typer.Option(help="Largest acceptable 95th percentile of latency.")] = None,
    max_memory_gb: Annotated[float | None, typer.Option(help="Largest acceptable memory while answering.")] = None,
    quality_floor: Annotated[float | None, typer.Option(help="Least acceptable primary metric.")] = None,
    margin: Annotated[float | None, typer.Option(help="Smallest difference worth acting on.")] = None,
    weights: Annotated[str | None, typer.Option(help="Weights of the criteria: quality=0.5,cost=0.5.")] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="needs.*, economics.* or metrics.margin.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the recommendation as JSON.")] = False,
    as_report: Annotated[bool, typer.Option("--report", help="Print it as a section of the Markdown report.")] = False,
) -> None:
    """Decide a finished run anew under other needs or prices.

    Reads what the run has saved; nothing is asked or trained, and no file is written.
    """
    need_run(run)
    options = {
        "needs.citations_required": citations_required,
        "needs.erasure_required": erasure_required,
        "needs.index_allowed": index_allowed,
        "needs.max_p95_ms": max_p95_ms,
        "needs.max_memory_gb": max_memory_gb,
        "needs.quality_floor": quality_floor,
        "economics.questions_per_month": questions_per_month,
        "economics.updates_per_month": updates_per_month,
        "economics.horizon_months": horizon_months,
        "economics.wrong_answer": wrong_answer,
        "metrics.margin": margin,
    }
    _show(run, options, weights, overrides or (), as_json=as_json, as_report=as_report)


def _show(
    run: Path,
    options: Mapping[str, bool | float | None],
    weights: str | None,
    overrides: Sequence[str],
    *,
    as_json: bool,
    as_report: bool,
) -> None:
    from lab.redecide import declared, redecide
    from lab.terminal import decision
    from lab.terminal.console import cell, make_console

    found = redecide(run, [*declared(options, weights), *overrides])
    if as_json:
        typer.echo(decision.as_json(found))
    elif as_report:
        typer.echo(decision.as_markdown(found))
    else:
        console = make_console()
        for part in decision.tables(found):
            console.print(part)
            console.print()
        console.print(cell(decision.text(found)))

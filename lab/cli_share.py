"""`lab gate` and `lab export`: a finished run for continuous integration, and for other programs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab.errors import ConfigError, DataError

if TYPE_CHECKING:
    from lab.export.method import Wanted

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


def export(
    run: Run,
    method: Annotated[str | None, typer.Option("--method", help="A method to export as a model folder: raft.")] = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="DIR", help="Where the model folder goes.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Which training run; default: the first.")] = None,
    with_base: Annotated[bool, typer.Option("--with-base", help="Also the base model's weights.")] = False,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write a table as CSV.")] = None,
    parquet: Annotated[Path | None, typer.Option("--parquet", metavar="FILE", help="Write it as Parquet.")] = None,
    table: Annotated[
        str | None, typer.Option("--table", help="Which: methods, scores (default), answers, comparisons.")
    ] = None,
    columns: Annotated[str | None, typer.Option("--columns", metavar="A,B", help="Only these columns of it.")] = None,
    lm_eval: Annotated[
        Path | None, typer.Option("--lm-eval", metavar="FILE", help="Write results as lm-evaluation-harness does.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace files, and a folder that is an export.")] = False,
) -> None:
    """Take a method or the numbers out of a finished run.

    A method becomes a folder for transformers and peft: weights, adapter, index, prompt, model card. Base methods get
    no weights without --with-base. In CSV, text that a spreadsheet would take for a formula gets a ' in front.
    """
    _need_folder(run)
    _check_options(
        {"--method": method, "--to": to, "--seed": seed, "--with-base": with_base or None},
        {"--csv or --parquet": csv or parquet, "--table": table, "--columns": columns},
        lm_eval,
    )
    for option, file in (("--csv", csv), ("--parquet", parquet), ("--lm-eval", lm_eval)):
        if file is not None:
            from lab.export.write import check_file

            check_file(file, option, force=force)
    if csv or parquet:
        _export_table(run, table or "scores", columns, csv, parquet)
    if lm_eval:
        from lab.export.lm_eval import write_lm_eval

        tasks = write_lm_eval(run, lm_eval)
        typer.echo(f"{lm_eval}: {', '.join(tasks)}")
    if method and to:
        from lab.export.method import Wanted

        _export_method(run, to, Wanted(method, seed, with_base, force))


def _check_options(model: Mapping[str, object], rows: Mapping[str, object], lm_eval: Path | None) -> None:
    """Which options need which others."""
    if model["--method"] is None and model["--to"] is None and not rows["--csv or --parquet"] and lm_eval is None:
        raise ConfigError("expected what to export: --method with --to, --csv, --parquet or --lm-eval")
    for needed, group in (("--method", model), ("--to", model), ("--csv or --parquet", rows)):
        given = [option for option, value in group.items() if value is not None and option != needed]
        if given and group[needed] is None:
            raise ConfigError(f"{given[0]}: expected {needed} with it")


def _export_table(run: Path, name: str, columns: str | None, csv: Path | None, parquet: Path | None) -> None:
    from lab.export.tables import TABLES, read_run_table
    from lab.export.write import write_csv, write_parquet

    wanted = next((one for one in TABLES if one == name), None)
    if wanted is None:
        raise ConfigError(f"--table {name}: expected one of {', '.join(TABLES)}")
    found = read_run_table(run, wanted)
    if columns is not None:
        found = found.only([one.strip() for one in columns.split(",")])
    for path, write in ((csv, write_csv), (parquet, write_parquet)):
        if path is not None:
            typer.echo(f"{path}: {write(found, path):,} rows of {len(found.columns)} columns, table {wanted}")


def _export_method(run: Path, to: Path, wanted: Wanted) -> None:
    from lab.export.method import export_method

    found = export_method(run, to, wanted)
    width = max(map(len, found.files))
    for name, size in found.files.items():
        typer.echo(f"{name:{width}}  {size:>13,} bytes")
    which = f", training run of seed {found.seed}" if found.seed is not None else ""
    weights = "" if found.has_weights else f"; it asks the base model {found.base}, whose weights --with-base would add"
    typer.echo(f"{wanted.method}{which}: {to}{weights}")


def _need_folder(run: Path) -> None:
    if not run.is_dir():
        found = "a file" if run.exists() else "nothing"
        raise DataError(f"{run}: expected the folder of a finished run, found {found}")

"""`lab gate` and `lab export`: a finished run for continuous integration, and for other programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab.errors import ConfigError
from lab.escapes import visible
from lab.files import RESULTS_FILE, need_run

if TYPE_CHECKING:
    from lab.export.method import Wanted

Run = Annotated[Path, typer.Argument(help="The folder of a finished run.", metavar="RUN")]
REQUIREMENT_MISSED = 1
_Say = Callable[[str], None]


def gate(
    run: Run,
    require: Annotated[
        list[str] | None,
        typer.Option("--require", metavar="REQUIREMENT", help="Such as 'raft.token_f1.low >= 0.6'; may be repeated."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="A YAML file with a list of requirements.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as JSON.")] = False,
) -> None:
    """Check a finished run against requirements.

    \b
    Exit codes:
      0  all requirements hold
      1  a requirement failed, or was not measured
      2  a requirement or the run cannot be read

    A requirement is a quantity, then >=, >, <=, <, == or !=, then a number, a method, true or false. Quantities:

    \b
    METHOD.METRIC        the mean, or with .low .high .n .undefined
    METHOD.MEASURE       seconds_per_question, cost_per_question,
                         latency_ms.p95, ...
    METHOD - BASELINE    on the primary metric, or with .METRIC; then
                         .difference .low .high .p .p_holm .mde
                         .n .clusters .verdict
    retrieval.MEASURE    recall@5, mrr, ...
    recommendation.NAME  choice, clear, proven, p_best
    n_test, n_clusters

    'raft - rag > 0' asks the lower end of the 95 % interval, not the difference, to be above 0; and p after Holm's
    adjustment to be below 0.05, where the run registered the pair. With a field such as .low, only that is asked.
    """  # noqa: D301 - the mark of lines that help keeps as they are
    need_run(run)

    from lab.gate import Names, check, read_requirements, show
    from lab.gate.read import reasons_in
    from lab.report.read import read_result
    from lab.terminal.console import make_console, show_text

    result = read_result(run / RESULTS_FILE)
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
    method: Annotated[
        str | None, typer.Option("--method", metavar="METHOD", help="A method to export as a model folder: raft.")
    ] = None,
    to: Annotated[Path | None, typer.Option("--to", metavar="DIR", help="Where the model folder goes.")] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", help="Which training run; default: the first.")
    ] = None,
    with_base: Annotated[bool, typer.Option("--with-base", help="Also the base model's weights.")] = False,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write a table as CSV; - for standard output.")
    ] = None,
    parquet: Annotated[Path | None, typer.Option("--parquet", metavar="FILE", help="Write it as Parquet.")] = None,
    table: Annotated[
        str | None,
        typer.Option("--table", metavar="TABLE", help="Which: methods, scores (default), answers, comparisons."),
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
    need_run(run)
    _check_options(
        {"--method": method, "--to": to, "--seed": seed, "--with-base": with_base or None},
        {"--csv or --parquet": csv or parquet, "--table": table, "--columns": columns},
        lm_eval,
    )

    from lab.export.write import STDOUT, check_files

    check_files({"--csv": csv, "--parquet": parquet, "--lm-eval": lm_eval}, run, to, force=force)
    say = partial(_say, beside_rows=csv == STDOUT)
    if csv is not None or parquet is not None:
        _export_table(run, "scores" if table is None else table, columns, {"csv": csv, "parquet": parquet}, say)
    if lm_eval is not None:
        from lab.export.lm_eval import write_lm_eval

        tasks = write_lm_eval(run, lm_eval)
        say(f"{lm_eval} ({len(tasks)} tasks: {', '.join(tasks)})")
    if method is not None and to is not None:
        from lab.export.method import Wanted

        _export_method(run, to, Wanted(method, seed, with_base, force), say)


def _say(line: str, *, beside_rows: bool) -> None:
    """A line for people, made harmless; where standard output is the table, it goes beside."""
    typer.echo(visible(line), err=beside_rows)


def _check_options(model: Mapping[str, object], rows: Mapping[str, object], lm_eval: Path | None) -> None:
    """Which options need which others."""
    if model["--method"] is None and model["--to"] is None and not rows["--csv or --parquet"] and lm_eval is None:
        raise ConfigError("expected what to export: --method with --to, --csv, --parquet or --lm-eval")
    for needed, group in (("--method", model), ("--to", model), ("--csv or --parquet", rows)):
        given = [option for option, value in group.items() if value is not None and option != needed]
        if given and group[needed] is None:
            raise ConfigError(f"{given[0]}: expected {needed} with it")


def _export_table(run: Path, name: str, columns: str | None, files: Mapping[str, Path | None], say: _Say) -> None:
    from lab.export.tables import TABLES, read_run_table
    from lab.export.write import STDOUT, send_csv, write_csv, write_parquet

    wanted = next((one for one in TABLES if one == name), None)
    if wanted is None:
        raise ConfigError(f"--table {name}: expected one of {', '.join(TABLES)}")
    found = read_run_table(run, wanted)
    if columns is not None:
        found = found.only([one.strip() for one in columns.split(",")])
    for path, write in ((files["csv"], write_csv), (files["parquet"], write_parquet)):
        if path == STDOUT:
            send_csv(found, typer.get_binary_stream("stdout"))
        elif path is not None:
            say(f"{path} ({write(found, path):,} rows)")


def _export_method(run: Path, to: Path, wanted: Wanted, say: _Say) -> None:
    from lab.export.method import export_method

    found = export_method(run, to, wanted)
    for name, size in found.files.items():
        say(f"{to / name} ({size:,} bytes)")
    if found.seed is not None:
        say(f"{wanted.method}: the training run of seed {found.seed}")
    if not found.has_weights:
        say(f"{wanted.method}: asks the base model {found.base}, whose weights --with-base would add")

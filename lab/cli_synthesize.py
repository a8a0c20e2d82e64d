"""`lab synthesize`: questions about a corpus, written by a model or cut out of its text, and their review."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab.errors import ConfigError

if TYPE_CHECKING:
    from lab.config import ExperimentConfig
    from lab.synthesize import Order

CORPORA, EXPERIMENT_FILE = Path("corpora"), "experiment.yaml"


def synthesize(
    corpus: Annotated[str, typer.Argument(help="A name below corpora/, or an experiment's folder.", metavar="NAME")],
    teacher: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="Who writes: default the experiment's generator; none: rules alone."),
    ] = None,
    url: Annotated[str | None, typer.Option("--url", help="A server as teacher: http://localhost:8000/v1.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="The name under which it knows its model.")] = None,
    per_passage: Annotated[int, typer.Option(help="Facts asked of a passage, at most.", min=1)] = 2,
    wordings: Annotated[int, typer.Option(help="Wordings of a fact, at most.", min=1)] = 2,
    limit: Annotated[int, typer.Option(help="Synthetic questions in all, those of earlier calls too.", min=1)] = 400,
    unanswerable: Annotated[
        float, typer.Option(help="Share of questions that no document answers.", min=0.0, max=0.5)
    ] = 0.15,
    seed: Annotated[int, typer.Option(help="Decides the order of the passages.")] = 7,
    max_tokens: Annotated[int, typer.Option(help="A server's longest reply; thinking needs more.", min=16)] = 256,
    parallel: Annotated[int, typer.Option(help="Requests to a server at a time.", min=1)] = 4,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for one reply.", min=1.0)] = 120.0,
    review: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Apply a review.csv that you filled in; write nothing new.")
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override one key of the experiment.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print synthesis.json in place of text.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Open no connection but to this machine.")] = False,
) -> None:
    """Write questions about a corpus's documents.

    Answers are taken from the text, a teacher asks for them, filters turn bad questions away. Accepted ones are
    appended to questions.jsonl. Ctrl-C loses nothing; the same command goes on.
    """
    if offline:
        os.environ["HF_HUB_OFFLINE"] = "1"  # hub libraries read it once, when they are imported
    config = _load(corpus, overrides or ())
    if review is not None:
        _apply(config, review)
        return

    from lab.judge.client import Endpoint
    from lab.synthesis.pipeline import Plan
    from lab.synthesize import TEACHER, Order

    if (url is None) != (model is None) or (url is not None and teacher is not None):
        raise ConfigError(
            "expected --url and --model together, for a server, or --teacher alone, for a local model; "
            "see lab synthesize --help"
        )
    server = Endpoint(url, model, max_tokens=max_tokens, timeout=timeout, role=TEACHER) if url and model else None
    plan = Plan(per_passage, wordings, limit, unanswerable, seed)
    _make(config, Order(plan, teacher, server, parallel, offline), as_json=as_json)


def _make(config: ExperimentConfig, order: Order, *, as_json: bool) -> None:
    from lab.synthesize import synthesize as make
    from lab.terminal.console import make_console, show_text
    from lab.terminal.synthesis import Progress, summary_text

    console = make_console()
    with Progress(console, shown=not as_json) as progress:
        outcome = make(config, order, progress.tell)
    if as_json:
        typer.echo(json.dumps(outcome.result, indent=1, allow_nan=False))
    else:
        show_text(console, summary_text(outcome, order))


def _apply(config: ExperimentConfig, file: Path) -> None:
    from lab.synthesize import review
    from lab.terminal.console import make_console, show_text
    from lab.terminal.synthesis import reviewed_text

    show_text(make_console(), reviewed_text(review(config, file)))


def _load(corpus: str, overrides: list[str] | tuple[str, ...]) -> ExperimentConfig:
    from lab.config import load_config
    from lab.files import finish_changes

    path, below = Path(corpus), CORPORA / corpus
    # The folder of the documents may stand here under the same name.
    if not path.is_file() and not (path / EXPERIMENT_FILE).is_file() and below.is_dir():
        path = below
    if not path.exists():
        raise ConfigError(
            f"{corpus}: expected a name below {CORPORA}/, or the folder of an experiment, found neither; "
            f"run lab init {path.name or 'NAME'} --docs PATH first"
        )
    finish_changes(path if path.is_dir() else path.parent)  # the experiment may be among them
    return load_config(path / EXPERIMENT_FILE if path.is_dir() else path, overrides)

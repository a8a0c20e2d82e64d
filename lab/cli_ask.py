"""`lab ask` and `lab serve`: a finished run's methods answer new questions."""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lab.errors import ConfigError
from lab.escapes import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lab.ask.desk import Desk

LOCAL = "127.0.0.1"
Run = Annotated[Path, typer.Argument(help="The folder of a finished run, where it ran.", metavar="RUN")]


def ask(
    run: Run,
    question: Annotated[
        str | None, typer.Argument(help="The question; without one, a prompt opens.", metavar="QUESTION")
    ] = None,
    methods: Annotated[
        list[str] | None,
        typer.Option(
            "--method", metavar="METHOD", help="Which method answers; may be repeated. Default: as recommended."
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every method answers.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object in place of text.")] = False,
) -> None:
    """Ask a finished run a new question.

    The answer comes word by word, then the passages it rests on. Same prompts, weights and decoding as in the run.
    """
    if as_json and question is None:
        raise ConfigError('--json needs a question: lab ask RUN "..." --json')
    if every and methods:
        raise ConfigError("--all and --method: expected one of them, got both")

    from lab.ask.choice import default_method, read_run
    from lab.ask.desk import check_question
    from lab.ask.loop import HELP, Loop, ask_once
    from lab.terminal.console import make_console

    if question is not None:
        check_question(question)
    _quiet()
    desk = _desk(run)
    if every:
        _tell_left_out(desk)
    choice = default_method(desk.recipe, read_run(desk.recipe))
    chosen = _chosen(desk, methods, choice.method, every=every)
    why = "" if methods or every else choice.why
    if as_json:
        replies = [desk.answer(question or "", name) for name in desk.in_order(chosen)]
        found = {"run": str(run), "question": question, "replies": [reply.as_json() for reply in replies]}
        typer.echo(json.dumps(found, indent=1, allow_nan=False))
        return
    console = make_console()
    with console.status("loading the models"):
        desk.load(chosen)
    if question is not None:
        ask_once(desk, console, question, chosen, why)
        return
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")  # one line that is no UTF-8 is refused, not all that follow
    if sys.stdin.isatty():
        console.print(f"{HELP}\n", style="dim", markup=False)
        Loop(desk, console, chosen, input).run()
    else:
        Loop(desk, console, chosen, lambda prompt: input()).run()


def serve(
    run: Run,
    port: Annotated[int, typer.Option(metavar="PORT", help="The port; 0 takes a free one.")] = 8000,
    host: Annotated[
        str, typer.Option(metavar="NAME", help="The address; any other than this machine's own is open to others.")
    ] = LOCAL,
    allow_host: Annotated[
        list[str] | None,
        typer.Option("--allow-host", metavar="NAME", help="Another name it is reached by; may be repeated."),
    ] = None,
) -> None:
    """Serve a finished run: report, page to ask, API.

    The page asks several methods at once; the API is OpenAI-compatible, with one model for each method.
    """
    missing = [name for name in ("starlette", "uvicorn") if find_spec(name) is None]
    if missing:
        raise ConfigError(f"lab serve needs {' and '.join(missing)}; run: pip install 'rag-finetune-lab[serve]'")

    from lab.serve.server import allowed_name, listen, look_at, serve_forever
    from lab.terminal.console import make_console

    _quiet()
    names = [allowed_name(name) for name in allow_host or ()]
    desk = _desk(run)
    _tell_left_out(desk)
    view = look_at(desk)
    address = listen(host, port)
    console = make_console()
    if not address.local:
        for line in (
            f"warning: whoever reaches {host} can ask: there is no password and no encryption",
            "put a proxy in front that has both and ends slow requests, and name it: --allow-host NAME",
        ):
            typer.echo(visible(line), err=True)
    with console.status("loading the models"):
        desk.load([view.choice.method, *desk.methods])

    def ready() -> None:
        names = ", ".join(desk.methods)
        report = "report      " if (run / "report.html").is_file() else "page        "
        for line in (
            f"{report}{address.url}",
            f"ask         {address.url}/ask",
            f"OpenAI API  {address.url}/v1  (models: {names})",
            "Ctrl-C stops",
        ):
            typer.echo(visible(line))

    serve_forever(desk, view, address, names, ready)


def _desk(run: Path) -> Desk:
    from lab.ask.desk import Desk
    from lab.recipe import read_recipe

    return Desk(read_recipe(run))


def _tell_left_out(desk: Desk) -> None:
    from lab.endpoint_config import ENDPOINT

    if left_out := [name for name, method in desk.recipe.methods.items() if method.engine == ENDPOINT]:
        typer.echo(f"left out: {', '.join(left_out)}, which another server answered", err=True)


def _chosen(desk: Desk, named: Sequence[str] | None, default: str, *, every: bool) -> list[str]:
    chosen = list(desk.methods) if every else list(dict.fromkeys(named or [default]))
    for name in chosen:
        desk.method(name)
    return chosen


def _quiet() -> None:
    """What libraries will change in later versions is for us to read, not for those who ask."""
    import warnings

    warnings.simplefilter("ignore", FutureWarning)

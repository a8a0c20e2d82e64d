"""`lab judge`: what a language model behind a URL says of a finished run's answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lab.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def judge(
    run: Annotated[Path, typer.Argument(help="The folder of a finished run.", metavar="RUN")],
    url: Annotated[str, typer.Option("--url", help="Where the judge listens: http://localhost:8000/v1.")],
    model: Annotated[str, typer.Option("--model", help="The name under which the server knows its model.")],
    pairs: Annotated[
        list[str] | None, typer.Option("--pairs", metavar="METHOD:METHOD", help="Compare two methods: rag:raft.")
    ] = None,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="People's labels as CSV: question_id, method, label.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", help="Judge so many questions.")] = None,
    max_tokens: Annotated[int, typer.Option("--max-tokens", help="Longest reply; thinking models need more.")] = 256,
    parallel: Annotated[int, typer.Option("--parallel", help="Requests at a time.")] = 4,
    timeout: Annotated[float, typer.Option("--timeout", help="Seconds to wait for one reply.")] = 120.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print judge.json in place of tables.")] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Open no connection but to this machine.")] = False,
) -> None:
    """Let a language model grade a run's answers.

    Any OpenAI-compatible server will do; replies are kept, so a stopped judging goes on.
    """
    if max_tokens < 1 or timeout <= 0:
        raise ConfigError("--max-tokens and --timeout: expected values above 0")

    from lab.judge.client import Endpoint
    from lab.judge.run import JudgeSettings, judge_run
    from lab.terminal.console import make_console, show_text

    settings = JudgeSettings(
        endpoint=Endpoint(url, model, max_tokens=max_tokens, timeout=timeout),
        pairs=tuple(_pair(text) for several in pairs or () for text in several.split(",")),
        labels=labels,
        limit=limit,
        parallel=parallel,
        offline=offline,
    )
    console = make_console()
    with _Progress(console, shown=not as_json) as progress:
        found = judge_run(run, settings, progress.tell)
    if as_json:
        typer.echo(json.dumps(found, indent=1, allow_nan=False))
        return
    console.print(methods_table(found))
    if found["pairs"]:
        console.print()
        console.print(pairs_table(found))
    show_text(console, summary_text(found, run))


def methods_table(found: dict[str, Any]) -> Table:
    """Each method: the judge's rates among the grades that could be read; narrow enough for 80 columns.

    The last column is the rate corrected by people's labels or, without labels, the share of answers on which the judge
    and exact match agree.
    """
    from rich.table import Table

    from lab import rounding

    calibration = found["calibration"]
    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    table.add_column("method", no_wrap=True)
    table.add_column("judged correct [95 %]", no_wrap=True)
    for name in ("incorrect", "not\nattempted", "unread", "corrected" if calibration else "exact match\nagrees"):
        table.add_column(name, justify="right")
    for name, method in found["methods"].items():
        rates = method["rates"]
        correct = rates["correct"]
        table.add_row(
            name,
            rounding.with_interval(correct["mean"], correct["low"], correct["high"]),
            rounding.score(rates["incorrect"]["mean"]),
            rounding.score(rates["not_attempted"]["mean"]),
            rounding.count(method["counts"]["unparsed"]),
            _corrected(calibration["by_method"][name])
            if calibration
            else rounding.share(method["agreement"]["exact_match"]["share"]),
        )
    return table


def _corrected(calibration: dict[str, Any]) -> str:
    from lab import rounding

    value = calibration["prediction_powered"]["value"]
    return rounding.DASH if value is None else rounding.score(value)


def pairs_table(found: dict[str, Any]) -> Table:
    """Each pair: how often either was better, tied, or the order of the two decided."""
    from rich.table import Table

    from lab import rounding

    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    table.add_column("left : right")
    for name in ("left\nbetter", "right\nbetter", "tie", "order\ndecides", "unread"):
        table.add_column(name, justify="right")
    table.add_column("preference [95 %]", no_wrap=True)
    for pair in found["pairs"]:
        preference = pair["preference"]
        ends = preference["low"], preference["high"]
        table.add_row(
            f"{pair['left']} : {pair['right']}",
            *(rounding.count(pair[key]) for key in ("left_better", "right_better", "ties")),
            *(rounding.count(pair[key]) for key in ("position_dependent", "unparsed")),
            rounding.with_interval(preference["mean"], *ends, rounding.difference),
        )
    return table


def summary_text(found: dict[str, Any], run: Path) -> str:
    """How many requests were made, what to mind, where the result lies."""
    lines = [
        "",
        f"judge: {found['judge']['model']} on {found['judge']['server']}; {found['questions']} of "
        f"{found['questions_in_run']} questions, {found['requests']} requests, {found['cached']} replies from before",
        *(f"mind: {warning}" for warning in found["warnings"]),
        f"result: {run / 'judge.json'}",
    ]
    return "\n".join(lines)


class _Progress:
    """A bar on a terminal, nothing elsewhere."""

    def __init__(self, console: Console, *, shown: bool) -> None:
        from rich.progress import Progress

        self._bar = Progress(console=console, transient=True, disable=not (shown and console.is_terminal))
        self._task = self._bar.add_task("judging", total=None)

    def __enter__(self) -> _Progress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def tell(self, done: int, total: int) -> None:
        """Show that `done` of `total` prompts have a reply."""
        self._bar.update(self._task, completed=done, total=total)


def _pair(text: str) -> tuple[str, str]:
    left, separator, right = (part.strip() for part in text.partition(":"))
    if not separator or not left or not right or ":" in right:
        raise ConfigError(f"--pairs {text}: expected METHOD:METHOD, such as rag:raft")
    return left, right

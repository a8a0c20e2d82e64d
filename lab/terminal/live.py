"""A board as a table that is drawn again and again while a run goes on."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from lab.terminal.board import Board, Row, clock

STYLES = {
    "waiting": "dim",
    "running": "bold cyan",
    "resumed": "bold cyan",
    "reused": "green",
    "done": "green",
    "failed": "bold red",
}
REDRAWS_PER_SECOND = 4


class LiveBoard:
    """Draws the board, the bar of the current step, and at the top the hardware."""

    def __init__(self, console: Console, board: Board) -> None:
        self._board = board
        self._spinner = Spinner("dots", "reading models and data ...")
        self._live = Live(self, console=console, refresh_per_second=REDRAWS_PER_SECOND)

    def start(self) -> None:
        """Begin to draw."""
        self._live.start(refresh=True)

    def stop(self) -> None:
        """Leave the last state on the screen, or nothing if no step has begun."""
        self._live.transient = not self._board.begun
        self._live.stop()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """What rich draws."""
        if not self._board.begun:
            yield self._spinner
            return
        now = self._board.now()
        yield hardware_line(self._board)
        yield steps_table(self._board, now)
        row = self._board.current
        if row is not None and row.total:
            yield current_step(row, now)


def hardware_line(board: Board) -> Text:
    """Where the models run, and why."""
    return Text(f"hardware: {board.hardware}", style="dim", no_wrap=True, overflow="ellipsis")


def steps_table(board: Board, now: float) -> Table:
    """One line a step."""
    table = Table(box=None, expand=True, pad_edge=False, header_style="bold")
    table.add_column("step", no_wrap=True)
    table.add_column("state", no_wrap=True, min_width=7)
    table.add_column("time", no_wrap=True, justify="right", min_width=7)
    table.add_column("why", no_wrap=True, overflow="ellipsis", ratio=1)
    for row in board.rows.values():
        elapsed = row.elapsed(now)
        style = STYLES[row.state]
        table.add_row(
            Text(row.step, style="dim" if row.state == "waiting" else ""),
            Text(row.state, style=style),
            "" if elapsed is None else clock(elapsed),
            Text(row.why, style="dim"),
        )
    return table


def current_step(row: Row, now: float) -> Group:
    """The bar of a step, and below it its note."""
    line = Table.grid(padding=(0, 2), expand=True)
    line.add_column(no_wrap=True)
    line.add_column(ratio=1)
    line.add_column(no_wrap=True, justify="right")
    line.add_column(no_wrap=True, justify="right", min_width=10)
    line.add_row(
        Text(row.step, style="bold"),
        ProgressBar(total=row.total, completed=row.done),
        f"{row.done:,} of {row.total:,}",
        f"{clock(row.left(now))} left",
    )
    return Group(Text(), line, Text(row.note, style="dim", no_wrap=True, overflow="ellipsis"))

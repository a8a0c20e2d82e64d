"""The panel, drawn again and again on a terminal while a run goes on, also while somebody resizes the window."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.console import Console, ConsoleDimensions, ConsoleOptions, ConsoleRenderable, RenderResult
from rich.control import Control
from rich.live import Live
from rich.segment import ControlType
from rich.spinner import Spinner

from lab.terminal.board import Board
from lab.terminal.gauge import memory_text
from lab.terminal.panel import Panel, Screen, lines

REDRAWS_PER_SECOND = 4


class LiveBoard:
    """Draws the board: hardware, steps, the bar of the current step, the whole run."""

    def __init__(
        self,
        console: Console,
        board: Board,
        title: str = "",
        left: Callable[[], float | None] = lambda: None,
        memory: Callable[[], str] = memory_text,
    ) -> None:
        self._board = board
        self._title = title
        self._left = left
        self._memory = memory
        self._spinner = Spinner("dots", "reading models and data ...")
        self._final = False
        self._live = _SteadyLive(self, console=console, refresh_per_second=REDRAWS_PER_SECOND)

    def start(self) -> None:
        """Begin to draw."""
        self._live.start(refresh=True)

    def stop(self) -> None:
        """Leave the last state of every step on the screen, or nothing if no step has begun."""
        self._live.transient = not self._board.begun
        self._final = True
        self._live.stop()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """What rich draws."""
        if not self._board.begun:
            self._live.drawn = []
            yield self._spinner
            return
        panel = Panel(self._title, self._memory(), self._left())
        screen = Screen(options.size.width, options.size.height, options.ascii_only)
        drawn = lines(self._board, panel, screen, final=self._final)
        self._live.drawn = [line.cell_len for line in drawn]
        yield from drawn


class _SteadyLive(Live):
    """A live display that a window of another size does not tear.

    Terminals break lines anew when a window gets narrower, so what was drawn takes more rows than rich counts; rows
    that a lower window pushed out come back when it grows.
    """

    drawn: Sequence[int] = ()
    _size: ConsoleDimensions | None = None
    _pushed_out = 0

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        """Clear the rows that a change of size added, then go on as rich does."""
        size, before = self.console.size, self._size or self.console.size
        self._size = size
        added = sum(max(0, -(-length // size.width) - 1) for length in self.drawn) if size.width < before.width else 0
        back = min(self._pushed_out, max(0, size.height - before.height))
        self._pushed_out += max(0, len(self.drawn) + added - size.height) - back if size.height != before.height else 0
        found = super().process_renderables(renderables)
        if not added + back:
            return found
        up = [(ControlType.CURSOR_UP, 1), (ControlType.ERASE_IN_LINE, 2)]
        return [Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2), *(up * (added + back))), *found]

"""A board as lines of text that fit a terminal: every step, the bar of the current one, times, rates, memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from lab import rounding
from lab.terminal.board import ENDED, STOPPED, WORKING, Board, Row, clock, roughly
from lab.terminal.stopping import MESSAGE

WIDEST = 110  # wider lines are hard to follow from a step to why it runs
LEAST_STEPS = 3
ROOMY = 18  # rows of a terminal from which on blank lines set the parts apart
LEAST_WHY = 14
RESULT_ROWS = 20  # of the methods and the recommendation, shown when all steps are done
ERROR_ROWS = 8
WELL = ("done", "reused")
STYLES = {
    "waiting": "dim",
    "running": "bold cyan",
    "resumed": "bold cyan",
    "reused": "green",
    "done": "green",
    "failed": "bold red",
    STOPPED: "bold yellow",
}
SIGNS = {"waiting": "·", "reused": "✓", "done": "✓", "failed": "✗", STOPPED: "■"}
PLAIN_SIGNS = {"waiting": ".", "reused": "+", "done": "+", "failed": "x", STOPPED: "#"}
FRAMES, PLAIN_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "-\\|/"
FRAMES_A_SECOND = 4


@dataclass(frozen=True, slots=True)
class Screen:
    """What there is room for. `ascii_only` where the terminal's encoding has no other signs."""

    width: int
    height: int
    ascii_only: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything that is drawn beside the board itself.

    `left_s` are seconds until the run ends, None where that cannot be told; `memory` is ready to show.
    """

    title: str
    memory: str
    left_s: float | None


def lines(board: Board, panel: Panel, screen: Screen, *, final: bool = False) -> list[Text]:
    """The lines, none wider than the screen is and no more than it has rows; the final ones show every step."""
    width = max(20, min(screen.width - 1, WIDEST))
    now = board.now()
    head, foot = [_head(board, panel)], [] if final else list(_foot(board, panel, width, screen.ascii_only))
    gap = [Text()] if screen.height >= ROOMY else []
    room = screen.height - 1 - len(head) - len(foot) - 2 * len(gap)
    rows = list(board.rows.values())
    shown = _final(rows, screen.height) if final else fold(rows, max(LEAST_STEPS, room))
    longest = max((len(row.step) for row in rows), default=0)
    steps = [_step(row, now, (longest, width), screen.ascii_only) for row in shown]
    found = [*head, *gap, *steps, *(gap if foot else []), *foot]
    for line in found:
        line.truncate(width, overflow="ellipsis" if not screen.ascii_only else "crop")
    return found


def fold(rows: Sequence[Row], room: int) -> list[Row | str]:
    """At most `room` lines: old finished steps become one line, then the last waiting ones another; `room` >= 3.

    A step that is worked on, has failed or was stopped is always among them.
    """
    if len(rows) <= room:
        return list(rows)
    ended = [row for row in rows if row.state in WELL]
    working = [row for row in rows if row.state not in (*WELL, "waiting")]
    waiting = [row for row in rows if row.state == "waiting"]
    kept = max(0, room - 1 - len(working) - len(waiting))
    folded = len(ended) - kept
    shown: list[Row | str] = [_finished(ended[:folded]), *ended[folded:]] if folded > 0 else [*ended]
    shown += working
    if len(shown) + len(waiting) <= room:
        return [*shown, *waiting]
    next_ones = max(0, room - 1 - len(shown))
    return [*shown, *waiting[:next_ones], f"{len(waiting) - next_ones} more steps are waiting"]


def _final(rows: Sequence[Row], height: int) -> Sequence[Row | str]:
    """Every step that fits beside what follows: the result where all went well, else the error."""
    if any(row.state not in WELL for row in rows):
        return fold(rows, max(LEAST_STEPS, height - ERROR_ROWS))
    return [_finished(rows)] if len(rows) + RESULT_ROWS > height else rows


def _finished(rows: Sequence[Row]) -> str:
    reused = sum(row.state == "reused" for row in rows)
    return f"{len(rows)} {'step' if len(rows) == 1 else 'steps'} done" + (f", {reused} reused" if reused else "")


def _head(board: Board, panel: Panel) -> Text:
    return Text.assemble((panel.title, "bold"), "  ", (board.hardware, "dim"), no_wrap=True)


def _step(row: Row | str, now: float, widths: tuple[int, int], ascii_only: bool) -> Text:
    longest, width = widths
    if isinstance(row, str):
        return Text(f"  {row}", style="dim", no_wrap=True)
    style, waiting = STYLES[row.state], row.state == "waiting"
    elapsed = row.elapsed(now)
    line = Text(no_wrap=True)
    line.append(f"{_sign(row, now, ascii_only)} ", style=style)
    line.append(f"{row.step:{longest}}  ", style="dim" if waiting else "bold" if row.state in WORKING else "")
    line.append(f"{row.state:7}", style=style)
    line.append("" if elapsed is None else f"{clock(elapsed):>8}")
    said = _outcome(row)
    if said and width - (longest + 21) >= LEAST_WHY:
        line.append(" " * (longest + 21 - line.cell_len))
        line.append(said, style="dim")
    line.rstrip()
    return line


def _outcome(row: Row) -> str:
    """What a finished step came to, else why it runs."""
    if row.state != "done" or not row.unit or row.step == "few-shot":  # that one counts from 0 several times
        return row.why
    return ", ".join((f"{row.total:,} {row.unit}", *(text for text in _pace(row) if text != row.why)))


def _sign(row: Row, now: float, ascii_only: bool) -> str:
    if row.state not in WORKING:
        return (PLAIN_SIGNS if ascii_only else SIGNS)[row.state]
    frames = PLAIN_FRAMES if ascii_only else FRAMES
    return frames[int(now * FRAMES_A_SECOND) % len(frames)]


def _foot(board: Board, panel: Panel, width: int, ascii_only: bool) -> Iterator[Text]:
    now, row = board.now(), board.current
    dot = " - " if ascii_only else " · "
    # Both lines are always there, so that nothing below them jumps when a step has no bar.
    yield _bar_line(row, now, width, ascii_only) if row else Text()
    yield Text(dot.join(_pace(row)) if row else "", style="dim", no_wrap=True)
    left = "" if panel.left_s is None else f"{roughly(panel.left_s)} left"
    warned = f"{board.warnings} {'warning' if board.warnings == 1 else 'warnings'} in run.log" if board.warnings else ""
    ended = sum(found.state in ENDED for found in board.rows.values())
    step = f"step {min(ended + 1, len(board.rows))} of {len(board.rows)}"
    run = dot.join(filter(None, (step, f"{clock(now - board.began)} elapsed", left, panel.memory)))
    yield Text.assemble((run, "dim"), (dot + warned, "yellow") if warned else "", no_wrap=True)
    if board.stopping:
        yield Text(MESSAGE, style="bold yellow", no_wrap=True)


def _bar_line(row: Row, now: float, width: int, ascii_only: bool) -> Text:
    counts = f"  {row.done:,} of {row.total:,}  {clock(row.left(now)):>5} left" if row.total else "  preparing"
    line = Text.assemble((row.step, "bold"), "  ", no_wrap=True)
    room = width - line.cell_len - len(counts)
    if room >= 8:
        line.append_text(bar(row.done / max(1, row.total), room, ascii_only))
    line.append(counts)
    return line


def bar(share: float, width: int, ascii_only: bool = False) -> Text:
    """A bar in half cells; full and empty differ in form as well, for terminals without colours."""
    full, half, empty = ("#", "", "-") if ascii_only else ("━", "╸", "─")
    halves = int(min(1.0, max(0.0, share)) * width * 2)
    text = Text(full * (halves // 2), style="cyan", no_wrap=True)
    if halves % 2 and half:
        text.append(half, style="cyan")
    text.append(empty * (width - text.cell_len), style="bright_black")
    return text


def _pace(row: Row) -> Iterator[str]:
    """What the step does in a second, and its own note."""
    rate, unit = row.rate(), row.unit
    if rate is not None and unit:
        yield f"{rounding.figure(rate)} {unit}/s"
    if row.note and row.note != unit:
        yield row.note

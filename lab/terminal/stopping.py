"""Ctrl-C that loses nothing: the first signal waits for the end of a shard, the second stops at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lab.run_folder import StepEvent

MESSAGE = "finishing the current shard; Ctrl-C again stops now"
SIGNALS = (signal.SIGINT, signal.SIGTERM)
ENDED_BADLY = "failed"


class Stopped(KeyboardInterrupt):
    """A run that a signal ended; `exit_code` is 128 + the signal's number, as shells have it."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


@contextmanager
def sigterm_stops() -> Iterator[list[Stopped]]:
    """Inside `with`, SIGTERM raises Stopped, so that a command cleans up as after Ctrl-C; in the main thread only.

    What was raised stands in the list: whatever lies between may put an exception of its own in its place.
    """
    raised: list[Stopped] = []
    if threading.current_thread() is not threading.main_thread():
        yield raised
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raised.append(Stopped(number))
        raise raised[-1]

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield raised
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL if before is None else before)


class Stopping:
    """Inside `with`, SIGINT and SIGTERM are wishes that `check` meets; outside the main thread nothing changes.

    Args:
        tell: called at once in the signal's handler, so it must neither wait for a lock nor write through a buffer.
    """

    def __init__(self, tell: Callable[[], None]) -> None:
        self._tell = tell
        self._before: dict[signal.Signals, Any] = {}
        self.wished: int | None = None

    def __enter__(self) -> Stopping:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._on_signal) for number in SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def check(self, event: StepEvent) -> None:
        """Raise Stopped if that is wished: progress is told when a shard lies on disk, states between two steps."""
        if self.wished is not None and event.state != ENDED_BADLY:
            raise Stopped(self.wished)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.wished is not None:
            raise Stopped(number)
        self.wished = number
        self._tell()

"""What libraries say while a run goes on: records of `logging`, Python warnings, stray prints and bars.

All of it reaches one function, so that nothing is written across a live panel or into a stream of JSON.
"""

from __future__ import annotations

import io
import logging
import sys
import warnings
from collections.abc import Callable
from contextlib import ExitStack, redirect_stdout
from types import TracebackType
from typing import Any, TextIO

Tell = Callable[[int, str, str], None]  # level, source, text
OWN = "lab"
# Module, its question, its switch off, its switch on. Only what a run has imported anyway is switched.
BARS = (
    ("huggingface_hub.utils", "are_progress_bars_disabled", "disable_progress_bars", "enable_progress_bars"),
    ("datasets.utils", "are_progress_bars_disabled", "disable_progress_bars", "enable_progress_bars"),
    ("transformers.utils.logging", "is_progress_bar_enabled", "disable_progress_bar", "enable_progress_bar"),
)


class Records:
    """Inside `with`, `tell` gets every record from WARNING on, and the lab's own from INFO on.

    Args:
        tell: called with the level, who speaks, and the text.
        prints: whether what is printed to standard output is told as well, line by line.
    """

    def __init__(self, tell: Tell, *, prints: bool) -> None:
        self._tell = tell
        self._prints = prints
        self._handler = _Handler(tell)
        self._undo = ExitStack()
        self._silenced: set[str] = set()

    def __enter__(self) -> Records:
        root, own = logging.getLogger(), logging.getLogger(OWN)
        self._undo.callback(own.setLevel, own.level)
        own.setLevel(logging.INFO)
        self._undo.callback(root.removeHandler, self._handler)
        root.addHandler(self._handler)
        self._undo.enter_context(warnings.catch_warnings())
        warnings.showwarning = self._show_warning
        if self._prints:
            self._undo.enter_context(redirect_stdout(_Lines(lambda line: self._tell(logging.INFO, "stdout", line))))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._undo.close()

    def tame(self) -> None:
        """Silence the bars of libraries that were imported since the last call, and take their handlers' place."""
        for name, asks, off, on in BARS:
            module = sys.modules.get(name)
            if module is not None and name not in self._silenced:
                self._silenced.add(name)
                self._silence(module, asks, off, on)
        for logger in list(logging.root.manager.loggerDict.values()):
            if isinstance(logger, logging.Logger):
                self._adopt(logger)

    def _silence(self, module: Any, asks: str, off: str, on: str) -> None:
        answer = bool(getattr(module, asks)())
        if answer is asks.startswith("is_"):  # the bars are on
            getattr(module, off)()
            self._undo.callback(getattr(module, on))

    def _adopt(self, logger: logging.Logger) -> None:
        """A library's own handler on a standard stream would write beside us."""
        for handler in [found for found in logger.handlers if _writes_to_terminal(found)]:
            logger.removeHandler(handler)
            self._undo.callback(logger.addHandler, handler)
            self._undo.callback(setattr, logger, "propagate", logger.propagate)
            logger.propagate = True

    def _show_warning(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        self._tell(logging.WARNING, category.__name__, str(message))


class _Handler(logging.Handler):
    def __init__(self, tell: Tell) -> None:
        super().__init__()
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno < logging.WARNING and record.name.partition(".")[0] != OWN:
            return
        try:
            self._tell(record.levelno, record.name, record.getMessage())
        except Exception:
            self.handleError(record)


class _Lines(io.TextIOBase):
    """A stream that hands on whole lines."""

    def __init__(self, write_line: Callable[[str], None]) -> None:
        self._write_line = write_line
        self._rest = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in filter(str.strip, lines):
            self._write_line(line.rsplit("\r", 1)[-1])
        return len(text)


def _writes_to_terminal(handler: logging.Handler) -> bool:
    standard = (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)
    return type(handler) is logging.StreamHandler and any(handler.stream is stream for stream in standard)

"""The prompt of `lab ask RUN`: question after question to models that are loaded once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from rich.console import Console
from rich.text import Text

from lab.ask.desk import Desk
from lab.ask.reply import Reply
from lab.ask.show import Transcript, show_passages
from lab.errors import LabError
from lab.escapes import one_line, visible
from lab.methods.registry import METHODS
from lab.report.words import method_label

HELP = (
    "Type a question. :method NAME asks another method (:method rag,raft several, :method all every one), "
    ":methods lists them, :quit or Ctrl-D leaves; Ctrl-C stops an answer."
)
ALL = "all"


def ask_once(desk: Desk, console: Console, question: str, methods: Sequence[str], why: str = "") -> list[Reply]:
    """Ask methods one question and print their replies; returns them in the order in which they were asked.

    Raises:
        LabError: a question that cannot be asked, a method that the run has not, a model that is gone.
    """
    transcript = Transcript(console, methods, reasons=desk.recipe.style.reasoning != "none")
    replies = []
    for name in desk.in_order(methods):
        transcript.begin(name, why)
        replies.append(desk.answer(question, name, transcript.listener()))
        transcript.end(replies[-1])
    show_passages(console, replies)
    return replies


class Loop:
    """Reads lines and answers them until the lines end. `read` gets the prompt and returns a line, as `input` does."""

    def __init__(self, desk: Desk, console: Console, methods: Sequence[str], read: Callable[[str], str]) -> None:
        self._desk = desk
        self._console = console
        self._methods = tuple(methods)
        self._read = read

    def run(self) -> None:
        """Until :quit or the end of input. A fault is told and the next line is read."""
        with suppress(ImportError):
            import readline  # noqa: F401 - gives `input` its line editing; the history is never written to a file

        while True:
            try:
                line = self._read(self._prompt()).strip()
            except EOFError:
                self._console.print()
                return
            except KeyboardInterrupt:
                self._console.print()
                continue
            if line in (":quit", ":q", ":exit"):
                return
            try:
                self._obey(line)
            except LabError as error:
                self._tell(one_line(f"error: {error}"), "red")
            except KeyboardInterrupt:
                self._console.print()
                self._tell("stopped", "dim")

    def _prompt(self) -> str:
        return f"{one_line(self._methods[0]) if len(self._methods) == 1 else f'{len(self._methods)} methods'}> "

    def _obey(self, line: str) -> None:
        command, _, rest = line.partition(" ")
        if not line:
            return
        if command == ":methods":
            self._list()
        elif command == ":method":
            self._choose(rest)
        elif line.startswith(":"):
            self._tell(HELP, "dim")
        else:
            ask_once(self._desk, self._console, line, self._methods)
            self._console.print()

    def _choose(self, names: str) -> None:
        wanted = [name for name in names.replace(",", " ").split() if name]
        chosen = list(self._desk.methods) if wanted == [ALL] else list(dict.fromkeys(wanted))
        for name in chosen:
            self._desk.method(name)
        if not chosen:
            self._tell(f":method NAME: expected one of {', '.join(self._desk.methods)}, or all", "dim")
            return
        self._methods = tuple(chosen)

    def _list(self) -> None:
        width = max(map(len, self._desk.methods))
        for name in self._desk.methods:
            sign = "*" if name in self._methods else " "
            about = METHODS[name].description if name in METHODS else method_label(name)
            self._tell(f"{sign} {name:<{width}}  {about}", "bold" if name in self._methods else "")

    def _tell(self, text: str, style: str) -> None:
        self._console.print(Text(visible(text), style=style), soft_wrap=True)

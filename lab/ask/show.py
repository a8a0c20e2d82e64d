"""Replies in a terminal: the answer as it is written, the passages that were read, what supports the answer."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from lab import rounding
from lab.ask.desk import Listener
from lab.ask.marks import Span, joined
from lab.ask.reply import Reply, ShownPassage
from lab.escapes import one_line, visible
from lab.report.words import method_label

SNIPPET = 420  # characters; a passage of 96 tokens mostly stands whole
MARK, FAINT, LABEL = "bold yellow", "dim", "bold cyan"
NOTHING = "(nothing)"
NEAR_EDGE = 12  # cells; most words are shorter


class Transcript:
    """Prints replies on a console. Several methods stand below one another, their answers in one column.

    `reasons` says whether the generator writes a reason before its answer; a lone method's is shown as it is written.
    """

    def __init__(self, console: Console, methods: Sequence[str], *, reasons: bool) -> None:
        self._console = console
        self._width = max(len(one_line(method_label(name))) for name in methods) + 2 if len(methods) > 1 else 0
        self._reasons = reasons and not self._width
        self._told: str | None = None
        self._column = 0

    def begin(self, method: str, why: str = "") -> None:
        """The method's name, before its answer."""
        label = one_line(method_label(method))
        self._told, self._column = None, self._width
        if self._width:
            self._put(label.ljust(self._width), LABEL)
        elif why:
            self._console.print(Text.assemble((label, LABEL), (f"  {one_line(why)}", FAINT)))

    def listener(self) -> Listener:
        """Prints an answer while it is written."""
        return (
            Listener(on_answer=self._answer, on_raw=self._reason) if self._reasons else Listener(on_answer=self._answer)
        )

    def end(self, reply: Reply) -> None:
        """What stands below the answer: its support, seconds and tokens."""
        if self._told is None:
            self._put(NOTHING, FAINT)
        elif self._told != reply.answer:  # what stands there cannot be taken back
            self._put(f"\n{'':{self._width}}", "")
            self._column = self._width
            self._put(self._wrapped(visible(reply.answer)), "bold")
        self._console.print()
        for line in _below(reply):
            self._console.print(Padding(Text(line, style=FAINT), (0, 0, 0, self._width), expand=False))

    def _reason(self, part: str) -> None:
        self._put(visible(part), FAINT)

    def _answer(self, part: str) -> None:
        if self._reasons and self._told is None:
            self._console.print()
        self._told = (self._told or "") + part
        self._put(self._wrapped(visible(part)), "bold")

    def _wrapped(self, part: str) -> str:
        """Keeps an answer in its column: a line ends at the last space that comes near the edge, else at the edge."""
        if not (self._width and self._console.is_terminal):
            return part
        shown, edge = "", self._console.width
        for character in part:
            width = cell_len(character)
            if self._column + width > edge or (character == " " and self._column > edge - NEAR_EDGE):
                shown += f"\n{'':{self._width}}"
                self._column = self._width
                if character == " ":
                    continue
            shown += character
            self._column += width
        return shown

    def _put(self, text: str, style: str) -> None:
        self._console.print(Text(text, style=style), end="", soft_wrap=True)
        self._console.file.flush()


def show_passages(console: Console, replies: Sequence[Reply]) -> None:
    """The passages of all replies, each list once with the methods that read it."""
    lists: dict[tuple[str, ...], list[Reply]] = {}
    for reply in replies:
        if reply.passages:
            lists.setdefault(tuple(passage.id for passage in reply.passages), []).append(reply)
    for readers in lists.values():
        console.print()
        names = one_line(", ".join(reply.label for reply in readers))
        console.print(Text(f"Passages{f' read by {names}' if len(replies) > 1 else ''}", style="bold"))
        for place, passage in enumerate(readers[0].passages):
            marks = joined(span for reply in readers for span in reply.passages[place].marks)
            console.print(_head(passage, readers))
            console.print(Padding(snippet(passage.text, marks), (0, 0, 0, 4), expand=False))


def snippet(text: str, marks: Sequence[Span], width: int = SNIPPET) -> Text:
    """At most `width` characters of a passage around its first mark, the marks in colour, on one paragraph."""
    start = 0
    if len(text) > width and marks and marks[0][1] > width:
        start = min(marks[0][0] - width // 3, len(text) - width)
    end = min(len(text), start + width)
    shown, place = Text("..." if start else ""), start
    for first, last in [span for span in marks if span[0] >= start and span[1] <= end]:
        shown.append(_plain(text[place:first]))
        shown.append(_plain(text[first:last]), style=MARK)
        place = last
    shown.append(_plain(text[place:end]))
    shown.append("..." if end < len(text) else "")
    return shown


def _plain(text: str) -> str:
    return visible(text).replace("\n", " ").replace("\t", " ")


def _head(passage: ShownPassage, readers: Sequence[Reply]) -> Text:
    title = one_line(passage.title)
    document = one_line(passage.document)
    name = f"{title}, {document}" if title and title != document else document
    page = f", p. {passage.pages}" if passage.pages else ""
    cited = any(reply.citation and reply.citation.rank == passage.rank for reply in readers)
    head = Text.assemble((f"[{passage.rank}] ", LABEL if cited else ""), (name + page, "bold" if cited else ""))
    unread = "" if passage.shown else ", not read: the prompt had no room"
    head.append(f"  score {rounding.score(passage.score)}{unread}", style=FAINT)
    return head


def _below(reply: Reply) -> list[str]:
    lines = [one_line(reply.note), *reply.warnings]
    search = f", {rounding.seconds(reply.retrieve_seconds)} s of them searching" if reply.passages else ""
    total = rounding.seconds(reply.retrieve_seconds + reply.generate_seconds)
    tokens = f"{rounding.count(reply.tokens_in)} tokens read, {rounding.count(reply.tokens_out)} written"
    return [*lines, f"{total} s{search}; {tokens}"]

"""A tree of HTML -> Markdown: headings, paragraphs, lists, tables, code. One pass without recursion, any depth."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_SKIPPED = frozenset("script style template noscript head svg math object iframe select textarea".split())
_BLOCKS = frozenset(
    "address article aside blockquote body dd details div dl dt fieldset figcaption figure footer form header hr html"
    " main nav ol p section summary table tbody thead tfoot caption ul".split()
)
_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
_CELLS = ("td", "th")
MAX_INDENT = 4


def to_markdown(html: str) -> str:
    """The visible text of a page or a part of one as Markdown. Links and emphasis are left out, images too.

    Raises:
        ImportError: lxml is missing.
        Exception: whatever lxml says of text that is no HTML.
    """
    from lxml import etree  # type: ignore[import-untyped]

    parser = etree.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=True)
    root = etree.fromstring(html, parser)
    if root is None:
        return ""
    page = _Page()
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            page.start(tag, element)
        else:
            page.end(tag)
            page.write(element.tail)
    page.flush()
    return "\n\n".join(page.blocks)


@dataclass
class _Page:
    """What has been written so far, and where in the page the walk is."""

    blocks: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    prefix: str = ""
    skipped: int = 0
    code: int = 0
    lists: list[int] = field(default_factory=list)  # the number of the last item; -1 for bullets
    tables: list[list[list[str]]] = field(default_factory=list)

    def write(self, text: str | None) -> None:
        if text and not self.skipped:
            self.line.append(text if self.code else " ".join(f"|{text}|".split())[1:-1])

    def start(self, tag: str, element: Any) -> None:
        if self.skipped or tag in _SKIPPED:
            self.skipped += 1
            return
        if tag in _HEADINGS or tag in _BLOCKS or tag in ("li", "pre", "tr"):
            self.flush()
        if tag in _HEADINGS:
            self.prefix = _HEADINGS[tag]
        elif tag in ("ul", "ol"):
            self.lists.append(0 if tag == "ol" else -1)
        elif tag == "li":
            self.prefix = self._bullet()
        elif tag == "br":
            self.line.append("\n")
        elif tag == "pre":
            self.code += 1
        else:
            self._start_table(tag)
        self.write(element.text)

    def end(self, tag: str) -> None:
        if self.skipped:
            self.skipped -= 1
            return
        if tag in _CELLS and self.tables and self.tables[-1]:
            self.tables[-1][-1].append(self._taken().replace("\n", " ").replace("|", "\\|"))
        elif tag == "caption" and self.tables:
            self.blocks.append(self._taken())
        elif tag == "table" and self.tables:
            self._end_table()
        elif tag in _HEADINGS or tag in _BLOCKS or tag in ("li", "pre"):
            self.flush()
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        elif tag == "pre":
            self.code -= 1

    def flush(self) -> None:
        """End the current block; within a table's cell, only the line."""
        if self.tables:
            self.line.append(" ")
            return
        code = bool(self.code)
        text = self._taken()
        if not text:
            return
        if code:
            self.blocks.append(f"```\n{text}\n```")
        else:
            self._append(text)
        self.prefix = ""

    def _append(self, text: str) -> None:
        item = bool(self.prefix) and not self.prefix.startswith("#")
        if self.prefix.startswith("#"):
            text = text.replace("\n", " ")
        block = self.prefix + text
        if item and self.blocks and self.blocks[-1].lstrip()[:1] in tuple("-0123456789") and self._in_list():
            self.blocks[-1] += "\n" + block
        else:
            self.blocks.append(block)

    def _in_list(self) -> bool:
        return bool(self.lists) and "\n\n" not in self.blocks[-1]

    def _bullet(self) -> str:
        indent = "  " * min(max(len(self.lists) - 1, 0), MAX_INDENT)
        if not self.lists or self.lists[-1] < 0:
            return f"{indent}- "
        self.lists[-1] += 1
        return f"{indent}{self.lists[-1]}. "

    def _start_table(self, tag: str) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.line.clear()
            self.tables[-1].append([])
        elif tag in _CELLS and self.tables and self.tables[-1]:
            self.line.clear()

    def _end_table(self) -> None:
        rows = [row for row in self.tables.pop() if any(row)]
        if self.tables:  # a table within a cell: its words belong to the cell
            self.line.append(" ".join(cell for row in rows for cell in row))
            return
        self.line.clear()
        width = max(map(len, rows), default=0)
        if width == 1:
            self.blocks.extend(row[0] for row in rows)
        elif rows:
            # Only the header is made as wide as the widest row: a page of one wide and many short rows would explode.
            rows[0] += [""] * (width - len(rows[0]))
            lines = ["| " + " | ".join(row) + " |" for row in rows]
            self.blocks.append("\n".join([lines[0], "|" + "---|" * width, *lines[1:]]))

    def _taken(self) -> str:
        """The text of the current line, taken out of it; white space collapsed but at line breaks and in code."""
        text = "".join(self.line)
        self.line.clear()
        if self.code:
            return text.strip("\n")
        return "\n".join(" ".join(line.split()) for line in text.split("\n")).strip()

"""The page as Markdown for GitHub: the same first screen and tables, charts as linked SVG files, no raw HTML."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from lab.report.layout import Block, Cell, Page, Section, Table

CHARTS = (("quality", "chart-quality.svg"), ("cost", "chart-cost.svg"))
# Also '_', but not inside a word: token_f1 is no emphasis.
_SPECIAL = re.compile(r"[\\`*\[\]|~$]|(?<!\w)_|_(?!\w)")
_BLOCK_START = re.compile(r"^(\d*)([#+\-=]|(?<=\d)[.)])")


def render_markdown(page: Page) -> str:
    """report.md as text."""
    return "\n".join(_lines(page)).rstrip() + "\n"


def render_sections(sections: Iterable[Section]) -> str:
    """Some sections alone."""
    return "\n".join(line for section in sections for line in _section(section)).rstrip() + "\n"


def escape_markdown(text: str) -> str:
    """Text on one line that renders as itself: no markup, no link, no table cell, no HTML."""
    flat = " ".join(text.split())  # also U+2028 and other line ends
    flat = flat.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _SPECIAL.sub(r"\\\g<0>", flat)


def _own_line(text: str) -> str:
    """Escaped text that opens a line, where # would be a heading and 1. a list."""
    return _BLOCK_START.sub(r"\1\\\2", escape_markdown(text))


def _lines(page: Page) -> Iterator[str]:
    finding = page.finding
    yield from (f"# {escape_markdown(page.title)}", "")
    yield from (f"**{escape_markdown(finding.headline)}** {escape_markdown(finding.answer)}", "")
    yield from (_own_line(finding.certainty), "")
    yield from _points(finding.remarks)
    yield from ("## What was compared", "")
    yield from _points(f"{label}: {sentence}" for label, sentence in page.setting)
    yield from _table(page.methods)
    for name, path in CHARTS:
        yield from (f"![{name}]({path})", "")
    for section in page.sections:
        yield from _section(section)
    yield from ("## Answers", "")
    yield "Every test question with all answers and passages: `report.html` to browse, `answers.jsonl` to compute with."


def _section(section: Section) -> Iterator[str]:
    yield from (f"## {escape_markdown(section.title)}", "")
    for paragraph in section.paragraphs:
        yield from (_own_line(paragraph), "")
    yield from _points(section.points)
    for table in section.tables:
        yield from _table(table)
    for block in section.blocks:
        yield from _block(block)


def _points(points: Iterable[str]) -> Iterator[str]:
    found = [f"- {_own_line(point)}" for point in points]
    if found:
        yield from (*found, "")


def _table(table: Table) -> Iterator[str]:
    yield from (f"### {escape_markdown(table.title)}", "")
    yield _row(escape_markdown(column.label) for column in table.columns)
    yield _row("---:" if column.number else ":---" for column in table.columns)
    for position, row in enumerate(table.rows):
        first, *others = row
        yield _row([_name(first, bold=position == table.marked), *map(_cell, others)])
    yield ""
    if table.note:
        yield from (escape_markdown(table.note), "")


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _name(cell: Cell, *, bold: bool) -> str:
    text = escape_markdown(cell.text)
    text = f"**{text}**" if bold else text
    return f"{text} ({escape_markdown(cell.detail)})" if cell.detail else text


def _cell(cell: Cell) -> str:
    return escape_markdown(f"{cell.text} {cell.detail}" if cell.detail else cell.text)


def _block(block: Block) -> Iterator[str]:
    longest = max((len(run) for run in re.findall("`+", block.text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield from (f"### {escape_markdown(block.title)}", "", f"{fence}text", block.text, fence, "")

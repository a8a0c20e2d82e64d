"""The page as Markdown for GitHub: the same findings, charts as SVG files beside it, and nothing that could be markup.

The only HTML is ours: a picture for light and dark readers, and folded tables.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any, Literal, get_args

from lab.report.layout import Block, Cell, Chart, Column, Page, Section, Table

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = get_args(Theme)
CHARTS = "charts"
ANSWERS = "Every test question with all answers and passages: `report.html` to browse, `answers.jsonl` to compute with."
SHORT_LIMIT = 60_000  # characters; a comment on GitHub holds 65,536
SHORT_SECTIONS = ("comparisons", "limits")
SHORT_TEXT = 1_000  # characters of one text in a comment: no sentence of a page is longer unless a name in it is
# Also '_', but not inside a word: token_f1 is no emphasis. Also '#' at the end, which closes a heading.
_SPECIAL = re.compile(r"[\\`*\[\]|~$]|(?<![^\W_])_|_(?![^\W_])|#(?=#*$)")
# What GitHub makes a link, a mention, an address or a reference to an issue; recall@3 is none of them.
_LINK_START = re.compile(
    r"(?<=:)(?=//)|(?<=(?i:www))(?=\.)|(?<=(?<!\w)@)(?=\w)|(?<=@)(?=[\w-]+\.\w)|(?<=#)(?=\d)|(?<=\b(?i:gh))(?=-\d)"
)
_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # by a terminal, or by the eye
_JOINERS = "\u200c\u200d"  # they shape letters and emoji; other invisible characters could hide or turn text
_BLOCK_START = re.compile(r"^(\d*)([#+\-=]|(?<=\d)[.)])")


def render_markdown(page: Page, *, answers: bool = False) -> str:
    """The page as text; its charts lie in the folder `charts` beside it. `answers`: they lie beside it too."""
    lines = [*_lines(page), *(("## Answers", "", ANSWERS) if answers else ())]
    return "\n".join(lines).rstrip() + "\n"


def render_short(page: Page) -> str:
    """Finding, methods, contrasts and limits alone, without charts, in fewer than 60,000 characters."""
    sections = [_shortened(section) for section in page.sections if section.id in SHORT_SECTIONS]
    lines = [
        *_first_screen(_shortened(replace(page, lead=None, chapters=()))),
        *("## Methods", "", *_grid(_shortened(page.methods))),
        *(line for section in sections for line in _short_section(section)),
    ]
    return _clip("\n".join(lines).rstrip() + "\n")


def render_sections(sections: Iterable[Section]) -> str:
    """Some sections alone."""
    return "\n".join(line for section in sections for line in _section(section)).rstrip() + "\n"


def chart_path(name: str, theme: Theme) -> str:
    """Where a chart lies, relative to report.md."""
    return f"{CHARTS}/{name}-{theme}.svg"


def escape_markdown(text: str) -> str:
    """Text on one line that renders as itself: no markup, no link, no mention, no table cell, no HTML."""
    safe = _flat(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LINK_START.sub("\N{WORD JOINER}", _SPECIAL.sub(r"\\\g<0>", safe))


def _flat(text: str) -> str:
    """One line without invisible characters; U+2028 and other line ends become spaces."""
    words = ("".join(filter(_is_shown, word)) for word in text.split())
    return " ".join(filter(None, words))


def _is_shown(character: str) -> bool:
    return character.isprintable() or character in _JOINERS


def _in_html(text: str) -> str:
    """The same inside a line of our own HTML, where a backslash would be shown."""
    return html.escape(_LINK_START.sub("\N{WORD JOINER}", _flat(text)))


def _own_line(text: str) -> str:
    """Escaped text that opens a line, where # would be a heading and 1. a list."""
    return _BLOCK_START.sub(r"\1\\\2", escape_markdown(text))


def _lines(page: Page) -> Iterator[str]:
    yield from _first_screen(page)
    if page.lead:
        yield from _chart(page.lead)
    yield from ("## What was compared", "")
    yield from _points(f"{label}: {sentence}" for label, sentence in page.setting)
    yield from _table(page.methods)
    yield from _points(page.finding.remarks)
    for section in page.sections:
        yield from _section(section)


def _first_screen(page: Page) -> Iterator[str]:
    finding = page.finding
    for warning in page.warnings:
        yield from (f"> **Warning:** {escape_markdown(warning)}", "")
    yield from (f"# {escape_markdown(page.title)}", "")
    yield from (f"**{escape_markdown(finding.headline)}** {escape_markdown(finding.answer)}", "")
    yield from (_own_line(finding.certainty), "")
    if page.changes:
        yield from ("What would change the answer:", "")
        yield from _points(page.changes)


def _short_section(section: Section) -> Iterator[str]:
    yield from (f"## {escape_markdown(section.title)}", "")
    yield from _points(section.points)
    for table in section.tables[:1]:
        yield from _table(table)


def _shortened(part: Any) -> Any:
    """A part of a page with no text longer than SHORT_TEXT; its drawings are not kept."""
    if isinstance(part, str):
        return part if len(part) <= SHORT_TEXT else f"{part[: SHORT_TEXT - 1]}\N{HORIZONTAL ELLIPSIS}"
    if isinstance(part, tuple):
        return tuple(map(_shortened, part))
    if not is_dataclass(part) or isinstance(part, type):
        return part
    return replace(part, **{field.name: _shortened(getattr(part, field.name)) for field in fields(part)})


def _clip(text: str) -> str:
    """Cut after a whole line: half an escaped character or a row without its last cells would be markup."""
    if len(text) <= SHORT_LIMIT:
        return text
    note = "\n\nCut here: the whole report is longer than a comment holds.\n"
    return text[: text.rindex("\n", 0, SHORT_LIMIT - len(note))].rstrip() + note


def _section(section: Section) -> Iterator[str]:
    yield from (f"## {escape_markdown(section.title)}", "")
    for paragraph in section.paragraphs:
        yield from (_own_line(paragraph), "")
    yield from _points(section.points)
    for chart in section.charts:
        yield from _chart(chart)
    for table in section.tables:
        yield from _folded(table) if table.folded else _table(table)
    for block in section.blocks:
        yield from _block(block)


def _points(points: Iterable[str]) -> Iterator[str]:
    found = [f"- {_own_line(point)}" for point in points]
    if found:
        yield from (*found, "")


def _chart(chart: Chart) -> Iterator[str]:
    """A picture in the reader's colours, its caption, and its numbers where no other table has them."""
    name = chart.wide.name
    alt = _in_html(f"{chart.wide.title}. {chart.wide.description}")
    yield "<picture>"
    yield f'<source media="(prefers-color-scheme: dark)" srcset="{chart_path(name, "dark")}">'
    yield f'<img src="{chart_path(name, "light")}" alt="{alt}">'
    yield from ("</picture>", "", _own_line(chart.caption), "")
    if chart.table:
        yield from _folded(chart.table)


def _folded(table: Table) -> Iterator[str]:
    yield from (
        "<details>",
        f"<summary>{_in_html(table.title)} ({len(table.rows)})</summary>",
        "",
        *_grid(table),
        "</details>",
        "",
    )


def _table(table: Table) -> Iterator[str]:
    yield from (f"### {escape_markdown(table.title)}", "", *_grid(table))


def _grid(table: Table) -> Iterator[str]:
    yield _row(escape_markdown(column.label) for column in table.columns)
    yield _row(_alignment(column) for column in table.columns)
    for position, row in enumerate(table.rows):
        first, *others = row
        yield _row([_name(first, bold=position == table.marked), *map(_cell, others)])
    yield ""
    if table.note:
        yield from (_own_line(table.note), "")


def _alignment(column: Column) -> str:
    return "---:" if column.number else ":---"


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
    shown = _OBEYED.sub("\N{REPLACEMENT CHARACTER}", re.sub("\r\n?", "\n", block.text))
    yield from (f"### {escape_markdown(block.title)}", "", f"{fence}text", shown, fence, "")

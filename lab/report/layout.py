"""The nouns of a report, the same for HTML and Markdown: a page of sections, a section of tables and texts."""

from __future__ import annotations

from dataclasses import dataclass

from lab.report.svg import Figure


@dataclass(frozen=True, slots=True)
class Cell:
    """`text` carries the value; `detail` stands beside it in a lighter tone (an interval, a reason)."""

    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """Numbers are set right-aligned, words left-aligned."""

    label: str
    number: bool = True


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text. `marked` is the row of the chosen method, `apart` the row of the oracle, which is no candidate.

    `beside` are rows of methods that another model answered, which are none either. `small` are rows of few questions:
    they are shown fainter. `sortable`: each column holds one measure, so that its rows can be put in order.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    folded: bool = False
    marked: int | None = None
    apart: int | None = None
    small: frozenset[int] = frozenset()
    beside: frozenset[int] = frozenset()
    sortable: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """Text to show word for word, such as a prompt."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure drawn twice, for wide screens and for phones: scaled-down text would be too small to read.

    `table` holds the same numbers; None where another table of the same section does.
    """

    wide: Figure
    narrow: Figure
    caption: str
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with paragraphs, then points, charts, tables and word-for-word blocks."""

    id: str
    title: str
    paragraphs: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    blocks: tuple[Block, ...] = ()
    charts: tuple[Chart, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """`headline` in a few words, `answer` in one or two sentences, `certainty`, then `remarks` that qualify it."""

    headline: str
    answer: str
    certainty: str
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """Sections that answer one question of the reader."""

    title: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The first screen (`title` to `changes`), the methods, and the chapters below.

    `warnings` stand before all else. `lead` is the picture of the finding, `changes` are sentences that say what would
    change it, `setting` holds (label, sentence) pairs.
    """

    title: str
    finding: Finding
    lead: Chart | None
    changes: tuple[str, ...]
    setting: tuple[tuple[str, str], ...]
    methods: Table
    chapters: tuple[Chapter, ...]
    warnings: tuple[str, ...] = ()

    @property
    def sections(self) -> tuple[Section, ...]:
        """All sections in reading order."""
        return tuple(section for chapter in self.chapters for section in chapter.sections)

    @property
    def charts(self) -> tuple[Chart, ...]:
        """All charts in reading order."""
        first = (self.lead,) if self.lead else ()
        return (*first, *(chart for section in self.sections for chart in section.charts))

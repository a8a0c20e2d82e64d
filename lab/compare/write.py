"""compare.html, compare.md and the charts that it shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from lab.compare.page import build_page
from lab.compare.runs import FinishedRun
from lab.compare.together import RunsCompared
from lab.errors import DataError
from lab.files import write_text
from lab.report.html import render_html
from lab.report.layout import Page
from lab.report.markdown import render_markdown
from lab.report.write import chart_files

HTML, MARKDOWN = "compare.html", "compare.md"
_NAME_LENGTH = 40


def default_folder(runs: Sequence[FinishedRun]) -> Path:
    """`reports/compare-<a>-<b>`, by the runs' names; by their folders' where names are the same."""
    names = [_slug(run.result.name) for run in runs]
    if len(set(names)) < len(names) or not all(names):
        names = [_slug(run.folder.resolve().name) or run.letter for run in runs]
    return Path("reports") / "-".join(["compare", *names])


def write_comparison(found: RunsCompared, folder: Path) -> tuple[Path, ...]:
    """Render the comparison into `folder` and return the files written, each whole or not at all.

    All are rendered before the first is written.

    Raises:
        DataError: `folder` is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise DataError(f"{folder}: expected a folder to write to, found a file; name another --out")
    page = build_page(found)
    contents = {**chart_files(page), MARKDOWN: page_markdown(page), HTML: page_html(page)}
    for name, content in contents.items():
        write_text(folder / name, content)
    return tuple(folder / name for name in contents)


def page_html(page: Page) -> str:
    """The page as one self-contained file."""
    return render_html(page)


def page_markdown(page: Page) -> str:
    """The page as Markdown; warnings stand before all else."""
    return render_markdown(page)


def _slug(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")[:_NAME_LENGTH].strip("-._")

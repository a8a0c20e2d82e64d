"""Write report.html, report.md and its charts beside results.json. Safe to call again: the files are replaced whole."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from lab.files import ANSWERS_FILE, RESULTS_FILE, write_text
from lab.report.browser import browser_parts
from lab.report.html import render_html
from lab.report.layout import Page
from lab.report.markdown import CHARTS, THEMES, chart_path, render_markdown, render_short
from lab.report.page import build_page
from lab.report.read import iter_answers, read_result

OLD_CHARTS = ("chart-quality.svg", "chart-cost.svg")  # beside the report, where earlier versions of the lab left them


def write_report(folder: Path) -> tuple[Path, ...]:
    """Render the results in `folder` and return the files written.

    All files are rendered before the first is written, so a fault leaves an older report as it was. Charts of an
    earlier result that this one does not have are deleted.

    Raises:
        DataError: results.json or answers.jsonl is missing or is not a file of this lab.
    """
    result = read_result(folder / RESULTS_FILE)
    page = build_page(result)
    html = render_html(page, browser_parts(result, iter_answers(folder / ANSWERS_FILE)))
    contents = {**chart_files(page), "report.md": render_markdown(page, answers=True), "report.html": html}
    (folder / CHARTS).mkdir(exist_ok=True)
    for name, content in contents.items():
        # JSON can hold half a character (a lone surrogate), which no file can.
        write_text(folder / name, content.encode("utf-8", "replace").decode("utf-8"))
    _delete_stale(folder, contents.keys())
    return tuple(folder / name for name in contents)


def chart_files(page: Page) -> dict[str, str]:
    """The drawings that the page's Markdown shows, by path: each for a light and for a dark reader."""
    return {
        chart_path(chart.wide.name, theme): chart.wide.standalone(theme) for chart in page.charts for theme in THEMES
    }


def short_report(folder: Path) -> str:
    """The finding as Markdown that fits in a comment on a pull request."""
    return render_short(build_page(read_result(folder / RESULTS_FILE)))


def _delete_stale(folder: Path, written: Collection[str]) -> None:
    drawn = [path for theme in THEMES for path in (folder / CHARTS).glob(f"*-{theme}.svg")]
    for path in (*drawn, *(folder / name for name in OLD_CHARTS)):
        if path.relative_to(folder).as_posix() not in written and (path.is_file() or path.is_symlink()):
            path.unlink()

"""Write report.html, report.md and its charts beside results.json. Safe to call again: the files are replaced whole."""

from __future__ import annotations

from pathlib import Path

from lab.files import write_text
from lab.report.figures import cost_chart, quality_chart
from lab.report.html import render_html
from lab.report.markdown import render_markdown
from lab.report.page import build_page
from lab.report.read import read_answers, read_result


def write_report(folder: Path) -> tuple[Path, ...]:
    """Render the results in `folder` and return the files written.

    All files are rendered before the first is written, so a fault leaves an older report as it was.

    Raises:
        DataError: results.json or answers.jsonl is missing or is not a file of this lab.
    """
    result = read_result(folder / "results.json")
    answers = read_answers(folder / "answers.jsonl")
    page = build_page(result)
    contents = {
        "chart-quality.svg": quality_chart(result).standalone(),
        "chart-cost.svg": cost_chart(result).standalone(),
        "report.md": render_markdown(page),
        "report.html": render_html(page, result, answers),
    }
    for name, content in contents.items():
        write_text(folder / name, content)
    return tuple(folder / name for name in contents)

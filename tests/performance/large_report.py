"""How large and how fast the report of a large run is: 20,000 questions, 8 methods, 10,000 passages of 100 words.

Usage: python tests/performance/large_report.py [FOLDER]        default: build/large-report

Writes results.json and answers.jsonl, renders the report, opens it in a headless Chromium, and prints a table with what
each may take. Exits with 1 where something takes more.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "browser"))

from synthetic import World, tree

from lab.report import write_report

QUESTIONS, PASSAGES = 20_000, 10_000
MEGABYTE = 1e6
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number with its bound; None where nothing is promised."""

    name: str
    value: float
    unit: str
    bound: float | None = None

    @property
    def kept(self) -> bool:
        return self.bound is None or self.value < self.bound


def write_run(folder: Path) -> None:
    """results.json and answers.jsonl of the made-up run."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(tree(QUESTIONS)), encoding="utf-8")
    with (folder / "answers.jsonl").open("w", encoding="utf-8", newline="\n") as file:
        for row in World(QUESTIONS, PASSAGES).rows():
            file.write(json.dumps(row) + "\n")


def render(folder: Path) -> list[Figure]:
    """Seconds, size and memory of `write_report`."""
    begin = perf_counter()
    write_report(folder)
    seconds = perf_counter() - begin
    return [
        Figure("answers.jsonl", (folder / "answers.jsonl").stat().st_size / MEGABYTE, "MB"),
        Figure("rendering", seconds, "s", 30),
        Figure("peak memory", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEGABYTE, "MB"),
        Figure("report.html", (folder / "report.html").stat().st_size / MEGABYTE, "MB", 40),
    ]


def open_page(url: str) -> list[Figure]:
    """Seconds until the page is loaded and until the answers can be browsed; nothing where no Chromium is found."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        print("no Chromium is installed: opening was not measured\n")
        return []
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        begin = perf_counter()
        page.goto(url)
        loaded = perf_counter() - begin
        page.wait_for_selector("#browser-list tbody tr")
        shown = perf_counter() - begin
        browser.close()
    return [Figure("load event", loaded, "s", 3), Figure("first rows of answers", shown, "s", 3)]


def main() -> None:
    """Write, render, open, print."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "build/large-report")
    write_run(folder)
    figures = [*render(folder), *open_page((folder / "report.html").resolve().as_uri())]
    print("| what | measured | may take |\n| --- | --- | --- |")
    for one in figures:
        bound = "" if one.bound is None else f"{one.bound:g} {one.unit}"
        print(f"| {one.name} | {one.value:.1f} {one.unit} | {bound} |")
    sys.exit(not all(one.kept for one in figures))


if __name__ == "__main__":
    main()

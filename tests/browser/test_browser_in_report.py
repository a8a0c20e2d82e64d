"""The answer browser inside the whole report, as a run writes it."""

import json

import pytest
from synthetic import World, tree

from lab.report import write_report

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    (folder / "results.json").write_text(json.dumps(tree(120)), encoding="utf-8")
    with (folder / "answers.jsonl").open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in World(120, 60).rows())
    write_report(folder)
    return (folder / "report.html").as_uri()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [340, 768, 1280])
def test_the_page_fits_and_loads_only_itself(visit, report, width, scheme):
    page = visit(report, width=width, color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("#browser-list tbody tr").count() == 25
    page.locator("#browser-list tbody a").nth(3).click()
    page.wait_for_selector("#browser-question:visible")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_permalink_leads_to_the_answers(visit, report):
    page = visit(report + "#q=q-7")
    page.wait_for_selector("#browser-question:visible")
    assert page.locator(".browser-card").count() == 8
    assert abs(page.locator("#answers").evaluate("one => one.getBoundingClientRect().top")) < 100


def test_a_link_to_another_section_leads_there(visit, report):
    page = visit(report + "#limits")
    assert abs(page.locator("#limits").evaluate("one => one.getBoundingClientRect().top")) < 300
    assert page.locator("#browser-count").text_content() == "120 questions"

"""The whole report in a browser: order of rows, contents, paper, phones, all readers, hostile text everywhere."""

import pytest
from axe import violations
from full_result import full_tree, hostile_tree
from hostile import HOSTILE
from made_result import fake_answers, fake_result, save

from lab.report import write_report

pytestmark = pytest.mark.browser
UNFOLD = "document.querySelectorAll('details').forEach(one => { one.open = true; })"
METHODS = "#methods tbody th"


@pytest.fixture(scope="module")
def computed():
    return full_tree(fake_result(), fake_answers())


def written(folder, tree, rows):
    save(folder, tree, rows)
    write_report(folder)
    return (folder / "report.html").as_uri()


@pytest.fixture(scope="module")
def report(computed, tmp_path_factory):
    return written(tmp_path_factory.mktemp("whole"), *computed)


def column(page, place):
    return page.locator(f"#methods tbody tr td:nth-child({place})").evaluate_all(
        "cells => cells.map(cell => parseFloat(cell.firstChild.data.replace(',', '')))"
    )


def test_the_methods_can_be_put_in_order_and_the_oracle_stays_last(visit, report):
    page = visit(report)
    seconds = page.get_by_role("columnheader", name="seconds a question")
    before = column(page, 5)
    seconds.get_by_role("button").click()
    falling = column(page, 5)
    assert seconds.get_attribute("aria-sort") == "descending"
    assert falling[:-1] == sorted(before[:-1], reverse=True) != before[:-1]
    seconds.get_by_role("button").press("Enter")
    assert seconds.get_attribute("aria-sort") == "ascending"
    assert column(page, 5)[:-1] == sorted(before[:-1])
    assert page.locator(METHODS).last.text_content().startswith("Oracle")
    page.get_by_role("columnheader", name="method").first.get_by_role("button").click()
    names = page.locator(METHODS).evaluate_all("heads => heads.map(head => head.firstChild.data.trim())")
    assert names[:-1] == sorted(names[:-1])
    assert seconds.get_attribute("aria-sort") is None


def test_what_is_not_measured_stands_below_the_numbers_in_both_orders(visit, report, computed, tmp_path):
    tree = full_tree(fake_result(), fake_answers())[0]
    tree["methods"]["rag"]["build_seconds"] = None
    page = visit(written(tmp_path, tree, computed[1]))
    for _ in range(2):
        page.get_by_role("columnheader", name="build, s").get_by_role("button").click()
        built = page.locator("#methods tbody tr:not(.apart) td:last-child").all_text_contents()
        told = [text.strip() != "none" for text in built]
        assert told == sorted(told, reverse=True)
        assert not all(told)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [340, 1440])
def test_axe_finds_nothing_in_the_whole_report(visit, report, width, scheme):
    page = visit(report, width=width, color_scheme=scheme)
    assert violations(page) == []
    page.evaluate(UNFOLD)
    assert violations(page) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1024, 1280, 1440, 1920])
def test_the_report_never_scrolls_sideways(visit, report, width):
    page = visit(report, width=width)
    page.evaluate(UNFOLD)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_answer_its_picture_and_what_would_change_it_are_on_the_first_screen(visit, report):
    page = visit(report, width=1280, height=900)
    for part in (".finding", ".certainty", ".changes", ".first figure .wide svg"):
        box = page.locator(part).bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 900


def test_every_drawing_has_a_name_and_a_description(visit, report):
    page = visit(report)
    drawings = page.locator("svg.chart").evaluate_all(
        "all => all.map(one => [one.querySelector('title').textContent, one.querySelector('desc').textContent])"
    )
    assert len(drawings) > 20
    assert all(title.strip() and description.strip() for title, description in drawings)


def test_without_javascript_tables_and_charts_stay(visit, report):
    page = visit(report, ready=False, java_script_enabled=False)
    assert page.locator(METHODS).count() == 6
    assert page.locator("#methods button").count() == 0
    assert page.locator(".first figure .wide svg").is_visible()
    assert page.locator("#answers noscript").text_content().strip()
    page.locator("summary", has_text="All other pairs").click()
    assert page.locator("table", has_text="Oracle against").first.is_visible()


def test_dark_and_light_differ_and_paper_is_light(visit, report):
    ground = "getComputedStyle(document.body).backgroundColor"
    assert visit(report, color_scheme="light").evaluate(ground) == "rgb(255, 255, 255)"
    dark = visit(report, color_scheme="dark")
    assert dark.evaluate(ground) == "rgb(20, 24, 28)"
    dark.emulate_media(media="print")
    assert dark.evaluate(ground) == "rgb(255, 255, 255)"


def test_on_paper_all_is_unfolded_and_nothing_is_to_click(visit, report):
    page = visit(report)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("nav:visible, #answers:visible, .menu:visible").count() == 0
    assert (
        page.locator("main section details:not([open])").evaluate_all(
            "all => all.filter(one => !one.closest('#answers')).length"
        )
        == 0
    )
    assert page.locator("table", has_text="Oracle against").first.is_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert not page.locator("table", has_text="Oracle against").first.is_visible()


@pytest.mark.parametrize("width", [390, 1440])
def test_the_contents_lead_to_every_section(visit, report, width):
    page = visit(report, width=width)
    if width < 1000:
        page.locator(".menu summary").click()
    links = page.locator("nav:visible a")
    targets = links.evaluate_all("all => all.map(one => one.hash.slice(1))")
    sections = page.locator("main section").evaluate_all("all => all.map(one => one.id)")
    assert set(targets) == {"top", *sections}
    links.filter(has_text="Limits").click()
    assert abs(page.locator("#limits").bounding_box()["y"]) < 300


@pytest.mark.parametrize("turn", range(3))
def test_hostile_text_in_every_field_stays_text(visit, computed, report, tmp_path, turn):
    texts = (*HOSTILE[turn * 17 :], *HOSTILE[: turn * 17])
    page = visit(written(tmp_path, *hostile_tree(*computed, texts=texts)), ready=False)
    page.wait_for_selector("#browser[data-ready]")
    page.evaluate(UNFOLD)
    page.mouse.move(400, 300)
    assert page.evaluate("window.owned") is None
    assert page.locator(":is(img, iframe, video, object, embed, base, form[action], a[href^='j'])").count() == 0
    assert page.locator("[onerror], [onload], [onfocus], [onmouseover], [ontoggle], [onbegin]").count() == 0
    scripts = page.locator("script:not([id])").count()
    assert scripts == visit(report).locator("script:not([id])").count() == 2
    ragged = page.locator("table").evaluate_all(
        "all => all.filter(one => new Set([...one.rows].map(row => row.cells.length)).size > 1).length"
    )
    assert ragged == 0
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

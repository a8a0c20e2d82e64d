"""The page in a real browser: it never scrolls sideways, no error is logged, and the answer browser works."""

import json

import pytest
from chromium import Chromium, find

from lab.report import write_report

pytestmark = [pytest.mark.browser, pytest.mark.skipif(find() is None, reason="no Chromium is installed")]


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    with Chromium(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@pytest.fixture
def url(store, tree, rows):
    rows[0]["answer"] = "<img src=x onerror=\"document.title='owned'\">"
    folder = store(tree, rows)
    write_report(folder)
    return (folder / "report.html").as_uri()


def faults(browser):
    return [event for event in browser.events if event.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded")]


def requests(browser):
    sent = [
        event["params"]["request"]["url"]
        for event in browser.events
        if event.get("method") == "Network.requestWillBeSent"
    ]
    return [address for address in sent if not address.startswith("data:")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 768, 390])
def test_the_page_fits_and_loads_only_itself(chromium, url, width, scheme):
    chromium.open(url, width=width, scheme=scheme)
    assert chromium.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert faults(chromium) == []
    assert requests(chromium) == [url]
    assert chromium.evaluate("document.title") == "RAG or fine-tuning for the procedures of a ropeway operator?"
    background = chromium.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(20, 24, 28)")


def choose(browser, name, value):
    browser.evaluate(
        f"(() => {{ const field = document.getElementById('filters').elements[{json.dumps(name)}];"
        f"if (field.type === 'checkbox') field.checked = {json.dumps(value)}; else field.value = {json.dumps(value)};"
        "field.dispatchEvent(new Event('input', {bubbles: true})); })()"
    )


def shown(browser):
    return int(browser.evaluate("document.getElementById('found').textContent").split()[0])


def test_filters_count_as_the_rows_do(chromium, url, rows):
    chromium.open(url)
    assert shown(chromium) == 120
    assert chromium.evaluate("document.querySelectorAll('.item').length") == 20
    choose(chromium, "method", "rag")
    choose(chromium, "state", "wrong")
    wrong = [row for row in rows if row["method"] == "rag" and row["scores"]["exact_match"] == 0]
    assert shown(chromium) == len(wrong)
    choose(chromium, "kind", "span")
    assert shown(chromium) == sum(row["kind"] == "span" for row in wrong)


def test_disagreement_is_some_right_and_some_wrong(chromium, url, rows):
    chromium.open(url)
    choose(chromium, "disagree", True)
    verdicts = {}
    for row in rows:
        verdicts.setdefault(row["question_id"], set()).add(row["scores"]["exact_match"])
    assert shown(chromium) == sum(len(found) == 2 for found in verdicts.values())


def test_a_link_keeps_the_filter_and_a_permalink_shows_one_question(chromium, url):
    chromium.open(url)
    choose(chromium, "kind", "list")
    address = chromium.evaluate("location.href")
    chromium.open(address)
    assert shown(chromium) == 20
    chromium.open(url + "#answers?q=q-007")
    assert shown(chromium) == 1
    assert chromium.evaluate("document.querySelectorAll('.passage').length") == 3
    assert chromium.evaluate("document.querySelectorAll('.passage.is-gold').length") == 1


def test_pages_turn(chromium, url):
    chromium.open(url)
    chromium.evaluate("document.getElementById('next').click()")
    assert chromium.evaluate("document.getElementById('position').textContent") == "page 2 of 6"
    assert "page=2" in chromium.evaluate("location.hash")


def test_section_links_lead_to_sections(chromium, url):
    chromium.open(url + "#limits")
    assert chromium.evaluate("document.querySelector('nav a[href=\"#answers\"]') !== null")
    assert abs(chromium.evaluate("document.getElementById('limits').getBoundingClientRect().top")) < 900

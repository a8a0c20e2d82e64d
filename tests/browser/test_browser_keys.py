"""The whole browser by keyboard."""

import pytest

pytestmark = pytest.mark.browser


def focused(page):
    """The id of the question whose row has the focus, else the field's or element's own name."""
    return page.evaluate(
        """() => {
          const one = document.activeElement;
          return one.closest("tr")?.querySelector("bdi").textContent ?? one.name ?? one.id;
        }"""
    )


def opened(page):
    page.wait_for_selector("#browser-question:visible")
    return page.locator("#browser-question .browser-about bdi").first.text_content()


def test_j_and_k_walk_the_list_and_turn_its_pages(visit, url):
    page = visit(url + "#page=1")
    page.keyboard.press("j")
    assert focused(page) == "q-0"
    for _ in range(26):
        page.keyboard.press("j")
    assert focused(page) == "q-26"
    assert page.locator("#browser-page").text_content() == "Page 2 of 3"
    page.keyboard.press("k")
    page.keyboard.press("k")
    assert focused(page) == "q-24"


def test_enter_opens_j_goes_on_and_escape_returns_to_the_row(visit, url):
    page = visit(url + "#page=1")
    for key in ("j", "j", "Enter"):
        page.keyboard.press(key)
    assert opened(page) == "q-1"
    page.keyboard.press("j")
    page.wait_for_function("document.querySelector('#browser-question .browser-about bdi').textContent === 'q-2'")
    page.keyboard.press("k")
    page.wait_for_function("document.querySelector('#browser-question .browser-about bdi').textContent === 'q-1'")
    assert focused(page) == "browser-title"
    page.keyboard.press("Escape")
    page.wait_for_selector("#browser-list:visible")
    assert page.locator("#browser-question").is_hidden()
    assert focused(page) == "q-1"


def test_j_in_a_question_keeps_to_the_filter(visit, url, rows):
    numbers = list(dict.fromkeys(row["question_id"] for row in rows if row["kind"] == "number"))
    page = visit(f"{url}#kind=number&q={numbers[0]}")
    opened(page)
    for name in numbers[1:4]:
        page.keyboard.press("j")
        page.wait_for_function(
            "name => document.querySelector('#browser-question .browser-about bdi').textContent === name", arg=name
        )
    assert "kind=number" in page.url


def test_slash_searches_from_list_and_question(visit, url):
    page = visit(url + "#q=q-5")
    opened(page)
    page.keyboard.press("/")
    assert focused(page) == "text"
    page.keyboard.type("jk/?")
    assert page.locator("[name=text]").input_value() == "jk/?"
    assert page.locator("dialog").is_hidden()


def test_help_opens_and_closes_and_single_keys_can_be_turned_off(visit, url):
    page = visit(url + "#page=1")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard")
    assert dialog.is_visible()
    page.keyboard.press("Escape")
    assert dialog.is_hidden()
    page.get_by_role("button", name="Keyboard").click()
    dialog.get_by_label("single keys work").uncheck()
    dialog.get_by_role("button", name="Close").click()
    assert page.evaluate("document.activeElement.id") == "browser-help"
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.id") == "browser-help"


def test_keys_are_left_alone_elsewhere(visit, url):
    page = visit(url + "#page=1")
    page.keyboard.press("Control+j")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    page.get_by_role("link", name="other", exact=True).focus()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.textContent") == "other"


def test_the_list_can_be_tabbed_through(visit, url):
    page = visit(url + "#page=1")
    page.locator("#browser-list tbody a").first.focus()
    page.keyboard.press("Tab")
    assert focused(page) == "q-1"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"

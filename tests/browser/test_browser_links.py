"""The address says what is shown: links keep the filter, a permalink opens one question, going back goes back."""

import pytest

pytestmark = pytest.mark.browser


def test_a_permalink_opens_its_question(visit, url):
    page = visit(url + "#q=q-33")
    page.wait_for_selector("#browser-question:visible")
    assert page.locator("#browser-title").text_content().endswith("case 33?")
    assert page.locator("#browser-form").is_hidden()
    assert page.evaluate("document.activeElement.id") == "browser-title"
    assert "34 of 70" in page.locator("#browser-question .browser-tools").first.text_content()


def test_the_address_keeps_the_filter(visit, url):
    page = visit(url)
    page.locator("[name='m.raft']").select_option("wrong")
    page.locator("[name=text]").fill("tower & brake #1 +")
    page.locator("[name=sort]").select_option("id")
    count = page.locator("#browser-count").text_content()
    again = visit(page.url)
    assert again.locator("#browser-count").text_content() == count
    assert again.locator("[name='m.raft']").input_value() == "wrong"
    assert again.locator("[name=text]").input_value() == "tower & brake #1 +"
    assert again.locator("[name=sort]").input_value() == "id"


def test_the_address_keeps_the_page(visit, url):
    page = visit(url)
    page.get_by_role("button", name="Next page").click()
    first = page.locator("#browser-list tbody bdi").first.text_content()
    assert first == "q-25"
    assert visit(page.url).locator("#browser-list tbody bdi").first.text_content() == first


def test_going_back_leads_to_the_list_with_its_filter(visit, url):
    page = visit(url)
    page.locator("[name=kind]").select_option("span")
    count = page.locator("#browser-count").text_content()
    link = page.locator("#browser-list tbody a").nth(2)
    name = link.text_content()
    link.click()
    page.wait_for_selector("#browser-question:visible")
    assert page.locator("#browser-title").text_content() == name
    page.get_by_role("link", name="Next").click()
    page.wait_for_function("name => document.getElementById('browser-title').textContent !== name", arg=name)
    page.go_back()
    page.go_back()
    page.wait_for_selector("#browser-list:visible")
    assert page.locator("#browser-count").text_content() == count
    assert page.evaluate("document.activeElement.textContent") == name


def test_a_question_outside_the_filter_is_shown_all_the_same(visit, url, rows):
    other = next(row["question_id"] for row in rows if row["kind"] != "span")
    page = visit(f"{url}#q={other}&kind=span")
    page.wait_for_selector("#browser-question:visible")
    assert "not among the filtered" in page.locator("#browser-question").text_content()
    page.get_by_role("link", name="All questions").click()
    assert page.locator("[name=kind]").input_value() == "span"


def test_an_id_that_is_not_there_is_told(visit, url):
    page = visit(url + "#q=nobody")
    assert page.get_by_role("alert").text_content() == "No question here has the id nobody."
    assert page.locator("#browser-count").text_content() == "70 questions"


def test_values_that_nobody_offers_are_ignored(visit, url):
    page = visit(url + "#kind=%3Cb%3E&m.rag=perhaps&sort=__proto__&page=-7&cause=none&__proto__=1&disagree=yes")
    assert page.locator("#browser-count").text_content() == "70 questions"
    assert page.locator("#browser-list tbody tr").count() == 25


def test_links_of_other_sections_leave_the_answers_alone(visit, url):
    page = visit(url + "#other")
    assert page.locator("#browser-count").text_content() == "70 questions"
    page.evaluate("location.hash = '#q=q-3'")
    page.wait_for_selector("#browser-question:visible")
    page.get_by_role("link", name="other", exact=True).click()
    assert page.locator("#browser-question").is_visible()
    assert page.url.endswith("#other")

"""The page that asks, in a real browser: streamed answers side by side, marked passages, foreign text as text."""

import threading

import pytest
from made_result import fake_answers, fake_result, save

from lab.report import write_report

sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: pip install -e '.[dev]'")
pytestmark = pytest.mark.browser

XSS = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>&lt;b&gt; </script> ${1} {{1}}'
QUESTION = "When does the ferry leave?"


@pytest.fixture
def page(chromium):
    """A page that fails the test at its end where a script failed or a policy was broken."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page, faults = context.new_page(), []
    page.set_default_timeout(20_000)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert [fault for fault in faults if "status of 4" not in fault] == []


def ask(page, served, question=QUESTION):
    page.goto(f"{served.url}/ask")
    page.fill("#question", question)
    page.keyboard.press("Enter")


def card(page, method):
    return page.locator(f'.card[data-method="{method}"]')


def finished(page):
    sync_api.expect(page.locator("#send")).to_have_text("Ask")


def test_a_question_is_answered_side_by_side_and_the_passages_stand_below(page, serve):
    served = serve(raw={"closed-book": "NOT_FOUND", "rag": "at seven", "raft": "walruses"})
    ask(page, served)
    finished(page)
    assert page.locator(".turn h2").inner_text() == QUESTION
    assert [card(page, name).locator(".answer").inner_text() for name in ("closed-book", "rag", "raft")] == [
        "NOT_FOUND",
        "at seven",
        "walruses",
    ]
    assert "Declines to answer" in card(page, "closed-book").inner_text()
    assert "[1] Tarn holds the answer's one word" in card(page, "rag").inner_text()
    assert "No passage supports this answer lexically" in card(page, "raft").inner_text()
    assert page.locator(".read h3").inner_text() == "Passages read by RAG, RAFT"
    assert page.locator(".passage .text").all_inner_texts() == ["The ferry leaves at seven.", "Nobody sleeps."]
    assert page.locator("mark").all_inner_texts() == ["at seven"]
    assert "at seven" in page.locator(".gold").inner_text()
    tops = {card(page, name).bounding_box()["y"] for name in ("closed-book", "rag", "raft")}
    assert len(tops) == 1


def test_the_answer_is_seen_while_it_is_written_and_the_passages_before(page, serve):
    go = threading.Event()
    written = iter(range(3))
    served = serve(raw={"rag": "at seven"}, gate=lambda: next(written, None) is not None or go.wait(20))
    page.goto(f"{served.url}/ask")
    for name in ("closed-book", "raft"):
        page.locator(f'.pill:has(input[value="{name}"])').click()
    page.fill("#question", QUESTION)
    page.click("#send")
    sync_api.expect(card(page, "rag").locator(".answer")).to_have_text("at s")
    assert page.locator(".passage").count() == 2 and page.locator("#send").inner_text() == "Stop"
    assert page.locator(".card").count() == 1
    go.set()
    finished(page)
    assert card(page, "rag").locator(".answer").inner_text() == "at seven"


def test_stop_ends_the_writing_on_the_server(page, serve):
    served = serve(raw={"closed-book": "x" * 100_000}, gate=lambda: threading.Event().wait(0.002))
    ask(page, served)
    sync_api.expect(card(page, "closed-book").locator(".answer")).to_contain_text("x")
    page.click("#send")
    assert served.desk.stopped.wait(20)
    finished(page)
    assert page.locator("#status").inner_text() == "stopped"
    assert [name for _, name in served.desk.asked] == ["closed-book"]


def test_text_of_documents_and_models_stays_text(page, serve):
    served = serve(raw=dict.fromkeys(("closed-book", "rag", "raft"), XSS), passages=((XSS, f"{XSS} \U0001f600 {XSS}"),))
    ask(page, served, XSS)
    finished(page)
    assert card(page, "rag").locator(".answer").inner_text() == XSS
    assert page.locator(".passage .text").inner_text() == f"{XSS} \U0001f600 {XSS}"
    assert page.locator("mark").all_inner_texts() == [XSS, XSS]  # counted in code points, behind a wide character too
    assert page.locator(".turn h2").inner_text() == XSS and page.locator(".passage b").inner_text() == XSS
    assert page.evaluate("window.owned") is None and page.locator("#turns img, #turns script").count() == 0
    assert page.locator("h1").inner_text() == "Ask about ferries & <b>quays</b>"


def test_the_policy_stops_scripts_that_were_brought_in(chromium, serve):
    served = serve()
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{served.url}/ask")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.owned=1\">')")
    page.evaluate(
        "const s = document.createElement('script'); s.textContent = 'window.owned=1'; document.body.append(s)"
    )
    page.wait_for_timeout(300)
    assert page.evaluate("window.owned") is None
    context.close()


def test_a_held_card_shows_its_own_words_alone(page, serve):
    served = serve(raw={"rag": "at seven", "raft": "ferry"})
    ask(page, served)
    finished(page)
    assert page.locator("mark:not(.off)").all_inner_texts() == ["ferry", "at seven"]
    card(page, "rag").hover()
    assert page.locator("mark:not(.off)").all_inner_texts() == ["at seven"]
    page.locator("h1").hover()
    assert page.locator("mark:not(.off)").count() == 2


def test_a_question_of_the_run_is_asked_by_a_click(page, serve):
    served = serve()
    page.goto(f"{served.url}/ask")
    page.get_by_role("button", name=QUESTION).click()
    finished(page)
    assert [question for question, _ in served.desk.asked] == [QUESTION] * 3


def test_a_refusal_is_told_and_the_next_question_is_answered(page, serve):
    served = serve()
    ask(page, served, "too long")
    finished(page)
    assert "9000 tokens" in page.locator("#alert").inner_text()
    page.fill("#question", QUESTION)
    page.click("#send")
    sync_api.expect(card(page, "raft").first.locator(".answer")).to_have_text("raft says: seven")
    assert page.locator("#alert").is_hidden()


def test_without_a_method_nothing_is_asked(page, serve):
    served = serve()
    page.goto(f"{served.url}/ask")
    for pill in page.locator(".pill").all():
        pill.click()
    page.fill("#question", QUESTION)
    page.click("#send")
    assert "Choose a method" in page.locator("#alert").inner_text() and served.desk.asked == []


def test_the_report_works_where_it_is_served_and_its_link_leads_to_the_page(page, serve, tmp_path):
    save(tmp_path, fake_result(), fake_answers())
    write_report(tmp_path)
    served = serve()
    page.goto(served.url)
    page.wait_for_selector("#browser[data-ready]")
    seconds = page.get_by_role("columnheader", name="seconds a question")
    seconds.get_by_role("button").click()
    assert seconds.get_attribute("aria-sort") == "descending"
    assert page.evaluate("getComputedStyle(document.querySelector('#methods')).display") == "block"
    assert page.locator("svg.chart").first.evaluate("chart => chart.getBoundingClientRect().width") > 100
    page.get_by_role("link", name="Ask this run a question").click()
    sync_api.expect(page.locator("h1")).to_have_text("Ask about ferries & <b>quays</b>")


def test_whatever_stands_in_the_place_of_the_report_reaches_no_server(chromium, serve, tmp_path):
    tries = "fetch('/v1/models').then(() => { window.read = true; }, () => { window.refused = true; });"
    (tmp_path / "report.html").write_text(f"<html><body><script>{tries}</script></body></html>", encoding="utf-8")
    served = serve()
    context = chromium.new_context()
    page = context.new_page()
    page.goto(served.url)
    page.wait_for_function("window.read || window.refused")
    assert page.evaluate("window.read") is None
    context.close()


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (360, "dark"), (1280, "dark")])
def test_nothing_is_wider_than_the_window(chromium, serve, width, scheme):
    served = serve(raw={"rag": "y" * 300}, passages=(("t" * 120, "z" * 500),))
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    ask(page, served, "w" * 200)
    finished(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_has_no_fault_that_axe_finds(chromium, serve, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    served = serve(raw={"rag": "at seven", "closed-book": "NOT_FOUND"})
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    ask(page, served)
    finished(page)
    page.wait_for_timeout(200)
    found = axe.Axe().run(page).response["violations"]
    assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found] == []
    context.close()

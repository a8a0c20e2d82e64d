"""review.html in a browser: keys, corrections, the saved table, and what must never happen."""

import json

import pytest

from lab.synthesis.review import apply, read_review, write_review
from lab.types import Document, Evidence, Question

pytestmark = pytest.mark.browser
COUNT = 2_000
EVIL = "<img src=x onerror=document.title='hit'>"


def make_questions(count):
    documents, questions = [], []
    for place in range(count):
        text = f"Before {EVIL}. The cabin K{place} weighs {place} kg, as we know.\n\nAfter."
        start = text.index(f"{place} kg")
        documents.append(Document(f"d{place}", f"Cabin K{place}", text))
        evidence = (Evidence(f"d{place}", start, start + len(f"{place} kg")),)
        questions.append(
            Question(f"q{place}", f"How heavy is K{place}?", (f"{place} kg",), "number", evidence, synthetic="template")
        )
    return tuple(questions), tuple(documents)


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("review")
    questions, documents = make_questions(COUNT)
    write_review(folder, questions, documents)
    return folder, questions, documents


@pytest.fixture
def page(chromium, reviewed):
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    found = context.new_page()
    found.complaints = []
    found.on("console", lambda message: found.complaints.append(message.text))
    found.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.on("request", lambda one: one.url.startswith(("http", "ws")) and found.complaints.append(one.url))
    found.goto((reviewed[0] / "review.html").as_uri())
    yield found
    assert found.complaints == []
    context.close()


def save(page, folder):
    with page.expect_download() as download:
        page.click("#save")
    assert download.value.suggested_filename == "review.csv"
    download.value.save_as(folder / "saved.csv")
    return folder / "saved.csv"


def test_keys_decide_and_the_saved_table_says_so(page, reviewed):
    folder, questions, documents = reviewed
    page.keyboard.press("y")
    page.keyboard.press("n")
    page.keyboard.press("e")
    page.keyboard.press("End")
    page.keyboard.type(" Say it.")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type('=K3 | heavy, "quite"')
    page.keyboard.press("Enter")
    assert page.inner_text("#counts") == f"4 of {COUNT} looked at: 3 accepted (2 corrected), 1 turned away"
    applied = apply(questions, read_review(save(page, folder), questions, documents))
    assert [one.id for one in applied.removed] == ["q1"]
    assert (applied.accepted, applied.changed) == (3, 2)
    first, third, fourth = applied.questions[:3]
    assert first.text == questions[0].text and first.synthetic == "template, reviewed"
    assert third.text == "How heavy is K2? Say it."
    assert fourth.answers == ("=K3", 'heavy, "quite"') and fourth.evidence == (Evidence("d3"),)
    assert applied.questions[3:] == questions[4:]


def test_undo_takes_everything_back(page, reviewed):
    folder, questions, documents = reviewed
    page.keyboard.press("e")
    page.keyboard.type("x")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.press("k")
    page.keyboard.press("u")
    assert page.inner_text("#counts").startswith("0 of")
    assert apply(questions, read_review(save(page, folder), questions, documents)).questions == questions


def test_the_answer_is_marked_and_markup_stays_text(page):
    assert page.locator("mark").first.inner_text() == "0 kg"
    assert EVIL in page.locator("blockquote").first.inner_text()
    assert page.title() == f"Review of {COUNT} questions"
    assert page.locator("img").count() == 0


def test_filters_search_and_pages(page):
    assert page.locator(".card").count() == 20
    page.click("#next")
    assert page.locator(".card").first.get_attribute("aria-label") == "Question 21"
    page.fill("#search", "k1999")
    assert page.inner_text("#found") == "1 question"
    page.locator(".accept").click()
    page.fill("#search", "")
    page.select_option("#show", "yes")
    assert page.inner_text("#found") == "1 question"
    page.select_option("#show", "open")
    assert page.inner_text("#found") == f"{COUNT - 1} questions"


def test_work_outlives_a_reload(page):
    page.keyboard.press("n")
    page.reload()
    assert page.inner_text("#counts").endswith("1 turned away")


def test_keys_can_be_turned_off_and_typing_decides_nothing(page):
    page.locator("textarea").first.focus()
    page.keyboard.type("yn")
    assert "0 turned away" in page.inner_text("#counts")
    page.keyboard.press("Escape")
    page.click("header summary")
    page.uncheck("#keys")
    page.keyboard.press("n")
    assert "0 turned away" in page.inner_text("#counts")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_is_cut_off_and_nobody_is_kept_out(chromium, reviewed, width, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto((reviewed[0] / "review.html").as_uri())
    page.keyboard.press("y")
    page.keyboard.press("n")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = axe.Axe().run(page, options={"runOnly": tags}).response["violations"]
    assert [(one["id"], json.dumps(one["nodes"])[:300]) for one in found] == []
    context.close()

"""Light, dark, on paper, on phones, and without what the browser needs; nothing that keeps readers out."""

import pytest
from axe import violations
from browser_shell import save

pytestmark = pytest.mark.browser
OPEN = "#q=q-33"
WIDTHS = [340, 390, 768, 1280, 1600]


def show(visit, url, **options):
    page = visit(url, **options)
    if "#q=" in url:
        page.wait_for_selector("#browser-question:visible")
    page.evaluate("document.querySelectorAll('#browser details').forEach(one => { one.open = true; })")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("place", "width"), [("", 1280), (OPEN, 1280), ("", 340), (OPEN, 340)])
def test_axe_finds_nothing(visit, url, place, width, scheme):
    assert violations(show(visit, url + place, width=width, color_scheme=scheme)) == []


def test_axe_finds_nothing_in_the_help(visit, url):
    page = visit(url)
    page.get_by_role("button", name="Keyboard").click()
    assert violations(page) == []


@pytest.mark.parametrize("place", ["", OPEN])
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_scrolls_sideways(visit, url, place, width):
    page = show(visit, url + place, width=width)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("place", ["", OPEN])
@pytest.mark.parametrize("width", [340, 1280])
def test_targets_are_large_enough(visit, url, place, width):
    page = show(visit, url + place, width=width)
    small = page.evaluate(
        """() => [...document.querySelectorAll('#browser :is(a, button, select, input, summary)')]
          .filter(one => one.checkVisibility())
          .map(one => [one.textContent, one.closest('label.browser-check') ?? one])
          .map(([text, one]) => [text, one.getBoundingClientRect()])
          .filter(([, box]) => box.height < 24 || box.width < 24).map(([text, box]) => [text, box.width, box.height])"""
    )
    assert small == []


def test_dark_is_dark(visit, url):
    def shade(page, place):
        return page.locator(place).first.evaluate(
            "one => getComputedStyle(one).backgroundColor.match(/[0-9.]+/g).map(Number)"
        )

    for scheme, is_dark in (("dark", True), ("light", False)):
        page = visit(url, color_scheme=scheme)
        for place in ("#browser-form", "[name=text]", "[name=sort]", "#browser-help"):
            assert (sum(shade(page, place)[:3]) < 200) == is_dark


def test_on_paper_the_browser_is_left_out(visit, url):
    page = visit(url)
    page.emulate_media(media="print")
    assert page.locator("#browser").is_hidden()
    assert page.get_by_role("heading", name="Shell").is_visible()


def test_without_javascript_a_sentence_says_where_the_rows_are(visit, url):
    page = visit(url, ready=False, java_script_enabled=False)
    assert page.locator("noscript").text_content() == (
        "Browsing needs JavaScript, which is off. The file answers.jsonl beside this page holds the same rows."
    )
    assert page.locator("noscript p").is_visible()
    assert page.locator("#browser-form").is_hidden()


def test_an_old_browser_is_told(visit, url):
    page = visit(url, ready=False, init="delete window.DecompressionStream")
    page.wait_for_selector("#browser-failure:visible")
    assert "cannot unpack the answers" in page.get_by_role("alert").text_content()
    assert "answers.jsonl" in page.get_by_role("alert").text_content()
    assert page.locator("#browser-form").is_hidden()


@pytest.mark.parametrize("island", ["browser-index-0", "browser-head"])
def test_a_damaged_page_is_told(visit, rows, tmp_path, island):
    save(tmp_path, rows)
    path = tmp_path / "page.html"
    before, after = path.read_text(encoding="utf-8").split(f'id="{island}">', 1)
    path.write_text(f'{before}id="{island}">{after[:40]}{after[60:]}', encoding="utf-8")
    page = visit(path.as_uri(), ready=False)
    page.wait_for_selector("#browser-failure:visible")
    assert "damaged" in page.get_by_role("alert").text_content()


def test_a_damaged_question_is_told(visit, rows, tmp_path):
    save(tmp_path, rows)
    path = tmp_path / "page.html"
    before, after = path.read_text(encoding="utf-8").split('id="browser-detail-0">', 1)
    path.write_text(f'{before}id="browser-detail-0">{after[:40]}{after[60:]}', encoding="utf-8")
    page = visit(path.as_uri())
    page.locator("#browser-list tbody a").first.click()
    page.wait_for_selector("#browser-failure:visible")
    assert page.locator("#browser-list").is_visible()
    assert page.locator("#browser-question").is_hidden()


def test_counts_are_announced(visit, url):
    page = visit(url)
    page.locator("[name=text]").fill("tower")
    status = page.get_by_role("status").filter(has_text="of 70 questions")
    assert status.count() == 1
    page.locator("[name=text]").fill("")
    page.get_by_role("button", name="Next page").click()
    assert page.locator("#browser-said").text_content() == "Page 2 of 3"


def test_a_run_of_one_method_and_no_documents_offers_only_what_there_is(visit, tmp_path):
    from browser_shell import row

    page = visit(save(tmp_path, [row(cluster=None)]))
    for name in ("doc", "kind", "cause", "disagree"):
        assert page.locator(f"[name={name}]").count() == 0
    assert page.locator("#browser-count").text_content() == "1 question"
    assert page.locator("#browser-pager").is_hidden()

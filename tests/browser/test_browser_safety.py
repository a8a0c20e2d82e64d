"""Text from documents and models is shown and does nothing."""

from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from browser_shell import hit, row, save
from hostile import HOSTILE

pytestmark = pytest.mark.browser


def hostile_rows():
    for number, text in enumerate(HOSTILE):
        other = HOSTILE[number - 1]
        yield row(
            f"{number} {text}", question=text, gold=[text, other], answer=other, raw=f"{text}\n{other}", kind=text,
            cluster=text, cause=other, error=text, hits=[hit(f"{text} {other}", document=text, title=other)],
            scores={"token_f1": 0.0, "exact_match": 0.0, "contains": 0.0},
        )  # fmt: skip
        yield row(f"{number} {text}", f"method {number % 3} {HOSTILE[number % 3]}", answer=text)


@pytest.fixture(scope="module")
def hostile_url(tmp_path_factory):
    return save(tmp_path_factory.mktemp("hostile"), hostile_rows())


def test_hostile_text_stays_text_in_the_list(visit, hostile_url):
    page = visit(hostile_url)
    seen = page.locator("#browser-list tbody a").all_text_contents()
    page.get_by_role("button", name="Next page").click()
    seen += page.locator("#browser-list tbody a").all_text_contents()
    assert seen == [text.strip() for text in HOSTILE]
    assert page.evaluate("window.owned") is None


def test_hostile_text_stays_text_in_every_question(visit, hostile_url):
    page = visit(hostile_url)
    for number, text in enumerate(HOSTILE):
        other = HOSTILE[number - 1]
        page.evaluate("id => { location.hash = String(new URLSearchParams({ q: id })); }", f"{number} {text}")
        page.wait_for_function(
            "id => document.querySelector('#browser-question .browser-about bdi')?.textContent === id",
            arg=f"{number} {text}",
        )
        page.evaluate("document.querySelectorAll('#browser-question details').forEach(one => { one.open = true; })")
        assert page.locator("#browser-title").text_content() == text.strip()
        assert page.locator(".browser-gold bdi").all_text_contents() == [text, other]
        assert page.locator(".browser-card pre").first.text_content() == f"{text}\n{other}"
        body = page.locator(".browser-text").evaluate(
            "text => [...text.childNodes].map(one => (one.lastChild ?? one).data).join('')"
        )
        assert body == f"{text} {other}"
    assert page.evaluate("window.owned") is None
    assert page.locator("#browser :is(img, svg, iframe, video, object, embed, base, meta, link, style)").count() == 0
    assert page.locator("#browser script, #browser [onerror], #browser [onload], #browser [onfocus]").count() == 0
    links = page.locator("#browser a").evaluate_all("all => all.map(one => one.getAttribute('href')[0])")
    assert set(links) == {"#"}


def test_hostile_kinds_and_causes_filter_as_others_do(visit, hostile_url):
    page = visit(hostile_url)
    page.locator("[name=kind]").select_option(HOSTILE[0])
    assert page.locator("#browser-count").text_content() == f"1 of {len(HOSTILE)} questions"
    assert page.locator("#browser-list tbody a").text_content() == HOSTILE[0]


def test_no_island_holds_a_character_of_markup(hostile_url):
    text = Path(unquote(urlparse(hostile_url).path)).read_text(encoding="utf-8")
    islands = text.split('<script type="application/octet-stream"')[1:]
    assert len(islands) == 4
    for island in islands:
        body = island.split(">", 1)[1].split("</script>", 1)[0]
        assert body.isascii()
        assert not set(body) & set("<>&\"'\\ ")


def test_the_policy_lets_no_other_script_run(chromium, url):
    page = chromium.new_page()
    refused = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(url)
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "window.owned = 1";
          const button = document.createElement("button");
          button.setAttribute("onclick", "window.owned = 1");
          document.body.append(script, button);
          button.click();
        }"""
    )
    assert page.evaluate("window.owned") is None
    assert len(refused) == 2
    assert all("Content Security Policy" in text for text in refused)
    page.close()

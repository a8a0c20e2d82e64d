"""What one question shows: the words that differ, what stands in the passages, every score and every raw output."""

import pytest
from browser_shell import hit, row, save

from lab.rounding import DASH

pytestmark = pytest.mark.browser
TEXT = "The cabins 🚡 are old. Each cabin holds eight people. The rear hook is for cycles, not for eight people's bags."


@pytest.fixture
def opened(visit, tmp_path):
    """Opens the first question of some rows."""

    def open_question(*rows, **options):
        page = visit(f"{save(tmp_path, rows)}#q={rows[0]['question_id']}", **options)
        page.wait_for_selector("#browser-question:visible")
        return page

    return open_question


def wrong(answer, gold, **more):
    scores = {"token_f1": 0.4, "exact_match": 0.0, "contains": 0.0}
    return row(answer=answer, gold=gold, scores=scores, cause="wrong reading", **more)


def pieces(page):
    """The answer as (tag, text) pairs."""
    return page.locator(".browser-answer").first.evaluate(
        "answer => [...answer.children].map(one => [one.tagName, one.textContent])"
    )


@pytest.mark.parametrize(
    ("answer", "gold", "expected"),
    [
        (
            "the rear rack of the cabin",
            ["the rear hook of every third cabin"],
            [
                ["SPAN", "the rear"],
                ["DEL", "missing: hook"],
                ["INS", "added: rack"],
                ["SPAN", "of the"],
                ["DEL", "missing: every third"],
                ["SPAN", "cabin"],
            ],
        ),
        ("Eight!", ["eight"], [["SPAN", "Eight!"]]),
        ("eight or nine", ["eight"], [["SPAN", "eight"], ["INS", "added: or nine"]]),
        ("nine people", ["eight people", "nine people", "nine"], [["SPAN", "nine people"]]),
        ("nobody knows", ["eight people"], [["INS", "added: nobody knows"]]),
        ("東京駅", ["東京都"], [["SPAN", "東京"], ["DEL", "missing: 都"], ["INS", "added: 駅"]]),
    ],
)
def test_words_are_compared_with_the_nearest_gold(opened, answer, gold, expected):
    assert pieces(opened(wrong(answer, gold))) == expected


def test_added_and_missing_differ_by_more_than_colour(opened):
    page = opened(wrong("the rear rack", ["the rear hook"]))
    line = "one => getComputedStyle(one).textDecorationLine"
    assert page.locator(".browser-answer ins").evaluate(line) == "underline"
    assert page.locator(".browser-answer del").evaluate(line) == "line-through"


def test_an_unanswerable_question_and_an_empty_answer_are_told(opened):
    page = opened(row(gold=[], answer=""))
    assert "none: the documents do not answer this" in page.locator(".browser-gold").text_content()
    assert page.locator(".browser-answer").text_content() == "(empty)"


def test_passages_show_the_gold_span_and_the_words_of_the_answer(opened):
    start = TEXT.index("holds eight people")  # in code points: the cable car before it is one
    hits = [hit(TEXT, gold=True, spans=[[start, start + 18], [5, 9999]]), hit("Nothing here.", 2, title="d")]
    page = opened(wrong("eight people", ["eight"], hits=hits))
    gold = page.locator(".browser-passage mark.is-gold").evaluate_all(
        "all => all.map(one => one.lastChild.data).join('')"
    )
    assert gold == "holds eight people"
    said = page.locator(".browser-passage mark.is-said").evaluate_all("all => all.map(one => one.lastChild.data)")
    assert said == ["eight people"]  # the whole answer stands there once; "eight people's" is another word
    assert page.locator(".browser-passage").first.get_attribute("class") == "browser-passage is-gold"
    assert "gold evidence" in page.locator(".browser-read .browser-legend").text_content()
    assert "2. d · score 0.500" in page.locator(".browser-head").nth(1).text_content()
    body = page.locator(".browser-text").first.evaluate(
        "text => [...text.childNodes].map(one => (one.lastChild ?? one).data).join('')"
    )
    assert body == TEXT


def test_older_runs_without_spans_mark_the_gold_answer(opened):
    page = opened(wrong("hook bags", ["The rear hook"], hits=[hit(TEXT)]))
    marks = page.locator(".browser-passage mark").evaluate_all(
        "all => all.map(one => [one.className, one.lastChild.data])"
    )
    assert marks == [["is-gold", "rear "], ["is-gold is-said", "hook"], ["is-said", "bags"]]
    assert "gold answer" in page.locator(".browser-read .browser-legend").text_content()


def test_readers_of_the_same_passages_share_them_and_choose_whose_words_are_marked(opened):
    both = [hit(TEXT)]
    page = opened(
        wrong("hook", ["eight"], hits=both),
        wrong("bags", ["eight"], hits=both, method="raft", seed=1),
        wrong("cycles", ["eight"], hits=both, method="raft", seed=2),
        wrong("old", ["eight"], hits=[hit("All is old.")], method="oracle"),
    )
    summaries = page.locator(".browser-reading summary").all_text_contents()
    assert summaries == ["1 passage read by RAG, RAFT", "1 passage read by Oracle"]
    choice = page.locator(".browser-reading select")
    assert choice.locator("option").all_text_contents() == ["RAG", "RAFT, seed 1", "RAFT, seed 2"]
    assert page.locator("mark.is-said:visible").last.text_content() == "hook"
    choice.select_option("RAFT, seed 2")
    assert page.locator(".browser-passage mark.is-said:visible").text_content() == "cycles"


def test_runs_stand_under_their_method(opened):
    page = opened(
        row(method="raft", seed=2),
        row(method="raft", seed=1, answer="seven", scores={"token_f1": 0.0, "exact_match": 0.0, "contains": 0.0}),
        row(method="rag"),
    )
    cards = page.locator(".browser-card")
    assert cards.locator("h4").all_text_contents() == ["RAFT", "RAG"]
    assert cards.first.locator(".browser-badge").text_content() == "1 of 2 runs right"
    assert cards.first.locator(".browser-points").text_content() == "token F1 0.500"
    seeds = cards.first.locator(".browser-seed").all_text_contents()
    assert [text.split(" ✓")[0].split(" ✗")[0] for text in seeds] == ["seed 1", "seed 2"]
    assert "wrong" in seeds[0]


def test_scores_tokens_seconds_cause_and_notes_are_told(opened):
    scores = {"token_f1": 2 / 3, "exact_match": 0.0, "contains": 1.0, "numeric_match": None, "bleu": 0.0049}
    page = opened(
        row(answer="about eight", raw="about eight\n\n<b>and</b> more", scores=scores, cause="format", truncated=True,
            passages_dropped=2, error="out of patience"),
        row(method="oracle", tokens=None, seconds=None),
    )  # fmt: skip
    facts = page.locator(".browser-card").first.locator(".browser-facts span").all_text_contents()
    assert facts == [
        "cause: format", "right because it contains a gold answer", "402 tokens in", "6 out", "0.123 s",
        "cut off at the token limit", "2 passages dropped to fit the prompt", "error: out of patience",
    ]  # fmt: skip
    page.get_by_text("All scores, tokens and seconds").click()
    table = page.locator(".browser-scores tbody tr").evaluate_all(
        "all => all.map(one => [...one.cells].map(c => c.textContent))"
    )
    assert table == [
        ["token F1", "0.667", "1.000"], ["exact match", "0.000", "1.000"], ["contains (lenient)", "1.000", "1.000"],
        ["BLEU", "0.005", DASH], ["tokens in", "402", DASH], ["tokens out", "6", DASH], ["seconds", "0.123", DASH],
    ]  # fmt: skip
    page.get_by_text("Raw output").click()
    assert page.locator(".browser-card pre").all_text_contents() == ["about eight\n\n<b>and</b> more"]


def test_what_makes_an_answer_right_is_told(opened):
    scores = {"exact_match": 0.0, "contains": 0.0, "label_accuracy": 1.0, "wrong": 0.0, "abstained": 0.0}
    declined = scores | {"label_accuracy": 0.0, "contains": 1.0, "abstained": 1.0}
    page = opened(
        row(method="raft", answer="A) 12", gold=["A"], scores=scores),
        row(method="rag", answer="NOT_FOUND", gold=["A"], scores=declined),
    )
    cards = page.locator(".browser-card")
    assert "right by its label" in cards.first.locator(".browser-facts span").all_text_contents()
    assert cards.first.locator(".browser-badge").text_content() == "✓ right"
    assert cards.nth(1).locator(".browser-badge").text_content() == "✗ wrong"
    assert "right" not in cards.nth(1).locator(".browser-facts").text_content()


def test_a_method_that_did_not_answer_a_question_has_no_card(visit, tmp_path):
    url = save(tmp_path, [row("q-1"), row("q-1", "oracle"), row("q-2")])
    page = visit(url + "#q=q-2")
    page.wait_for_selector("#browser-question:visible")
    assert page.locator(".browser-card h4").all_text_contents() == ["RAG"]
    page.keyboard.press("Escape")
    page.locator("[name='m.oracle']").select_option("wrong")
    assert page.locator("#browser-count").text_content() == "0 of 2 questions"


def test_very_long_answers_are_shown_without_a_comparison(opened):
    long = " ".join(f"w{number}" for number in range(3000))
    page = opened(wrong(long, [" ".join(f"w{number}" for number in range(0, 3000, 2))]))
    assert page.locator(".browser-answer").text_content() == long
    assert page.locator(".browser-answer ins").count() == 0


def test_a_question_that_no_person_wrote_says_so(opened):
    page = opened(
        wrong("one", ["two"], question_id="q-1", synthetic="<b>cloze</b>"), wrong("a", ["b"], question_id="q-2")
    )
    about = page.locator("#browser-question .browser-about")
    assert about.inner_text().endswith("synthetic, written by <b>cloze</b>")
    page.keyboard.press("j")
    page.wait_for_function("location.hash.includes('q-2')")
    assert "synthetic" not in about.inner_text()
    page.keyboard.press("Escape")
    page.wait_for_selector("#browser-list:visible")
    marked = page.locator("#browser-list th .browser-about").all_inner_texts()
    assert ["synthetic" in text for text in marked] == [True, False]

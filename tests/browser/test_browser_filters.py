"""Every filter leaves the questions that the rows say, every order is that of the rows."""

import re
from statistics import fmean

import pytest

pytestmark = pytest.mark.browser
COUNT, ALL = "#browser-count", "70 questions"


def shown(page):
    """The ids of the questions that are left, over all pages of the list."""
    ids = page.locator("#browser-list tbody bdi").all_text_contents()
    following = page.locator("#browser-pager [data-turn='1']")
    while following.is_visible() and following.get_attribute("aria-disabled") == "false":
        following.click()
        ids += page.locator("#browser-list tbody bdi").all_text_contents()
    said = page.locator(COUNT).text_content()
    assert said == (ALL if len(ids) == 70 and "of" not in said else f"{len(ids)} of {ALL}")
    return ids


def choose(page, **wanted):
    """Fill the form; names with a dot as m_rag."""
    for name, value in wanted.items():
        field = page.locator(f"#browser-form [name='{name.replace('m_', 'm.')}']")
        if value is True:
            field.check()
        elif field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def questions(rows):
    """Rows by question, in file order."""
    found = {}
    for row in rows:
        found.setdefault(row["question_id"], []).append(row)
    return found


def is_right(row):
    return row["scores"]["exact_match"] == 1 or row["scores"]["contains"] == 1


def share(answers, method):
    return fmean(is_right(row) for row in answers if row["method"] == method)


def those(rows, test):
    return [key for key, answers in questions(rows).items() if test(answers)]


def test_without_a_filter_all_questions_come_in_file_order(visit, url, rows):
    page = visit(url)
    assert page.locator("#browser-list tbody tr").count() == 25
    assert shown(page) == list(questions(rows))


@pytest.mark.parametrize("method", ["rag", "raft", "closed-book", "oracle"])
@pytest.mark.parametrize(("wanted", "value"), [("right", 1.0), ("wrong", 0.0)])
def test_a_method_is_right_or_wrong_in_all_its_runs(visit, url, rows, method, wanted, value):
    page = visit(url)
    choose(page, **{f"m_{method}": wanted})
    expected = those(rows, lambda answers: share(answers, method) == value)
    assert 0 < len(expected) < 70
    assert shown(page) == expected


def test_training_runs_may_differ(visit, url, rows):
    page = visit(url)
    choose(page, m_raft="mixed")
    expected = those(rows, lambda answers: 0 < share(answers, "raft") < 1)
    assert 0 < len(expected) < 70
    assert shown(page) == expected
    assert page.locator("[name='m.rag'] option").all_text_contents() == ["right or wrong", "right", "wrong"]


def test_methods_disagree_where_one_is_always_right_and_one_always_wrong(visit, url, rows):
    page = visit(url)
    choose(page, disagree=True)

    def disagree(answers):
        shares = {share(answers, method) for method in ("rag", "raft", "closed-book", "oracle")}
        return {0.0, 1.0} <= shares

    assert shown(page) == those(rows, disagree)


@pytest.mark.parametrize("by", ["", "rag", "raft"])
def test_a_cause_of_any_method_or_of_one(visit, url, rows, by):
    page = visit(url)
    choose(page, cause="retrieval miss", by=by)
    expected = those(
        rows, lambda answers: any(r["cause"] == "retrieval miss" and by in ("", r["method"]) for r in answers)
    )
    assert 0 < len(expected) < 70
    assert shown(page) == expected


def test_kinds_and_documents(visit, url, rows):
    page = visit(url)
    choose(page, kind="number")
    assert shown(page) == those(rows, lambda answers: answers[0]["kind"] == "number")
    choose(page, kind="", doc="doc-1")  # one document has this very name; doc-10 and on are others
    assert shown(page) == ["q-4", "q-5", "q-6", "q-7"]
    choose(page, doc="DOC-1")
    assert shown(page) == those(rows, lambda answers: "doc-1" in answers[0]["cluster"])
    assert page.locator("#browser-documents option").count() == 9  # doc-1, doc-10 to doc-17


@pytest.mark.parametrize(
    "text", ["tower", "CABLE tower", "valley 3", '"the brake', "q-61", "not_found", "É", "zzz", '"']
)
def test_search_needs_every_word_somewhere(visit, url, rows, text):
    page = visit(url)
    choose(page, text=text)
    terms = ["the brake"] if text.startswith('"the') else [] if text == '"' else text.lower().split()

    def holds(answers):
        first = answers[0]
        texts = (first["question_id"], first["question"], *first["gold"], *(row["answer"] for row in answers))
        return all(term in "\n".join(texts).lower() for term in terms)

    expected = those(rows, holds)
    assert shown(page) == expected
    if not expected:
        assert "No question fits" in page.locator("#browser-list").text_content()


def test_filters_add_up_and_are_cleared_together(visit, url, rows):
    page = visit(url)
    choose(page, m_rag="wrong", m_oracle="right", kind="span", text="tower")

    def fits(answers):
        first = answers[0]
        text = " ".join([first["question"], *first["gold"], *(row["answer"] for row in answers)]).lower()
        return (
            share(answers, "rag") == 0 and share(answers, "oracle") == 1 and first["kind"] == "span" and "tower" in text
        )

    expected = those(rows, fits)
    assert expected
    assert shown(page) == expected
    assert page.locator("#browser-active").text_content() == "(3)"
    page.get_by_role("button", name="Clear filters").click()
    assert page.locator(COUNT).text_content() == ALL
    assert page.locator("#browser-active").text_content() == ""


def test_order_by_id_counts_digits_by_value(visit, url, rows):
    page = visit(url)
    choose(page, text="q-", sort="id")
    assert shown(page) == sorted(questions(rows), key=lambda key: int(key[2:]))


def test_order_by_score_puts_the_worst_first(visit, url, rows):
    page = visit(url)
    choose(page, sort="m.raft")
    means = {
        key: fmean(row["scores"]["token_f1"] for row in answers if row["method"] == "raft")
        for key, answers in questions(rows).items()
    }
    expected = sorted(means, key=lambda key: round(means[key], 3))  # stable: equals stay in file order
    assert page.locator("#browser-list .browser-score").first.text_content() == f"{means[expected[0]]:.3f}"
    assert shown(page) == expected


def test_order_by_disagreement_puts_even_splits_first(visit, url, rows):
    page = visit(url)
    choose(page, sort="disagree")

    def evenness(answers):
        right = sum(share(answers, method) for method in ("rag", "raft", "closed-book", "oracle"))
        return min(right, 4 - right)

    by_question = questions(rows)
    found = [evenness(by_question[key]) for key in shown(page)]
    assert found == pytest.approx(sorted(found, reverse=True))
    assert found[0] == 2


def test_marks_tell_how_many_runs_were_right(visit, url, rows):
    page = visit(url)
    for line, answers in zip(page.locator("#browser-list tbody tr").all()[:10], questions(rows).values(), strict=False):
        marks = [re.sub(r"\s+", " ", text) for text in line.locator(".browser-mark").all_text_contents()]
        good = sum(is_right(row) for row in answers if row["method"] == "raft")
        assert marks[0] == {0: "✗wrong", 3: "✓right"}.get(good, f"{good}/3{good} of 3 runs right")
        assert marks[1] == ("✓right" if share(answers, "rag") else "✗wrong")

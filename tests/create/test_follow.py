"""Evidence moves with its text; what the documents no longer hold is set aside, and comes back when they do."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lab.corpus.fields import collapse
from lab.create.follow import LOST, Follower, Row
from lab.types import Document

TEXT = (
    "The brake of the cabin is tested daily. Pads are changed after 400 hours by two people. Doors close in 4 seconds."
)


def documents(**texts: str) -> dict[str, Document]:
    return {id: Document(id, id, text) for id, text in texts.items()}


def question(quote: str = "400 hours", document: str = "d", text: str = TEXT, **more: Any) -> Row:
    start = text.index(quote)
    evidence = [{"document": document, "start": start, "end": start + len(quote)}]
    return {"id": "q", "question": "?", "answers": [quote], "kind": "span", "evidence": evidence, **more}


def quoted(row: Row | None, after: dict[str, Document]) -> list[str]:
    assert row is not None
    return [f"{one['document']}: {after[one['document']].text[one['start'] : one['end']]}" for one in row["evidence"]]


@pytest.mark.parametrize(
    "now",
    [
        "A new first line.\n\n" + TEXT,
        TEXT.replace("The brake of the cabin is tested daily. ", ""),
        TEXT + " It lasted 400 hours.",
        "After 400 hours of work there is tea. " + TEXT,
        TEXT.replace("by two people", "by three people and a dog"),
        TEXT.replace("400 hours", "400\n hours"),
    ],
)
def test_offsets_follow_their_words(now: str) -> None:
    after = documents(d=now)
    followed = Follower(documents(d=TEXT), after).follow([question()])
    (found,) = quoted(followed.rows[0], after)
    assert " ".join(found.split()) == "d: 400 hours"
    place = followed.rows[0]["evidence"][0]["start"]  # type: ignore[index]
    assert now[:place].endswith("Pads are changed after ")
    assert followed.aside == ()


def test_what_did_not_change_is_left_alone() -> None:
    row = question()
    followed = Follower(documents(d=TEXT, e="x"), documents(d=TEXT, e="y")).follow([row])
    assert followed.rows == (row,) and followed.moved == ()


def test_a_fact_that_changed_does_not_move_to_the_same_words_elsewhere() -> None:
    now = TEXT.replace("400 hours", "300 hours") + " The rope was spliced 400 hours ago."
    followed = Follower(documents(d=TEXT), documents(d=now)).follow([question()])
    assert followed.rows == (None,)
    assert followed.aside[0].reason == '"400 hours" no longer stands in d among the same words'


def test_a_renamed_document_takes_its_questions_along() -> None:
    rows = [question(), {"id": "u", "question": "?", "answers": [], "evidence": [], "document": "d"}]
    followed = Follower(documents(d=TEXT), documents(new=TEXT)).follow(rows)
    assert [row["evidence"] for row in followed.rows if row] == [[{**rows[0]["evidence"][0], "document": "new"}], []]
    assert followed.rows[1] and followed.rows[1]["document"] == "new"
    assert followed.moved == ("q", "u")


def test_a_text_that_went_into_another_document_takes_its_questions_along() -> None:
    after = documents(all="Preface. " + TEXT, other="400 hours")
    followed = Follower(documents(d=TEXT), after).follow([question()])
    assert quoted(followed.rows[0], after) == ["all: 400 hours"]


def test_a_text_that_is_in_two_other_documents_is_in_neither() -> None:
    followed = Follower(documents(d=TEXT), documents(e="A. " + TEXT, f="B. " + TEXT)).follow([question()])
    assert followed.rows == (None,)
    assert followed.aside[0].reason.startswith("its document is gone: d")


def test_a_question_set_aside_comes_back_with_its_text() -> None:
    row = question(group="g", synthetic="template")
    gone = documents(d="Nothing of it.")
    aside = Follower(documents(d=TEXT), gone).follow([row]).aside[0].row
    assert Follower(gone, documents(d="Still nothing.")).bring_back([aside]).rows == (None,)
    after = documents(d="Once more. " + TEXT)
    (back,) = Follower(gone, after).bring_back([aside]).rows
    assert quoted(back, after) == ["d: 400 hours"]
    assert back and {**back, "evidence": row["evidence"]} == row and LOST not in back


def test_whole_documents_count_by_their_answers() -> None:
    whole = {**question(), "evidence": [{"document": "d"}]}
    follower = Follower(documents(d=TEXT), documents(d=TEXT.replace("400", "300")))
    assert follower.follow([whole]).aside[0].reason == "its answer no longer stands in d"
    label = {**whole, "answers": ["yes"], "kind": "yes-no"}
    assert follower.follow([label]).rows == (label,)


def test_a_question_without_its_document_is_set_aside() -> None:
    row = {"id": "u", "question": "?", "answers": [], "evidence": [], "document": "d"}
    followed = Follower(documents(d=TEXT), documents(e="x")).follow([row])
    assert followed.aside[0].reason == "its document is gone: d"
    (back,) = Follower(documents(e="x"), documents(d="again")).bring_back([followed.aside[0].row]).rows
    assert back == row


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, int, int, str]:
    """A text, start and end of evidence in it, and the text after one edit."""
    text = draw(st.text(st.sampled_from("ab 4.\n"), min_size=5, max_size=60))
    start = draw(st.integers(0, len(text) - 2))
    end = draw(st.integers(start + 1, min(len(text), start + 12)))
    at, gone = draw(st.integers(0, len(text))), draw(st.integers(0, 20))
    return text, start, end, text[:at] + draw(st.text(st.sampled_from("ab 4.\n"), max_size=20)) + text[at + gone :]


@settings(max_examples=300)
@given(edit=edits())
@example(edit=(" 4444444.", 0, 9, "4444444."))
@example(edit=("a 4.", 0, 4, "a  4"))  # the stop is gone, and nothing else
def test_whatever_changes_evidence_never_quotes_something_else(edit: tuple[str, int, int, str]) -> None:
    text, start, end, now = edit
    row = {"id": "q", "question": "?", "answers": ["x"], "evidence": [{"document": "d", "start": start, "end": end}]}
    after = documents(d=now)
    followed = Follower(documents(d=text), after).follow([row])
    if followed.rows[0] is None:
        (back,) = Follower(after, documents(d=text)).bring_back([followed.aside[0].row]).rows
        assert back is None or collapse(quoted(back, documents(d=text))[0]) == collapse(f"d: {text[start:end]}")
    else:
        assert collapse(quoted(followed.rows[0], after)[0]) == collapse(f"d: {text[start:end]}")


def test_without_the_old_texts_answers_tell_what_is_right() -> None:
    after = documents(d="New. " + TEXT + " Doors close twice.")
    rows = [question(), question("Doors close"), {**question(), "kind": "free"}, question(document="x")]
    followed = Follower({}, after).follow(rows)
    assert quoted(followed.rows[0], after) == ["d: 400 hours"]
    assert followed.rows[1] and followed.rows[1]["evidence"] == [{"document": "d"}]
    assert followed.rows[2] == rows[2]
    assert [one.reason for one in followed.aside] == ["its document is gone: x"]


@pytest.mark.parametrize("evidence", ["no list", [1], [{"document": 3}], [{"document": "d", "start": "x"}], None])
def test_odd_rows_are_left_for_the_reader_to_name(evidence: object) -> None:
    row = {"id": "q", "question": "?", "answers": ["400 hours"], "evidence": evidence}
    assert Follower(documents(d=TEXT), documents(d=TEXT + ".")).follow([row]).rows == (row,)


@pytest.mark.parametrize("lost", [None, 3, {}, {"quotes": 3}, {"quotes": [3]}, {"quotes": [{"text": 4}]}])
def test_odd_rows_that_were_set_aside_stay_or_come_back_whole(lost: object) -> None:
    row = {"id": "q", "question": "?", "answers": ["x"], "evidence": [], LOST: lost}
    (back,) = Follower({}, documents(d=TEXT)).bring_back([row]).rows
    assert back is None or LOST not in back


@pytest.mark.parametrize("synthetic", ["cloze", "smollm2-135m", None])
def test_a_question_that_a_machine_wrote_from_a_sentence_that_changed_is_set_aside(synthetic: str | None) -> None:
    row = question("400 hours", synthetic=synthetic, question="Complete: Pads are changed after ____ by two people.")
    before, other = documents(d=TEXT), documents(d=TEXT.replace("tested daily", "tested twice a day"))
    assert Follower(before, other).follow([row]).aside == (), "another sentence changed"
    followed = Follower(before, documents(d=TEXT.replace("two people", "three people"))).follow([row])
    if synthetic is None:
        assert followed.aside == (), "people read their own questions again"
    else:
        assert followed.aside[0].reason == "the sentence that it was written from has changed in d"

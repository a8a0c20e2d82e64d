"""Foreign text in a terminal, the answer within what is written, and where its words stand: known cases."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.ask.marks import marked_spans
from lab.ask.written import WrittenAnswer
from lab.escapes import one_line, visible
from lab.methods.prompts import parse_answer

HOSTILE = "".join(map(chr, [*range(32), 127, *range(0x80, 0xA0), 0x202E, 0x2066, 0x2028, 0xFEFF, 0xD800, 0xE0041]))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("a\rb\x08", "a\\rb\\x08"),
        ("\u202eevil", "\\u202eevil"),
        ("\x9b31m", "\\x9b31m"),
        ("half \ud800", "half \\ud800"),
        ("t\tn\nz\u00e4\u4e2d\U0001f600", "t\tn\nz\u00e4\u4e2d\U0001f600"),
    ],
)
def test_what_steers_a_terminal_is_shown(text, shown):
    assert visible(text) == shown


@given(st.text() | st.text(alphabet=HOSTILE))
def test_nothing_that_steers_is_left_and_the_text_can_be_written(text):
    found = visible(text)
    found.encode("utf-8")
    assert not set(found) & (set(HOSTILE) - {"\t", "\n"})
    assert "\n" not in one_line(text) and "\t" not in one_line(text)


def told(raw, reasoning="none", size=1, form="short"):
    """What was told of an answer that is written `size` characters at a time, and after its end."""
    written = WrittenAnswer(reasoning, form)
    parts = [written.add(raw[start : start + size]) for start in range(0, len(raw), size)]
    return "".join(parts), written.finish(parse_answer(raw, reasoning, form).text)


@pytest.mark.parametrize(
    ("raw", "before", "after"),
    [
        ("412 kg", "412 kg", ""),
        ("\n 412 kg \nbecause it is", "412 kg", ""),
        ("```python\nfoo(1)\n```", "foo(1)", ""),
        ("```", "", ""),
        ("`x` is it", "`x` is it", ""),
        ("", "", ""),
    ],
)
def test_the_first_line_is_told_as_it_grows_and_no_line_that_opens_code(raw, before, after):
    assert told(raw) == (before, after)


def test_behind_a_reason_the_answer_is_told_at_the_end():
    raw = "##Reason: the ##Answer: was 3. ##Answer: 4"
    assert told(raw, "quoted") == ("", "4")


def test_a_free_answer_is_told_line_by_line_and_behind_a_reason_at_the_end():
    raw = "At seven.\n```text\nFrom the pier."
    assert told(raw, form="free") == ("At seven.\nFrom the pier.", "")
    assert told(f"##Answer: {raw}", "quoted", form="free") == ("", "At seven.\nFrom the pier.")


@pytest.mark.parametrize("form", ["short", "free"])
@given(raw=st.text(alphabet="ab `\n\r\u2028#"), size=st.integers(1, 4))
def test_what_was_told_is_the_answer_that_the_run_would_read(form, raw, size):
    assert "".join(told(raw, size=size, form=form)) == parse_answer(raw, "none", form).text


def marked(text, answer, quotes=()):
    return [text[start:end] for start, end in marked_spans(text, answer, quotes)]


@pytest.mark.parametrize(
    ("text", "answer", "found"),
    [
        ("The bag weighs 412 kilograms, wet.", "412 kilograms", ["412 kilograms"]),
        ("Bags of 412\nKilograms and 412 bags", "412 kilograms", ["412\nKilograms"]),
        ("the kilograms (412), said he", "412 kilograms", ["kilograms", "412"]),
        ("a category of cats", "cat", []),
        ("It is the one.", "it is the", ["It is the"]),
        ("nothing here", "", []),
        ("a yellow, yellow flag", "yellow", ["yellow", "yellow"]),
        ("costs $5 (five)", "$5 (five)", ["$5 (five)"]),
    ],
)
def test_marks_stand_at_the_answer_or_at_its_words(text, answer, found):
    assert marked(text, answer) == found


def test_quotes_are_marked_whatever_their_case_and_joined_with_the_answer():
    text = "Keepers confirm by lamp, not by voice. No more."
    assert marked(text, "by lamp, not", ["keepers confirm by lamp"]) == ["Keepers confirm by lamp, not"]


@given(st.text(alphabet="aB .,(\n"), st.text(alphabet="aB .,(\n"))
def test_spans_are_in_order_apart_and_inside(text, answer):
    spans = marked_spans(text, answer)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))

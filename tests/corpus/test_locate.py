"""Where values stand in a row, where answers stand in a text, and what form they have."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.corpus.cells import look_up
from lab.corpus.locate import answer_form, occurrences, plain


@pytest.mark.parametrize(
    ("answer", "text", "found"),
    [
        ("pads", "Pads, pads' and padsaw", ["Pads", "pads"]),
        ('"In God  We Trust".', "motto: In God\nWe Trust!", ["In God\nWe Trust"]),
        ("5", "2.5, 1,500, 15, 5th, 5", ["5"]),
        ("5", "It was 5.", ["5"]),
        ("$5", "for $5 and $50", ["$5"]),
        ("a+b", "a+b aab", ["a+b"]),
        ("...", "wait ...", []),
        ("", "wait", []),
    ],
)
def test_answers_are_found_at_word_borders(answer: str, text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end in occurrences(answer, text)] == found


WORDS = st.lists(st.text("abcXYZ09-$", min_size=1, max_size=5), min_size=1, max_size=3).map(" ".join)


@given(WORDS, st.text("bcZ1 .,", max_size=30), st.text("bcZ1 .,", max_size=30))
def test_an_answer_between_spaces_is_found_in_any_case(answer: str, before: str, behind: str) -> None:
    start = len(before) + 1
    text = f"{before} {answer.swapcase()} {behind}"
    spans = list(occurrences(answer, text))
    # An earlier hit may overlap this one: a a stands in a a a once as finditer counts.
    assert any(begin <= start < end or begin < start + len(answer) <= end for begin, end in spans)
    assert all(text[begin:end].casefold() == answer.casefold() for begin, end in spans)


def test_forms() -> None:
    assert [answer_form(answer) for answer in ("400 hours", "$4.5", "NO", "none", "a 4", "")] == [
        "number",
        "number",
        "yes-no",
        "",
        "",
        "",
    ]


def test_answers_of_yes_no_questions_are_plain() -> None:
    assert plain(["Yes.", "YES", "yes, it does", "No\u2019", "Maybe"], "yes-no") == ("yes", "no", "Maybe")
    assert plain(["Yes.", "YES"], "label") == ("Yes.", "YES")


def test_a_dotted_path_prefers_a_column_of_that_very_name() -> None:
    assert look_up({"a.b": 1, "a": {"b": 2}}, "a.b") == 1
    assert look_up({"a": {"b": {"c": [3]}}}, "a.b.c") == [3]
    assert look_up({"a": [{"b": 1}, {}, {"b": None}]}, "a.b") == [1, None]
    assert look_up({"a": None}, "a.b") is None
    missing = look_up({}, "a")
    assert missing is look_up({"a": 3}, "a.b") is look_up({"a": [{}]}, "a.b") is not None
    assert look_up({"a": []}, "a.b") == []

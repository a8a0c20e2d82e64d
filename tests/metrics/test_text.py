import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.metrics.text import contains, exact_match, is_yes_no, normalise, token_f1


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("The  Free-Speech Movement.", "freespeech movement"),
        ("3.5", "35"),
        ("-5", "5"),
        ("$1,000", "1000"),
        ("A", ""),
        ("the", ""),
        ("C++", "c"),
        ("well-known", "wellknown"),
        ("¿qué?", "¿qué"),  # only ASCII punctuation goes
        ("theatre", "theatre"),
    ],
)
def test_normalise_keeps_squads_order_and_its_traps(raw, expected):
    assert normalise(raw) == expected


@given(st.text(max_size=40))
def test_normalising_a_text_of_plain_words_twice_changes_nothing(text):
    once = normalise(text)
    assert once == " ".join(once.split())
    assert exact_match(text, [text]) == 1.0
    assert token_f1(text, [text]) == 1.0


@pytest.mark.parametrize(
    ("prediction", "golds", "expected"),
    [
        ("the Free Speech Movement of 1964", ["Free Speech Movement"], 0.75),
        ("cat cat", ["cat"], 2 / 3),
        ("", [""], 1.0),
        ("", [], 1.0),
        ("A", ["The"], 1.0),  # SQuAD 2.0's trap: both are empty
        ("something", [], 0.0),
        ("", ["gold"], 0.0),
        ("the", ["gold"], 0.0),
        ("red bus", ["blue tram", "red bus stop"], 0.8),
        ("Paris", ["the", "Paris"], 1.0),
        ("", ["the", "Paris"], 0.0),  # golds that normalise to nothing are dropped
    ],
)
def test_token_f1(prediction, golds, expected):
    assert token_f1(prediction, golds) == pytest.approx(expected)


def test_exact_match_takes_any_gold_and_only_silence_for_none():
    assert exact_match("The Bus!", ["tram", "bus"]) == 1.0
    assert exact_match("bus stop", ["bus"]) == 0.0
    assert exact_match("", ()) == 1.0
    assert exact_match("bus", ()) == 0.0


def test_contains_compares_whole_tokens_in_order():
    assert contains("It is the red bus, I think.", ["red bus"]) == 1.0
    assert contains("because of rain", ["us"]) == 0.0
    assert contains("bus red", ["red bus"]) == 0.0
    assert contains("red big bus", ["red bus"]) == 0.0
    assert contains("anything", ["the"]) == 0.0


def test_a_yes_or_no_must_come_first():
    assert contains("No, it must not.", ["no"]) == 1.0
    assert contains("Yes, there is no limit.", ["no"]) == 0.0
    assert contains("The answer is yes", ["yes"]) == 0.0
    assert contains("there is no entry", ["no entry"]) == 1.0
    assert is_yes_no(["Yes."]) and not is_yes_no(["yes", "on Monday"]) and not is_yes_no([])


@given(st.lists(st.sampled_from(["red", "bus", "stop", "north"]), min_size=1, max_size=6), st.data())
def test_any_run_of_tokens_is_contained(tokens, data):
    start = data.draw(st.integers(0, len(tokens) - 1))
    end = data.draw(st.integers(start + 1, len(tokens)))
    assert contains(" ".join(tokens), [" ".join(tokens[start:end])]) == 1.0

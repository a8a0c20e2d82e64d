"""Lists are right by their items: cut by one rule, matched one to one, in any order."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.metrics.lists import list_f1, list_match, split_items


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("brake, grip and cable", ("brake", "grip", "cable")),
        ("The brake, the grip, and the cable.", ("brake", "grip", "cable")),
        ("brake & grip or cable", ("brake", "grip", "cable")),
        ("brake; grip, rear; and cable", ("brake", "grip rear", "cable")),
        ("These are needed:\n- brake, rear\n* grip\n\u2022 cable", ("brake rear", "grip", "cable")),
        ("1. brake\n2) grip\n(c) cable", ("brake", "grip", "cable")),
        ("brake\ngrip and cable", ("brake", "grip and cable")),
        ("brake, grip,\ncable", ("brake", "grip", "cable")),
        ("1,000 kg, 2,500 kg", ("1000 kg", "2500 kg")),
        ("1,2,3", ("1", "2", "3")),
        ("brake, Brake, the brake", ("brake",)),
        ("A, B", ("a", "b")),
        ("sand, Anderson", ("sand", "anderson")),
        ("brake", ("brake",)),
        (" ,; \n", ()),
        ("", ()),
    ],
)
def test_items(text, items):
    assert split_items(text) == items


@pytest.mark.parametrize(
    ("said", "f1"),
    [
        ("cable, grip, brake", 1.0),
        ("brake, grip", 2 * 2 / 5),
        ("brake, grip, cable, tower", 2 * 3 / 7),
        ("brake, brake, brake", 2 * 1 / 4),
        ("rear brake, grip, cable", 2 * (2 + 2 / 3) / 6),  # two of three words shared: 2 / (1 + 2)
        ("tower", 0.0),
        ("", 0.0),
    ],
)
def test_f1_by_hand(said, f1):
    assert list_f1(said, ["brake, grip and cable"]) == pytest.approx(f1)


def test_an_item_matches_once_and_in_the_way_that_gives_most():
    """'cabin door' could take 'door' or 'cabin'; the other item fits 'cabin' alone, so all four are matched."""
    assert list_f1("cabin door, cabin floor", ["door, cabin"]) == pytest.approx(2 * (2 / 3 + 2 / 3) / 4)
    assert list_f1("brake", ["rear brake, front brake"]) == pytest.approx(2 * (2 / 3) / 3)


def test_near_misses_get_nothing():
    assert list_f1("cabin 3", ["cabin 4"]) == 0.0
    assert list_f1("number three cabin", ["number four cabin"]) == 0.0


def test_the_best_gold_list_counts_and_blank_ones_do_not():
    assert list_f1("grip", ["brake, cable", "", "grip"]) == 1.0
    assert list_match("cable and brake", ["grip", "brake, cable"]) == 1.0
    assert list_match("brake", ["brake, cable"]) == 0.0
    assert list_f1("grip", ["", " , "]) is None
    assert list_match("grip", []) is None


ITEMS = st.lists(st.sampled_from(["brake", "rear brake", "cabin 3", "cabin", "old grip", "grip"]), unique=True)


@given(ITEMS, ITEMS.filter(bool))
def test_order_does_not_count_and_the_value_is_a_share(said, wanted):
    values = {
        list_f1(", ".join(order), [", ".join(wanted)]) for order in itertools.islice(itertools.permutations(said), 6)
    }
    assert max(values) - min(values) < 1e-12
    assert all(0.0 <= value <= 1.0 for value in values)
    assert (max(values) == 1.0) == (set(said) == set(wanted)) == (list_match(", ".join(said), [", ".join(wanted)]) == 1)


@given(st.text(), st.text())
def test_any_text_is_a_list_of_some_kind(said, gold):
    value = list_f1(said, [gold])
    assert (value is None) == (not split_items(gold))
    assert value is None or 0.0 <= value <= 1.0

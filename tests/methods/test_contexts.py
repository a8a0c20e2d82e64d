"""Perfect retrieval differs from real retrieval only where a golden passage is missing."""

from hypothesis import given
from hypothesis import strategies as st

from lab.methods.contexts import Retrieved, put_gold_in, top_k, top_k_with_gold
from lab.methods.examples import GoldPassages
from lab.types import Hit, Passage, Query

POOL = [Passage(f"p{number}", "d", "Title", f"text {number}", 0, 6) for number in range(12)]


def hits(*numbers: int) -> tuple[Hit, ...]:
    return tuple(Hit(POOL[number], 1.0 / rank, rank) for rank, number in enumerate(numbers, start=1))


def gold(*units: tuple[int, ...]) -> GoldPassages:
    return GoldPassages(tuple(tuple(POOL[number] for number in unit) for unit in units))


def ids(found: tuple[Hit, ...]) -> list[str]:
    return [hit.passage.id for hit in found]


def test_equals_retrieval_where_nothing_is_missing():
    found = hits(1, 2, 3)
    assert put_gold_in(found, gold((2,))) == found
    assert put_gold_in(found, gold((9, 3))) == found  # another passage of the unit was found
    assert put_gold_in(found, GoldPassages()) == found
    assert put_gold_in(found, gold(())) == found  # no passage holds this evidence whole


def test_the_lowest_ranks_are_replaced_first():
    assert ids(put_gold_in(hits(1, 2, 3), gold((7,)))) == ["p1", "p2", "p7"]
    assert ids(put_gold_in(hits(1, 2, 3), gold((7,), (8,)))) == ["p1", "p8", "p7"]


def test_a_golden_hit_is_never_displaced():
    assert ids(put_gold_in(hits(1, 2, 3), gold((3,), (7,)))) == ["p1", "p7", "p3"]
    assert ids(put_gold_in(hits(3), gold((3,), (7,)))) == ["p3"]


def test_a_passage_that_two_units_need_is_put_in_once():
    assert ids(put_gold_in(hits(1, 2, 3), gold((7,), (7,)))) == ["p1", "p2", "p7"]


PLACES = st.lists(st.integers(0, 11), unique=True, max_size=5)
UNITS = st.lists(st.lists(st.integers(0, 11), unique=True, max_size=3).map(tuple), max_size=4)


@given(PLACES, UNITS)
def test_putting_gold_in_keeps_ranks_and_golden_hits_and_repeats_nothing(numbers, units):
    before, after = hits(*numbers), put_gold_in(hits(*numbers), gold(*units))
    golden = {f"p{number}" for unit in units for number in unit}
    assert [hit.rank for hit in after] == [hit.rank for hit in before]
    assert len(set(ids(after))) == len(after)
    assert set(ids(before)) & golden <= set(ids(after))
    wanted = sum(bool(unit) and not {f"p{n}" for n in unit} & set(ids(before)) for unit in units)
    if wanted == 0:
        assert after == before


def test_both_contexts_cut_at_k_first():
    def retrieve(queries):
        return [Retrieved(hits(1, 2, 3, 4), 0.5) for _ in queries]

    queries = [Query("q1", "?"), Query("q2", "?")]
    assert [ids(found.hits) for found in top_k(retrieve, 2)(queries)] == [["p1", "p2"]] * 2
    oracle = top_k_with_gold(retrieve, 2, {"q2": gold((4,))})(queries)
    assert [ids(found.hits) for found in oracle] == [["p1", "p2"], ["p1", "p4"]]
    assert [found.seconds for found in oracle] == [0.5, 0.5]

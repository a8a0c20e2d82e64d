"""Which passages hold the evidence: by hand, and against the definition tried on every passage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.corpus.evidence import map_evidence
from lab.types import Evidence, Passage, Question


def passage(document: str, number: int, start: int, end: int) -> Passage:
    return Passage(f"{document}#{number}", document, "", "x" * (end - start), start, end)


def question(id: str, *evidence: Evidence) -> Question:
    return Question(id, "?", ("a",), "span", evidence)


PASSAGES = [passage("d", 0, 0, 10), passage("d", 1, 8, 20), passage("d", 2, 18, 30), passage("e", 0, 0, 5)]


def test_evidence_in_an_overlap_is_held_twice_and_cut_evidence_by_none() -> None:
    both, cut = Evidence("d", 8, 10), Evidence("d", 15, 22)
    mapped = map_evidence([question("a", both), question("b", cut), question("c", both, cut, both)], PASSAGES)
    assert mapped.units("a") == (("d#0", "d#1"),)
    assert mapped.units("b") == ((),)
    assert mapped.gold("b") == frozenset()
    assert mapped.touching("b") == {"d#1", "d#2"}
    assert mapped.units("c") == (("d#0", "d#1"), ())
    assert mapped.gold("c") == {"d#0", "d#1"}
    assert mapped.touching("c") == {"d#0", "d#1", "d#2"}
    assert (mapped.n_units, mapped.n_unreachable, mapped.share_unreachable) == (4, 2, 0.5)


def test_evidence_without_offsets_is_one_unit_that_every_passage_of_the_document_holds() -> None:
    mapped = map_evidence([question("a", Evidence("d"), Evidence("e", 0, 5))], PASSAGES)
    assert mapped.units("a") == (("d#0", "d#1", "d#2"), ("e#0",))
    assert mapped.touching("a") == {item.id for item in PASSAGES}


def test_a_passage_that_only_borders_the_evidence_does_not_touch_it() -> None:
    mapped = map_evidence([question("a", Evidence("d", 10, 18))], PASSAGES)
    assert mapped.touching("a") == {"d#1"}
    wide = passage("d", 9, 0, 40)  # reaches over the shorter ones that begin behind it
    assert map_evidence([question("a", Evidence("d", 10, 18))], [*PASSAGES, wide]).touching("a") == {"d#1", "d#9"}


def test_no_evidence_has_no_share() -> None:
    mapped = map_evidence([question("a")], PASSAGES)
    assert mapped.share_unreachable is None
    assert (mapped.units("a"), mapped.gold("a"), mapped.touching("a")) == ((), frozenset(), frozenset())
    assert mapped.n_without_evidence == 1


def test_evidence_in_a_document_without_passages_is_unreachable_and_unknown_questions_are_refused() -> None:
    mapped = map_evidence([question("a", Evidence("f", 0, 3), Evidence("f"))], PASSAGES)
    assert mapped.share_unreachable == 1.0
    with pytest.raises(KeyError):
        mapped.gold("b")


SPANS = st.tuples(st.sampled_from("de"), st.integers(0, 30), st.integers(1, 12))


@given(st.lists(SPANS, max_size=12), st.lists(SPANS, max_size=4))
def test_the_map_equals_the_definition(shelf: list[tuple[str, int, int]], spans: list[tuple[str, int, int]]) -> None:
    passages = [Passage(str(n), d, "", "", start, start + length) for n, (d, start, length) in enumerate(shelf)]
    units = list(dict.fromkeys(Evidence(d, start, start + length) for d, start, length in spans))
    mapped = map_evidence([question("q", *units)], passages)
    for unit, held in zip(units, mapped.units("q"), strict=True):
        whole = range(unit.start or 0, unit.end or 0)
        assert set(held) == {
            p.id for p in passages if p.document_id == unit.document_id and set(whole) <= set(range(p.start, p.end))
        }
    assert mapped.touching("q") == {
        p.id
        for p in passages
        for u in units
        if p.document_id == u.document_id and set(range(p.start, p.end)) & set(range(u.start or 0, u.end or 0))
    }

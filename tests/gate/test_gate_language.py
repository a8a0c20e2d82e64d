"""Requirements as text: what is meant can be written, all else is refused with its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.gate.language import MEASURES, PAIR_FIELDS, SCORE_FIELDS, Names, Quantity, Requirement, RequirementError
from lab.gate.parser import parse

METHODS = ("closed-book", "rag", "fine-tuned", "fine-tuned+rag", "raft", "oracle")
NAMES = Names(METHODS, ("token_f1", "exact_match", "wrong"), ("recall@5", "mrr"), ("recall@5",))


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("raft.token_f1 > 0", Quantity("score", "token_f1", "raft", field="mean")),
        ("raft.token_f1.low > 0", Quantity("score", "token_f1", "raft", field="low")),
        ("fine-tuned+rag - rag > 0", Quantity("pair", "", "fine-tuned+rag", "rag")),
        ("fine-tuned+rag-rag>0", Quantity("pair", "", "fine-tuned+rag", "rag")),
        ("fine-tuned - closed-book.wrong < 0", Quantity("pair", "wrong", "fine-tuned", "closed-book")),
        ("raft - rag.p_holm < 0.05", Quantity("pair", "", "raft", "rag", "p_holm")),
        ("raft - rag.p < 0.05", Quantity("pair", "", "raft", "rag", "p")),
        ("raft - rag.exact_match.difference > 0", Quantity("pair", "exact_match", "raft", "rag", "difference")),
        ("retrieval.recall@5 > 0", Quantity("retrieval", "recall@5", field="mean")),
        ("retrieval.by_document.recall@5.low > 0", Quantity("by_document", "recall@5", field="low")),
        ("rag.latency_ms.p95 > 0", Quantity("measure", "latency_ms.p95", "rag")),
        ('"rag".seconds_per_question > 0', Quantity("measure", "seconds_per_question", "rag")),
        ("n_test > 0", Quantity("count", "n_test")),
    ],
)
def test_the_left_side_names_what_is_measured(text, quantity):
    assert parse(text, NAMES).quantity == quantity


def test_bounds_are_numbers_truth_values_methods_and_verdicts():
    assert parse("n_test >= 1.5e2", NAMES) == Requirement(Quantity("count", "n_test"), ">=", 150.0)
    assert parse("raft - rag > -.05", NAMES).bound == -0.05
    assert parse("recommendation.clear != false", NAMES).bound is False
    assert parse("recommendation.choice == none", NAMES).bound == "none"
    assert parse('raft - rag.verdict == "slightly better"', NAMES).bound == "slightly better"


@pytest.mark.parametrize(
    ("text", "position", "hint"),
    [
        ("raft.token_f2 > 0", 5, "did you mean token_f1?"),
        ("rfat.token_f1 > 0", 0, "did you mean raft?"),
        ("raft - raga > 0", 7, "did you mean rag?"),
        ("raft.token_f1.lo > 0", 14, "did you mean low?"),
        ("raft.token_f1 => 0", 14, ""),
        ("raft.token_f1 > 0.5 or 1", 20, ""),
        ("raft.token_f1 > 60%", 18, ""),
        ("raft.token_f1 > nan", 16, ""),
        ("raft.token_f1 > 1e999", 16, ""),
        ("raft - raft > 0", 7, ""),
        ("raft - rag == 0", 11, ""),
        ("recommendation.choice > raft", 22, ""),
        ("recommendation.clear == yes", 24, "known: true, false"),
        ("retrieval.recall@50 > 0", 10, "did you mean recall@5?"),
        ("  ", 0, ""),
        ('"raft.token_f1 > 0', 0, ""),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text, position, hint):
    with pytest.raises(RequirementError) as caught:
        parse(text, NAMES)
    assert (caught.value.position, caught.value.hint) == (position, hint)


def test_an_odd_name_needs_quotes_and_the_hint_shows_them():
    names = Names(("gpt-4.1", "n_test"), ("token_f1",), (), ())
    assert parse('"gpt-4.1".token_f1 > 0', names).quantity.method == "gpt-4.1"
    assert parse('"n_test".token_f1 > 0', names).quantity.method == "n_test"
    with pytest.raises(RequirementError) as caught:
        parse("gpt-4.1.token_f1 > 0", names)
    assert '"gpt-4.1"' in caught.value.hint


FRAGMENTS = st.sampled_from(
    [*METHODS, *NAMES.metrics, *MEASURES, *PAIR_FIELDS, ".", " - ", "-", " ", ">", ">=", "==", "0.5", "1e5", "true",
     '"', "retrieval.", "recall@5", "by_document.", "recommendation.", "choice", "clear", "none", "n_test",
     "__import__('os')"]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(FRAGMENTS, max_size=12).map("".join)))
def test_any_text_is_a_requirement_or_an_error_inside_it_and_requirements_round_trip(text):
    try:
        found = parse(text, NAMES)
    except RequirementError as error:
        assert 0 <= error.position <= len(text)
        assert error.message
    else:
        assert parse(str(found), NAMES) == found


NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
ORDER = st.sampled_from([">=", ">", "<=", "<"])
ANY_NAMES = st.lists(st.text(min_size=1, max_size=8) | FRAGMENTS, min_size=2, max_size=6, unique=True).map(tuple)


@st.composite
def _requirements(draw):
    """Requirements about names that may be anything, the words of the language included."""
    names = Names(draw(ANY_NAMES), draw(ANY_NAMES), draw(ANY_NAMES), draw(ANY_NAMES))
    method, baseline = names.methods[:2]
    metric, field = draw(st.sampled_from(names.metrics)), draw(st.sampled_from(SCORE_FIELDS))
    pair_field = draw(st.sampled_from(["", *(one for one in PAIR_FIELDS if one != "verdict")]))
    quantity = draw(
        st.sampled_from(
            [
                Quantity("score", metric, method, field=field),
                Quantity("measure", draw(st.sampled_from(MEASURES)), method),
                Quantity("pair", draw(st.sampled_from(["", metric])), method, baseline, pair_field),
                Quantity("retrieval", draw(st.sampled_from(names.retrieval)), field=field),
                Quantity("by_document", draw(st.sampled_from(names.by_document)), field=field),
                Quantity("count", "n_clusters"),
                Quantity("recommendation", "p_best"),
            ]
        )
    )
    return Requirement(quantity, draw(ORDER), draw(NUMBERS)), names


@given(_requirements())
def test_whatever_can_be_meant_can_be_written(pair):
    requirement, names = pair
    assert parse(str(requirement), names) == requirement


@given(st.text(min_size=1, max_size=100))
def test_any_method_can_be_named_as_the_choice(name):
    names = Names((name, "other"), (), (), ())
    requirement = Requirement(Quantity("recommendation", "choice"), "==", name)
    assert parse(str(requirement), names) == requirement
    assert parse(f"recommendation.choice == {json.dumps(name)}", names) == requirement

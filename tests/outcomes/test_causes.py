import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.outcomes.causes import CAUSES, Said, Shown, causes, count_causes, disagreements


def normalise(text):
    return " ".join(text.lower().replace(".", "").replace(":", "").split())


GOLD = Shown("The ferry Oda: it carries 412 cars from Lunde.", True)
OTHER = Shown("The ferry Vik carries 96 cars.", False)
WRONG = Said(
    question_id="q1",
    method="rag",
    seed=1,
    kind="span",
    golds=("412 cars",),
    answer="96 cars",
    raw="96 cars",
    shown=(GOLD, OTHER),
    wrong=True,
    abstained=False,
    lenient=False,
    parse_ok=True,
    truncated=False,
)


def cause_of(one, *others, evidence=("q1",)):
    return causes([one, *others], evidence, normalise)[one.key]


def without(answer, method="closed-book", **changes):
    return replace(WRONG, method=method, answer=answer, raw=answer, shown=(), **changes)


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({"wrong": False}, None),
        ({"golds": (), "wrong": False, "abstained": True}, None),  # declining was right
        ({"golds": ()}, "answered the unanswerable"),
        ({"golds": (), "parse_ok": False}, "answered the unanswerable"),
        ({"wrong": False, "abstained": True}, "refused"),
        ({"lenient": True}, "format"),
        ({"parse_ok": False}, "format"),
        ({"truncated": True}, "format"),
        ({"truncated": True, "raw": "96 cars\nand so on"}, "wrong reading"),  # only what follows was cut
        ({"method": "closed-book", "shown": ()}, "not known"),
        ({"shown": (OTHER,)}, "retrieval miss"),
        ({"shown": ()}, "retrieval miss"),  # rag whose passages were all dropped
        ({"answer": "30 horses", "raw": "30 horses"}, "context ignored"),
        ({}, "wrong reading"),
        ({"kind": "label", "answer": "maybe", "raw": "maybe"}, "wrong reading"),  # labels are not quoted
        ({"answer": ".", "raw": "."}, "wrong reading"),
    ],
)
def test_each_wrong_answer_has_the_first_cause_that_fits(changes, cause):
    assert cause_of(replace(WRONG, **changes)) == cause


@pytest.mark.parametrize(
    ("method", "counterpart", "cause"),
    [
        ("rag", "closed-book", "stale memory"),
        ("oracle", "closed-book", "stale memory"),
        ("fine-tuned+rag", "fine-tuned", "stale memory"),
        ("raft", "fine-tuned", "stale memory"),
        ("rag", "fine-tuned", "context ignored"),  # other weights remember nothing for it
    ],
)
def test_memory_is_that_of_the_same_weights(method, counterpart, cause):
    one = replace(WRONG, method=method, answer="30 horses.", raw="30 horses.")
    assert cause_of(one, without("30 Horses", counterpart)) == cause
    assert cause_of(one, without("40 horses", counterpart)) == "context ignored"


def test_an_answer_that_a_passage_holds_is_read_and_not_remembered():
    assert cause_of(WRONG, without("96 cars")) == "wrong reading"
    spread = replace(WRONG, answer="412 Vik", raw="412 Vik")  # its words stand in two passages, in none together
    assert cause_of(spread) == "context ignored"


def test_memory_is_compared_within_a_training_run_or_with_the_only_one():
    tuned = [without(answer, "fine-tuned", seed=seed) for seed, answer in ((1, "30 horses"), (2, "8 boats"))]
    reads = [replace(WRONG, method="raft", answer="8 boats", raw="8 boats", seed=seed) for seed in (1, 2)]
    found = causes([*tuned, *reads], ["q1"], normalise)
    assert (found["q1", "raft", 1], found["q1", "raft", 2]) == ("context ignored", "stale memory")
    alone = causes([replace(reads[1], method="rag"), without("8 boats", seed=1)], ["q1"], normalise)
    assert alone["q1", "rag", 2] == "stale memory"


def test_three_methods_that_agree_against_an_oracle_that_is_wrong_too_make_the_gold_suspect():
    peers = [without("96 CARS"), without("96 cars.", "fine-tuned")]
    oracle = replace(WRONG, method="oracle", answer="5", raw="5")
    found = causes([WRONG, *peers, oracle], ["q1"], normalise)
    assert {found[one.key] for one in (WRONG, *peers)} == {"gold suspect"}
    assert found[oracle.key] == "context ignored"  # its own answer stands alone
    assert cause_of(WRONG, peers[0], oracle) == "wrong reading"  # two are not enough
    assert cause_of(WRONG, *peers) == "wrong reading"  # no oracle
    assert cause_of(WRONG, *peers, replace(oracle, wrong=False)) == "wrong reading"
    assert cause_of(WRONG, *peers, replace(oracle, lenient=True)) == "wrong reading"
    assert cause_of(WRONG, *peers, replace(oracle, shown=(OTHER,))) == "wrong reading"
    labels = [replace(one, kind="yes-no") for one in (WRONG, *peers, oracle)]
    assert cause_of(*labels) == "wrong reading"


def test_without_known_evidence_the_passages_are_searched_for_the_answer():
    shown = (replace(GOLD, gold=False), OTHER)
    assert cause_of(replace(WRONG, shown=shown), evidence=()) == "wrong reading"
    assert cause_of(replace(WRONG, shown=(OTHER,)), evidence=()) == "evidence unknown"
    apart = (Shown("412 of all cars", False),)
    assert cause_of(replace(WRONG, shown=apart), evidence=()) == "evidence unknown"  # not side by side
    assert cause_of(replace(WRONG, method="fine-tuned", shown=()), evidence=()) == "not known"
    agreeing = [without("96 cars"), replace(WRONG, method="oracle", shown=(OTHER,))]
    one = replace(WRONG, shown=(OTHER,))
    assert cause_of(one, *agreeing, evidence=()) == "gold suspect"
    assert cause_of(one, *agreeing, without("5", "fine-tuned"), evidence=()) == "evidence unknown"
    assert cause_of(one, *agreeing, replace(without("", "raft"), wrong=False, abstained=True), evidence=()) == (
        "gold suspect"
    )


def test_any_method_that_ever_saw_a_passage_reads():
    own = replace(WRONG, method="our system", shown=())
    assert cause_of(own) == "not known"
    assert cause_of(own, replace(WRONG, question_id="q2", method="our system")) == "retrieval miss"


answers = st.builds(
    Said,
    question_id=st.sampled_from(["q1", "q2"]),
    method=st.sampled_from(["closed-book", "rag", "fine-tuned", "fine-tuned+rag", "raft", "oracle", "own"]),
    seed=st.sampled_from([1, 2]),
    kind=st.sampled_from(["span", "label", "free"]),
    golds=st.sampled_from([(), ("412 cars",), ("",)]),
    answer=st.sampled_from(["96 cars", "30 horses", "", "cars"]),
    raw=st.sampled_from(["96 cars", "30 horses and more"]),
    shown=st.lists(st.sampled_from([GOLD, OTHER, replace(GOLD, gold=False)]), max_size=2).map(tuple),
    wrong=st.booleans(),
    abstained=st.booleans(),
    lenient=st.booleans(),
    parse_ok=st.booleans(),
    truncated=st.booleans(),
)


@given(st.lists(answers, unique_by=lambda one: one.key, max_size=20), st.sampled_from([(), ("q1",)]))
def test_every_failure_has_exactly_one_cause_whatever_the_order_and_nothing_else_has_one(said, evidence):
    found = causes(said, evidence, normalise)
    assert list(found) == [one.key for one in said]
    for one in said:
        failed = one.wrong or (one.abstained and one.golds)
        assert (found[one.key] in CAUSES) if failed else (found[one.key] is None)
    assert causes(said[::-1], evidence, normalise) == found
    counts = count_causes(found)
    assert sum(sum(one.values()) for one in counts.values()) == sum(cause is not None for cause in found.values())
    assert all(tuple(one) == CAUSES for one in counts.values())
    json.dumps([counts, disagreements(said, found)], allow_nan=False)


def row(**changes):
    hits = [
        {"passage": "p2", "document": "d2", "title": "", "text": "second", "score": 0.1, "rank": 2, "gold": True},
        {"passage": "p1", "document": "d1", "title": "Oda", "text": "first", "score": 0.2, "rank": 1, "gold": False},
    ]
    made = {
        "question_id": "q1", "method": "rag", "seed": 1, "question": "How many?", "kind": "number", "gold": ["412"],
        "answer": "96", "raw": "96", "hits": hits, "scores": {"wrong": 1.0, "abstained": 0.0, "contains": 0.0},
        "parse_ok": True, "truncated": False, "passages_dropped": 0,
    }  # fmt: skip
    return made | changes


def test_one_row_of_the_answers_is_all_that_is_needed():
    one = Said.from_row(row())
    assert [(shown.text.split(), shown.gold) for shown in one.shown] == [(["Oda", "first"], False), (["second"], True)]
    assert (one.golds, one.wrong, one.abstained, one.lenient) == (("412",), True, False, False)
    assert [shown.gold for shown in Said.from_row(row(passages_dropped=1)).shown] == [False]  # the last does not fit
    assert Said.from_row(row(passages_dropped=5)).shown == ()
    assert causes([one], ["q1"], normalise)["q1", "rag", 1] == "context ignored"


def test_a_row_without_its_scores_is_refused_with_its_place():
    with pytest.raises(ValueError, match="q1, rag, seed 1: expected a score of abstained and contains, found none"):
        Said.from_row(row(scores={"wrong": 1.0, "contains": None}))


def test_questions_to_read_are_those_that_divide_the_methods_most():
    def ask(question, verdicts):
        methods = ("closed-book", "rag", "fine-tuned", "oracle")
        return [
            replace(without("x", method), question_id=question, wrong=verdict == "w")
            for method, verdict in zip(methods, verdicts, strict=True)
        ]

    said = [*ask("q1", "cccc"), *ask("q2", "wccc"), *ask("q3", "wwcc"), *ask("q4", "wwww"), *ask("q5", "cwcw")]
    found = disagreements(said, causes(said, (), normalise))
    assert [one["question_id"] for one in found] == ["q3", "q5", "q2"]
    assert [one["right"] for one in found[0]["answers"]] == [False, False, True, True]
    assert found[0]["answers"][0]["cause"] == "not known" and found[0]["answers"][2]["cause"] is None
    assert len(disagreements(said, causes(said, (), normalise), limit=1)) == 1

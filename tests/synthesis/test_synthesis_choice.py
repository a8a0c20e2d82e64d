"""Near-duplicate questions, and a balanced choice among proposals."""

import random
from collections import Counter

from lab.synthesis.balance import choose, kind_of
from lab.synthesis.duplicates import Seen
from lab.synthesis.nouns import AnswerSpan, Proposal
from lab.types import Passage


def test_equal_and_nearly_equal_questions_are_found():
    seen = Seen()
    seen.add("q1", "What is the unladen weight of the K6 cabin at Ossel Head?")
    assert seen.like("what is the unladen weight of the K6 cabin at Ossel Head") == "q1"
    assert seen.like("What is the exact unladen weight of the K6 cabin at Ossel Head?") == "q1"
    assert seen.like("Where do passengers wait for the K6?") is None


def test_another_code_number_or_verb_makes_another_question():
    seen = Seen()
    seen.add("q1", "What is the unladen weight of the K6 cabin with its long hanger arm but without any grip?")
    assert (
        seen.like("What is the unladen weight of the K4 cabin with its long hanger arm but without any grip?") is None
    )
    seen.add("q2", "When was the Ossel Line opened?")
    assert seen.like("When was the Ossel Line closed?") is None
    assert seen.like("Where was the Ossel Line opened?") is None


def test_wordings_of_a_group_are_alike_only_when_equal():
    seen = Seen()
    seen.add("q1", "How heavy is the empty K6 cabin of the Ossel Line?", group="g")
    near = "How heavy is the empty K6 cabin of the whole Ossel Line?"
    assert seen.like(near, group="g") is None
    assert seen.like(near, group="other") == "q1"
    assert seen.like("How heavy is the empty K6 cabin of the Ossel Line", group="g") == "q1"


def test_like_finds_what_comparing_all_pairs_finds():
    rng = random.Random(5)
    words = [f"word{chr(97 + place)}" for place in range(26)]
    known = [rng.sample(words, 12) for _ in range(300)]
    seen = Seen()
    for place, one in enumerate(known):
        seen.add(str(place), " ".join(one))
    missed = 0
    for one in known[:100]:
        changed = [*one[:-1], "new"]  # Jaccard 11 / 13
        missed += seen.like(" ".join(changed)) is None
    assert missed == 0


def proposals(*rows):
    """(document, passage, kind, group) -> proposals."""
    made = []
    for place, (document, number, kind, group) in enumerate(rows):
        answer = None if kind == "unanswerable" else AnswerSpan("x", place, place + 1, kind)
        passage = Passage(f"{document}#{number}", document, "", "x" * 99, 0, 99)
        made.append(Proposal(f"q{place}", answer, passage, "template", group or f"g{place}"))
    return made


def test_documents_take_turns_and_rare_kinds_come_first():
    many = [("a", 0, "span", "")] * 20 + [("b", 0, "span", "")] * 3 + [("b", 1, "number", "")]
    chosen = choose(proposals(*many), per_passage=10, seed=1, count=4)
    assert Counter(one.passage.document_id for one in chosen) == {"a": 2, "b": 2}
    assert Counter(map(kind_of, chosen)) == {"span": 3, "number": 1}


def test_no_passage_gives_more_than_it_may_and_order_is_kept():
    given = proposals(*[("a", place % 2, "span", "") for place in range(10)])
    chosen = choose(given, per_passage=2, seed=1)
    assert [one.question for one in chosen] == ["q0", "q1", "q2", "q3"]


def test_new_facts_come_before_further_wordings():
    given = proposals(("a", 0, "span", "g"), ("a", 0, "span", "g"), ("a", 0, "span", "h"))
    assert [one.question for one in choose(given, per_passage=9, seed=1, count=2)] == ["q0", "q2"]


def test_kinds_are_balanced_with_those_that_stand_already():
    given = proposals(*[("a", place, kind, "") for place in range(20) for kind in ("number", "span", "list")])
    chosen = choose(given, per_passage=1, seed=1, count=10, standing={"number": 16, "span": 3})
    # 16 numbers stand: lists catch up with the 3 spans, then both take turns, lists first.
    assert Counter(map(kind_of, chosen)) == {"span": 3, "list": 7}


def test_unanswerable_ones_are_a_kind_and_the_seed_decides():
    rows = [(f"d{place}", 0, kind, "") for place in range(30) for kind in ("span", "unanswerable")]
    given = proposals(*rows)
    chosen = choose(given, per_passage=1, seed=3, count=10)
    assert Counter(map(kind_of, chosen)) == {"span": 5, "unanswerable": 5}
    assert chosen == choose(given, per_passage=1, seed=3, count=10)
    assert chosen != choose(given, per_passage=1, seed=4, count=10)

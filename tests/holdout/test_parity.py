import pytest

from lab.holdout.parity import knowledge_parity
from lab.types import Evidence, Holdout, Question


def ask(id_, *evidence, group=None, answers=("x",), document_id=None):
    return Question(id_, f"about {id_}", answers, "span", evidence, document_id=document_id, group=group)


def holdout(train, test):
    return Holdout(tuple(train), (), tuple(test), "question", "f" * 64)


TRAIN = [ask("a", Evidence("d", 0, 10), group="g"), ask("b", Evidence("e", 0, 10))]
TEST = [
    ask("span", Evidence("d", 9, 12)),
    ask("document", Evidence("d", 10, 12)),
    ask("group", Evidence("far", 0, 5), group="g"),
    ask("second", Evidence("far", 0, 5), Evidence("e", 5, 6)),
    ask("never", Evidence("far", 0, 5)),
    ask("refused", document_id="d", answers=()),
]


def test_documents_and_facts_are_counted_over_the_answerable():
    parity = knowledge_parity(holdout(TRAIN, TEST))
    assert parity.covered_documents == {"span", "document", "second"}
    assert parity.covered_facts == {"span", "group", "second"}
    assert parity.document == parity.fact == pytest.approx(3 / 5)
    assert (parity.answerable, parity.documents_known, parity.facts_known) == (5, 5, 5)
    assert parity.facts_by_whole_document == 0


def test_only_what_was_fed_counts():
    parity = knowledge_parity(holdout(TRAIN, TEST), fed=["b"])
    assert parity.covered_documents == parity.covered_facts == {"second"}
    assert knowledge_parity(holdout(TRAIN, TEST), fed=[]).fact == 0.0


def test_refusals_teach_no_document():
    train = [ask("a", document_id="d", answers=(), group="g")]
    parity = knowledge_parity(holdout(train, [ask("t", Evidence("d", 0, 5), group="g")]))
    assert (parity.document, parity.fact) == (0.0, 0.0)


def test_evidence_without_offsets_covers_but_is_counted_apart():
    parity = knowledge_parity(holdout([ask("a", Evidence("d"))], [ask("t", Evidence("d", 3, 4))]))
    assert (parity.fact, parity.facts_by_whole_document) == (1.0, 1)


def test_what_cannot_be_traced_is_none_with_a_reason():
    untraced = knowledge_parity(holdout(TRAIN, [ask("t")]))
    assert (untraced.document, untraced.fact, untraced.answerable) == (None, None, 1)
    assert untraced.document_reason == "no answerable test question names a document"
    assert untraced.fact_reason == "no answerable test question has evidence or a group"
    refused = knowledge_parity(holdout(TRAIN, [ask("t", answers=())]))
    assert refused.fact_reason == refused.document_reason == "no test question is answerable"


def test_the_share_is_over_the_questions_that_can_be_traced():
    parity = knowledge_parity(holdout(TRAIN, [TEST[0], ask("untraced")]))
    assert (parity.document, parity.answerable, parity.documents_known) == (1.0, 2, 1)
    assert parity.document_reason is None

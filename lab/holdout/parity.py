"""Knowledge parity: was training shown what the test asks?

Why this decides such comparisons: Ovadia et al. 2024, Fine-Tuning or Retrieval? (arXiv 2312.05934).
Retrieval can open every document. Where training saw none of the tested facts, the comparison is about reading, not
about storing knowledge in weights, and the report has to say so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from lab.holdout.components import documents_of
from lab.holdout.likeness import overlap
from lab.types import Evidence, Holdout, Question

NO_ANSWERABLE = "no test question is answerable"


@dataclass(frozen=True, slots=True)
class Parity:
    """Shares of the answerable test questions whose document, and whose own fact, fed a training question.

    A share is over the questions whose document (or fact) the data name; the rest cannot be traced and is
    `answerable - documents_known` (or `answerable - facts_known`). None where there are none, with the reason.
    `facts_by_whole_document` counts covered facts that are known to overlap only because evidence came without
    offsets: for these the fact share says no more than the document share.
    """

    document: float | None
    fact: float | None
    answerable: int
    documents_known: int
    facts_known: int
    facts_by_whole_document: int
    covered_documents: frozenset[str]
    covered_facts: frozenset[str]
    document_reason: str | None = None
    fact_reason: str | None = None


def knowledge_parity(holdout: Holdout, fed: Collection[str] | None = None) -> Parity:
    """Count at the level of documents and of facts.

    A fact is covered when an answerable training question has its group or evidence that overlaps; of a test question
    with several pieces of evidence one suffices. Refusals teach nothing about a document and do not count.

    Args:
        holdout: the division.
        fed: ids of the questions that training really used; None means all of `holdout.train`.
    """
    used = None if fed is None else frozenset(fed)
    shown = _Shown(q for q in holdout.train if q.answerable and (used is None or q.id in used))
    tested = [question for question in holdout.test if question.answerable]
    placed = [question for question in tested if documents_of(question)]
    traced = [question for question in tested if question.evidence or question.group is not None]
    documents = frozenset(q.id for q in placed if not shown.documents.isdisjoint(documents_of(q)))
    facts = frozenset(q.id for q in traced if shown.fact(q))
    return Parity(
        document=len(documents) / len(placed) if placed else None,
        fact=len(facts) / len(traced) if traced else None,
        answerable=len(tested),
        documents_known=len(placed),
        facts_known=len(traced),
        facts_by_whole_document=sum(q.id in facts and not shown.fact(q, located=True) for q in traced),
        covered_documents=documents,
        covered_facts=facts,
        document_reason=_reason(tested, placed, "no answerable test question names a document"),
        fact_reason=_reason(tested, traced, "no answerable test question has evidence or a group"),
    )


def _reason(tested: list[Question], known: list[Question], otherwise: str) -> str | None:
    return None if known else otherwise if tested else NO_ANSWERABLE


class _Shown:
    """Documents, groups and spans that training questions were about."""

    def __init__(self, train: Iterable[Question]) -> None:
        questions = list(train)
        self.documents = frozenset(document for q in questions for document in documents_of(q))
        self._groups = frozenset(q.group for q in questions if q.group is not None)
        self._spans: defaultdict[str, set[Evidence]] = defaultdict(set)
        for question in questions:
            for piece in question.evidence:
                self._spans[piece.document_id].add(piece)

    def fact(self, question: Question, located: bool = False) -> bool:
        """Whether the question's fact was shown; `located` accepts evidence with offsets only."""
        if question.group is not None and question.group in self._groups:
            return True
        return any(
            overlap(piece, span) and not (located and (piece.start is None or span.start is None))
            for piece in question.evidence
            for span in self._spans.get(piece.document_id, ())
        )

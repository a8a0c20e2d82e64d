"""Missing values: what is empty, what only looks like an answer, and documents that no question asks about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lab.quality.finding import Among, Finding
from lab.types import LABEL_KINDS, Corpus, Evidence, Question

CHECK = "missing values"
MANY_WITHOUT_EVIDENCE = 0.1
# What programs and people write where there is no answer. The second set are also words, which evidence may hold.
NO_ANSWER = frozenset(
    {"n/a", "n.a.", "nan", "null", "nil", "tbd", "todo", "fixme", "xxx", "<na>", "#n/a", "not available"}
)
MAYBE_AN_ANSWER = frozenset({"none", "unknown", "-", "--", "\N{EN DASH}", "\N{EM DASH}", "?", "na", "no answer"})


def missing_values(corpus: Corpus, questions: Sequence[Question]) -> list[Finding]:
    """What is missing in the documents of `corpus` and in `questions`, those that a run uses."""
    return [found for found in (*_documents(corpus), *_questions(corpus, questions)) if found.count]


def _documents(corpus: Corpus) -> list[Finding]:
    documents = Among(CHECK, "document", len(corpus.documents))
    empty = [document.id for document in corpus.documents if not document.text.strip()]
    untitled = [document.id for document in corpus.documents if not document.title.strip()]
    asked = {item.document_id for question in corpus.questions for item in question.evidence}
    asked |= {question.document_id for question in corpus.questions if question.document_id}
    unasked = [document.id for document in corpus.documents if document.id not in asked]
    only = "asked about by no question and can only distract, as in any real collection."
    return [
        documents.found("error", empty, "have", "no text.", "Remove them, or read their files again."),
        documents.found("note", untitled, "have", "no title; retriever and generator read titles."),
        documents.found("note", unasked, "are", only),
    ]


def _questions(corpus: Corpus, questions: Sequence[Question]) -> list[Finding]:
    among = Among(CHECK, "question", len(questions))
    texts = {document.id: document.text for document in corpus.documents}
    blank = [question.id for question in questions if not question.text.strip()]
    hollow = [question.id for question in questions if any(not answer.strip() for answer in question.answers)]
    null_like = [question.id for question in questions if is_null_like(question, texts)]
    answerable = [question for question in questions if question.answerable]
    loose = [question.id for question in answerable if not question.evidence]
    # A label may follow from the question alone, as that of a message does.
    bare = [question for question in answerable if not question.evidence and question.kind not in LABEL_KINDS]
    many = len(bare) > MANY_WITHOUT_EVIDENCE * len(answerable)
    none = "Give the answer, or an empty list of answers where the documents do not tell."
    where = "Name the document of each, with offsets where you have them."
    return [
        among.found("error", blank, "have", "no text.", "Write or remove them."),
        among.found("error", hollow, "have", "an empty gold answer: whoever says nothing is right there.", none),
        among.found(
            "warning", null_like, "have", "a gold answer such as n/a or TODO, which stands for a missing one.", none
        ),
        among.found(
            "warning" if many else "note",
            loose,
            "have",
            "an answer but no evidence: retrieval is not measured there, and RAFT has no golden passage to train on.",
            where,
        ),
    ]


def is_null_like(question: Question, texts: Mapping[str, str]) -> bool:
    """Whether a gold answer stands for a missing one. `texts` are the documents' by id.

    "none" or "unknown" is an answer where it is a label, or where the evidence, given with offsets, says it.
    """
    said = {" ".join(answer.casefold().split()) for answer in question.answers}
    if said & NO_ANSWER:
        return True
    doubtful = said & MAYBE_AN_ANSWER
    if not doubtful or question.kind in LABEL_KINDS:
        return False
    quoted = " ".join(_quote(item, texts) for item in question.evidence).casefold()
    return not any(answer in quoted for answer in doubtful)


def _quote(item: Evidence, texts: Mapping[str, str]) -> str:
    return "" if item.start is None else texts.get(item.document_id, "")[item.start : item.end]

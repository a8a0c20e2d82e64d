"""Evidence that does not hold its answer, or holds far more than it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from lab.quality.finding import Finding, capital, first, part
from lab.types import Corpus, Question

CHECK = "evidence"
QUOTED_KINDS = frozenset({"span", "number", "list"})  # kinds whose answer stands in the evidence word for word
MANY_ABSENT = 0.05
LONG_WORDS, TIMES_THE_ANSWER = 200, 50
_PARTS = re.compile(r"\s*(?:[,;\n]|\band\b|\bor\b)\s*")
_SPACES = re.compile(r"[\W_]+")
_GROUPS = re.compile(r"(?<=\d)[,\s](?=\d{3})")


def evidence_faults(corpus: Corpus, questions: Sequence[Question]) -> list[Finding]:
    """Quoted kinds only: label, yes-no and free answers, calls and joined facts stand nowhere word for word."""
    texts = {document.id: document.text for document in corpus.documents}
    quoted = [
        question for question in questions if question.kind in QUOTED_KINDS and question.answers and question.evidence
    ]
    absent = [question.id for question in quoted if not holds_an_answer(question, texts)]
    wide = [question.id for question in quoted if _is_wide(question, texts)]
    found = [
        Finding(
            CHECK,
            "warning" if len(absent) > MANY_ABSENT * len(quoted) else "note",
            len(absent),
            len(quoted),
            f"The answers of {part(len(absent), len(quoted), 'question')} of kind span, number or list do not stand in "
            "their evidence.",
            first(absent),
            "Correct the evidence or the answer; set kind to free where the answer is in other words.",
        ),
        Finding(
            CHECK,
            "note",
            len(wide),
            len(quoted),
            f"{capital(part(len(wide), len(quoted), 'question'))}: the evidence is a span of over {LONG_WORDS} words "
            f"and {TIMES_THE_ANSWER} times the answer, so no single passage may hold it whole.",
            first(wide),
            "Mark the sentence that holds the answer.",
        ),
    ]
    return [one for one in found if one.count]


def holds_an_answer(question: Question, texts: Mapping[str, str]) -> bool:
    """Whether the evidence holds a gold answer, case, spaces and punctuation aside; of a list, all its parts.

    `texts` are the documents' by id. Numbers may be grouped in one of the two ("1,200" and "1200").
    """
    pieces = [texts.get(item.document_id, "")[item.start : item.end] for item in question.evidence]
    whole = " ".join(pieces)
    words = _flat(whole)
    for answer in question.answers:
        if not _flat(answer):  # a sign, such as "%" or "+": what it is made of is punctuation
            if answer.strip() in whole:
                return True
            continue
        if _says(words, answer) or _says(_flat(_GROUPS.sub("", whole)), _GROUPS.sub("", answer)):
            return True
        if question.kind == "list" and all(_says(words, part) for part in _PARTS.split(answer)):
            return True
    return False


def _says(words: str, answer: str) -> bool:
    """Whether flat `words` hold the answer, as whole words where it begins and ends as words with spaces do."""
    wanted = _flat(answer)
    before, after = (r"(?<![a-z0-9])" if wanted[:1].isascii() else "", r"(?![a-z0-9])" if wanted[-1:].isascii() else "")
    return re.search(f"{before}{re.escape(wanted)}{after}", words) is not None


def _is_wide(question: Question, texts: Mapping[str, str]) -> bool:
    """Whether one marked span is far longer than the answer; a whole document marks nothing."""
    longest = max(len(answer.split()) for answer in question.answers)
    spans = [item for item in question.evidence if item.start is not None]
    words = [len(texts.get(item.document_id, "")[item.start : item.end].split()) for item in spans]
    return any(count > LONG_WORDS and count > TIMES_THE_ANSWER * max(1, longest) for count in words)


def _flat(text: str) -> str:
    return _SPACES.sub(" ", text.casefold()).strip()

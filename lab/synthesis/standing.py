"""The synthetic questions that stand already, by kind, document and fact."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from lab.types import Passage, Question


@dataclass(slots=True)
class Standing:
    """The synthetic questions that stand in the file: facts by passage place, wordings by fact, counts."""

    facts: defaultdict[str, dict[str, list[Question]]] = field(default_factory=lambda: defaultdict(dict))
    answerable: int = 0
    unanswerable: int = 0
    kinds: Counter[str] = field(default_factory=Counter)

    def add(self, question: Question) -> None:
        """Count a question that stands."""
        self.kinds[question.kind] += 1
        if question.answerable:
            self.answerable += 1
            document = question.evidence[0].document_id if question.evidence else question.document_id or ""
            self.facts[document].setdefault(question.group or question.id, []).append(question)
        else:
            self.unanswerable += 1

    def within(self, passage: Passage) -> dict[str, list[Question]]:
        """The facts whose evidence lies in a passage, with their wordings."""
        return {
            group: questions
            for group, questions in self.facts[passage.document_id].items()
            for piece in questions[0].evidence[:1]  # somebody may have taken it out
            if piece.start is not None
            and piece.end is not None
            and passage.start <= piece.start
            and piece.end <= passage.end
        }

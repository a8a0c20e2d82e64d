"""The nouns of synthesis: a proposed question on its way through the filters."""

from __future__ import annotations

from dataclasses import dataclass

from lab.types import Passage


@dataclass(frozen=True, slots=True)
class AnswerSpan:
    """Characters [start, end) of a document's text that could answer a question: `text` stands there word for word.

    `kind` is span, number or list. `key` is what the text itself says that the span is of, such as "Weight" in
    "Weight: 412 kg"; "" where it says nothing.
    """

    text: str
    start: int
    end: int
    kind: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question about a passage that has passed no filter yet.

    `maker` is what wrote it: "cloze", "template", or the teacher's name. `answer` is None where the passage's documents
    shall not answer it. Proposals of one `group` ask for the same fact in other words.
    """

    question: str
    answer: AnswerSpan | None
    passage: Passage
    maker: str
    group: str


@dataclass(frozen=True, slots=True)
class Rejection:
    """A proposal that a filter turned away; `reason` is one of a fixed few, in plain words."""

    proposal: Proposal
    reason: str

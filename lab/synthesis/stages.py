"""What a teacher does for synthesis: write, say in other words, read for a check, answer from memory.

Each function takes many items and returns a result for each, in order. Small teachers
(those with a ranker) rank where others write: which of the questions that rules made is English, and which of a
passage's possible answers a question asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lab.synthesis.answers import find_answers
from lab.synthesis.asking import (
    ANSWER_TOKENS,
    QUESTION_TOKENS,
    choosing_texts,
    ranking_text,
    read_answer,
    read_question,
    reading_prompt,
    recall_prompt,
    reword_prompt,
    write_prompt,
)
from lab.synthesis.filters import Agreement, fault_of_form, key_words, leaks
from lab.synthesis.nouns import AnswerSpan, Proposal
from lab.synthesis.teacher import OnProgress, Ranker, Teacher
from lab.synthesis.turning import turned
from lab.synthesis.words import normal_words
from lab.types import Passage

# Mean log-probability per token that a turned question must have. Read on questions from 60 passages of two corpora:
# above it nearly all were English, below -1.5 nearly none.
FLUENT = -1.25
# How much of an answer's own likelihood in the passage is taken off when it is chosen (Holtzman et al. 2021, surface
# form competition). On 77 questions by people, 0.5 chose right most often: 56 % of about 8 answers, against 48 % for 0.
YARDSTICK = 0.5
MOST_CHOICES = 16


@dataclass(frozen=True, slots=True)
class Draft:
    """Questions to one answer, the best first; none where the teacher found none."""

    passage: Passage
    answer: AnswerSpan
    questions: tuple[str, ...]


def write(teacher: Teacher, wanted: Sequence[tuple[Passage, AnswerSpan]], on_progress: OnProgress) -> list[Draft]:
    """A draft for each passage and answer. A small teacher ranks; what it would write asks for something else."""
    ranker = teacher.ranker
    if ranker is None:
        prompts = [write_prompt(passage, answer) for passage, answer in wanted]
        replies = teacher.write(prompts, stage="writing", max_tokens=QUESTION_TOKENS, on_progress=on_progress)
        return [
            Draft(passage, answer, (read_question(reply),))
            for (passage, answer), reply in zip(wanted, replies, strict=True)
        ]
    drafts = []
    for done, (passage, answer) in enumerate(wanted, start=1):
        drafts.append(Draft(passage, answer, _ranked(ranker, passage, answer)))
        on_progress(done, len(wanted))
    return drafts


def reword(teacher: Teacher, questions: Sequence[str], on_progress: OnProgress) -> list[str]:
    """Each question in other words."""
    prompts = [reword_prompt(question) for question in questions]
    replies = teacher.write(prompts, stage="rewording", max_tokens=QUESTION_TOKENS, on_progress=on_progress)
    return [read_question(reply) for reply in replies]


def read(teacher: Teacher, proposals: Sequence[Proposal], agreement: Agreement, on_progress: OnProgress) -> list[bool]:
    """Whether the passage leads the teacher from each question to its answer."""
    if teacher.ranker is not None:
        return _chosen(teacher.ranker, proposals, on_progress)
    prompts = [reading_prompt(proposal.question, proposal.passage) for proposal in proposals]
    replies = teacher.write(prompts, stage="reading", max_tokens=ANSWER_TOKENS, on_progress=on_progress)
    return [_agrees(agreement, reply, one) for reply, one in zip(replies, proposals, strict=True)]


def recall(
    teacher: Teacher, proposals: Sequence[Proposal], agreement: Agreement, on_progress: OnProgress
) -> list[bool]:
    """Whether the teacher gives each answer without the passage. Of a yes-no question that would say nothing."""
    prompts = [recall_prompt(proposal.question) for proposal in proposals]
    replies = teacher.write(prompts, stage="memory", max_tokens=ANSWER_TOKENS, on_progress=on_progress)
    return [_agrees(agreement, reply, one) for reply, one in zip(replies, proposals, strict=True)]


def anchored(question: str, passage: Passage) -> str:
    """The question, with the document's title in front where nothing in it says what it is about."""
    title = " ".join(passage.title.replace("_", " ").split())
    told = set(normal_words(passage.label))
    names = any(word[:1].isupper() or any(map(str.isdigit, word)) for word in question.split()[1:])
    if not title or names or any(word in told for word in key_words(question)):
        return question
    return f"According to \u201c{title}\u201d, {question[:1].lower()}{question[1:]}"


def _ranked(ranker: Ranker, passage: Passage, answer: AnswerSpan) -> tuple[str, ...]:
    """Turned questions that have no fault of form and are fluent, the most fluent first."""
    found = [
        question
        for question in turned(passage, answer)
        if fault_of_form(Proposal(question, answer, passage, "", "")) is None
    ]
    scores = ranker.rank(ranking_text(passage, answer), [f" {question}" for question in found], stage="writing")
    order = sorted(range(len(found)), key=lambda place: (-scores[place], place))
    fluent = [found[place] for place in order if scores[place] >= FLUENT]
    apart = {question.partition(" ")[2]: question for question in reversed(fluent)}  # one of "Who made" and "What made"
    return tuple(anchored(question, passage) for question in fluent if question in apart.values())


def _chosen(ranker: Ranker, proposals: Sequence[Proposal], on_progress: OnProgress) -> list[bool]:
    """Whether each answer is the one that its question makes likeliest among the answers of the passage."""
    found = []
    for done, proposal in enumerate(proposals, start=1):
        choices = _choices(proposal)
        with_question, without = choosing_texts(proposal.question, proposal.passage)
        asked = ranker.rank(with_question, choices, stage="reading")
        unasked = ranker.rank(without, choices, stage="reading")
        gains = [one - YARDSTICK * other for one, other in zip(asked, unasked, strict=True)]
        found.append(len(choices) > 1 and gains[0] == max(gains))
        on_progress(done, len(proposals))
    return found


def _choices(proposal: Proposal) -> list[str]:
    """The answer, then the passage's other possible answers that neither overlap it nor stand in the question."""
    own = proposal.answer
    assert own is not None
    others = [
        other.text
        for other in find_answers(proposal.passage)
        if (other.end <= own.start or own.end <= other.start)
        and other.text not in own.text
        and own.text not in other.text
        and not leaks(proposal.question, other.text)
    ]
    return [f" {text}" for text in dict.fromkeys([own.text, *others])][:MOST_CHOICES]


def _agrees(agreement: Agreement, reply: str, proposal: Proposal) -> bool:
    assert proposal.answer is not None
    return agreement.agrees(read_answer(reply), proposal.answer)

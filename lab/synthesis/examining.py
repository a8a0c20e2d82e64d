"""The filters in their order, the cheapest first: form, repetition, other documents, a second reading, memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lab.synthesis import filters
from lab.synthesis.asking import ANSWER_TOKENS, read_answer, reading_prompt
from lab.synthesis.duplicates import Seen
from lab.synthesis.elsewhere import Elsewhere
from lab.synthesis.filters import Agreement, fault_of_form
from lab.synthesis.nouns import Proposal
from lab.synthesis.stages import read, recall
from lab.synthesis.standalone import unclear
from lab.synthesis.tally import Tally
from lab.synthesis.teacher import Teacher
from lab.types import Passage

MOST_READ = 4  # passages about the thing that a teacher reads before a question counts as unanswerable
OnStage = Callable[[str, int, int], None]


@dataclass(slots=True)
class Examiner:
    """Judges proposals. `seen` holds every accepted question and those of people; `abstains` reads a reply."""

    teacher: Teacher | None
    agreement: Agreement
    abstains: Callable[[str], bool]
    elsewhere: Elsewhere
    seen: Seen

    def examine(self, proposals: Sequence[Proposal], tally: Tally, on_stage: OnStage) -> list[Proposal]:
        """The proposals that pass every check, in order; all others are counted with their reason."""
        tally.propose(proposals)
        passed = self._by_form(proposals, tally)
        return self._by_model(passed, tally, on_stage)

    def examine_wordings(
        self, asked: Sequence[tuple[str, Proposal]], tally: Tally, on_stage: OnStage
    ) -> list[Proposal]:
        """The further wordings that pass; each comes with the question that it says in other words."""
        proposals = [proposal for _, proposal in asked]
        tally.propose(proposals)
        changed = []
        for question, proposal in asked:
            if _same(question, proposal.question):
                tally.reject(proposal, filters.REPEATED)
            else:
                changed.append(proposal)
        tally.stage("rewording", len(proposals), len(changed))
        return self._by_model(self._by_form(changed, tally), tally, on_stage)

    def unanswerable(self, proposal: Proposal, naming: Sequence[Passage], tally: Tally) -> bool:
        """Whether a swapped question may stand: clear, new, and left unanswered by teachers that can abstain.

        Its group is that of the question it was made from, which it resembles but for a name. `naming` are passages
        that name the thing it is asked of.
        """
        reason = unclear(proposal.question, proposal.passage)
        if reason is None and self.seen.like(proposal.question, proposal.group) is not None:
            reason = filters.REPEATED
        if reason is None and self.teacher is not None and self.teacher.ranker is None:
            # The modelled passage is the likeliest to mislead: it holds all of the fact but the name.
            prompts = [
                reading_prompt(proposal.question, passage)
                for passage in (proposal.passage, *_nearest(proposal.question, naming))
            ]
            replies = self.teacher.write(
                prompts, stage="abstaining", max_tokens=ANSWER_TOKENS, on_progress=lambda done, total: None
            )
            reason = None if all(self.abstains(read_answer(reply)) for reply in replies) else "answered"
        tally.stage("unanswerable", 1, int(reason is None))
        return reason is None

    def _by_form(self, proposals: Sequence[Proposal], tally: Tally) -> list[Proposal]:
        passed: list[Proposal] = []
        known = Seen()
        for place, proposal in enumerate(proposals):
            reason = self._fault(proposal, known)
            if reason is None:
                passed.append(proposal)
                known.add(str(place), proposal.question, proposal.group)
            else:
                tally.reject(proposal, reason)
        tally.stage("form", len(proposals), len(passed))
        return passed

    def _fault(self, proposal: Proposal, known: Seen) -> str | None:
        reason = fault_of_form(proposal)
        if reason is not None:
            return reason
        if any(seen.like(proposal.question, proposal.group) is not None for seen in (self.seen, known)):
            return filters.REPEATED
        assert proposal.answer is not None
        if self.elsewhere.fits_another(proposal.question, proposal.passage, proposal.answer.text):
            return filters.ELSEWHERE
        return None

    def _by_model(self, proposals: Sequence[Proposal], tally: Tally, on_stage: OnStage) -> list[Proposal]:
        teacher = self.teacher
        if teacher is None or not proposals:
            tally.pass_on(proposals)
            return list(proposals)
        found = read(teacher, proposals, self.agreement, lambda *counts: on_stage("reading", *counts))
        passed = self._kept(proposals, found, filters.UNREAD, tally)
        tally.stage("reading", len(proposals), len(passed))
        known = recall(teacher, passed, self.agreement, lambda *counts: on_stage("memory", *counts))
        kept = self._kept(passed, [not one for one in known], filters.KNOWN, tally)
        tally.stage("memory", len(passed), len(kept))
        tally.pass_on(kept)
        return kept

    def _kept(self, proposals: Sequence[Proposal], good: Sequence[bool], reason: str, tally: Tally) -> list[Proposal]:
        for proposal, fine in zip(proposals, good, strict=True):
            if not fine:
                tally.reject(proposal, reason)
        return [proposal for proposal, fine in zip(proposals, good, strict=True) if fine]


def _nearest(question: str, passages: Sequence[Passage]) -> list[Passage]:
    """The few passages that share most words with a question."""
    return sorted(passages, key=lambda passage: -filters.grounded(question, passage))[:MOST_READ]


def _same(question: str, other: str) -> bool:
    """Whether two questions differ in case, punctuation and white space only."""
    plain = ["".join(character for character in text.casefold() if character.isalnum()) for text in (question, other)]
    return plain[0] == plain[1]

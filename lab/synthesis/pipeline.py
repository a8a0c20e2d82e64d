"""Passages in, accepted questions out: rounds of passages, each kept on disk before the next begins.

A round proposes questions to the answers of its passages, filters them, chooses among those that pass, asks for further
wordings, and turns some into questions that no document answers. The same passages, settings and teacher give the same
questions, in one call or in many that were killed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Literal

from lab.synthesis.answers import fact_of, find_answers
from lab.synthesis.balance import choose, kind_of
from lab.synthesis.cloze import cloze_proposals
from lab.synthesis.examining import Examiner
from lab.synthesis.nouns import AnswerSpan, Proposal
from lab.synthesis.rewording import rephrased
from lab.synthesis.stages import reword, write
from lab.synthesis.standing import Standing
from lab.synthesis.store import Store
from lab.synthesis.tally import Tally
from lab.synthesis.teacher import Teacher
from lab.synthesis.templates import template_proposals
from lab.synthesis.unanswerable import Swaps
from lab.types import Evidence, Passage, Question

ROUND = 16  # passages; their questions reach the disk together
BARREN_ROUNDS, BARREN_SHARE = 6, 0.2  # stop where so many rounds together gave fewer questions a passage
WAVES = 3  # times that a passage gets further proposals while it lacks questions
# Answers a wave takes up for each question that is still wanted. A small teacher turns down most of them, and ranking
# costs little; each prompt to a server costs, and most of what it writes passes.
PER_WANTED_GUIDED, PER_WANTED = 4, 1

QUESTIONS = "questions"  # the stage that tells how many stand in the file, of how many
TEMPLATE = "template"  # what wordings by rule are made by
OnStage = Callable[[str, int, int], None]
Reword = Callable[[Sequence[str]], Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How many questions are wanted: facts a passage, wordings a fact, lines in all, share that nothing answers."""

    per_passage: int = 2
    wordings: int = 2
    limit: int = 400
    unanswerable: float = 0.15
    seed: int = 7


End = Literal["limit", "passages", "barren"]


@dataclass(slots=True)
class Pipeline:
    """One call's work. `teacher` None: templates and clozes only, and no check that needs a model."""

    plan: Plan
    teacher: Teacher | None
    store: Store
    examiner: Examiner
    swaps: Swaps
    standing: Standing
    on_stage: OnStage
    filtered_by: dict[str, str | None] | None = None  # name, digest and server of the teacher, kept with each round

    @property
    def maker(self) -> str:
        """The teacher's name; it stands beside what is done, since another teacher may find more."""
        return self.teacher.name if self.teacher else "none"

    def run(self, passages: Iterable[Passage]) -> End:
        """Work off passages until the limit is met, the passages end, or the last ones gave hardly a question.

        Texts that say the same everywhere, such as logbooks, have 100,000 passages and few questions.
        """
        done = {(row["teacher"], place) for row in self.store.rounds for place in self._places(row)}
        waiting = (passage for passage in passages if (self.maker, _place(passage)) not in done)
        self.on_stage(QUESTIONS, self.standing.answerable + self.standing.unanswerable, self.plan.limit)
        stood: list[int] = []
        while not self._full():
            batch = list(islice(waiting, ROUND))
            if not batch:
                return "passages"
            stood.append(self.standing.answerable)
            self._round(batch)
            if len(stood) >= BARREN_ROUNDS:
                gained = self.standing.answerable - stood[-BARREN_ROUNDS]
                if gained < BARREN_SHARE * BARREN_ROUNDS * ROUND and not self._full():
                    return "barren"
        return "limit"

    def _places(self, row: dict[str, Any]) -> list[str]:
        """The passages of a finished round that need no other look: as much was wanted of them then as now."""
        enough = row["per_passage"] >= self.plan.per_passage and row["wordings"] >= self.plan.wordings
        return row["passages"] if enough else []

    def _full(self) -> bool:
        return self.standing.answerable >= self._most_answerable()

    def _most_answerable(self) -> int:
        return self.plan.limit - round(self.plan.limit * self.plan.unanswerable)

    def _round(self, batch: Sequence[Passage]) -> None:
        tally = Tally()
        new: list[Question] = []
        for proposals in self._accepted(batch, tally).values():
            for proposal in proposals:
                question = self._question(proposal)
                new.append(question)
                self.standing.add(question)
                self.examiner.seen.add(question.id, question.text, question.group or "")
        new += self._unanswerable(new, {passage.document_id: passage for passage in batch}, tally)
        self.store.reject(tally.rejections)
        tally.accept(new)
        self.store.commit(
            new,
            {
                "teacher": self.maker,
                "filtered_by": self.filtered_by,
                "per_passage": self.plan.per_passage,
                "wordings": self.plan.wordings,
                "passages": [_place(passage) for passage in batch if not (self._full() and self._missing(passage))],
                "tried": len(batch),
                **tally.row(),
            },
        )
        self.on_stage(QUESTIONS, self.standing.answerable + self.standing.unanswerable, self.plan.limit)

    def _accepted(self, batch: Sequence[Passage], tally: Tally) -> dict[str, list[Proposal]]:
        """New wordings by fact: of new facts, and of those that stand already but have too few."""
        passed = self._passed(batch, tally)
        firsts: dict[str, Proposal] = {}
        for proposal in passed:
            firsts.setdefault(proposal.group, proposal)
        missing = {passage.id: self._missing(passage) for passage in batch}
        room = self._most_answerable() - self.standing.answerable
        chosen: list[Proposal] = []
        for count in sorted(set(missing.values()) - {0}):
            pool = [one for one in firsts.values() if missing[one.passage.id] == count]
            kinds = self.standing.kinds + Counter(map(kind_of, chosen))
            most = max(0, room - len(chosen))
            chosen += choose(pool, per_passage=count, seed=self.plan.seed, count=most, standing=kinds)
        order = {group: place for place, group in enumerate(firsts)}
        chosen.sort(key=lambda one: order[one.group])
        found = {proposal.group: [proposal] for proposal in chosen}
        self._add_wordings(found, [one for one in passed if one.group in found], room - len(chosen), tally)
        return found

    def _missing(self, passage: Passage) -> int:
        return max(0, self.plan.per_passage - len(self.standing.within(passage)))

    def _passed(self, batch: Sequence[Passage], tally: Tally) -> list[Proposal]:
        """Proposals that pass every check: those of rules first, then waves of the teacher's where some are missing."""
        passed = self.examiner.examine(self._of_rules(batch), tally, self.on_stage)
        if self.teacher is None:
            return passed
        candidates = {passage.id: self._candidates(passage) for passage in batch}
        for _ in range(WAVES):
            facts: defaultdict[str, set[str]] = defaultdict(set)
            for proposal in passed:
                facts[proposal.passage.id].add(proposal.group)
            wanted = [
                (passage, answer)
                for passage in batch
                for answer in islice(
                    (one for one in candidates[passage.id] if fact_of(passage, one) not in facts[passage.id]),
                    max(0, self._missing(passage) - len(facts[passage.id])) * self._per_wanted(),
                )
            ]
            if not wanted:
                break
            passed += self.examiner.examine(self._written(wanted, tally), tally, self.on_stage)
        return passed

    def _per_wanted(self) -> int:
        return PER_WANTED_GUIDED if self.teacher and self.teacher.ranker else PER_WANTED

    def _of_rules(self, batch: Sequence[Passage]) -> list[Proposal]:
        found: list[Proposal] = []
        for passage in batch:
            standing = self.standing.within(passage)
            if len(standing) >= self.plan.per_passage:
                continue
            proposals = [*template_proposals(passage), *(cloze_proposals(passage) if self.teacher is None else ())]
            found += [one for one in proposals if one.group not in standing]
        return found

    def _candidates(self, passage: Passage) -> Iterator[AnswerSpan]:
        standing = self.standing.within(passage)
        return (answer for answer in find_answers(passage) if fact_of(passage, answer) not in standing)

    def _written(self, wanted: Sequence[tuple[Passage, AnswerSpan]], tally: Tally) -> list[Proposal]:
        assert self.teacher is not None
        drafts = write(self.teacher, wanted, lambda done, total: self.on_stage("writing", done, total))
        tally.stage("writing", len(drafts), sum(bool(draft.questions) for draft in drafts))
        return [
            Proposal(question, draft.answer, draft.passage, self.maker, fact_of(draft.passage, draft.answer))
            for draft in drafts
            for question in draft.questions[: self.plan.wordings]
        ]

    def _add_wordings(
        self, found: dict[str, list[Proposal]], passed: Sequence[Proposal], room: int, tally: Tally
    ) -> None:
        """Further wordings: those that passed beside the first one, then the teacher's of it, then those by rule."""
        for proposal in passed:
            own = found[proposal.group]
            if room > 0 and len(own) < self.plan.wordings and all(proposal.question != one.question for one in own):
                own.append(proposal)
                room -= 1
        if self.teacher is not None and self.teacher.ranker is None:
            room -= self._reword(found, room, tally, self._by_teacher)
        self._reword(found, room, tally, lambda questions: [(rephrased(one), TEMPLATE) for one in questions])

    def _by_teacher(self, questions: Sequence[str]) -> list[tuple[str, str]]:
        assert self.teacher is not None
        replies = reword(self.teacher, questions, lambda done, total: self.on_stage("rewording", done, total))
        return [(reply, self.maker) for reply in replies]

    def _reword(self, found: dict[str, list[Proposal]], room: int, tally: Tally, say: Reword) -> int:
        """Say first wordings of facts that lack others again; returns how many passed."""
        short = [own for own in found.values() if len(own) < self.plan.wordings]
        if not short or room <= 0:
            return 0
        asked = [
            (own[0].question, Proposal(text, own[0].answer, own[0].passage, maker, own[0].group))
            for own, (text, maker) in zip(short, say([own[0].question for own in short]), strict=True)
            if text
        ]
        passed = self.examiner.examine_wordings(asked, tally, self.on_stage)[:room]
        for proposal in passed:
            found[proposal.group].append(proposal)
        return len(passed)

    def _unanswerable(self, new: Sequence[Question], passages: dict[str, Passage], tally: Tally) -> list[Question]:
        """Questions about things of which no document says that, made from new ones, up to the share that is wanted."""
        share = self.plan.unanswerable
        wanted = min(
            round(self.standing.answerable * share / (1 - share)) if share < 1 else 0,
            round(self.plan.limit * share),
        )
        made: list[Question] = []
        for question in new:
            if self.standing.unanswerable >= wanted:
                break
            document = question.evidence[0].document_id
            for swap in self.swaps.of(question.text, document, question.answers[0]):
                own = question.group or question.id
                proposal = Proposal(swap.question, None, passages[document], question.synthetic or "", own)
                if self.examiner.unanswerable(proposal, swap.passages, tally):
                    id = f"{question.id}/unanswerable"
                    group = f"{own}/unanswerable/{swap.came}"  # all wordings of a fact that are asked of one thing
                    one = Question(id, swap.question, (), "unanswerable", (), document, group=group)
                    made.append(replace(one, synthetic=question.synthetic))
                    self.standing.add(made[-1])
                    self.examiner.seen.add(id, swap.question)
                    break
        return made

    def _question(self, proposal: Proposal) -> Question:
        answer = proposal.answer
        assert answer is not None
        document = proposal.passage.document_id
        number = len(self.standing.facts[document].get(proposal.group, ())) + 1
        return Question(
            id=f"{document}/{answer.start}-{answer.end}/{number}",
            text=proposal.question,
            answers=(answer.text,),
            kind=answer.kind,
            evidence=(Evidence(document, answer.start, answer.end),),
            group=proposal.group,
            synthetic=proposal.maker,
        )


def _place(passage: Passage) -> str:
    return f"{passage.document_id}:{passage.start}-{passage.end}"

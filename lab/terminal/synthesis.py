"""Questions being made, and what was made, in the terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from lab import rounding
from lab.synthesis.pipeline import BARREN_ROUNDS, ROUND
from lab.terminal.console import show_text

if TYPE_CHECKING:
    from lab.synthesize import Order, Outcome, Reviewed

EVERY = 30.0  # seconds between two lines where there is no terminal
QUESTIONS = "questions"
BALANCED = ("span", "number", "list")  # kinds of answers that a passage's text can give
MIND = "mind: synthetic questions measure only in part what people ask."
FILTERED = (
    "What a teacher knew without the passage was left out, so methods without passages will score too low, most of all "
    "if it is the run's generator."
)
TRUST = "Before you trust a comparison, let the test questions be written by people, or review these."
# What a stage does, for people.
STAGES: Mapping[str, str] = {
    "documents": "reading documents",
    "writing": "writing questions",
    "reading": "answering them from the passages",
    "memory": "answering them without",
    "rewording": "saying them in other words",
    "form": "form and repetition",
    "unanswerable": "asked of other things",
    "abstaining": "abstaining",
}


class Progress:
    """How many questions there are and what is being done: bars on a terminal, now and then a line elsewhere."""

    def __init__(self, console: Console, *, shown: bool) -> None:
        self._console = console
        self._lines = shown and not console.is_terminal
        columns = (
            TextColumn("{task.description}"),
            BarColumn(24),
            TextColumn("{task.fields[count]}"),
            TimeElapsedColumn(),
        )
        self._bars = Bars(*columns, console=console, transient=True, disable=not (shown and console.is_terminal))
        self._questions = self._bars.add_task("questions", total=None, count="")
        self._stage = self._bars.add_task("", total=None, count="")
        self._standing = ""
        self._told = time.monotonic()

    def __enter__(self) -> Progress:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def tell(self, stage: str, done: int, total: int) -> None:
        """Show that `done` of a stage's `total` items are done; of questions, how many of the limit there are."""
        count = f"{done:,} of {total:,}" if total else ""
        if stage == QUESTIONS:
            self._standing = count
            self._bars.update(self._questions, completed=done, total=total, count=count)
        else:
            name = STAGES.get(stage, stage)
            self._bars.update(self._stage, description=name, completed=done, total=total or None, count=count)
        if self._lines and (time.monotonic() - self._told > EVERY):
            self._told = time.monotonic()
            doing = "" if stage == QUESTIONS else f"; {STAGES.get(stage, stage)}: {count}"
            show_text(self._console, f"{self._standing or '0'} questions{doing}")


def summary_text(outcome: Outcome, order: Order) -> str:
    """What was made, what was turned away and why, what it took, what to do next."""
    return "\n".join(_summary(outcome, order))


def reviewed_text(reviewed: Reviewed) -> str:
    """What a review changed."""
    return (
        f"{rounding.count(reviewed.accepted)} questions accepted, {rounding.count(reviewed.changed)} of them changed; "
        f"{rounding.count(reviewed.removed)} removed for good\n"
        f"questions: {reviewed.folder / 'questions.jsonl'}"
    )


def _summary(outcome: Outcome, order: Order) -> Iterator[str]:
    result, call = outcome.result, outcome.result["this_call"]
    standing = result["standing"]
    yield (
        f"{rounding.count(outcome.added)} questions added by {result['teacher']}"
        if result["teacher"] != "none"
        else f"{rounding.count(outcome.added)} questions added, by rules alone"
    )
    yield (
        f"{rounding.count(standing['answerable'] + standing['unanswerable'])} synthetic questions stand in the file, "
        f"{rounding.count(standing['unanswerable'])} of them without an answer; {_why_stopped(outcome, order)}"
    )
    if call["proposals"]:
        yield ""
        yield from _funnel(call)
        yield from _lacking(result, order)
    if call["cost"]["replies"]:
        yield ""
        yield from _costs(call)
    yield ""
    yield from _next(outcome)


def _why_stopped(outcome: Outcome, order: Order) -> str:
    if outcome.end == "limit":
        kept = round(order.plan.limit * order.plan.unanswerable) - outcome.result["standing"]["unanswerable"]
        left = f"; {rounding.count(kept)} are kept for questions without an answer (--unanswerable)" if kept > 0 else ""
        return f"the limit is {rounding.count(order.plan.limit)} (--limit){left}"
    if outcome.end == "barren":
        return (
            f"stopped, since the last {BARREN_ROUNDS * ROUND} passages gave hardly a question: texts that say the same "
            "everywhere have few; the same command tries further passages"
        )
    return "no passage is left that was not tried (--per-passage asks more of each)"


def _funnel(call: Mapping[str, Any]) -> Iterator[str]:
    passed = call["passed"]
    yield (
        f"{rounding.count(call['passages'])} passages, {rounding.count(call['proposals'])} proposals, "
        f"{rounding.count(passed)} passed every check ({rounding.share(passed / call['proposals'])}), "
        f"{rounding.count(call['accepted'])} were taken (--per-passage of each, kinds balanced)"
    )
    for maker, counts in call["makers"].items():
        share = rounding.share(counts["passed_share"])
        yield f"  {maker}: {rounding.count(counts['proposed'])} proposed, {share} passed"
    if call["rejected"]:
        yield "turned away:"
        for reason, count in call["rejected"].items():
            yield f"  {rounding.count(count):>6}  {reason}"


def _lacking(result: Mapping[str, Any], order: Order) -> Iterator[str]:
    """Kinds of which nothing was found, which no choice among proposals could balance."""
    lacking = [kind for kind in BALANCED if not result["all_calls"]["kinds"].get(kind)]
    if lacking and result["standing"]["answerable"]:
        yield f"no question of kind {' or '.join(lacking)}: none was proposed and passed, so kinds are not balanced"
    if order.plan.unanswerable and not result["standing"]["unanswerable"]:
        yield "no question without an answer: of no similar thing was it sure that no document says that"


def _costs(call: Mapping[str, Any]) -> Iterator[str]:
    cost = call["cost"]
    about = "about " if cost["estimated"] else ""
    yield (
        f"the teacher read {about}{rounding.count(cost['tokens_in'])} tokens and wrote {about}"
        f"{rounding.count(cost['tokens_out'])} in {rounding.seconds(cost['seconds'])} s"
    )
    for stage, spent in call["costs"].items():
        yield f"  {STAGES.get(stage, stage)}: {rounding.seconds(spent['seconds'])} s"


def _next(outcome: Outcome) -> Iterator[str]:
    folder = outcome.folder
    standing = outcome.result["standing"]
    yield f"questions: {folder / 'questions.jsonl'}"
    yield f"counts: {folder / 'synthesis.json'}; turned away: {folder / '.work' / 'synthesis' / 'rejected.jsonl'}"
    if outcome.review is not None:
        yield f"review: {outcome.review} or .html; then lab synthesize {folder} --review {outcome.review}"
    elif standing["answerable"]:
        yield f"review: review.csv holds your corrections and was left; apply it with --review {folder / 'review.csv'}"
    yield f"next: lab check {folder}, then lab run {folder}"
    yield " ".join([MIND, *([FILTERED] if outcome.result["filtered_by"] else []), TRUST])

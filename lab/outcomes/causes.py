"""Why answers are wrong: one cause for each, by a fixed rule over what was said, shown and scored.

The first line that fits, from the top, is the cause. Answers that are right have none.

answered the unanswerable  it answered a question that has no answer
refused                    it declined a question that has one
format                     all that was written holds a gold answer, the parsed answer does not; or the parse failed, or
                           the answer itself was cut off by the limit on tokens
gold suspect               three or more methods give this same wrong answer, and the oracle, shown a gold passage, is
                           wrong too; where no gold passage is known: the oracle is one of them and no method that
                           answered says otherwise. Not for kinds with a fixed set of labels, where agreeing is cheap
not known                  the method gets no passages: its weights did not know
retrieval miss             a gold passage is known, and none was among the passages that it saw
evidence unknown           no gold passage is known, and no passage that it saw holds a gold answer
stale memory               it gave the answer that its weights give without passages, which no passage that it saw holds
context ignored            no passage that it saw holds its answer
wrong reading              it had the right passage, and its answer stands in one that it saw

From 'stale memory' on a gold passage was shown, or, where none is known, one that holds a gold answer word for word. A
passage holds an answer if every word of it is among the passage's; answers of kinds that are not taken from passages
word for word (labels, yes-no, free, call), and answers without a word, are not looked up and so are 'wrong reading'.
Stale memory is what Longpre et al. (2021) call memorisation: raft is held against fine-tuned, since no method answers
with its weights alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from lab.outcomes.reading import WITHOUT
from lab.types import LABEL_KINDS

CAUSES = (
    "answered the unanswerable",
    "refused",
    "format",
    "gold suspect",
    "not known",
    "retrieval miss",
    "evidence unknown",
    "stale memory",
    "context ignored",
    "wrong reading",
)
AGREEING = 3  # methods that give the same wrong answer before the gold is suspected
NOT_QUOTED = LABEL_KINDS | {"free", "call"}

Key = tuple[str, str, int]  # question, method, training seed
Normalise = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage that a method saw, title included; `gold` if it holds evidence."""

    text: str
    gold: bool


@dataclass(frozen=True, slots=True)
class Said:
    """One answer: to which question, by which method and training run, from which passages, and how it was scored.

    `golds` is empty for unanswerable questions. `lenient`: all that was written holds a gold answer.
    """

    question_id: str
    method: str
    seed: int
    kind: str
    golds: tuple[str, ...]
    answer: str
    raw: str
    shown: tuple[Shown, ...]
    wrong: bool
    abstained: bool
    lenient: bool
    parse_ok: bool
    truncated: bool

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Said:
        """From one line of `answers.jsonl`. Passages that were dropped to fit the prompt, the last ones, were not seen.

        Raises:
            ValueError: `wrong`, `abstained` or `contains` is not among the scores, or undefined.
        """
        scores = row["scores"]
        undefined = [name for name in ("wrong", "abstained", "contains") if scores.get(name) is None]
        if undefined:
            place = f"{row['question_id']}, {row['method']}, seed {row['seed']}"
            raise ValueError(f"{place}: expected a score of {' and '.join(undefined)}, found none")
        hits = sorted(row["hits"], key=lambda hit: int(hit["rank"]))
        seen = hits[: max(len(hits) - row.get("passages_dropped", 0), 0)]
        return cls(
            question_id=row["question_id"],
            method=row["method"],
            seed=row["seed"],
            kind=row["kind"],
            golds=tuple(row["gold"]),
            answer=row["answer"],
            raw=row["raw"],
            shown=tuple(Shown(f"{hit.get('title', '')} {hit['text']}", hit["gold"]) for hit in seen),
            wrong=scores["wrong"] == 1.0,
            abstained=scores["abstained"] == 1.0,
            lenient=scores["contains"] == 1.0,
            parse_ok=row["parse_ok"],
            truncated=row["truncated"],
        )

    @property
    def key(self) -> Key:
        return self.question_id, self.method, self.seed

    @property
    def saw_gold(self) -> bool:
        return any(one.gold for one in self.shown)

    @property
    def failed(self) -> bool:
        """Wrong, or declined where there is an answer."""
        return self.wrong or (self.abstained and bool(self.golds))

    @property
    def cut_off(self) -> bool:
        """The limit on tokens ended the answer itself, not what was written after it."""
        return self.truncated and self.raw.rstrip().endswith(self.answer.rstrip())


def causes(said: Sequence[Said], evidence: Collection[str], normalise: Normalise) -> dict[Key, str | None]:
    """The cause of every answer, by (question, method, seed); None for right ones. The rule is the module's docstring.

    Where training runs are compared, a method without a run of this seed stands in with its first.

    Args:
        said: all answers of a run.
        evidence: ids of the questions of which a gold passage is known.
        normalise: how texts are compared, the same as in the scores.
    """
    words = _Words(normalise)
    readers = WITHOUT.keys() | {one.method for one in said if one.shown}
    found: dict[Key, str | None] = {one.key: None for one in said}
    for question_id, runs in _by_question(said).items():
        known = question_id in evidence
        for one in (one for of_method in runs.values() for one in of_method if one.failed):
            peers = {method: _run_of(of_method, one.seed) for method, of_method in runs.items()}
            cause = _cause_without_passages(one, peers, known, words)
            if cause is None:
                cause = _cause_with_passages(one, peers, known, words) if one.method in readers else "not known"
            found[one.key] = cause
    return found


def count_causes(found: Mapping[Key, str | None]) -> dict[str, dict[str, int]]:
    """By method, how many answers have each cause, all causes in the order of the rule, over all training runs."""
    counts: dict[str, Counter[str]] = {}
    for (_, method, _), cause in found.items():
        counted = counts.setdefault(method, Counter())
        if cause is not None:
            counted[cause] += 1
    return {method: {cause: counted[cause] for cause in CAUSES} for method, counted in counts.items()}


def disagreements(said: Sequence[Said], found: Mapping[Key, str | None], limit: int = 50) -> list[dict[str, Any]]:
    """Questions to read: those on which the methods disagree most, each method's answer with its cause.

    Of each method its first run. Questions come by how evenly right and wrong answers divide, then in the order given;
    those on which all methods are right, or all wrong, are no disagreement.
    """
    ranked = []
    for question_id, runs in _by_question(said).items():
        answers = [of_method[0] for of_method in runs.values()]
        failed = sum(one.failed for one in answers)
        evenness = min(failed, len(answers) - failed)
        if evenness:
            rows = [_disagreeing(one, found[one.key]) for one in answers]
            ranked.append((evenness, {"question_id": question_id, "answers": rows}))
    ranked.sort(key=lambda pair: -pair[0])
    return [row for _, row in ranked[:limit]]


def _disagreeing(one: Said, cause: str | None) -> dict[str, Any]:
    return {
        "method": one.method,
        "seed": one.seed,
        "answer": one.answer,
        "right": not one.failed,
        "cause": cause,
        "gold_seen": one.saw_gold if one.shown else None,
    }


@dataclass(frozen=True, slots=True)
class _Words:
    """Normalised texts, each made once: passages come back for every method."""

    normalise: Normalise
    texts: dict[str, str] = field(default_factory=dict)
    sets: dict[str, frozenset[str]] = field(default_factory=dict)

    def text(self, raw: str) -> str:
        if raw not in self.texts:
            self.texts[raw] = self.normalise(raw)
        return self.texts[raw]

    def words(self, raw: str) -> frozenset[str]:
        if raw not in self.sets:
            self.sets[raw] = frozenset(self.text(raw).split())
        return self.sets[raw]

    def same(self, one: str, other: str) -> bool:
        return bool(self.text(one)) and self.text(one) == self.text(other)

    def holds_phrase(self, passage: str, phrase: str) -> bool:
        """Whether the words of `phrase` stand side by side in `passage`."""
        return bool(self.text(phrase)) and f" {self.text(phrase)} " in f" {self.text(passage)} "


def _by_question(said: Iterable[Said]) -> dict[str, dict[str, list[Said]]]:
    """By question, then by method, the runs by seed."""
    found: dict[str, dict[str, list[Said]]] = {}
    for one in said:
        found.setdefault(one.question_id, {}).setdefault(one.method, []).append(one)
    for methods in found.values():
        for runs in methods.values():
            runs.sort(key=lambda one: one.seed)
    return found


def _run_of(runs: Sequence[Said], seed: int) -> Said:
    return next((one for one in runs if one.seed == seed), runs[0])


def _cause_without_passages(one: Said, peers: Mapping[str, Said], has_evidence: bool, words: _Words) -> str | None:
    """What can be told of any method; None where none of that fits."""
    if not one.golds:
        return "answered the unanswerable"
    if one.abstained:
        return "refused"
    if one.lenient or not one.parse_ok or one.cut_off:
        return "format"
    return "gold suspect" if _gold_suspect(one, peers, has_evidence, words) else None


def _cause_with_passages(one: Said, peers: Mapping[str, Said], has_evidence: bool, words: _Words) -> str:
    if has_evidence and not one.saw_gold:
        return "retrieval miss"
    if not has_evidence and not any(words.holds_phrase(p.text, gold) for p in one.shown for gold in one.golds):
        return "evidence unknown"
    answer = words.words(one.answer)
    if one.kind in NOT_QUOTED or not answer or any(answer <= words.words(passage.text) for passage in one.shown):
        return "wrong reading"
    alone = peers.get(WITHOUT.get(one.method, ""))
    return "stale memory" if alone is not None and words.same(one.answer, alone.answer) else "context ignored"


def _gold_suspect(one: Said, peers: Mapping[str, Said], has_evidence: bool, words: _Words) -> bool:
    oracle = peers.get("oracle")
    if oracle is None or not oracle.wrong or oracle.lenient or one.kind in LABEL_KINDS:
        return False
    answered = [peer for peer in peers.values() if not peer.abstained]
    agreeing = [peer for peer in answered if peer.wrong and words.same(one.answer, peer.answer)]
    if len(agreeing) < AGREEING:
        return False
    return oracle.saw_gold if has_evidence else len(agreeing) == len(answered)

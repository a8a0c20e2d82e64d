"""Values for an experiment that fit the data and an hour of patience: each with the reason, which the file repeats."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lab.config import DEFAULT_METHODS
from lab.create.measure import Measured, estimate_tokens
from lab.types import LABEL_KINDS, Question

MINUTES = 15  # that a run may take, and that embedding may take before bm25 is the better start
OVERLAP, SIZES = 16, (32, 192)  # tokens; the embedded encoder reads 256 with the title
USUAL_SIZE, WHOLE_DOCUMENT = 96, 128  # tokens of a passage; up to which a document stays one passage
ROUND_SIZE = 16
CHARACTERS_PER_TOKEN = 4.4  # of prose in an alphabet
SLACK = 1.1  # tokens are estimated, and a document that is a little too long would be cut in two
EVIDENCE_ROOM = 1.5  # a passage is to hold the evidence and what stands around it
PASSAGES_BY_K = {3: 300, 4: 3000}  # k, and up to how many passages it does
FEW_QUESTIONS = 300  # below them a larger share is asked, or the test shows next to nothing
SHARES = {True: (0.4, 0.1), False: (0.2, 0.1)}  # test and dev, by whether questions are few
EPOCHS = 3
# Tokens of prompts, measured on the demo: system and question; what stands around a passage; a worked example.
BARE, AROUND, SHOT, SHOTS = 50, 18, 20, 3
ANSWER = 8  # tokens of a short answer, and of what generation may go beyond
JUDGED = 40  # dev questions on which worked examples are judged, twice by two methods
BATCH = 32
LIMITS = (80, 10, 50)  # train, dev and test questions at the scale 1
SCALES = (0.4, 40.0)
ENCODER_METHODS = ("knn-vote", "linear-head")  # where every answer is a label
COMMON_LABEL = 10  # questions; two such labels stand in every division's training questions


@dataclass(frozen=True, slots=True)
class Load:
    """Tokens that a run embeds, trains on and reads; `decode_steps` are batches times tokens, `decode_rows` answers."""

    embed_tokens: int = 0
    train_tokens: int = 0
    prefill_tokens: int = 0
    decode_steps: int = 0
    decode_rows: int = 0


Clock = Callable[[Load], float]  # seconds on this machine


@dataclass(frozen=True, slots=True)
class Settings:
    """What the file says. `why` gives the reasons by key; `passages` and `seconds` are estimates for a whole run."""

    cutting: str
    passage_tokens: int
    k: int
    retrieval: str
    test: float
    dev: float
    limits: tuple[int | None, int | None, int | None]
    methods: tuple[str, ...]
    primary: str
    passages: int
    seconds: float
    why: Mapping[str, str]


def choose(measured: Measured, questions: Sequence[Question], clock: Clock) -> Settings:
    """Settings for documents as measured and the questions that there are, which may be none yet."""
    why: dict[str, str] = {}
    size = _passage_tokens(measured, questions, why)
    passages = measured.passages(size, OVERLAP)
    k = _k(measured, size, passages, why)
    retrieval = _retrieval(measured, size, clock, why)
    few = 0 < len(questions) < FEW_QUESTIONS
    if few:
        why["holdout.test"] = f"{len(questions):,} questions are few: more of them are asked, for a test that can tell"
    shares = SHARES[few]
    shape = _Shape(
        embed=0 if retrieval == "bm25" else measured.all_tokens,
        passage=size,
        k=k,
        answer=max(ANSWER, _answer_tokens(questions)),
    )
    limits, seconds = _limits(shape, len(questions), shares, clock, why)
    return Settings(
        cutting=_cutting(measured, why),
        passage_tokens=size,
        k=k,
        retrieval=retrieval,
        test=shares[0],
        dev=shares[1],
        limits=limits,
        methods=_methods(questions, why),
        primary=_primary(questions, why),
        passages=passages,
        seconds=seconds,
        why=why,
    )


def _cutting(measured: Measured, why: dict[str, str]) -> str:
    headed = f"{measured.headed:,} of {measured.documents:,} documents have headings"
    why["index.cutting"] = headed if measured.headed else "the documents have no Markdown headings"
    return "heading" if measured.headed * 2 > measured.documents else "window"


def _passage_tokens(measured: Measured, questions: Sequence[Question], why: dict[str, str]) -> int:
    evidence = sorted(
        math.ceil((one.end - one.start) / CHARACTERS_PER_TOKEN)
        for question in questions
        for one in question.evidence
        if one.start is not None and one.end is not None
    )
    long = _round_up(_percentile(evidence, 0.95) * EVIDENCE_ROOM) if evidence else 0
    whole = _percentile(sorted(measured.tokens), 0.9)
    if long > USUAL_SIZE:
        why["index.passage_tokens"] = (
            f"the evidence of the questions is up to {_percentile(evidence, 0.95)} tokens long"
        )
        return min(long, SIZES[1])
    if whole <= WHOLE_DOCUMENT:
        why["index.passage_tokens"] = "nine of ten documents fit into one passage"
        return max(SIZES[0], _round_up(SLACK * whole))
    why["index.passage_tokens"] = f"a paragraph or two; the median document has about {measured.typical:,} tokens"
    return USUAL_SIZE


def _k(measured: Measured, size: int, passages: int, why: dict[str, str]) -> int:
    wanted = next((k for k, most in PASSAGES_BY_K.items() if passages <= most), 5)
    # Passages are estimated: k must not be more than there are even if they come out fewer.
    sure = sum(max(1, math.floor(0.7 * tokens / size)) for tokens in measured.tokens)
    why["index.k"] = f"about {passages:,} passages: the right one is often, not always, among the best {wanted}"
    if sure < wanted:
        why["index.k"] = "there are hardly more passages"
    return max(1, min(wanted, sure))


def _retrieval(measured: Measured, size: int, clock: Clock, why: dict[str, str]) -> str:
    minutes = clock(Load(embed_tokens=measured.all_tokens)) / 60
    if minutes <= MINUTES:
        why["index.retrieval"] = f"embedding all passages takes {_minutes(minutes)} or less"
        return "dense"
    why["index.retrieval"] = (
        f"embedding all passages would take about {_minutes(minutes)} on this machine, bm25 needs none; "
        "write dense or hybrid where a GPU or patience is at hand"
    )
    return "bm25"


@dataclass(frozen=True, slots=True)
class _Shape:
    """Tokens: to embed, of a passage, of an answer; and passages of a prompt."""

    embed: int
    passage: int
    k: int
    answer: int

    def load(self, train: int, dev: int, test: int) -> Load:
        """All six methods; closed-book answers three times, for what the model knows. Few-shot is judged on dev."""
        context = self.k * (self.passage + AROUND)
        plain, shown = BARE + SHOTS * SHOT, BARE + context + SHOTS * (SHOT + self.passage + AROUND)
        judged = min(dev, JUDGED)
        prompts = test * (3 * plain + 2 * shown + BARE + 2 * (BARE + context)) + 2 * judged * (plain + shown)
        answers = 8 * test + 4 * judged
        tokens = self.answer + ANSWER
        return Load(
            embed_tokens=self.embed,
            train_tokens=train * EPOCHS * (2 * (BARE + self.answer) + context),
            prefill_tokens=prompts,
            decode_steps=(8 * math.ceil(test / BATCH) + 4 * math.ceil(judged / BATCH)) * tokens,
            decode_rows=answers * tokens,
        )


def _limits(
    shape: _Shape, questions: int, shares: tuple[float, float], clock: Clock, why: dict[str, str]
) -> tuple[tuple[int | None, int | None, int | None], float]:
    """The most questions of each side that a quarter of an hour allows; None where all of them fit."""
    test, dev = (math.ceil(questions * share) for share in shares)
    there = (questions - test - dev, dev, test) if questions else None
    if there and (whole := clock(shape.load(*there))) <= MINUTES * 60:
        why["holdout.limit_train"] = f"all {questions:,} questions take about {_minutes(whole / 60)} on 2 CPU cores"
        return (None, None, None), whole
    low, high = SCALES
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (low, middle) if clock(shape.load(*_counts(middle, there))) > MINUTES * 60 else (middle, high)
    limits, counts = _counts(low, None), _counts(low, there)
    seconds = clock(shape.load(*counts))
    why["holdout.limit_train"] = (
        f"the limits make a run of about {_minutes(seconds / 60)} on 2 CPU cores; null takes all"
    )
    return limits, seconds


def _counts(scale: float, there: tuple[int, int, int] | None) -> tuple[int, int, int]:
    """Questions of each side, in tens or fives as people write them, and no more than there are."""
    train, dev, test = (max(5, int(scale * limit / 5) * 5) for limit in LIMITS)
    return (train, dev, test) if there is None else (min(train, there[0]), min(dev, there[1]), min(test, there[2]))


def _methods(questions: Sequence[Question], why: dict[str, str]) -> tuple[str, ...]:
    answerable = [question for question in questions if question.answerable]
    common = [count for _, count in Counter(one.answers[0] for one in answerable).most_common(2)]
    if any(one.kind not in LABEL_KINDS for one in answerable) or len(common) < 2 or common[-1] < COMMON_LABEL:
        return tuple(DEFAULT_METHODS)
    why["methods"] = "all answers are labels, which knn-vote and linear-head tell without a language model"
    return (*DEFAULT_METHODS, *ENCODER_METHODS)


def _primary(questions: Sequence[Question], why: dict[str, str]) -> str:
    kinds = Counter(question.kind for question in questions if question.answerable)
    total = sum(kinds.values())
    if total and 2 * sum(kinds[kind] for kind in LABEL_KINDS) > total:
        why["metrics.primary"] = "most answers are labels"
        return "label_accuracy"
    if total and 2 * kinds["call"] > total:
        why["metrics.primary"] = "most answers are calls"
        return "call_match"
    return "token_f1"


def _answer_tokens(questions: Sequence[Question]) -> int:
    lengths = sorted(estimate_tokens(question.answers[0]) for question in questions if question.answers)
    return _percentile(lengths, 0.95) if lengths else 0


def _percentile(ordered: Sequence[int], share: float) -> int:
    """The value that at least `share` of the values do not exceed (nearest rank)."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _round_up(tokens: float) -> int:
    return math.ceil(tokens / ROUND_SIZE) * ROUND_SIZE


def _minutes(minutes: float) -> str:
    if minutes < 1:
        return "a minute" if minutes > 0.5 else "half a minute"
    return f"{round(minutes):,} minutes" if minutes < 120 else f"{round(minutes / 60):,} hours"

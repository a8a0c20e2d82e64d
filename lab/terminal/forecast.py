"""When a whole run will end: the work of each step from the config, at the pace of the steps that have run.

`lab.estimate` gives how steps compare; this machine's own seconds give the scale. So nothing is said before a step that
asks or trains the generator is some way on, nor while a step to come is of unknown size.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import mul

from lab.config import ExperimentConfig
from lab.estimate import MEASURED_ON, ModelSize, Workload, estimate
from lab.methods.few_shot import AUTO_SHOTS, MAX_DEV_QUESTIONS
from lab.methods.registry import METHODS
from lab.steps.knowledge import DRAWS
from lab.steps.knowledge import SHOTS as KNOWLEDGE_SHOTS
from lab.steps.latency import ASKED_BESIDE, ASKED_MERGED, LIVE_CONTEXTS
from lab.steps.plan import OPTIONS, seeds_of
from lab.terminal.board import WORKING, Board, Row

PROMPT_TOKENS = 80  # instructions and question, as the shipped experiments have them
SHOT_TOKENS = 40  # a worked example without its passage
ANSWER_TOKENS = 16  # where max_new_tokens is auto
ROWS_AT_A_TIME = 8  # prompts of a batch, for relative costs only
ENOUGH = 0.1  # of a running step, before its pace counts
ENCODER = ModelSize(parameters=22_700_000, hidden=384, layers=6)


class Forecast:
    """Seconds until a run ends."""

    def __init__(self, config: ExperimentConfig) -> None:
        self._config = config

    def left(self, board: Board, now: float) -> float | None:
        """Seconds to go, or None where nothing can be said yet."""
        work = {name: self._cost(name, board) for name in board.rows}
        paces = _paces(board, work, now)
        if not paces:
            return None
        overall = sum(paces.values()) / len(paces)
        total = 0.0
        for name, row in board.rows.items():
            if row.state != "waiting" and row.state not in WORKING:
                continue
            cost, own = work[name], row.left(now)
            if row.state in WORKING and own is not None and name != "few-shot":  # that one counts from 0 several times
                total += own
            elif cost is None:
                return None
            else:
                total += cost * paces.get(_kind(name), overall)
        return total

    def _cost(self, step: str, board: Board) -> float | None:
        """Estimated seconds on the machine that `lab.estimate` was measured on; 0 for small steps."""
        kind, _, rest = step.partition("-")
        if kind == "answer":
            return self._answering(_method(rest), self._tests(board), 0)
        if kind == "train":
            return self._training(rest[:1], self._trained(board))
        if step == "few-shot":
            asked = _times(self._dev(board), 1, MAX_DEV_QUESTIONS)
            judged = [name for name in ("closed-book", "rag") if name in self._config.methods]
            costs = [self._answering(name, asked, shots) for name in judged for shots in (0, AUTO_SHOTS)]
            return sum(cost or 0.0 for cost in costs) if asked is not None else None
        if step == OPTIONS:
            return self._scoring(self._tests(board))
        if step == "knowledge":
            return self._answering("closed-book", _times(self._tests(board), DRAWS), KNOWLEDGE_SHOTS)
        if step == "latency":
            live = [name for name in self._config.methods if METHODS[name].context in LIVE_CONTEXTS]
            return sum(self._answering(name, ASKED_MERGED + ASKED_BESIDE, 0, alone=True) or 0.0 for name in live)
        return 0.0

    def _answering(self, method: str, asked: int | None, shots: int, *, alone: bool = False) -> float | None:
        if METHODS[method].engine != "generator":
            return 0.0
        if asked is None:
            return None
        context = self._passages() if METHODS[method].context != "none" else 0
        prompt = PROMPT_TOKENS + context + shots * (SHOT_TOKENS + (self._config.index.passage_tokens if context else 0))
        limit = self._config.generator.max_new_tokens
        written = ANSWER_TOKENS if limit == "auto" else limit
        batches = asked if alone else -(-asked // ROWS_AT_A_TIME)
        return self._seconds(prefill_tokens=prompt * asked, decode_steps=batches * written, decode_rows=asked * written)

    def _scoring(self, asked: int | None) -> float | None:
        """Option scoring reads every prompt again; how many labels follow is not known here, and costs little."""
        if asked is None:
            return None
        prompted = [name for name in self._config.methods if METHODS[name].engine == "generator"]
        reads = [PROMPT_TOKENS + (self._passages() if METHODS[name].context != "none" else 0) for name in prompted]
        times = [len(seeds_of(name, self._config)) for name in prompted]
        return self._seconds(option_tokens=asked * sum(map(mul, reads, times)))

    def _training(self, adapter: str, trained: int | None) -> float | None:
        if trained is None:
            return None
        example = PROMPT_TOKENS + ANSWER_TOKENS + (self._passages() if adapter == "B" else 0)
        return self._seconds(train_tokens=round(example * trained * self._epochs(adapter)))

    def _seconds(self, **work: int) -> float:
        nothing = dict.fromkeys(Workload.__dataclass_fields__, 0)
        return sum(estimate(Workload(**{**nothing, **work}), MEASURED_ON, ENCODER, "bfloat16").seconds.values())

    def _passages(self) -> int:
        return self._config.index.k * self._config.index.passage_tokens

    def _epochs(self, adapter: str) -> int:
        training = self._config.training.epochs
        return (self._config.raft.epochs or training) if adapter == "B" else training

    def _tests(self, board: Board) -> int | None:
        """Test questions: as counted by a step that asks them all, else as limited."""
        counted = [row.total for name, row in board.rows.items() if name.startswith("answer-") and row.total]
        return counted[0] if counted else self._config.holdout.limit_test

    def _dev(self, board: Board) -> int | None:
        holdout, tests = self._config.holdout, self._tests(board)
        if holdout.limit_dev is not None or tests is None:
            return holdout.limit_dev
        return round(tests * holdout.dev / holdout.test)

    def _trained(self, board: Board) -> int | None:
        """Training questions: from the optimizer's steps, else as limited, else what test and dev leave."""
        for name, row in board.rows.items():
            if name.startswith("train-") and row.total:
                return round(row.total * self._config.training.batch_size / self._epochs(name[6:7]))
        searched, tests, dev = board.rows.get("retrieve", Row("")).total, self._tests(board), self._dev(board)
        if self._config.holdout.limit_train is not None or not searched or tests is None or dev is None:
            return self._config.holdout.limit_train
        return max(1, searched - tests - dev)


def _paces(board: Board, work: Mapping[str, float | None], now: float) -> dict[str, float]:
    """By kind of step: measured seconds for one estimated second, over steps that this process ran from their start."""
    spent: dict[str, float] = {}
    expected: dict[str, float] = {}
    for name, row in board.rows.items():
        told = row.last_progress if row.state in WORKING else now  # since then the share says nothing
        cost, elapsed, share = work[name], row.elapsed(told), _share_done(row)
        if not cost or elapsed is None or share < ENOUGH or row.was_resumed:
            continue
        spent[_kind(name)] = spent.get(_kind(name), 0.0) + elapsed
        expected[_kind(name)] = expected.get(_kind(name), 0.0) + cost * share
    return {kind: spent[kind] / expected[kind] for kind in spent}


def _share_done(row: Row) -> float:
    if row.state == "done":
        return 1.0
    if row.state in WORKING and row.total and row.step != "few-shot":
        return row.done / row.total
    return 0.0


def _kind(step: str) -> str:
    return "train" if step.startswith("train-") else "answer"


def _method(name: str) -> str:
    return name.partition("-seed")[0]


def _times(count: int | None, factor: int, most: int | None = None) -> int | None:
    if count is None:
        return None
    return factor * (count if most is None else min(count, most))

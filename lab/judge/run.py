"""Judge the answers of a finished run: `answers.jsonl` in, `judge.json` beside it. Never the headline of a comparison.

judge.jsonl          every reply as it came; what a stopped judging goes on from
judge-grades.jsonl   one line for each judged answer: question, method, seed, grade
judge.json           counts, rates, agreement, pairs, calibration, warnings
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from lab.errors import ConfigError, RunLockedError
from lab.files import write_json, write_jsonl
from lab.judge import grading, summary
from lab.judge.calibration import calibrate
from lab.judge.client import TEMPERATURE, Ask, Endpoint, connected
from lab.judge.labels import read_labels
from lab.judge.replies import OnProgress, Replies, ReplyStore, ask_all
from lab.judge.rows import AnswerRow, Graded, choose_questions, read_answers

REPLIES_FILE, GRADES_FILE, RESULT_FILE, LOCK_FILE = "judge.jsonl", "judge-grades.jsonl", "judge.json", ".judge.lock"
SCHEMA_VERSION = 1
MANY_UNPARSED = 0.05
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """What is judged and by whom. `limit` counts questions; `parallel` counts requests at a time."""

    endpoint: Endpoint
    pairs: tuple[Pair, ...] = ()
    labels: Path | None = None
    limit: int | None = None
    parallel: int = 4
    offline: bool = False


def judge_run(run: Path, settings: JudgeSettings, on_progress: OnProgress | None = None) -> dict[str, Any]:
    """Grade every answer against its reference, compare the pairs, write `judge.json` and return what it holds.

    Replies that stand in `judge.jsonl` are not asked for again. `on_progress` gets how many prompts are done, of how
    many.

    Raises:
        DataError: no finished run, or labels that do not fit it.
        ConfigError: an unknown method in a pair, a URL that cannot be used.
        UserError: `openai` is not installed.
        RunLockedError: another process judges this run.
        LabError: the judge cannot be asked.
    """
    with connected(settings.endpoint, offline=settings.offline) as ask:
        return judge_answers(run, settings, ask, on_progress)


def judge_answers(
    run: Path, settings: JudgeSettings, ask: Ask, on_progress: OnProgress | None = None
) -> dict[str, Any]:
    """`judge_run` with `ask` in the place of a server. Raises as it does."""
    everything = read_answers(run)
    _check(settings, everything)
    labels = read_labels(settings.labels, everything) if settings.labels else None
    rows = choose_questions(everything, settings.limit)
    matched = {pair: summary.match_pairs(rows, *pair) for pair in settings.pairs}
    prompts = _grading_prompts(rows) + [
        prompt for found in matched.values() for left, right, _ in found for prompt in _both_orders(left, right)
    ]
    endpoint = settings.endpoint
    with _alone(run):
        store = ReplyStore(
            run / REPLIES_FILE,
            model=f"{endpoint.model} at {endpoint.host}",  # servers give different models one name
            max_tokens=endpoint.max_tokens,
            shown_model=_shown(endpoint.model),
        )
        replies = ask_all(prompts, store, ask, parallel=settings.parallel, on_progress=on_progress)
        graded = [_graded(row, replies) for row in rows]
        result = _result(endpoint, graded, matched, replies)
        result["questions_in_run"] = len({row.question_id for row in everything})
        result["calibration"] = calibrate(graded, labels) if labels is not None else None
        result["warnings"] = _warnings(result)
        write_jsonl(run / GRADES_FILE, [_grade_row(one) for one in graded])
        write_json(run / RESULT_FILE, result)
    return result


@contextmanager
def _alone(run: Path) -> Iterator[None]:
    """Keep other processes from judging this run meanwhile; leaves no file."""
    from filelock import FileLock, Timeout

    lock = FileLock(run / LOCK_FILE, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise RunLockedError(f"{run}: another process judges this run; wait until it has ended") from None
    try:
        yield
    finally:
        with suppress(OSError):  # not every system deletes a file that is open
            (run / LOCK_FILE).unlink()
        lock.release()


def _check(settings: JudgeSettings, rows: Sequence[AnswerRow]) -> None:
    methods = tuple(dict.fromkeys(row.method for row in rows))
    for left, right in settings.pairs:
        for name in (left, right):
            if name not in methods:
                raise ConfigError(
                    f"--pairs {left}:{right}: expected methods of the run ({', '.join(methods)}), got {name!r}"
                )
        if left == right:
            raise ConfigError(f"--pairs {left}:{right}: expected two different methods")
    for name, value in (("--limit", settings.limit), ("--parallel", settings.parallel)):
        if value is not None and value < 1:
            raise ConfigError(f"{name}: expected 1 or more, got {value}")


def _grading_prompts(rows: Sequence[AnswerRow]) -> list[str]:
    return [
        grading.grading_prompt(row.question, row.gold, row.answer)
        for row in rows
        if grading.grade_without_asking(row.gold, row.answer) is None
    ]


def _both_orders(left: AnswerRow, right: AnswerRow) -> tuple[str, ...]:
    """The prompts of a pair, or none where the judge would be shown the same text twice."""
    if left.answer == right.answer:
        return ()
    return (
        grading.pairwise_prompt(left.question, left.gold, left.answer, right.answer),
        grading.pairwise_prompt(left.question, left.gold, right.answer, left.answer),
    )


def _graded(row: AnswerRow, replies: Replies) -> Graded:
    known = grading.grade_without_asking(row.gold, row.answer)
    if known is not None:
        return Graded(row, known, asked=False)
    reply = replies.by_prompt[grading.grading_prompt(row.question, row.gold, row.answer)]
    return Graded(row, grading.read_grade(reply, answerable=bool(row.gold)))


def _pair_row(left: AnswerRow, right: AnswerRow, seed: int, replies: Replies) -> summary.PairRow:
    orders = _both_orders(left, right)
    if not orders:
        return summary.PairRow(left, right, seed, grading.Pairwise("tie"), asked=False)
    in_order, swapped = (grading.read_choice(replies.by_prompt[prompt]) for prompt in orders)
    return summary.PairRow(left, right, seed, grading.combine(in_order, swapped))


def _result(
    endpoint: Endpoint,
    graded: Sequence[Graded],
    matched: Mapping[Pair, Sequence[tuple[AnswerRow, AnswerRow, int]]],
    replies: Replies,
) -> dict[str, Any]:
    pairs = [
        summary.of_pair(left, right, [_pair_row(*found, replies) for found in several])
        for (left, right), several in matched.items()
    ]
    return {
        "schema_version": SCHEMA_VERSION,
        "judge": {
            "model": _shown(endpoint.model),
            "server": "this machine" if endpoint.is_local else endpoint.host,
            "prompts_sha256": grading.PROMPT_DIGEST,
            "temperature": TEMPERATURE,
            "max_tokens": endpoint.max_tokens,
        },
        "questions": len({one.row.question_id for one in graded}),
        "answers": len(graded),
        "requests": replies.requests,
        "cached": replies.cached,
        "unparsed": {
            "grades": sum(one.grade is None for one in graded),
            "pairs": sum(pair["unparsed"] for pair in pairs),
        },
        "methods": summary.of_methods(graded),
        "by_length": summary.by_length(graded),
        "pairs": pairs,
    }


def _warnings(result: dict[str, Any]) -> list[str]:
    warnings = []
    unread, asked = (
        result["unparsed"]["grades"],
        sum(method["counts"]["answers"] - method["counts"]["blank"] for method in result["methods"].values()),
    )
    if asked and unread / asked > MANY_UNPARSED:
        warnings.append(
            f"{unread} of {asked} grades could not be read from the judge's replies; the rates are those of the rest"
        )
    for pair in result["pairs"]:
        compared = pair["n"] - pair["same_text"] - pair["unparsed"]
        if compared and pair["position_dependent"] / compared > 0.5:
            warnings.append(
                f"{pair['left']} : {pair['right']}: in {pair['position_dependent']} of {compared} comparisons the "
                "order of the answers decided; this judge cannot tell these methods apart"
            )
    calibration = result["calibration"]
    if calibration is None:
        warnings.append("no answer was labelled by people (--labels), so the judge's own errors are not known")
    else:
        warnings += calibration["warnings"]
    return warnings


def _grade_row(one: Graded) -> dict[str, Any]:
    return {
        "question_id": one.row.question_id,
        "method": one.row.method,
        "seed": one.row.seed,
        "answer": one.row.answer,
        "grade": one.grade,
        "asked": one.asked,
    }


def _shown(model: str) -> str:
    """The model's name without the folders of this machine."""
    path = PurePath(model)
    return path.name if path.is_absolute() else model

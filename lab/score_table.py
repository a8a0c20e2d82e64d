"""From answers to the scores table and back: scores become columns, and the rows that are saved become them again.

`scores.jsonl` and `questions.jsonl` hold the whole table, so every statistic can be computed again without a model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lab.errors import DataError
from lab.files import QUESTIONS_FILE, SCORES_FILE, read_jsonl
from lab.metrics.text import normalise
from lab.outcomes.confidence import LOGPROB
from lab.outcomes.table import Known, QuestionFacts, ScoreTable
from lab.preparation import Prepared, popularities
from lab.types import Answer, Evidence, Hit, Passage, Question, Score

NO_LOGPROB = "whoever wrote the answer told no log-probability"


@dataclass(frozen=True, slots=True)
class AnsweredRun:
    """What one method answered to every test question under one training seed."""

    method: str
    seed: int
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class ScoredRun:
    """The scores of one such run."""

    method: str
    seed: int
    scores: tuple[Score, ...]

    @classmethod
    def of(cls, run: AnsweredRun, scores: Sequence[Score]) -> ScoredRun:
        """The scores of a run's answers, with their log-probabilities beside them."""
        sure = [
            Score(one.query_id, LOGPROB, one.logprob, None if one.logprob is not None else NO_LOGPROB)
            for one in run.answers
        ]
        return cls(run.method, run.seed, (*scores, *sure))


def build_table(runs: Sequence[ScoredRun], questions: Sequence[QuestionFacts]) -> ScoreTable:
    """Arrange scores by method and metric; the runs of a method in the order given."""
    place = {question.id: position for position, question in enumerate(questions)}
    columns: dict[str, dict[str, list[np.ndarray[Any, Any]]]] = {}
    for run in runs:
        found = columns.setdefault(run.method, {})
        rows: dict[str, np.ndarray[Any, Any]] = {}
        for score in run.scores:
            row = rows.setdefault(score.metric, np.full(len(questions), np.nan))
            row[place[score.query_id]] = np.nan if score.value is None else score.value
        for metric, row in rows.items():
            found.setdefault(metric, []).append(row)
    return ScoreTable(
        questions=tuple(questions),
        seeds={method: tuple(run.seed for run in runs if run.method == method) for method in columns},
        columns={
            method: {metric: np.stack(rows) for metric, rows in by_metric.items()}
            for method, by_metric in columns.items()
        },
    )


def question_facts(
    data: Prepared, hits: Mapping[str, Sequence[Hit]], known: Mapping[str, Known]
) -> tuple[QuestionFacts, ...]:
    """What slices are made of. `hits` are what retrieval found for each question, deeper than any prompt."""
    popularity = popularities(data.corpus)
    facts = []
    for question in data.holdout.test:
        gold = data.evidence.gold(question.id)
        ranks = [hit.rank for hit in hits.get(question.id, ()) if hit.passage.id in gold]
        facts.append(
            QuestionFacts(
                id=question.id,
                cluster=question.cluster,
                kind=question.kind,
                answerable=question.answerable,
                answer_words=len(normalise(question.answers[0]).split()) if question.answers else 0,
                has_gold=bool(gold),
                gold_rank=min(ranks, default=None),
                known=known.get(question.id),
                popularity=popularity.get(_document_of(question)),
            )
        )
    return tuple(facts)


def _document_of(question: Question) -> str:
    return question.evidence[0].document_id if question.evidence else question.document_id or ""


def answer_rows(runs: Sequence[AnsweredRun], data: Prepared, table: ScoreTable) -> list[dict[str, Any]]:
    """One row for each question, method and training run, for `answers.jsonl`; causes are put in later."""
    questions = {question.id: question for question in data.holdout.test}
    place = {question.id: position for position, question in enumerate(table.questions)}
    rows = []
    for run in runs:
        seed = table.seeds[run.method].index(run.seed)
        for answer in run.answers:
            question = questions[answer.query_id]
            values = {metric: column[seed, place[question.id]] for metric, column in table.columns[run.method].items()}
            rows.append(
                {
                    "question_id": question.id,
                    "method": run.method,
                    "seed": run.seed,
                    "question": question.text,
                    "kind": question.kind,
                    "cluster": question.cluster,
                    "synthetic": question.synthetic,
                    "gold": list(question.answers),
                    "answer": answer.text,
                    "raw": answer.raw,
                    "hits": [_hit_row(hit, question, data.evidence.gold(question.id)) for hit in answer.hits],
                    "scores": {metric: None if np.isnan(value) else float(value) for metric, value in values.items()},
                    "cause": None,
                    "tokens": {"in": answer.tokens.input, "out": answer.tokens.output} if answer.tokens else None,
                    "seconds": answer.timing.total if answer.timing else None,
                    "logprob": answer.logprob,
                    "option": answer.option,
                    "parse_ok": answer.parse_ok,
                    "truncated": answer.truncated,
                    "passages_dropped": answer.passages_dropped,
                }
            )
    return rows


def _hit_row(hit: Hit, question: Question, gold: frozenset[str]) -> dict[str, Any]:
    return {
        "passage": hit.passage.id,
        "document": hit.passage.document_id,
        "title": hit.passage.label,
        "text": hit.passage.text,
        "score": hit.score,
        "rank": hit.rank,
        "gold": hit.passage.id in gold,
        "spans": _spans(hit.passage, question.evidence),
    }


def _spans(passage: Passage, evidence: Sequence[Evidence]) -> list[list[int]]:
    """[start, end) of the evidence within the passage's text, in order, cut where the passage ends.

    A whole document as evidence marks nothing: it would mark all.
    """
    found = set()
    for unit in evidence:
        if unit.document_id != passage.document_id or unit.start is None or unit.end is None:
            continue
        start, end = max(unit.start, passage.start), min(unit.end, passage.end)
        if start < end:
            found.add((start - passage.start, end - passage.start))
    return [list(span) for span in sorted(found)]


def score_rows(runs: Sequence[ScoredRun]) -> list[dict[str, Any]]:
    """One row for each value, for `scores.jsonl`."""
    return [
        {
            "question_id": score.query_id,
            "method": run.method,
            "seed": run.seed,
            "metric": score.metric,
            "value": score.value,
            "reason": score.reason,
        }
        for run in runs
        for score in run.scores
    ]


def read_table(folder: Path, metrics: Sequence[str]) -> ScoreTable:
    """The scores table of a finished run, with some of its metrics.

    Raises:
        DataError: a file is missing, or is not one of a finished run.
    """
    for name in (QUESTIONS_FILE, SCORES_FILE):
        if not (folder / name).is_file():
            raise DataError(f"{folder / name}: expected a file of a finished run, found none; run the experiment again")
    try:
        questions = [_facts(row) for row in read_jsonl(folder / QUESTIONS_FILE)]
        runs = _read_runs(folder / SCORES_FILE, metrics)
        return build_table(runs, questions)
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise DataError(
            f"{folder}: {SCORES_FILE} and {QUESTIONS_FILE} do not fit each other or are damaged ({str(error)[:200]}); "
            "run the experiment again"
        ) from None


def _facts(row: Mapping[str, Any]) -> QuestionFacts:
    facts = QuestionFacts(**row)
    texts, flags = (facts.id, facts.cluster, facts.kind, facts.known or ""), (facts.answerable, facts.has_gold)
    numbers = (facts.answer_words, facts.gold_rank or 0, facts.popularity or 0)
    for values, kind in ((texts, str), (flags, bool), (numbers, int | float)):
        if wrong := [value for value in values if not isinstance(value, kind)]:
            raise TypeError(f"a question's facts hold {str(wrong[0])[:60]!r}")
    return facts


def _read_runs(path: Path, metrics: Sequence[str]) -> list[ScoredRun]:
    import json

    wanted = tuple(f'"metric": "{name}"' for name in metrics)
    found: dict[tuple[str, int], list[Score]] = {}
    with path.open(encoding="utf-8", newline="\n") as file:
        for line in file:
            if any(mark in line for mark in wanted):  # parsing a million other lines would take seconds
                row = json.loads(line)
                score = Score(row["question_id"], row["metric"], row["value"], row["reason"])
                found.setdefault((row["method"], row["seed"]), []).append(score)
    return [ScoredRun(method, seed, tuple(scores)) for (method, seed), scores in found.items()]


def facts_rows(table: ScoreTable) -> list[dict[str, Any]]:
    """One row for each question, for `questions.jsonl`."""
    return [asdict(question) for question in table.questions]

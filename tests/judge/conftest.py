"""A small finished run: six questions of three documents, two methods, and a judge that follows a script."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.judge.client import Endpoint
from lab.judge.run import JudgeSettings

GOLDS = {"q1": ["7"], "q2": ["red"], "q3": ["Tarn"], "q4": [], "q5": ["two pumps"], "q6": ["1987"]}
ANSWERS = {
    "closed-book": {"q1": "7", "q2": "blue", "q3": "", "q4": "", "q5": "two", "q6": "in 1987"},
    "rag": {"q1": "seven [1]", "q2": "red", "q3": "Tarn", "q4": "unknown", "q5": "pumps", "q6": "in 1987"},
}


def answer_rows(seeds: dict[str, tuple[int, ...]] | None = None) -> list[dict[str, Any]]:
    rows = []
    for method, answers in ANSWERS.items():
        for seed in (seeds or {}).get(method, (1,)):
            for number, (question, answer) in enumerate(answers.items()):
                gold = GOLDS[question]
                row = {
                    "question_id": question,
                    "method": method,
                    "seed": seed,
                    "question": f"What is {question}?",
                    "kind": "span" if gold else "unanswerable",
                    "cluster": f"d{number // 2}",
                    "gold": gold,
                    "answer": answer,
                    "raw": f"##Reason: {method} thinks so ##Answer: {answer}",
                    "hits": [] if method == "closed-book" else [{"passage": "p", "text": "t"}],
                    "scores": {"exact_match": float(answer in gold), "contains": None},
                }
                rows.append(row)
    return rows


def write_run(folder: Path, rows: list[dict[str, Any]]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


@pytest.fixture
def finished_run(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", answer_rows())


@pytest.fixture
def settings() -> Callable[..., JudgeSettings]:
    def make(**changes: Any) -> JudgeSettings:
        endpoint = changes.pop("endpoint", Endpoint("http://localhost:1/v1", "scripted"))
        return JudgeSettings(**{"endpoint": endpoint, "parallel": 1, **changes})

    return make


class ScriptedJudge:
    """Grades by the answer that it is shown; of a pair it prefers what stands first in `better`. Counts requests."""

    def __init__(self, grades: dict[str, str], better: tuple[str, ...] = (), always: str | None = None) -> None:
        self.prompts: list[str] = []
        self._grades, self._better, self._always = grades, better, always

    def __call__(self, prompt: str) -> str:
        self.prompts.append(prompt)
        if "Answer to grade: " in prompt:
            return self._grades.get(shown(prompt, "Answer to grade"), "I cannot say.")
        if self._always:
            return self._always
        pair = [shown(prompt, "Answer A"), shown(prompt, "Answer B")]
        return "Verdict: " + "AB"[pair.index(min(pair, key=self._better.index))]


def shown(prompt: str, name: str) -> str:
    found = re.search(rf"^{name}: (.*)$", prompt, re.MULTILINE)
    assert found is not None
    return json.loads(found.group(1))


GRADES = {
    "7": "Grade: correct",
    "seven": "**Grade:** Correct",
    "blue": "Grade: incorrect",
    "red": "Grade: correct",
    "Tarn": "correct",
    "unknown": "Grade: correct",
    "two": "Grade: not attempted",
    "pumps": "It is hard to say.",
    "in 1987": "Grade: correct",
}


@pytest.fixture
def scripted() -> Callable[..., ScriptedJudge]:
    return lambda **changes: ScriptedJudge(GRADES, **changes)


@pytest.fixture
def make_rows() -> Callable[..., list[dict[str, Any]]]:
    return answer_rows


@pytest.fixture
def save_run() -> Callable[[Path, list[dict[str, Any]]], Path]:
    return write_run

"""What the untuned model knows without passages: its answers under several prompts (SliCK, Gekhman et al. 2024)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from lab.files import read_json, write_json
from lab.methods.registry import METHODS, PromptedMethod
from lab.metrics.registry import score_answers
from lab.outcomes.table import Known
from lab.run_folder import StepProgress, StepSpec
from lab.steps.asking import CODE, Asking
from lab.steps.bench import MODEL_LIBRARIES, Bench
from lab.types import LABEL_KINDS, Answer

DRAWS = 2  # of worked examples, each a prompt of its own
SHOTS = 3
METRIC = "contains"


def probe_knowledge(bench: Bench, asking: Asking) -> dict[str, Known]:
    """By id of each answerable test question: known if every prompt hits (contains), unknown if none does, else maybe.

    The prompts are draws of three worked examples. Closed-book's own answer is not among them: classes that were made
    from an answer would be compared by the same answer. Labels are left out, since they are hit by luck.
    """
    kinds = {question.kind for question in bench.data.holdout.test} - LABEL_KINDS
    test = [question for question in bench.data.holdout.test if question.answerable and question.kind in kinds]
    if not test or "closed-book" not in bench.config.methods:
        return {}
    queries = [question.query for question in test]
    by_id = {question.id: question for question in bench.data.questions}
    drawn = [asking.shots(SHOTS, draw) for draw in range(1, DRAWS + 1)]

    def hits(answers: Sequence[Answer]) -> set[str]:
        scores = score_answers(answers, by_id, None)
        return {score.query_id for score in scores if score.metric == METRIC and score.value == 1.0}

    def work(folder: Path, progress: StepProgress) -> None:
        found = []
        for place, shots in enumerate(drawn):
            request = f"knowledge/{folder.name}/{place}"
            method = PromptedMethod(
                METHODS["closed-book"],
                asking.toolbox(shots),
                request,
                lambda done, total: progress(done, total, "answers"),
            )
            found.append(hits(method.answerer(None).answer(queries)))
        write_json(folder / "known.json", {query.id: sum(query.id in one for one in found) for query in queries})

    inputs = {
        **asking.inputs(queries),
        "shots": [[asdict(shot) for shot in shots] for shots in drawn],
        "gold": [list(question.answers) for question in test],
    }
    step = bench.folder.run(
        StepSpec("knowledge", inputs, (*CODE, "steps/knowledge.py", "metrics"), MODEL_LIBRARIES), work
    )
    counts: dict[str, int] = read_json(step.path / "known.json")
    return {name: _class(count) for name, count in counts.items()}


def _class(hits: int) -> Known:
    if hits == DRAWS:
        return "known"
    return "maybe" if hits else "unknown"

"""A small corpus of facts, and a teacher that follows a script in place of a model."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from lab.config import ExperimentConfig, load_config
from lab.corpus.jsonl import read_jsonl
from lab.corpus.source import Source
from lab.metrics.abstention import is_abstention
from lab.metrics.text import contains, token_f1
from lab.synthesis.duplicates import Seen
from lab.synthesis.elsewhere import Elsewhere
from lab.synthesis.examining import Examiner
from lab.synthesis.filters import Agreement
from lab.synthesis.pipeline import Pipeline, Plan
from lab.synthesis.sampling import passages_in_turn
from lab.synthesis.standing import Standing
from lab.synthesis.store import Store
from lab.synthesis.teacher import OnProgress, Prompt
from lab.synthesis.unanswerable import Swaps
from lab.synthesize import cut

PARTS = ("Arven", "Brolt", "Corda", "Dimra", "Elvo", "Fenst")


def documents() -> list[dict[str, str]]:
    """Six machines; each says its weight, its speed and its city, in sentences with one number or name each."""
    return [
        {
            "id": part.lower(),
            "title": f"The {part} crane",
            "text": f"Every {part} hoist weighs {411 + 7 * place} kilograms when empty. "
            f"Below, the {part} trolley can move at {31 + place} metres a minute. "
            f"The {part} gearbox was made in {1950 + place}.",
        }
        for place, part in enumerate(PARTS)
    ]


def write_corpus(folder: Path, questions: str = "") -> ExperimentConfig:
    """An experiment over the cranes, with `questions` as its file of questions, absent if empty."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = "".join(json.dumps(row) + "\n" for row in documents())
    (folder / "documents.jsonl").write_text(rows, encoding="utf-8")
    if questions:
        (folder / "questions.jsonl").write_text(questions, encoding="utf-8")
    (folder / "experiment.yaml").write_text("name: cranes\ncorpus: {path: ., format: jsonl}\n", encoding="utf-8")
    return load_config(folder / "experiment.yaml")


def shown(prompt: Prompt, name: str) -> str:
    """What a prompt shows under a name."""
    found = re.search(rf"^{name}: (.*)$", prompt.text, re.MULTILINE)
    return found.group(1) if found else ""


def topic(prompt: Prompt) -> str:
    """The crane that a prompt is about."""
    return next((part for part in PARTS if part in prompt.text), "")


class Scripted:
    """Writes fair questions, reads well, remembers nothing, unless told otherwise; breaks off after so many prompts."""

    name = "scripted"
    ranker = None

    def __init__(self, fails_after: int | None = None) -> None:
        self.asked: list[Prompt] = []
        self.questions: Callable[[str, str], str] = fair_question
        self.reads: Callable[[Prompt], str] | None = None
        self.remembers: Callable[[str], str] = lambda question: "NOT_FOUND"
        self.rewords: Callable[[str], str] = lambda question: ""
        self._fails_after = fails_after

    def write(self, prompts: Sequence[Prompt], *, stage: str, max_tokens: int, on_progress: OnProgress) -> list[str]:
        replies = []
        for prompt in prompts:
            if self._fails_after is not None and len(self.asked) >= self._fails_after:
                raise KeyboardInterrupt
            self.asked.append(prompt)
            replies.append(self._reply(prompt))
        return replies

    def _reply(self, prompt: Prompt) -> str:
        if shown(prompt, "Answer"):
            return self.questions(topic(prompt), shown(prompt, "Answer"))
        question = shown(prompt, "Question")
        if "other words" in prompt.task:
            return self.rewords(question)
        if shown(prompt, "Text"):
            return self.reads(prompt) if self.reads else right_answer(question, shown(prompt, "Text"))
        return self.remembers(question)


def fair_question(part: str, answer: str) -> str:
    """A question that the cranes' documents answer with `answer`."""
    if "kilograms" in answer:
        return f"How many kilograms does the {part} hoist weigh?"
    if "metres" in answer:
        return f"How many metres a minute can the {part} trolley move?"
    return f"In which year was the {part} gearbox made?"


def right_answer(question: str, text: str) -> str:
    """What the text says in answer to a fair question."""
    pattern = r"\d+ kilograms" if "weigh" in question else r"\d+ metres" if "trolley" in question else r"(?:19)\d\d"
    named = next((part for part in PARTS if part in question), "?")
    found = re.search(pattern, text) if named in text else None
    return found.group() if found else "NOT_FOUND"


def pipeline(config: ExperimentConfig, plan: Plan, teacher: Scripted | None) -> Pipeline:
    """The pipeline over a corpus as `lab synthesize` builds it."""
    folder = Path(config.corpus.path)
    store = Store(folder)
    (folder / "questions.jsonl").touch()
    corpus = read_jsonl(Source(config.corpus, config.name))
    seen, standing = Seen(), Standing()
    for question in corpus.questions:
        seen.add(question.id, question.text, question.group or "")
        if question.synthetic is not None:
            standing.add(question)
    elsewhere = Elsewhere(corpus.documents)
    examiner = Examiner(teacher, Agreement(token_f1, contains), is_abstention, elsewhere, seen)
    swaps = Swaps(corpus.documents, elsewhere, plan.seed)
    return Pipeline(plan, teacher, store, examiner, swaps, standing, lambda *_: None)


def run(config: ExperimentConfig, plan: Plan, teacher: Scripted | None) -> Pipeline:
    """One call over all passages."""
    made = pipeline(config, plan, teacher)
    corpus = read_jsonl(Source(config.corpus, config.name))
    made.run(passages_in_turn(corpus.documents, cut, plan.seed))
    return made


def rows(folder: Path) -> list[dict[str, object]]:
    """The questions of a folder, as they stand."""
    return [json.loads(line) for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()]

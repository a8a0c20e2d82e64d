"""Training examples and the adapters made from them; each adapter is trained once for all methods that use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from lab.methods.examples import ExampleSet, RaftInputs, closed_book_examples, raft_examples
from lab.methods.finetune import TrainingJob, TrainingReport, read_adapter
from lab.methods.generator import Adapter
from lab.methods.prompts import PromptStyle
from lab.run_folder import StepProgress, StepSpec
from lab.steps.bench import MODEL_LIBRARIES, Bench
from lab.steps.retrieval import Retrieval
from lab.types import Material, Question

CODE = tuple(f"methods/{name}.py" for name in ("finetune", "trainer", "generator", "batches", "attention"))


@dataclass(frozen=True, slots=True)
class Tuned:
    """A trained adapter, what training did, and how its examples came about."""

    adapter: Adapter
    report: TrainingReport
    counts: dict[str, int]


class Tuning:
    """Adapter A from questions without context, adapter B from RAFT's prompts."""

    def __init__(self, bench: Bench, retrieval: Retrieval, style: PromptStyle) -> None:
        self._bench = bench
        self._retrieval = retrieval
        self._style = style
        self._tuned: dict[str, Tuned] = {}

    def example_set(self, adapter: str, questions: Sequence[Question]) -> ExampleSet:
        """Training examples of adapter A or B."""
        if adapter == "A":
            return closed_book_examples(questions, self._style)
        config, data = self._bench.config, self._bench.data
        hits = {question.id: self._retrieval.found[question.id].hits for question in questions}
        inputs = RaftInputs(self._retrieval.gold, hits, data.passages, config.index.k)
        return raft_examples(questions, self._style, config.raft, inputs, config.training.seeds[0])

    def adapter(self, name: str, material: Material) -> Adapter:
        """The trained adapter."""
        return self.tuned(name, material).adapter

    def tuned(self, name: str, material: Material) -> Tuned:
        """Train an adapter, or find it trained."""
        if name not in self._tuned:
            self._tuned[name] = self._train(name, material)
        return self._tuned[name]

    def _train(self, name: str, material: Material) -> Tuned:
        config, bench = self._bench.config, self._bench
        train = self.example_set(name, material.train)
        job = TrainingJob(
            adapter=name,
            train=train.examples,
            dev=self.example_set(name, material.dev).examples,
            config=config.training,
            epochs=(config.raft.epochs or config.training.epochs) if name == "B" else config.training.epochs,
            seed=config.training.seeds[0],
        )

        def work(folder: Path, progress: StepProgress) -> None:
            bench.parts.train(job, bench.generator, folder, bench.models.clock, progress)

        inputs = bench.generator_inputs() | {
            "training": config.training.model_dump(),
            "epochs": job.epochs,
            "train": [asdict(example) for example in job.train],
            "dev": [asdict(example) for example in job.dev],
        }
        step = bench.folder.run(StepSpec(f"train-{name}", inputs, CODE, (*MODEL_LIBRARIES, "accelerate")), work)
        adapter, report = read_adapter(name, step.path)
        return Tuned(adapter, replace(report, seconds=step.seconds), dict(train.counts))

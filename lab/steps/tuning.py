"""Training examples and the adapters made from them; each adapter is trained once for all methods that use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

from lab.files import read_json, write_json
from lab.memory import PeakMemory
from lab.methods.examples import ExampleSet, RaftInputs, closed_book_examples, raft_examples
from lab.methods.finetune import TrainingJob, TrainingReport, read_adapter
from lab.methods.generator import Adapter
from lab.methods.prompts import PromptStyle
from lab.run_folder import StepProgress, StepSpec
from lab.steps.bench import MODEL_LIBRARIES, Bench
from lab.steps.plan import step_name
from lab.steps.retrieval import Retrieval
from lab.types import Material, Question

MEMORY = "memory.json"
CODE = (
    *(f"methods/{name}.py" for name in ("finetune", "trainer", "generator", "batches", "attention")),
    "steps/tuning.py",
    "memory.py",
)


@dataclass(frozen=True, slots=True)
class Tuned:
    """A trained adapter, what training did, how its examples came about, and the most memory that it took, bytes."""

    adapter: Adapter
    report: TrainingReport
    counts: dict[str, int]
    peak_memory: int


class Tuning:
    """Adapter A from questions without context, adapter B from RAFT's prompts; each once per training seed."""

    def __init__(self, bench: Bench, retrieval: Retrieval, style: PromptStyle) -> None:
        self._bench = bench
        self._retrieval = retrieval
        self._style = style
        self._tuned: dict[tuple[str, int], Tuned] = {}

    @cached_property
    def first_seed(self) -> int:
        """The seed of the run's first training."""
        return self._bench.config.training.seeds[0]

    def example_set(self, adapter: str, questions: Sequence[Question], seed: int) -> ExampleSet:
        """Training examples of adapter A or B; the seed draws B's distractors."""
        if adapter == "A":
            return closed_book_examples(questions, self._style)
        config, data = self._bench.config, self._bench.data
        hits = {question.id: self._retrieval.found[question.id].hits for question in questions}
        inputs = RaftInputs(self._retrieval.gold, hits, data.passages, config.index.k)
        return raft_examples(questions, self._style, config.raft, inputs, seed)

    def tuned(self, name: str, material: Material, seed: int) -> Tuned:
        """Train an adapter, or find it trained."""
        if (name, seed) not in self._tuned:
            self._tuned[name, seed] = self._train(name, material, seed)
        return self._tuned[name, seed]

    def _train(self, name: str, material: Material, seed: int) -> Tuned:
        config, bench = self._bench.config, self._bench
        train = self.example_set(name, material.train, seed)
        job = TrainingJob(
            adapter=name,
            train=train.examples,
            dev=self.example_set(name, material.dev, seed).examples,
            config=config.training,
            epochs=(config.raft.epochs or config.training.epochs) if name == "B" else config.training.epochs,
            seed=seed,
        )

        def work(folder: Path, progress: StepProgress) -> None:
            with PeakMemory(bench.models.hardware.device) as memory:
                bench.parts.train(job, bench.generator, folder, bench.models.clock, progress)
            write_json(folder / MEMORY, {"peak_bytes": memory.peak_bytes})

        inputs = bench.generator_inputs() | {
            "training": config.training.model_dump(exclude={"seeds"}),
            "seed": seed,
            "epochs": job.epochs,
            "train": [asdict(example) for example in job.train],
            "dev": [asdict(example) for example in job.dev],
        }
        spec = StepSpec(step_name(f"train-{name}", seed, config), inputs, CODE, (*MODEL_LIBRARIES, "accelerate"))
        step = bench.folder.run(spec, work)
        adapter, report = read_adapter(name, step.path)
        memory = read_json(step.path / MEMORY)["peak_bytes"]
        return Tuned(adapter, replace(report, seconds=step.seconds), dict(train.counts), memory)

"""A quiet pass in which each method answers a few questions one at a time, from the query's embedding to the answer."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lab.energy import EnergyMeter
from lab.files import read_json, write_json
from lab.index.build import open_retriever
from lab.memory import PeakMemory, give_back
from lab.methods.answerer import PromptAnswerer
from lab.methods.contexts import Context, Retrieved, no_context, top_k
from lab.methods.examples import question_rng
from lab.methods.generations import Generated
from lab.methods.generator import Adapter, ChatTokenizer, Generator, Progress
from lab.methods.registry import METHODS, PromptedMethod
from lab.run_folder import StepProgress, StepSpec
from lab.steps.asked import Asked
from lab.steps.asking import CODE, Asking
from lab.steps.bench import MODEL_LIBRARIES, Bench
from lab.steps.fitting import CODE as FIT_CODE
from lab.steps.retrieval import LIBRARIES as INDEX_LIBRARIES
from lab.steps.retrieval import Retrieval
from lab.types import Answerer, Query, Retriever

ASKED_MERGED, ASKED_BESIDE = 10, 4
LIVE_CONTEXTS = ("none", "top-k")  # the oracle's context needs gold: nobody can serve it


@dataclass(frozen=True, slots=True)
class LoneGenerator:
    """The generator with batches of one; nothing that was generated before is found."""

    generator: Generator
    merged: bool

    @property
    def tokenizer(self) -> ChatTokenizer:
        return self.generator.tokenizer

    @property
    def context_limit(self) -> int:
        return self.generator.context_limit

    def generate(
        self,
        prompts: Sequence[str],
        adapter: Adapter | None,
        *,
        max_new_tokens: int,
        request: str,
        on_progress: Progress,
    ) -> list[Generated]:
        """A text for each prompt, one after the other."""
        return [
            self.generator.generate_alone(prompt, adapter, max_new_tokens=max_new_tokens, merged=self.merged)
            for prompt in prompts
        ]


def measure_latency(
    bench: Bench, retrieval: Retrieval, asking: Asking, asked: Mapping[str, Sequence[Asked]]
) -> dict[str, dict[str, Any]]:
    """By method: `merged_ms` and `beside_ms` (adapter merged into the weights, or applied beside them; milliseconds of
    each question), `peak_bytes` while answering, `joules` a question or None.

    Dev questions where there are enough, so that test is asked once; one more, asked first, warms up and is not timed.
    The encoder's methods come last, without the generator in memory.
    """
    live = [name for name in asked if METHODS[name].context in LIVE_CONTEXTS and METHODS[name].engine != "endpoint"]
    names = sorted(live, key=lambda name: METHODS[name].engine == "encoder")
    queries = _sample(bench)

    def work(folder: Path, progress: StepProgress) -> None:
        built = open_retriever(
            bench.data.passages,
            bench.config.index,
            bench.models.encoder,
            retrieval.index.path,
            clock=bench.models.clock,
            offline=bench.offline,
        )
        rows = {}
        for place, name in enumerate(names):
            progress(place, len(names), name)
            if METHODS[name].engine == "encoder":
                bench.generator.release()
                give_back()
                rows[name] = _measure(bench, asking.fitting.answerer(name), queries)
            else:
                rows[name] = _measure_generator(bench, asking, asked[name][0], name, built.retriever, queries)
        write_json(folder / "latency.json", rows)

    inputs = {
        "answers": {name: asked[name][0].key for name in names},
        "index": retrieval.index.key,
        "queries": [asdict(query) for query in queries],
    }
    code = (*CODE, *FIT_CODE, "steps/latency.py", "index", "memory.py", "energy.py")
    step = bench.folder.run(StepSpec("latency", inputs, code, (*MODEL_LIBRARIES, *INDEX_LIBRARIES)), work)
    found: dict[str, dict[str, Any]] = read_json(step.path / "latency.json")
    return found


def _measure_generator(
    bench: Bench, asking: Asking, asked: Asked, name: str, retriever: Retriever, queries: Sequence[Query]
) -> dict[str, Any]:
    adapter = asked.tuned.adapter if asked.tuned else None

    def answerer(merged: bool) -> PromptAnswerer:
        shots = asking.shots(asking.few_shot.shots) if METHODS[name].few_shot else ()
        toolbox = asking.toolbox(shots)
        live = {"none": no_context, "top-k": _searching(retriever, bench.config.index.k)}
        lone = LoneGenerator(bench.generator, merged)
        return PromptedMethod(METHODS[name], toolbox.with_parts(lone, live), "latency").answerer(adapter)

    measured = _measure(bench, answerer(merged=True), queries)
    if adapter is not None:
        alone = answerer(merged=False)
        alone.answer(queries[:1])
        measured["beside_ms"] = _times(alone, queries[1 : 1 + ASKED_BESIDE])
    return measured


def _measure(bench: Bench, alone: Answerer, queries: Sequence[Query]) -> dict[str, Any]:
    alone.answer(queries[:1])
    with PeakMemory(bench.models.hardware.device) as memory, EnergyMeter(bench.models.hardware.device) as energy:
        merged = _times(alone, queries[1:])
    joules = None if energy.joules is None else energy.joules / len(merged)
    return {"merged_ms": merged, "beside_ms": [], "peak_bytes": memory.peak_bytes, "joules": joules}


def _times(answerer: Answerer, queries: Sequence[Query]) -> list[float]:
    times = []
    for query in queries:
        start = time.perf_counter()
        answerer.answer([query])
        times.append(1000.0 * (time.perf_counter() - start))
    return times


def _searching(retriever: Retriever, k: int) -> Context:
    """Search for each query when it is asked, as a served system would."""
    return top_k(lambda queries: [Retrieved(hits, 0.0) for hits in retriever.search(queries, k)], k)


def _sample(bench: Bench) -> tuple[Query, ...]:
    """The first to warm up, then those that count."""
    holdout, seed = bench.data.holdout, bench.config.holdout.seed
    asked = holdout.dev if len(holdout.dev) > ASKED_MERGED else holdout.test
    drawn = sorted(asked, key=lambda question: question_rng(seed, "latency", question.id).random())
    chosen = [question.query for question in drawn[: ASKED_MERGED + 1]]
    return tuple(chosen if len(chosen) > 1 else chosen * 2)

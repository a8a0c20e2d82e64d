"""`lab synthesize`: questions from the passages of a corpus, made, filtered and appended to its questions.

Nothing here calls a model before it must, and with no teacher nothing ever does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import Any

from lab.config import ExperimentConfig
from lab.corpus.jsonl import read_jsonl
from lab.corpus.passages import cut_passages
from lab.corpus.source import Source
from lab.errors import ConfigError, DataError
from lab.files import QUESTIONS_FILE, file_sha256, held, read_json, write_json
from lab.judge.client import Endpoint, Role, chatting
from lab.metrics.abstention import is_abstention
from lab.metrics.text import contains, token_f1
from lab.synthesis.costs import GENERATIONS_FILE, RANKS_FILE, REPLIES_FILE, Cost, since, spent
from lab.synthesis.duplicates import Seen
from lab.synthesis.elsewhere import Elsewhere
from lab.synthesis.examining import Examiner
from lab.synthesis.filters import Agreement
from lab.synthesis.pipeline import End, OnStage, Pipeline, Plan
from lab.synthesis.review import REVIEW_CSV, apply, read_review, write_review
from lab.synthesis.sampling import PASSAGE_TOKENS, WordTokens, passages_in_turn
from lab.synthesis.standing import Standing
from lab.synthesis.store import RESULT_FILE, WORK, Store
from lab.synthesis.tally import total
from lab.synthesis.teacher import LocalTeacher, Teacher
from lab.synthesis.unanswerable import Swaps
from lab.types import Corpus, Document, Passage

NO_TEACHER = "none"
TEACHER = Role("the teacher", "RAG_FINETUNE_LAB_TEACHER_KEY", "--url", "--model", "--timeout")
# Bytes of weights up to which a teacher ranks and chooses in place of writing: 1 billion parameters in 16 bits. Larger
# ones write questions well.
GUIDED_BYTES = 2_000_000_000
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted, and of whom. `model` None: the experiment's generator; an endpoint takes its place."""

    plan: Plan
    model: str | None = None
    endpoint: Endpoint | None = None
    parallel: int = 4
    offline: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call left: `synthesis.json`'s content, what this call added, and where things lie."""

    result: dict[str, Any]
    added: int
    end: End
    folder: Path
    review: Path | None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What a review changed."""

    accepted: int
    changed: int
    removed: int
    folder: Path


def synthesize(config: ExperimentConfig, order: Order, on_stage: OnStage) -> Outcome:
    """Make questions until the order is met, or passages give none; the same call again goes on, or adds nothing.

    `on_stage` gets a stage's name, how many of its items are done, and of how many.

    Raises:
        ConfigError: the corpus is in another format than the lab's own.
        DataError: faults in the documents or in the questions that are there already.
        ModelError: the teacher's name leads to no model.
        LabError: the teacher behind the URL cannot be asked.
        RunLockedError: another process works on this corpus.
    """
    folder = corpus_folder(config)
    with _alone(folder), _questions_file(folder), _teacher(config, order, folder) as (teacher, filtered_by):
        on_stage("documents", 0, 0)
        corpus = _read(config, offline=order.offline)
        store = Store(folder)
        before = len(store.rounds), spent(store.work)
        pipeline = _pipeline(corpus, store, order.plan, teacher, on_stage)
        pipeline.filtered_by = filtered_by
        start = pipeline.standing.answerable + pipeline.standing.unanswerable
        try:
            end = pipeline.run(passages_in_turn(corpus.documents, cut, order.plan.seed))
        finally:  # also what a stopped call has done
            result = _result(config, order, pipeline, before)
            write_json(folder / RESULT_FILE, result)
        review = _write_review(config, folder, order)
    added = pipeline.standing.answerable + pipeline.standing.unanswerable - start
    return Outcome(result, added, end, folder, review)


def review(config: ExperimentConfig, file: Path) -> Reviewed:
    """Apply a review that people filled in; what they turned away is never made again.

    Raises:
        ConfigError, DataError, RunLockedError: as `synthesize`; faults in the review, each with its line.
    """
    folder = corpus_folder(config)
    with _alone(folder), _questions_file(folder):
        corpus = _read(config, offline=True)
        store = Store(folder)
        applied = apply(corpus.questions, read_review(file, corpus.questions, corpus.documents))
        before = {question.id: question for question in corpus.questions}
        store.replace_questions([one for one in applied.questions if one != before[one.id]], applied.removed)
    return Reviewed(applied.accepted, applied.changed, len(applied.removed), folder)


def corpus_folder(config: ExperimentConfig) -> Path:
    """The folder of documents.jsonl and questions.jsonl.

    Raises:
        ConfigError: the corpus is in another format.
    """
    if config.corpus.format != "jsonl":
        raise ConfigError(
            f"corpus.format: expected jsonl, got {config.corpus.format}: questions are written in the lab's own format "
            "only; run lab init on the documents to make such a corpus"
        )
    return Path(config.corpus.path)


def cut(document: Document) -> tuple[Passage, ...]:
    """The passages that are tried of a document: whole sentences, about as many as a person reads before asking."""
    return cut_passages([document], WordTokens(), max_tokens=PASSAGE_TOKENS, overlap=0, cutting="sentence")


def _pipeline(corpus: Corpus, store: Store, plan: Plan, teacher: Teacher | None, on_stage: OnStage) -> Pipeline:
    seen, standing = Seen(), Standing()
    for question in corpus.questions:
        seen.add(question.id, question.text, question.group or "")
        if question.synthetic is not None:
            standing.add(question)
    for row in store.removed:
        seen.add(row["id"], row["question"])
    elsewhere = Elsewhere(corpus.documents)
    examiner = Examiner(teacher, Agreement(token_f1, contains), is_abstention, elsewhere, seen)
    swaps = Swaps(corpus.documents, elsewhere, plan.seed)
    return Pipeline(plan, teacher, store, examiner, swaps, standing, on_stage)


@contextmanager
def _teacher(
    config: ExperimentConfig, order: Order, folder: Path
) -> Iterator[tuple[Teacher | None, dict[str, str | None] | None]]:
    """The teacher, and what identifies the model that filters; None and None for rules alone."""
    from lab.synthesis.served import ServedTeacher

    if order.endpoint is not None:
        endpoint = order.endpoint
        with chatting(endpoint, offline=order.offline) as chat:
            identity = f"{endpoint.model} at {endpoint.host}, {endpoint.max_tokens}"
            path = _work(folder) / REPLIES_FILE
            name = _shown(endpoint.model)
            teacher = ServedTeacher(name, chat, path, identity=identity, parallel=order.parallel)
            yield teacher, {"name": name, "digest": None, "server": endpoint.host}  # a server tells no digest
    elif order.model == NO_TEACHER:
        yield None, None
    else:
        yield _local_teacher(config, order, folder)


def _local_teacher(config: ExperimentConfig, order: Order, folder: Path) -> tuple[LocalTeacher, dict[str, str | None]]:
    from lab.methods.generations import GenerationStore
    from lab.methods.generator import Generator
    from lab.models import ModelClock, choose_hardware, find_model
    from lab.synthesis import likelihood
    from lab.synthesis.ranking import LocalRanker

    files = find_model(order.model or config.generator.model, offline=order.offline)
    hardware = choose_hardware(config.generator.device, config.generator.dtype)
    store = GenerationStore(_work(folder) / GENERATIONS_FILE)
    generator = Generator(files, hardware, store, ModelClock(), batch_size=config.generator.batch_size)
    code = file_sha256(Path(likelihood.__file__))
    identity = f"{files.digest}/{hardware.device.split(':')[0]}/{hardware.dtype}/{code}"
    small = sum(path.stat().st_size for path in files.folder.glob("*.safetensors")) <= GUIDED_BYTES
    ranker = LocalRanker(generator, _work(folder) / RANKS_FILE, identity) if small else None
    name = _shown(files.name)
    return LocalTeacher(name, generator, ranker), {"name": name, "digest": files.digest, "server": None}


def _result(
    config: ExperimentConfig, order: Order, pipeline: Pipeline, before: tuple[int, dict[str, Cost]]
) -> dict[str, Any]:
    rounds, standing = pipeline.store.rounds, pipeline.standing
    costs = spent(pipeline.store.work)
    return {
        "schema_version": SCHEMA_VERSION,
        "name": config.name,
        "teacher": pipeline.maker,
        "server": order.endpoint.host if order.endpoint else None,
        "filtered_by": _filtered_by(rounds),
        "plan": asdict(order.plan),
        "standing": {"answerable": standing.answerable, "unanswerable": standing.unanswerable},
        "all_calls": {**total(rounds), **_costs(costs)},
        "this_call": {**total(rounds[before[0] :]), **_costs(since(costs, before[1]))},
    }


def _filtered_by(rounds: list[dict[str, Any]]) -> list[dict[str, Any]] | None:
    """The models that turned questions away in any call, so that a run of one of them can be told; None: rules alone.

    A test that its own generator has filtered holds nothing that this generator knows without the passages.
    """
    found: list[dict[str, Any]] = []
    for row in rounds:
        old = None if row["teacher"] == NO_TEACHER else {"name": row["teacher"], "digest": None, "server": None}
        one = row.get("filtered_by", old)
        if one is not None and one not in found:
            found.append(one)
    return found or None


def _costs(costs: dict[str, Cost]) -> dict[str, Any]:
    return {
        "costs": {stage: asdict(cost) for stage, cost in costs.items()},
        "cost": asdict(sum(costs.values(), Cost())),
    }


def _write_review(config: ExperimentConfig, folder: Path, order: Order) -> Path | None:
    """Write the review files, unless people have begun to fill them in; None then, and where there is no question."""
    mark, table = _work(folder) / "review.json", folder / REVIEW_CSV
    if table.is_file() and (not mark.is_file() or read_json(mark)["sha256"] != file_sha256(table)):
        return None
    corpus = _read(config, offline=order.offline)
    made = [question for question in corpus.questions if question.synthetic is not None]
    if not made:
        return None
    write_review(folder, made, corpus.documents)
    write_json(mark, {"sha256": file_sha256(table)})
    return table


def _read(config: ExperimentConfig, *, offline: bool) -> Corpus:
    corpus = read_jsonl(Source(config.corpus, config.name, offline))  # `read_corpus` refuses one without questions
    if not corpus.documents:
        raise DataError(f"{config.corpus.path}: expected at least one document, found none; run lab init on some")
    return corpus


def _work(folder: Path) -> Path:
    path = folder / WORK
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextmanager
def _questions_file(folder: Path) -> Iterator[None]:
    """An empty file of questions where there is none, since readers expect one; it goes again if it stays empty."""
    file = folder / QUESTIONS_FILE
    made = folder.is_dir() and not file.exists()
    if made:
        file.touch()
    try:
        yield
    finally:
        if made and file.is_file() and file.stat().st_size == 0:
            file.unlink()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from changing this corpus meanwhile."""
    if not folder.is_dir():
        yield  # reading will say what is wrong
        return
    with held(folder):
        yield


def _shown(model: str) -> str:
    """The model's name without the folders of this machine."""
    path = PurePath(model)
    return path.name if path.is_absolute() else model

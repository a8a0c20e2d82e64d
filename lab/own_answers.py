"""`lab score`: answers that any system gave to a corpus's questions, scored and compared as the lab's own are.

    {"question_id": "q1", "method": "rag", "answer": "412 kg", "seed": 1, "seconds": 0.8, "latency_ms": 950,
     "tokens": {"in": 512, "out": 6}, "logprob": -0.2,
     "hits": [{"document": "d1", "text": "...", "rank": 1, "score": 0.7}]}

Only `question_id`, `method` and `answer` are needed. What is not given is not measured. The test questions are those
that were answered; every method must have answered all of them. A run's answers.jsonl is such a file.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from lab.config import ExperimentConfig, checked_config, load_config
from lab.corpus.evidence import map_evidence
from lab.corpus.registry import read_corpus
from lab.corpus.source import Source
from lab.corpus_config import Section
from lab.decision_config import Amount
from lab.errors import DataError, list_faults
from lab.holdout.leaks import find_leaks
from lab.preparation import Prepared, popularities
from lab.score_table import AnsweredRun
from lab.types import Answer, Corpus, Hit, Holdout, Passage, Question, Timing, Tokens
from lab.yaml_file import apply_override

EXPERIMENT_FILE = "experiment.yaml"
ONE_RUN = 1  # the seed that answers without one are put under


class OwnHit(Section):
    """A passage that the system put into its prompt; `text` tells whether it holds the evidence."""

    document: str
    text: str = ""
    title: str = ""
    passage: Any = Field(None, description="Not read: systems name passages as they like.")
    rank: Annotated[int, Field(ge=1)] | None = None
    score: float = 0.0
    gold: Any = Field(None, description="Not read: where the text stands in its document tells.")


class OwnTokens(Section):
    """Prompt tokens and written tokens."""

    input: Amount = Field(alias="in")
    output: Amount = Field(alias="out")


class OwnAnswer(Section):
    """One line of the file."""

    question_id: str
    method: Annotated[str, Field(min_length=1)]
    answer: str
    raw: str | None = None
    seed: int | None = None
    hits: list[OwnHit] = Field(default=[])
    tokens: OwnTokens | None = None
    seconds: Amount | None = None
    latency_ms: Amount | None = None
    logprob: Annotated[float, Field(le=0, allow_inf_nan=False)] | None = None
    option: str | None = None
    parse_ok: bool = True
    truncated: bool = False
    passages_dropped: Annotated[int, Field(ge=0)] = 0
    question: Any = Field(None, description="Not read; a run's own answers.jsonl has it, as it has the following.")
    kind: Any = None
    cluster: Any = None
    gold: Any = None
    scores: Any = None
    cause: Any = None


@dataclass(frozen=True, slots=True)
class Submission:
    """What a file of answers says: the questions with what is known of them, and each method's training runs.

    `hits` are those of the first method that shows passages; `latency_ms` by method, empty where not given.
    """

    config: ExperimentConfig
    data: Prepared
    runs: tuple[AnsweredRun, ...]
    hits: Mapping[str, tuple[Hit, ...]]
    latency_ms: Mapping[str, tuple[float, ...]]


def read_submission(path: Path, corpus: Path, overrides: Sequence[str] = ()) -> Submission:
    """Read a file of answers against a corpus: an experiment file, its folder, or a folder of the lab's own format.

    Raises:
        ConfigError: the experiment is wrong.
        DataError: the answers are not as above, or do not fit the corpus (all faults with their lines).
    """
    config = _config(corpus, overrides)
    rows = _rows(path)
    read = read_corpus(Source(config.corpus, config.name))
    popularities(read)
    faults = _misfits(rows, {question.id for question in read.questions})
    if faults:
        raise DataError(list_faults(f"{path}: the answers do not fit the corpus {config.name}", faults))
    seeds = _seeds(rows)
    training = config.training.model_copy(update={"seeds": seeds})
    config = config.model_copy(update={"training": training})
    passages = _passages(rows, read)
    data = _prepared(config, read, {row.question_id for row in rows}, tuple(passages.values()))
    first = next((row.method for row in rows if row.hits), None)
    runs = _runs(rows, passages, data.holdout.test)
    shown = next((run for run in runs if run.method == first), None)
    timed: dict[str, list[float]] = {row.method: [] for row in rows}
    for row in rows:
        if row.latency_ms is not None:
            timed[row.method].append(row.latency_ms)
    hits = {answer.query_id: answer.hits for answer in shown.answers} if shown else {}
    return Submission(config, data, runs, hits, {name: tuple(times) for name, times in timed.items()})


def _config(corpus: Path, overrides: Sequence[str]) -> ExperimentConfig:
    file = corpus / EXPERIMENT_FILE if corpus.is_dir() else corpus
    if file.is_file() or not corpus.is_dir():
        return load_config(file, overrides)
    folder = corpus.resolve()
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", folder.name).strip("-._") or "corpus"
    tree: dict[str, Any] = {"name": name, "domain": name, "corpus": {"path": str(folder), "format": "jsonl"}}
    for override in overrides:
        apply_override(tree, override)
    return checked_config(tree, f"{corpus}: what --set declares has faults")


def _rows(path: Path) -> list[OwnAnswer]:
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: expected a JSONL file of answers, it cannot be read ({error})") from None
    rows, faults = [], []
    for place, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            rows.append(OwnAnswer.model_validate_json(line))
        except ValidationError as error:
            faults += [f"{path.name}:{place}: {_fault(fault)}" for fault in error.errors()]
    if faults:
        raise DataError(list_faults(f"{path}: lines that are no answers", faults))
    if not rows:
        raise DataError(f"{path}: expected one answer a line, found none")
    return rows


def _fault(fault: Any) -> str:
    key = ".".join(map(str, fault["loc"]))[:100] or "line"
    got = json.dumps(fault["input"], default=str)
    return f"{key}: {str(fault['msg'])[:1].lower()}{str(fault['msg'])[1:]}, got {got[:60]}"


def _misfits(rows: Sequence[OwnAnswer], known: set[str]) -> list[str]:
    faults = [f"question {row.question_id[:100]}: not in the corpus" for row in rows if row.question_id not in known]
    asked = {row.question_id for row in rows}
    seeds = {row.method: {other.seed for other in rows if other.method == row.method} for row in rows}
    several = {frozenset(found) for found in seeds.values() if len(found) > 1}
    mixed = [method for method, found in seeds.items() if None in found and len(found) > 1]
    faults += [f"{method[:100]}: some answers name a seed and some do not" for method in mixed]
    if len(several) > 1:
        faults.append("methods with several training seeds must have the same ones")
    answered: dict[tuple[str, int | None], list[str]] = {}
    for row in rows:
        answered.setdefault((row.method, row.seed), []).append(row.question_id)
    for (method, seed), ids in answered.items():
        run = method[:100] if seed is None else f"{method[:100]}, seed {seed}"
        missing, twice = sorted(asked - set(ids)), sorted(id for id, count in Counter(ids).items() if count > 1)
        faults += [f"{run}: no answer to {', '.join(id[:100] for id in missing[:5])}"] if missing else []
        faults += [f"{run}: more than one answer to {', '.join(id[:100] for id in twice[:5])}"] if twice else []
    return faults


def _seeds(rows: Sequence[OwnAnswer]) -> list[int]:
    """The seeds of the method with the most training runs; answers that name none are of one run."""
    by_method: dict[str, set[int]] = {}
    for row in rows:
        by_method.setdefault(row.method, set()).add(ONE_RUN if row.seed is None else row.seed)
    most = max(len(found) for found in by_method.values())
    return sorted(next(found for found in by_method.values() if len(found) == most))


def _passages(rows: Sequence[OwnAnswer], corpus: Corpus) -> dict[tuple[str, str], Passage]:
    """The passages shown, by document and text, at the place in their document where that text stands."""
    texts = {document.id: document.text for document in corpus.documents}
    found: dict[tuple[str, str], Passage] = {}
    for row in rows:
        for hit in row.hits:
            if (hit.document, hit.text) not in found:
                start = max(texts.get(hit.document, "").find(hit.text), 0) if hit.text else 0
                end = start + len(hit.text) if hit.text in texts.get(hit.document, "") else start
                name = f"{hit.document}#{len(found)}"  # systems may number their passages alike
                found[hit.document, hit.text] = Passage(name, hit.document, hit.title, hit.text, start, end)
    return found


def _prepared(config: ExperimentConfig, corpus: Corpus, answered: set[str], passages: tuple[Passage, ...]) -> Prepared:
    """The questions that were answered are the test; of the others nobody knows what they served for."""
    test = tuple(question for question in corpus.questions if question.id in answered)
    digest = hashlib.sha256(json.dumps([asdict(question) for question in test]).encode()).hexdigest()
    holdout = Holdout((), (), test, config.holdout.track, digest)
    evidence = map_evidence(corpus.questions, passages)
    return Prepared(corpus, passages, holdout, find_leaks(holdout), evidence, {}, given_splits=False)


def _runs(
    rows: Sequence[OwnAnswer],
    passages: Mapping[tuple[str, str], Passage],
    test: Sequence[Question],
) -> tuple[AnsweredRun, ...]:
    grouped: dict[tuple[str, int], dict[str, Answer]] = {}
    for row in rows:
        seed = ONE_RUN if row.seed is None else row.seed
        grouped.setdefault((row.method, seed), {})[row.question_id] = _answer(row, passages)
    order = {method: place for place, method in enumerate(dict.fromkeys(method for method, _ in grouped))}
    return tuple(
        AnsweredRun(method, seed, tuple(answers[question.id] for question in test))
        for (method, seed), answers in sorted(grouped.items(), key=lambda item: (order[item[0][0]], item[0][1]))
    )


def _answer(row: OwnAnswer, passages: Mapping[tuple[str, str], Passage]) -> Answer:
    hits = tuple(
        Hit(passages[hit.document, hit.text], hit.score, hit.rank or place)
        for place, hit in enumerate(row.hits, start=1)
    )
    return Answer(
        query_id=row.question_id,
        text=row.answer,
        raw=row.answer if row.raw is None else row.raw,
        hits=hits,
        timing=None if row.seconds is None else Timing(0.0, row.seconds),
        tokens=None if row.tokens is None else Tokens(round(row.tokens.input), round(row.tokens.output)),
        logprob=row.logprob,
        parse_ok=row.parse_ok,
        truncated=row.truncated,
        passages_dropped=row.passages_dropped,
        option=row.option,
    )

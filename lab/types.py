"""The nouns of the lab and the Protocols between its parts. Standard library only.

Two leaks are impossible by type: `Method.fit` receives `Material`, which has no test question, and
`Answerer.answer` receives `Query`, which has no gold answer. Everything is joined by id, never by position.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Kind = Literal["span", "number", "yes-no", "list", "multi-document", "unanswerable", "label", "free", "call"]
LABEL_KINDS: frozenset[str] = frozenset({"label", "yes-no"})  # kinds whose answers are one of a fixed set
RULE_MAKERS: frozenset[str] = frozenset({"cloze", "template"})  # `Question.synthetic` of rules; else a teacher wrote it
REVIEWED = ", reviewed"  # how `Question.synthetic` ends where a person accepted or corrected the question
Track = Literal["question", "wording", "document"]
Split = Literal["train", "dev", "test"]


@dataclass(frozen=True, slots=True)
class Document:
    """One text of the domain. `id` is unique in its corpus."""

    id: str
    title: str
    text: str
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an answer stands: characters [start, end) of a document's text; without offsets, the whole document."""

    document_id: str
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """All that a method may see of a question."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its gold answers. No answers means that the documents do not answer it.

    `synthetic` names what wrote it ("smollm2-135m", "cloze", "template"); None means that a person did. `reason` says
    why the first answer is right, where the data tell: RAFT can learn to write it.
    """

    id: str
    text: str
    answers: tuple[str, ...]
    kind: str
    evidence: tuple[Evidence, ...] = ()
    document_id: str | None = None
    split: Split | None = None
    group: str | None = None
    synthetic: str | None = None
    reason: str | None = None

    @property
    def query(self) -> Query:
        return Query(self.id, self.text)

    @property
    def answerable(self) -> bool:
        return bool(self.answers)

    @property
    def cluster(self) -> str:
        """The unit of statistics: first evidence document, else the modelled document, else the group, else itself.

        Of calls, the call: many cards of an API set may hold the same one, and knowing it answers all their questions.
        """
        if self.kind == "call" and self.answers:
            return self.answers[0]
        if self.evidence:
            return self.evidence[0].document_id
        return self.document_id or self.group or self.id


def label_set(kind: str, questions: Iterable[Question]) -> tuple[str, ...]:
    """The labels that answers of `kind` are one of, sorted; empty for kinds without a fixed set.

    For yes-no questions yes and no, else all answers of the kind. Labels that differ in case only are one, as the first
    one is written.
    """
    if kind not in LABEL_KINDS:
        return ()
    if kind == "yes-no":
        return ("no", "yes")
    found: dict[str, str] = {}
    for question in questions:
        if question.kind == kind:
            for answer in question.answers:
                found.setdefault(answer.strip().casefold(), answer.strip())
    return tuple(sorted(found.values()))


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents and questions as read, with `notes` on what reading repaired or found odd (plain sentences)."""

    name: str
    documents: tuple[Document, ...]
    questions: tuple[Question, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A window [start, end) of its document's text; `text == document.text[start:end]`.

    `heading` is the path of headings above it, as in "Maintenance > Brakes"; `pages` are those of a paged file on which
    it stands, "12" or "12-13"; both are "" where there are none.
    """

    id: str
    document_id: str
    title: str
    text: str
    start: int
    end: int
    heading: str = ""
    pages: str = ""

    @property
    def label(self) -> str:
        """Title and heading path: what retriever and generator read before the text."""
        return " > ".join(part for part in (self.title, self.heading) if part)


@dataclass(frozen=True, slots=True)
class Holdout:
    """Questions divided once; `fingerprint` names the division (sha256 over ids, texts and sides)."""

    train: tuple[Question, ...]
    dev: tuple[Question, ...]
    test: tuple[Question, ...]
    track: Track
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Material:
    """All that a method may learn from."""

    passages: tuple[Passage, ...]
    train: tuple[Question, ...]
    dev: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage. `rank` counts from 1."""

    passage: Passage
    score: float
    rank: int


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds spent on one question; generation is the batch's wall time divided by its size."""

    retrieve: float
    generate: float

    @property
    def total(self) -> float:
        return self.retrieve + self.generate


@dataclass(frozen=True, slots=True)
class Tokens:
    """Prompt and generated tokens of one question."""

    input: int
    output: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A method's answer: `text` is the parsed answer, `raw` all that the generator wrote.

    `logprob` is the mean log-probability of its tokens (natural logarithm). Time, tokens and log-probability are None
    where nobody measured them. `option` is the label that the generator finds likeliest, None where answers are none.
    """

    query_id: str
    text: str
    raw: str
    hits: tuple[Hit, ...]
    timing: Timing | None
    tokens: Tokens | None
    parse_ok: bool = True
    truncated: bool = False
    passages_dropped: int = 0
    error: str | None = None
    logprob: float | None = None
    option: str | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """`value` None means that the metric could not be computed; `reason` says why. Never a silent 0."""

    query_id: str
    metric: str
    value: float | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean with its clustered 95 % interval; `undefined` counts the items that had no value."""

    mean: float | None
    low: float | None
    high: float | None
    n: int
    undefined: int


@dataclass(frozen=True, slots=True)
class EffectSizes:
    """Of a method against a baseline. None where it is not defined; `odds_ratio` for scores of 0 and 1 only.

    `relative_error_reduction` = (e_baseline - e_method) / e_baseline with e = 1 - mean; `odds_ratio` = questions that
    only the method has right / those that only the baseline has right; `d_z` = mean difference / its deviation.
    """

    relative_error_reduction: float | None
    odds_ratio: float | None
    d_z: float | None


@dataclass(frozen=True, slots=True)
class MoreQuestions:
    """Further questions, from further clusters, that would show `difference` with 80 % power."""

    difference: float
    questions: int
    clusters: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """`difference` = mean of (method - baseline) over the `n` items defined for both; `mde` at 80 % power.

    `p` is the sign-flip permutation by cluster, or the t-test with the seeds' variance if that is larger; `p_holm` is
    set for the pre-registered contrasts only. `low_bca` and `high_bca`: bootstrap of clusters, from 40 clusters.
    `p_mcnemar`: exact, for scores of 0 and 1 with one question a cluster and one training run. `by_seed`: the
    difference of each training run; `p_retrained`: t-test over these, from two runs on. `needed` is None where nothing
    more is needed or no number of questions would do.
    """

    metric: str
    method: str
    baseline: str
    difference: float
    low: float | None
    high: float | None
    p: float
    p_holm: float | None
    verdict: str | None
    n: int
    clusters: int
    mde: float | None
    lost: int = 0
    low_bca: float | None = None
    high_bca: float | None = None
    p_mcnemar: float | None = None
    effects: EffectSizes | None = None
    by_seed: tuple[float, ...] = ()
    p_retrained: float | None = None
    needed: MoreQuestions | None = None


@dataclass(frozen=True, slots=True)
class ExperimentResult:
    """One finished experiment: what `results.json` holds. The report reads this and the answers, nothing else."""

    name: str
    domain: str
    track: Track
    n_test: int
    n_clusters: int
    seeds: tuple[int, ...]
    corpus: Mapping[str, Any]
    holdout: Mapping[str, Any]
    methods: Mapping[str, Mapping[str, Any]]
    comparisons: tuple[Comparison, ...]
    retrieval: Mapping[str, Any]
    recommendation: Mapping[str, Any]
    timings: Mapping[str, Any]
    environment: Mapping[str, Any]
    config: Mapping[str, Any]
    analysis: Mapping[str, Any] = field(default_factory=dict)
    schema_version: int = 1


class Encoder(Protocol):
    """Texts to L2-normalised vectors of shape (n, dimensions), float32. `digest` names the weights."""

    digest: str
    dimensions: int
    max_tokens: int

    def encode(self, texts: Sequence[str]) -> Any: ...

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        """Character span of each token of `text`, without special tokens and without truncation."""
        ...


class Retriever(Protocol):
    """Finds passages for queries."""

    def search(self, queries: Sequence[Query], k: int) -> list[tuple[Hit, ...]]:
        """For each query, in order, its best `k` passages, rank 1 first."""
        ...


class Answerer(Protocol):
    """A method that is ready to be asked."""

    def answer(self, queries: Sequence[Query]) -> list[Answer]: ...


class Method(Protocol):
    """A way to answer questions that may learn from `Material` first."""

    def fit(self, material: Material) -> Answerer: ...

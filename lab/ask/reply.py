"""One method's reply to a new question: the answer, the passages read, which of them supports it, what it took."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from lab.ask.marks import Span, marked_spans
from lab.metrics import grounding
from lab.metrics.abstention import is_abstention
from lab.report.words import method_label
from lab.types import Answer, Hit

UNSUPPORTED = "no passage supports this answer lexically"
WITHOUT_PASSAGES = "asked without passages"
ABSTAINED = "declines to answer"
NO_WORDS = "the answer has no word that could be looked for in a passage"


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """A retrieved passage. `pages` are those of a paged file, "12-13"; `shown` says whether it fitted into the prompt;
    `marks` are spans of `text` in code points: the answer's words, and quotes.
    """

    rank: int
    score: float
    id: str
    document: str
    title: str
    text: str
    pages: str
    shown: bool
    marks: tuple[Span, ...] = ()

    @classmethod
    def of(cls, hit: Hit, *, shown: bool, marks: tuple[Span, ...] = ()) -> ShownPassage:
        """The passage of a hit."""
        found = hit.passage
        return cls(hit.rank, hit.score, found.id, found.document_id, found.label, found.text, found.pages, shown, marks)


@dataclass(frozen=True, slots=True)
class Citation:
    """The passage that holds most of the answer's content words: `held` of `words`."""

    rank: int
    document: str
    title: str
    held: int
    words: int

    @property
    def sentence(self) -> str:
        """For people: `[1] C1 chair holds 4 of the answer's 5 words`. Function words do not count."""
        if self.held < self.words:
            share = f"{self.held} of the answer's {self.words} words"
        else:
            every = {1: "the answer's one word", 2: "both words of the answer"}
            share = every.get(self.words, f"all {self.words} words of the answer")
        return f"[{self.rank}] {self.title or self.document} holds {share}"


@dataclass(frozen=True, slots=True)
class Quote:
    """A quote that the answer's reason gives, and whether a passage that was read holds it word for word."""

    text: str
    verbatim: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """What one method said. `note` is what `citation` tells, or why there is none. Seconds are of the wall clock."""

    method: str
    question: str
    answer: str
    raw: str
    abstained: bool
    truncated: bool
    parse_ok: bool
    passages: tuple[ShownPassage, ...]
    citation: Citation | None
    note: str
    quotes: tuple[Quote, ...]
    retrieve_seconds: float
    generate_seconds: float
    tokens_in: int
    tokens_out: int
    passages_dropped: int
    seed: int | None
    logprob: float | None

    @property
    def label(self) -> str:
        """The method's name as readers write it."""
        return method_label(self.method)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should mind, as sentences without a full stop."""
        held = sum(quote.verbatim for quote in self.quotes)
        found = {
            "cut off: the limit of new tokens was reached": self.truncated,
            "no answer tag was written; the last line stands for the answer": not self.parse_ok,
            f"{held} of {len(self.quotes)} quotes stand word for word in a passage": held < len(self.quotes),
        }
        return tuple(sentence for sentence, holds in found.items() if holds)

    def as_json(self) -> dict[str, Any]:
        """All fields, spans as lists, and the label."""
        return {"label": self.label, **asdict(self)}


def make_reply(method: str, question: str, answer: Answer, seed: int | None) -> Reply:
    """A reply from an answer that was just given; its support is found as the run's metrics find it."""
    assert answer.timing is not None and answer.tokens is not None
    abstained = is_abstention(answer.text)
    said = "" if abstained else answer.text
    read = grounding.shown(answer)
    texts = [grounding.shown_text(hit.passage) for hit in read]
    quotes = tuple(
        Quote(quote, grounding.quote_fidelity(_as_quote(quote), texts) == 1.0) for quote in grounding.quotes(answer.raw)
    )
    verbatim = [quote.text for quote in quotes if quote.verbatim]
    passages = tuple(
        ShownPassage.of(
            hit,
            shown=place < len(read),
            marks=marked_spans(hit.passage.text, said, verbatim) if place < len(read) else (),
        )
        for place, hit in enumerate(answer.hits)
    )
    citation = _citation(said, read, texts)
    return Reply(
        method=method,
        question=question,
        answer=answer.text,
        raw=answer.raw,
        abstained=abstained,
        truncated=answer.truncated,
        parse_ok=answer.parse_ok,
        passages=passages,
        citation=citation,
        note=citation.sentence if citation else _why_none(said, texts, abstained=abstained),
        quotes=quotes,
        retrieve_seconds=answer.timing.retrieve,
        generate_seconds=answer.timing.generate,
        tokens_in=answer.tokens.input,
        tokens_out=answer.tokens.output,
        passages_dropped=answer.passages_dropped,
        seed=seed,
        logprob=answer.logprob,
    )


def _citation(said: str, read: tuple[Hit, ...], texts: list[str]) -> Citation | None:
    best = grounding.supporting_passage(said, texts)
    share = grounding.support_lexical(said, texts)
    if best is None or share is None:
        return None
    words = len(grounding.content_words(said))
    found = read[best].passage
    return Citation(read[best].rank, found.document_id, found.label, round(share * words), words)


def _why_none(said: str, texts: list[str], *, abstained: bool) -> str:
    if abstained:
        return ABSTAINED
    if not texts:
        return WITHOUT_PASSAGES
    return UNSUPPORTED if grounding.content_words(said) else NO_WORDS


def _as_quote(text: str) -> str:
    return f"##begin_quote##{text}##end_quote##"

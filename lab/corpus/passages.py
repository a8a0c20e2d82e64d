"""Documents -> passages that the encoder reads whole, with exact offsets and the headings above each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from lab.corpus.cutting.blocks import parse_blocks
from lab.corpus.cutting.labels import Labels
from lab.corpus.cutting.outline import make_sections, path_of_most
from lab.corpus.cutting.semantic import cut_by_subject
from lab.corpus.cutting.strategies import Plan, Slice, cut_sections, cut_sentences, cut_windows
from lab.corpus.cutting.tokens import TokenText
from lab.corpus.fields import show, trim_span
from lab.corpus.pages import Pages
from lab.errors import ConfigError, DataError
from lab.types import Document, Encoder, Passage

Cutting = Literal["window", "sentence", "heading", "semantic"]
CUTTINGS: tuple[Cutting, ...] = get_args(Cutting)

SPECIAL_TOKENS = 2  # such as [CLS] and [SEP]
TITLE_JOINT = 2  # a passage is embedded as "title\ntext", and the line break may cost tokens
MIN_ROOM = 8  # tokens of text that must fit beside a title

_WITHOUT_VECTORS: dict[str, Callable[[Plan], list[Slice]]] = {
    "window": cut_windows,
    "sentence": cut_sentences,
    "heading": cut_sections,
}


@dataclass(frozen=True, slots=True)
class _Cut:
    """A document that is being cut."""

    document: Document
    labels: Labels
    plan: Plan


def cut_passages(
    documents: Iterable[Document],
    encoder: Encoder,
    *,
    max_tokens: int,
    overlap: int,
    cutting: Cutting = "window",
) -> tuple[Passage, ...]:
    """Cut every document into passages of at most `max_tokens` tokens of `encoder`, in document order.

    Passage ids are `<document id>#<n>`, n from 0, and each character that is not whitespace stands in at least one
    passage, those of headings too. `Passage.heading` is the path of the section that holds most of the passage. Where
    title and path are long, the path is shortened from the left, then the passages shrink, until the encoder reads all.

    window: A window ends at the last sentence end of its second half, else between words, else between tokens. The next
    one goes back by the whole sentences that fit into `overlap` tokens, else by `overlap` tokens, and never by more
    than half a window. When fewer than `overlap` new tokens are left, the last window begins earlier and is full, so
    that no stub stands alone. sentence, heading and semantic: see `cut_sentences`, `cut_sections` and `cut_by_subject`,
    which embeds all sentences.

    Raises:
        ConfigError: `max_tokens` is more than the encoder can read.
        DataError: a title leaves fewer than 8 tokens for text.
    """
    limit = encoder.max_tokens - SPECIAL_TOKENS - TITLE_JOINT
    if not 1 <= max_tokens <= limit:
        raise ConfigError(
            f"index.passage_tokens: expected 1 to {limit}, got {max_tokens}; "
            f"the encoder reads {encoder.max_tokens} tokens, of which {SPECIAL_TOKENS + TITLE_JOINT} are kept for "
            "special tokens and the line break after the title"
        )
    cuts = (_prepare(document, encoder, limit, max_tokens, overlap) for document in documents)
    return tuple(passage for cut, slices in _slices(cuts, encoder, cutting) for passage in _passages(cut, slices))


def _prepare(document: Document, encoder: Encoder, limit: int, max_tokens: int, overlap: int) -> _Cut:
    labels = Labels(encoder, document.title)
    left = limit - labels.title_tokens
    if min(max_tokens, left) < min(MIN_ROOM, max_tokens):
        raise DataError(
            f"document {show(document.id)}: the title takes {labels.title_tokens} of the "
            f"{encoder.max_tokens} tokens that the encoder reads, which leaves no room for text; shorten the title"
        )
    blocks = parse_blocks(document.text)
    sections = make_sections(blocks)
    least = min(MIN_ROOM, max_tokens)
    size = labels.make_room((section.path for section in sections), left, min(max_tokens, left), least)
    text = TokenText.of(document.text, encoder)
    return _Cut(document, labels, Plan(text, blocks, sections, size, min(overlap, size // 2)))


def _slices(cuts: Iterable[_Cut], encoder: Encoder, cutting: Cutting) -> Iterator[tuple[_Cut, list[Slice]]]:
    if cutting != "semantic":
        yield from ((cut, _WITHOUT_VECTORS[cutting](cut.plan)) for cut in cuts)
        return
    waiting: deque[_Cut] = deque()

    def plans() -> Iterator[Plan]:
        for cut in cuts:
            waiting.append(cut)
            yield cut.plan

    for slices in cut_by_subject(plans(), encoder):
        yield waiting.popleft(), slices


def _passages(cut: _Cut, slices: Iterable[Slice]) -> Iterator[Passage]:
    document, sections = cut.document, cut.plan.sections
    starts = [section.start for section in sections]
    pages, number = Pages.of(document), 0
    for one in slices:
        start, end = trim_span(document.text, one.start, one.end)
        if start >= end:
            continue
        path = one.path if one.path is not None else path_of_most(sections, starts, start, end)
        heading, name = cut.labels.text(path), f"{document.id}#{number}"
        text = document.text[start:end]
        yield Passage(name, document.id, document.title, text, start, end, heading, pages.named(start, end))
        number += 1

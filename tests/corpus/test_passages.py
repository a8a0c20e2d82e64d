"""Passages cover the text, fit the encoder, end at sentences and never lie about their offsets."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.corpus.passages import cut_passages
from lab.errors import ConfigError, DataError
from lab.types import Document, Passage


class ToyEncoder:
    """Tokens are what a pattern finds; by default, runs of characters that are not whitespace."""

    dimensions = 1

    def __init__(self, pattern: str = r"\S+", max_tokens: int = 64) -> None:
        self.pattern, self.max_tokens = pattern, max_tokens

    def encode(self, texts: Sequence[str]) -> Any:
        raise NotImplementedError

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in re.finditer(self.pattern, text)]


WORDS = r"\S+"
PIECES = r"\w{1,3}|[^\w\s]"  # long words in pieces, punctuation alone
DEAF = r"[a-y]+"  # drops all but small letters
SPACED = r"\s*\S+"  # counts the space before a word to its token
TEXTS = st.text(st.sampled_from("aZ.  \n\n-é。b1"), max_size=300)


def cut(text: str, size: int, overlap: int, encoder: ToyEncoder | None = None, title: str = "") -> list[Passage]:
    document = Document("d", title, text)
    return list(cut_passages([document], encoder or ToyEncoder(), max_tokens=size, overlap=overlap))


def sentences(*lengths: int) -> str:
    """Sentences of so many words; word and sentence can be told from the text."""
    return " ".join(
        " ".join(f"S{number}w{word}" for word in range(length)) + "." for number, length in enumerate(lengths)
    )


@given(TEXTS, st.sampled_from([WORDS, PIECES, DEAF, SPACED]), st.integers(1, 24), st.integers(0, 16))
def test_passages_cover_the_text_and_fit(text: str, pattern: str, size: int, overlap: int) -> None:
    encoder = ToyEncoder(pattern)
    passages = cut(text, size, overlap, encoder)
    covered = {place for passage in passages for place in range(passage.start, passage.end)}
    assert covered >= {place for place, character in enumerate(text) if not character.isspace()}
    for number, passage in enumerate(passages):
        assert passage.id == f"d#{number}"
        assert passage.text == text[passage.start : passage.end]
        assert passage.text == passage.text.strip() != ""
        assert len(encoder.token_offsets(passage.text)) <= size
    for earlier, later in pairwise(passages):
        assert earlier.start < later.start
        assert earlier.end < later.end


@given(TEXTS, st.integers(4, 24), st.data())
def test_neighbours_share_at_most_the_overlap_but_for_the_last(text: str, size: int, data: st.DataObject) -> None:
    overlap = data.draw(st.integers(0, size // 2))
    encoder = ToyEncoder(WORDS)
    passages = cut(text, size, overlap, encoder)
    for earlier, later in pairwise(passages[:-1]):
        assert len(encoder.token_offsets(text[later.start : max(earlier.end, later.start)])) <= overlap
    if len(passages) > 1:
        new = text[passages[-2].end : passages[-1].end]
        last = len(encoder.token_offsets(passages[-1].text))
        assert len(encoder.token_offsets(new)) >= overlap or last > size // 2, "a stub stands alone"


@given(st.lists(st.text("ab", min_size=1, max_size=3), max_size=40), st.text("t ", max_size=60), st.integers(8, 24))
def test_title_text_and_special_tokens_fit_the_encoder(words: list[str], title: str, size: int) -> None:
    encoder = ToyEncoder(max_tokens=40)
    if len(encoder.token_offsets(title)) > 28:
        return
    for passage in cut(" ".join(words), size, 2, encoder, title):
        assert len(encoder.token_offsets(f"{passage.title}\n{passage.text}")) + 2 <= encoder.max_tokens


def test_windows_end_at_sentences_and_go_back_by_whole_sentences() -> None:
    passages = cut(sentences(4, 3, 2, 6, 5), size=10, overlap=4)
    spans = [(passage.text.split()[0], passage.text.split()[-1]) for passage in passages]
    assert spans == [("S0w0", "S2w1."), ("S2w0", "S3w5."), ("S3w2", "S4w4.")]


def test_an_abbreviation_before_a_small_letter_ends_no_sentence() -> None:
    passages = cut(
        "Use a tool, e.g. a spanner of 5.5 millimetres now. Then go on to the rest of it.", size=12, overlap=0
    )
    assert [passage.text for passage in passages] == [
        "Use a tool, e.g. a spanner of 5.5 millimetres now.",
        "Then go on to the rest of it.",
    ]


def test_blank_lines_and_list_items_begin_sentences() -> None:
    assert [p.text for p in cut("one two three\n\nfour five six", 4, 0)] == ["one two three", "four five six"]
    assert [p.text for p in cut("one two three\n- four five six", 5, 0)] == ["one two three", "- four five six"]


def test_a_tail_shorter_than_the_overlap_makes_the_last_window_full() -> None:
    passages = cut(" ".join(f"w{n}" for n in range(22)), size=10, overlap=4)
    assert [len(passage.text.split()) for passage in passages] == [10, 10, 10]
    text = " ".join(f"w{n}" for n in range(23))
    assert [passage.text.split()[0] for passage in cut(text, size=10, overlap=4)] == ["w0", "w6", "w12", "w13"]


def test_words_are_not_parted_where_a_window_can_end_between_them() -> None:
    text = "abcdefg hijklmno pqrstuv wxyzabc defghij"
    for passage in cut(text, 8, 3, ToyEncoder(PIECES)):
        assert set(passage.text.split()) <= set(text.split())


def test_a_word_longer_than_a_window_is_parted() -> None:
    assert "".join(passage.text for passage in cut("a" * 50, 4, 0, ToyEncoder(PIECES))) == "a" * 50


class ByteEncoder(ToyEncoder):
    """Three tokens for each character, all with its span, as byte-level tokenizers give them."""

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        return [(place, place + 1) for place in range(len(text)) for _ in range(3) if not text[place].isspace()]


@pytest.mark.parametrize("size", [1, 2, 4, 5, 8])
def test_tokens_that_share_a_character_are_not_parted(size: int) -> None:
    passages = cut("日 本 語 。 x", size, 0, ByteEncoder())
    assert "".join(passage.text for passage in passages).replace(" ", "") == "日本語。x"
    assert all(0 < len(ByteEncoder().token_offsets(passage.text)) <= max(size, 3) for passage in passages)


def test_documents_keep_their_order_and_blank_ones_give_nothing() -> None:
    documents = [Document("b", "", "x y z"), Document("a", "", " \n"), Document("c", "", "w")]
    passages = cut_passages(documents, ToyEncoder(), max_tokens=2, overlap=0)
    assert [passage.id for passage in passages] == ["b#0", "b#1", "c#0"]


@pytest.mark.parametrize("size", [0, 61, 500])
def test_a_size_that_the_encoder_cannot_read_is_refused(size: int) -> None:
    with pytest.raises(ConfigError, match=r"index\.passage_tokens: expected 1 to 60, got"):
        cut("x", size, 0)


def test_a_title_that_leaves_no_room_is_refused() -> None:
    with pytest.raises(DataError, match="document 'd': the title takes 53 of the 64 tokens"):
        cut("x", 16, 0, title="t " * 53)
    assert cut("x", 16, 0, title="t " * 52)


def test_thousands_of_line_ends_take_no_time() -> None:
    assert len(cut("a" + "\n" * 200_000 + "b" + "\n" * 200_000, 8, 2)) == 1

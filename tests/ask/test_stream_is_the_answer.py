"""What a stream told, put together, is the answer, also where a tokenizer cleans up behind itself or spells bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")

import torch
from tokenizers import Tokenizer, decoders, models
from transformers import PreTrainedTokenizerFast

from lab.ask.written import WrittenAnswer
from lab.methods.prompts import parse_answer
from lab.methods.streaming import TextStream

# "'" and "s" are cleaned up only once the second of them has come, and the space before them goes with it.
WORDS = ["it", "is", "'", "s", "n't", "m", ".", ",", "?", "v", "##ing", "\n", "```", "\u00e9"]
BYTES = [f"<0x{byte:02X}>" for byte in "\u00e9\u20ac\U0001f600".encode()]


def of_words(cleans, **settings):
    """A vocabulary of words with spaces between them."""
    vocabulary = {token: place for place, token in enumerate(["<end>", "[UNK]", *WORDS])}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.decoder = decoders.WordPiece("##", cleanup=False)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<end>", clean_up_tokenization_spaces=cleans, **settings
    )


def of_bytes():
    """A vocabulary of pieces in which rare characters are spelt in bytes, as many Llamas have it."""
    pieces = [(token, 0.0) for token in ["<end>", "[UNK]", "\u2581a", "b", "\u2581", "\n", *BYTES]]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=1, byte_fallback=True))
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<end>")


TOKENIZERS = {"words": of_words(False), "cleaned words": of_words(True), "bytes": of_bytes()}


def streamed(tokenizer, ids):
    """The parts that a stream hands on while these tokens are written."""
    parts = []
    stream = TextStream(tokenizer, parts.append)
    stream.put(torch.tensor([[0]]))
    for token in ids:
        stream.put(torch.tensor([token]))
    stream.end()
    return parts


@pytest.mark.parametrize("name", TOKENIZERS)
@given(data=st.data())
def test_the_parts_add_up_to_the_text_and_to_the_answer(name, data):
    tokenizer = TOKENIZERS[name]
    ids = data.draw(st.lists(st.integers(0, len(tokenizer) - 1), max_size=12))
    text, parts, written = (
        tokenizer.decode(ids, skip_special_tokens=True),
        streamed(tokenizer, ids),
        WrittenAnswer("none"),
    )
    assert "".join(parts) == text.rstrip("\ufffd")
    answer = parse_answer(text, "none").text
    assert "".join([*map(written.add, parts), written.finish(answer)]) == answer


def test_what_is_cleaned_up_is_told_as_it_ends_up():
    tokenizer = TOKENIZERS["cleaned words"]
    ids = tokenizer.convert_tokens_to_ids(["it", "'", "s", "."])
    assert tokenizer.decode(ids) == "it's." != tokenizer.decode(ids, clean_up_tokenization_spaces=False)
    assert "".join(streamed(tokenizer, ids)) == "it's."


def test_bytes_that_break_the_character_before_them_are_waited_for():
    tokenizer = TOKENIZERS["bytes"]
    accent, euro = BYTES[:2], BYTES[2:4]
    whole = tokenizer.convert_tokens_to_ids([*accent, "b"])
    assert streamed(tokenizer, whole) == ["", "", "\u00e9b"]
    over_the_end = [*tokenizer.convert_tokens_to_ids([euro[0], accent[1], accent[1]]), 0, *whole[:1]]
    assert "".join(streamed(tokenizer, over_the_end)) == ""
    broken = tokenizer.convert_tokens_to_ids([*accent, *euro, "b"])
    assert "".join(streamed(tokenizer, broken)) == tokenizer.decode(broken) == "\ufffd" * 4 + "b"


@pytest.mark.parametrize("cleans", [True, False])
def test_where_nothing_is_cleaned_up_each_word_comes_at_once(cleans):
    vocabulary = {token: place for place, token in enumerate(["<end>", "<unk>", "a", "b", " ", ".", "'"])}
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>"))
    tokenizer.decoder = decoders.Fuse()
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="<end>", clean_up_tokenization_spaces=cleans
    )  # set to clean up or not, a tokenizer of this kind never does
    ids = fast.convert_tokens_to_ids(["a", " ", ".", " ", "b"])
    assert streamed(fast, ids) == ["a", " ", ".", " ", "b"]

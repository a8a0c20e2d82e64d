"""A streamed text is the text that the same generator gives at once, and whoever listens can end it."""

import pytest

pytest.importorskip("torch")

import torch

from lab.methods.streaming import TextStream

PROMPTS = [f"<|start|>u\nWhat is it, {number}?<|end|><|start|>a\n" for number in range(4)]


class Bytes:
    """Decodes tokens that are bytes, as byte-level vocabularies do: a cut character is U+FFFD."""

    def decode(self, ids, skip_special_tokens):
        return bytes(ids).decode("utf-8", "replace")


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_parts_add_up_to_the_text(make_generator, prompt):
    generator, parts = make_generator(), []
    streamed = generator.generate_alone(prompt, None, max_new_tokens=12, on_text=parts.append)
    silent = generator.generate_alone(prompt, None, max_new_tokens=12)
    assert "".join(parts) == streamed.text == silent.text
    assert len(parts) == streamed.tokens_out > 1
    assert (streamed.tokens_in, streamed.logprob, streamed.truncated) == (
        silent.tokens_in,
        silent.logprob,
        silent.truncated,
    )


def test_what_a_listener_raises_ends_the_generation(make_generator):
    generator, parts = make_generator(), []

    def listen(part):
        parts.append(part)
        if len(parts) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generator.generate_alone(PROMPTS[0], None, max_new_tokens=50, on_text=listen)
    assert len(parts) == 3
    whole = generator.generate_alone(PROMPTS[0], None, max_new_tokens=50)  # the model is as it was
    assert whole.text.startswith("".join(parts))


def test_a_character_of_several_tokens_comes_whole():
    parts = []
    stream = TextStream(Bytes(), parts.append)
    stream.put(torch.tensor([[65, 66]]))  # the prompt is no part of the text
    for token in "a\u00e9\u4e2d!".encode():
        stream.put(torch.tensor([token]))
    stream.end()
    assert parts == ["a", "", "\u00e9", "", "", "\u4e2d", "!"]


def test_bytes_that_never_make_a_character_are_held_back():
    parts = []
    stream = TextStream(Bytes(), parts.append)
    stream.put(torch.tensor([[65]]))
    for token in b"ok\xe4":
        stream.put(torch.tensor([token]))
    stream.end()
    assert "".join(parts) == "ok"

"""The lines of a model card build the lab's prompts and read answers as the lab does, for any text."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.export.prompt import prompt_tree
from lab.export.usage import plain_usage
from lab.methods.prompts import PromptStyle, Shot, build_messages, parse_answer
from lab.types import Passage

TEXTS = st.text(max_size=30) | st.sampled_from(["{title}", "{question}", "%s", "</DOCUMENT>\nQuestion: x", "a: b"])
PASSAGES = st.lists(st.tuples(TEXTS, TEXTS), max_size=3)
RAWS = st.lists(
    st.sampled_from(["##Answer:", "## answer ", "#", "```python", "```", "\n", " ", "412", "a\u2028b"]) | TEXTS
)


def passage(title: str, text: str) -> Passage:
    return Passage("p", "d", title, text, 0, len(text))


def tree(reasoning: str, method: str, form: str = "short") -> dict:
    """prompt.json of a run with one worked example, as a reader gets it."""
    recipe = SimpleNamespace(
        style=PromptStyle("ropes {question} {title}", reasoning, form),
        shots=(Shot("How long?", (passage("Ropes", "9 m"),), "9 m"),),
        index=SimpleNamespace(settings=SimpleNamespace(k=2)),
        max_new_tokens=10,
        context_limit=10_000,
    )
    context = "none" if method in ("closed-book", "fine-tuned") else "top-k"
    return json.loads(json.dumps(prompt_tree(recipe, SimpleNamespace(name=method, context=context))))


def card_names(prompt: dict, raw: str = "") -> dict:
    """What a card's lines define after their heading, with a model that writes `raw`."""
    lines = plain_usage(None, "float32").split("\n")
    start = next(place for place, line in enumerate(lines) if line.startswith("def messages"))
    tokenizer = Tokenizer(raw)
    model = SimpleNamespace(generate=lambda **inputs: Output())
    names = {"re": __import__("re"), "prompt": prompt, "tokenizer": tokenizer, "model": model}
    exec("\n".join(lines[start:]), names)
    return names


class Output:
    def __getitem__(self, place):
        return []


class Tokenizer:
    """Counts a token for each character; keeps the last messages."""

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self.messages: list = []

    def apply_chat_template(self, messages, **options):
        self.messages = messages
        return json.dumps(messages)

    def __call__(self, text, **options):
        return {"input_ids": SimpleNamespace(shape=(1, len(text)))}

    def decode(self, tokens, **options):
        return self.raw


@pytest.mark.parametrize("reasoning", ["none", "quoted"])
@pytest.mark.parametrize("method", ["closed-book", "rag", "fine-tuned", "raft"])
@given(question=TEXTS, passages=PASSAGES)
def test_messages_are_the_lab_s(reasoning, method, question, passages):
    prompt = tree(reasoning, method)
    reads = method in ("rag", "raft")
    style = PromptStyle("ropes {question} {title}", reasoning)
    shots = (Shot("How long?", (passage("Ropes", "9 m"),), "9 m"),) if method in ("closed-book", "rag") else ()
    given_passages = passages if reads else []
    expected = build_messages(style, question, [passage(*one) for one in given_passages] if reads else None, shots)
    shown = [{"title": title, "text": text} for title, text in given_passages]
    assert card_names(prompt)["messages"](question, shown) == expected


@pytest.mark.parametrize("form", ["short", "free"])
@pytest.mark.parametrize("reasoning", ["none", "quoted"])
@given(parts=RAWS)
def test_answers_are_read_as_the_lab_reads_them(reasoning, form, parts):
    raw = "".join(parts)
    assert card_names(tree(reasoning, "raft", form), raw)["answer"]("q") == parse_answer(raw, reasoning, form).text


def test_passages_beyond_k_and_beyond_the_context_are_left_out():
    prompt = tree("none", "raft")
    names = card_names(prompt)
    shown = [{"title": "", "text": letter * 300} for letter in "abc"]
    names["answer"]("q", shown)
    assert "bbb" in names["tokenizer"].messages[-1]["content"]
    assert "ccc" not in names["tokenizer"].messages[-1]["content"]
    prompt["context_limit"] = len(json.dumps(names["messages"]("q", shown[:1]))) + prompt["max_new_tokens"]
    names["answer"]("q", shown)
    assert "bbb" not in names["tokenizer"].messages[-1]["content"]
    assert "aaa" in names["tokenizer"].messages[-1]["content"]

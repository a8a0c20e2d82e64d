"""Teachers and what they leave on disk: a scripted server, likelihoods against a plain computation, costs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.synthesis.costs import Cost, since, spent
from lab.synthesis.likelihood import likelihoods
from lab.synthesis.ranking import LocalRanker
from lab.synthesis.served import ServedTeacher
from lab.synthesis.teacher import LocalTeacher, Prompt


@dataclass(frozen=True)
class Said:
    text: str
    tokens_in: int | None = None
    tokens_out: int | None = None


def ignore(done: int, total: int) -> None:
    """No progress."""


def prompt(text: str) -> Prompt:
    return Prompt("Ask.", (("A text.", "A question?"),), text)


def served(folder: Path, chat, model: str = "m") -> ServedTeacher:
    return ServedTeacher(model, chat, folder / "replies.jsonl", identity=model, parallel=2)


def test_a_request_is_made_once_for_each_model_and_prompt(tmp_path: Path) -> None:
    asked = []

    def chat(messages):
        asked.append(messages[-1]["content"])
        return Said(messages[-1]["content"].upper(), 7, 3)

    prompts = [prompt("one"), prompt("two"), prompt("one")]
    for _ in range(2):  # the second teacher finds the replies of the first
        found = served(tmp_path, chat).write(prompts, stage="writing", max_tokens=9, on_progress=ignore)
        assert found == ["ONE", "TWO", "ONE"]
    assert sorted(asked) == ["one", "two"]
    served(tmp_path, chat, "other").write(prompts[:1], stage="reading", max_tokens=9, on_progress=ignore)
    assert sorted(asked) == ["one", "one", "two"]
    costs = spent(tmp_path)
    assert (costs["writing"].replies, costs["writing"].tokens_in, costs["writing"].tokens_out) == (2, 14, 6)
    assert costs["reading"].replies == 1 and costs["reading"].estimated == 0


def test_the_worked_examples_reach_the_server_as_turns(tmp_path: Path) -> None:
    seen = []

    def chat(messages):
        seen.append([(message["role"], message["content"]) for message in messages])
        return Said("")

    assert served(tmp_path, chat).write([prompt("x")], stage="s", max_tokens=9, on_progress=ignore) == [""]
    turns = [("system", "Ask."), ("user", "A text."), ("assistant", "A question?"), ("user", "x")]
    assert seen == [turns]


def test_tokens_that_a_server_does_not_tell_are_estimated_and_marked(tmp_path: Path) -> None:
    chat = lambda messages: Said("12345")  # noqa: E731
    served(tmp_path, chat).write([prompt("x")], stage="s", max_tokens=9, on_progress=ignore)
    # "Ask." + "A text." + "A question?" + "x" = 4 + 7 + 11 + 1 = 23 characters, 6 tokens; 5 characters, 2 tokens
    (cost,) = spent(tmp_path).values()
    assert (cost.tokens_in, cost.tokens_out, cost.estimated) == (6, 2, 1)


def test_halves_of_characters_in_a_reply_reach_no_question(tmp_path: Path) -> None:
    def chat(messages):
        return Said("Who \ud800 is \U0001f600 \ud83d\ude00?")

    for _ in range(2):  # the second finds the reply on disk
        (found,) = served(tmp_path, chat).write([prompt("one")], stage="writing", max_tokens=9, on_progress=ignore)
        assert found == "Who \ufffd is \U0001f600 \U0001f600?"


def test_what_came_before_a_failure_is_kept(tmp_path: Path) -> None:
    def chat(messages):
        if messages[-1]["content"] == "bad":
            raise LabError("refused")
        return Said("fine")

    prompts = [prompt(str(number)) for number in range(4)] + [prompt("bad")]
    with pytest.raises(LabError, match="refused"):
        served(tmp_path, chat).write(prompts, stage="s", max_tokens=9, on_progress=ignore)
    kept = (tmp_path / "replies.jsonl").read_text().splitlines()
    assert len(kept) >= 3
    torn = tmp_path / "replies.jsonl"
    torn.write_text(torn.read_text() + '{"key": "torn", "te')  # as a kill leaves it
    asked = []
    served(tmp_path, lambda messages: asked.append(1) or Said("fine")).write(
        prompts[:4], stage="s", max_tokens=9, on_progress=ignore
    )
    assert len(asked) == 4 - len(kept)


def test_costs_between_two_looks() -> None:
    before = {"writing": Cost(2, 20, 4, 1.0), "reading": Cost(1, 5, 1, 0.5)}
    now = {"writing": Cost(5, 50, 10, 3.0), "reading": Cost(1, 5, 1, 0.5), "memory": Cost(1, 2, 3, 4.0)}
    assert since(now, before) == {"writing": Cost(3, 30, 6, 2.0), "memory": Cost(1, 2, 3, 4.0)}


class Letters:
    """A tokenizer of single letters."""

    class raw:
        pad_token_id = 0

    def encode(self, text: str) -> list[int]:
        return [1 + ord(letter) % 30 for letter in text]

    def render(self, messages) -> str:
        return "".join(message["content"] for message in messages)


@pytest.fixture(scope="module")
def tiny():
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(3)
    size = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2}
    return LlamaForCausalLM(LlamaConfig(vocab_size=40, **size)).eval()


def test_likelihoods_equal_those_of_reading_each_text_whole(tiny) -> None:
    import torch

    prompt, options = [5, 9, 2, 7], [[3], [4, 8, 1], [6, 6], *[[place % 30 + 1, 2] for place in range(20)]]
    found = likelihoods(tiny, prompt, options, 0)
    assert len(found) == len(options)
    for option, value in zip(options, found, strict=True):
        with torch.inference_mode():
            logits = tiny(torch.tensor([prompt + option])).logits[0].log_softmax(-1)
        places = range(len(prompt) - 1, len(prompt) + len(option) - 1)
        plain = sum(float(logits[place, token]) for place, token in zip(places, option, strict=True)) / len(option)
        assert value == pytest.approx(plain, abs=1e-4)


def test_a_ranking_is_computed_once(tiny, tmp_path: Path) -> None:
    class Generator:
        tokenizer = Letters()
        loaded = 0

        def base(self):
            Generator.loaded += 1
            return tiny

    first = LocalRanker(Generator(), tmp_path / "ranks.jsonl", "w").rank("text", [" a", " bc"], stage="writing")
    again = LocalRanker(Generator(), tmp_path / "ranks.jsonl", "w")
    assert again.rank("text", [" a", " bc"], stage="writing") == first
    assert Generator.loaded == 1
    assert again.rank("text", [], stage="writing") == []
    LocalRanker(Generator(), tmp_path / "ranks.jsonl", "other weights").rank("text", [" a"], stage="reading")
    assert Generator.loaded == 2
    assert spent(tmp_path)["writing"].tokens_in == len("text") + len(" a") + len(" bc")


def test_a_local_teacher_skips_what_does_not_fit() -> None:
    @dataclass(frozen=True)
    class Text:
        text: str

    class Generator:
        tokenizer = Letters()
        context_limit = 60

        def generate(self, prompts, adapter, *, max_new_tokens, request, on_progress):
            assert request.startswith("writing-")
            return [Text(f"read {len(text)}") for text in prompts]

    teacher = LocalTeacher("small", Generator(), None)
    prompts = [Prompt("Ask.", (), "x"), Prompt("Ask.", (), "y" * 60)]
    assert teacher.write(prompts, stage="writing", max_tokens=10, on_progress=ignore) == ["read 5", ""]

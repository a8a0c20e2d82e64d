"""A small experiment that passes every check, its models being folders with a tokenizer and no weights."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from lab.cli import main

PARTS = ("pump", "brake", "rope", "cabin", "tower", "motor")
ENCODER_TOKENS = 64
WORDS = "what does rule of the ask for checks pump brake rope cabin tower motor ?".split()


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


@dataclass
class World:
    """`config`, `documents` and `questions` may be changed before `write`; files may be changed after it."""

    folder: Path
    config: dict[str, Any]
    documents: list[dict[str, Any]]
    questions: list[dict[str, Any]]
    arguments: list[str] = field(default_factory=list)

    @property
    def file(self) -> Path:
        return self.folder / "experiment.yaml"

    @property
    def out(self) -> Path:
        return self.folder / "runs" / "x"

    def write(self) -> None:
        self.file.write_text(yaml.safe_dump(self.config), encoding="utf-8")
        for name, rows in (("documents", self.documents), ("questions", self.questions)):
            lines = "".join(json.dumps(row) + "\n" for row in rows)
            (self.folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")


@pytest.fixture(scope="session")
def toy_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for name in ("encoder", "generator"):
        (folder / name).mkdir()
        size = {"hidden_size": 8, "num_hidden_layers": 2, "max_position_embeddings": ENCODER_TOKENS}
        (folder / name / "config.json").write_text(json.dumps(size))
    tokenizer = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(folder / "encoder" / "tokenizer.json"))
    return folder


@pytest.fixture
def world(tmp_path: Path, toy_models: Path) -> World:
    documents, questions = [], []
    for number, part in enumerate(PARTS):
        texts = [f"Rule {rule} of the {part} asks for {100 * number + rule} checks." for rule in range(8)]
        text = " ".join(texts)
        documents.append({"id": part, "title": part, "text": text})
        for rule in range(8):
            answer = f"{100 * number + rule} checks"
            start = text.index(f" {answer}") + 1
            span = {"document": part, "start": start, "end": start + len(answer)}
            question = f"What does rule {rule} of the {part} ask for?"
            questions.append(
                {"id": f"{part}-{rule}", "question": question, "answers": [answer], "kind": "span", "evidence": [span]}
            )
    config = {
        "name": "toy",
        "domain": "a ropeway",
        "index": {"encoder": str(toy_models / "encoder"), "passage_tokens": 32, "overlap": 8},
        "generator": {"model": str(toy_models / "generator"), "device": "cpu"},
    }
    return World(tmp_path, config, documents, questions)


@pytest.fixture
def lab(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    def call(*arguments: object) -> Outcome:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        shown = capsys.readouterr()
        return Outcome(code, shown.out, shown.err)

    return call


def save_tiny_encoder(folder: Path) -> Path:
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS, *map(str, range(600))]
    tokenizer = Tokenizer(models.WordLevel({word: place for place, word in enumerate(names)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    special = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=64, **special).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(names), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        max_position_embeddings=64,
    )  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(0)
        BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny_encoder(tmp_path_factory.mktemp("encoder") / "tiny")


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Models as small as these only wait for a second thread."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)

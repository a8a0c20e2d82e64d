"""A language model small enough to train in a second (a random Llama over single characters), and one browser."""

from __future__ import annotations

import shutil
import string
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# No test is timed: a crowded machine must not fail one.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

TEMPLATE = (
    "{% for message in messages %}<|start|>{{ message['role'][0] }}\n{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|start|>a\n{% endif %}"
)
ALPHABET = string.ascii_letters + string.digits + string.punctuation + " \n"


def save_tiny_model(folder: Path, **changes: object) -> Path:
    """Save a random Llama (hidden 32, 2 layers, 128 tokens) and its character tokenizer; `changes` go to its config."""
    import torch
    from tokenizers import Tokenizer, decoders, models
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    vocabulary = {token: place for place, token in enumerate(["<|unk|>", "<|end|>", "<|start|>", "<|pad|>", *ALPHABET])}
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token="<|unk|>", fuse_unk=False))
    tokenizer.decoder = decoders.Fuse()
    tokens = {"unk_token": "<|unk|>", "eos_token": "<|end|>", "bos_token": "<|start|>", "pad_token": "<|pad|>"}
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, chat_template=TEMPLATE, **tokens).save_pretrained(folder)
    shape = {
        "vocab_size": 128,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 2048,
        "bos_token_id": 2,
        "eos_token_id": 1,
        "pad_token_id": 3,
    }
    with torch.random.fork_rng():
        torch.manual_seed(0)
        LlamaForCausalLM(LlamaConfig(**{**shape, **changes})).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the tiny model."""
    return save_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def make_tiny_model() -> Callable[..., Path]:
    """Saves a tiny model of another shape."""
    return save_tiny_model


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The system's Chromium, headless, spoken to by Playwright: a process can hold one of it."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium is installed")
    sync_api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: pip install -e '.[dev]'")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()

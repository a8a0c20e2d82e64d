"""Merged weights, adapter and tokenizer of a method, as transformers and peft save them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from lab.files import write_json
from lab.methods.finetune import ADAPTER_FILE
from lab.methods.generations import GenerationStore
from lab.methods.generator import Adapter, Generator
from lab.models import Hardware, ModelClock, choose_hardware
from lab.recipe import ADAPTER_CONFIG, RunRecipe

TOKENIZER_CONFIG = "tokenizer_config.json"
_OURS = ("is_local", "local_files_only")  # how we loaded the tokenizer, nothing of its own


def write_weights(recipe: RunRecipe, adapter: Adapter | None, folder: Path, base: Path | None) -> None:
    """Save the model of a method in the run's number format, with its tokenizer and greedy generation config.

    Args:
        recipe: of the run.
        adapter: merged into the weights as the run merged it; None for the base model.
        folder: where the model goes.
        base: where the base model goes too, if it is wanted.

    Raises:
        ModelError: the base model is not there, or is another one than the run's.
        ResourceError: memory ran out.
    """
    generator = Generator(
        recipe.generator.files(), _hardware(recipe), GenerationStore(folder / "none"), ModelClock(), batch_size=1
    )
    model = generator.base()
    tokenizer = generator.tokenizer.raw
    model.generation_config.max_new_tokens = recipe.max_new_tokens
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    if base is not None:
        _save(model, tokenizer, base)
    if adapter is not None:
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, adapter.folder).merge_and_unload()
    _save(model, tokenizer, folder)


def copy_adapter(adapter: Adapter, folder: Path, base_name: str) -> None:
    """The adapter's two files; its base is named, for the run knew it by a folder of this machine."""
    folder.mkdir()
    shutil.copyfile(adapter.folder / ADAPTER_FILE, folder / ADAPTER_FILE)
    config = json.loads((adapter.folder / ADAPTER_CONFIG).read_text(encoding="utf-8"))
    write_json(folder / ADAPTER_CONFIG, {**config, "base_model_name_or_path": base_name})


def _hardware(recipe: RunRecipe) -> Hardware:
    """The run's device if it is here, else the processor; always the run's number format."""
    here = choose_hardware("auto", recipe.dtype)
    return here if here.device == recipe.device else choose_hardware("cpu", recipe.dtype)


def _save(model: Any, tokenizer: Any, folder: Path) -> None:
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    mode = (folder / "config.json").stat().st_mode
    for path in folder.glob("*.safetensors"):  # safetensors lets nobody else read them
        path.chmod(mode)
    config = json.loads((folder / TOKENIZER_CONFIG).read_text(encoding="utf-8"))
    write_json(folder / TOKENIZER_CONFIG, {key: value for key, value in config.items() if key not in _OURS})

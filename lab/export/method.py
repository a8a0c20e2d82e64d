"""One method of a run as a folder that other programs read.

DIR/
    README.md           the model card
    model.safetensors   merged weights, with config.json, generation_config.json and the tokenizer's files
    adapter/            the adapter alone (peft)
    base/               the base model, where it was asked for beside a tuned one
    index/              passages.jsonl, index.faiss, index.json
    prompt.json         lab/export/prompt.py
    export.json         what this is and the sha256 of every file; written last
"""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from lab import __version__
from lab.endpoint_config import ENDPOINT
from lab.errors import ConfigError
from lab.export.card import CardFacts, card_text
from lab.export.folder import MANIFEST, check_target, need_space, new_folder
from lab.export.names import public_name
from lab.export.prompt import prompt_tree
from lab.files import RESULTS_FILE, file_sha256, write_json, write_jsonl, write_text
from lab.index.build import INDEX
from lab.recipe import GENERATOR, AdapterRecord, MethodRecipe, RunRecipe, read_recipe
from lab.report.read import read_result
from lab.types import Passage

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to export. `seed` None takes the first training run; `with_base` adds the base model's weights."""

    method: str
    seed: int | None = None
    with_base: bool = False
    force: bool = False


@dataclass(frozen=True, slots=True)
class Exported:
    """What lies in the folder now: files with their bytes, the training seed, whether the weights are among them."""

    folder: Path
    files: Mapping[str, int]
    seed: int | None
    has_weights: bool
    base: str


def export_method(run: Path, to: Path, wanted: Wanted) -> Exported:
    """Write one method of a finished run into the folder `to`, whole or not at all.

    Raises:
        ConfigError: the run has no such method or seed, the method needs gold evidence, or `to` is taken.
        DataError: the run is not finished, or its working files are not those that it made.
        ModelError: the base model is not there, or is another one than the run's.
        DiskError: no room.
    """
    result = read_result(run / RESULTS_FILE)
    recipe = read_recipe(run)
    method = _method(recipe, wanted.method)
    adapter = _adapter(method, wanted.seed)
    check_target(to, run, force=wanted.force)
    facts = CardFacts(
        result=result,
        recipe=recipe,
        method=method,
        seed=adapter.seed if adapter else None,
        has_weights=adapter is not None or wanted.with_base,
        has_base=adapter is not None and wanted.with_base,
    )
    need_space(to, _bytes(recipe, facts))
    with new_folder(to) as folder:
        if adapter is not None:
            _write_adapter(adapter, folder / "adapter", public_name(recipe.generator))
        if facts.has_weights:
            _write_weights(recipe, adapter, folder, folder / "base" if facts.has_base else None)
        if facts.reads:
            _write_index(recipe, folder / "index")
        write_json(folder / "prompt.json", prompt_tree(recipe, method))
        write_text(folder / "README.md", card_text(facts))
        _write_manifest(facts, folder)
        sizes = {name.relative_to(folder).as_posix(): name.stat().st_size for name in sorted(_files(folder))}
    return Exported(to, sizes, facts.seed, facts.has_weights, facts.base)


def _method(recipe: RunRecipe, name: str) -> MethodRecipe:
    method = recipe.methods.get(name)
    if method is None:
        near = difflib.get_close_matches(name, recipe.methods, n=1)
        known = f"did you mean {near[0]}?" if near else f"it has {', '.join(recipe.methods)}"
        raise ConfigError(f"--method {name}: the run has no such method; {known}")
    others = [one for one in recipe.servable if recipe.methods[one].engine == GENERATOR]
    instead = f"choose one of {', '.join(others)}" if others else "this run has no other"
    if method.engine == ENDPOINT:
        raise ConfigError(
            f"--method {name}: another server's model answered it, and nothing of that is here to export; {instead}"
        )
    if method.engine != GENERATOR:
        raise ConfigError(
            f"--method {name}: it has no language model and no prompt, which is what is exported; lab ask and lab "
            f"serve answer by it; to export, {instead}"
        )
    if not method.servable:
        raise ConfigError(f"--method {name}: it reads the gold passages, which a new question does not have; {instead}")
    return method


def _adapter(method: MethodRecipe, seed: int | None) -> AdapterRecord | None:
    if seed is None:
        return method.adapters[0] if method.adapters else None
    found = next((one for one in method.adapters if one.seed == seed), None)
    if found is None:
        seeds = ", ".join(str(one.seed) for one in method.adapters)
        had = f"it was trained with {seeds}" if seeds else "it was not tuned"
        raise ConfigError(f"--seed {seed}: {method.name} has no training run of this seed; {had}")
    return found


def _write_adapter(adapter: AdapterRecord, folder: Path, base: str) -> None:
    from lab.export.weights import copy_adapter

    copy_adapter(adapter.adapter, folder, base)


def _write_weights(recipe: RunRecipe, adapter: AdapterRecord | None, folder: Path, base: Path | None) -> None:
    from lab.export.weights import write_weights

    write_weights(recipe, adapter.adapter if adapter else None, folder, base)


def passage_row(passage: Passage) -> dict[str, Any]:
    """A passage for users of the folder; its title holds the path of headings, as encoder and prompt read it."""
    return asdict(passage) | {"title": passage.label}


def _write_index(recipe: RunRecipe, folder: Path) -> None:
    settings = recipe.index.settings
    folder.mkdir()
    write_jsonl(folder / "passages.jsonl", [passage_row(passage) for passage in recipe.passages()])
    has_vectors = settings.retrieval != "bm25"
    if has_vectors:
        shutil.copyfile(recipe.index.folder / INDEX, folder / INDEX)
    tree = {
        "retrieval": settings.retrieval,
        "k": settings.k,
        "rerank": public_name(recipe.rerank) if recipe.rerank else "none",
        "searched_for": recipe.index.depth,
        "encoder": public_name(recipe.encoder) if has_vectors else None,
        "encoder_note": recipe.encoder.note if has_vectors else None,
        "embedded_text": "{title}\n{text}",
        "distance": "inner product of L2-normalised vectors" if has_vectors else None,
        "order": "row i of the index is line i of passages.jsonl, from 0",
    }
    write_json(folder / "index.json", tree)


def _write_manifest(facts: CardFacts, folder: Path) -> None:
    recipe = facts.recipe
    tree: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "lab": __version__,
        "run": facts.result.name,
        "method": facts.method.name,
        "seed": facts.seed,
        "base_model": {"name": facts.base, "digest": recipe.generator.digest, "note": recipe.generator.note},
        "dtype": recipe.dtype,
        "libraries": dict(recipe.libraries),
        "files": {path.relative_to(folder).as_posix(): file_sha256(path) for path in sorted(_files(folder))},
    }
    write_json(folder / MANIFEST, tree)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _bytes(recipe: RunRecipe, facts: CardFacts) -> int:
    """An upper guess: the base model's files for each copy of weights, and the index."""
    copies = facts.has_weights + facts.has_base
    weights = sum(path.stat().st_size for path in _files(recipe.generator.files().folder)) if copies else 0
    index = sum(path.stat().st_size for path in _files(recipe.index.folder)) if facts.reads else 0
    return copies * weights + 2 * index

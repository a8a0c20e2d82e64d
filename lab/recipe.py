"""What a run leaves behind so that a new question can be answered exactly as its methods answered.

    .work/recipe.json       models, number format, prompts, limits, folders and their sha256; written last
    .work/passages.jsonl    the passages in the order of the index

The recipe holds folders of this machine, so it stays in `.work`, which is never committed. Reading it checks whatever
is loaded later: adapters and the index by sha256, models by the digest under which the run knew them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from lab import __version__
from lab.config import IndexConfig
from lab.endpoint_config import ENDPOINT
from lab.errors import DataError, ModelError
from lab.files import file_sha256, need_run, read_jsonl, write_json, write_jsonl
from lab.index.build import INFO
from lab.methods.classifiers import fit_files
from lab.methods.finetune import ADAPTER_FILE
from lab.methods.generator import Adapter
from lab.methods.prompts import PromptStyle, Shot
from lab.methods.registry import METHODS
from lab.models import EMBEDDED, ModelFiles, find_model
from lab.steps.asked import Asked
from lab.steps.asking import Asking
from lab.steps.bench import MODEL_LIBRARIES, Bench
from lab.steps.retrieval import LIBRARIES as INDEX_LIBRARIES
from lab.steps.retrieval import Retrieval
from lab.types import Passage

RECIPE, PASSAGES = "recipe.json", "passages.jsonl"
SCHEMA_VERSION = 1
ADAPTER_CONFIG = "adapter_config.json"
GENERATOR = "generator"
SERVABLE = ("none", "top-k")  # contexts that a question without gold evidence can have
AGAIN = "run the experiment again (finished steps are reused)"


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """A model as the run found it; `note` is what a reader should know of it."""

    name: str
    folder: Path
    digest: str
    note: str

    def files(self) -> ModelFiles:
        """The model's files, if they are still those of the run. Opens no connection.

        Raises:
            ModelError: the model is not there, or is another one.
        """
        if self.name in EMBEDDED:
            found = find_model(self.name, offline=True)
        elif not self.folder.is_dir():
            raise ModelError(f"model {self.name!r}: expected its folder {self.folder}, found none; {AGAIN}")
        elif self.digest.startswith("hub:"):  # a snapshot's folder is named by its revision
            found = ModelFiles(self.name, self.folder, f"hub:{self.name}@{self.folder.name}", self.note)
        else:
            found = find_model(str(self.folder), offline=True)
        if found.digest != self.digest:
            raise ModelError(f"model {self.name!r}: {found.folder} is not the model of the run; {AGAIN}")
        return found


@dataclass(frozen=True, slots=True)
class AdapterRecord:
    """The adapter of one training seed; `adapter.folder` is absolute, `adapter.digest` the sha256 of its weights."""

    seed: int
    adapter: Adapter


@dataclass(frozen=True, slots=True)
class MethodRecipe:
    """How one method answers. Untuned methods have no adapters, tuned ones one for each training seed, in order."""

    name: str
    weights: str
    context: str
    adapters: tuple[AdapterRecord, ...]
    engine: str = GENERATOR
    fit: Path | None = None  # the folder of what a method of the encoder learnt

    @property
    def adapter(self) -> Adapter | None:
        """The adapter of the first training seed: the one that answers new questions."""
        return self.adapters[0].adapter if self.adapters else None

    @property
    def servable(self) -> bool:
        """Whether it can answer here a question whose evidence nobody knows: oracle and endpoint cannot."""
        return self.context in SERVABLE and self.engine != ENDPOINT


@dataclass(frozen=True, slots=True)
class IndexRecord:
    """The folder of the index, its settings, and how many passages the run searched for before the best k were taken.

    `settings.encoder` and `settings.rerank` are names as in the config; rerank and fusion depend on `depth`.
    """

    folder: Path
    settings: IndexConfig
    depth: int


@dataclass(frozen=True, slots=True)
class RunRecipe:
    """All that decides the answers of a run, but for the question. `context_limit` and `max_new_tokens` are tokens."""

    run: Path
    domain: str
    device: str
    dtype: str
    batch_size: int
    generator: ModelRecord
    encoder: ModelRecord
    rerank: ModelRecord | None
    index: IndexRecord
    style: PromptStyle
    shots: tuple[Shot, ...]
    max_new_tokens: int
    context_limit: int
    methods: Mapping[str, MethodRecipe]
    libraries: Mapping[str, str]
    passages_file: Path

    def passages(self) -> tuple[Passage, ...]:
        """The passages in the order of the index; read on every call."""
        return tuple(Passage(**row) for row in read_jsonl(self.passages_file))

    @property
    def servable(self) -> tuple[str, ...]:
        """Names of the methods that can answer a new question, in the run's order."""
        return tuple(name for name, method in self.methods.items() if method.servable)


def write_recipe(bench: Bench, retrieval: Retrieval, asking: Asking, asked: Mapping[str, Sequence[Asked]]) -> Path:
    """Write the recipe of a run that has asked all its methods; returns `.work/recipe.json`."""
    work = bench.folder.work
    path, passages = work / RECIPE, work / PASSAGES
    path.unlink(missing_ok=True)  # never a recipe beside the passages of another
    write_jsonl(passages, [asdict(passage) for passage in bench.data.passages])
    toolbox = asking.toolbox(asking.shots(asking.few_shot.shots))
    models, index = bench.models, retrieval.index.path
    values = {
        "schema_version": SCHEMA_VERSION,
        "lab": __version__,
        "libraries": {name: version(name) for name in (*MODEL_LIBRARIES, *INDEX_LIBRARIES)},
        "domain": bench.config.domain,
        "device": models.hardware.device,
        "dtype": models.hardware.dtype,
        "batch_size": bench.config.generator.batch_size,
        "generator": _model(models.generator_files),
        "encoder": _model(models.encoder_files),
        "rerank": _model(models.rerank_files) if models.rerank_files else None,
        "index": {
            "folder": index.relative_to(work).as_posix(),
            "settings": bench.config.index.model_dump(mode="json"),
            "depth": max(len(found.hits) for found in retrieval.found.values()),
            "info_sha256": file_sha256(index / INFO) if (index / INFO).is_file() else None,
        },
        "passages": {"file": PASSAGES, "sha256": file_sha256(passages), "n": len(bench.data.passages)},
        "style": asdict(toolbox.style),
        "shots": [asdict(shot) for shot in toolbox.shots],
        "max_new_tokens": toolbox.max_new_tokens,
        "context_limit": toolbox.generator.context_limit,
        "methods": {name: _method(name, runs, work) for name, runs in asked.items()},
    }
    write_json(path, values)
    return path


def read_recipe(run: Path) -> RunRecipe:
    """The recipe that the run in this folder left, with everything checked that is loaded later but the models.

    Raises:
        DataError: there is no such folder, no `.work` or no recipe in it; the index, the passages or an adapter is
            missing or is not the one that the run made.
    """
    need_run(run)
    work = run / ".work"
    if not work.is_dir():
        raise DataError(
            f"{run}: expected the run's working files in .work, found none: the results were copied without them, or "
            "the answers came from elsewhere; run the experiment again, or use the folder where it ran"
        )
    path = work / RECIPE
    if not path.is_file():
        raise DataError(
            f"{run}: expected {path.relative_to(run)}, found none: the run is not finished or older; {AGAIN}"
        )
    try:
        return _recipe(run, work, json.loads(path.read_text(encoding="utf-8")))
    except (KeyError, TypeError, ValueError, AttributeError, OSError, RecursionError) as error:
        raise DataError(
            f"{path}: not readable as a recipe ({type(error).__name__}: {str(error)[:300]}); {AGAIN}"
        ) from None


def _model(files: ModelFiles) -> dict[str, str]:
    return {"name": files.name, "folder": str(files.folder), "digest": files.digest, "note": files.note}


def _method(name: str, runs: Sequence[Asked], work: Path) -> dict[str, Any]:
    recipe = METHODS[name]
    adapters = [
        {
            "seed": run.seed,
            "folder": run.tuned.adapter.folder.relative_to(work).as_posix(),
            "sha256": run.tuned.adapter.digest,
            "config_sha256": file_sha256(run.tuned.adapter.folder / ADAPTER_CONFIG),
        }
        for run in runs
        if run.tuned
    ]
    values = {"weights": recipe.weights, "context": recipe.context, "engine": recipe.engine, "adapters": adapters}
    if (fitted := runs[0].fitted) is None:
        return values
    files = {path.name: file_sha256(path) for path in fit_files(fitted.folder, name)}
    return {**values, "fit": {"folder": fitted.folder.relative_to(work).as_posix(), "files": files}}


def _recipe(run: Path, work: Path, values: Mapping[str, Any]) -> RunRecipe:
    if values["schema_version"] != SCHEMA_VERSION:
        raise DataError(f"{work / RECIPE}: expected schema_version {SCHEMA_VERSION}, got {values['schema_version']!r}")
    index = values["index"]
    folder = _inside(work, index["folder"])
    _check(folder / INFO, index["info_sha256"])
    _check(work / PASSAGES, values["passages"]["sha256"])
    return RunRecipe(
        run=run,
        domain=values["domain"],
        device=values["device"],
        dtype=values["dtype"],
        batch_size=values["batch_size"],
        generator=_read_model(values["generator"]),
        encoder=_read_model(values["encoder"]),
        rerank=_read_model(values["rerank"]) if values["rerank"] else None,
        index=IndexRecord(folder, IndexConfig.model_validate(index["settings"]), index["depth"]),
        style=PromptStyle(**{**values["style"], "labels": tuple(values["style"]["labels"])}),
        shots=tuple(_read_shot(shot) for shot in values["shots"]),
        max_new_tokens=values["max_new_tokens"],
        context_limit=values["context_limit"],
        methods={name: _read_method(name, method, work) for name, method in values["methods"].items()},
        libraries=values["libraries"],
        passages_file=work / PASSAGES,
    )


def _read_model(values: Mapping[str, Any]) -> ModelRecord:
    return ModelRecord(values["name"], Path(values["folder"]), values["digest"], values["note"])


def _read_shot(values: Mapping[str, Any]) -> Shot:
    passages = tuple(Passage(**passage) for passage in values["passages"])
    return Shot(values["question"], passages, values["answer"], values.get("reason"))


def _read_method(name: str, values: Mapping[str, Any], work: Path) -> MethodRecipe:
    adapters = []
    for one in values["adapters"]:
        folder = _inside(work, one["folder"])
        _check(folder / ADAPTER_FILE, one["sha256"])
        _check(folder / ADAPTER_CONFIG, one["config_sha256"])
        adapters.append(AdapterRecord(one["seed"], Adapter(values["weights"], folder, one["sha256"])))
    learnt = None
    if fit := values.get("fit"):  # older recipes name neither this nor an engine
        learnt = _inside(work, fit["folder"])
        for path in fit_files(learnt, name):
            _check(path, fit["files"][path.name])
    engine = values.get("engine", GENERATOR)
    return MethodRecipe(name, values["weights"], values["context"], tuple(adapters), engine, learnt)


def _inside(work: Path, name: str) -> Path:
    folder = work / name
    if not folder.resolve().is_relative_to(work.resolve()):
        raise DataError(f"{work / RECIPE}: {name!r} lies outside {work}; {AGAIN}")
    return folder


def _check(path: Path, sha256: str | None) -> None:
    """A file is the one that the run made; with None, nothing was made."""
    if sha256 is None:
        return
    if not path.is_file():
        raise DataError(f"{path}: expected a file that the run made, found none; {AGAIN}")
    if file_sha256(path) != sha256:
        raise DataError(f"{path}: not the file that the run made (its sha256 differs); {AGAIN}")

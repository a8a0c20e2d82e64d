"""`lab init`: files and questions in, a corpus folder out. All is read and decided before anything is written."""

from __future__ import annotations

import hashlib
import os
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lab.config import checked_config, load_config
from lab.create.asking import Asking, ask
from lab.create.domain import Domain, derive_domain
from lab.create.experiment_file import experiment_yaml
from lab.create.folder import DOCUMENTS, EXPERIMENT, MANIFEST, locked
from lab.create.measure import Measured, measure
from lab.create.question_file import need_question_file
from lab.create.question_lines import as_lines
from lab.create.settings import Clock, Settings, choose
from lab.create.state import Memory, State, digest, read_state, save_manifest, seen_from
from lab.errors import ConfigError, DataError, list_faults
from lab.files import Content, file_sha256, write_together
from lab.ingest.ingest import OnProgress, ingest
from lab.ingest.ingest import ignore as tell_nobody
from lab.ingest.manifest import manifest_of
from lab.ingest.nouns import FileOutcome, Ingested
from lab.ingest.nouns import as_row as document_row

Fate = Literal["written", "rewritten", "kept", "edited"]  # edited: it should have changed, and is the user's now
WRITTEN = ("written", "rewritten")
BAD = ("failed", "unsupported", "empty")


@dataclass(frozen=True, slots=True)
class Order:
    """What the user asked for. No `docs`: the same as last time; no `domain`: read off the titles."""

    name: str
    into: Path
    docs: tuple[Path, ...] = ()
    questions: Path | None = None
    domain: str | None = None

    @property
    def folder(self) -> Path:
        return self.into / self.name


@dataclass(frozen=True, slots=True)
class Changes:
    """Files since last time, by shown name. `changed` and `unchanged` were there before."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: int
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Created:
    """What `lab init` did. `changes` is None for a new corpus; `experiment` says what became of experiment.yaml.

    `passages` are estimated, for the settings that stand in the file.
    """

    name: str
    folder: Path
    ingested: Ingested
    changes: Changes | None
    measured: Measured
    settings: Settings
    passages: int
    domain: Domain
    asking: Asking
    experiment: Fate
    seconds: float

    @property
    def bad(self) -> tuple[FileOutcome, ...]:
        """Files that somebody may have wanted to be read, and that were not."""
        return tuple(one for one in self.ingested.files if one.status in BAD)


def create_corpus(order: Order, clock: Clock, on_progress: OnProgress = tell_nobody) -> Created:
    """Make a corpus folder, or bring one up to date.

    Args:
        order: what to make.
        clock: how long this machine takes for a load.
        on_progress: called before each file is read.

    Raises:
        ConfigError: the name or the paths cannot be.
        DataError: nothing could be read, the questions have faults, or the folder is somebody else's. Nothing is
            written then.
        RunLockedError: another process works in the folder.
    """
    began = time.perf_counter()
    _check(order)
    with locked(order.folder):
        state = read_state(order.folder)
        docs = _docs(order, state)
        ingested = ingest(docs, known=state.manifest, documents=state.documents, on_progress=on_progress)
        _check_read(order, ingested)
        asked = ask(order.questions, state, ingested.documents)
        measured = measure(ingested.documents)
        settings = choose(measured, asked.questions, clock)
        domain = derive_domain(order.name, [document.title for document in ingested.documents], order.domain)
        fate = _fate(order, state, asked.asking)
        text = experiment_yaml(order.name, domain.text, settings, domain.why) if fate in WRITTEN else None
        write_together(order.folder, _files(order, state, _Read(docs, ingested), asked.files, text))
    return Created(
        name=order.name,
        folder=order.folder,
        ingested=ingested,
        changes=_changes(state, ingested) if state.manifest is not None else None,
        measured=measured,
        settings=settings,
        passages=_passages(order.folder, measured, settings),
        domain=domain,
        asking=asked.asking,
        experiment=fate,
        seconds=time.perf_counter() - began,
    )


@dataclass(frozen=True, slots=True)
class _Read:
    docs: Sequence[Path]
    ingested: Ingested


def _check(order: Order) -> None:
    try:
        checked_config({"name": order.name, "domain": order.name}, "")
    except ConfigError:
        raise ConfigError(
            f"lab init {order.name!r}: expected a name of letters, digits, '.', '_' and '-' for the corpus; "
            "write lab init NAME --docs PATH"
        ) from None
    if order.questions:
        need_question_file(order.questions)
    if order.domain is not None and not order.domain.strip():
        raise ConfigError("--domain: expected one line that says what the documents are about, got none")


def _docs(order: Order, state: State) -> list[Path]:
    """What to read: as ordered, else as last time. The corpus itself is no document."""
    if not order.docs and state.memory is None:
        raise ConfigError(
            f"lab init {order.name}: expected documents, got none; name files, folders or globs: --docs PATH"
        )
    remembered = state.memory.docs if state.memory else ()
    docs = list(order.docs) or [Path(os.path.normpath(order.folder.resolve() / path)) for path in remembered]
    own = order.folder.resolve()
    for path in docs:
        place = path.expanduser().resolve()
        if own == place or (own.is_relative_to(place) and place.is_dir()):
            raise ConfigError(
                f"--docs {path}: the corpus {order.folder} lies in it, and would be read as a document; "
                "name the folders or files in it, or put the corpus elsewhere with --into"
            )
    return docs


def _check_read(order: Order, ingested: Ingested) -> None:
    """Something was read, and neither the questions nor the corpus itself are among it."""
    if not ingested.documents:
        bad = [f"{one.path}: {one.reason}; {one.advice}" for one in ingested.files if not one.document_ids]
        raise DataError(list_faults("expected documents, and no file could be read:", bad or ["there are no files"]))
    read = {one.sha256: one.path for one in ingested.files if one.document_ids}
    if order.questions and (path := read.get(file_sha256(order.questions))):
        raise ConfigError(
            f"--questions {order.questions}: was read as a document too ({path}), which would give the answers away; "
            "put it elsewhere, or name documents without it, as in --docs 'docs/*.pdf'"
        )
    own = order.folder / DOCUMENTS
    if own.is_file() and (path := read.get(file_sha256(own))):
        raise ConfigError(f"--docs: {path} is the corpus itself; name documents without it")


def _files(
    order: Order, state: State, read: _Read, questions: Mapping[str, Content], experiment: str | None
) -> dict[str, Content]:
    """What is to be written: the files whose text is not there already, and the manifest."""
    before = state.memory.experiment if state.memory else None
    memory = Memory(seen_from(order.folder, read.docs), _digest(experiment) if experiment is not None else before)
    files: dict[str, Content] = {
        DOCUMENTS: as_lines([document_row(one) for one in read.ingested.documents]),
        **questions,
        **({EXPERIMENT: experiment} if experiment is not None else {}),
    }
    new = {
        name: content
        for name, content in files.items()
        if not isinstance(content, str) or digest(order.folder / name) != _digest(content)
    }
    return {**new, MANIFEST: lambda path: save_manifest(path, manifest_of(read.ingested), memory)}


def _fate(order: Order, state: State, asking: Asking) -> Fate:
    """What becomes of experiment.yaml.

    Once written it stays, so that runs before and after a change of documents can be compared; until somebody edits
    it, first questions and a given domain still shape it.
    """
    if state.experiment is None:
        return "written"
    first = asking.imported is not None and not state.questions.rows
    if not (first or order.domain is not None):
        return "kept"
    return "rewritten" if state.experiment_is_ours else "edited"


def _passages(folder: Path, measured: Measured, settings: Settings) -> int:
    try:
        index = load_config(folder / EXPERIMENT).index
    except ConfigError:  # the user's own file has faults, which every other command lists
        return settings.passages
    return measured.passages(index.passage_tokens, index.overlap)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _changes(state: State, ingested: Ingested) -> Changes:
    before = state.manifest.files if state.manifest else {}
    counted = Counter(one.status for one in ingested.files)
    read = [one for one in ingested.files if one.status == "read"]
    same = [one.path for one in read if one.path in before and before[one.path].outcome.sha256 == one.sha256]
    return Changes(
        added=tuple(one.path for one in read if one.path not in before),
        changed=tuple(one.path for one in read if one.path in before and one.path not in same),
        unchanged=counted["unchanged"] + len(same),
        removed=ingested.removed,
    )

"""Where a run's files lie, and which of its steps are done.

    reports/velloway/
        results.json  answers.jsonl  scores.jsonl  questions.jsonl  report.html  report.md  charts/
        run.log  experiment.resolved.yaml
        .work/
            lock
            generations.jsonl
            <step>/<key>/           files of a finished step; renamed when its manifest.json stands
            <step>/<key>.partial/   a step that was cut off; it goes on from here

A step's key is the sha256 of its inputs (its slice of the config and the digests of what it reads), of the source files
that it runs, and of the versions of the libraries that matter to it. A step whose manifest stands and whose files match
is reused; nothing else is.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from filelock import FileLock, Timeout

from lab.errors import DiskError, RunLockedError, UserError
from lab.files import file_sha256, write_text
from lab.models import ModelClock

State = Literal["reused", "resumed", "running", "done", "failed"]
MANIFEST = "manifest.json"
LEDGER = "test-asked.json"
ELAPSED = "elapsed.json"
LOG = "run.log"
SECONDS_BETWEEN_ELAPSED = 2.0
SOURCE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class StepEvent:
    """What a step is doing: `done` of `total` units, and a note such as the loss or why it runs."""

    step: str
    state: State
    done: int = 0
    total: int = 0
    note: str = ""


OnStep = Callable[[StepEvent], None]
StepProgress = Callable[[int, int, str], None]
Work = Callable[[Path, StepProgress], None]


def ignore(event: StepEvent) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class StepSpec:
    """What a step is made from. `code` are source files or folders below `lab/`."""

    name: str
    inputs: Mapping[str, Any]
    code: Sequence[str]
    libraries: Sequence[str] = ()

    def parts(self) -> dict[str, str]:
        """Every input by name, as a digest."""
        parts = {name: _digest(value) for name, value in self.inputs.items()}
        parts["code"] = _digest([_source_digest(SOURCE / name) for name in self.code])
        parts |= {library: importlib.metadata.version(library) for library in self.libraries}
        return parts


@dataclass(frozen=True, slots=True)
class StepResult:
    """A finished step. `seconds` and `model_seconds` count every process that worked on it."""

    name: str
    key: str
    path: Path
    seconds: float
    model_seconds: float
    reused: bool


class RunFolder:
    """The folder of one run, locked while a process works in it."""

    def __init__(self, path: Path, *, clock: ModelClock, on_step: OnStep = ignore, fresh: bool = False) -> None:
        self.path = path
        self.work = path / ".work"
        self.steps: list[StepResult] = []
        self.seconds_in_steps = 0.0
        self.model_seconds_in_steps = 0.0
        self._clock = clock
        self._on_step = on_step
        self._fresh = fresh
        self._lock = FileLock(self.work / "lock", timeout=0)
        self._made: list[Path] = []

    def __enter__(self) -> RunFolder:
        self._made = [folder for folder in (self.work, *self.work.parents) if not folder.exists()]
        try:
            self.work.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
        except Timeout:
            raise RunLockedError(f"{self.path}: another process works in this run folder; wait, or use --out") from None
        except OSError as error:
            raise UserError(f"{self.path}: no run folder can be made here ({error.strerror}); use --out") from None
        write_text(self.work / ".gitignore", "*\n")
        if self._fresh:
            for entry in self.work.iterdir():
                if entry.is_dir():
                    shutil.rmtree(entry)
                elif entry.name not in ("lock", LEDGER, ".gitignore"):
                    entry.unlink()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
        if isinstance(error, UserError) and self.work in self._made and not self.steps:
            shutil.rmtree(self.work)
            (self.path / LOG).unlink(missing_ok=True)
            with suppress(OSError):  # a folder that something else was put into stays
                for folder in self._made[1:]:
                    folder.rmdir()

    def need_space(self, n_bytes: int, what: str) -> None:
        """Raise DiskError unless `n_bytes` are free here."""
        free = shutil.disk_usage(self.work).free
        if free < n_bytes:
            raise DiskError(
                f"{self.path}: {what} needs about {n_bytes / 1e9:.1f} GB, {free / 1e9:.1f} GB are free; "
                "free some space or choose another folder with --out"
            )

    def run(self, spec: StepSpec, work: Work) -> StepResult:
        """The step's finished files: reused if they stand, else made by `work(folder, progress)`."""
        parts = spec.parts()
        key = _digest(parts)[:16]
        final = self.work / spec.name / key
        stood = final.exists()
        manifest = _intact_manifest(final)
        if manifest is not None:
            self._on_step(StepEvent(spec.name, "reused", note=f"unchanged, saves {manifest['made_in_s']:.1f} s"))
            return self._finish(spec.name, key, final, manifest, reused=True)
        partial = final.with_name(f"{key}.partial")
        resumed = partial.is_dir()
        partial.mkdir(parents=True, exist_ok=True)
        note = "its files were damaged" if stood else _why(self.work / spec.name, parts)
        note = "goes on where it was cut off" if resumed else note
        self._on_step(StepEvent(spec.name, "resumed" if resumed else "running", note=note))
        watch = _Stopwatch(partial, self._clock)
        start, model_start = time.perf_counter(), self._clock.seconds

        def progress(done: int, total: int, note: str = "") -> None:
            watch.save()
            self._on_step(StepEvent(spec.name, "running", done, total, note))

        try:
            work(partial, progress)
        except BaseException as error:
            watch.save(now=True)
            self._on_step(StepEvent(spec.name, "failed", note=type(error).__name__))
            raise
        manifest = {"key": key, "parts": parts, "made_in_s": watch.seconds(), "model_s": watch.model_seconds()}
        _seal(partial, final, manifest)
        self.seconds_in_steps += time.perf_counter() - start
        self.model_seconds_in_steps += self._clock.seconds - model_start
        self._on_step(StepEvent(spec.name, "done", note=f"{manifest['made_in_s']:.1f} s"))
        return self._finish(spec.name, key, final, manifest, reused=False)

    def _finish(self, name: str, key: str, path: Path, manifest: Mapping[str, Any], *, reused: bool) -> StepResult:
        result = StepResult(name, key, path, manifest["made_in_s"], manifest["model_s"], reused)
        self.steps.append(result)
        return result

    @property
    def test_uses(self) -> int:
        """How often test questions were asked in this folder, each time under another config or other data."""
        ledger = self.work / LEDGER
        return len(json.loads(ledger.read_text())) if ledger.is_file() else 0

    def note_test_use(self, digest: str) -> None:
        """Remember that test questions are asked under this config and data."""
        ledger = self.work / LEDGER
        asked: list[str] = json.loads(ledger.read_text()) if ledger.is_file() else []
        if digest not in asked:
            asked.append(digest)
            write_text(ledger, json.dumps(asked))


class _Stopwatch:
    """Seconds of a step over all processes that worked on it; saved now and then, so that a kill loses little."""

    def __init__(self, folder: Path, clock: ModelClock) -> None:
        self._file = folder / ELAPSED
        before = json.loads(self._file.read_text()) if self._file.is_file() else {"seconds": 0.0, "model_seconds": 0.0}
        self._before, self._clock = before, clock
        self._start, self._model_start = time.perf_counter(), clock.seconds
        self._saved = self._start

    def seconds(self) -> float:
        return float(self._before["seconds"]) + time.perf_counter() - self._start

    def model_seconds(self) -> float:
        return float(self._before["model_seconds"]) + self._clock.seconds - self._model_start

    def save(self, *, now: bool = False) -> None:
        if now or time.perf_counter() - self._saved > SECONDS_BETWEEN_ELAPSED:
            self._saved = time.perf_counter()
            write_text(self._file, json.dumps({"seconds": self.seconds(), "model_seconds": self.model_seconds()}))


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _source_digest(path: Path) -> str:
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return _digest([(file.name, file_sha256(file)) for file in files])


def _intact_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a finished step whose files match it; what does not match is deleted."""
    if not folder.exists():
        return None
    with suppress(OSError, ValueError):
        values: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        if all(file_sha256(folder / name) == digest for name, digest in values["files"].items()):
            return values
    shutil.rmtree(folder)
    return None


def _seal(partial: Path, final: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest last, then rename: the step is either wholly there or still partial."""
    for leftover in (ELAPSED, MANIFEST):
        (partial / leftover).unlink(missing_ok=True)
    files = sorted(path for path in partial.rglob("*") if path.is_file())
    for path in files:
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    digests = {str(path.relative_to(partial)): file_sha256(path) for path in files}
    write_text(partial / MANIFEST, json.dumps({**manifest, "files": digests}, indent=1))
    partial.rename(final)


def _why(folder: Path, parts: Mapping[str, str]) -> str:
    """Which inputs changed since the newest finished run of this step."""
    manifests = [path for path in folder.glob(f"*/{MANIFEST}") if path.parent.suffix != ".partial"]
    if not manifests:
        return "first time"
    newest = max(manifests, key=lambda path: path.stat().st_mtime)
    try:
        before: dict[str, str] = json.loads(newest.read_text())["parts"]
    except ValueError:
        return "the files of the last time were damaged"
    changed = [name for name in {**parts, **before} if before.get(name) != parts.get(name)]
    return f"changed: {', '.join(changed)}"

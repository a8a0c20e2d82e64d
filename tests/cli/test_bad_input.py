"""Every mistake of a user ends in one message that names its place, exit code 2, and nothing written."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Change = Callable[[Any], None]
DiskUsage = namedtuple("DiskUsage", "total used free")

HOLD_LOCK = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def sets(*overrides: str) -> Change:
    """Arguments of `lab run`."""

    def change(world: Any) -> None:
        world.arguments += [word for override in overrides for word in ("--set", override)]

    return change


def yaml_file(text: str) -> Change:
    """Another experiment file."""
    return lambda world: world.file.write_text(text, encoding="utf-8")


def question(**changes: object) -> Change:
    """Another first question."""

    def change(world: Any) -> None:
        world.questions[0] |= changes
        world.write()

    return change


def replaces(name: str, line: str) -> Change:
    """Another second line in one of the files."""

    def change(world: Any) -> None:
        file = world.folder / name
        lines = file.read_text().splitlines()
        lines[1] = line
        file.write_text("\n".join(lines))

    return change


def removes(name: str) -> Change:
    return lambda world: (world.folder / name).unlink()


def squad(text: str) -> Change:
    def change(world: Any) -> None:
        (world.folder / "squad.json").write_text(text)
        sets("corpus.format=squad")(world)
        world.arguments += ["--set", f"corpus.path={world.folder / 'squad.json'}"]

    return change


def squad_article(answer: str, start: int) -> str:
    qas = [{"id": "q", "question": "Who?", "answers": [{"text": answer, "answer_start": start}]}]
    context = "The tower was built by Anna Reyl in 1911, long before the second line was planned at all."
    return json.dumps({"data": [{"title": "T", "paragraphs": [{"context": context, "qas": qas}]}]})


def repeated_id(world: Any) -> None:
    world.questions[1]["id"] = world.questions[0]["id"]
    world.write()


def leaking_splits(world: Any) -> None:
    for place, entry in enumerate(world.questions):
        entry["split"] = "test" if place < 10 else "dev" if place < 15 else "train"
    world.questions[40]["question"] = world.questions[0]["question"]
    world.write()


def some_splits(world: Any) -> None:
    world.questions[0]["split"] = "test"
    world.write()


def no_documents(world: Any) -> None:
    (world.folder / "documents.jsonl").write_text("")
    (world.folder / "questions.jsonl").write_text("")


def folder_without_config(world: Any) -> None:
    (world.folder / "empty").mkdir()
    sets(f"generator.model={world.folder / 'empty'}")(world)


def out_is_a_file(world: Any) -> None:
    (world.folder / "notes.txt").write_text("x")
    world.arguments += ["--out", str(world.folder / "notes.txt" / "x")]


def offline(*overrides: str) -> Change:
    def change(world: Any) -> None:
        sets(*overrides)(world)
        world.arguments.append("--offline")

    return change


CASES: dict[str, tuple[Change, str]] = {
    "no experiment file": (removes("experiment.yaml"), "experiment.yaml: expected an experiment file, found none"),
    "broken YAML": (yaml_file("name: [x"), "experiment.yaml: not readable as YAML"),
    "YAML list": (yaml_file("- name"), "experiment.yaml: expected keys and values, got list"),
    "empty YAML": (yaml_file(""), "experiment.yaml: expected keys and values, got NoneType"),
    "unknown key": (sets("mehtods=[rag]"), "mehtods: unknown key; did you mean methods?"),
    "unknown nested key": (sets("index.overlp=3"), "index.overlp: unknown key; did you mean overlap?"),
    "wrong type": (sets("index.k=three"), "index.k: input should be a valid integer, got 'three'"),
    "section is no section": (sets("index=5"), "index: "),
    "out of range": (sets("holdout.test=1.5"), "holdout.test: input should be less than or equal to 1, got 1.5"),
    "bad method name": (sets("methods=[ragg]"), "methods.0: "),
    "method twice": (sets("methods=[rag, rag]"), "methods: named more than once: rag"),
    "unknown format": (sets("corpus.format=csv"), "corpus.format: input should be 'jsonl', 'squad', "),
    "option of another format": (sets("corpus.limit=5"), "corpus.limit is for hotpotqa, raft, table, hub; the format"),
    "no question has the metric": (
        sets("metrics.primary=label_accuracy"),
        "metrics.primary: label_accuracy scores questions of kind label or yes-no; the test questions are of kind",
    ),
    "reserved key": (sets("probes=[x]"), "probes: not supported by this version"),
    "name is no folder name": (sets("name=a/b"), "name: expected letters, digits"),
    "set without value": (sets("index.k"), "--set index.k: expected section.key=value"),
    "set without key": (sets("=5"), "--set =5: expected section.key=value"),
    "set with broken value": (sets("index.k=["), "--set index.k=[: the value is not readable as YAML"),
    "set below a value": (sets("name.k=5"), "--set name.k=5: name has no keys below it"),
    "set with an empty part": (sets("index..k=5"), "--set index..k=5: expected section.key=value"),
    "missing data": (sets("corpus.path=nowhere"), "nowhere: expected data in the format jsonl, found nothing there"),
    "no questions file": (removes("questions.jsonl"), "no questions.jsonl"),
    "no document": (no_documents, "expected at least one document, found none"),
    "broken line": (replaces("documents.jsonl", '{"id": '), "documents.jsonl:2: not JSON at character 7"),
    "question id twice": (repeated_id, "questions.jsonl:2: id: 'pump-0' is used twice, first on line 1"),
    "evidence out of range": (
        question(evidence=[{"document": "pump", "start": 5, "end": 9999}]),
        "questions.jsonl:1: evidence[0]: expected 0 <= start < end",
    ),
    "evidence nowhere": (
        question(evidence=[{"document": "pmup"}]),
        "questions.jsonl:1: evidence[0].document: names no document of documents.jsonl: 'pmup'",
    ),
    "unknown kind": (question(kind="numeric"), "questions.jsonl:1: kind: expected one of span"),
    "kind without answers": (question(answers=[], evidence=[]), "questions.jsonl:1: answers: expected at least one"),
    "SQuAD broken": (squad('{"data": ['), "squad.json: not JSON at character 11"),
    "SQuAD answer elsewhere": (
        squad(squad_article("Anna Reyl", 70)),
        "data[0].paragraphs[0].qas[0].answers[0]: expected 'Anna Reyl' within 20 characters",
    ),
    "k above passages": (sets("index.k=500"), "index.k: expected at most "),
    "passages too long": (sets("index.passage_tokens=61"), "index.passage_tokens: expected 1 to 60, got 61"),
    "nothing to test": (sets("holdout.test=0.0001"), "expected questions in test"),
    "splits that leak": (leaking_splits, "the given splits leak: 1 of 10 test questions"),
    "splits for some": (some_splits, "expected a split for every question or for none"),
    "no generator": (sets("generator.model=smolm2"), "model 'smolm2': no such folder"),
    "no encoder": (sets("index.encoder=./nowhere"), "nowhere': no such folder"),
    "no reranker": (sets("index.rerank=nowhere"), "model 'nowhere': no such folder"),
    "folder is no model": (folder_without_config, "expected a model folder with a config.json, found none"),
    "hub generator offline": (
        offline("generator.model=nobody/nothing"),
        "model 'nobody/nothing' is not in the local cache and downloads are forbidden",
    ),
    "hub encoder offline": (
        offline("index.encoder=nobody/nothing"),
        "model 'nobody/nothing' is not in the local cache and downloads are forbidden",
    ),
    "no GPU": (sets("generator.device=cuda"), "generator.device is cuda, but torch sees no CUDA device"),
    "a GPU by number": (sets("generator.device=cuda:1"), "generator.device: expected auto, cpu or cuda"),
    "key given twice": (sets("index={k: 3, k: 4}"), "--set index={k: 3, k: 4}"),
    "rate is infinite": (sets("training.learning_rate=.inf"), "training.learning_rate"),
    "no such device": (sets("generator.device=tpu"), "generator.device: expected auto, cpu or cuda"),
    "bad index type": (sets("index.type=Flaat"), "index.type: FAISS cannot build 'Flaat'"),
    "index needs more": (sets("index.type='IVF64,Flat'"), "index.type: IVF64,Flat needs at least 2496 passages"),
    "out lies below a file": (out_is_a_file, "notes.txt/x: no run folder can be made here"),
}


@pytest.fixture
def no_hub_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """`--offline` sets it for this process; it must not outlive the test."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")


def assert_refused(outcome: Any, place: str) -> None:
    assert outcome.code == 2, outcome.err
    assert outcome.err.startswith("error: ")
    assert outcome.err.count("error:") == 1
    assert place in outcome.err
    assert "Traceback" not in outcome.err + outcome.out
    assert "Error:" not in outcome.err


@pytest.mark.usefixtures("no_hub_variable")
@pytest.mark.parametrize(("change", "place"), CASES.values(), ids=CASES.keys())
def test_bad_input_is_refused_with_its_place_and_nothing_is_written(
    world: Any, lab: Callable[..., Any], change: Change, place: str
) -> None:
    world.write()
    change(world)
    before = sorted(world.folder.rglob("*"))
    assert_refused(lab("run", world.file, "--out", world.out, *world.arguments), place)
    assert sorted(world.folder.rglob("*")) == before


CHECKED = [name for name in CASES if name != "out lies below a file"]


@pytest.mark.usefixtures("no_hub_variable")
@pytest.mark.parametrize("name", CHECKED)
def test_check_refuses_what_run_refuses(world: Any, lab: Callable[..., Any], name: str) -> None:
    world.write()
    change, place = CASES[name]
    change(world)
    assert_refused(lab("check", world.file, *world.arguments), place)


def test_the_unchanged_experiment_passes(world: Any, lab: Callable[..., Any]) -> None:
    world.write()
    outcome = lab("check", world.folder)
    assert (outcome.code, outcome.err) == (0, "")
    assert not world.out.parent.exists()


def test_all_faults_of_a_file_come_in_one_message(world: Any, lab: Callable[..., Any]) -> None:
    world.write()
    outcome = lab("run", world.file, "--set", "index.k=0", "--set", "raft.q=1", "--out", world.out)
    assert_refused(outcome, "index.k: ")
    assert "raft.q: unknown key" in outcome.err


def test_folder_without_experiment(world: Any, lab: Callable[..., Any]) -> None:
    assert_refused(lab("run", world.folder), f"{world.file}: expected an experiment file, found none")


def test_no_room_on_the_disk(world: Any, lab: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    world.write()
    monkeypatch.setattr(shutil, "disk_usage", lambda path: DiskUsage(10**12, 10**12 - 10**8, 10**8))
    outcome = lab("run", world.file, "--out", world.out)
    assert_refused(outcome, f"{world.out}: the run needs about 0.5 GB, 0.1 GB are free")
    assert not world.out.parent.exists()


def test_run_folder_that_another_process_holds(world: Any, lab: Callable[..., Any]) -> None:
    world.write()
    work = world.out / ".work"
    work.mkdir(parents=True)
    command = [sys.executable, "-c", HOLD_LOCK, str(work / "lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        outcome = lab("run", world.file, "--out", world.out)
        holder.communicate("")
    assert_refused(outcome, f"{world.out}: another process works in this run folder")
    assert [path.name for path in world.out.rglob("*")] in ([".work", "lock"], [".work"])


def test_report_needs_a_finished_run(tmp_path: Path, lab: Callable[..., Any]) -> None:
    assert_refused(lab("report", tmp_path / "x"), f"{tmp_path / 'x'}: expected the folder of a finished run")
    assert_refused(lab("report", tmp_path), "results.json: expected a results.json of a finished run, found no file")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (["walk"], "no such command 'walk'"),
        (["run"], "missing argument"),
        (["run", "x", "--fast"], "no such option: --fast"),
        (["run", "x", "--set"], "--set"),
        (["--fast"], "no such option: --fast"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_command_line(lab: Callable[..., Any], words: list[str], place: str) -> None:
    assert_refused(lab(*words), place)

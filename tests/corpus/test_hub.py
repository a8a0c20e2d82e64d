"""Data sets that `datasets` loads: local ones without any connection, hub ids from the cache, clear faults else."""

import json
import logging
import shutil
import socket
from pathlib import Path
from typing import Any

import datasets
import huggingface_hub
import pyarrow as pa
import pytest
from pyarrow import parquet
from small_world import read_at

from lab.corpus.registry import read_corpus
from lab.corpus.source import Source
from lab.corpus_config import CorpusConfig
from lab.errors import DataError
from lab.types import Corpus, Evidence

PADS = "Pads last 400 hours. Oil lasts longer than pads."
SQUAD = {"answers": "answers.text", "start": "answers.answer_start", "id": "id", "title": "title"}


def row(id: str, **changes: object) -> dict[str, Any]:
    answers = {"text": ["pads"], "answer_start": [43]}
    return {"id": id, "title": "Pads", "context": PADS, "question": f"What {id}?", "answers": answers, **changes}


def write(folder: Path, **splits: list[dict[str, Any]]) -> Path:
    folder.mkdir(exist_ok=True)
    for split, rows in splits.items():
        (folder / f"{split}.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")
    return folder


def read(path: Path, columns: dict[str, str] | None = None, **options: object) -> Corpus:
    return read_at(path, "hub", columns=SQUAD if columns is None else columns, **options)


def fault(path: Path | str, offline: bool = False, **options: object) -> str:
    config = CorpusConfig.model_validate({"path": str(path), "format": "hub", "columns": SQUAD, **options})
    with pytest.raises(DataError) as caught:
        read_corpus(Source(config, "toy", offline))
    return str(caught.value)


@pytest.fixture(autouse=True)
def attempts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A cache of its own, and no connection: the test fails at its end if one was tried."""
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("HF_DATASETS_OFFLINE", raising=False)
    tried: list[object] = []

    def refuse(*address: object, **_: object) -> None:
        tried.append(address)
        raise OSError("no connection in a test")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    yield tried
    assert tried == []


def test_a_local_folder_with_splits(tmp_path: Path) -> None:
    path = write(tmp_path / "pads", train=[row("a"), row("b")], validation=[row("c")], test=[row("d")])
    corpus = read(path)
    assert [(question.id, question.split) for question in corpus.questions] == [
        ("a", "train"),
        ("b", "train"),
        ("c", "dev"),
        ("d", "test"),
    ]
    assert [document.id for document in corpus.documents] == ["pads-1"]
    assert corpus.questions[0].evidence == (Evidence("pads-1", 43, 47),)
    assert len(corpus.notes) == 1


def test_a_validation_split_stands_in_for_the_test(tmp_path: Path) -> None:
    path = write(tmp_path / "pads", train=[row("a")], validation=[row("b")])
    corpus = read(path)
    assert [question.split for question in corpus.questions] == ["train", "test"]
    assert "There is no split called test; validation serves as the test." in corpus.notes
    chosen = read(path, splits=["validation"])
    assert [(question.id, question.split) for question in chosen.questions] == [("b", None)]
    assert "The data come as one split, validation; the lab divides the questions." in chosen.notes


def test_rows_without_ids_are_numbered_by_split(tmp_path: Path) -> None:
    path = write(tmp_path / "pads", train=[row("a"), row("b")], test=[row("c")])
    corpus = read(path, {"answers": "answers.text"})
    assert [question.id for question in corpus.questions] == ["train-row-1", "train-row-2", "test-row-1"]
    assert any("<split>-row-<n>" in note for note in corpus.notes)


def test_hidden_labels_are_a_fault_that_names_the_splits_to_read(tmp_path: Path) -> None:
    hidden = row("c", answers={"text": [], "answer_start": []})
    path = write(tmp_path / "pads", train=[row("a")], validation=[row("b"), hidden], test=[hidden | {"id": "d"}])
    message = fault(path)
    assert "no row of the split test has an answer" in message
    assert "corpus.splits: [train, validation]" in message
    assert len(message.splitlines()) == 2
    assert len(read(path, splits=["train", "validation"]).questions) == 3


def test_a_limit_takes_from_every_split_in_turn(tmp_path: Path) -> None:
    path = write(
        tmp_path / "pads", train=[row(f"a{n}") for n in range(9)], validation=[row("b")], test=[row("c"), row("d")]
    )
    corpus = read(path, limit=6)
    assert [question.id for question in corpus.questions] == ["a0", "b", "c", "a1", "d", "a2"]
    assert corpus.notes[0].startswith("Only 6 rows were read")
    assert not any("Only" in note for note in read(path, limit=12).notes)


def test_a_single_file_and_a_folder_from_save_to_disk(tmp_path: Path) -> None:
    rows = [row("a"), row("b")]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "pads.parquet")
    corpus = read(tmp_path / "pads.parquet")
    assert [question.id for question in corpus.questions] == ["a", "b"]
    saved = datasets.Dataset.from_list(rows)
    saved.save_to_disk(str(tmp_path / "one"))
    assert read(tmp_path / "one").questions == corpus.questions
    datasets.DatasetDict({"train": saved, "test": datasets.Dataset.from_list([row("c")])}).save_to_disk(
        str(tmp_path / "two")
    )
    assert [question.split for question in read(tmp_path / "two").questions] == ["train", "train", "test"]


def test_class_labels_are_read_by_name_and_media_are_not_opened(tmp_path: Path) -> None:
    text = {"dtype": "string", "_type": "Value"}
    label = {"names": ["no", "maybe"], "_type": "ClassLabel"}
    features = {"question": text, "context": text, "answers": label, "picture": {"_type": "Image"}}
    rows = [
        {"question": "?", "context": "a", "answers": n, "picture": {"bytes": None, "path": "https://example.org/a.png"}}
        for n in (1, 0, -1)
    ]
    picture = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    types = {"question": pa.string(), "context": pa.string(), "answers": pa.int64(), "picture": picture}
    schema = pa.schema(types.items(), {"huggingface": json.dumps({"info": {"features": features}})})
    table = pa.Table.from_pylist(rows, schema)
    parquet.write_table(table, tmp_path / "train.parquet")
    corpus = read(tmp_path / "train.parquet", {}, kind="label")
    assert [question.answers for question in corpus.questions] == [("maybe",), ("no",), ()]
    assert "the columns found are 'question', 'context', 'answers', 'picture'" in fault(
        tmp_path / "train.parquet", columns={"title": "page"}
    )
    assert "picture: expected text or a list of texts, got {" in fault(
        tmp_path / "train.parquet", columns={"context": "picture"}
    )


def test_faults_name_the_split_and_the_row(tmp_path: Path) -> None:
    path = write(tmp_path / "pads", train=[row("a"), row("b", question=" ")], test=[row("a")])
    assert [line.strip().replace(f"{tmp_path}/", "") for line in fault(path).splitlines()[1:]] == [
        "pads train: [1].question: expected text, got an empty one",
        "pads test: [0].id: 'a' is used twice, first at train [0]; corpus.columns.id: null numbers the rows",
    ]


def test_a_column_that_is_not_there_is_one_fault(tmp_path: Path) -> None:
    path = write(tmp_path / "pads", train=[row("a"), row("b")])
    message = fault(path, columns={"answers": "answers.text", "context": "passage"})
    assert "no row has the column 'passage' (corpus.columns.context); the columns found are 'id', 'title'" in message
    assert len(message.splitlines()) == 2


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"splits": ["train", "dev"]}, "no split dev (corpus.splits); there are train"),
        (
            {"subset": "french"},
            "datasets cannot read it (corpus.path, corpus.subset): BuilderConfig 'french' not found",
        ),
    ],
)
def test_a_wrong_split_or_subset(tmp_path: Path, options: dict[str, Any], part: str) -> None:
    assert part in fault(write(tmp_path / "pads", train=[row("a")]), **options)


def test_files_that_datasets_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "datasets cannot read it" in fault(tmp_path / "empty")
    assert "expected a folder or file that datasets can load, found nothing there" in fault(tmp_path / "nowhere")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "train.jsonl").write_text('{"question": \n{"a"', encoding="utf-8")
    message = fault(tmp_path / "broken")
    assert "datasets cannot read it" in message
    assert len(message.splitlines()) == 1


def test_a_script_is_never_run(tmp_path: Path) -> None:
    path = write(tmp_path / "pads", train=[row("a")])
    (path / "pads.py").write_text("raise SystemExit", encoding="utf-8")
    assert "scripts are no longer supported" in fault(path)


def test_a_local_data_set_may_not_name_links(tmp_path: Path) -> None:
    path = write(tmp_path / "pads", train=[row("a")])
    configs = [{"config_name": "default", "data_files": [{"split": "train", "path": "https://example.org/a.jsonl"}]}]
    (path / "README.md").write_text(f"---\nconfigs: {json.dumps(configs)}\n---\nhttps://example.org", encoding="utf-8")
    assert "configs names files by links, which a local data set may not" in fault(path)
    configs[0]["data_files"] = [{"split": "test", "path": "train.jsonl"}]
    (path / "README.md").write_text(f"---\nconfigs: {json.dumps(configs)}\n---\nhttps://example.org", encoding="utf-8")
    assert len(read(path).questions) == 1


@pytest.mark.parametrize("switch", [None, "HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"])
def test_an_id_that_is_not_cached_offline(switch: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    if switch:
        monkeypatch.setenv(switch, "1")
    for name in ("lab-tests/pads", "lab-tests-pads"):
        message = fault(name, offline=switch is None)
        assert message.startswith(f"{name}: not in the local cache of datasets, and downloads are forbidden here; ")
        assert "corpus.path" in message


def cache(folder: Path, name: str, **splits: list[dict[str, Any]]) -> None:
    """Put a data set where the library keeps what it downloaded."""
    source = write(folder / "cached", **splits)
    datasets.load_dataset(str(source))
    (made,) = (folder / "cache" / "cached").glob("*/*/*/dataset_info.json")
    kept = folder / "cache" / name.replace("/", "___") / "default" / made.parts[-3] / made.parts[-2]
    shutil.move(made.parent, kept)
    info = json.loads((kept / "dataset_info.json").read_text()) | {"config_name": "default", "dataset_name": "pads"}
    (kept / "dataset_info.json").write_text(json.dumps(info))
    for file in kept.glob("cached-*.arrow"):
        file.rename(kept / file.name.replace("cached-", "pads-"))


@pytest.mark.parametrize("limit", [None, 1])
def test_an_id_is_read_from_the_cache_offline(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str], limit: int | None
) -> None:
    cache(tmp_path, "lab-tests/pads", train=[row("a")], test=[row("b")])
    capfd.readouterr()
    caplog.clear()
    options = {"path": "lab-tests/pads", "format": "hub", "columns": SQUAD, "limit": limit}
    corpus = read_corpus(Source(CorpusConfig.model_validate(options), "toy", offline=True))
    assert [question.id for question in corpus.questions] == ["a", "b"][:limit]
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []


def test_what_was_switched_is_put_back(tmp_path: Path) -> None:
    def state() -> list[object]:
        modules = (datasets.config.HF_HUB_OFFLINE, huggingface_hub.constants.HF_HUB_OFFLINE)
        levels = [logging.getLogger(name).level for name in ("datasets", "huggingface_hub")]
        return [*modules, datasets.config.HF_UPDATE_DOWNLOAD_COUNTS, *levels, datasets.are_progress_bars_disabled()]

    before = state()
    fault(tmp_path / "nowhere")
    fault("lab-tests/pads", offline=True)
    read(write(tmp_path / "pads", train=[row("a")]))
    assert state() == before


def test_an_id_online_is_asked_for_without_more(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def load_dataset(path: str, **options: object) -> datasets.DatasetDict:
        assert not datasets.config.HF_HUB_OFFLINE
        asked.append({"path": path, **options})
        return datasets.DatasetDict({"train": datasets.Dataset.from_list([row("a")])})

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
    for options in ({}, {"limit": 1, "subset": "english"}):
        config = CorpusConfig.model_validate({"path": "lab/pads", "format": "hub", "columns": SQUAD, **options})
        assert len(read_corpus(Source(config, "toy")).questions) == 1
    assert asked == [
        {"path": "lab/pads", "name": None, "streaming": False},
        {"path": "lab/pads", "name": "english", "streaming": True},
    ]


def test_a_hub_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    def load_dataset(*_: object, **__: object) -> None:
        raise ConnectionError("Couldn't reach 'lab/pads' on the Hub (ConnectTimeout)")

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    assert fault("lab/pads") == "lab/pads: the hub cannot be reached; name a local folder in corpus.path"


def test_an_id_that_is_also_a_folder_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "pads", train=[row("a")])
    assert "names a folder here as well as a data set of the hub; write ./pads" in fault("pads")
    config = CorpusConfig.model_validate({"path": "./pads", "format": "hub", "columns": SQUAD})
    assert len(read_corpus(Source(config, "toy")).questions) == 1

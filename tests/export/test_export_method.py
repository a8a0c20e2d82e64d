"""A method as a folder: read by transformers, peft and FAISS alone, it answers as the run did."""

from __future__ import annotations

import dataclasses
import json
import os
import re
from pathlib import Path

import pytest
from small_world import write_slice

from lab.cli import main
from lab.config import load_config
from lab.errors import ConfigError, DataError
from lab.export.method import Wanted, export_method
from lab.recipe import read_recipe

pytestmark = pytest.mark.models

DOMAIN = "ropeways | <b>bold</b> {question}"
SECRET = "a-secret-of-the-environment-4711"
KNOWN_FILES = {".safetensors", ".json", ".jsonl", ".jinja", ".md", ".faiss"}


@pytest.fixture(scope="module")
def run(tmp_path_factory, make_tiny_model) -> Path:
    """A finished run of a tiny model with worked examples and two training runs."""
    torch = pytest.importorskip("torch")
    from lab.experiment import run_experiment

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp("machine")
    sections = {
        "domain": DOMAIN,
        "holdout": {"track": "wording", "limit_train": 6, "limit_dev": 2, "limit_test": 5},
        "index": {"passage_tokens": 32, "overlap": 8, "k": 2},
        "generator": {"model": str(make_tiny_model(folder / "tiny")), "device": "cpu", "dtype": "float32",
                      "few_shot": 1},
        "methods": ["closed-book", "rag", "raft", "oracle"],
        "training": {"epochs": 1, "max_tokens": 2000, "seeds": [1, 2], "learning_rate": 0.01},
    }  # fmt: skip
    config = load_config(write_slice(folder / "corpus", 8, **sections))
    run_experiment(config, run_folder=folder / "out", offline=True)
    return folder / "out"


@pytest.fixture(scope="module")
def exported(run, tmp_path_factory) -> Path:
    """RAFT of the second training run, with the base model."""
    target = tmp_path_factory.mktemp("exports") / "raft"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAB_TEST_SECRET", SECRET)
        export_method(run, target, Wanted("raft", seed=2, with_base=True))
    return target


def answers_of(run: Path, method: str, seed: int) -> list[dict]:
    rows = [json.loads(line) for line in (run / "answers.jsonl").read_text().split("\n") if line]
    return [row for row in rows if (row["method"], row["seed"]) == (method, seed)]


def blocks(card: Path) -> list[str]:
    """The Python of a model card."""
    return re.findall(r"^```python\n(.*?)^```$", card.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def executed(folder: Path, monkeypatch: pytest.MonkeyPatch, *numbers: int) -> dict:
    """The names that some of a card's blocks define, run one after another where the card lies."""
    monkeypatch.chdir(folder)
    names: dict = {}
    for number in numbers:
        exec(compile(blocks(folder / "README.md")[number], f"block {number}", "exec"), names)
    return names


def test_the_card_s_own_lines_answer_as_the_run_did(run, exported, monkeypatch):
    names = executed(exported, monkeypatch, 0)
    rows = answers_of(run, "raft", 2)
    assert len(rows) == 5
    assert [names["answer"](row["question"], row["hits"]) for row in rows] == [row["answer"] for row in rows]
    assert rows != answers_of(run, "raft", 1)
    assert any(row["answer"] for row in rows)


def test_base_and_adapter_answer_as_the_run_did(run, exported, monkeypatch):
    names = executed(exported, monkeypatch, 0, 1)
    assert type(names["model"]).__name__ == "PeftModelForCausalLM"
    for row in answers_of(run, "raft", 2):
        assert names["answer"](row["question"], row["hits"]) == row["answer"]


def test_the_prompt_of_the_folder_is_the_run_s_word_for_word(run, exported, monkeypatch):
    names = executed(exported, monkeypatch, 0)
    row = answers_of(run, "raft", 1)[0]
    shown = names["tokenizer"].apply_chat_template(
        names["messages"](row["question"], row["hits"]), tokenize=False, add_generation_prompt=True
    )
    assert shown == json.loads((run / "results.json").read_text())["methods"]["raft"]["prompt"]


def test_the_index_of_the_folder_finds_what_the_run_found(run, exported, monkeypatch):
    names = executed(exported, monkeypatch, 0, 2)
    assert names["index"].ntotal == len(names["passages"])
    for row in answers_of(run, "raft", 2):
        found = names["search"](row["question"])
        assert [one["id"] for one in found] == [hit["passage"] for hit in row["hits"]]
        assert names["ask"](row["question"]) == row["answer"]


def test_nothing_of_this_machine_and_no_pickle_is_in_the_folder(run, exported):
    hidden = [SECRET, str(run.parent), str(Path.home()), os.environ.get("PATH", "/usr/bin"), "causal_blocks", "/tmp/"]
    for path in exported.rglob("*"):
        if path.is_file():
            assert path.suffix in KNOWN_FILES, path
            content = path.read_bytes()
            assert not [word for word in hidden if word.encode() in content], path
    assert not list(exported.parent.glob(".*"))


def test_the_manifest_knows_every_file(exported):
    from lab.files import file_sha256

    tree = json.loads((exported / "export.json").read_text())
    files = {path.relative_to(exported).as_posix() for path in exported.rglob("*") if path.is_file()}
    assert set(tree["files"]) == files - {"export.json"}
    assert all(file_sha256(exported / name) == digest for name, digest in tree["files"].items())
    assert (tree["method"], tree["seed"], tree["dtype"], tree["base_model"]["name"]) == ("raft", 2, "float32", "tiny")


def test_the_card_is_read_by_the_hub_s_own_reader_and_has_the_measured_numbers(run, exported):
    from huggingface_hub import ModelCard

    card = ModelCard.load(exported / "README.md")
    result = json.loads((run / "results.json").read_text())
    metrics = result["methods"]["raft"]["metrics"]
    found = {one.metric_type: one.metric_value for one in card.data.eval_results}
    assert found == {name: one["mean"] for name, one in metrics.items() if one["mean"] is not None}
    assert {one.dataset_name for one in card.data.eval_results} == {"slice"}
    assert card.data.license is None  # nobody knows that of a local folder
    assert card.data.base_model is None
    text = card.text
    assert "5 held-out questions" in text
    assert "means over 2 training runs. These weights are of one of them, seed 2" in text
    assert "<b>" not in text.split("```")[0]
    low, high = metrics["token_f1"]["low"], metrics["token_f1"]["high"]
    assert low is None or f"{low:.2f}"[:3] in text
    assert high is None or f"{high:.2f}"[:3] in text


def test_a_base_method_has_prompt_and_index_and_names_its_model(run, tmp_path, monkeypatch):
    found = export_method(run, tmp_path / "rag", Wanted("rag"))
    assert not found.has_weights
    names = {path.relative_to(tmp_path / "rag").as_posix() for path in (tmp_path / "rag").rglob("*") if path.is_file()}
    assert names == {
        "README.md", "prompt.json", "export.json", "index/passages.jsonl", "index/index.faiss", "index/index.json",
    }  # fmt: skip
    card = (tmp_path / "rag" / "README.md").read_text()
    assert "no weights" in card
    assert "tiny" in card
    prompt = json.loads((tmp_path / "rag" / "prompt.json").read_text())
    assert [one["role"] for one in prompt["messages"]] == ["system", "user", "assistant"]


@pytest.mark.parametrize("method", ["rag", "closed-book"])
def test_a_base_method_with_its_base_answers_as_the_run_did(run, tmp_path, monkeypatch, method):
    export_method(run, tmp_path / "out", Wanted(method, with_base=True))
    names = executed(tmp_path / "out", monkeypatch, 0)
    assert (tmp_path / "out" / "index").exists() == (method == "rag")
    for row in answers_of(run, method, 1):
        assert names["answer"](row["question"], row["hits"]) == row["answer"]


def test_a_taken_folder_is_refused_and_an_export_replaced_by_force(run, tmp_path):
    target = tmp_path / "rag"
    target.mkdir()
    export_method(run, target, Wanted("rag"))  # an empty folder is no loss
    with pytest.raises(ConfigError, match="not empty"):
        export_method(run, target, Wanted("rag"))
    (target / "mine.txt").write_text("kept")
    with pytest.raises(ConfigError, match=r"does not list mine\.txt"):
        export_method(run, target, Wanted("closed-book", force=True))
    (target / "mine.txt").unlink()
    export_method(run, target, Wanted("closed-book", force=True))
    assert not (target / "index").exists()
    other = tmp_path / "thesis"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")
    with pytest.raises(ConfigError, match="earlier exports only"):
        export_method(run, other, Wanted("rag", force=True))
    assert (other / "thesis.txt").read_text() == "years of work"
    with pytest.raises(ConfigError, match="the run itself lies there"):
        export_method(run, run.parent, Wanted("rag", force=True))
    with pytest.raises(ConfigError, match=r"\.work is the run's own"):
        export_method(run, run / ".work" / "new", Wanted("rag"))


def test_what_fails_leaves_nothing_and_keeps_what_was_there(run, tmp_path, monkeypatch):
    target = tmp_path / "rag"
    export_method(run, target, Wanted("rag"))
    before = (target / "export.json").read_bytes()

    def fail(facts):
        raise OSError("the disk is full")

    monkeypatch.setattr("lab.export.method.card_text", fail)
    with pytest.raises(OSError, match="full"):
        export_method(run, target, Wanted("rag", force=True))
    with pytest.raises(OSError, match="full"):
        export_method(run, tmp_path / "new", Wanted("rag"))
    assert (target / "export.json").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["rag"]


def test_wrong_wishes_are_told(run, tmp_path, capsys):
    with pytest.raises(ConfigError, match="did you mean raft"):
        export_method(run, tmp_path / "x", Wanted("raff"))
    with pytest.raises(ConfigError, match="gold passages"):
        export_method(run, tmp_path / "x", Wanted("oracle"))
    with pytest.raises(ConfigError, match="it was trained with 1, 2"):
        export_method(run, tmp_path / "x", Wanted("raft", seed=3))
    with pytest.raises(ConfigError, match="it was not tuned"):
        export_method(run, tmp_path / "x", Wanted("rag", seed=1))
    assert main(["export", str(run), "--method", "rag", "--to", str(tmp_path / "rag")]) == 0
    shown = capsys.readouterr().out
    assert "README.md" in shown
    assert "--with-base would add" in shown
    assert not (tmp_path / "x").exists()


def test_a_run_without_its_working_files_is_refused(run, tmp_path):
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "results.json").write_bytes((run / "results.json").read_bytes())
    with pytest.raises(DataError, match=r"\.work"):
        export_method(bare, tmp_path / "x", Wanted("rag"))


def test_without_vectors_there_is_no_index_file_and_the_card_says_how_passages_are_searched(run, tmp_path, monkeypatch):
    recipe = read_recipe(run)
    settings = recipe.index.settings.model_copy(update={"retrieval": "bm25"})
    changed = dataclasses.replace(recipe, index=dataclasses.replace(recipe.index, settings=settings))
    monkeypatch.setattr("lab.export.method.read_recipe", lambda folder: changed)
    export_method(run, tmp_path / "rag", Wanted("rag"))
    assert sorted(path.name for path in (tmp_path / "rag" / "index").iterdir()) == ["index.json", "passages.jsonl"]
    assert json.loads((tmp_path / "rag" / "index" / "index.json").read_text())["encoder"] is None
    card = (tmp_path / "rag" / "README.md").read_text()
    assert "`index/` holds passages, searched by BM25:" in card
    assert "minilm" not in card
    assert "faiss.read_index" not in card

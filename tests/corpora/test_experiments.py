"""Every experiment file of the repository loads, and says what it needs."""

from pathlib import Path

import pytest

from lab.config import load_config

CORPORA = Path(__file__).parents[2] / "corpora"
FOLDERS = sorted(folder for folder in CORPORA.iterdir() if folder.is_dir() and folder.name[0] not in "._")
FILES = sorted(CORPORA.rglob("experiment.yaml"))
PAPER = sorted(CORPORA.glob("*/raft*.yaml"))
MINILM_READS = 252  # tokens of text: 256 less special tokens and the line break after a title


def test_there_are_experiments() -> None:
    assert {"velloway", "squad", "pubmedqa", "hotpotqa", "covidqa"} <= {folder.name for folder in FOLDERS}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_an_experiment_loads_under_its_folders_name(file: Path) -> None:
    config = load_config(file)
    assert config.name == file.parent.name
    assert config.domain != config.name
    if config.index.encoder == "minilm":
        assert config.index.passage_tokens <= MINILM_READS


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_an_experiment_has_its_data_or_says_that_the_path_is_wanted(file: Path) -> None:
    config = load_config(file)
    if config.corpus.format != "hub" and not Path(config.corpus.path).exists():
        text = file.read_text(encoding="utf-8")
        assert text.startswith("# ")
        assert "does not ship" in text.splitlines()[0]
        assert "--set corpus.path=" in text


@pytest.mark.parametrize("file", PAPER, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_an_experiment_of_rafts_tables_stands_beside_the_papers_figures(file: Path) -> None:
    config = load_config(file)
    assert config.name == f"{file.parent.name}-{file.stem}"
    assert config.published.metric == config.metrics.primary
    assert set(config.published.values) >= set(config.methods)
    assert (config.index.k, config.raft.p, config.raft.distractors) == (5, 0.8, "auto")
    assert config.raft.reasoning == ("given" if "reasoning" in file.stem else "none")


def test_rafts_tables_are_complete() -> None:
    assert len(PAPER) == 8
    plain = load_config(CORPORA / "torchhub" / "raft.yaml").published
    reasoned = load_config(CORPORA / "torchhub" / "raft-reasoning.yaml").published
    assert plain.values["raft"] == reasoned.others["RAFT without reasoning"] == 0.8656
    assert reasoned.values["raft"] == plain.others["RAFT with reasoning"] == 0.8495

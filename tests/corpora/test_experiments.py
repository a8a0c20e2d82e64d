"""Every experiment file of the repository loads, and says what it needs."""

from pathlib import Path

import pytest

from lab.config import load_config

CORPORA = Path(__file__).parents[2] / "corpora"
FOLDERS = sorted(folder for folder in CORPORA.iterdir() if folder.is_dir() and folder.name[0] not in "._")
FILES = sorted(CORPORA.rglob("experiment.yaml"))
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

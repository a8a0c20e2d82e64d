"""The whole way against a real server: `transformers serve` with the run's own generator as 'another model'.

The same model, prompts and greedy decoding in the same number format: its answers are those of closed-book and rag, but
where rounding turns a near tie.
"""

import json
from collections.abc import Iterator

import pytest
from served_model import serving
from small_world import write_slice
from tiny_run import answers_of

pytestmark = pytest.mark.models

LIMIT = 16  # tokens of the run's own answers
SECTIONS = {
    "holdout": {"track": "wording", "limit_train": 8, "limit_dev": 2, "limit_test": 4},
    "index": {"passage_tokens": 48, "overlap": 8, "k": 2},
    "methods": ["closed-book", "rag"],
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    with serving(tmp_path_factory.mktemp("server"), "--dtype", "float32") as found:
        yield found


@pytest.fixture(scope="module")
def run(tmp_path_factory, server):
    import torch

    from lab.config import load_config
    from lab.experiment import run_experiment

    torch.set_num_threads(1)
    url, model = server
    folder = tmp_path_factory.mktemp("real")
    generator = {
        "few_shot": 1, "max_new_tokens": LIMIT, "dtype": "float32", "device": "cpu",
        "endpoint": {"url": url, "model": model, "max_tokens": LIMIT, "parallel": 2},
    }  # fmt: skip
    config = load_config(write_slice(folder / "corpus", 12, generator=generator, **SECTIONS))
    run_experiment(config, run_folder=folder / "run", offline=True)
    return folder / "run"


def test_the_same_model_behind_a_url_gives_the_same_answers(run):
    said = {(row["method"], row["question_id"]): row for row in answers_of(run)}
    asked = sorted({question for _, question in said})
    pairs = [
        (said[own, question], said[served, question])
        for own, served in (("closed-book", "endpoint"), ("rag", "endpoint+rag"))
        for question in asked
    ]
    assert len(pairs) == 8
    same = [own["answer"] == served["answer"] for own, served in pairs]
    assert sum(same) >= 6, [(own["raw"], served["raw"]) for own, served in pairs]
    assert any(own["answer"] for own, _ in pairs)
    for own, served in pairs:
        assert [hit["passage"] for hit in own["hits"]] == [hit["passage"] for hit in served["hits"]]
        assert served["tokens"]["in"] == own["tokens"]["in"], "the same prompt, laid out by the same template"
        assert 0 < served["tokens"]["out"] <= LIMIT and served["seconds"] > 0.0
        assert served["truncated"] == own["truncated"] or own["raw"] != served["raw"]


def test_the_model_is_named_without_the_folders_of_this_machine(run, server):
    result = json.loads((run / "results.json").read_text())
    engine = result["methods"]["endpoint"]["engine"]
    name = server[1].rpartition("/")[2]
    assert (engine["model"], engine["server"]) == (name, "this machine")
    assert server[1] not in (run / "results.json").read_text() + (run / "report.md").read_text()
    assert server[1] not in (run / "experiment.resolved.yaml").read_text()


def test_a_model_that_the_server_does_not_have_is_told_before_anything_runs(run, server, tmp_path, capsys):
    from lab.cli import main

    code = main(
        ["run", str(run.parent / "corpus"), "--out", str(tmp_path / "out"), "--set", "generator.endpoint.model=another"]
    )
    assert code == 2 and "another" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()

"""A run over labels: methods without a language model stand beside the others in everything that a run leaves."""

import json
import math
import re
import shutil

import numpy as np
import pytest

pytest.importorskip("torch")

from label_world import METHODS, TEAMS, make_label_run, tiny_generator, write_messages
from small_world import comparable
from tiny_run import answers_of

from lab.cli import main
from lab.config import load_config
from lab.run_folder import StepEvent

pytestmark = pytest.mark.models

ENCODED = ("knn-vote", "linear-head")


@pytest.fixture(scope="module")
def run(tmp_path_factory, make_tiny_model):
    return make_label_run(tmp_path_factory.mktemp("labels"), make_tiny_model)


@pytest.fixture(scope="module")
def result(run):
    return json.loads((run / "results.json").read_text())


def lab(capsys, *arguments):
    capsys.readouterr()
    code = main([str(argument) for argument in arguments])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def by_method(run, method):
    return [row for row in answers_of(run) if row["method"] == method]


def test_every_method_was_asked_the_same_questions_and_scored_the_same_way(run, result):
    assert list(result["methods"]) == METHODS
    asked = {name: [row["question_id"] for row in by_method(run, name)] for name in METHODS}
    assert len({tuple(ids) for ids in asked.values()}) == 1 and len(asked["rag"]) == result["n_test"] >= 6
    metrics = {name: set(method["metrics"]) for name, method in result["methods"].items()}
    assert metrics["knn-vote"] == metrics["linear-head"] == metrics["rag"]
    pairs = {(one["method"], one["baseline"]) for one in result["comparisons"] if one["metric"] == "label_accuracy"}
    assert len(pairs) == 6
    judged = {(one["method"], one["baseline"]) for one in result["comparisons"] if one["p_holm"] is not None}
    assert judged == {("rag", "closed-book"), ("knn-vote", "rag")}


def test_the_encoder_tells_messages_apart_that_a_random_model_cannot(result):
    accuracy = {name: method["metrics"]["label_accuracy"]["mean"] for name, method in result["methods"].items()}
    assert accuracy["knn-vote"] == accuracy["linear-head"] == 1.0
    assert accuracy["closed-book"] == accuracy["rag"] == 0.0
    assert result["recommendation"]["choice"] in ENCODED
    assert result["recommendation"]["words"] == "neither"


def test_answers_of_the_encoder_are_labels_with_a_confidence_and_without_passages(run, result):
    for method in ENCODED:
        rows = by_method(run, method)
        for row in rows:
            assert row["answer"] == row["raw"] and row["answer"] in TEAMS
            assert row["hits"] == [] and row["option"] is None and row["tokens"]["out"] == 0
            assert row["tokens"]["in"] >= len(row["question"].split())
            assert 1 / 3 < math.exp(row["logprob"]) <= 1.0 and row["seconds"] > 0.0
        found = result["methods"][method]
        assert found["confidence"]["n"] == len(rows)
        assert found["prompt"] is None and found["training"] is None and found["few_shot"] == 0
        assert found["build"]["training_s"] > 0.0 and found["build_seconds"] == found["build"]["training_s"]
        assert found["build"]["index_bytes"] == found["build"]["adapter_bytes"] == 0
        assert found["latency_ms"]["n"] > 0 and found["memory_bytes"] > 0
        assert found["fit"]["value"] in [one["value"] for one in found["fit"]["tried"]]
        assert found["fit"]["n_train"] == result["corpus"]["train"]


def test_the_generator_is_not_in_the_memory_of_methods_without_one(result):
    memory = {name: method["memory_bytes"] for name, method in result["methods"].items()}
    assert max(memory[name] for name in ENCODED) <= 1.02 * min(memory["rag"], memory["closed-book"])


def test_every_answer_of_the_generator_has_its_likeliest_label(run, result):
    labels = sorted(TEAMS)
    for method in ("closed-book", "rag"):
        told = result["methods"][method]["option_scoring"]
        assert told["labels"] == labels and told["reason"] is None
        assert {row["option"] for row in by_method(run, method)} <= set(labels)
    told = result["methods"]["knn-vote"]["option_scoring"]
    assert told["labels"] == [] and "likeliest label" in told["reason"]


def test_the_likeliest_label_is_that_of_the_prompt_that_was_asked(run, result):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = run.parent / "tiny"
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    scored = [json.loads(line) for line in next(run.glob(".work/options/*/options.jsonl")).read_text().splitlines()]
    first = by_method(run, "rag")[0]
    row = next(one for one in scored if (one["method"], one["query_id"]) == ("rag", first["question_id"]))
    prompt = tokenizer(result["methods"]["rag"]["prompt"], add_special_tokens=False)["input_ids"]
    expected = []
    for label in row["labels"]:
        option = tokenizer(label, add_special_tokens=False)["input_ids"]
        with torch.inference_mode():
            likely = model(torch.tensor([prompt + option])).logits[0].log_softmax(-1)
        steps = range(len(prompt) - 1, len(prompt) + len(option) - 1)
        expected.append(np.mean([float(likely[place, token]) for place, token in zip(steps, option, strict=True)]))
    assert row["logprobs"] == pytest.approx(expected, abs=1e-4)
    assert first["option"] == row["labels"][int(np.argmax(expected))]


def test_without_option_scoring_answers_and_their_seconds_are_the_same(run, make_tiny_model, tmp_path):
    other = make_label_run(
        tmp_path, make_tiny_model, methods=["rag"],
        generator=tiny_generator(run.parent / "tiny", option_scoring=False),
    )  # fmt: skip
    assert [row["raw"] for row in by_method(other, "rag")] == [row["raw"] for row in by_method(run, "rag")]
    assert {row["option"] for row in by_method(other, "rag")} == {None}
    assert not list(other.glob(".work/options*"))
    told = json.loads((other / "results.json").read_text())["methods"]["rag"]["option_scoring"]
    assert told == {"labels": [], "rule": None, "reason": "switched off (generator.option_scoring)"}


def test_a_second_run_does_nothing_and_says_the_same(run):
    from lab.experiment import run_experiment

    before, events = comparable(run / "results.json"), list[StepEvent]()
    config = load_config(run.parent / "corpus" / "experiment.yaml")
    run_experiment(config, run_folder=run, on_step=events.append, offline=True)
    states = {event.step: event.state for event in events if event.step != "hardware"}
    assert set(states.values()) == {"reused"}, states
    assert {"embed-questions", "fit-knn-vote", "fit-linear-head", "answer-knn-vote", "options"} <= set(states)
    assert comparable(run / "results.json") == before


@pytest.mark.parametrize("method", ENCODED)
def test_a_new_question_gets_the_label_of_the_run(run, method, capsys):
    row = by_method(run, method)[0]
    code, out, err = lab(capsys, "ask", run, row["question"], "--method", method, "--json")
    assert (code, err) == (0, "")
    (reply,) = json.loads(out)["replies"]
    assert (reply["answer"], reply["raw"], reply["passages"]) == (row["answer"], row["raw"], [])
    assert reply["logprob"] == pytest.approx(row["logprob"], abs=0.02)  # bf16, another batch
    assert reply["tokens_in"] == row["tokens"]["in"]


def test_asking_shows_the_label_and_takes_the_recommended_method(run, result, capsys):
    code, out, err = lab(capsys, "ask", run, "A refund of my ticket, please: charged twice")
    assert (code, err) == (0, "")
    assert "billing" in out and "asked without passages" in out
    code, out, _ = lab(capsys, "ask", run, "I lost my blue bag", "--all")
    assert code == 0 and "kNN vote" in out and "Linear head" in out and "RAG" in out


def test_one_file_of_the_fit_that_changed_is_told(run, tmp_path, capsys):
    copy = shutil.copytree(run, tmp_path / "run")
    path = next(copy.glob(".work/fit-linear-head/*/coefficients.npy"))
    np.save(path, np.zeros((3, 384)))
    code, _, err = lab(capsys, "ask", copy, "When does it leave?", "--method", "linear-head")
    assert code == 2 and "coefficients.npy: not the file that the run made" in err


@pytest.mark.parametrize("method", ENCODED)
def test_what_has_no_language_model_is_not_exported(run, method, tmp_path, capsys):
    code, _, err = lab(capsys, "export", run, "--method", method, "--to", tmp_path / "out")
    assert code == 2 and re.search(
        rf"--method {method}: it has no language model .*choose one of closed-book, rag", err
    )
    assert not (tmp_path / "out").exists()


def test_the_other_commands_read_the_run(run, result, tmp_path, capsys):
    code, out, err = lab(capsys, "decide", run, "--set", "needs.citations_required=true")
    assert (code, err) == (0, "") and "rag" in out.lower()
    code, out, _ = lab(
        capsys, "gate", run, "--require", "knn-vote.label_accuracy >= 0.9", "--require", "linear-head - rag > 0"
    )
    assert code == 0, out
    code, out, _ = lab(capsys, "gate", run, "--require", "rag.label_accuracy >= 0.5")
    assert code == 1, out
    code, out, err = lab(capsys, "report", run)
    assert (code, err) == (0, "")
    page, text = (run / "report.html").read_text(), (run / "report.md").read_text()
    for shown in (page, text):
        assert "kNN vote" in shown and "Linear head" in shown
    assert "the encoder and the training questions, no passages" in text
    assert "adapter neighbours" not in page and "training run per adapter" not in page
    assert "All answers but those of kNN vote and Linear head come from" in text


def test_two_runs_with_such_methods_are_compared(run, make_tiny_model, tmp_path, capsys):
    other = make_label_run(tmp_path, make_tiny_model, methods=["knn-vote", "closed-book"])
    code, out, err = lab(capsys, "compare", run, other, "--out", tmp_path / "both")
    assert code == 0, err
    assert "knn-vote" in out.lower() or "kNN vote" in out


def test_a_corpus_without_labels_is_refused_before_anything_runs(make_tiny_model, tmp_path, capsys):
    model = make_tiny_model(tmp_path / "tiny")
    path = write_messages(tmp_path / "corpus", kind="span", generator=tiny_generator(model), metrics={})
    code, _, err = lab(capsys, "run", path, "--out", tmp_path / "run")
    assert code == 2 and "methods: knn-vote and linear-head answer with a label" in err and "of kind span" in err
    assert not (tmp_path / "run").exists()
    code, _, err = lab(capsys, "check", path)
    assert code == 2 and "take knn-vote and linear-head out of methods" in err
    code, _, err = lab(capsys, "check", path, "--set", "methods=[rag]", "--set", "generator.option_scoring=true")
    assert code == 2 and "generator.option_scoring: expected auto or false, got true" in err


def test_check_counts_what_scoring_the_labels_costs(make_tiny_model, tmp_path, capsys):
    from lab.checkup import check_up

    model = make_tiny_model(tmp_path / "tiny")
    path = write_messages(tmp_path / "corpus", generator=tiny_generator(model))
    found = check_up(load_config(path), offline=True)
    asked = len(found.data.holdout.test)
    assert set(found.prompt_tokens) == {"closed-book", "rag"}
    means = [found.prompt_tokens[name].mean for name in ("closed-book", "rag")]
    assert found.work.option_tokens == pytest.approx(asked * sum(means), abs=1)
    assert (found.work.option_steps, found.work.option_rows) == (2 * 3, 2 * asked * 3), "one batch, three labels"
    off = check_up(load_config(path, ["generator.option_scoring=false"]), offline=True)
    assert (off.work.option_tokens, off.work.option_steps, off.work.option_rows) == (0, 0, 0)
    less = check_up(load_config(path, ["methods=[closed-book, rag]"]), offline=True)
    assert less.work.embed_tokens < found.work.embed_tokens
    assert less.work.prefill_tokens == found.work.prefill_tokens
    code, out, _ = lab(capsys, "check", path)
    assert code == 0 and "score options" in out

"""Runs that cannot be compared: one message with every reason, both values and what to do."""

import json

import pytest
from made_runs import ENVIRONMENT, LIBRARIES, make_run, rewrite

from lab.compare.together import compare_runs
from lab.errors import DataError

SCORES = {"rag": [0.1, 0.4, 0.3, 0.8]}
METRICS = {"primary": "token_f1", "margin": 0.05, "nli": "none"}
FOREIGN = {"generator": None, "device": None, "dtype": None}


@pytest.fixture
def a(tmp_path):
    return make_run(tmp_path / "a", SCORES)


def refusal(*folders, **how):
    with pytest.raises(DataError) as caught:
        compare_runs(folders, **how)
    assert caught.value.exit_code == 2
    return str(caught.value)


@pytest.mark.parametrize(
    ("environment", "fact"),
    [
        ({"device": "cuda"}, "device: A cpu, B cuda"),
        ({"dtype": "float32"}, "dtype: A bfloat16, B float32"),
        ({"engine": "vllm"}, "engine: A transformers, B vllm"),
        ({"libraries": LIBRARIES | {"transformers": "4.57.1"}}, "major version of transformers: A 5, B 4"),
        ({"libraries": LIBRARIES | {"torch": "3.0"}}, "major version of torch: A 2, B 3"),
        (FOREIGN, "engine: A transformers, B not known"),
    ],
)
def test_another_engine_is_refused_and_can_be_forced(tmp_path, a, environment, fact):
    b = make_run(tmp_path / "b", SCORES, environment=environment)
    said = refusal(a, b)
    assert fact in said
    assert "--force" in said
    forced = compare_runs([a, b], force=True)
    assert [one.fact for one in forced.obstacles] == [fact]


def test_two_files_of_answers_do_not_tell_their_engine(tmp_path):
    runs = [make_run(tmp_path / name, SCORES, environment=FOREIGN) for name in ("a", "b")]
    assert "engine: A not known, B not known" in refusal(*runs)


@pytest.mark.parametrize(
    "environment",
    [
        {"cpu": "Another CPU", "cores": 64},
        {"libraries": LIBRARIES | {"transformers": "5.24.0", "torch": "2.13.1"}},
        {"generator": "another-model"},
        {"date": "2027-01-01"},
    ],
)
def test_what_is_only_listed_is_not_refused(tmp_path, a, environment):
    found = compare_runs([a, make_run(tmp_path / "b", SCORES, environment=environment)])
    assert found.obstacles == ()
    keys = {change.key for change in found.changes.environment}
    flat = {f"libraries.{key}" for key in environment.get("libraries", {})} | set(environment)
    assert keys <= flat
    assert bool(keys) == ("date" not in environment)


def test_another_test_set_is_refused(tmp_path, a):
    b = make_run(tmp_path / "b", SCORES, ids=["q0", "q1", "x2", "x3"])
    assert "test set: A 2 of 4 matched, B 2 of 4 matched" in refusal(a, b)
    assert compare_runs([a, b], force=True).n == 2


def test_without_a_shared_question_force_does_not_help(tmp_path, a):
    b = make_run(tmp_path / "b", SCORES, ids=["x0", "x1", "x2", "x3"])
    assert "test set: A 0 of 4 matched" in refusal(a, b)
    assert "--force" not in refusal(a, b, force=True)


def test_another_primary_metric_is_refused_and_forced_to_that_of_the_first(tmp_path, a):
    b = make_run(tmp_path / "b", SCORES)
    tree = json.loads((b / "results.json").read_text())
    tree["config"]["metrics"]["primary"] = "exact_match"
    for method in tree["methods"].values():
        method["metrics"]["exact_match"] = {"mean": 0.0, "low": None, "high": None, "n": 4, "undefined": 0}
    rewrite(b, **tree)
    assert "primary metric: A token_f1, B exact_match" in refusal(a, b)
    assert compare_runs([a, b], force=True).metric == "token_f1"


def test_another_version_of_the_metrics_library_defines_another_metric(tmp_path):
    config = {"metrics": METRICS | {"primary": "chrf"}}
    a = make_run(tmp_path / "a", SCORES, config=config)
    b = make_run(tmp_path / "b", SCORES, config=config, environment={"libraries": LIBRARIES | {"sacrebleu": "3.0.0"}})
    assert "definition of chrf: A sacrebleu 2.6.0, B sacrebleu 3.0.0" in refusal(a, b)


def test_other_margins_need_one_even_with_force(tmp_path, a):
    b = make_run(tmp_path / "b", SCORES, config={"metrics": METRICS | {"margin": 0.1}})
    for force in (False, True):
        said = refusal(a, b, force=force)
        assert "margin: A 0.05, B 0.1" in said
        assert "--margin" in said
    assert compare_runs([a, b], margin=0.02).margin == 0.02


def test_all_reasons_are_named_at_once(tmp_path, a):
    b = make_run(
        tmp_path / "b", SCORES, ids=["q0", "q1", "q2", "x"], environment={"device": "cuda", "dtype": "float32"},
        config={"metrics": METRICS | {"margin": 0.1}},
    )  # fmt: skip
    said = refusal(a, b)
    for fact in (
        "device: A cpu, B cuda",
        "dtype: A bfloat16, B float32",
        "test set: A 3 of 4",
        "margin: A 0.05, B 0.1",
    ):
        assert fact in said
    assert "margin" in refusal(a, b, force=True)
    assert "device" not in refusal(a, b, force=True)


def test_the_same_run_twice(tmp_path, a):
    (tmp_path / "link").symlink_to(a)
    assert "the same run as" in refusal(a, a)
    assert "the same run as" in refusal(a, tmp_path / "link")


def test_a_run_alone_and_too_many(tmp_path, a):
    assert "expected 2 to 8 runs" in refusal(a)
    assert "got 9" in refusal(*[tmp_path / str(place) for place in range(9)])


def test_no_run(tmp_path, a):
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    assert "found nothing" in refusal(a, tmp_path / "missing")
    assert "found a file" in refusal(a, tmp_path / "file")
    assert "has the run ended?" in refusal(a, tmp_path / "empty")


@pytest.mark.parametrize("name", ["results.json", "scores.jsonl", "questions.jsonl", "answers.jsonl"])
@pytest.mark.parametrize("damage", ["missing", "cut", "binary"])
def test_damaged_files_end_in_one_message(tmp_path, a, name, damage):
    b = make_run(tmp_path / "b", SCORES)
    file = b / name
    if damage == "missing":
        file.unlink()
    elif damage == "cut":
        file.write_bytes(file.read_bytes()[:-20])
    else:
        file.write_bytes(b"\xff\xfe\x00\x00")
    assert str(b) in refusal(a, b)


def test_scores_that_end_at_a_line_are_missed_all_the_same(tmp_path, a):
    b = make_run(tmp_path / "b", SCORES)
    file = b / "scores.jsonl"
    kept = [line for line in file.read_text().splitlines() if "q3" not in line]
    file.write_text("\n".join(kept) + "\n")
    assert "expected 4 values of token_f1" in refusal(a, b)


def test_scores_of_another_result_are_found_by_their_mean(tmp_path, a):
    b = make_run(tmp_path / "b", SCORES)
    make_run(tmp_path / "c", {"rag": [0.1, 0.4, 0.3, 0.9]})
    (b / "scores.jsonl").write_text((tmp_path / "c" / "scores.jsonl").read_text())
    assert "do not fit each other" in refusal(a, b)


def test_a_result_of_another_schema(tmp_path, a):
    b = make_run(tmp_path / "b", SCORES)
    rewrite(b, schema_version=2)
    assert "newer version of the lab" in refusal(a, b, force=True)


def test_the_environment_of_the_fixture_is_one_that_the_lab_wrote():
    assert {"device", "dtype", "generator", "libraries"} <= set(ENVIRONMENT)

"""A new question is answered exactly as the run answered its own, and nothing but the run's own files is loaded."""

import json
import shutil

import pytest

pytest.importorskip("torch")

from tiny_run import answers_of

from lab.ask.choice import default_method, example_questions, read_run
from lab.ask.desk import Desk, Listener
from lab.cli import main
from lab.errors import ConfigError, DataError, ModelError
from lab.recipe import read_recipe

pytestmark = pytest.mark.models

METHODS = ("closed-book", "rag", "fine-tuned+rag", "raft")


@pytest.fixture(scope="module")
def desk(finished):
    return Desk(read_recipe(finished))


@pytest.mark.parametrize("method", METHODS)
def test_a_test_question_is_answered_as_in_the_run(desk, finished, method):
    rows = [row for row in answers_of(finished) if row["method"] == method and row["seed"] == 1]
    assert len(rows) == 4
    for row in rows:
        parts, raws = [], []
        reply = desk.answer(row["question"], method, Listener(on_answer=parts.append, on_raw=raws.append))
        assert (reply.answer, reply.raw, reply.truncated) == (row["answer"], row["raw"], row["truncated"])
        assert "".join(parts) == row["answer"] and "".join(raws) == row["raw"]
        assert [passage.id for passage in reply.passages] == [hit["passage"] for hit in row["hits"]]
        assert [passage.score for passage in reply.passages] == pytest.approx([hit["score"] for hit in row["hits"]])
        assert (reply.tokens_in, reply.tokens_out) == (row["tokens"]["in"], row["tokens"]["out"])
        assert reply.logprob == pytest.approx(row["logprob"], abs=1e-4)


def test_the_methods_answer_otherwise_so_that_equality_says_something(finished):
    rows = [row for row in answers_of(finished) if row["seed"] == 1]
    by_question = {}
    for row in rows:
        by_question.setdefault(row["question_id"], {})[row["method"]] = row["raw"]
    assert any(found["rag"] != found["closed-book"] for found in by_question.values())
    assert any(found["raft"] != found["fine-tuned+rag"] for found in by_question.values())
    assert any(found["raft"] != found["rag"] for found in by_question.values())


def test_the_first_seed_answers_and_the_others_stand_in_the_recipe(desk):
    raft = desk.recipe.methods["raft"]
    assert [one.seed for one in raft.adapters] == [1, 2]
    assert raft.adapter == raft.adapters[0].adapter != raft.adapters[1].adapter


def test_without_room_for_copies_one_copy_changes_its_weights(finished, monkeypatch):
    monkeypatch.setattr("lab.ask.desk.free_bytes", lambda device: 0)
    desk = Desk(read_recipe(finished))
    rows = {(row["method"], row["question"]): row["raw"] for row in answers_of(finished) if row["seed"] == 1}
    question = answers_of(finished)[0]["question"]
    for method in ("rag", "raft", "fine-tuned+rag", "closed-book", "raft"):
        assert desk.answer(question, method).raw == rows[method, question]
    assert len({id(generator) for generator in desk._generators.values()}) == 1


def test_a_shorter_limit_cuts_the_same_text(desk, finished):
    row = next(row for row in answers_of(finished) if row["method"] == "rag")
    reply = desk.answer(row["question"], "rag", limit=3)
    assert reply.tokens_out == 3 and reply.truncated and row["raw"].startswith(reply.raw)


@pytest.mark.parametrize("name", ["oracle", "rga"])
def test_a_method_that_cannot_be_asked_is_named_with_those_that_can(desk, name):
    with pytest.raises(ConfigError, match=rf"{name}.*closed-book, rag, fine-tuned\+rag, raft"):
        desk.answer("why?", name)


@pytest.mark.parametrize("question", ["", "  \n"])
def test_an_empty_question_is_refused(desk, question):
    with pytest.raises(DataError, match="empty"):
        desk.answer(question, "rag")


def test_half_a_character_is_refused_and_never_reaches_the_tokenizer(desk):
    with pytest.raises(DataError, match="surrogate"):
        desk.answer("caf\udce9?", "closed-book")


def test_a_question_longer_than_the_model_holds_is_refused(desk):
    with pytest.raises(DataError, match="tokens"):
        desk.answer("why " * 2000, "rag")


def test_a_listener_that_raises_ends_the_answer_and_the_next_one_is_whole(desk, finished):
    row = next(row for row in answers_of(finished) if row["method"] == "raft" and row["seed"] == 1)

    def stop(part):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.answer(row["question"], "raft", Listener(on_raw=stop))
    assert desk.answer(row["question"], "raft").raw == row["raw"]


def test_the_default_is_what_the_run_recommends_or_says_why_not(finished, desk):
    result = read_run(desk.recipe)
    choice = default_method(desk.recipe, result)
    if result.recommendation["choice"] in METHODS:
        assert choice.method == result.recommendation["choice"] and "recommendation" in choice.why
    else:
        assert choice.method in METHODS and "recommends none" in choice.why


def test_the_examples_are_the_test_questions(finished):
    found = example_questions(finished)
    assert len(found) == 4
    assert {one.text for one in found} == {row["question"] for row in answers_of(finished)}


@pytest.fixture
def copy(finished, tmp_path):
    return shutil.copytree(finished, tmp_path / "run")


def refused(run):
    with pytest.raises(DataError) as caught:
        read_recipe(run)
    return str(caught.value)


def test_results_without_working_files_say_where_to_ask(copy):
    shutil.rmtree(copy / ".work")
    assert "copied without them" in refused(copy)
    assert "expected the folder of a finished run, found nothing" in refused(copy / "nowhere")


def test_an_older_run_is_told_that_its_steps_are_reused(copy):
    (copy / ".work" / "recipe.json").unlink()
    assert "run the experiment again (finished steps are reused)" in refused(copy)


@pytest.mark.parametrize(
    "pattern",
    [
        "train-B-seed1/*/adapter_model.safetensors",
        "train-A-seed2/*/adapter_config.json",
        "index/*/info.json",
        "passages.jsonl",
    ],
)
def test_a_file_that_was_changed_or_is_gone_is_never_loaded(copy, pattern):
    path = next((copy / ".work").glob(pattern))
    with path.open("ab") as file:
        file.write(b" ")
    assert path.name in (changed := refused(copy)) and "sha256 differs" in changed
    path.unlink()
    assert path.name in (gone := refused(copy)) and "found none" in gone


def test_a_changed_index_is_never_opened(copy):
    path = next((copy / ".work").glob("index/*/index.faiss"))
    with path.open("ab") as file:
        file.write(b" ")
    with pytest.raises(Exception, match="sha256"):
        Desk(read_recipe(copy)).answer("why?", "rag")


@pytest.mark.parametrize("change", ["{", "[]", '{"schema_version": 1}', '{"schema_version": 7}'])
def test_a_damaged_recipe_is_one_message(copy, change):
    (copy / ".work" / "recipe.json").write_text(change)
    assert "recipe.json" in refused(copy)


def test_folders_outside_the_working_files_are_refused(copy):
    path = copy / ".work" / "recipe.json"
    values = json.loads(path.read_text())
    values["index"]["folder"] = "../../elsewhere"
    path.write_text(json.dumps(values))
    assert "lies outside" in refused(copy)


def test_another_model_in_the_old_place_is_refused(copy, tmp_path):
    path = copy / ".work" / "recipe.json"
    values = json.loads(path.read_text())
    model = shutil.copytree(values["generator"]["folder"], tmp_path / "model")
    values["generator"]["folder"] = str(model)
    path.write_text(json.dumps(values))
    assert Desk(read_recipe(copy)).answer("why?", "closed-book").raw
    (model / "generation_config.json").write_text("{}")
    with pytest.raises(ModelError, match="not the model of the run"):
        Desk(read_recipe(copy)).answer("why?", "closed-book")
    shutil.rmtree(model)
    with pytest.raises(ModelError, match="found none"):
        Desk(read_recipe(copy)).answer("why?", "closed-book")


def test_the_command_answers_and_shows_what_it_read(finished, capsys):
    row = next(row for row in answers_of(finished) if row["method"] == "raft" and row["seed"] == 1)
    assert main(["ask", str(finished), row["question"], "--method", "raft"]) == 0
    out = capsys.readouterr().out
    assert row["answer"] in out.replace("\n", "")
    for hit in row["hits"]:
        assert f"[{hit['rank']}] {hit['title']}, {hit['document']}" in out
    assert f"{row['tokens']['in']} tokens read, {row['tokens']['out']} written" in out


def test_all_methods_stand_below_one_another(finished, capsys):
    assert main(["ask", str(finished), "Who confirms the gates?", "--all"]) == 0
    out = capsys.readouterr().out
    assert [line.split("  ")[0] for line in out.splitlines() if line.startswith(("Closed", "RA", "Fine"))] == [
        "Closed-book",
        "RAG",
        "Fine-tuned + RAG",
        "RAFT",
    ]
    assert out.count("Passages read by RAG, Fine-tuned + RAG, RAFT") == 1


def test_json_is_one_object(finished, capsys):
    question = answers_of(finished)[0]["question"]
    assert main(["ask", str(finished), question, "--method", "rag", "--method", "raft", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["question"] == question and [one["method"] for one in found["replies"]] == ["rag", "raft"]
    assert all(len(one["passages"]) == 2 and one["note"] for one in found["replies"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["why?", "--method", "rga"], "closed-book, rag, fine-tuned+rag, raft"),
        (["why?", "--method", "oracle"], "gold passages"),
        (["why?", "--all", "--method", "rag"], "got both"),
        (["--json"], "needs a question"),
        ([""], "empty"),
    ],
)
def test_mistakes_are_told_with_code_2(finished, capsys, arguments, told):
    assert main(["ask", str(finished), *arguments]) == 2
    shown = capsys.readouterr()
    assert told in " ".join(shown.err.split()) and "Traceback" not in shown.err

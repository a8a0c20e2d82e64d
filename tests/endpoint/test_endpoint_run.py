"""A run whose endpoint follows a script: what it is asked, what is kept, and that it stands beside the comparison."""

import json
import re
import shutil

import pytest

pytest.importorskip("torch")

from label_world import TEAMS, make_label_run, tiny_generator, write_messages
from scripted_server import ScriptedServer, refused, said
from small_world import comparable
from tiny_run import answers_of

from lab.cli import main
from lab.config import load_config
from lab.endpoint_config import ENDPOINT_KEY
from lab.experiment import run_experiment

pytestmark = pytest.mark.models

BOTH = ["endpoint", "endpoint+rag"]
METHODS = ["closed-book", "rag", "knn-vote"]
SECRET = "sk-never-written"
TOLD = {"charged": "billing", "bag": "lost property", "o'clock": "timetable"}


def script(messages):
    """Without passages always the same team, after a thought; with them the right one, cut off in a second line."""
    question = messages[-1]["content"]
    if "<DOCUMENT>" not in question:
        return said("<think>Perhaps the timetable?</think>billing", "stop", (50, 9))
    team = next(team for word, team in TOLD.items() if word in question)
    return said(f"{team}\nas half of \ud83d says, ", "length", (90, 20))


def generator(model, url, **changes):
    endpoint = {"url": url, "model": "/models/big-7b", "million_tokens_in": 2.0, "million_tokens_out": 10.0}
    return tiny_generator(model, few_shot=1, endpoint={**endpoint, **changes})


@pytest.fixture(scope="module")
def world(tmp_path_factory, make_tiny_model):
    """The run folder, its server after the run, and all events."""
    folder = tmp_path_factory.mktemp("endpoint")
    model, events = make_tiny_model(folder / "tiny", max_position_embeddings=4096), []
    with pytest.MonkeyPatch.context() as patch, ScriptedServer(script) as server:
        patch.setenv(ENDPOINT_KEY, SECRET)
        path = write_messages(folder / "corpus", methods=METHODS, generator=generator(model, server.url))
        run_experiment(load_config(path), run_folder=folder / "run", on_step=events.append, offline=True)
        yield folder / "run", server, events


@pytest.fixture(scope="module")
def result(world):
    return json.loads((world[0] / "results.json").read_text())


def rows(run, method):
    return [row for row in answers_of(run) if row["method"] == method]


def lab(capsys, *arguments):
    capsys.readouterr()
    code = main([str(argument) for argument in arguments])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_the_endpoint_is_tried_before_all_else_and_people_are_told(world, result):
    _, server, events = world
    told = [event for event in events if event.step == "endpoint"]
    assert [event.state for event in told] == ["running", "done"]
    first_other = next(event for event in events if event.step not in ("hardware", "endpoint"))
    assert events.index(told[-1]) < events.index(first_other)
    asked = 2 * result["n_test"]
    assert f"go to big-7b on this machine: up to {asked} requests" in told[0].note
    assert (server.greeted, len(server.asked)) == (1, asked)
    assert {header["authorization"] for header in server.headers} == {f"Bearer {SECRET}"}
    assert {body["max_tokens"] for body in server.requests} == {256}


def test_the_prompts_are_those_of_the_untuned_methods(world, result):
    """The chat messages, laid out by the tiny model's template, are the text that its own method reads."""
    run, server, _ = world
    rendered = {
        "".join(f"<|start|>{one['role'][0]}\n{one['content']}<|end|>" for one in messages) + "<|start|>a\n"
        for messages in server.asked
    }
    for own in ("closed-book", "rag"):
        assert result["methods"][own]["prompt"] in rendered
    assert all(len(messages) == 4 for messages in server.asked), "one worked example"
    shown = result["methods"]["endpoint+rag"]
    assert (
        shown["few_shot"] == 1 and shown["prompt"].startswith("system: You answer") and "<DOCUMENT>" in shown["prompt"]
    )
    hits = [[[hit["passage"] for hit in row["hits"]] for row in rows(run, name)] for name in ("rag", "endpoint+rag")]
    assert hits[0] == hits[1] and all(len(found) == 2 for found in hits[0])


def test_replies_become_answers_by_the_same_parser(world):
    run, _, _ = world
    for row in rows(run, "endpoint"):
        assert (row["answer"], row["raw"]) == ("billing", "billing"), "the thought names another team"
        assert row["tokens"] == {"in": 50, "out": 9} and not row["truncated"]
        assert row["logprob"] is None and row["option"] is None and row["seconds"] > 0.0
    for row in rows(run, "endpoint+rag"):
        assert row["answer"] == row["gold"][0] and row["raw"].endswith("half of \ufffd says, ")
        assert row["tokens"] == {"in": 90, "out": 20} and row["truncated"]


def test_what_the_result_says_of_them(world, result):
    told = {"name": "endpoint", "model": "big-7b", "server": "this machine", "note": "other model, other engine"}
    n = result["n_test"]
    for name, finishes in (("endpoint", {"stop": n}), ("endpoint+rag", {"length": n})):
        method = result["methods"][name]
        assert method["engine"] == {**told, "finishes": finishes}
        assert set(method["metrics"]) == set(result["methods"]["rag"]["metrics"])
        latency = method["latency_ms"]
        assert latency["of"] == "requests" and latency["n"] == n and 0.0 < latency["p50"] <= latency["p95"]
        assert method["memory_bytes"] is None and method["training"] is None
        assert "no likelihood" in method["option_scoring"]["reason"]
    assert result["methods"]["endpoint+rag"]["metrics"]["label_accuracy"]["mean"] == 1.0
    golds = [row["gold"][0] for row in rows(world[0], "endpoint")]
    share = golds.count("billing") / n
    for metric in ("label_accuracy", "contains"):
        assert result["methods"]["endpoint"]["metrics"][metric]["mean"] == pytest.approx(share)
    assert result["methods"]["rag"]["engine"] == {"name": "generator"}
    assert result["environment"]["endpoint"] == {"model": "big-7b", "server": "this machine"}
    assert result["config"]["generator"]["endpoint"]["model"] == "big-7b"


def test_the_difference_to_the_choice_and_the_price_stand_apart(world, result):
    found = result["analysis"]["endpoint"]
    assert result["recommendation"]["choice"] == found["baseline"] == "knn-vote"
    share = result["methods"]["endpoint"]["metrics"]["label_accuracy"]["mean"]
    assert found["methods"]["endpoint"]["difference"]["mean"] == pytest.approx(share - 1.0)
    assert found["methods"]["endpoint+rag"]["difference"]["mean"] == 0.0
    assert set(found["methods"]["endpoint"]["difference"]) == {"mean", "low", "high", "n", "undefined", "reason"}
    # 50 tokens at 2 and 9 at 10 a million; 90 and 20
    assert found["methods"]["endpoint"]["price_per_question"] == pytest.approx(190e-6)
    assert found["methods"]["endpoint+rag"]["price_per_question"] == pytest.approx(380e-6)


def test_the_comparison_is_that_of_a_run_without_an_endpoint(world, result, make_tiny_model, tmp_path):
    other = make_label_run(
        tmp_path, make_tiny_model, methods=METHODS,
        generator=tiny_generator(world[0].parent / "tiny", few_shot=1),
    )  # fmt: skip
    alone = json.loads((other / "results.json").read_text())
    assert result["comparisons"] == alone["comparisons"] and result["comparisons"]
    for part in ("factorial", "diagnosis", "router"):
        assert result["analysis"][part] == alone["analysis"][part]
    assert "endpoint" not in alone["analysis"] and "endpoint" not in alone["environment"]
    advice = result["recommendation"]
    assert advice["choice"] == alone["recommendation"]["choice"]
    assert advice["p_best_by_method"] == alone["recommendation"]["p_best_by_method"]
    assert not any(name in json.dumps(advice) for name in BOTH)
    for family, without in zip(result["analysis"]["slices"], alone["analysis"]["slices"], strict=True):
        for one, same in zip(family["slices"], without["slices"], strict=True):
            assert one["contrasts"] == same["contrasts"] and set(one["methods"]) == {*same["methods"], *BOTH}
    reading = result["analysis"]["reading"]["endpoint+rag"]
    assert reading["without"] == "endpoint" and reading["harmed"]["mean"] == 0.0


def test_the_key_is_in_no_file(world):
    run, _, _ = world
    files = [path for path in run.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]


def test_a_second_run_asks_nothing_and_needs_no_server(world, environment):
    run, server, _ = world
    before, requests, events = comparable(run / "results.json"), len(server.requests), []
    config = load_config(run.parent / "corpus" / "experiment.yaml")
    server.script = lambda messages: refused(500, "down")
    try:
        run_experiment(config, run_folder=run, on_step=events.append, offline=True)
    finally:
        server.script = script
    assert {event.state for event in events if event.step != "hardware"} == {"reused"}
    assert len(server.requests) == requests
    assert comparable(run / "results.json") == before


def test_the_report_sets_them_apart(world, capsys):
    run, _, _ = world
    assert lab(capsys, "report", run)[0] == 0
    page, text = (run / "report.html").read_text(), (run / "report.md").read_text()
    for shown in (page, text):
        assert "Beside another model" in shown and "other model, other engine" in shown
        assert "All answers but those of kNN vote, Endpoint and Endpoint + RAG come from" in shown
    table = text[text.index("### Beside another model") :]
    table = table[: table.index("Differences are over")]
    chosen, first, second = table.splitlines()[-4:-1] if table.splitlines()[-1] == "" else table.splitlines()[-3:]
    assert "kNN vote" in chosen and "recommended" in chosen
    assert "| Endpoint (other model, other engine)" in first and "0.19" in first
    assert "| Endpoint + RAG (other model, other engine)" in second and "0.38" in second
    assert "big-7b on this machine (other model, other engine) reached, in label accuracy" in text
    assert page.count('<tr class="apart">') >= 4, "two rows of the methods, two of the section"


def test_what_a_result_calls_its_server_is_no_markup(world, tmp_path, capsys):
    copy = shutil.copytree(world[0], tmp_path / "run", ignore=shutil.ignore_patterns(".work"))
    text = (copy / "results.json").read_text()
    (copy / "results.json").write_text(text.replace('"big-7b"', json.dumps("<script>x</script>|`\x1b[2J` [a](b)")))
    assert lab(capsys, "report", copy)[0] == 0
    for name in ("report.html", "report.md"):
        shown = (copy / name).read_text().split("Resolved configuration")[0]  # in Markdown word for word, in a fence
        assert "<script>x" not in shown and "&lt;script&gt;x" in shown
    assert "[a](b)" not in shown and "\x1b" not in shown


def test_two_such_runs_are_compared_as_any(world, tmp_path, capsys):
    run, _, _ = world
    copy = shutil.copytree(run, tmp_path / "run")
    code, out, err = lab(capsys, "compare", run, copy, "--out", tmp_path / "both")
    assert code == 0, err
    assert "Endpoint + RAG" in out or "endpoint+rag" in out


def test_other_commands_read_such_a_run(world, tmp_path, capsys):
    run, _, _ = world
    code, out, err = lab(capsys, "decide", run, "--set", "metrics.margin=0.1")
    assert (code, err) == (0, "") and "Endpoint" not in out
    code, out, _ = lab(capsys, "gate", run, "--require", "endpoint+rag.label_accuracy >= 0.9")
    assert code == 0, out
    code, out, _ = lab(capsys, "gate", run, "--require", "endpoint+rag - rag > 0")
    assert code == 1 and "was not compared" in out
    question = rows(run, "rag")[0]["question"]
    code, _, err = lab(capsys, "ask", run, question, "--method", "endpoint+rag")
    assert code == 2 and "'endpoint+rag' was answered by another server" in err and "closed-book, rag, knn-vote" in err
    code, out, err = lab(capsys, "ask", run, question, "--method", "knn-vote", "--json")
    assert (code, err) == (0, "") and json.loads(out)["replies"]
    code, out, err = lab(capsys, "ask", run, question, "--all", "--json")
    assert code == 0 and "left out: endpoint, endpoint+rag" in err
    assert [reply["method"] for reply in json.loads(out)["replies"]] == METHODS
    code, _, err = lab(capsys, "export", run, "--method", "endpoint+rag", "--to", tmp_path / "out")
    assert code == 2 and "another server's model answered it" in err and not (tmp_path / "out").exists()


def test_check_says_what_would_leave_and_for_where(world, result, tmp_path, capsys):
    run, server, _ = world
    requests = len(server.requests)
    path = run.parent / "corpus" / "experiment.yaml"
    elsewhere = ("--set", "generator.endpoint.url=https://models.example.org/v1")
    code, out, err = lab(capsys, "check", path, *elsewhere)
    n = result["n_test"]
    assert (code, err) == (0, "")
    told = " ".join(out.split())
    assert f"go to big-7b on models.example.org up to {2 * n} requests, about" in told
    code, out, _ = lab(capsys, "check", path, *elsewhere, "--json")
    found = json.loads(out)
    told = found["endpoint"]
    assert (told["server"], told["requests"]) == ("models.example.org", 2 * n)
    # the same prompts as the untuned methods, whose lengths stand beside
    mean = sum(found["tokens"][name]["mean"] for name in ("closed-book", "rag"))
    assert told["prompt_tokens"] == pytest.approx(n * mean, abs=1)
    assert "endpoint" not in found["tokens"] and len(server.requests) == requests


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (refused(404, "no such model"), "knows no such address or model .*check generator.endpoint.url and"),
        (refused(401, f"bad key {SECRET}"), "refused the key .*RAG_FINETUNE_LAB_ENDPOINT_KEY"),
        ({"hello": 1}, "something other than a chat completion"),
    ],
)
def test_what_the_server_refuses_ends_the_run_before_it_begins(world, body, message, tmp_path, capsys):
    run, _, _ = world
    with ScriptedServer(lambda messages: body) as server:
        code, _, err = lab(
            capsys, "run", run.parent / "corpus", "--out", tmp_path / "out", "--set",
            f"generator.endpoint.url={server.url}",
        )  # fmt: skip
    assert code == 2 and "error: generator.endpoint" in err and "generator.endpoint=null" in err
    assert re.search(message, " ".join(err.split())) and SECRET not in err
    assert not (tmp_path / "out").exists() and len(server.asked) == 0


def test_no_server_and_another_machine_offline(world, tmp_path, capsys):
    run, _, _ = world
    corpus, out = run.parent / "corpus", tmp_path / "out"
    with ScriptedServer(script) as gone:
        pass
    code, _, err = lab(capsys, "run", corpus, "--out", out, "--set", f"generator.endpoint.url={gone.url}")
    assert code == 2 and "no connection to the endpoint" in err
    code, _, err = lab(
        capsys, "run", corpus, "--out", out, "--offline", "--set", "generator.endpoint.url=http://10.0.0.1/v1"
    )
    assert code == 2 and "connections are forbidden here (--offline)" in " ".join(err.split())
    assert not out.exists()


def test_a_run_that_lost_its_server_goes_on_from_the_replies_that_came(world, tmp_path, capsys):
    run, _, _ = world
    corpus, out, served = run.parent / "corpus", tmp_path / "out", []

    def failing(messages):
        served.append(messages)
        return refused(400, "quota is used up") if len(served) > 4 else script(messages)

    options = ("--out", out, "--set", "methods=[rag]", "--set", "generator.endpoint.parallel=1")
    with ScriptedServer(failing) as server:
        url = ("--set", f"generator.endpoint.url={server.url}")
        code, _, err = lab(capsys, "run", corpus, *options, *url)
        assert code == 1 and "quota is used up" in err and "the same command goes on" in " ".join(err.split())
        assert not (out / "results.json").exists()
        kept = len((out / ".work" / "endpoint.jsonl").read_text().splitlines())
        assert kept == 3 and server.greeted == 1
        served.clear()
        server.script = script
        before = len(server.asked)
        code, shown, err = lab(capsys, "run", corpus, *options, *url)
        assert code == 0, err
        assert "endpoint+rag*" in shown and "* other model, other engine: big-7b on this machine" in shown
        result = json.loads((out / "results.json").read_text())
        assert len(server.asked) - before == 2 * result["n_test"] - kept
        assert server.greeted == 2, "replies were missing, so it was tried again before anything else"
    # Other prompts need it again: that is found out before the training that this adds.
    code, out_text, err = lab(
        capsys, "run", corpus, "--out", out, *url, "--set", "methods=[rag, fine-tuned]", "--set", "index.k=1"
    )
    assert code == 2 and "no connection to the endpoint" in err and "train-A" not in out_text


def test_teams_are_told_apart_by_the_script():
    assert set(TOLD.values()) == set(TEAMS)

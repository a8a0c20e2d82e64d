"""`lab judge` on the command line, against a server on this machine that grades everything as correct."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import typer

from lab.cli_judge import judge
from lab.errors import ConfigError, LabError


@pytest.fixture(scope="module")
def url():
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked = body["messages"][0]["content"]
            content = "Verdict: tie" if "Answer A: " in asked else "Grade: correct"
            message = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}
            reply = {"id": "1", "object": "chat.completion", "created": 1, "model": body["model"], "choices": [message]}
            sent = json.dumps(reply).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def command(capsys):
    app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
    app.command()(judge)

    def call(*words):
        capsys.readouterr()
        app([str(word) for word in words], standalone_mode=False)
        return capsys.readouterr().out

    return call


def test_tables_for_people(finished_run, url, command, tmp_path):
    labels = tmp_path / "labels.csv"
    labels.write_text("question_id,method,label\nq1,rag,correct\nq5,rag,incorrect\n")
    options = ("--pairs", "rag:closed-book", "--labels", labels, "--offline")
    shown = command(finished_run, "--url", url, "--model", "kind", *options)
    lines = shown.splitlines()
    # 4 of 6: two answers are blank, one of them to a question without an answer, which is right
    [closed] = [line.split() for line in lines if line.startswith("closed-book")]
    assert closed[1] == "0.83"
    at = next(place for place, line in enumerate(lines) if line.startswith("rag : "))
    words = " ".join(lines[at : at + 2]).split()
    assert [word for word in words if word.isdigit()] == ["0", "0", "6", "0", "0"] and "closed-book" in words
    [rag] = [line.split() for line in lines if line.startswith("rag ") and ":" not in line]
    assert rag[1] == "1.000" and rag[-1] == "0.500"
    assert "judge: kind on this machine; 6 of 6 questions, 19 requests, 0 replies from before" in shown
    assert f"result: {finished_run / 'judge.json'}" in shown


def test_json_is_the_file(finished_run, url, command):
    shown = command(finished_run, "--url", url, "--model", "kind", "--json", "--limit", 2)
    assert json.loads(shown) == json.loads((finished_run / "judge.json").read_text())
    assert json.loads(shown)["questions"] == 2


def test_several_pairs_at_once(finished_run, url, command):
    pairs = ("--pairs", "rag:closed-book,closed-book:rag", "--pairs", "rag:closed-book")
    found = json.loads(command(finished_run, "--url", url, "--model", "kind", "--json", *pairs))
    assert [(pair["left"], pair["right"]) for pair in found["pairs"]] == [
        ("rag", "closed-book"),
        ("closed-book", "rag"),
    ]


@pytest.mark.parametrize("pair", ["rag", "rag:", ":rag", "rag:raft:oracle", "rag:raft,"])
def test_a_pair_that_is_none(finished_run, command, pair):
    with pytest.raises(ConfigError, match="expected METHOD:METHOD, such as rag:raft"):
        command(finished_run, "--url", "http://localhost:1/v1", "--model", "m", "--pairs", pair)


def test_limits_that_cannot_be(finished_run, command):
    for option in ("--max-tokens", "--timeout"):
        with pytest.raises(ConfigError, match="expected values above 0"):
            command(finished_run, "--url", "http://localhost:1/v1", "--model", "m", option, 0)


def test_the_run_is_read_before_anybody_is_asked(tmp_path, command):
    with pytest.raises(LabError, match="expected the folder of a finished run, found nothing"):
        command(tmp_path / "none", "--url", "http://localhost:1/v1", "--model", "m")

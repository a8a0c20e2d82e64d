"""The client against small servers on this machine that answer as servers do when something is wrong."""

import json
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from lab.errors import ConfigError, LabError, UserError
from lab.judge.client import KEY_VARIABLE, Endpoint, connected

REPLY = {
    "id": "1", "object": "chat.completion", "created": 1, "model": "m",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Grade: correct"}}],
}  # fmt: skip


class Server:
    """Gives every request the same answer and keeps what it was sent."""

    def __init__(self, status=200, body=REPLY, kind="application/json", headers=()):
        self.requests = []
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                text = self.rfile.read(int(self.headers["Content-Length"]))
                sent_headers = {name.lower(): value for name, value in self.headers.items()}
                outer.requests.append((self.path, sent_headers, json.loads(text)))
                self.send_response(status)
                for name, value in (("Content-Type", kind), ("Content-Length", str(len(sent))), *headers):
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *_):
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def ask(server_or_url, prompt="Is it 7?", **changes):
    url = server_or_url if isinstance(server_or_url, str) else server_or_url.url
    with connected(Endpoint(url, "m", **{"timeout": 5.0, "retries": 0, **changes}), offline=True) as judge:
        return judge(prompt)


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    for name in (KEY_VARIABLE, "OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_one_message_at_temperature_0():
    with Server() as server:
        assert ask(server, max_tokens=12) == "Grade: correct"
    [(path, _, body)] = server.requests
    assert path == "/v1/chat/completions"
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "Is it 7?"}],
        "temperature": 0.0,
        "max_tokens": 12,
    }


def test_no_secret_of_another_service_is_sent(environment):
    environment.setenv("OPENAI_API_KEY", "sk-of-openai")
    environment.setenv("OPENAI_ORG_ID", "org-of-openai")
    environment.setenv("OPENAI_PROJECT_ID", "project-of-openai")
    with Server() as server:
        ask(server)
        environment.setenv(KEY_VARIABLE, "of-the-judge")
        ask(server)
    first, second = (headers for _, headers, _ in server.requests)
    assert "of-openai" not in json.dumps([first, second])
    assert (first["authorization"], second["authorization"]) == ("Bearer none", "Bearer of-the-judge")


def test_a_server_on_this_machine_is_reached_without_the_proxy(environment):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        environment.setenv(name, "http://127.0.0.1:9")
    with Server() as server:
        assert ask(server) == "Grade: correct"


def test_a_reply_without_text_is_empty():
    reply = json.loads(json.dumps(REPLY))
    reply["choices"][0]["message"]["content"] = None
    with Server(body=reply) as server:
        assert ask(server) == ""


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"status": 401, "body": {"error": {"message": "Incorrect key sk-12345"}}}, "refused the key .*set RAG_FINE"),
        ({"status": 404, "body": {"error": {"message": "no model m"}}}, "knows no such address or model .*no model m"),
        ({"status": 400, "body": {"detail": "pinned to 'x'"}}, "refused a request .*400.*pinned to 'x'"),
        ({"status": 500, "body": b"broken", "kind": "text/plain"}, "refused a request .*500"),
        ({"body": b"<html>hello</html>", "kind": "text/html"}, "something other than a chat completion"),
        ({"body": {"choices": []}}, "something other than a chat completion"),
        ({"body": b"{not json"}, "at 127.0.0.1"),
        ({"status": 307, "headers": (("Location", "http://127.0.0.1:9/elsewhere"),)}, "refused a request .*307"),
    ],
)
def test_what_a_server_says_becomes_one_sentence(answer, message):
    with Server(**answer) as server, pytest.raises(LabError, match=message) as error:
        ask(server)
    assert not isinstance(error.value, UserError)
    assert "\n" not in str(error.value) and "sk-12345" not in str(error.value)
    assert len(server.requests) == 1


def test_no_server():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound, and nobody listens
        with pytest.raises(LabError, match=r"no connection to the judge at 127\.0\.0\.1 .*is the server running"):
            ask(f"http://127.0.0.1:{held.getsockname()[1]}/v1")


def test_a_server_that_does_not_answer():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        with pytest.raises(LabError, match=r"gave no reply within 0\.2 s; raise --timeout"):
            ask(f"http://127.0.0.1:{held.getsockname()[1]}/v1", timeout=0.2)


@pytest.mark.parametrize("url", ["http://10.0.0.1/v1", "https://api.openai.com/v1", "http://localhost.example.org/v1"])
def test_offline_refuses_every_other_machine(url, environment):
    with pytest.raises(ConfigError, match="connections are forbidden here"):
        ask(url)
    environment.setenv("HF_HUB_OFFLINE", "1")
    with (
        pytest.raises(ConfigError, match="connections are forbidden here"),
        connected(Endpoint(url, "m"), offline=False),
    ):
        pass


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "[::1]"])
def test_this_machine_is_allowed_offline(host):
    assert Endpoint(f"http://{host}:8000/v1", "m").is_local


@pytest.mark.parametrize(
    "url",
    ["localhost:8000/v1", "/v1", "", "ftp://localhost/v1", "http://", "http://localhost:x/v1", "http://[::1/v1",
     "http://localhost:99999/v1", "http://localhost/v1?key=1"],
)  # fmt: skip
def test_a_url_that_is_none(url):
    with pytest.raises(ConfigError, match=r"--url: expected http://HOST:PORT/v1"):
        ask(url)


def test_a_password_in_the_url_is_refused_and_not_repeated():
    with pytest.raises(ConfigError, match=f"set {KEY_VARIABLE}") as error:
        ask("http://me:hunter2@localhost:8000/v1")
    assert "hunter2" not in str(error.value)


def test_no_model_name():
    with (
        pytest.raises(ConfigError, match="--model: expected the name"),
        connected(Endpoint("http://localhost:1/v1", " "), offline=True),
    ):
        pass


def test_without_the_package_the_extra_is_named(environment):
    environment.setitem(sys.modules, "openai", None)
    with pytest.raises(UserError, match=r'run: pip install "rag-finetune-lab\[judge\]"'):
        ask("http://localhost:1/v1")

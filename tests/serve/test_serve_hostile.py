"""What JSON may hold and nothing can send, more connections than a server keeps, and the names it answers to."""

import json
import socket
import time

import pytest

pytest.importorskip("uvicorn")

from calling import JSON, call

from lab.cli import main
from lab.errors import ConfigError
from lab.serve.server import MOST_CONNECTIONS, MOST_HEADER_BYTES, allowed_name, listen

HALF = "\ud800"
DEEP = "[" * 900 + "]" * 900
USER = [{"role": "user", "content": "When?"}]


def refused(served, path, body):
    """The error of a request that must be refused, with nobody asked."""
    text = body if isinstance(body, str) else json.dumps(body)
    status, _, answer = call(served, "POST", path, text)
    assert status in (400, 404), (status, answer)
    assert served.desk.asked == []
    error = json.loads(answer)["error"]
    assert error["message"]
    return error


@pytest.mark.parametrize(
    "change",
    [
        {HALF: 1},
        {"temperature": HALF},
        {"max_tokens": HALF},
        {"model": HALF},
        {"response_format": {HALF: HALF}},
        {"stop": [HALF]},
        {"messages": [{"role": "user", "content": f"caf{HALF}?"}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": HALF}]}]},
    ],
)
def test_half_a_character_anywhere_in_a_request_is_refused(serve, change):
    error = refused(serve(), "/v1/chat/completions", {"model": "rag", "messages": USER, **change})
    assert error["type"] == "invalid_request_error" and HALF not in error["message"] + str(error["param"])


@pytest.mark.parametrize(
    "body", [{"question": f"caf{HALF}?", "methods": ["rag"]}, {"question": "?", "methods": [HALF]}]
)
def test_half_a_character_is_refused_on_the_page_too(serve, body):
    refused(serve(), "/api/ask", body)


@pytest.mark.parametrize("name", ["temperature", "model", "max_tokens", "unknown", "stop"])
def test_lists_nested_deeply_are_refused(serve, name):
    refused(serve(), "/v1/chat/completions", f'{{"{name}": {DEEP}, "messages": {json.dumps(USER)}}}')


def test_a_name_that_is_long_is_not_sent_back_whole(serve):
    error = refused(serve(), "/v1/chat/completions", {"model": "m" * 100_000, "messages": USER})
    assert len(error["message"]) < 300


def test_marks_that_turn_text_around_are_shown_in_an_error(serve):
    error = refused(serve(), "/v1/chat/completions", {"model": "rag", "messages": USER, "\u202eevil\x9b": 1})
    assert error["message"] == error["message"].encode("ascii").decode() and error["param"] == "\\u202eevil\\x9b"


@pytest.fixture
def connections():
    """Opens connections to a port; all are closed at the end."""
    opened = []

    def connect(port, text=b""):
        opened.append(socket.create_connection(("127.0.0.1", port), timeout=20))
        opened[-1].sendall(text)
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


def test_who_begins_many_requests_gets_no_more_connections_than_there_are(serve, connections):
    served = serve()
    held = [connections(served.port, b"GET /ask HTTP/1.1\r\nHost: 127") for _ in range(MOST_CONNECTIONS)]
    assert call(served, "GET", "/v1/models")[0] == 503
    for one in held:
        one.close()
    deadline = time.monotonic() + 20
    while (status := call(served, "GET", "/v1/models")[0]) == 503 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert status == 200


def test_headers_without_an_end_are_not_collected(serve, connections):
    connection = connections(serve().port, b"GET /ask HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ")
    connection.sendall(b"x" * MOST_HEADER_BYTES)
    assert connection.recv(100).startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("lab.example", 200),
        ("LAB.example:8000", 200),
        ("lab.example.", 200),
        ("10.1.2.3:80", 200),
        ("192.168.0.7", 403),
        ("sub.lab.example", 403),
        ("evil.example", 403),
        ("localhost", 200),
    ],
)
def test_names_that_were_allowed_are_let_in_and_no_others(serve, host, status):
    served = serve(names=("Lab.Example", "10.1.2.3"))
    found, _, text = call(served, "GET", "/v1/models", host=host)
    assert found == status and ("--allow-host" in text) == (status == 403)


def test_a_page_under_an_allowed_name_may_ask_and_one_of_another_may_not(serve):
    served = serve(names=("lab.example",))
    body = json.dumps({"model": "rag", "messages": USER})
    for origin, status in (("https://lab.example", 200), ("https://evil.example", 403)):
        headers = {**JSON, "Origin": origin}
        assert call(served, "POST", "/v1/chat/completions", body, headers, host="lab.example")[0] == status


@pytest.mark.parametrize(
    ("host", "status"), [("192.168.0.7:8000", 200), ("[fe80::1]:8000", 200), ("evil.example", 403)]
)
def test_open_to_others_it_answers_to_every_address_but_to_no_name_unasked(serve, host, status):
    assert call(serve(local=False), "GET", "/v1/models", host=host)[0] == status


@pytest.mark.parametrize(
    ("text", "name"), [("lab.example", "lab.example"), ("10.0.0.1", "10.0.0.1"), ("[fe80::1]", "fe80::1")]
)
def test_a_name_to_allow_is_a_name_or_an_address(text, name):
    assert allowed_name(text) == name


@pytest.mark.parametrize(
    "text", ["", "*", "*.example", "http://lab.example", "lab.example:80", "a/b", "a b", ".a", "\u202e"]
)
def test_what_is_no_name_cannot_be_allowed(text, tmp_path, capsys):
    with pytest.raises(ConfigError, match="--allow-host"):
        allowed_name(text)
    assert main(["serve", str(tmp_path), "--allow-host", text]) == 2
    assert "expected a name" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("host", ["a..b", "x" * 70 + ".example", "\udce9"])
def test_a_host_that_is_no_name_at_all_is_told(host):
    with pytest.raises(ConfigError, match="--host"):
        listen(host, 0)

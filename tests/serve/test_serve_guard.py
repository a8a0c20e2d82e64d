"""Who is turned away: names and pages of others, large bodies, wrong content; and what every reply's headers forbid."""

import json

import pytest

pytest.importorskip("uvicorn")

from calling import BODY, JSON, call

from lab.cli import main
from lab.errors import ConfigError, UserError
from lab.serve.server import is_local, listen


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:99", "[::1]:8000", "127.0.0.9"])
def test_names_of_this_machine_are_let_in(serve, host):
    assert call(serve(), "GET", "/v1/models", host=host)[0] == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "192.168.0.7", "[", ""],
)
def test_other_names_are_refused_whatever_they_resolve_to(serve, host):
    served = serve()
    for method, path in (("GET", "/ask"), ("POST", "/v1/chat/completions")):
        status, _, text = call(served, method, path, BODY if method == "POST" else None, host=host or " ")
        assert status in (400, 403), (status, text)
    assert served.desk.asked == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_pages_of_other_sites_may_not_ask(serve, headers):
    served = serve()
    status, found, text = call(served, "POST", "/v1/chat/completions", BODY, {**JSON, **headers})
    assert status == 403 and json.loads(text)["error"]["code"] == "origin_not_allowed"
    assert "access-control-allow-origin" not in {name.lower() for name in found}
    assert served.desk.asked == []


def test_the_own_page_may_ask(serve):
    served = serve()
    headers = {**JSON, "Origin": served.url, "Sec-Fetch-Site": "same-origin"}
    assert call(served, "POST", "/v1/chat/completions", BODY, headers)[0] == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_only_json_is_read_since_forms_cross_sites_unasked(serve, kind):
    served = serve()
    assert call(served, "POST", "/v1/chat/completions", BODY, {"Content-Type": kind})[0] == 415
    assert served.desk.asked == []


@pytest.mark.parametrize("body", ["{", "[]", '"x"', "[" * 100_000, "\x00"])
def test_a_body_that_is_no_request_is_one_error_object(serve, body):
    for path in ("/v1/chat/completions", "/api/ask"):
        status, _, text = call(serve(), "POST", path, body)
        assert status == 400 and json.loads(text)["error"]["message"]


def test_a_large_body_is_refused_with_and_without_its_length(serve):
    served = serve()
    assert call(served, "POST", "/api/ask", "x", {**JSON, "Content-Length": "1000001"})[0] == 413
    assert call(served, "POST", "/api/ask", "x", {**JSON, "Content-Length": "x"})[0] in (400, 413)
    chunks = f"{200_000:x}\r\n{'x' * 200_000}\r\n" * 6 + "0\r\n\r\n"
    status, _, text = call(served, "POST", "/api/ask", chunks, {**JSON, "Transfer-Encoding": "chunked"})
    assert status == 413 and json.loads(text)["error"]["code"] == "body_too_large"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/v1/chat/completions", 405)])
def test_what_is_not_there_is_an_error_object_too(serve, method, path, status):
    found, _, text = call(serve(), method, path)
    assert found == status and json.loads(text)["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize("path", ["/ask", "/ask.js", "/ask.css", "/v1/models"])
def test_every_reply_forbids_frames_sniffing_and_foreign_readers(serve, path):
    status, headers, _ = call(serve(), "GET", path)
    headers = {name.lower(): value for name, value in headers.items()}
    assert status == 200
    assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy


def test_the_report_keeps_its_policy_and_links_to_the_page_that_asks(serve, tmp_path):
    served = serve()
    assert call(served, "GET", "/")[0] == 307
    (tmp_path / "report.html").write_text("<html><body>\n<main>x</main></body>", encoding="utf-8")
    status, headers, text = call(served, "GET", "/")
    assert status == 200 and text.count('href="/ask"') == 1 and "<main>x</main>" in text
    policy = {name.lower(): value for name, value in headers.items()}["content-security-policy"]
    assert sorted(part.strip() for part in policy.split(";")) == [
        "base-uri 'none'",
        "default-src 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "img-src data:",
        "script-src 'unsafe-inline'",
        "style-src 'unsafe-inline'",
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"question": "", "methods": ["rag"]},
        {"question": "When?", "methods": []},
        {"question": "When?", "methods": ["oracle"]},
        {"question": 7, "methods": ["rag"]},
        {"question": "When?", "methods": [["rag"]]},
    ],
)
def test_the_page_may_not_ask_nonsense_either(serve, body):
    served = serve()
    assert call(served, "POST", "/api/ask", json.dumps(body))[0] == 400 and served.desk.asked == []


def test_a_port_in_use_is_told_at_once(serve):
    served = serve()
    with pytest.raises(UserError, match=rf"{served.port}.*--port") as caught:
        listen("127.0.0.1", served.port)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 70000), ("no.such.host.invalid", 8000)])
def test_an_address_that_is_none_is_told(host, port):
    with pytest.raises(ConfigError, match="expected"):
        listen(host, port)


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("10.0.0.1", False)],
)
def test_only_loopback_is_local(host, local):
    assert is_local(host) is local


def test_what_is_no_run_and_a_missing_extra_are_told_with_code_2(tmp_path, capsys, monkeypatch):
    assert main(["serve", str(tmp_path / "none")]) == 2
    assert "finished run" in capsys.readouterr().err
    monkeypatch.setattr("lab.cli_ask.find_spec", lambda name: None)
    assert main(["serve", str(tmp_path)]) == 2
    assert "pip install 'rag-finetune-lab[serve]'" in " ".join(capsys.readouterr().err.split())

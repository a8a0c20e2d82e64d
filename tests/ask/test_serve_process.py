"""`lab serve` as a process of its own: it answers as the run did, and ends at Ctrl-C without a word too many."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request

import pytest

pytest.importorskip("torch")
pytest.importorskip("uvicorn")

from tiny_run import answers_of

pytestmark = pytest.mark.models


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.loads(response.read())


@pytest.fixture
def process(finished):
    command = [sys.executable, "-m", "lab", "serve", str(finished), "--port", "0"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    started = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True
    )
    yield started
    if started.poll() is None:
        started.kill()
    started.communicate()


def begun(process):
    told = []
    for line in process.stdout:
        told.append(line)
        if "Ctrl-C" in line:
            break
    return told


def test_it_answers_as_the_run_did_and_stops_at_ctrl_c(process, finished):
    told = begun(process)
    assert "closed-book, rag, fine-tuned+rag, raft" in "".join(told), process.stderr.read()
    url = re.search(r"http://127\.0\.0\.1:\d+", told[0]).group()
    for method in ("raft", "rag"):
        row = next(row for row in answers_of(finished) if row["method"] == method and row["seed"] == 1)
        messages = [{"role": "user", "content": row["question"]}]
        reply = post(f"{url}/v1/chat/completions", {"model": method, "messages": messages})
        choice = reply["choices"][0]
        assert choice["message"]["content"] == row["answer"] and choice["message"]["lab"]["raw"] == row["raw"]
        assert choice["finish_reason"] == ("length" if row["truncated"] else "stop")
        assert reply["usage"]["prompt_tokens"] == row["tokens"]["in"]
    with urllib.request.urlopen(url, timeout=60) as response:
        page = response.read().decode()
    assert 'href="/ask"' in page and "</html>" in page
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0 and "Traceback" not in errors


def test_sigterm_ends_it_as_ctrl_c_does(process):
    told = begun(process)
    assert told, process.stderr.read()
    urllib.request.urlopen(re.search(r"http://127\.0\.0\.1:\d+", told[0]).group(), timeout=60).close()
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")

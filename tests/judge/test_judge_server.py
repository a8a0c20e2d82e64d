"""The whole way against a real server: `transformers serve` with the embedded generator as the judge.

It is far too small to judge. What counts here is that it is asked, that its replies are kept, and that what cannot be
read is counted and never becomes a label.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.judge.client import Endpoint
from lab.judge.run import JudgeSettings, judge_run
from lab.models import find_model

pytestmark = pytest.mark.models

START_WITHIN = 120  # seconds; loading takes ten on an idle machine
# Its standard input is our pipe: where we are killed, it ends too.
START = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(1)), daemon=True).start()
from transformers.cli.transformers import main
sys.argv[0] = "transformers"
main()
"""


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def answers(url: str) -> bool:
    with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(url, timeout=2) as reply:
        return reply.status == 200
    return False


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it and all that it started to end, then end them; it leads its own group, so nothing of ours is in it."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
            break
    if process.stdin is not None:
        process.stdin.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """URL and model name of a judge on this machine."""
    pytest.importorskip("uvicorn", reason="transformers serve needs transformers[serving]")
    model = str(find_model("smollm2-135m", offline=True).folder)
    port, log = free_port(), tmp_path_factory.mktemp("server") / "log"
    command = [sys.executable, "-c", START, "serve", model, "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--device", "cpu", "--log-level", "error"],
            stdin=subprocess.PIPE, stdout=output, stderr=output, env=environment, start_new_session=True,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + START_WITHIN
        while not answers(f"http://127.0.0.1:{port}/health"):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/v1", model
    finally:
        stop(process)


@pytest.fixture
def small_run(tmp_path: Path, make_rows, save_run) -> Path:
    return save_run(tmp_path / "run", [row for row in make_rows() if row["question_id"] in ("q1", "q2", "q4")])


def test_a_real_server_is_asked_once_for_everything(server, small_run):
    url, model = server
    endpoint = Endpoint(url, model, max_tokens=8, retries=0)
    settings = JudgeSettings(endpoint, pairs=(("rag", "closed-book"),), parallel=2, offline=True)
    told: list[tuple[int, int]] = []
    found = judge_run(small_run, settings, lambda done, total: told.append((done, total)))

    # 6 answers, of which one is blank; three pairs of different texts, each in both orders
    assert (found["requests"], found["cached"]) == (11, 0)
    assert told == [(done, 11) for done in range(12)]
    lines = [json.loads(line) for line in (small_run / "judge.jsonl").read_text().splitlines()]
    assert len({line["key"] for line in lines}) == 11
    assert any(line["reply"].strip() for line in lines)
    for method, blank in (("closed-book", 1), ("rag", 0)):
        counts = found["methods"][method]["counts"]
        assert counts["answers"] == 3 and counts["blank"] == blank
        assert counts["correct"] + counts["incorrect"] + counts["not_attempted"] + counts["unparsed"] == 3
    [pair] = found["pairs"]
    assert (
        sum(pair[key] for key in ("left_better", "right_better", "ties", "position_dependent", "unparsed"))
        == pair["n"]
        == 3
    )
    assert found["unparsed"]["grades"] == sum(one["counts"]["unparsed"] for one in found["methods"].values())

    again = judge_run(small_run, settings)
    assert (again["requests"], again["cached"]) == (0, 11)
    assert again["methods"] == found["methods"] and again["pairs"] == found["pairs"]
    assert len((small_run / "judge.jsonl").read_text().splitlines()) == 11


def test_a_model_that_the_server_does_not_have(server, small_run):
    url, _ = server
    with pytest.raises(LabError, match=r"the judge at 127\.0\.0\.1 refused a request \(status 400: Server is pinned"):
        judge_run(small_run, JudgeSettings(Endpoint(url, "another", retries=0), offline=True))
    assert not (small_run / "judge.json").exists()

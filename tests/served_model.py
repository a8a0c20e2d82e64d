"""A real server of a language model on this machine: `transformers serve` with the embedded generator."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

START_WITHIN = 120  # seconds; loading takes ten on an idle machine
# Its standard input is our pipe: where we are killed, it ends too.
START = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.buffer.read(), os._exit(1)), daemon=True).start()
from transformers.cli.transformers import main
sys.argv[0] = "transformers"
main()
"""


@contextmanager
def serving(folder: Path, *options: str) -> Iterator[tuple[str, str]]:
    """URL and model name of a server whose log lies in `folder`; `options` go to `transformers serve`."""
    pytest.importorskip("uvicorn", reason="transformers serve needs transformers[serving]")
    from lab.models import find_model

    model = str(find_model("smollm2-135m", offline=True).folder)
    port, log = _free_port(), folder / "log"
    command = [sys.executable, "-c", START, "serve", model, "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--device", "cpu", "--log-level", "error", *options],
            stdin=subprocess.PIPE, stdout=output, stderr=output, env=environment, start_new_session=True,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + START_WITHIN
        while not _answers(f"http://127.0.0.1:{port}/health"):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the server did not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/v1", model
    finally:
        _stop(process)


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def _answers(url: str) -> bool:
    with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(url, timeout=2) as reply:
        return reply.status == 200
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it and all that it started to end, then end them; it leads its own group, so nothing of ours is in it."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
            break
    if process.stdin is not None:
        process.stdin.close()

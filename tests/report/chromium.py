"""A headless Chromium, spoken to over a pipe: opens a file, evaluates JavaScript, changes size and colour scheme."""

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
# Chromium expects its commands on descriptor 3 and answers on 4. Both are copied out of the way first.
_LAUNCH = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(number), fcntl.F_DUPFD, 10) for number in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""


def find():
    """Path of an installed Chromium, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Chromium:
    """Use as a context manager. The profile lies in `folder`; nothing is read from the user's own."""

    def __init__(self, folder: Path):
        command = [
            find(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
            "--remote-debugging-pipe", f"--user-data-dir={folder}", "about:blank",
        ]  # fmt: skip
        read_here, write_there = os.pipe()
        read_there, self._write = os.pipe()
        self._read = os.fdopen(read_here, "rb")
        launch = [sys.executable, "-c", _LAUNCH, str(read_there), str(write_there), *command]
        self._process = subprocess.Popen(
            launch, pass_fds=(read_there, write_there), stderr=subprocess.DEVNULL, start_new_session=True
        )
        os.close(read_there)
        os.close(write_there)
        self._count = 0
        self._session = None
        self.events = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self._write)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._read.close()

    def call(self, method, **params):
        """Send a command of the DevTools protocol and wait for its answer; events are kept in `events`."""
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._count:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def open(self, url, width=1280, height=900, scheme="light"):
        """Load a page at a size in px, light or dark, and wait until it is complete."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        for address in ("about:blank", url):  # from blank, so that a mere change of the hash loads again
            self.events.clear()
            self.call("Page.navigate", url=address)
            while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
                self.events.append(self._next())

    def evaluate(self, script):
        """Value of a JavaScript expression."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def screenshot(self, path, clip=None):
        """PNG of the page, or of clip = (x, y, width, height)."""
        more = {"clip": {**dict(zip(("x", "y", "width", "height"), clip, strict=True)), "scale": 1}} if clip else {}
        image = self.call("Page.captureScreenshot", captureBeyondViewport=True, **more)
        Path(path).write_bytes(base64.b64decode(image["data"]))

    def _next(self):
        buffer = bytearray()
        while (byte := self._read.read(1)) != b"\0":
            assert byte, "Chromium ended"
            buffer += byte
        return json.loads(buffer)

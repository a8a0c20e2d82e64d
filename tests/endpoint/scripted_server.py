"""A server on this machine that speaks OpenAI's chat completions and replies by a script."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Script = Callable[[list[dict[str, str]]], dict[str, Any]]
GREETING = "Reply with OK."


def said(text: str | None, finish: Any = "stop", usage: Any = None) -> dict[str, Any]:
    """A completion's body; `usage` (prompt tokens, written tokens) or anything else that a server may put there."""
    told = dict(zip(("prompt_tokens", "completion_tokens"), usage, strict=True)) if isinstance(usage, tuple) else usage
    return {
        "id": "1", "object": "chat.completion", "created": 1, "model": "m", "usage": told,
        "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}],
    }  # fmt: skip


def refused(status: int, message: str) -> dict[str, Any]:
    """An error, which the server gives with its status."""
    return {"status": status, "error": {"message": message}}


class ScriptedServer:
    """Replies by `script`, from the messages to a body; keeps what it was sent. The greeting gets OK."""

    def __init__(self, script: Script) -> None:
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.script = script
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.requests.append(body)
                outer.headers.append({name.lower(): value for name, value in self.headers.items()})
                reply = outer.script(body["messages"])
                sent = json.dumps(reply).encode()
                self.send_response(int(reply.get("status", 200)))
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    @property
    def asked(self) -> list[list[dict[str, str]]]:
        """The messages of every request but greetings."""
        return [body["messages"] for body in self.requests if body["messages"][-1]["content"] != GREETING]

    @property
    def greeted(self) -> int:
        return len(self.requests) - len(self.asked)

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

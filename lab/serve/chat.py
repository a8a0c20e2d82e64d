"""OpenAI's form of questions and answers: requests are read strictly, since what cannot be obeyed must not be ignored.

The last user message is the question. System messages and earlier turns are not read: the methods were measured on lone
questions under the run's own prompt. How many were passed over stands in `lab.ignored_messages` of the reply.
Decoding is greedy, so `temperature` may be 0 or absent; `max_tokens` may cut an answer, never lengthen it.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from lab.ask.reply import Reply
from lab.escapes import visible
from lab.serve.clerk import Order

OWNER = "rag-finetune-lab"
SHOWN = 100  # characters of a request that an error repeats
# Whatever these say, the answer is the one it would be.
_WITHOUT_EFFECT = frozenset(
    "user metadata seed store service_tier safety_identifier prompt_cache_key prompt_cache_retention "
    "parallel_tool_calls stream_options".split()
)
_READ = frozenset("model messages stream max_tokens max_completion_tokens".split())
# Values that say what is done anyway; null always does.
_NEUTRAL: Mapping[str, Sequence[Any]] = {
    "temperature": (0,),
    "top_p": (1,),
    "n": (1,),
    "presence_penalty": (0,),
    "frequency_penalty": (0,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "stop": ([], ""),
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "functions": ([],),
    "response_format": ({"type": "text"},),
    "modalities": (["text"],),
    "echo": (False,),
}
_WHY = {"temperature": "decoding is greedy: temperature must be 0 or absent"}


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A request that can be obeyed. `ignored` counts the messages that were not read."""

    order: Order
    stream: bool
    include_usage: bool
    ignored: int


class ApiError(Exception):
    """A refusal in OpenAI's form."""

    def __init__(self, status: int, message: str, param: str | None = None, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = error_body(message, "invalid_request_error" if status < 500 else "server_error", param, code)


def error_body(message: str, kind: str, param: str | None = None, code: str | None = None) -> dict[str, Any]:
    """An error object; what it repeats of a request is made visible, since not all that JSON may hold can be sent."""
    named = None if param is None else visible(param)
    return {"error": {"message": visible(message), "type": kind, "param": named, "code": code}}


def read_request(body: Any, methods: Sequence[str]) -> ChatRequest:
    """A request from parsed JSON.

    Raises:
        ApiError: it is not of OpenAI's form, names no method of the run, or asks for what would not be done.
    """
    if not isinstance(body, dict):
        raise ApiError(400, "expected a JSON object")
    for name, value in body.items():
        _check_parameter(name, value)
    method = body.get("model")
    if not isinstance(method, str) or method not in methods:
        raise ApiError(
            404, f"the model {_shown(method)} does not exist; models: {', '.join(methods)}", "model", "model_not_found"
        )
    stream = body.get("stream") or False
    if not isinstance(stream, bool):
        raise ApiError(400, "stream: expected true or false", "stream")
    question, ignored = _question(body.get("messages"))
    options = body.get("stream_options") or {}
    usage = isinstance(options, dict) and options.get("include_usage") is True
    return ChatRequest(Order(question, (method,), _limit(body)), stream, usage, ignored)


def _check_parameter(name: str, value: Any) -> None:
    if name in _READ or name in _WITHOUT_EFFECT or value is None:
        return
    if name not in _NEUTRAL:
        raise ApiError(400, f"unknown parameter {_shown(name)}", name[:SHOWN], "unknown_parameter")
    if not any(value == neutral and isinstance(value, bool) == isinstance(neutral, bool) for neutral in _NEUTRAL[name]):
        allowed = " or ".join(repr(neutral) for neutral in _NEUTRAL[name])
        why = _WHY.get(name, f"{name}: only {allowed} or absent is supported")
        raise ApiError(400, f"{why}, got {_shown(value)}", name, "unsupported_value")


def _shown(value: Any) -> str:
    """A value of a request as an error tells it; lists and objects may be nested deeper than they can be written."""
    return repr(value)[:SHOWN] if isinstance(value, str | int | float | None) else type(value).__name__


def _limit(body: Mapping[str, Any]) -> int | None:
    for name in ("max_completion_tokens", "max_tokens"):
        value = body.get(name)
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ApiError(400, f"{name}: expected a whole number above 0, got {_shown(value)}", name)
        return value
    return None


def _question(messages: Any) -> tuple[str, int]:
    if not isinstance(messages, list) or not messages or not all(isinstance(one, dict) for one in messages):
        raise ApiError(400, "messages: expected a list of messages with role and content", "messages")
    last = messages[-1]
    if last.get("role") != "user":
        raise ApiError(400, "messages: the last one must be of the user; it is the question", "messages")
    return _text(last.get("content")), len(messages) - 1


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [
            part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None for part in content
        ]
        if all(isinstance(part, str) for part in parts):
            return "\n".join(str(part) for part in parts)
    raise ApiError(400, "messages: the question must be text", "messages")


def model_object(method: str, created: int) -> dict[str, Any]:
    """A method as a model."""
    return {"id": method, "object": "model", "created": created, "owned_by": OWNER}


@dataclass(frozen=True, slots=True)
class Envelope:
    """What all parts of one reply share."""

    method: str
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, reply: Reply, ignored: int) -> dict[str, Any]:
        """A reply that was not streamed."""
        message = {"role": "assistant", "content": reply.answer, "refusal": None, "lab": lab_field(reply, ignored)}
        choice = {"index": 0, "message": message, "finish_reason": finish_reason(reply), "logprobs": None}
        return {**self._head("chat.completion"), "choices": [choice], "usage": usage(reply)}

    def chunk(self, delta: Mapping[str, Any], reason: str | None = None) -> dict[str, Any]:
        """A part of a streamed reply."""
        choice = {"index": 0, "delta": dict(delta), "finish_reason": reason, "logprobs": None}
        return {**self._head("chat.completion.chunk"), "choices": [choice]}

    def last(self, reply: Reply, ignored: int) -> dict[str, Any]:
        """The chunk that ends a streamed reply; the passages come with it."""
        return self.chunk({"lab": lab_field(reply, ignored)}, finish_reason(reply))

    def usage_chunk(self, reply: Reply) -> dict[str, Any]:
        """Sent after the last chunk to those who asked for it."""
        return {**self._head("chat.completion.chunk"), "choices": [], "usage": usage(reply)}

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.method}


def finish_reason(reply: Reply) -> str:
    """`length` where the limit of new tokens was reached."""
    return "length" if reply.truncated else "stop"


def usage(reply: Reply) -> dict[str, int]:
    """Tokens of prompt and reply; the prompt holds the passages."""
    read, written = reply.tokens_in, reply.tokens_out
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def lab_field(reply: Reply, ignored: int) -> dict[str, Any]:
    """What OpenAI's form has no place for: passages, support, seconds; and the answer, whole where it was streamed."""
    return {
        "method": reply.method,
        "answer": reply.answer,
        "abstained": reply.abstained,
        "note": reply.note,
        "citation": asdict(reply.citation) if reply.citation else None,
        "passages": [asdict(passage) for passage in reply.passages],
        "quotes": [asdict(quote) for quote in reply.quotes],
        "raw": reply.raw,
        "seed": reply.seed,
        "seconds": {"retrieve": reply.retrieve_seconds, "generate": reply.generate_seconds},
        "ignored_messages": ignored,
    }

"""A thin client of any server that speaks OpenAI's chat completions. The only home of `openai`.

The URL is the user's own request to open a connection; nothing else here opens one. The key comes from an environment
variable and is written nowhere. `OPENAI_API_KEY` goes to OpenAI's own hosts only: other servers get no key but the one
that was set for their role, judge or endpoint.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from lab.endpoint_config import host_of
from lab.errors import ConfigError, LabError, UserError

KEY_VARIABLE = "RAG_FINETUNE_LAB_JUDGE_KEY"
OPENAI_KEY_VARIABLE = "OPENAI_API_KEY"
OPENAI_DOMAIN = "openai.com"
INSTALL = 'pip install "rag-finetune-lab[judge]"'
TEMPERATURE = 0.0

FINISHES = ("stop", "length", "content_filter", "tool_calls", "function_call")  # why a reply ended
OTHER_FINISH = "other"


@dataclass(frozen=True, slots=True)
class Role:
    """What a server is asked for, as messages say it: who it is, its key's variable, and where each setting stands."""

    who: str
    key_variable: str
    url: str
    model: str
    timeout: str


JUDGE = Role("the judge", KEY_VARIABLE, "--url", "--model", "--timeout")


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server wrote. `finish` is one of FINISHES, "other", or None where it told none, as are the tokens."""

    text: str
    finish: str | None
    tokens_in: int | None
    tokens_out: int | None


Ask = Callable[[str], str]
Chat = Callable[[Sequence[Mapping[str, str]]], Reply]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server listens and how it is asked. `timeout` is in seconds for one try, `retries` are further tries.

    `max_tokens` limits the reply; a model that thinks aloud first needs thousands.
    """

    url: str
    model: str
    max_tokens: int = 256
    timeout: float = 120.0
    retries: int = 3
    role: Role = JUDGE

    @property
    def host(self) -> str:
        """The host's name or address, in lower case.

        Raises:
            ConfigError: the URL is none that a request can go to.
        """
        try:
            return host_of(self.url, self.role.key_variable)
        except ValueError as error:
            raise ConfigError(f"{self.role.url}: {error}") from None

    @property
    def is_local(self) -> bool:
        """Whether the host is this machine."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


@contextmanager
def connected(endpoint: Endpoint, *, offline: bool) -> Iterator[Ask]:
    """A function from a prompt to the server's reply, as `chatting` gives it for messages. Raises as that does."""
    with chatting(endpoint, offline=offline) as chat:
        yield lambda prompt: chat([{"role": "user", "content": prompt}]).text


@contextmanager
def chatting(endpoint: Endpoint, *, offline: bool) -> Iterator[Chat]:
    """A function from chat messages to the reply at temperature 0, for use in several threads at once.

    A reply without text is the empty string. Redirects are not followed: the prompts go where the user sent them.

    Raises:
        ConfigError: no usable URL or model name, or a host that `offline` (or HF_HUB_OFFLINE=1) forbids.
        UserError: `openai` is not installed.
        LabError: on asking; the server cannot be reached, refuses, or does not speak this language.
    """
    role = endpoint.role
    if not endpoint.model.strip():
        raise ConfigError(f"{role.model}: expected the name under which the server knows its model, got nothing")
    local = endpoint.is_local
    if not local and (offline or os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "TRUE", "YES", "ON"}):
        raise ConfigError(
            f"{role.url} {endpoint.host}: connections are forbidden here (--offline); use a server on localhost or "
            "127.0.0.1"
        )
    openai = _openai(role)
    client = openai.OpenAI(
        base_url=endpoint.url,
        api_key=_key(endpoint),
        timeout=endpoint.timeout,
        max_retries=endpoint.retries,
        http_client=openai.DefaultHttpxClient(follow_redirects=False, trust_env=not local),  # no proxy to this machine
    )
    if not _is_openai(endpoint.host):
        client.organization = client.project = None  # the client reads them from the environment

    def chat(messages: Sequence[Mapping[str, str]]) -> Reply:
        try:
            completion = client.chat.completions.create(
                model=endpoint.model,
                messages=list(messages),
                temperature=TEMPERATURE,
                max_tokens=endpoint.max_tokens,
            )
        except (openai.OpenAIError, ValueError) as error:
            raise LabError(_what_failed(openai, error, endpoint)) from None
        return _reply(completion, endpoint)

    with client:
        yield chat


def _is_openai(host: str) -> bool:
    return host == OPENAI_DOMAIN or host.endswith(f".{OPENAI_DOMAIN}")


def _key(endpoint: Endpoint) -> str:
    """What the server is to be shown; servers that need no key take any word, and the client insists on one."""
    own = os.environ.get(endpoint.role.key_variable)
    return own or (os.environ.get(OPENAI_KEY_VARIABLE) if _is_openai(endpoint.host) else None) or "none"


def _openai(role: Role) -> Any:
    try:
        import openai
    except ImportError:
        raise UserError(f"{role.who} behind a URL needs the package openai; run: {INSTALL}") from None
    return openai


def _reply(completion: Any, endpoint: Endpoint) -> Reply:
    choices = getattr(completion, "choices", None)
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = getattr(choice, "message", None)
    if message is None:
        raise LabError(
            f"{endpoint.role.who} at {endpoint.host} answered something other than a chat completion; "
            "does the URL end where the server's API begins, usually in /v1?"
        )
    finish, usage = getattr(choice, "finish_reason", None), getattr(completion, "usage", None)
    return Reply(
        text=str(message.content or ""),
        finish=finish if finish is None or finish in FINISHES else OTHER_FINISH,
        tokens_in=_count(getattr(usage, "prompt_tokens", None)),
        tokens_out=_count(getattr(usage, "completion_tokens", None)),
    )


def _count(value: Any) -> int | None:
    """Servers may tell anything."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _what_failed(openai: Any, error: Exception, endpoint: Endpoint) -> str:
    """One sentence for people. What a server says of a key is not repeated."""
    host, role = endpoint.host, endpoint.role
    server = f"{role.who} at {host}"
    if isinstance(error, openai.APITimeoutError):
        return f"{server} gave no reply within {endpoint.timeout:g} s; raise {role.timeout} or ask less at once"
    if isinstance(error, openai.APIConnectionError):
        cause = str(error.__cause__ or error).strip() or type(error).__name__
        return f"no connection to {server} ({cause.splitlines()[0]}); is the server running, and the URL right?"
    status = getattr(error, "status_code", None)
    if status in (401, 403):
        own = role.key_variable
        variable = f"{own} or {OPENAI_KEY_VARIABLE}" if _is_openai(host) else own
        return f"{server} refused the key (status {status}); set {variable} to a valid one"
    said = _told(error)
    if status == 404:
        return f"{server} knows no such address or model (status 404: {said}); check {role.url} and {role.model}"
    return f"{server} refused a request ({f'status {status}: ' if status else ''}{said})"


def _told(error: Exception) -> str:
    """What the server itself says, on one line; servers put it under `message` or `detail`."""
    body = getattr(error, "body", None)
    found = (body.get("message") or body.get("detail")) if isinstance(body, dict) else body
    return " ".join(str(found or error).split())[:300]

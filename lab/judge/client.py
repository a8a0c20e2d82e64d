"""A thin client of any server that speaks OpenAI's chat completions. The only home of `openai`.

The URL is the user's own request to open a connection; nothing else here opens one. The key comes from an environment
variable and is written nowhere. `OPENAI_API_KEY` goes to OpenAI's own hosts only: other servers get no key but the one
that was set for the judge.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lab.errors import ConfigError, LabError, UserError

KEY_VARIABLE = "RAG_FINETUNE_LAB_JUDGE_KEY"
OPENAI_KEY_VARIABLE = "OPENAI_API_KEY"
OPENAI_DOMAIN = "openai.com"
INSTALL = 'pip install "rag-finetune-lab[judge]"'
TEMPERATURE = 0.0

Ask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the judge listens and how it is asked. `timeout` is in seconds for one try, `retries` are further tries.

    `max_tokens` limits the reply; a model that thinks aloud first needs thousands.
    """

    url: str
    model: str
    max_tokens: int = 256
    timeout: float = 120.0
    retries: int = 3

    @property
    def host(self) -> str:
        """The host's name or address, in lower case.

        Raises:
            ConfigError: the URL is none that a request can go to.
        """
        return _host(self.url)

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
    """A function from a prompt to the judge's reply at temperature 0, for use in several threads at once.

    A reply without text is the empty string. Redirects are not followed: the prompts go where the user sent them.

    Raises:
        ConfigError: no usable URL or model name, or a host that `offline` (or HF_HUB_OFFLINE=1) forbids.
        UserError: `openai` is not installed.
        LabError: on asking; the server cannot be reached, refuses, or does not speak this language.
    """
    if not endpoint.model.strip():
        raise ConfigError("--model: expected the name under which the server knows its model, got nothing")
    local = endpoint.is_local
    if not local and (offline or os.environ.get("HF_HUB_OFFLINE", "").upper() in {"1", "TRUE", "YES", "ON"}):
        raise ConfigError(
            f"--url {endpoint.host}: connections are forbidden here (--offline); use a server on localhost or 127.0.0.1"
        )
    openai = _openai()
    client = openai.OpenAI(
        base_url=endpoint.url,
        api_key=_key(endpoint.host),
        timeout=endpoint.timeout,
        max_retries=endpoint.retries,
        http_client=openai.DefaultHttpxClient(follow_redirects=False, trust_env=not local),  # no proxy to this machine
    )
    if not _is_openai(endpoint.host):
        client.organization = client.project = None  # the client reads them from the environment

    def ask(prompt: str) -> str:
        try:
            completion = client.chat.completions.create(
                model=endpoint.model,
                messages=[{"role": "user", "content": prompt}],
                temperature=TEMPERATURE,
                max_tokens=endpoint.max_tokens,
            )
        except (openai.OpenAIError, ValueError) as error:
            raise LabError(_what_failed(openai, error, endpoint)) from None
        return _text(completion, endpoint)

    with client:
        yield ask


def _host(url: str) -> str:
    wanted = "expected http://HOST:PORT/v1 or https://HOST/v1"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ConfigError(f"--url: {wanted}, got one that is not readable ({error})") from None
    if "@" in parts.netloc:
        raise ConfigError(f"--url: {wanted} without a name or password in it; set {KEY_VARIABLE} to the key instead")
    if parts.scheme not in ("http", "https") or not host or port == 0 or parts.query or parts.fragment:
        raise ConfigError(f"--url: {wanted}, got {url!r}")
    return host


def _is_openai(host: str) -> bool:
    return host == OPENAI_DOMAIN or host.endswith(f".{OPENAI_DOMAIN}")


def _key(host: str) -> str:
    """What the server is to be shown; servers that need no key take any word, and the client insists on one."""
    own = os.environ.get(KEY_VARIABLE)
    return own or (os.environ.get(OPENAI_KEY_VARIABLE) if _is_openai(host) else None) or "none"


def _openai() -> Any:
    try:
        import openai
    except ImportError:
        raise UserError(f"a judge behind a URL needs the package openai; run: {INSTALL}") from None
    return openai


def _text(completion: Any, endpoint: Endpoint) -> str:
    choices = getattr(completion, "choices", None)
    message = getattr(choices[0], "message", None) if isinstance(choices, list) and choices else None
    if message is None:
        raise LabError(
            f"the judge at {endpoint.host} answered something other than a chat completion; "
            "does the URL end where the server's API begins, usually in /v1?"
        )
    return str(message.content or "")


def _what_failed(openai: Any, error: Exception, endpoint: Endpoint) -> str:
    """One sentence for people. What a server says of a key is not repeated."""
    host = endpoint.host
    if isinstance(error, openai.APITimeoutError):
        return f"the judge at {host} gave no reply within {endpoint.timeout:g} s; raise --timeout or ask less at once"
    if isinstance(error, openai.APIConnectionError):
        cause = str(error.__cause__ or error).strip() or type(error).__name__
        return (
            f"no connection to the judge at {host} ({cause.splitlines()[0]}); is the server running, and the URL right?"
        )
    status = getattr(error, "status_code", None)
    if status in (401, 403):
        variable = f"{KEY_VARIABLE} or {OPENAI_KEY_VARIABLE}" if _is_openai(host) else KEY_VARIABLE
        return f"the judge at {host} refused the key (status {status}); set {variable} to a valid one"
    said = _told(error)
    if status == 404:
        return f"the judge at {host} knows no such address or model (status 404: {said}); check --url and --model"
    return f"the judge at {host} refused a request ({f'status {status}: ' if status else ''}{said})"


def _told(error: Exception) -> str:
    """What the server itself says, on one line; servers put it under `message` or `detail`."""
    body = getattr(error, "body", None)
    found = (body.get("message") or body.get("detail")) if isinstance(body, dict) else body
    return " ".join(str(found or error).split())[:300]

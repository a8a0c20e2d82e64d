"""The `generator.endpoint` section: a server whose model answers beside the run's own methods.

The key is never in the file: it comes from the environment variable RAG_FINETUNE_LAB_ENDPOINT_KEY.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from lab.corpus_config import Auto, Count, Section
from lab.decision_config import Amount, Positive

ENDPOINT = "endpoint"  # the name of the engine, and of its method without passages
ENDPOINT_METHODS = (ENDPOINT, f"{ENDPOINT}+rag")
ENDPOINT_KEY = "RAG_FINETUNE_LAB_ENDPOINT_KEY"
MARK = "other model, other engine"
LEAST_TOKENS = 256  # of a reply, where its length is auto: large models write more around an answer


class EndpointConfig(Section):
    """Any server that speaks OpenAI's chat completions; it is asked with and without passages."""

    url: str = Field(description="Where the server's API begins: http://localhost:8000/v1.")
    model: str = Field(description="The name under which the server knows its model.")
    max_tokens: Count | Auto = Field(
        "auto",
        description=f"Longest reply; auto: twice max_new_tokens, at least {LEAST_TOKENS}; thinking needs thousands.",
    )
    timeout: Positive = Field(120.0, description="Seconds to wait for one reply; each request is tried four times.")
    parallel: Annotated[int, Field(ge=1, le=64)] = Field(4, description="Requests at a time.")
    million_tokens_in: Amount | None = Field(
        None, description="The server's price of a million prompt tokens; null: that of economics."
    )
    million_tokens_out: Amount | None = Field(
        None, description="The server's price of a million written tokens; null: that of economics."
    )

    @field_validator("url")
    @classmethod
    def url_leads_to_a_host(cls, value: str) -> str:
        host_of(value, ENDPOINT_KEY)
        return value

    @field_validator("model")
    @classmethod
    def model_is_one_name(cls, value: str) -> str:
        if not value.strip() or not value.isprintable():
            raise ValueError("expected the name under which the server knows its model, on one line")
        return value

    @model_validator(mode="after")
    def prices_come_together(self) -> EndpointConfig:
        if (self.million_tokens_in is None) != (self.million_tokens_out is None):
            raise ValueError("million_tokens_in and million_tokens_out: give both or neither")
        return self


def host_of(url: str, key_variable: str) -> str:
    """The host's name or address, in lower case.

    Raises:
        ValueError: no URL that a request can go to, or one with a password, which belongs into `key_variable`.
    """
    wanted = "expected http://HOST:PORT/v1 or https://HOST/v1"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ValueError(f"{wanted}, got one that is not readable ({error})") from None
    if "@" in parts.netloc:
        raise ValueError(f"{wanted} without a name or password in it; set {key_variable} to the key instead")
    if parts.scheme not in ("http", "https") or not host or port == 0 or parts.query or parts.fragment:
        if parts.query or parts.fragment:
            raise ValueError(f"{wanted}, got more behind it; set {key_variable} if that is a key")
        raise ValueError(f"{wanted}, got {url!r}")
    return host


def shown_model(name: str) -> str:
    """The model's name without the folders of a machine."""
    path = PurePath(name)
    return path.name if path.is_absolute() else name


def with_endpoint(methods: Sequence[Any]) -> list[Any]:
    """The methods of a run that has an endpoint: both of its own beside them, unless some of these are named."""
    named = list(methods)
    return (
        named
        if set(ENDPOINT_METHODS) & {name for name in named if isinstance(name, str)}
        else [*named, *ENDPOINT_METHODS]
    )


def check_methods(methods: Sequence[str], endpoint: EndpointConfig | None) -> None:
    """Refuse methods of an endpoint that is not there, and an endpoint with nothing beside it.

    Raises:
        ValueError: these methods and this endpoint do not fit each other.
    """
    served = [name for name in methods if name in ENDPOINT_METHODS]
    if served and endpoint is None:
        verb = "needs" if len(served) == 1 else "need"
        raise ValueError(
            f"methods: {' and '.join(served)} {verb} generator.endpoint (url and model); add it, or take them out"
        )
    if served and len(served) == len(methods):
        raise ValueError(
            f"methods: {' and '.join(served)} stand beside the run's own methods, and it has none; add one, such as rag"
        )


def is_beside(method: Mapping[str, Any]) -> bool:
    """Whether a method of a result was answered by an endpoint: beside the comparison, and no candidate."""
    engine = method.get("engine")
    return isinstance(engine, Mapping) and engine.get("name") == ENDPOINT

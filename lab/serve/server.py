"""The port: taken before any model is loaded, so that a port in use is told at once."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lab.ask.choice import default_method, example_questions, read_run
from lab.ask.desk import Desk
from lab.errors import ConfigError, UserError
from lab.serve.pages import RunView

if TYPE_CHECKING:
    import uvicorn

LOCAL_NAMES = ("localhost",)
HOST_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*)")
GRACE_SECONDS = 2
# Tabs of browsers keep some connections each; whoever begins requests without ending them gets no further than this.
MOST_CONNECTIONS = 128
IDLE_SECONDS = 5  # how long a connection may wait for its next request
MOST_HEADER_BYTES = 32_768


@dataclass(frozen=True, slots=True)
class Address:
    """A socket that listens, and how it is reached."""

    socket: socket.socket
    host: str

    @property
    def url(self) -> str:
        """Where a browser on this machine finds it."""
        port = self.socket.getsockname()[1]
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104 - told, not bound
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{port}"

    @property
    def local(self) -> bool:
        """Whether only this machine reaches it."""
        return is_local(self.host)


def is_local(host: str) -> bool:
    """Whether `host` is a loopback address or localhost."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() in LOCAL_NAMES


def listen(host: str, port: int) -> Address:
    """Take a port; 0 takes a free one.

    Raises:
        UserError: the port is in use, or may not be taken.
        ConfigError: the host is no address of this machine, or the port is no port.
    """
    if not 0 <= port <= 65535:
        raise ConfigError(f"--port {port}: expected a number from 0 to 65535")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (OSError, UnicodeError):
        raise ConfigError(f"--host {host}: expected an address or a name of this machine") from None
    listener = socket.socket(found[0], found[1])
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(found[4])
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise UserError(
            f"{host}:{port} cannot be served: {error.strerror or error}; use another --port (0 takes a free one)"
        ) from None
    return Address(listener, host)


def allowed_name(text: str) -> str:
    """A name of `--allow-host`.

    Raises:
        ConfigError: it is no host name and no IP address.
    """
    with suppress(ValueError):
        return str(ipaddress.ip_address(text.strip("[]")))
    if not HOST_NAME.fullmatch(text):
        raise ConfigError(
            f"--allow-host {text}: expected a name as it stands in the address line of a browser, such as "
            "lab.example: no http://, no port, no path, no *"
        )
    return text


def look_at(desk: Desk) -> RunView:
    """What the pages show of the run.

    Raises:
        DataError: it has no results, or no method that can answer a new question.
    """
    result = read_run(desk.recipe)
    return RunView(desk.recipe, result, default_method(desk.recipe, result), example_questions(desk.recipe.run))


def serve_forever(
    desk: Desk, view: RunView, address: Address, names: Sequence[str], on_ready: Callable[[], None]
) -> None:
    """Answer requests until Ctrl-C; `names` is what it is called beside its address.

    `on_ready` is called when the first request can come.
    """
    import uvicorn

    from lab.serve.app import make_app
    from lab.serve.clerk import Clerk

    own = () if address.local else (address.host, socket.gethostname(), socket.getfqdn())
    server = uvicorn.Server(server_config(make_app(Clerk(desk), view, (*own, *names), local=address.local)))
    on_ready()
    with suppress(KeyboardInterrupt):
        server.run(sockets=[address.socket])


def server_config(app: Any) -> uvicorn.Config:
    """How an ASGI application is served: what one client can hold is bounded, except for how long a request may take.

    A request that is sent byte by byte keeps its connection: uvicorn has no limit for that, a proxy in front has.
    """
    import uvicorn

    return uvicorn.Config(
        app,
        http="h11",  # the one protocol of uvicorn that bounds headers
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ws="none",
        log_level="error",  # each refusal for want of a place would be a warning
        access_log=False,
        server_header=False,
        lifespan="on",
    )

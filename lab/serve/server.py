"""The port: taken before any model is loaded, so that a port in use is told at once."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from lab.ask.choice import default_method, example_questions, read_run
from lab.ask.desk import Desk
from lab.errors import ConfigError, UserError
from lab.serve.pages import RunView

LOCAL_NAMES = ("localhost",)
GRACE_SECONDS = 2


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
    except OSError:
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


def look_at(desk: Desk) -> RunView:
    """What the pages show of the run.

    Raises:
        DataError: it has no results, or no method that can answer a new question.
    """
    result = read_run(desk.recipe)
    return RunView(desk.recipe, result, default_method(desk.recipe, result), example_questions(desk.recipe.run))


def serve_forever(desk: Desk, view: RunView, address: Address, on_ready: Callable[[], None]) -> None:
    """Answer requests until Ctrl-C; `on_ready` is called when the first one can come."""
    import uvicorn

    from lab.serve.app import make_app
    from lab.serve.clerk import Clerk

    names = () if address.local else (address.host, socket.gethostname(), socket.getfqdn())
    app = make_app(Clerk(desk), view, names, local=address.local)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        lifespan="on",
    )
    server = uvicorn.Server(config)
    on_ready()
    with suppress(KeyboardInterrupt):
        server.run(sockets=[address.socket])

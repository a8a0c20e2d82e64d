"""What is turned away before any route sees it: foreign hosts, foreign pages, large bodies.

A page of another site may send requests to a server on this machine, and a name of another site may come to point at it
(DNS rebinding). The first shows in `Origin` and `Sec-Fetch-Site`, the second in `Host`. A Host that is an IP address
cannot be rebound.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lab.serve.chat import error_body

MOST_BYTES = 1_000_000
SAFE_METHODS = ("GET", "HEAD")
LOCAL_NAME = "localhost"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
NO_FRAMES = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


class Guard:
    """ASGI middleware. `names` are the names and addresses that may stand in Host beside `localhost` and IP addresses.

    With `local`, of the other IP addresses only those of this machine's loopback may.
    """

    def __init__(self, app: ASGIApp, names: Collection[str] = (), *, local: bool = True) -> None:
        self._app = app
        self._names = {LOCAL_NAME, *(name.lower().rstrip(".") for name in names)}
        self._local = local

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, _with_headers(send))
            return
        await self._app(scope, _bounded(receive), _with_headers(send))

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._is_ours(host):
            why = f"Host {host[:100]!r} is not a name of this server; lab serve --allow-host NAME adds one"
            return _refuse(403, why, "host_not_allowed")
        if scope["method"] not in SAFE_METHODS and not _is_same_site(headers, host):
            return _refuse(403, "requests from pages of other sites are refused", "origin_not_allowed")
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return _refuse(413, f"the body may have {MOST_BYTES:,} bytes at most", "body_too_large")
        return None

    def _is_ours(self, host: str) -> bool:
        name = _name(host)
        if name in self._names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or not self._local


class BodyTooLargeError(Exception):
    """A body without a stated length went on past MOST_BYTES."""


def _name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_same_site(headers: Headers, host: str) -> bool:
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
    if site not in ("same-origin", "none"):
        return False
    return origin is None or origin.partition("://")[2] == host


def _bounded(receive: Receive) -> Receive:
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MOST_BYTES:
            raise BodyTooLargeError
        return message

    return bounded


def _with_headers(send: Send) -> Send:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Content-Security-Policy", f"default-src 'none'; {NO_FRAMES}")
        await send(message)

    return with_headers


def _refuse(status: int, message: str, code: str) -> JSONResponse:
    return JSONResponse(error_body(message, "invalid_request_error", code=code), status_code=status)

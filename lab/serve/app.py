"""The routes: the report, the page that asks, and OpenAI's API with one model for each method."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from lab.ask.reply import Reply
from lab.errors import ConfigError, DataError
from lab.serve import pages
from lab.serve.chat import ApiError, ChatRequest, Envelope, error_body, model_object, read_request
from lab.serve.clerk import BusyError, Clerk, Event, Failed, Found, Order, Ticket, Turn, Written
from lab.serve.guard import BodyTooLargeError, Guard

SECONDS_BETWEEN_LOOKS = 0.25  # how often a waiting client is looked after
STREAM_HEADERS = {"X-Accel-Buffering": "no"}


def make_app(clerk: Clerk, view: pages.RunView, names: Collection[str] = (), *, local: bool = True) -> Starlette:
    """The application. `names` and `local` say which Host headers are let in (see `Guard`)."""
    routes = _Routes(clerk, view)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        yield
        clerk.close()

    return Starlette(
        routes=[
            Route("/", routes.home),
            Route("/ask", routes.ask),
            Route("/ask.css", routes.style),
            Route("/ask.js", routes.script),
            Route("/api/ask", routes.answer, methods=["POST"]),
            Route("/v1/models", routes.models),
            Route("/v1/models/{name:path}", routes.model),
            Route("/v1/chat/completions", routes.chat, methods=["POST"]),
        ],
        middleware=[Middleware(Guard, names=names, local=local)],
        exception_handlers={ApiError: _api_error, HTTPException: _http_error, BodyTooLargeError: _too_large},
        lifespan=lifespan,
    )


class _Routes:
    def __init__(self, clerk: Clerk, view: pages.RunView) -> None:
        self._clerk = clerk
        self._view = view
        self._methods = clerk.desk.methods
        self._created = int(time.time())

    async def home(self, request: Request) -> Response:
        page = pages.report_page(self._view.recipe.run)
        if page is None:
            return RedirectResponse("/ask")
        return HTMLResponse(page, headers={"Content-Security-Policy": pages.REPORT_POLICY})

    async def ask(self, request: Request) -> Response:
        return HTMLResponse(pages.ask_page(self._view), headers={"Content-Security-Policy": pages.ASK_POLICY})

    async def style(self, request: Request) -> Response:
        return Response(pages.style(), media_type="text/css")

    async def script(self, request: Request) -> Response:
        return Response(pages.script(), media_type="text/javascript")

    async def answer(self, request: Request) -> Response:
        """Several methods answer one question; what happens comes as server-sent events."""
        body = await _json(request)
        question, methods = (body.get("question"), body.get("methods")) if isinstance(body, dict) else (None, None)
        if not isinstance(question, str):
            raise ApiError(400, "question: expected a text", "question")
        if not isinstance(methods, list) or not methods or not all(name in self._methods for name in methods):
            raise ApiError(400, f"methods: expected some of {', '.join(self._methods)}", "methods")
        ticket = self._place(Order(question, tuple(dict.fromkeys(methods))), "question")
        reasons = self._view.recipe.style.reasoning != "none"

        async def events() -> AsyncIterator[str]:
            yield _event({"type": "queued", "ahead": ticket.ahead})
            async for event in ticket.events():
                if not (isinstance(event, Written) and event.raw and not (reasons and event.text)):
                    yield _event(_as_json(event))
            yield _event({"type": "end"})

        return _stream(request, ticket, events())

    async def models(self, request: Request) -> Response:
        data = [model_object(name, self._created) for name in self._methods]
        return JSONResponse({"object": "list", "data": data})

    async def model(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._methods:
            raise ApiError(404, f"the model {name[:100]!r} does not exist", "model", "model_not_found")
        return JSONResponse(model_object(name, self._created))

    async def chat(self, request: Request) -> Response:
        asked = read_request(await _json(request), self._methods)
        ticket = self._place(asked.order, "messages")
        if asked.stream:
            return _stream(request, ticket, _chunks(asked, ticket))
        watch = asyncio.create_task(_until_left(request, ticket))
        try:
            return JSONResponse(await _whole(asked, ticket))
        finally:
            watch.cancel()

    def _place(self, order: Order, param: str) -> Ticket:
        try:
            return self._clerk.place(order)
        except BusyError:
            raise ApiError(503, "too many questions wait already; ask again later", code="server_busy") from None
        except DataError as error:
            raise ApiError(400, str(error), param) from None
        except ConfigError as error:
            raise ApiError(404, str(error), "model", "model_not_found") from None


async def _whole(asked: ChatRequest, ticket: Ticket) -> dict[str, Any]:
    async for event in ticket.events():
        if isinstance(event, Failed):
            raise _failure(event)
        if isinstance(event, Reply):
            return Envelope(event.method).whole(event, asked.ignored)
    raise ApiError(499, "the client left", code="client_left")


async def _chunks(asked: ChatRequest, ticket: Ticket) -> AsyncIterator[str]:
    envelope = Envelope(asked.order.methods[0])
    yield _event(envelope.chunk({"role": "assistant", "content": ""}))
    async for event in ticket.events():
        if isinstance(event, Written) and not event.raw:
            yield _event(envelope.chunk({"content": event.text}))
        elif isinstance(event, Failed):
            yield _event(_failure(event).body)
        elif isinstance(event, Reply):
            yield _event(envelope.last(event, asked.ignored))
            if asked.include_usage:
                yield _event(envelope.usage_chunk(event))
    yield "data: [DONE]\n\n"


def _failure(event: Failed) -> ApiError:
    return ApiError(400, event.message, "messages") if event.asker else ApiError(500, event.message)


def _stream(request: Request, ticket: Ticket, body: AsyncIterator[str]) -> StreamingResponse:
    async def watched() -> AsyncIterator[str]:
        watch = asyncio.create_task(_until_left(request, ticket))
        try:
            async for part in body:
                yield part
        finally:
            watch.cancel()
            ticket.leave()

    return StreamingResponse(watched(), media_type="text/event-stream", headers=STREAM_HEADERS)


async def _until_left(request: Request, ticket: Ticket) -> None:
    while not await request.is_disconnected():
        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
    ticket.leave()


async def _json(request: Request) -> Any:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":  # a form of another site could send anything else without being asked for leave
        raise ApiError(415, "expected the content type application/json")
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError):
        raise ApiError(400, "the body is not JSON") from None


def _as_json(event: Event) -> dict[str, Any]:
    if isinstance(event, Turn):
        return {"type": "turn", "method": event.method}
    if isinstance(event, Found):
        return {
            "type": "found",
            "method": event.method,
            "passages": [pages.passage_view(one) for one in event.passages],
        }
    if isinstance(event, Written):
        return {"type": "raw" if event.raw else "text", "method": event.method, "text": event.text}
    if isinstance(event, Failed):
        return {"type": "failed", "message": event.message}
    return {"type": "reply", "reply": pages.reply_view(event)}


def _event(value: dict[str, Any]) -> str:
    return f"data: {json.dumps(value, allow_nan=False)}\n\n"


async def _api_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return JSONResponse(error.body, status_code=error.status)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    body = error_body(f"{request.method} {request.url.path[:100]}: {error.detail}", "invalid_request_error")
    return JSONResponse(body, status_code=error.status_code, headers=error.headers)


async def _too_large(request: Request, error: Exception) -> Response:
    return JSONResponse(error_body("the body is too large", "invalid_request_error", code="body_too_large"), 413)

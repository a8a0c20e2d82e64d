"""One question at a time, in a thread of its own; whoever leaves stops the writing, others wait in line."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lab.ask.desk import Desk, Listener, check_question
from lab.ask.reply import Reply, ShownPassage
from lab.errors import LabError, UserError
from lab.types import Hit

log = logging.getLogger(__name__)

MOST_WAITING = 32


@dataclass(frozen=True, slots=True)
class Turn:
    """A method begins to answer."""

    method: str


@dataclass(frozen=True, slots=True)
class Found:
    """The passages that a method is about to read."""

    method: str
    passages: tuple[ShownPassage, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What was added to an answer, or to all that is written (`raw`), which may hold a reason before the answer."""

    method: str
    text: str
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """Why there is no reply. `asker` says whether the question must change; else something here is wrong."""

    message: str
    asker: bool


Event = Turn | Found | Written | Reply | Failed


@dataclass(frozen=True, slots=True)
class Order:
    """A question for some methods, each of which writes at most `limit` tokens, or the run's own limit."""

    question: str
    methods: tuple[str, ...]
    limit: int | None = None


class BusyError(Exception):
    """More questions wait than are taken."""


class Ticket:
    """A place in the line. `ahead` counts the questions that were there before."""

    def __init__(self, ahead: int) -> None:
        self.ahead = ahead
        self._left = threading.Event()
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()

    async def events(self) -> AsyncIterator[Event]:
        """What happens, until the last method has replied or something failed. To stop reading is to leave."""
        try:
            while (event := await self._events.get()) is not None:
                yield event
        finally:
            self.leave()

    def leave(self) -> None:
        """Nobody waits for the reply any more; to be called on the event loop."""
        self._left.set()
        self._events.put_nowait(None)

    def tell(self, event: Event | None) -> None:
        """From the clerk's thread.

        Raises:
            _LeftError: nobody listens.
        """
        if self._left.is_set():
            raise _LeftError
        self._loop.call_soon_threadsafe(self._events.put_nowait, event)


class Clerk:
    """Answers orders one after the other. All of it but the answering runs on the event loop."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="lab-serve")
        self._open: set[Ticket] = set()

    def place(self, order: Order) -> Ticket:
        """Put an order into the line.

        Raises:
            BusyError: MOST_WAITING orders wait already.
            ConfigError: the run has no such method.
            DataError: the question is none that can be asked.
        """
        check_question(order.question)
        for name in order.methods:
            self.desk.method(name)
        if len(self._open) >= MOST_WAITING:
            raise BusyError
        ticket = Ticket(len(self._open))
        self._open.add(ticket)
        done = asyncio.get_running_loop().run_in_executor(self._thread, self._serve, order, ticket)
        done.add_done_callback(lambda _: self._open.discard(ticket))
        return ticket

    def close(self) -> None:
        """Stop what is being written and take no more; returns when the thread has ended."""
        for ticket in tuple(self._open):
            ticket.leave()
        self._thread.shutdown(wait=True, cancel_futures=True)

    def _serve(self, order: Order, ticket: Ticket) -> None:
        try:
            for name in self.desk.in_order(order.methods):
                ticket.tell(Turn(name))
                ticket.tell(self.desk.answer(order.question, name, _listener(name, ticket.tell), limit=order.limit))
            ticket.tell(None)
        except _LeftError:
            return
        except LabError as error:
            _fail(ticket, Failed(str(error), isinstance(error, UserError)))
        except Exception:
            log.exception("a question failed")
            _fail(ticket, Failed("an internal error; the terminal of lab serve tells more", asker=False))


class _LeftError(Exception):
    """Raised in the thread where nobody listens any more."""


def _listener(method: str, tell: Callable[[Event], None]) -> Listener:
    def found(hits: Sequence[Hit]) -> None:
        tell(Found(method, tuple(ShownPassage.of(hit, shown=True) for hit in hits)))

    return Listener(
        on_passages=found,
        on_answer=lambda part: tell(Written(method, part)),
        on_raw=lambda part: tell(Written(method, part, raw=True)),  # told for "" too: here a leaver is noticed
    )


def _fail(ticket: Ticket, event: Failed) -> None:
    try:
        ticket.tell(event)
        ticket.tell(None)
    except _LeftError:
        return

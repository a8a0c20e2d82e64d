"""A server on a free port of this machine, behind it a desk whose answers a test scripts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from scripted_desk import Script, ScriptedDesk, recipe_of

from lab.ask.choice import Choice, ExampleQuestion
from lab.types import ExperimentResult

SECONDS = 20


@dataclass(frozen=True)
class Served:
    url: str
    port: int
    desk: ScriptedDesk


def result_of(methods: tuple[str, ...]) -> ExperimentResult:
    """As much of a result as the pages read."""
    found = {name: {"metrics": {"token_f1": {"mean": 0.5, "low": 0.4, "high": 0.6, "n": 4}}} for name in methods}
    empty: dict[str, object] = {}
    return ExperimentResult(
        "quays", "ferries & <b>quays</b>", "question", 4, 2, (1,), empty, empty, found, (), empty,
        {"choice": "raft"}, empty, empty, {"metrics": {"primary": "token_f1"}},
    )  # fmt: skip


@contextmanager
def serving(desk: ScriptedDesk, names: Sequence[str] = (), *, local: bool = True) -> Iterator[Served]:
    import uvicorn

    from lab.serve.app import make_app
    from lab.serve.clerk import Clerk
    from lab.serve.pages import RunView
    from lab.serve.server import listen, server_config

    examples = (ExampleQuestion("When does the ferry leave?", ("at seven",)),)
    view = RunView(desk.recipe, result_of(desk.methods), Choice("raft", "the run's recommendation"), examples)
    address = listen("127.0.0.1", 0)
    server = uvicorn.Server(server_config(make_app(Clerk(desk), view, names, local=local)))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [address.socket]})
    thread.start()
    try:
        deadline = time.monotonic() + SECONDS
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        yield Served(address.url, address.socket.getsockname()[1], desk)
    finally:
        server.should_exit = True
        thread.join(SECONDS)
        assert not thread.is_alive()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Starts a server; keyword arguments are those of `Script`, `reasoning`, and what its guard lets in."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def start(
            reasoning: str = "none", *, names: Sequence[str] = (), local: bool = True, **script: object
        ) -> Served:
            desk = ScriptedDesk(recipe_of(tmp_path, reasoning=reasoning), Script(**script))  # type: ignore[arg-type]
            return stack.enter_context(serving(desk, names, local=local))

        yield start

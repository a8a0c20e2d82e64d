"""Signals become wishes that are met between two shards; everything is as before afterwards."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from lab.run_folder import StepEvent
from lab.terminal.stopping import Stopped, Stopping

PROGRESS = StepEvent("train-A", "running", 3, 10)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_waits_for_the_end_of_a_shard(number: signal.Signals, code: int) -> None:
    told: list[str] = []
    before = signal.getsignal(number)
    with Stopping(lambda: told.append("now")) as stopping:
        stopping.check(PROGRESS)
        os.kill(os.getpid(), number)
        assert told == ["now"]
        stopping.check(StepEvent("train-A", "failed", note="Stopped"))
        with pytest.raises(Stopped) as raised:
            stopping.check(PROGRESS)
    assert raised.value.exit_code == code
    assert str(raised.value) == number.name
    assert isinstance(raised.value, KeyboardInterrupt), "what cleans up after Ctrl-C cleans up after this"
    assert signal.getsignal(number) is before


@pytest.mark.parametrize("event", [StepEvent("a", "running"), StepEvent("a", "done"), StepEvent("a", "reused")])
def test_between_steps_is_a_good_moment_too(event: StepEvent) -> None:
    with Stopping(lambda: None) as stopping:
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Stopped):
            stopping.check(event)


def test_the_second_signal_stops_at_once() -> None:
    with Stopping(lambda: None):
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Stopped) as raised:
            os.kill(os.getpid(), signal.SIGTERM)
            assert signal.getsignal(signal.SIGTERM)  # a line on which Python may notice the signal
    assert raised.value.exit_code == 143


def test_other_threads_keep_the_handlers_that_are_there() -> None:
    seen: list[object] = []

    def work() -> None:
        with Stopping(lambda: None):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]

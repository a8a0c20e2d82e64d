"""What a run measures of its own process and of a GPU."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from lab.energy import EnergyMeter
from lab.memory import PeakMemory


def test_the_peak_holds_what_was_held_and_given_back() -> None:
    with PeakMemory("cpu") as small:
        pass
    with PeakMemory("cpu") as watched:
        block = np.ones(30_000_000)  # 240 MB
        for _ in range(200):  # a thread looks ten times a second
            block += 1.0
            if watched.peak_bytes >= small.peak_bytes + 200_000_000:
                break
        del block
    assert watched.peak_bytes >= small.peak_bytes + 200_000_000


def test_without_a_counting_gpu_energy_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    with EnergyMeter() as meter:
        pass
    assert meter.joules is None


def driver(readings: list[int]) -> SimpleNamespace:
    """A driver with one GPU whose counter reads these millijoules in turn."""
    return SimpleNamespace(
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: 1,
        nvmlDeviceGetHandleByIndex=lambda place: place,
        nvmlDeviceGetTotalEnergyConsumption=lambda device: readings.pop(0),
    )


def test_energy_is_the_difference_of_the_counter_in_joules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", driver([1000, 5000, 12_500]))
    with EnergyMeter() as meter:
        pass
    assert meter.joules == 7.5


def test_a_counter_that_was_reset_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", driver([1000, 5000, 200]))
    with EnergyMeter() as meter:
        pass
    assert meter.joules is None

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


def test_without_the_library_energy_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    with EnergyMeter("cuda") as meter:
        pass
    assert meter.joules is None


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A driver with one GPU whose counter reads these millijoules in turn."""
    readings: list[int] = []
    library = SimpleNamespace(
        nvmlInit=lambda: None,
        nvmlDeviceGetHandleByUUID=lambda name: name,
        nvmlDeviceGetTotalEnergyConsumption=lambda device: readings.pop(0),
    )
    gpu = SimpleNamespace(get_device_properties=lambda: SimpleNamespace(uuid="12ab"))
    monkeypatch.setitem(sys.modules, "pynvml", library)
    monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=gpu))
    return readings


def test_energy_is_the_difference_of_the_counter_in_joules(driver: list[int]) -> None:
    driver += [1000, 5000, 12_500]
    with EnergyMeter("cuda") as meter:
        pass
    assert meter.joules == 7.5


def test_on_a_cpu_an_idle_gpu_is_not_counted(driver: list[int]) -> None:
    driver += [1000, 5000, 12_500]
    with EnergyMeter("cpu") as meter:
        pass
    assert meter.joules is None


def test_a_counter_that_was_reset_tells_nothing(driver: list[int]) -> None:
    driver += [1000, 5000, 200]
    with EnergyMeter("cuda") as meter:
        pass
    assert meter.joules is None

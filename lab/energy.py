"""Energy that the GPU took while something ran, as its driver counts it (NVML). Without such a GPU: not measured."""

from __future__ import annotations

from types import TracebackType
from typing import Any


class EnergyMeter:
    """A context whose `joules` are those of all GPUs together, None where nothing counts them.

    The counter is the whole device's (nvmlDeviceGetTotalEnergyConsumption, mJ): nothing else may run on it.
    """

    def __init__(self) -> None:
        self._devices = _devices()
        self._before: list[int] = []
        self.joules: float | None = None

    def __enter__(self) -> EnergyMeter:
        self._before = [_millijoules(device) for device in self._devices]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        used = [_millijoules(device) - start for device, start in zip(self._devices, self._before, strict=True)]
        if used and min(used) >= 0:  # a counter that was reset counts backwards
            self.joules = sum(used) / 1000.0


def _devices() -> list[Any]:
    try:
        import pynvml

        pynvml.nvmlInit()
        found = [pynvml.nvmlDeviceGetHandleByIndex(place) for place in range(pynvml.nvmlDeviceGetCount())]
        for device in found:
            _millijoules(device)
    except Exception:  # no driver, no GPU, or one that does not count
        return []
    return found


def _millijoules(device: Any) -> int:
    import pynvml

    return int(pynvml.nvmlDeviceGetTotalEnergyConsumption(device))

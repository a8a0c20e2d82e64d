"""Energy that a GPU took while something ran, as its driver counts it (NVML). On a CPU: not measured.

Needs the extra `energy`: pip install "rag-finetune-lab[energy]".
"""

from __future__ import annotations

from types import TracebackType
from typing import Any


class EnergyMeter:
    """A context whose `joules` are those of the GPU that torch computes on, None where nothing counts them.

    The counter is the whole device's (nvmlDeviceGetTotalEnergyConsumption, mJ): nothing else may run on it.
    """

    def __init__(self, device: str) -> None:
        self._device = _counting_device() if device.startswith("cuda") else None
        self._before = 0
        self.joules: float | None = None

    def __enter__(self) -> EnergyMeter:
        if self._device is not None:
            self._before = _millijoules(self._device)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._device is None:
            return
        used = _millijoules(self._device) - self._before
        if used >= 0:  # a counter that was reset counts backwards
            self.joules = used / 1000.0


def _counting_device() -> Any:
    """NVML's handle of torch's current GPU, found by its UUID: CUDA_VISIBLE_DEVICES may have renumbered them."""
    try:
        import pynvml
        import torch

        pynvml.nvmlInit()
        device = pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{torch.cuda.get_device_properties().uuid}")
        _millijoules(device)
    except Exception:  # no such library, or a driver or GPU that does not count
        return None
    return device


def _millijoules(device: Any) -> int:
    import pynvml

    return int(pynvml.nvmlDeviceGetTotalEnergyConsumption(device))

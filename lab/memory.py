"""The most memory that this process held while something ran."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from types import TracebackType

import psutil

SECONDS_BETWEEN_LOOKS = 0.1


def give_back() -> None:
    """Give freed memory back to the system, as far as can be: else it would count as that of what runs next."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, musl has not
        if trim is not None:
            trim(0)


class PeakMemory:
    """A context in which memory is watched: on a GPU what torch allocated there, else the process's resident memory.

    Resident memory is looked at ten times a second, so a shorter peak can be missed; it includes the libraries.
    """

    def __init__(self, device: str) -> None:
        self._on_gpu = device.startswith("cuda")
        self._process = psutil.Process()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.peak_bytes = 0

    def __enter__(self) -> PeakMemory:
        if self._on_gpu:
            import torch

            torch.cuda.reset_peak_memory_stats()
        else:
            self._look()
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._on_gpu:
            import torch

            self.peak_bytes = int(torch.cuda.max_memory_allocated())
        else:
            self._ended.set()
            self._thread.join()
            self._look()

    def _watch(self) -> None:
        while not self._ended.wait(SECONDS_BETWEEN_LOOKS):
            self._look()

    def _look(self) -> None:
        self.peak_bytes = max(self.peak_bytes, int(self._process.memory_info().rss))

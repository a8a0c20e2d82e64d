"""Freed memory goes back to the system, so that it is not counted as that of what runs next."""

import ctypes
import sys

import psutil
import pytest

from lab.memory import give_back


@pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="needs glibc's malloc_trim"
)
def test_what_many_small_blocks_held_goes_back():
    process, mega = psutil.Process(), 1_000_000
    give_back()
    before = process.memory_info().rss
    blocks = [bytearray(50_000) for _ in range(3000)]  # too small for the allocator to give back by itself
    pins = blocks[::100]
    held = process.memory_info().rss
    del blocks
    give_back()
    after = process.memory_info().rss
    assert held - before > 120 * mega and len(pins) == 30
    assert held - after > 100 * mega

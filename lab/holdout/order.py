"""Seeded hashes and the order of ids: every random choice of the holdout comes from here."""

from __future__ import annotations

import hashlib
import re


def chance(seed: int, purpose: str, key: str) -> float:
    """A number in [0, 1) that depends on nothing but its arguments, uniform over keys.

    `purpose` separates choices that must not depend on each other, such as a side and a limit.
    """
    digest = hashlib.sha256(f"{seed}\0{purpose}\0{key}".encode("utf-8", "surrogatepass")).digest()
    # 53 bits are what a float holds; 64 would round some values up to 1.0.
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53


def natural(name: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Sort key that puts q9 before q10, so that ids which count upwards sort in the order they were written."""
    pieces = [piece for piece in re.split(r"([0-9]+)", name) if piece]
    return tuple((0, int(piece), "") if piece[0] in "0123456789" else (1, 0, piece) for piece in pieces), name

"""Cutting hostile texts: any structure of Markdown, any signs, tokenizers that pass over letters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from corpus_cases import PADS, SALT
from fuzzing import Case
from hypothesis import strategies as st
from properties import ToyEncoder, check_cutting
from spoiling import spoiled_bytes

from lab.corpus.passages import CUTTINGS
from lab.types import Document

LINES = [
    "# Brakes", "## Pads ##", "#no heading", "####### seven", "Setext", "===", "---", "***", "- item", "  * inner",
    "3) third",
    "| a | b |", "|---|", "|", "```", "~~~~", "    code", "> quote", "1.2 Title", "TITLE", "", "", " ", "\t",
    "Pads last. Oil it!",
    "a" * 300, "\u3002\uff01\u3002", "e\u0301" * 30, "...", "?" * 50, "\u200b\u200b", "A. B. C. D.", "\u00a0",
    "\x1c\x1d", "<h1>x</h1>",
]  # fmt: skip
STRUCTURES = st.lists(st.sampled_from(LINES) | st.text(max_size=12), max_size=40)
PATTERNS = (r"\w{1,7}|[^\w\s]", r"\S+", r"[a-y]+", r"\s*\S+", r"(?s).", r"\Z")


@st.composite
def documents(draw: Any) -> bytes:
    """A first line with title, pattern, size and overlap, then the text."""
    title = draw(
        st.sampled_from(["", "Brakes", "a b " * 9, "\u202e", "T" * 400]) | st.text("abc #|\u0301", max_size=20)
    )
    head = f"{draw(st.integers(0, 5))} {draw(st.integers(1, 44))} {draw(st.integers(0, 20))} {title}".replace("\n", " ")
    end = draw(st.sampled_from(["\n", "\n\n", "\r\n", "\r", "\u2028"]))
    text = end.join(draw(STRUCTURES)).encode("utf-8", "replace")
    return head.encode() + b"\n" + text


def read_document(folder: Path) -> None:
    """Every strategy loses nothing, and its offsets are exact."""
    head, _, text = (folder / "text.txt").read_bytes().decode("utf-8", "replace").partition("\n")
    words = (*head.split(" ", 3), "", "", "", "")
    pattern, size, overlap = (int(word) if word.isascii() and word.isdigit() else 5 for word in words[:3])
    encoder = ToyEncoder(PATTERNS[pattern % len(PATTERNS)])
    document = Document("text.txt", words[3].strip(), text)
    for cutting in CUTTINGS:
        check_cutting(document, cutting, size=size % 44 + 1, overlap=overlap % 30, encoder=encoder)


PLAIN = b"0 12 3 Brakes\n" + PADS.encode() + SALT.encode()
CUTTING_CASES = [
    Case("structures", {"text.txt": PLAIN}, {"text.txt": documents()}, read_document, share=2.0),
    Case("edits", {"text.txt": PLAIN}, {"text.txt": spoiled_bytes([PLAIN])}, read_document),
]

"""The answer browser: every question, what each method answered and what it read, inside the one HTML file.

Twenty thousand questions do not fit a page as plain text, so the rows are cut into pages that are packed (JSON, gzip,
base64) and unpacked one by one when they are looked at. Four kinds of islands, each named browser-<kind>-<number>:

head      methods, runs, metrics, kinds, causes, documents, and how many questions a page holds
index     what filters, sorting and search need, column by column: verdicts, causes, scores and all short texts
detail    the rest of each answer: all scores, tokens, seconds, raw output, and which passages were read
passages  each distinct passage once
"""

from __future__ import annotations

from lab.report.browser.packing import Island, Sizes
from lab.report.browser.parts import BrowserParts, browser_parts

__all__ = ["BrowserParts", "Island", "Sizes", "browser_parts"]

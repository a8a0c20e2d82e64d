"""What a document is called: its first heading, else what its format says, else its file's name."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from lab.escapes import visible
from lab.ingest.clean import clean

MAX_TITLE = 100  # characters; a title stands before every passage, within what the encoder reads
SEARCHED = 20_000  # characters in which a heading must stand
MAX_HEADING_LINE = 80
_HEADING = re.compile(r" {0,3}#{1,6} +(\S.*)")
_UNDERLINE = re.compile(r"={3,}|-{3,}")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")
_NO_TITLES = re.compile(
    r"(?i)untitled.*|(microsoft word|powerpoint|excel)\b.*|.*\.(docx?|indd|qxd|tex|dvi|pdf|odt|rtf)|\W*"
)


def tidy_title(text: str) -> str:
    """A title on one line, without Markdown's marks, at most 100 characters long, cut between words."""
    text = _LINK.sub(r"\1", clean(text[:2000]).text)
    text = visible(" ".join(re.sub(r"(?<!\w)[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}(?!\w)|#+$", "", text).split()))
    if len(text) <= MAX_TITLE:
        return text
    cut = text.rfind(" ", MAX_TITLE // 2, MAX_TITLE - 1)
    return text[: cut if cut > 0 else MAX_TITLE - 1].rstrip(" ,;:-") + "…"


def markdown_title(text: str) -> str:
    """The title of front matter, else the first heading outside code, "" where there is none."""
    lines = text[:SEARCHED].split("\n")
    if lines[0] == "---" and "---" in lines[1:50]:
        end = lines.index("---", 1)
        for line in lines[1:end]:
            if line.startswith("title:") and line[6:].strip(" \"'"):
                return tidy_title(line[6:].strip(" \"'"))
        lines = lines[end + 1 :]
    fence = ""
    for number, line in enumerate(lines):
        mark = line.lstrip()[:3]
        if mark in ("```", "~~~"):
            fence = "" if fence == mark else fence or mark
        elif not fence and (match := _HEADING.fullmatch(line)):
            return tidy_title(match[1])
        elif not fence and _is_underlined(lines, number):
            return tidy_title(line)
    return ""


def text_title(text: str) -> str:
    """The first line of plain text where it stands apart like a title: short, underlined or before a blank line."""
    lines = text[:SEARCHED].split("\n")
    first = lines[0].strip()
    if match := _HEADING.fullmatch(first):
        return tidy_title(match[1])
    apart = len(lines) > 2 and not lines[1].strip() and lines[2].strip()
    if _is_underlined(lines, 0) or (apart and len(first) <= MAX_HEADING_LINE and first[-1:] not in ".,;:!"):
        return tidy_title(first) if any(map(str.isalpha, first)) else ""
    return ""


def metadata_title(text: str) -> str:
    """A title from a file's metadata; "" for what programs write there by themselves."""
    title = tidy_title(text)
    return "" if _NO_TITLES.fullmatch(title) else title


def file_title(path: str) -> str:
    """A title from a file's name: without extension, underscores read as spaces."""
    name = PurePosixPath(path)
    return tidy_title(name.stem.replace("_", " ")) or name.name


def _is_underlined(lines: list[str], number: int) -> bool:
    below = lines[number + 1] if number + 1 < len(lines) else ""
    line = lines[number]
    alone = number == 0 or not lines[number - 1].strip()
    return bool(
        alone and line.strip() and len(line) <= MAX_TITLE and line[:1] not in "|-*>" and _UNDERLINE.fullmatch(below)
    )

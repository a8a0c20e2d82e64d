"""A question in other words by a table of openings: where no teacher, or only a small one, rewords."""

from __future__ import annotations

# What a question begins with, and what may stand there instead. Each pair asks for the same, whatever follows.
_OPENINGS = (
    ("In which year ", "When "),
    ("How many ", "What number of "),
    ("How often ", "How frequently "),
    ("How long ", "For what length of time "),
    ("Why ", "For what reason "),
    ("Where ", "In what place "),
    ("What percentage ", "What share "),
)


def rephrased(question: str) -> str:
    """The question with another opening, also behind "According to ..., "; "" where no opening is known."""
    front, comma, rest = (
        question.rpartition("\u201d, ") if question.startswith("According to \u201c") else ("", "", question)
    )
    for opening, other in _OPENINGS:
        if rest[: len(opening)].casefold() == opening.casefold():
            begun = other if rest[:1].isupper() else other[:1].lower() + other[1:]
            return f"{front}{comma}{begun}{rest[len(opening) :]}"
    return ""

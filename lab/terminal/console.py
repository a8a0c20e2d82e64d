"""The rich console, and text that it leaves as it is."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from lab.escapes import visible


def make_console() -> Console:
    """The console on standard output."""
    return Console(highlight=False)


def cell(text: object) -> Text:
    """Foreign text as the cell or the head of a table, which would read a plain string as markup."""
    return Text(visible(str(text)))


def show_text(console: Console, text: str) -> None:
    """Print text word for word: no markup, no colours, no breaks; control characters as escapes."""
    console.print(visible(text), markup=False, emoji=False, soft_wrap=True)

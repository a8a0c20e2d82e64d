"""SVG by hand: escaped text, shapes coloured by CSS variables, and the frame that makes a figure stand alone.

A figure uses the variables --ink, --muted, --line, --accent and --paper. Inside report.html the page sets them; a
stand-alone file carries its own, for light and dark. Nothing here has a date or a random id: equal input, equal bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

FONT_SIZE = 13.0
_BORDER = 16  # px around a figure that stands alone
_CHARACTER_WIDTH = 0.56  # of the font size; the mean of common sans-serif fonts lies between 0.5 and 0.56
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
RULES = f"""
.chart text {{ font: {FONT_SIZE:g}px {_FONT}; fill: var(--ink, #1c2126); font-variant-numeric: tabular-nums; }}
.chart .small {{ font-size: 12px; fill: var(--muted, #5a6570); }}
.chart .strong {{ font-weight: 600; fill: var(--accent, #0b5cad); }}
.chart .grid {{ stroke: var(--line, #dde2e7); stroke-width: 1; fill: none; }}
.chart .dashed {{ stroke-dasharray: 3 3; }}
.chart .bar {{ stroke: var(--ink, #1c2126); stroke-width: 1.6; fill: none; }}
.chart .dot {{ fill: var(--ink, #1c2126); stroke: var(--paper, #fff); stroke-width: 1; }}
.chart .hollow {{ fill: var(--paper, #fff); stroke: var(--ink, #1c2126); stroke-width: 1.6; }}
.chart .light {{ fill: var(--paper, #fff); stroke: var(--muted, #5a6570); stroke-width: 1.2; }}
.chart .chosen.bar {{ stroke: var(--accent, #0b5cad); stroke-width: 2.2; }}
.chart .chosen.dot {{ fill: var(--accent, #0b5cad); }}
.chart .leader {{ stroke: var(--muted, #5a6570); stroke-width: 0.8; fill: none; }}
.chart .curve {{ stroke: var(--ink, #1c2126); stroke-width: 1.6; fill: none; stroke-linejoin: round; }}
.chart .curve.chosen {{ stroke: var(--accent, #0b5cad); stroke-width: 2.2; }}
.chart .curve.faint {{ stroke: var(--muted, #5a6570); stroke-width: 1; }}
.chart .back {{ fill: var(--paper, #fff); }}
"""
_LIGHT = "--ink: #1c2126; --muted: #5a6570; --line: #dde2e7; --accent: #0b5cad; --paper: #ffffff;"
_DARK = "--ink: #e4e8ec; --muted: #9ba6b1; --line: #313941; --accent: #6fb4f2; --paper: #14181c;"
_STANDALONE = f".chart {{ {_LIGHT} }}\n@media (prefers-color-scheme: dark) {{ .chart {{ {_DARK} }} }}{RULES}"


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing of `width` x `height` px. `title` names it, `description` says in words what it shows."""

    name: str
    title: str
    description: str
    width: int
    height: int
    body: str

    def inline(self) -> str:
        """For a page that holds RULES and sets the colours."""
        return self._wrap("", "", 0)

    def standalone(self) -> str:
        """A file of its own, on its own background, since whoever shows it may be light or dark."""
        width, height = self.width + 2 * _BORDER, self.height + 2 * _BORDER
        back = f'<rect class="back" x="-{_BORDER}" y="-{_BORDER}" width="{width}" height="{height}"/>'
        style = f"<style>{_STANDALONE}</style>"
        return self._wrap(' xmlns="http://www.w3.org/2000/svg"', style + back, _BORDER) + "\n"

    def _wrap(self, namespace: str, head: str, border: int) -> str:
        width, height = self.width + 2 * border, self.height + 2 * border
        return (
            f'<svg{namespace} class="chart" role="img" aria-label={attribute(self.title)} width="{width}" '
            f'height="{height}" viewBox="{-border} {-border} {width} {height}">\n'
            f"<title>{clean(self.title)}</title><desc>{clean(self.description)}</desc>{head}\n{self.body}\n</svg>"
        )


def clean(content: str) -> str:
    """Text as XML content; characters that XML forbids become U+FFFD."""
    return escape("".join(character if _allowed(character) else "\ufffd" for character in content))


def attribute(content: str) -> str:
    """Text as a quoted XML attribute."""
    return quoteattr("".join(character if _allowed(character) else "\ufffd" for character in content))


def text_width(content: str) -> float:
    """Width in px, estimated: a file cannot ask which font the reader has."""
    return len(content) * FONT_SIZE * _CHARACTER_WIDTH


def text(x: float, y: float, content: str, anchor: str = "start", kind: str = "") -> str:
    """`y` is the baseline."""
    kind = f' class="{kind}"' if kind else ""
    side = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}"{side}{kind}>{clean(content)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line; `kind` names the rules that style it, here and below."""
    return f'<path class="{kind}" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>'


def polyline(points: list[tuple[float, float]], kind: str) -> str:
    """A line through all points."""
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path class="{kind}" d="M{path}"/>'


def circle(x: float, y: float, kind: str, radius: float = 4.5) -> str:
    """A mark with its centre at (x, y)."""
    return f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}"/>'


def diamond(x: float, y: float, kind: str, radius: float = 4.5) -> str:
    """A mark with its centre at (x, y)."""
    r = f"{radius:g}"
    return f'<path class="{kind}" d="M{x:.1f} {y - radius:.1f}l{r} {r}l-{r} {r}l-{r} -{r}z"/>'


def _allowed(character: str) -> bool:
    return (
        character in "\t\n\r" or " " <= character < "\ud800" or "\ue000" <= character < "\ufffe" or character > "\uffff"
    )

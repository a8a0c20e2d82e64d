"""SVG by hand: escaped text, shapes coloured by CSS variables, the palette, and the frame that makes a figure a file.

Inside report.html the page sets the variables of the palette; a file of its own holds the colours of one theme as plain
values, since few programs beside browsers know variables. Nothing here has a date or a random id: equal input, equal
bytes.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

Theme = Literal["light", "dark"]
FONT_SIZE, SMALL_SIZE = 13.0, 12.0  # px
# Text reaches 4.5:1 on paper, wash and tint, marks 3:1 (WCAG 2.2, 1.4.3 and 1.4.11). The series stay apart for readers
# with protanopia, deuteranopia and tritanopia, and differ in lightness.
LIGHT: Mapping[str, str] = {
    "paper": "#ffffff", "ink": "#1c2126", "muted": "#56616c", "line": "#dde2e7", "wash": "#f5f7f9",
    "accent": "#0b5cad", "tint": "#eaf2fa", "good": "#1a7340", "bad": "#b3261e",
    "s1": "#77818b", "s2": "#0a8bd6", "s3": "#a86200", "s4": "#9c2f90", "s5": "#00754a", "s6": "#7c2b1e",
    "s7": "#3b3bbf", "s8": "#5c1f4b",
}  # fmt: skip
DARK: Mapping[str, str] = {
    "paper": "#14181c", "ink": "#e4e8ec", "muted": "#9ba6b1", "line": "#313941", "wash": "#1b2026",
    "accent": "#6fb4f2", "tint": "#18293a", "good": "#56c68c", "bad": "#ff8a80",
    "s1": "#87919a", "s2": "#2c9fee", "s3": "#f2a62b", "s4": "#ce62c0", "s5": "#35d39a", "s6": "#d9574e",
    "s7": "#c0bbe8", "s8": "#d4cd72",
}  # fmt: skip
LIGHT_VARIABLES = " ".join(f"--{name}: {value};" for name, value in LIGHT.items())
DARK_VARIABLES = " ".join(f"--{name}: {value};" for name, value in DARK.items())
THEMES: Mapping[Theme, Mapping[str, str]] = {"light": LIGHT, "dark": DARK}
DEEPEST = 0.42  # opacity of a cell's strongest shade: text on it still reaches 4.5:1
SHAPES = ("circle", "square", "triangle", "diamond", "wedge", "cross", "hexagon", "plus")

_BORDER, _HEAD = 20, 30  # px around a figure that stands alone, and for its title
_FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
_COLOURS = (*(f"s{place}" for place in range(1, 9)), "ink", "muted", "accent", "good", "bad", "paper")
_ROLES = {
    "mark": "fill: {0}; stroke: var(--paper); stroke-width: 1.2;",
    "ring": "fill: var(--paper); stroke: {0}; stroke-width: 1.8;",
    "rod": "stroke: {0}; stroke-width: 2; fill: none; stroke-linejoin: round;",
    "stripes": "stroke: {0}; stroke-dasharray: 1.6 4.4; fill: none;",
    "area": "fill: {0}; fill-opacity: .22; stroke: {0}; stroke-width: 1.2;",
}
_RULES = f"""
.chart text {{ font: {FONT_SIZE:g}px {_FONT}; fill: var(--ink); font-variant-numeric: tabular-nums; }}
.chart .small {{ font-size: {SMALL_SIZE:g}px; fill: var(--muted); }}
.chart .strong {{ font-weight: 600; }}
.chart .chosen {{ font-weight: 600; fill: var(--accent); }}
.chart .grid {{ stroke: var(--line); stroke-width: 1; fill: none; }}
.chart .zero {{ stroke: var(--muted); stroke-width: 1; fill: none; }}
.chart .leader {{ stroke: var(--muted); stroke-width: .8; fill: none; }}
.chart .band {{ fill: var(--tint); }}
.chart .wash {{ fill: var(--wash); }}
.chart .back {{ fill: var(--paper); }}
.chart .shade {{ fill: var(--accent); }}
.chart .best {{ stroke: var(--ink); stroke-width: 1.8; fill: none; }}
.chart .small.plain {{ fill: var(--ink); }}
.chart .halo {{ stroke: var(--paper); stroke-width: 4; stroke-linejoin: round; paint-order: stroke; }}
"""
RULES = _RULES + "".join(
    f".chart .{role}.{colour} {{ {style.format(f'var(--{colour})')} }}\n"
    for role, style in _ROLES.items()
    for colour in _COLOURS
)
RULES += """.chart .rod.thin { stroke-width: 1.2; }
.chart .rod.wide { stroke-width: 2.8; }
.chart .faint { opacity: .55; }
.chart .soft { opacity: .45; }
"""
# Widths in em of DejaVu Sans, the widest of the usual sans-serif fonts: what fits with it fits with the others.
_WIDTHS = {
    0.32: " ',.:;|IJijl",
    0.42: '!()[]/\\-fr"t',
    0.55: "*_`?Lcsz",
    0.62: "FPTYkvxy",
    0.65: "$0123456789Eabdeghnopqu{}KS",
    0.7: "ABCRVXZ",
    0.8: "DGHNOQU&#+<=>^~w\N{MINUS SIGN}\N{PLUS-MINUS SIGN}",
    1.0: "%@MWm\N{HORIZONTAL ELLIPSIS}",
}
_WIDTH_OF = {character: width for width, characters in _WIDTHS.items() for character in characters}


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
        """For a page that holds RULES and sets the palette."""
        return self._wrap("", "", f"0 0 {self.width} {self.height}", (self.width, self.height))

    def standalone(self, theme: Theme) -> str:
        """A file of its own with its title, on its own background."""
        width, height = self.width + 2 * _BORDER, self.height + 2 * _BORDER + _HEAD
        top = -_BORDER - _HEAD
        back = f'<rect class="back" x="{-_BORDER}" y="{top}" width="{width}" height="{height}"/>'
        title = text(0, top + 26, fit(self.title, self.width), "start", "strong")
        head = f"<style>{_resolved(self.body, theme)}</style>{back}{title}"
        box = f"{-_BORDER} {top} {width} {height}"
        return self._wrap(' xmlns="http://www.w3.org/2000/svg"', head, box, (width, height)) + "\n"

    def _wrap(self, namespace: str, head: str, box: str, size: tuple[int, int]) -> str:
        return (
            f'<svg{namespace} class="chart" role="img" aria-label={attribute(self.title)} width="{size[0]}" '
            f'height="{size[1]}" viewBox="{box}">\n'
            f"<title>{clean(self.title)}</title><desc>{clean(self.description)}</desc>{head}\n{self.body}\n</svg>"
        )


def clean(content: str) -> str:
    """Text as XML content; characters that XML forbids become U+FFFD."""
    return escape("".join(character if _allowed(character) else "\ufffd" for character in content))


def attribute(content: str) -> str:
    """Text as a quoted XML attribute."""
    return quoteattr("".join(character if _allowed(character) else "\ufffd" for character in content))


def text_width(content: str, size: float = FONT_SIZE, *, strong: bool = False) -> float:
    """Width in px, estimated from above: a file cannot ask which font the reader has."""
    em = sum(_WIDTH_OF.get(character, 0.65 if ord(character) < 0x1100 else 1.0) for character in content)
    return em * size * (1.18 if strong else 1.0)


def fit(content: str, width: float, size: float = FONT_SIZE, *, strong: bool = False) -> str:
    """The text, shortened to an ellipsis where it is wider than `width` px."""
    if text_width(content, size, strong=strong) <= width:
        return content
    kept = bisect_left(
        range(len(content) + 1),
        True,
        key=lambda length: text_width(content[:length] + "\N{HORIZONTAL ELLIPSIS}", size, strong=strong) > width,
    )
    return content[: max(kept - 1, 0)].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def text(x: float, y: float, content: str, anchor: str = "start", kind: str = "") -> str:
    """`y` is the baseline."""
    kind = f' class="{kind}"' if kind else ""
    side = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{_px(x)}" y="{_px(y)}"{side}{kind}>{clean(content)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, kind: str, dash: str = "") -> str:
    """A straight line; `kind` names the rules that style it, here and below."""
    return polyline([(x1, y1), (x2, y2)], kind, dash)


def polyline(points: Sequence[tuple[float, float]], kind: str, dash: str = "") -> str:
    """A line through all points; `dash` as in stroke-dasharray."""
    path = "L".join(f"{_px(x)} {_px(y)}" for x, y in points)
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<path class="{kind}" d="M{path}"{dashes}/>'


def rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    """An upright rectangle."""
    return f'<rect class="{kind}" x="{_px(x)}" y="{_px(y)}" width="{_px(width)}" height="{_px(height)}"/>'


def shaded(x: float, y: float, width: float, height: float, depth: float) -> str:
    """A cell shaded by `depth` in [0, 1]."""
    opacity = f"{0.03 + depth * (DEEPEST - 0.03):.3f}"
    place = f'x="{_px(x)}" y="{_px(y)}" width="{_px(width)}" height="{_px(height)}"'
    return f'<rect class="shade" {place} fill-opacity="{opacity}"/>'


def stripes(x: float, y: float, width: float, height: float, kind: str) -> str:
    """A rectangle of upright stripes: one dashed line as thick as it is high, since ids of patterns would clash."""
    middle = y + height / 2
    return f'<path class="{kind}" d="M{_px(x)} {_px(middle)}h{_px(width)}" stroke-width="{_px(height)}"/>'


def shape(name: str, x: float, y: float, kind: str, radius: float = 5.0) -> str:
    """A mark of one of SHAPES with its centre at (x, y); all cover about the same area."""
    if name == "circle":
        return f'<circle class="{kind}" cx="{_px(x)}" cy="{_px(y)}" r="{radius:g}"/>'
    corners = "L".join(f"{_px(x + dx * radius)} {_px(y + dy * radius)}" for dx, dy in _CORNERS[name])
    return f'<path class="{kind}" d="M{corners}z"/>'


def circle(x: float, y: float, kind: str, radius: float = 4.5) -> str:
    """A mark with its centre at (x, y)."""
    return shape("circle", x, y, kind, radius)


def tip(said: str, parts: Sequence[str]) -> str:
    """Parts of a drawing that say `said` when pointed at."""
    return f"<g><title>{clean(said)}</title>{''.join(parts)}</g>"


_CORNERS: Mapping[str, tuple[tuple[float, float], ...]] = {
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "triangle": ((0, -1.2), (1.15, 0.8), (-1.15, 0.8)),
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "wedge": ((0, 1.2), (1.15, -0.8), (-1.15, -0.8)),
    "cross": (
        (-1.2, -0.7), (-0.7, -1.2), (0, -0.5), (0.7, -1.2), (1.2, -0.7), (0.5, 0), (1.2, 0.7), (0.7, 1.2), (0, 0.5),
        (-0.7, 1.2), (-1.2, 0.7), (-0.5, 0),
    ),
    "hexagon": ((-0.55, -1), (0.55, -1), (1.1, 0), (0.55, 1), (-0.55, 1), (-1.1, 0)),
    "plus": (
        (-0.4, -1.2), (0.4, -1.2), (0.4, -0.4), (1.2, -0.4), (1.2, 0.4), (0.4, 0.4), (0.4, 1.2), (-0.4, 1.2),
        (-0.4, 0.4), (-1.2, 0.4), (-1.2, -0.4), (-0.4, -0.4),
    ),
}  # fmt: skip


def _resolved(body: str, theme: Theme) -> str:
    """The rules that a drawing uses, with the theme's colours in place of variables."""
    used = {name for found in re.findall(r'class="([^"]*)"', body) for name in found.split()} | {"back", "strong"}
    kept = [
        rule for rule in RULES.splitlines() if set(re.findall(r"\.([a-z]\w*)", rule.split("{")[0])) <= used | {"chart"}
    ]
    return re.sub(r"var\(--(\w+)\)", lambda match: THEMES[theme][match[1]], "\n".join(kept))


def _px(value: float) -> str:
    return f"{value + 0.0:.1f}"


def _allowed(character: str) -> bool:
    return (
        character in "\t\n\r" or " " <= character < "\ud800" or "\ue000" <= character < "\ufffe" or character > "\uffff"
    )

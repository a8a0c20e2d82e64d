"""How each method is drawn, the same in every chart: colour, mark and dash, so that colour is never alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lab.report import lookup, svg
from lab.types import ExperimentResult


@dataclass(frozen=True, slots=True)
class Style:
    """`colour` names a class of svg.RULES, `shape` one of svg.SHAPES, `dash` is a stroke-dasharray or empty."""

    colour: str
    shape: str
    dash: str = ""
    hollow: bool = False

    def mark(self, x: float, y: float, radius: float = 5.0) -> str:
        """The method's mark with its centre at (x, y)."""
        return svg.shape(self.shape, x, y, f"{'ring' if self.hollow else 'mark'} {self.colour}", radius)


_KNOWN: Mapping[str, Style] = {
    "closed-book": Style("s1", "circle", "11 4"),
    "rag": Style("s2", "square", "5 3"),
    "fine-tuned": Style("s3", "triangle", "10 3 2 3"),
    "fine-tuned+rag": Style("s4", "diamond", "3 2"),
    "raft": Style("s5", "hexagon"),
    lookup.ORACLE: Style("muted", "circle", "1.5 3.5", hollow=True),
}
_FURTHER = (
    Style("s6", "wedge", "5 2 1 2"),
    Style("s7", "cross", "12 4"),
    Style("s8", "plus", "3 1"),
    Style("s2", "wedge", "6 6"),
    Style("s3", "cross", "1 2"),
    Style("s4", "plus", "8 2 2 2 2 2"),
    Style("s5", "circle", "3 6"),
    Style("s1", "hexagon", "10 2"),
)


def styles(result: ExperimentResult) -> dict[str, Style]:
    """A style for each method: the lab's own have theirs, others take the next free one in the order of their names.

    With more than eight methods that are not the lab's own, styles repeat.
    """
    others = sorted(set(result.methods) - set(_KNOWN))
    taken = {name: _FURTHER[place % len(_FURTHER)] for place, name in enumerate(others)}
    return {name: _KNOWN.get(name) or taken[name] for name in result.methods}

"""How the candidates stand to each other: who leads, how sure that is, and what a registered contrast proves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lab.types import Comparison

CLEAR = 0.8
WON = ("better", "slightly better")
_TURNED = {
    "better": "worse",
    "slightly better": "slightly worse",
    "worse": "better",
    "slightly worse": "slightly better",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """The candidates on the questions that all of them have a value for, the simplest first."""

    metric: str
    margin: float
    means: Mapping[str, float]
    p_best: Mapping[str, float | None]
    seconds: Mapping[str, float]
    comparisons: tuple[Comparison, ...]

    @property
    def leader(self) -> str:
        return max(self.means, key=lambda method: self.means[method])

    @property
    def within(self) -> list[str]:
        return [method for method in self.means if self.gap(method) <= self.margin]

    @property
    def clear(self) -> bool:
        share = self.p_best[self.leader]
        return share is not None and share >= CLEAR and self.means[self.leader] > 0.0

    @property
    def choice(self) -> str:
        return self.leader if self.clear else self.within[0]

    @property
    def rivals(self) -> list[str]:
        """The other methods, the nearest to the leader first."""
        return sorted((method for method in self.means if method != self.leader), key=self.gap)

    @property
    def proven(self) -> bool:
        """Whether the leader is clear and a registered contrast shows it against the runner-up or its equals."""
        rivals = self.rivals
        equals = [method for method in rivals if self.gap(method) - self.gap(rivals[0]) <= self.margin + 1e-12]
        found = [self.contrast(method) for method in equals]
        return self.clear and (not rivals or any(one is not None and one.verdict in WON for one in found))

    def contrast(self, rival: str) -> Comparison | None:
        """The leader minus `rival`, with difference, interval and verdict turned round where that is needed."""
        for one in self.comparisons:
            if (one.method, one.baseline) == (self.leader, rival):
                return one
            if (one.method, one.baseline) == (rival, self.leader):
                return _turned(one)
        return None

    def gap(self, method: str) -> float:
        """How far the method is below the leader; rounded so that 0.62 - 0.59 is 0.03."""
        return round(self.means[self.leader] - self.means[method], 12)


def _turned(one: Comparison) -> Comparison:
    """The same comparison with method and baseline exchanged."""
    return replace(
        one,
        method=one.baseline,
        baseline=one.method,
        difference=-one.difference,
        low=None if one.high is None else -one.high,
        high=None if one.low is None else -one.low,
        verdict=_TURNED.get(one.verdict or "", one.verdict),
    )

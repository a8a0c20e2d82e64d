"""All that one decision depends on: what was measured, and what is declared. Sensitivity changes one part at a time."""

from __future__ import annotations

from dataclasses import dataclass

from lab.decision_config import EconomicsConfig, NeedsConfig
from lab.recommend.draws import Measured
from lab.recommend.evidence import Candidate, Evidence


@dataclass(frozen=True, slots=True)
class Case:
    """One decision to be made. `margin` is that of the evidence, unless another one is tried."""

    evidence: Evidence
    measured: Measured
    needs: NeedsConfig
    economics: EconomicsConfig
    margin: float

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        return self.evidence.candidates

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.evidence.candidates]

    def quality(self, name: str) -> float:
        """Mean of the primary metric."""
        return float(self.measured.found.quality[self.names.index(name)])

    def candidate(self, name: str) -> Candidate:
        """The candidate of this name."""
        return self.evidence.candidates[self.names.index(name)]

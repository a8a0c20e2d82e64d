"""All that one decision depends on: what was measured, and what is declared. Sensitivity changes one part at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.decision_config import EconomicsConfig, NeedsConfig
from lab.recommend.draws import Figures, Measured
from lab.recommend.evidence import Candidate, Evidence
from lab.statistics.sample import Floats


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

    @property
    def wrong_counted(self) -> bool:
        """Whether the wrong answers of all candidates were counted."""
        return not np.isnan(self.measured.found.wrong).any()

    @property
    def right_counted(self) -> bool:
        """Whether the answers of all candidates that are neither wrong nor declined were counted."""
        return not np.isnan(self.measured.found.right).any()

    @property
    def penalty(self) -> float:
        """What a wrong answer takes away from the quality: as declared, 0 where wrong answers were not counted."""
        return self.needs.wrong_penalty if self.wrong_counted else 0.0

    def worths(self, figures: Figures) -> Floats:
        """Quality as it counts: the primary metric less `penalty` for each wrong answer."""
        return figures.quality - self.penalty * figures.wrong if self.penalty else figures.quality

    def worth(self, name: str) -> float:
        """The mean that counts as the quality of a candidate."""
        return float(self.worths(self.measured.found)[self.names.index(name)])

    def candidate(self, name: str) -> Candidate:
        """The candidate of this name."""
        return self.evidence.candidates[self.names.index(name)]

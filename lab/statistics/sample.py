"""Values of the same questions under one or more training runs, with the cluster of each question."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Sample:
    """`values` of shape (seeds, questions), all defined; `clusters` of shape (questions,), codes from 0.

    Codes may have gaps: a cluster all of whose questions are undefined has none here. `lost` counts the questions that
    were left out because they are undefined for some, but not for all, of what is combined; `undefined` counts all that
    were left out.
    """

    values: Floats
    clusters: Codes
    lost: int = 0
    undefined: int = 0

    @property
    def n(self) -> int:
        return int(self.values.shape[1])

    @property
    def seeds(self) -> int:
        return int(self.values.shape[0])

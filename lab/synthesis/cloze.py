"""Sentences with a blank where the answer stood: "Complete: The rescue bag of the F5 holds ____ metres of rope."."""

from __future__ import annotations

from lab.synthesis.nouns import Proposal
from lab.types import Passage

MAKER = "cloze"


def cloze_proposals(passage: Passage) -> tuple[Proposal, ...]:
    """Sentences that can be understood alone, each with one answer blanked; often none."""
    return ()

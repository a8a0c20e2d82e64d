"""Questions from fixed patterns: few, and each a natural question about what the text says plainly."""

from __future__ import annotations

from lab.synthesis.nouns import Proposal
from lab.types import Passage

MAKER = "template"


def template_proposals(passage: Passage) -> tuple[Proposal, ...]:
    """Questions about key-value lines, tables, definitions, dates and measures; often none."""
    return ()

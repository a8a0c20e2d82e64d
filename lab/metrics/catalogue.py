"""Answers that are function calls, judged among all calls of an API set: known or made up, of the right domain or not.

The AST sub-tree match of Gorilla (Patil et al. 2023, arXiv 2305.15334, section 4), which RAFT's tables of APIBench rest
on: an answer is right if it makes a call that is in the set and belongs to the reference's domain, and it is a
hallucination if it makes no call of the set. Calls are read and compared as `lab.metrics.calls` does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from lab.metrics.calls import Call, find_calls, makes
from lab.types import Document

CALL, DOMAIN = "call", "domain"  # keys of a card's metadata


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The calls of an API set by function name, each with the domains of the cards that hold it."""

    by_function: Mapping[str, Mapping[Call, frozenset[str]]]

    @classmethod
    def of(cls, documents: Iterable[Document]) -> Catalogue | None:
        """The calls of all documents whose metadata name a `call` and a `domain`; None where none does."""
        found: defaultdict[str, defaultdict[Call, set[str]]] = defaultdict(lambda: defaultdict(set))
        for document in documents:
            call = next(find_calls(document.metadata.get(CALL, "")), None)
            if call is not None and document.metadata.get(DOMAIN):
                found[call.function][call].add(document.metadata[DOMAIN])
        calls = {name: {call: frozenset(of) for call, of in several.items()} for name, several in found.items()}
        return cls(calls) if calls else None

    def domains(self, text: str) -> frozenset[str]:
        """The domains of the calls of the set that `text` makes; empty if it makes none of them.

        The first function of the text that the set knows decides, so that a list of guesses is not right whenever one
        of them is.
        """
        written = tuple(find_calls(text))
        function = next((call.function for call in written if call.function in self.by_function), None)
        if function is None:
            return frozenset()
        known = self.by_function[function]
        return frozenset().union(*(domains for call, domains in known.items() if makes(written, call)))


def call_domain(prediction: str, golds: Sequence[str], catalogue: Catalogue) -> float | None:
    """1.0 if the prediction makes a call of the set in a domain that a gold call has, else 0.0.

    None if the set holds no gold call. Looser than `call_match`: another call of the domain is right as well.
    """
    wanted = frozenset().union(*map(catalogue.domains, golds))
    return float(not wanted.isdisjoint(catalogue.domains(prediction))) if wanted else None


def call_hallucinated(prediction: str, catalogue: Catalogue) -> float:
    """1.0 if the prediction makes no call of the set, else 0.0."""
    return float(not catalogue.domains(prediction))

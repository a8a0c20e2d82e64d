"""What was found of the data: the table of the data card, and what must stand before the finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lab import rounding
from lab.report import lookup, words
from lab.report.layout import Cell, Column, Table
from lab.types import REVIEWED, RULE_MAKERS, ExperimentResult

MOSTLY = 0.5
MAKERS_SHOWN = 3
CHOSEN = (
    "What the teacher knew without the passage, or did not answer from it, was left out: methods without passages "
    "score too low, those with passages too high, most of all if the teacher is the run's generator. "
)


def quality_table(result: ExperimentResult) -> Table | None:
    """All findings, errors first; None for results whose data were not checked."""
    found = [one for one in lookup.sequence(result.corpus, "quality", "findings") if isinstance(one, Mapping)]
    if not found:
        return None
    columns = ("severity", "check", "found", "such as", "what to do")
    rows = tuple(tuple(map(Cell, _row(one))) for one in found)
    return Table("Data quality", tuple(Column(name, number=False) for name in columns), rows, note=_note(result))


def data_warnings(result: ExperimentResult) -> tuple[str, ...]:
    """What bends the whole result: errors in the data, and a test that no person wrote."""
    errors = tuple(
        str(lookup.at(one, "sentence"))
        for one in lookup.sequence(result.corpus, "quality", "findings")
        if lookup.at(one, "severity") == "error"
    )
    return (*_synthetic_test(result), *errors)


def synthetic_makers(result: ExperimentResult, side: str) -> dict[str, float]:
    """Questions of a side by what wrote them, those of people not counted."""
    counts = lookup.mapping(result.corpus, "sides", side, "synthetic")
    found = {str(maker): rounding.number(amount) for maker, amount in counts.items()}
    return {maker: amount for maker, amount in found.items() if amount}


def _synthetic_test(result: ExperimentResult) -> tuple[str, ...]:
    makers = synthetic_makers(result, "test")
    written = sum(makers.values())
    if not result.n_test or written < MOSTLY * result.n_test:
        return ()
    share = f"{rounding.count(written)} of {rounding.count(result.n_test)}"
    who = words.join(list(makers)[:MAKERS_SHOWN])
    all_of_them = f"All {rounding.count(written)}" if written >= result.n_test else share
    read = all(maker.endswith(REVIEWED) for maker in makers)
    taught = any(maker.removesuffix(REVIEWED) not in RULE_MAKERS for maker in makers)
    advice = "Have people write a test set, too." if read else "Have people write or review a test set"
    return (
        f"{all_of_them} test questions were written by {who} from the passages: this favours retrieval. "
        f"{CHOSEN if taught else ''}{advice}{'' if read else ' before you rely on it.'}",
    )


def _row(one: Mapping[str, Any]) -> tuple[str, ...]:
    examples = ", ".join(map(str, lookup.sequence(one, "examples")))
    said = (lookup.at(one, key) for key in ("severity", "check", "sentence"))
    return (*(str(text or "") for text in said), examples, str(lookup.at(one, "advice") or ""))


def _note(result: ExperimentResult) -> str:
    """What was not checked, and why."""
    missing = lookup.mapping(result.corpus, "quality", "not_checked")
    listed = "; ".join(f"{check} ({reason})" for check, reason in missing.items())
    masked = "Examples are ids, with what looks personal masked; names are not looked for."
    return f"{masked} Not checked: {listed}." if listed else masked

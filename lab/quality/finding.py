"""What a check of the data found: a finding, and all of them together, the worst first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from lab import rounding
from lab.quality.personal import mask

Severity = Literal["error", "warning", "note"]
ORDER: tuple[Severity, ...] = ("error", "warning", "note")
COUNTED_BY_STRICT: tuple[Severity, ...] = ("error", "warning")
EXAMPLES = 5
SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found.

    `severity`: error, the result would be wrong or could say nothing; warning, it would be bent or weaker, so look at
    it before money is spent; note, good to know. `count` things of `of` are concerned (None: not a part of anything).
    `examples` are ids of questions or documents, or values with what is personal masked; `advice` says what to do.
    """

    check: str
    severity: Severity
    count: int
    of: int | None
    sentence: str
    examples: tuple[str, ...] = ()
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Quality:
    """All findings, errors first; `checked` names the checks that were made, `not_checked` gives reasons by check."""

    findings: tuple[Finding, ...]
    checked: tuple[str, ...]
    not_checked: Mapping[str, str] = field(default_factory=dict)

    def of(self, *severities: Severity) -> tuple[Finding, ...]:
        """The findings of these severities, in order."""
        return tuple(found for found in self.findings if found.severity in severities)


@dataclass(frozen=True, slots=True)
class Among:
    """Findings of one check about some of `of` things that are called `noun`."""

    check: str
    noun: str
    of: int

    def found(self, severity: Severity, ids: Sequence[str], does: str, rest: str, advice: str = "") -> Finding:
        """A finding about those with these ids: '3 of 240 documents' + `does`, a plural verb, + `rest`."""
        sentence = f"{capital(part(len(ids), self.of, self.noun))} {verb(len(ids), does)} {rest}"
        return Finding(self.check, severity, len(ids), self.of, sentence, first(ids), advice)


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors, warnings, notes; those of one severity in the order given. Examples are made safe to print in a card."""
    return tuple(map(_safe, sorted(findings, key=lambda found: ORDER.index(found.severity))))


def some(count: int, noun: str) -> str:
    """'1 question', '1,190 questions', '2 addresses'."""
    ending = "" if count == 1 else "es" if noun.endswith("s") else "s"
    return f"{rounding.count(count)} {noun}{ending}"


def part(count: int, of: int, noun: str) -> str:
    """'3 of 240 documents', 'all 240 documents'."""
    return f"all {some(of, noun)}" if count == of > 1 else f"{rounding.count(count)} of {some(of, noun)}"


def verb(count: int, plural: str) -> str:
    """A verb as so many take it: 'repeats' or 'repeat', 'has' or 'have', 'is' or 'are'."""
    return plural if count != 1 else {"are": "is", "have": "has", "were": "was"}.get(plural, f"{plural}s")


def first(ids: Sequence[str]) -> tuple[str, ...]:
    """The examples that a finding shows."""
    return tuple(ids[:EXAMPLES])


def capital(sentence: str) -> str:
    """With a capital first letter; the rest stays."""
    return sentence[:1].upper() + sentence[1:]


def clipped(text: str) -> str:
    """Foreign text on one line, cut to 60 characters, with what is personal masked."""
    flat = mask(" ".join(text.split()))
    return flat if len(flat) <= SHOWN_CHARACTERS else f"{flat[: SHOWN_CHARACTERS - 3]}..."


def _safe(found: Finding) -> Finding:
    return replace(found, examples=tuple(map(clipped, found.examples)))

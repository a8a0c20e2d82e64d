"""The data card: documents, questions, kinds, lengths, splits, leaks, and what is wrong with the data."""

from __future__ import annotations

from typing import Any

from lab import rounding
from lab.report import lookup, words
from lab.report.layout import Cell, Column, Section, Table
from lab.report.quality import quality_table, synthetic_makers
from lab.types import ExperimentResult

_SIDES = ("train", "dev", "test")


def data_section(result: ExperimentResult) -> Section:
    """What the corpus holds and how it was divided."""
    found = (
        quality_table(result),
        _sizes(result),
        _kinds(result),
        _contradictions(result),
        _near_leaks(result),
    )
    return Section(
        "data", "Data card", points=_points(result), tables=tuple(table for table in found if table and table.rows)
    )


def _points(result: ExperimentResult) -> tuple[str, ...]:
    leaks = lookup.mapping(result.holdout, "leaks")
    points = [str(note) for note in lookup.sequence(result.corpus, "notes")]
    if leaks:
        points.append(
            f"Test questions that also stand in training: {rounding.count(leaks.get('exact'))} word for word, "
            f"{rounding.count(len(lookup.sequence(leaks, 'near')))} nearly; intended by the track: "
            f"{rounding.count(leaks.get('intended'))}; "
            f"alike but about other facts: {rounding.count(leaks.get('near_misses'))}."
        )
    if telling := lookup.sequence(leaks, "holding_their_answer"):
        points.append(
            f"{words.plural(rounding.count(len(telling)), 'test question')} whose own text holds the gold answer."
        )
    if straddling := rounding.number(lookup.at(result.holdout, "straddling_groups")):
        points.append(
            f"{words.plural(rounding.count(straddling), 'group')} of questions on one fact with questions in training "
            "as well as in the test, so that facts are tested whose other wordings were trained on."
        )
    points += ["The data came with its own splits."] if lookup.at(result.holdout, "given_splits") is True else []
    return tuple(points)


def _sizes(result: ExperimentResult) -> Table | None:
    """Counts and lengths by side of the split; older results do not have them."""
    sides = [side for side in _SIDES if lookup.mapping(result.corpus, "sides", side)]
    if not sides:
        return None

    def row(label: str, key: str, write: Any = rounding.count) -> tuple[Cell, ...]:
        return Cell(label), *(Cell(write(lookup.at(result.corpus, "sides", side, key))) for side in sides)

    def spread(label: str, key: str) -> tuple[Cell, ...]:
        found = [lookup.mapping(result.corpus, "sides", side, key) for side in sides]
        return Cell(label, "words: median (least to most)"), *map(_spread, found)

    rows = (
        row("questions", "questions"),
        row("of which the documents do not answer", "unanswerable"),
        *_synthetic(result, sides),
        row("clusters", "clusters"),
        spread("length of a question", "question_words"),
        spread("length of an answer", "answer_words"),
    )
    return Table("Sides of the split", (Column("measure", number=False), *map(Column, sides)), rows)


def _synthetic(result: ExperimentResult, sides: list[str]) -> tuple[tuple[Cell, ...], ...]:
    """Questions that no person wrote, with what wrote them; no row where people wrote all."""
    makers = [synthetic_makers(result, side) for side in sides]
    if not any(makers):
        return ()
    cells = (Cell(rounding.count(sum(found.values())), ", ".join(found)) for found in makers)
    return ((Cell("of which no person wrote"), *cells),)


def _spread(found: Any) -> Cell:
    least, middle, most = (lookup.at(found, key) for key in ("min", "median", "max"))
    if rounding.number(middle) is None:
        return Cell(rounding.NOT_APPLICABLE)
    return Cell(rounding.rate(middle), f"({rounding.count(least)} to {rounding.count(most)})")


def _kinds(result: ExperimentResult) -> Table:
    """Kinds of question, by side where that is known."""
    kinds = lookup.mapping(result.corpus, "kinds")
    sides = [side for side in _SIDES if lookup.mapping(result.corpus, "sides", side)]
    rows = tuple(
        (
            Cell(str(kind)),
            Cell(rounding.count(amount)),
            *(
                Cell(rounding.count(lookup.mapping(result.corpus, "sides", side, "kinds").get(kind, 0)))
                for side in sides
            ),
        )
        for kind, amount in kinds.items()
    )
    columns = (Column("kind", number=False), Column("in the corpus"), *map(Column, sides))
    return Table("Questions by kind", columns, rows)


def _contradictions(result: ExperimentResult) -> Table:
    rows = tuple(
        (Cell(", ".join(map(str, group))),) for group in lookup.sequence(result.corpus, "contradictory_questions")
    )
    return Table("Same question, no answer in common", (Column("questions", number=False),), rows, folded=True)


def _near_leaks(result: ExperimentResult) -> Table:
    rows = tuple(
        (
            Cell(str(lookup.at(item, "train_id"))),
            Cell(str(lookup.at(item, "test_id"))),
            Cell(rounding.score(lookup.at(item, "similarity"))),
        )
        for item in lookup.sequence(result.holdout, "leaks", "near")
    )
    named = (Column("train", number=False), Column("test", number=False), Column("similarity"))
    return Table("Near-duplicate questions across the split", named, rows, folded=True)

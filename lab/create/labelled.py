"""Files of texts with labels: few different answers, each given many times, are labels though no column says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from lab.corpus.fields import collapse
from lab.corpus.locate import AUTO, answer_form
from lab.create.question_file import Asked

FEWEST = 20  # questions; of fewer, answers that repeat may be chance
EACH = 8  # times that a label is given in the mean, or more; wordings of one fact are fewer
MOST_LABELS = 50
MOST_WORDS = 5


def with_labels(asked: Sequence[Asked], existing: Sequence[Mapping[str, Any]]) -> tuple[list[Asked], list[str]]:
    """The questions, those of kind auto as labels where all of their answers look so; and a note that says it.

    They do if each question has one short answer that is neither a number nor yes or no, and there are at most 50
    different ones, each given eight times in the mean; or if all of them are labels of the `existing` rows.
    """
    open_ones = [one for one in asked if one.kind == AUTO and one.answers]
    answers = [collapse(one.answers[0]) for one in open_ones]
    if not open_ones or not all(map(_may_be_labelled, open_ones)):
        return list(asked), []
    known = {
        collapse(str(answer))
        for row in existing
        if row.get("kind") == "label" and isinstance(row.get("answers"), list)
        for answer in row["answers"]
    }
    different = Counter(answers)
    asked_once = len({one.group or one.text for one in open_ones})  # wordings of one fact have one answer anyway
    repeated = asked_once >= FEWEST and 2 <= len(different) <= MOST_LABELS and EACH * len(different) <= asked_once
    if not (repeated or different.keys() <= known):
        return list(asked), []
    note = (
        f"{len(answers)} questions have {len(different)} different answers, which are read as labels; "
        "if they are none, give the file a column kind with span"
    )
    return [replace(one, kind="label") if one.kind == AUTO and one.answers else one for one in asked], [note]


def _may_be_labelled(one: Asked) -> bool:
    short = len(one.answers) == 1 and len(one.answers[0].split()) <= MOST_WORDS
    return short and not one.spans and not one.told.quotes and not answer_form(one.answers[0])

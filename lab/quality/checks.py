"""All checks of an experiment's data, on what the other stages know of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lab.quality import contamination, drift, duplicates, evidence, labels, language, lengths, missing, privacy, size
from lab.quality.finding import Finding, Quality, worst_first
from lab.types import Corpus, Holdout

NO_DETECTOR = "py3langid is not installed; run: pip install py3langid"


@dataclass(frozen=True, slots=True)
class Data:
    """What is checked, with what other stages found of it.

    `contradictory`: ids of questions that share their text and no answer. `near_questions`: pairs of ids of questions
    about one fact in nearly the same words. `tokens` counts those of a text. `english_only` names models that read
    English alone. `encode` turns texts into L2-normalised vectors (n, dimensions); None for the reason in
    `no_encoding`. `detect` tells a text's language; None where nothing can.
    """

    corpus: Corpus
    holdout: Holdout
    contradictory: Sequence[Sequence[str]]
    near_questions: Sequence[tuple[str, str]]
    power: size.Power
    limits: lengths.Limits
    tokens: Callable[[str], int]
    detect: language.Detect | None
    english_only: Sequence[str]
    encode: drift.Encode | None
    no_encoding: str
    seed: int


def inspect_data(data: Data) -> Quality:
    """Every check that can be made before a model answers, its findings errors first."""
    corpus, holdout = data.corpus, data.holdout
    asked = (*holdout.train, *holdout.dev, *holdout.test)
    by_check: dict[str, list[Finding]] = {
        size.SIZE: size.too_few(holdout, data.power),
        size.SYNTHETIC: size.synthetic_share(holdout),
        missing.CHECK: missing.missing_values(corpus, asked),
        duplicates.CHECK: [
            *duplicates.duplicate_questions(asked, data.near_questions, data.contradictory),
            *duplicates.duplicate_documents(corpus.documents),
        ],
        labels.CHECK: labels.class_balance(holdout),
        lengths.CHECK: lengths.length_outliers(corpus, asked, holdout.test, data.limits, data.tokens),
        evidence.CHECK: evidence.evidence_faults(corpus, asked),
        privacy.CHECK: privacy.personal_data(corpus, asked),
        drift.CHECK: drift.drift(holdout, data.seed, data.encode),
    }
    not_checked = {contamination.CHECK: contamination.NOT_YET}
    if data.encode is None:
        not_checked[drift.DRIFT_OF_MEANING] = data.no_encoding
    if data.detect is None:
        not_checked[language.CHECK] = NO_DETECTOR
    else:
        by_check[language.CHECK] = language.languages(corpus, asked, data.detect, data.english_only)
    findings = worst_first(found for several in by_check.values() for found in several)
    return Quality(findings, tuple(by_check), not_checked)

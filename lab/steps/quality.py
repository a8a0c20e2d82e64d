"""Check the data before money is spent on them: what the other stages know goes to `lab.quality`, once a run."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from lab.config import ExperimentConfig
from lab.files import read_json, write_json
from lab.holdout.likeness import near_pairs, sketch
from lab.holdout.power import detectable_difference, more_questions
from lab.methods.prompts import PromptStyle
from lab.models import EMBEDDED
from lab.outcomes.compare import REGISTERED
from lab.outcomes.table import Mask, ScoreTable
from lab.preparation import Prepared
from lab.quality.checks import Data, inspect_data
from lab.quality.contamination import CHECK as CONTAMINATION
from lab.quality.contamination import NO_CLOSED_BOOK, contamination
from lab.quality.finding import COUNTED_BY_STRICT, Finding, Quality, worst_first
from lab.quality.language import open_detector
from lab.quality.lengths import Limits
from lab.quality.size import Power, mostly_chosen
from lab.run_folder import StepProgress, StepSpec
from lab.statistics.clustered import SHARE, estimate
from lab.steps.asking import answer_limit
from lab.steps.bench import Bench
from lab.types import LABEL_KINDS, Encoder, Estimate, Question

log = logging.getLogger(__name__)

EMBEDDED_CONTEXT = 8_192  # tokens that SmolLM2 reads (its config.json); lab check converts no model to look
CLOSED_BOOK = "closed-book"


def contrasts(config: ExperimentConfig) -> int:
    """How many registered comparisons are corrected together."""
    present = set(config.methods)
    return max(1, sum(present.issuperset(pair) for pair in REGISTERED))


def check_quality(bench: Bench) -> Quality:
    """All that can be found before a model is asked; kept in the run folder. Errors and warnings go to run.log."""
    config, data = bench.config, bench.data
    facts = facts_of(config, data, bench.models.encoder, context_of(bench.models.generator_files.folder))
    facts = replace(facts, encode=bench.models.encoder.encode)

    def work(folder: Path, progress: StepProgress) -> None:
        write_json(folder / "quality.json", asdict(inspect_data(facts)))

    libraries = ["datasketch", *(["py3langid"] if facts.detect else [])]
    inputs = {
        "documents": [asdict(document) for document in data.corpus.documents],
        "sides": {side: [asdict(one) for one in getattr(data.holdout, side)] for side in ("train", "dev", "test")},
        "odd": [list(map(list, facts.contradictory)), [asdict(facts.limits), asdict(facts.power)]],
        "read": list(facts.english_only),
        "seed": facts.seed,
        "encoder": bench.models.encoder_files.digest,
        "device": bench.models.hardware.device,
    }
    code = ("quality", "steps/quality.py", "holdout/likeness.py", "index/encoder.py")
    step = bench.folder.run(StepSpec("quality", inputs, code, libraries), work)
    quality = from_json(read_json(step.path / "quality.json"))
    for found in quality.of(*COUNTED_BY_STRICT):
        log.info("data quality, %s: %s", found.severity, found.sentence)
    return quality


def facts_of(config: ExperimentConfig, data: Prepared, encoder: Encoder, context: int | None) -> Data:
    """What is known of the data before any weights are loaded; `context` are the tokens that the generator reads."""
    holdout, asked = data.holdout, data.questions
    clusters, n = len({question.cluster for question in holdout.test}), len(holdout.test)
    wanted, corrected = config.metrics.margin, contrasts(config)
    more = more_questions(n, clusters, wanted, contrasts=corrected)
    pairs = near_pairs(asked, sketch([question.text for question in asked]))
    return Data(
        corpus=data.corpus,
        holdout=holdout,
        contradictory=data.summary()["contradictory_questions"],
        near_questions=[(asked[pair.first].id, asked[pair.second].id) for pair in pairs],
        power=Power(detectable_difference(n, clusters, contrasts=corrected), wanted, *more),
        limits=_limits(config, data, encoder, context),
        tokens=lambda text: len(encoder.token_offsets(text)),
        detect=open_detector(),
        english_only=[name for name in (config.index.encoder, config.generator.model) if name in EMBEDDED],
        encode=None,
        no_encoding="embeds up to 2,000 questions, so only with --strict, and in every run",
        seed=config.holdout.seed,
    )


def context_known(generator: str) -> int | None:
    """Tokens that a generator reads, without converting or fetching it; None where that cannot be told."""
    if generator in EMBEDDED:
        return EMBEDDED_CONTEXT
    folder = Path(generator).expanduser()
    return context_of(folder) if folder.is_dir() else None


def context_of(folder: Path) -> int | None:
    """Tokens that a generator reads, by its config.json; None where that does not tell."""
    try:
        found = read_json(folder / "config.json")
    except (OSError, ValueError):
        return None
    text = found.get("text_config", found) if isinstance(found, Mapping) else {}
    positions = text.get("max_position_embeddings") if isinstance(text, Mapping) else None
    return positions if isinstance(positions, int) else None


def from_json(found: Mapping[str, Any]) -> Quality:
    """A Quality from its JSON form."""
    findings = (Finding(**{**one, "examples": tuple(one["examples"])}) for one in found["findings"])
    return Quality(tuple(findings), tuple(found["checked"]), dict(found["not_checked"]))


def with_contamination(quality: Quality, table: ScoreTable, test: Sequence[Question]) -> Quality:
    """What is known once closed-book was asked the `test` questions, too."""
    left = {name: reason for name, reason in quality.not_checked.items() if name != CONTAMINATION}
    if CLOSED_BOOK not in table.methods:
        return replace(quality, not_checked={**left, CONTAMINATION: NO_CLOSED_BOOK})
    by_id = {question.id: question for question in test}
    labels = np.array([by_id[one.id].kind in LABEL_KINDS for one in table.questions], dtype=np.bool_)
    others = np.array([by_id[one.id].answerable for one in table.questions], dtype=np.bool_) & ~labels
    answerable = [one for one in test if one.answerable and one.kind not in LABEL_KINDS]
    found = [
        *contamination(_closed_book(table, "contains", others), chosen=mostly_chosen(answerable)),
        *contamination(_closed_book(table, "label_accuracy", labels), _majority(test)),
    ]
    return Quality(worst_first((*quality.findings, *found)), (*quality.checked, CONTAMINATION), left)


def _closed_book(table: ScoreTable, metric: str, where: Mask) -> Estimate:
    known = where.any() and table.has(CLOSED_BOOK, metric)
    return estimate(table.sample([(1.0, CLOSED_BOOK, metric)], where) if known else None, 0, SHARE)


def _majority(test: Sequence[Question]) -> float | None:
    """What always giving the most frequent label of each kind would score; None without labels."""
    by_kind = {kind: [one.answers[0].strip().casefold() for one in test if one.kind == kind] for kind in LABEL_KINDS}
    n = sum(map(len, by_kind.values()))
    most = sum(Counter(labels).most_common(1)[0][1] for labels in by_kind.values() if labels)
    return most / n if n else None


def _limits(config: ExperimentConfig, data: Prepared, encoder: Encoder, context: int | None) -> Limits:
    style = PromptStyle.fitting(config.domain, config.raft.reasoning, data.holdout.train)

    def count(text: str) -> int:
        return len(encoder.token_offsets(text))

    wanted: int | None = None if config.generator.max_new_tokens == "auto" else config.generator.max_new_tokens
    answers = sorted(count(question.answers[0]) for question in data.holdout.train if question.answers)
    if wanted is None and answers and config.raft.reasoning == "none":  # else a quote stands before each answer
        wanted = answer_limit("auto", answers)
    prompt = count(style.system(with_context=True))
    return Limits(wanted, context, encoder.max_tokens, config.index.passage_tokens, prompt)

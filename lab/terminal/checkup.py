"""What `lab check` found, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from lab import rounding
from lab.checkup import Checkup, Spread
from lab.estimate import Workload
from lab.holdout.leaks import Leaks
from lab.quality.finding import COUNTED_BY_STRICT, ORDER, Quality, some
from lab.terminal.board import clock

LABEL_WIDTH = 18
Line = tuple[str, str]


def checkup_text(found: Checkup) -> str:
    """All of it: data, division, leaks, lengths, power, cost, and what is wrong with the data."""
    lines = [
        *_data(found),
        *_division(found),
        *_leaks(found.data.leaks),
        *_lengths(found),
        *_power(found),
        *_cost(found),
        *_endpoint(found),
        *_quality(found.quality),
    ]
    return "\n".join(f"{label:{LABEL_WIDTH}}{text}" for label, text in lines)


def checkup_json(found: Checkup) -> dict[str, Any]:
    """The same for programs: plain JSON types, numbers as they are."""
    leaks, parity = found.data.leaks, found.parity
    return {
        "name": found.name,
        "corpus": dict(found.counts),
        "holdout": {"track": found.data.holdout.track, "fingerprint": found.data.holdout.fingerprint},
        "parity": {"document": parity.document, "fact": parity.fact},
        "leaks": {
            "exact": len(leaks.exact),
            "near": len(leaks.near),
            "intended": leaks.intended,
            "near_misses": leaks.near_misses,
            "holding_their_answer": list(leaks.questions_holding_their_answer),
        },
        "tokens": {
            name: asdict(spread) for name, spread in {"passage": found.passage_tokens, **found.prompt_tokens}.items()
        },
        "power": {
            "clusters": found.clusters,
            "detectable": found.detectable,
            "margin": found.margin,
            "more_questions": found.more[0],
            "more_clusters": found.more[1],
        },
        "hardware": asdict(found.hardware),
        "work": asdict(found.work),
        "costs": {dtype: asdict(cost) for dtype, cost in found.costs.items()},
        "no_cost": found.no_cost or None,
        "endpoint": asdict(found.endpoint) if found.endpoint else None,
        "quality": asdict(found.quality),
    }


def strict_text(found: Quality) -> str:
    """Why `lab check --strict` fails; empty where it does not."""
    counted = [f"{some(n, severity)}" for severity in COUNTED_BY_STRICT if (n := len(found.of(severity)))]
    return f"strict: {' and '.join(counted)} in the data" if counted else ""


def _data(found: Checkup) -> Iterable[Line]:
    counts = found.counts
    yield "experiment", found.name
    yield "documents", rounding.count(counts["documents"])
    kinds = ", ".join(f"{kind} {n}" for kind, n in counts["kinds"].items())
    yield "questions", f"{rounding.count(counts['questions'])} ({kinds})"
    for note in counts["notes"]:
        yield "note", note


def _division(found: Checkup) -> Iterable[Line]:
    holdout, evidence, parity = found.data.holdout, found.data.evidence, found.parity
    given = ", as the data say" if found.data.given_splits else ""
    sizes = f"train {len(holdout.train)}, dev {len(holdout.dev)}, test {len(holdout.test)}"
    yield "split", f"{sizes}; track {holdout.track}{given}"
    yield "passages", rounding.count(len(found.data.passages))
    cut = f"{evidence.n_unreachable} of {evidence.n_units} pieces of evidence" if evidence.n_units else "no evidence"
    yield "cut in two", f"{cut}; {evidence.n_without_evidence} questions have none"
    document = _share(parity.document, parity.document_reason)
    fact = _share(parity.fact, parity.fact_reason)
    yield "knowledge parity", f"of the answerable test questions, training saw the document of {document},"
    yield "", f"the tested fact of {fact}"


def _leaks(leaks: Leaks) -> Iterable[Line]:
    told = len(leaks.questions_holding_their_answer)
    yield "leaks", f"exact {len(leaks.exact)}, near {len(leaks.near)}, intended by the track {leaks.intended}"
    yield "", f"near misses about other facts {leaks.near_misses}; questions that hold their answer {told}"


def _lengths(found: Checkup) -> Iterable[Line]:
    yield "tokens", "as the encoder counts them; prompts with the passages in turn"
    for name, spread in {"passage": found.passage_tokens, **found.prompt_tokens}.items():
        yield f"  {name}", _spread(spread)


def _power(found: Checkup) -> Iterable[Line]:
    n = len(found.data.holdout.test)
    yield "power", f"{n} test questions from {found.clusters} documents or groups show a difference of about"
    yield "", f"{found.detectable:.2f} between two methods (80 % power, corrected for several comparisons)"
    questions, clusters = found.more
    if questions:
        yield "", f"for the margin of {found.margin:g}, ask about {questions:,} more questions from {clusters:,} more"


def _cost(found: Checkup) -> Iterable[Line]:
    work = found.work
    yield "hardware", found.hardware.sentence
    yield "work", _work(work)
    if not found.costs:
        yield "time, memory", f"not estimated: {found.no_cost}"
        return
    here = found.costs[found.hardware.dtype]
    seconds, memory = here.seconds, here.memory
    faster = "; the GPU here is much faster" if found.hardware.device == "cuda" else ""
    yield "time", f"rough: {clock(sum(seconds.values()))} on 2 CPU cores in {found.hardware.dtype}{faster}"
    for dtype in found.costs.keys() - {found.hardware.dtype}:
        yield "", f"{clock(sum(found.costs[dtype].seconds.values()))} on 2 CPU cores in {dtype}"
    yield "", ", ".join(f"{part} {clock(value)}" for part, value in seconds.items())
    yield "memory", f"rough: {_gigabytes(sum(memory.values()))}"
    yield "", ", ".join(f"{part} {_gigabytes(value)}" for part, value in memory.items())


def _quality(found: Quality) -> Iterable[Line]:
    """Errors and warnings in full, notes counted: the report's data card has them all."""
    counts = ", ".join(some(len(found.of(severity)), severity) for severity in ORDER)
    yield "data quality", f"{counts}, from {some(len(found.checked), 'check')}"
    advised = ""
    for one in found.of(*COUNTED_BY_STRICT):
        yield f"  {one.severity}", f"{one.check}: {one.sentence}"
        if one.examples:
            yield "", f"such as {', '.join(one.examples)}"
        if one.advice and one.advice != advised:
            yield "", one.advice
        advised = one.advice
    for check, reason in found.not_checked.items():
        yield "  not checked", f"{check}: {reason}"


def _endpoint(found: Checkup) -> Iterable[Line]:
    """What would leave this machine, and for where."""
    if found.endpoint is not None:
        yield "endpoint", found.endpoint.where
        yield "", found.endpoint.amount


def _work(work: Workload) -> str:
    return (
        f"{work.embed_tokens:,} tokens to embed, {work.train_tokens:,} to train on, {work.prefill_tokens:,} to read, "
        f"at most {work.decode_steps:,} decoding steps"
    )


def _spread(spread: Spread) -> str:
    return f"median {spread.median:.0f}, longest {spread.max}"


def _share(value: float | None, reason: str | None) -> str:
    return rounding.share(value) if value is not None else f"none ({reason})"


def _gigabytes(value: float) -> str:
    return f"{value / 1e9:.1f} GB"

"""What `lab check` found, as text."""

from __future__ import annotations

from collections.abc import Iterable

from lab import rounding
from lab.checkup import Checkup, Spread
from lab.estimate import Workload
from lab.holdout.leaks import Leaks
from lab.terminal.board import clock

LABEL_WIDTH = 18
Line = tuple[str, str]


def checkup_text(found: Checkup) -> str:
    """All of it: data, division, leaks, lengths, power, cost."""
    lines = [
        *_data(found),
        *_division(found),
        *_leaks(found.data.leaks),
        *_lengths(found),
        *_power(found),
        *_cost(found),
    ]
    return "\n".join(f"{label:{LABEL_WIDTH}}{text}" for label, text in lines)


def _data(found: Checkup) -> Iterable[Line]:
    counts = found.counts
    yield "experiment", found.name
    yield "documents", rounding.count(counts["documents"])
    kinds = ", ".join(f"{kind} {n}" for kind, n in counts["kinds"].items())
    yield "questions", f"{rounding.count(counts['questions'])} ({kinds})"
    for note in counts["notes"]:
        yield "note", note
    odd = counts["contradictory_questions"]
    if odd:
        listed = "; ".join(", ".join(ids) for ids in odd[:3])
        yield "note", f"{len(odd)} question texts have answers that contradict each other: {listed}"


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

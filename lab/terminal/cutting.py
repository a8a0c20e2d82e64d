"""What the trial of cuttings found, in the terminal and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from lab import rounding
from lab.config import ExperimentConfig
from lab.corpus.passages import CUTTINGS, Cutting
from lab.cutting_trial import CUTOFFS, CuttingScore, CuttingTrial, try_cuttings
from lab.errors import ConfigError
from lab.terminal.console import cell, make_console, show_text

FEW_CLUSTERS = 10
UNLIKE = 0.1  # mean lengths that differ by more are named
LEAST_TOKENS = 16  # of index.passage_tokens


class _Waiting:
    """A bar on a terminal, nothing elsewhere; `tell` is called with (what, done, total)."""

    def __init__(self, console: Console, *, shown: bool) -> None:
        self._bar = Progress(console=console, transient=True, disable=not (shown and console.is_terminal))
        self._task = self._bar.add_task("reading", total=None)

    def __enter__(self) -> _Waiting:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def tell(self, what: str, done: int, total: int) -> None:
        """Show how far `what` is."""
        self._bar.update(self._task, description=what, completed=done, total=total)


def named_cuttings(names: str | None) -> tuple[Cutting, ...]:
    """The strategies that "window,heading" names, in the order of CUTTINGS; all of them for None.

    Raises:
        ConfigError: a name is none of them.
    """
    if names is None:
        return CUTTINGS
    wanted = [name.strip() for name in names.split(",")]
    unknown = [name for name in wanted if name not in CUTTINGS]
    if unknown:
        raise ConfigError(f"--cutting: expected some of {', '.join(CUTTINGS)}, got {unknown[0]!r}")
    return tuple(cutting for cutting in CUTTINGS if cutting in wanted)


def run_trial(config: ExperimentConfig, names: str | None, *, offline: bool, as_json: bool, strict: bool) -> None:
    """Compare the strategies that `names` lists, show how far that is, and print what was found.

    Raises:
        UserError: a name is no strategy, --strict was asked for too, or as `try_cuttings`.
    """
    if strict:
        raise ConfigError("--strict and --retrieval exclude each other: one checks the data, one the ways of cutting")
    console, cuttings = make_console(), named_cuttings(names)
    with _Waiting(console, shown=not as_json) as waiting:
        found = try_cuttings(config, cuttings, offline=offline, on_progress=waiting.tell)
    if as_json:
        console.out(json.dumps(trial_json(found), indent=1, allow_nan=False), highlight=False)
    else:
        show_trial(console, found)


def show_trial(console: Console, found: CuttingTrial) -> None:
    """Print three tables that fit 80 columns, and what they say."""
    show_text(console, _heading(found))
    for table in (_passages(found), _ranks(found), _budgets(found)):
        console.print(table)
        console.print()
    show_text(console, "\n".join(_verdict(found)))


def trial_json(found: CuttingTrial) -> dict[str, Any]:
    """The same for programs: plain JSON types, numbers as they are; without the values by question."""
    plain = {**asdict(found), "index": found.index.model_dump(mode="json")}
    for score in plain["scores"]:
        del score["values"]
        for key in ("recall", "at_budget"):
            score[key] = {str(name): value for name, value in score[key].items()}
    return plain


def _heading(found: CuttingTrial) -> str:
    sides = " and ".join({"train": "training"}.get(side, side) for side in found.sides)
    left = f"; {found.without_evidence:,} without evidence left out" if found.without_evidence else ""
    few = f"few dev questions have evidence, so training questions are asked too{left}"
    index = found.index
    lines = [
        f"experiment  {found.name}",
        f"questions   {found.questions:,} {sides} questions about {found.clusters:,} documents; no test question",
        f"            {few if 'train' in found.sides else left.removeprefix('; ')}",
        f"passages    at most {index.passage_tokens} tokens of {index.encoder}, overlap {index.overlap}",
        f"retrieval   {index.retrieval}, k {index.k}",
    ]
    return "\n".join(line for line in lines if line.strip()) + "\n"


def _table(found: CuttingTrial, *columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("cutting", no_wrap=True)
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    return table


def _name(found: CuttingTrial, score: CuttingScore) -> Any:
    return cell(f"{score.cutting}{' *' if score.cutting == found.index.cutting else ''}")


def _passages(found: CuttingTrial) -> Table:
    table = _table(found, "passages", "tokens", "evidence cut", "over half cut", "cutting s", "embedding s")
    for score in found.scores:
        table.add_row(
            _name(found, score),
            rounding.count(score.passages),
            f"{score.tokens:.0f}",
            rounding.share(score.unreachable),
            rounding.share(score.half_unreachable),
            rounding.seconds(score.cut_seconds),
            rounding.seconds(score.embed_seconds),
        )
    return table


def _ranks(found: CuttingTrial) -> Table:
    columns = [f"recall@{cutoff}" for cutoff in CUTOFFS]
    table = _table(found, *columns, "MRR", f"precision@{found.index.k}", f"IoU@{found.index.k}")
    for score in found.scores:
        table.add_row(
            _name(found, score),
            *(rounding.score(score.recall[cutoff].mean) for cutoff in CUTOFFS),
            rounding.score(score.mrr.mean),
            rounding.figure(score.precision),
            rounding.figure(score.iou),
        )
    return table


def _budgets(found: CuttingTrial) -> Table:
    budgets = sorted(found.scores[0].at_budget)
    table = _table(found, *(f"recall in {budget}" for budget in budgets))
    for score in found.scores:
        shown = [
            rounding.with_interval(one.mean, one.low, one.high) if budget == found.budget else rounding.score(one.mean)
            for budget, one in ((budget, score.at_budget[budget]) for budget in budgets)
        ]
        table.add_row(_name(found, score), *shown)
    return table


def _verdict(found: CuttingTrial) -> Iterator[str]:
    yield "*: what the experiment file says. evidence cut: no passage holds it whole. precision and IoU: of characters."
    worth = f"{found.index.k} passages' worth" if found.index.k > 1 else "one passage's worth"
    yield f"recall in {found.budget}: in {worth} of tokens, with its 95 % interval; this decides."
    for score in found.scores:
        if score.same_as:
            yield f"{score.cutting} cuts these documents as {score.same_as} does."
    yield ""
    best = next(score for score in found.scores if score.cutting == found.best)
    yield f"best: {found.best}, recall {rounding.score(best.at_budget[found.budget].mean)} in {found.budget} tokens"
    for other in found.behind:
        one = other.difference
        by = rounding.with_interval(one.mean, one.low, one.high, rounding.difference)
        told = "the data tell them apart" if other.told else "the data cannot tell them apart"
        yield f"  against {other.cutting:9} {by}, p {rounding.p_value(other.p_holm)} (Holm): {told}"
    yield from _length_caution(found, best)
    if found.clusters < FEW_CLUSTERS:
        yield f"  {found.clusters} documents are too few to tell much"
    yield from _advice(found)


def _length_caution(found: CuttingTrial, best: CuttingScore) -> Iterator[str]:
    """One limit gives strategies passages of different lengths, and length alone changes what a budget holds."""
    others = {other.cutting for other in found.behind}
    unlike = [
        score
        for score in found.scores
        if score.cutting in others and abs(score.tokens - best.tokens) > UNLIKE * max(score.tokens, best.tokens)
    ]
    if not unlike:
        return
    lengths = ", ".join(f"{score.cutting} {score.tokens:.0f}" for score in unlike)
    yield f"  but its passages have another length: {best.tokens:.0f} tokens on average; {lengths}."
    yield "  How much of the difference is length, and how much is where the cuts lie, this trial does not show."
    wanted = round(found.index.passage_tokens * best.tokens / unlike[0].tokens)
    if wanted >= LEAST_TOKENS and best.tokens < unlike[0].tokens:
        names = ",".join(score.cutting for score in unlike)
        tokens = f"--set index.passage_tokens={wanted} --set index.overlap={min(found.index.overlap, wanted // 2)}"
        yield f"  Before you credit the cuts: {tokens} --cutting {names},"
        yield "  and compare recall in the budgets that both trials have."


def _advice(found: CuttingTrial) -> Iterator[str]:
    same = {score.cutting for score in found.scores if score.same_as == found.best}
    if found.index.cutting in {found.best, *same}:
        yield "The experiment file says so already."
        return
    against = next((other for other in found.behind if other.cutting == found.index.cutting), None)
    if against and not against.told:
        yield f"These questions are no reason to leave {found.index.cutting}."
    yield f"For the experiment file: index: {{cutting: {found.best}}}"
    yield f"or for one command: --set index.cutting={found.best}"

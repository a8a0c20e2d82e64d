"""Why the methods differ: what retrieval and tuning add, which lever is missing, where each method is good."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lab import rounding
from lab.report import lookup, words
from lab.report.cells import effect_cell, mean_cell, questions_detail, value_cell
from lab.report.layout import Cell, Column, Section, Table
from lab.types import ExperimentResult

_EFFECTS = {
    "retrieval": ("Retrieval", "with passages minus without, the mean over both weights"),
    "tuning": ("Tuning", "tuned minus base weights, the mean with and without passages"),
    "interaction": ("Interaction", "what both together add beyond the sum of each"),
    "trained_with_context": ("Trained with context", "RAFT minus Fine-tuned + RAG"),
}
_FEW = " Rows marked 'few' have too few questions to read anything from."
_INTERACTION = {
    "substitutes": "Retrieval and tuning are substitutes: each does part of the other's work.",
    "complements": "Retrieval and tuning are complements: together they add more than the sum of each.",
    "neither shown": "Whether retrieval and tuning replace or help each other is not shown: the interval holds 0.",
}


def effects_section(result: ExperimentResult) -> Section:
    """Main effects and interaction of the 2 x 2 of passages and tuning, and the effect of training with context."""
    found = lookup.mapping(result.analysis, "factorial")
    rows = tuple(
        (
            Cell(label, what),
            effect_cell(lookup.at(found, name)),
            Cell(rounding.count(lookup.at(found, name, "n"))),
        )
        for name, (label, what) in _EFFECTS.items()
        if name in found
    )
    said = _INTERACTION.get(str(found.get("interaction_reads")))
    metric = words.metric_label(str(found.get("metric") or lookup.primary(result)))
    table = Table(
        f"Effects on {metric}",
        (Column("effect", number=False), Column("difference, 95 % interval"), Column("questions")),
        rows,
        note="The same questions in all four cells: Closed-book, RAG, Fine-tuned, Fine-tuned + RAG. Intervals are "
        "clustered by document and unadjusted.",
    )
    return Section("effects", "What retrieval and tuning add", points=(said,) if said else (), tables=_filled(table))


def diagnosis_section(result: ExperimentResult) -> Section:
    """The gaps that tell which lever is missing, each with what it points to."""
    gaps = [gap for gap in lookup.sequence(result.analysis, "diagnosis") if isinstance(gap, Mapping)]
    rows = tuple(
        (
            Cell(_plain(gap.get("name")), str(gap.get("formula") or "")),
            effect_cell(gap.get("estimate")),
            Cell(rounding.count(lookup.at(gap, "estimate", "n")), str(gap.get("over") or "")),
            Cell(str(gap.get("size") or rounding.NOT_APPLICABLE)),
            Cell(str(gap.get("lever") or rounding.NOT_APPLICABLE)),
        )
        for gap in gaps
    )
    levers = tuple(
        f"{words.capital(_plain(gap.get('name')))} is large. {gap['lever']}"
        for gap in gaps
        if gap.get("size") == "large" and gap.get("lever")
    )
    columns = (
        Column("gap", number=False),
        Column("size of the gap, 95 % interval"),
        Column("questions", number=False),
        Column("judged", number=False),
        Column("what it points to", number=False),
    )
    note = (
        f"Large: the interval lies above 0 and the gap is at least the margin of "
        f"{rounding.rate(lookup.margin(result))}. Small: the whole interval lies below the margin."
    )
    table = Table("Gaps", columns, rows, note=note)
    none = ("No gap is large: nothing here says which lever to pull.",) if rows and not levers else ()
    return Section("diagnosis", "Which lever is missing", points=levers or none, tables=_filled(table))


def slices_section(result: ExperimentResult) -> Section:
    """The primary metric by slices of the questions, and the registered contrasts within them."""
    families = [family for family in lookup.sequence(result.analysis, "slices") if isinstance(family, Mapping)]
    means = tuple(_slice_means(result, family) for family in families)
    contrasts = tuple(_slice_contrasts(family) for family in families)
    missing = tuple(f"By {family.get('family')}: {family['reason']}." for family in families if family.get("reason"))
    return Section(
        "slices",
        "Where each method is good",
        points=missing,
        tables=tuple(table for table in (*means, *contrasts) if table.rows),
    )


def router_section(result: ExperimentResult) -> Section:
    """What choosing a method per slice could gain over the best single method."""
    found = lookup.mapping(result.analysis, "router")
    rows = tuple(
        (
            Cell(words.capital(str(family.get("family"))), str(family.get("rule") or "")),
            effect_cell(family.get("gain")),
            value_cell(family.get("in_sample"), rounding.difference, lookup.at(family, "gain", "reason")),
            Cell(words.method_label(str(family["single"])) if family.get("single") else rounding.NOT_APPLICABLE),
            Cell(_choices(lookup.mapping(family, "choices"))),
        )
        for family in lookup.sequence(found, "families")
        if isinstance(family, Mapping)
    )
    columns = (
        Column("slices by", number=False),
        Column("gain, 95 % interval"),
        Column("gain in sample"),
        Column("best single method", number=False),
        Column("choice by slice", number=False),
    )
    note = (
        "Gain over the best single method. The choices are made on four fifths of the documents and scored on the "
        "rest; in sample they are made and scored on the same questions, which flatters them."
    )
    said = found.get("note")
    table = Table(f"A method for each slice, {words.metric_label(lookup.primary(result))}", columns, rows, note=note)
    return Section("router", "Choosing per question", paragraphs=(str(said),) if said else (), tables=_filled(table))


def _slice_means(result: ExperimentResult, family: Mapping[str, Any]) -> Table:
    slices = [one for one in lookup.sequence(family, "slices") if isinstance(one, Mapping)]
    known = {name for one in slices for name in lookup.mapping(one, "methods")}
    methods = [name for name in lookup.methods_by_quality(result) if name in known]
    rows = tuple(
        (
            Cell(str(one.get("name")), _size(one)),
            *(mean_cell(lookup.at(one, "methods", method)) for method in methods),
        )
        for one in slices
    )
    left_out = rounding.number(family.get("left_out"))
    outside = f" {words.plural(rounding.count(left_out), 'question')} in no slice." if left_out else ""
    return Table(
        f"{words.metric_label(lookup.primary(result))} by {family.get('family')}",
        (Column("slice", number=False), *(Column(words.method_label(method)) for method in methods)),
        rows,
        note=f"{words.capital(str(family.get('rule') or ''))}.{outside}{_FEW if _small(slices) else ''}",
        folded=True,
        small=_small(slices),
    )


def _slice_contrasts(family: Mapping[str, Any]) -> Table:
    found = [
        (one, item)
        for one in lookup.sequence(family, "slices")
        if isinstance(one, Mapping)
        for item in lookup.sequence(one, "contrasts")
    ]
    rows = tuple(
        (
            Cell(str(one.get("name")), _size(one)),
            Cell(_against(item)),
            effect_cell(lookup.at(item, "difference")),
            value_cell(lookup.at(item, "p_holm"), rounding.p_value, lookup.at(item, "difference", "reason")),
        )
        for one, item in found
    )
    return Table(
        f"Contrasts by {family.get('family')}",
        (
            Column("slice", number=False),
            Column("contrast", number=False),
            Column("difference, 95 % interval"),
            Column("p (Holm)"),
        ),
        rows,
        note="Adjusted over all slices and contrasts of this table. Found after looking at many: a lead, no verdict.",
        folded=True,
        small=_small([one for one, _ in found]),
    )


def _size(one: Mapping[str, Any]) -> str:
    clusters = rounding.number(one.get("clusters"))
    parts = [questions_detail(one.get("n"))]
    parts += [] if clusters is None else [words.plural(rounding.count(clusters), "cluster")]
    parts += ["few"] if one.get("small") is True else []
    return ", ".join(part for part in parts if part)


def _small(slices: Sequence[Mapping[str, Any]]) -> frozenset[int]:
    return frozenset(place for place, one in enumerate(slices) if one.get("small") is True)


def _against(item: Any) -> str:
    method, baseline = (words.method_label(str(lookup.at(item, key))) for key in ("method", "baseline"))
    return f"{method} against {baseline}"


def _choices(choices: Mapping[str, Any]) -> str:
    said = "; ".join(f"{name}: {words.method_label(str(method))}" for name, method in choices.items())
    return said or rounding.NOT_APPLICABLE


def _plain(name: Any) -> str:
    return str(name or "").replace("_", " ")


def _filled(table: Table) -> tuple[Table, ...]:
    return (table,) if table.rows else ()

"""How well retrieval found the evidence, by evidence unit, by passage and by document.

A unit is one piece of evidence; every passage that covers it can find it. Recall counts units, so overlapping passages
do not count twice. Precision, MRR (cut at rank 10) and nDCG are those of ir_measures on binary passage relevance.

A unit that no passage holds whole (it was cut in two) stays in every figure as one that nothing can find: else worse
cutting would raise the scores.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from lab.statistics.clustered import SHARE, estimate_values
from lab.types import Hit

Runs = Mapping[str, Sequence[str]]
Units = Mapping[str, Sequence[Sequence[str]]]

CUTOFFS = (1, 3, 5, 10)
DEPTH = 10  # of MRR and nDCG


def retrieval_metrics(
    runs: Mapping[str, Sequence[Hit]],
    gold_units: Units,
    documents: Mapping[str, str],
    clusters: Mapping[str, str],
    cutoffs: Sequence[int] = CUTOFFS,
    gold_documents: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """recall@k and precision@k for each cutoff, mrr and ndcg@10, each an Estimate as a dict; `by_document` likewise.

    `mrr` is cut at rank 10: a first gold passage further down counts 0. Questions without any unit (unanswerable, or
    the data name no evidence) are left out and counted in `excluded`. Questions whose units no passage holds are
    scored, with 0 throughout, and counted in `unreachable_questions`.

    Args:
        runs: by question id, its hits; 10 deep and as deep as the largest cutoff, or the figures are too low.
        gold_units: by question id, for each evidence unit the ids of the passages that cover it.
        documents: document id of each passage id, at least for all passages in `gold_units`.
        clusters: by question id, its first gold document.
        cutoffs: values of k.
        gold_documents: by question id, the documents of its evidence. Without them `by_document` knows only the
            documents of covering passages, and a unit that no passage holds counts as missed there as well.

    Raises:
        ValueError: a question has gold units but no run, or a gold passage has no document.
    """
    units = {question: found for question, found in gold_units.items() if found}
    missing = sorted(question for question in units if question not in runs)
    if missing:
        raise ValueError(f"expected a run for each question with evidence, none for: {missing[:5]}")
    unknown = sorted({passage for found in units.values() for unit in found for passage in unit} - documents.keys())
    if unknown:
        raise ValueError(f"expected a document for each gold passage, none for: {unknown[:5]}")
    ranked = {question: sorted(runs[question], key=lambda hit: hit.rank) for question in units}
    passages = {question: [hit.passage.id for hit in hits] for question, hits in ranked.items()}
    collapsed = {
        question: list(dict.fromkeys(hit.passage.document_id for hit in hits)) for question, hits in ranked.items()
    }
    return {
        "n": len(units),
        "excluded": len(runs.keys() | gold_units.keys()) - len(units),
        "unreachable_questions": sum(not any(found) for found in units.values()),
        **_figures(passages, units, clusters, cutoffs),
        "by_document": _figures(collapsed, _document_units(units, documents, gold_documents), clusters, cutoffs),
    }


def unit_recall(ranking: Sequence[str], units: Sequence[Sequence[str]], k: int) -> float:
    """Share of `units` of which at least one passage stands among the first `k` of `ranking`."""
    top = set(ranking[:k])
    return sum(not top.isdisjoint(unit) for unit in units) / len(units)


def _document_units(
    units: Units, documents: Mapping[str, str], gold_documents: Mapping[str, Sequence[str]] | None
) -> dict[str, list[list[str]]]:
    """One unit per gold document, and an empty one per unit whose document is not known."""
    if gold_documents is not None:
        return {question: [[name] for name in dict.fromkeys(gold_documents[question])] for question in units}
    return {
        question: [[name] for name in dict.fromkeys(documents[passage] for unit in found for passage in unit)]
        + [[] for unit in found if not unit]
        for question, found in units.items()
    }


def _figures(runs: Runs, units: Units, clusters: Mapping[str, str], cutoffs: Sequence[int]) -> dict[str, Any]:
    recalls = {
        f"recall@{k}": {question: unit_recall(runs[question], found, k) for question, found in units.items()}
        for k in cutoffs
    }
    figures = recalls | _ir_measures(runs, units, cutoffs)
    return {
        name: asdict(estimate_values(list(values.values()), [clusters[question] for question in values], SHARE))
        for name, values in figures.items()
    }


def _relevant(units: Sequence[Sequence[str]]) -> list[str]:
    """The items that count as relevant. One that no ranking holds stands for each unit that nothing covers."""
    absent = [f"no passage holds unit {position}" for position, unit in enumerate(units) if not unit]
    return [item for unit in units for item in unit] + absent


def _ir_measures(runs: Runs, units: Units, cutoffs: Sequence[int]) -> dict[str, dict[str, float]]:
    import ir_measures

    measures = {ir_measures.P @ k: f"precision@{k}" for k in cutoffs}
    measures |= {ir_measures.RR @ DEPTH: "mrr", ir_measures.nDCG @ DEPTH: f"ndcg@{DEPTH}"}
    qrels = {question: dict.fromkeys(_relevant(found), 1) for question, found in units.items()}
    # Equal scores would be ordered by id; ranks as scores keep the retriever's order.
    scored = {question: {item: -float(rank) for rank, item in enumerate(ranking)} for question, ranking in runs.items()}
    values: dict[str, dict[str, float]] = {name: {} for name in measures.values()}
    if units:
        for one in ir_measures.iter_calc(list(measures), qrels, scored):
            values[measures[one.measure]][one.query_id] = float(one.value)
    return {name: {question: found[question] for question in units} for name, found in values.items()}

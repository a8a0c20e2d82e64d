"""The whole report as nouns of layout, before it becomes HTML or Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from lab.report import lookup, rounding, tables, words
from lab.report.abstention import abstention_tables
from lab.report.analysis import diagnosis_section, effects_section, router_section, slices_section
from lab.report.causes import causes_section
from lab.report.contrasts import comparison_tables
from lab.report.costs import costs_section
from lab.report.finding import contrast_sentence, finding
from lab.report.grounding import grounding_table, reading_table
from lab.report.labels import label_tables
from lab.report.layout import Block, Cell, Column, Page, Section, Table
from lab.report.limits import limits
from lab.report.recommendation import recommendation_sections
from lab.types import ExperimentResult


def build_page(result: ExperimentResult) -> Page:
    """First screen and sections, in reading order; sections without content are left out."""
    slices = slices_section(result)
    # An analysis by slices has the kinds too, with more beside them.
    kinds = () if slices.tables else _filled(tables.kinds_table(result))
    grounding = (*_filled(grounding_table(result)), *_filled(reading_table(result)))
    sections = (
        *recommendation_sections(result),
        _comparisons(result),
        effects_section(result),
        diagnosis_section(result),
        slices,
        router_section(result),
        causes_section(result),
        Section("kinds", "By kind of question", tables=kinds),
        _retrieval(result),
        Section("grounding", "Groundedness and use of passages", tables=grounding),
        Section("abstention", "Abstention and calibration", tables=abstention_tables(result)),
        Section("metrics", "All metrics", tables=tables.metrics_tables(result)),
        Section("labels", "Labels", tables=label_tables(result)),
        costs_section(result),
        _training(result),
        _prompts(result),
        _data(result),
        _reproducibility(result),
        Section("limits", "Limits", points=limits(result)),
    )
    return Page(
        title=f"RAG or fine-tuning for {result.domain}?",
        finding=finding(result),
        setting=_setting(result),
        methods=tables.methods_table(result),
        sections=tuple(section for section in sections if _has_content(section)),
    )


def _setting(result: ExperimentResult) -> tuple[tuple[str, str], ...]:
    documents, questions = ("Documents", _documents(result)), ("Questions", _questions(result))
    models = ("Models", _models(result))
    if not lookup.tuned(result):
        return documents, questions, ("Track", words.untuned_track_sentence(result.track)), models
    track = ("Track", words.track_sentence(result.track))
    return documents, questions, track, ("Knowledge parity", _parity(result)), models


def _documents(result: ExperimentResult) -> str:
    corpus = result.corpus
    length = lookup.mapping(corpus, "document_words")
    size = ""
    if rounding.number(length.get("median")) is not None:
        ends = f"{rounding.count(length.get('min'))} to {rounding.count(length.get('max'))}"
        size = f" of {rounding.count(length['median'])} words in the median ({ends})"
    passages = corpus.get("passages")
    cut = "" if passages is None else f", cut into {words.plural(rounding.count(passages), 'passage')}"
    split = rounding.number(corpus.get("evidence_split_share"))
    torn = "" if split is None else f"; {rounding.share(split)} of the evidence is whole in no passage"
    return f"{words.plural(rounding.count(corpus.get('documents')), 'document')}{size}{cut}{torn}."


def _questions(result: ExperimentResult) -> str:
    corpus = result.corpus
    known = [side for side in ("train", "dev") if corpus.get(side) is not None]
    sides = "".join(f"{rounding.count(corpus[side])} {side}, " for side in known)
    test = f"{rounding.count(result.n_test)} test in {words.plural(rounding.count(result.n_clusters), 'cluster')}"
    empty = corpus.get("test_unanswerable")
    unanswerable = f", of which the documents do not answer {rounding.count(empty)}" if empty else ""
    return f"{sides}{test}{unanswerable}. A cluster is a document: its questions rise and fall together."


def _parity(result: ExperimentResult) -> str:
    parity = lookup.mapping(result.holdout, "parity")
    document, fact = (rounding.number(parity.get(level)) for level in ("document", "fact"))
    if document is None and fact is None:
        return "Not measured."
    documents, facts = (_traced(parity.get(key)) for key in ("documents_known", "facts_known"))
    answerable = rounding.number(parity.get("answerable"))
    size = "" if answerable is None else f" {rounding.count(answerable)}"
    loose = rounding.number(parity.get("facts_by_whole_document"))
    weak = (
        f" {words.plural(rounding.count(loose), 'fact')} only through evidence without offsets, which says no more "
        "than that the document was shown."
        if loose
        else ""
    )
    return (
        f"Of the{size} answerable test questions, training was shown the document of {rounding.share(document)}"
        f"{documents} and the fact of {rounding.share(fact)}{facts}.{weak}"
    )


def _traced(known: Any) -> str:
    """The denominator of a share: the questions whose document or fact the data name."""
    return "" if rounding.number(known) is None else f" (of {rounding.count(known)} that can be traced)"


def _models(result: ExperimentResult) -> str:
    if not lookup.ours(result):
        return "Not known: the answers came in a file."
    parts = [
        f"{role} {name}"
        for role, name in (
            ("answers by", lookup.at(result.environment, "generator")),
            ("passages found with", lookup.at(result.environment, "encoder")),
        )
        if name
    ]
    k = lookup.at(result.config, "index", "k")
    parts += [f"top {k} passages in a prompt"] if k else []
    return f"{words.capital(', '.join(parts))}." if parts else "Not named in this result."


def _comparisons(result: ExperimentResult) -> Section:
    sentences = tuple(contrast_sentence(item, lookup.margin(result)) for item in lookup.registered(result))
    return Section("comparisons", "Comparisons", points=sentences, tables=comparison_tables(result))


def _retrieval(result: ExperimentResult) -> Section:
    found = result.retrieval
    points = []
    if found.get("excluded") is not None:
        points.append(f"{words.plural(rounding.count(found['excluded']), 'question')} without any evidence left out.")
    if lost := rounding.number(found.get("unreachable_questions")):
        points.append(
            f"{words.plural(rounding.count(lost), 'question')} whose evidence no passage holds whole, "
            "counted as missed."
        )
    if found.get("type"):
        recall = rounding.number(found.get("index_recall"))
        exact = "" if recall is None else f"; it finds {rounding.share(recall)} of what an exact search finds"
        points.append(f"Index type {found['type']}{exact}.")
    return Section("retrieval", "Retrieval", points=tuple(points), tables=_filled(tables.retrieval_table(result)))


def _training(result: ExperimentResult) -> Section:
    table = tables.training_table(result)
    return Section("training", "Training", tables=_filled(table), charts=("loss",) if table.rows else ())


def _prompts(result: ExperimentResult) -> Section:
    blocks = tuple(
        Block(f"{words.method_label(name)}: {lookup.at(result.methods, name, 'description') or 'prompt'}", str(prompt))
        for name in lookup.methods_by_quality(result)
        if (prompt := lookup.at(result.methods, name, "prompt"))
    )
    intro = "One full prompt of each method, word for word, with its context and question."
    return Section("prompts", "Prompts", paragraphs=(intro,) if blocks else (), blocks=blocks)


def _data(result: ExperimentResult) -> Section:
    leaks = lookup.mapping(result.holdout, "leaks")
    near = lookup.sequence(leaks, "near")
    points = [str(note) for note in lookup.sequence(result.corpus, "notes")]
    if leaks:
        points.append(
            f"Test questions that also stand in training: {rounding.count(leaks.get('exact'))} word for word, "
            f"{rounding.count(len(near))} nearly; intended by the track: {rounding.count(leaks.get('intended'))}; "
            f"alike but about other facts: {rounding.count(leaks.get('near_misses'))}."
        )
    if straddling := rounding.number(lookup.at(result.holdout, "straddling_groups")):
        points.append(
            f"{words.plural(rounding.count(straddling), 'group')} of questions on one fact with questions in training "
            "as well as in the test, so that facts are tested whose other wordings were trained on."
        )
    points += ["The data came with its own splits."] if lookup.at(result.holdout, "given_splits") is True else []
    kinds = lookup.mapping(result.corpus, "kinds")
    kind_rows = tuple((Cell(str(kind)), Cell(rounding.count(amount))) for kind, amount in kinds.items())
    leak_rows = tuple(
        (
            Cell(str(lookup.at(item, "train_id"))),
            Cell(str(lookup.at(item, "test_id"))),
            Cell(rounding.score(lookup.at(item, "similarity"))),
        )
        for item in near
    )
    named = (Column("train", number=False), Column("test", number=False), Column("similarity"))
    shown = (
        Table("Questions by kind", (Column("kind", number=False), Column("questions")), kind_rows),
        Table("Near-duplicate questions across the split", named, leak_rows, folded=True),
    )
    return Section("data", "Data", points=tuple(points), tables=tuple(table for table in shown if table.rows))


def _reproducibility(result: ExperimentResult) -> Section:
    environment = dict(result.environment)
    libraries = lookup.mapping(environment, "libraries")
    environment.pop("libraries", None)
    machine = [("experiment", result.name), ("split fingerprint", lookup.at(result.holdout, "fingerprint"))]
    machine += [("seeds", words.join(map(str, result.seeds)))]
    machine += [(key.replace("_", " "), words.said(value)) for key, value in environment.items()]
    times = [(step, lookup.at(result.timings, "steps", step)) for step in lookup.mapping(result.timings, "steps")]
    times += [("loading and running models", result.timings.get("model_s")), ("total", result.timings.get("total_s"))]
    name, value = Column("name", number=False), Column("value", number=False)
    shown = (
        Table("Environment", (name, value), _pairs((key, words.said(item)) for key, item in machine)),
        Table(
            "Seconds by step",
            (Column("step", number=False), Column("seconds")),
            _pairs((key, rounding.seconds(item)) for key, item in times),
        ),
        Table(
            "Libraries", (name, value), _pairs((key, words.said(item)) for key, item in libraries.items()), folded=True
        ),
    )
    config = Block("Resolved configuration", json.dumps(result.config, indent=2, ensure_ascii=False, default=str))
    return Section(
        "reproducibility",
        "Reproducibility",
        tables=tuple(table for table in shown if table.rows),
        blocks=(config,) if result.config else (),
    )


def _pairs(items: Iterable[tuple[str, str]]) -> tuple[tuple[Cell, ...], ...]:
    return tuple((Cell(str(key)), Cell(value)) for key, value in items)


def _filled(table: Table) -> tuple[Table, ...]:
    return (table,) if table.rows else ()


def _has_content(section: Section) -> bool:
    return bool(section.paragraphs or section.points or section.tables or section.blocks)

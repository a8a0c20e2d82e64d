"""The whole report as nouns of layout, before it becomes HTML or Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lab import rounding
from lab.report import charts, lookup, tables, words
from lab.report.abstention import abstention_tables
from lab.report.analysis import diagnosis_section, effects_section, router_section, slices_section
from lab.report.causes import causes_section
from lab.report.contrasts import comparison_tables
from lab.report.costs import costs_section
from lab.report.data_card import data_section
from lab.report.endpoint import endpoint_section
from lab.report.finding import contrast_sentence, finding
from lab.report.grounding import grounding_table, reading_table
from lab.report.labels import labels_section
from lab.report.layout import Block, Chapter, Chart, Page, Section, Table
from lab.report.limits import limits
from lab.report.money import money_section
from lab.report.published import published_section
from lab.report.quality import data_warnings
from lab.report.recommendation import recommendation_section
from lab.report.reproducibility import reproducibility_section
from lab.report.sensitivity import flip_sentences, sensitivity_section
from lab.report.setting import setting
from lab.types import ExperimentResult

CHANGES_SHOWN = 4


def build_page(result: ExperimentResult) -> Page:
    """First screen and chapters, in reading order; sections and chapters without content are left out."""
    chapters = (
        (
            "Which is better",
            (_comparisons(result), endpoint_section(result), effects_section(result), diagnosis_section(result)),
        ),
        ("The recommendation", (recommendation_section(result), _sensitivity(result))),
        ("What it costs", (_plane(result), _money(result), costs_section(result))),
        ("Reading", (_retrieval(result), _grounding(result), _abstention(result))),
        ("Where each is good", (*_slices(result), router_section(result), _causes(result))),
        ("All scores", (published_section(result), *_metrics(result), _training(result))),
        ("The experiment", (data_section(result), _prompts(result), reproducibility_section(result), _limits(result))),
    )
    kept = (Chapter(title, tuple(filter(_has_content, sections))) for title, sections in chapters)
    return Page(
        title=f"RAG or fine-tuning for {result.domain}?",
        finding=finding(result),
        lead=charts.quality_chart(result),
        changes=flip_sentences(result)[:CHANGES_SHOWN],
        setting=setting(result),
        methods=tables.methods_table(result),
        chapters=tuple(chapter for chapter in kept if chapter.sections),
        warnings=data_warnings(result),
    )


def decision_sections(result: ExperimentResult) -> tuple[Section, ...]:
    """What to choose and why, what would change it, and the costs in money where a price is declared; no charts."""
    found = (recommendation_section(result), sensitivity_section(result), money_section(result))
    return tuple(filter(_has_content, found))


def _comparisons(result: ExperimentResult) -> Section:
    sentences = tuple(contrast_sentence(item, lookup.margin(result)) for item in lookup.registered(result))
    return Section(
        "comparisons",
        "Comparisons",
        points=sentences,
        charts=_drawn(charts.forest_chart(result)),
        tables=comparison_tables(result),
    )


def _sensitivity(result: ExperimentResult) -> Section:
    return replace(sensitivity_section(result), charts=_drawn(charts.tornado_chart(result)))


def _plane(result: ExperimentResult) -> Section:
    return Section("plane", "Quality against cost and latency", charts=_drawn(charts.plane_chart(result)))


def _money(result: ExperimentResult) -> Section:
    found = _drawn(charts.volume_chart(result), charts.break_even_chart(result))
    return replace(money_section(result), charts=found)


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
    return Section(
        "retrieval",
        "Retrieval",
        points=tuple(points),
        charts=_drawn(charts.recall_chart(result)),
        tables=_filled(tables.retrieval_table(result)),
    )


def _grounding(result: ExperimentResult) -> Section:
    found = (*_filled(grounding_table(result)), *_filled(reading_table(result)))
    return Section("grounding", "Groundedness and use of passages", tables=found)


def _abstention(result: ExperimentResult) -> Section:
    return Section(
        "abstention",
        "Abstention and calibration",
        charts=_drawn(charts.risk_coverage_chart(result), charts.reliability_chart(result)),
        tables=abstention_tables(result),
    )


def _slices(result: ExperimentResult) -> tuple[Section, ...]:
    """By slices; of results without them, by kind of question, which slices have too, with more beside it."""
    slices = slices_section(result)
    if slices.tables:
        return (replace(slices, charts=_drawn(charts.slices_chart(result))),)
    return (Section("kinds", "By kind of question", tables=_filled(tables.kinds_table(result))),)


def _causes(result: ExperimentResult) -> Section:
    return replace(causes_section(result), charts=_drawn(charts.causes_chart(result)))


def _metrics(result: ExperimentResult) -> tuple[Section, ...]:
    return (
        Section("metrics", "All metrics", tables=tables.metrics_tables(result)),
        labels_section(result),
    )


def _training(result: ExperimentResult) -> Section:
    found = (*charts.training_charts(result), *_drawn(charts.seeds_chart(result)))
    return Section("training", "Training", charts=found, tables=_filled(tables.training_table(result)))


def _prompts(result: ExperimentResult) -> Section:
    blocks = tuple(
        Block(f"{words.method_label(name)}: {lookup.at(result.methods, name, 'description') or 'prompt'}", str(prompt))
        for name in lookup.methods_by_quality(result)
        if (prompt := lookup.at(result.methods, name, "prompt"))
    )
    intro = "One full prompt of each method, word for word, with its context and question."
    return Section("prompts", "Prompts", paragraphs=(intro,) if blocks else (), blocks=blocks)


def _limits(result: ExperimentResult) -> Section:
    return Section("limits", "Limits", points=limits(result))


def _drawn(*found: Chart | None) -> tuple[Chart, ...]:
    return tuple(chart for chart in found if chart is not None)


def _filled(table: Table) -> tuple[Table, ...]:
    return (table,) if table.rows else ()


def _has_content(section: Section) -> bool:
    parts: tuple[Iterable[object], ...] = (
        section.paragraphs,
        section.points,
        section.charts,
        section.tables,
        section.blocks,
    )
    return any(map(bool, parts))

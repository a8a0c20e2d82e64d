"""The comparison as the nouns of a report, before it becomes HTML or Markdown."""

from __future__ import annotations

from lab.compare import finding, tables
from lab.compare.changes import SPLIT
from lab.compare.chart import contrasts_chart
from lab.compare.together import RunsCompared
from lab.report.layout import Chapter, Page, Section, Table


def build_page(found: RunsCompared) -> Page:
    """First screen and chapters."""
    return Page(
        title=finding.title(found),
        finding=finding.finding(found),
        lead=None,
        changes=(),
        setting=_setting(found),
        methods=tables.methods_table(found),
        chapters=_chapters(found),
        warnings=finding.warnings(found),
    )


def _setting(found: RunsCompared) -> tuple[tuple[str, str], ...]:
    who = tuple((run.letter, finding.run_sentence(run, found.matching.asked[run.letter])) for run in found.runs)
    return *who, ("Questions", finding.matching_sentence(found))


def _chapters(found: RunsCompared) -> tuple[Chapter, ...]:
    chapters = (
        Chapter("What differs in the answers", (_contrasts(found), _flips(found))),
        Chapter("What differs in the runs", (_settings(found), _environment(found), _costs(found))),
        Chapter("What was compared", (_questions(found), _reading(found))),
    )
    kept = (
        Chapter(one.title, tuple(section for section in one.sections if section.tables or section.points))
        for one in chapters
    )
    return tuple(one for one in kept if one.sections)


def _contrasts(found: RunsCompared) -> Section:
    said, drawn = finding.contrast_sentences(found), contrasts_chart(found)
    shown = tables.contrasts_table(found), tables.secondary_table(found), tables.trainings_table(found)
    return Section("comparisons", "Contrasts", points=said, tables=_filled(*shown), charts=(drawn,) if drawn else ())


def _flips(found: RunsCompared) -> Section:
    shown = _filled(tables.flips_table(found), *tables.example_tables(found))
    return Section("flips", "Questions that flipped", tables=shown)


def _settings(found: RunsCompared) -> Section:
    changes = found.changes
    return Section(
        "settings",
        "Settings",
        points=(finding.settings_sentence(found),),
        tables=_filled(
            tables.changes_table(
                found,
                "Settings that differ",
                changes.settings,
                "Another split fingerprint with the same test questions: the rest was divided otherwise."
                if any(change.key == SPLIT for change in changes.settings) and found.matching.complete
                else "",
            ),
            tables.changes_table(
                found, "What only the recommendation reads", changes.deciding, "Prices, needs and the margin."
            ),
            tables.changes_table(found, "Names and places", changes.names),
        ),
    )


def _environment(found: RunsCompared) -> Section:
    table = tables.changes_table(found, "Machines and versions that differ", found.changes.environment)
    said = finding.machine_sentences(found)
    if not table.rows:
        said = ("Hardware, number format, models and library versions are the same in all runs.",)
    return Section("environment", "Machines and versions", points=said, tables=_filled(table))


def _costs(found: RunsCompared) -> Section:
    return Section("costs", "Costs", tables=_filled(tables.costs_table(found)))


def _questions(found: RunsCompared) -> Section:
    points = finding.matching_sentence(found), *finding.training_sentences(found)
    return Section(
        "questions", "Questions and training runs", points=points, tables=_filled(tables.left_out_table(found))
    )


def _reading(found: RunsCompared) -> Section:
    return Section("limits", "How to read this", points=tuple(finding.reading_points(found)))


def _filled(*found: Table) -> tuple[Table, ...]:
    return tuple(table for table in found if table.rows)

"""The nouns of the page: its chapters, its charts, and the words that stand for the methods."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.report import words
from lab.report.layout import Chart
from lab.report.page import CHANGES_SHOWN, build_page, decision_sections

LABELS = {
    "closed-book": "Closed-book",
    "rag": "RAG",
    "fine-tuned": "Fine-tuned",
    "fine-tuned+rag": "Fine-tuned + RAG",
    "raft": "RAFT",
    "oracle": "Oracle",
}


def test_chapters_stand_in_the_readers_order_and_none_is_empty(load, full):
    page = build_page(load(full))
    assert [chapter.title for chapter in page.chapters] == [
        "Which is better", "The recommendation", "What it costs", "Reading", "Where each is good", "All scores",
        "The experiment",
    ]  # fmt: skip
    for chapter in page.chapters:
        assert chapter.sections
        for section in chapter.sections:
            assert section.paragraphs or section.points or section.charts or section.tables or section.blocks
    assert page.sections == tuple(section for chapter in page.chapters for section in chapter.sections)
    names = [section.id for section in page.sections]
    assert len(set(names)) == len(names) and all(re.fullmatch(r"[a-z-]+", name) for name in names)
    assert not set(names) & {"top", "methods", "answers"}  # the page's own


def test_a_chapter_without_content_is_left_out(load, tree):
    tree |= {"corpus": {}, "holdout": {}, "retrieval": {}, "timings": {}, "environment": {}, "recommendation": {}}
    tree["methods"] = {name: {"metrics": tree["methods"][name]["metrics"]} for name in ("rag", "raft")}
    titles = [chapter.title for chapter in build_page(load(tree)).chapters]
    assert "Reading" not in titles and {"Which is better", "All scores", "The experiment"} <= set(titles)


def test_the_first_screen_shows_few_changes_each_once(load, full):
    flips = full["recommendation"]["flips"]
    flips[:] = [{"sentence": "With less memory the choice would be rag."}] * 2 + flips
    assert len(flips) > CHANGES_SHOWN + 1
    page = build_page(load(full))
    assert len(page.changes) == CHANGES_SHOWN == len(set(page.changes))
    assert page.changes[0] == "With less memory the choice would be RAG."
    sensitivity = next(section for section in page.sections if section.id == "sensitivity")
    assert sensitivity.points[:CHANGES_SHOWN] == page.changes
    full["recommendation"]["flips"] = []
    assert build_page(load(full)).changes == ()


def test_every_chart_has_a_name_of_its_own_that_is_a_file_name(load, full):
    page = build_page(load(full))
    assert all(isinstance(chart, Chart) for chart in page.charts)
    names = [chart.wide.name for chart in page.charts]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[\w-]+", name, re.ASCII) for name in names)
    assert all(chart.caption and chart.wide.title and chart.wide.description for chart in page.charts)


@pytest.mark.parametrize("adapter", ["../../escaped", "a/b", "a b.c", "x" * 400, "\u202e\x00", "A"])
def test_an_adapters_name_leads_no_chart_out_of_the_folder(load, full, adapter):
    for name in ("fine-tuned", "fine-tuned+rag"):
        full["methods"][name]["training"]["adapter"] = adapter
    for chart in build_page(load(full)).charts:
        assert re.fullmatch(r"[\w-]{1,100}", chart.wide.name, re.ASCII)


def test_adapters_of_like_names_have_charts_of_their_own(load, full):
    names = {"fine-tuned": "My A", "fine-tuned+rag": "my-a", "raft": "MY  A"}
    for method, adapter in names.items():
        full["methods"][method]["training"]["adapter"] = adapter
    charts = build_page(load(full)).charts
    assert len({chart.wide.name for chart in charts}) == len(charts)
    assert sum(chart.wide.name.startswith("training-") for chart in charts) == 3


def test_charts_stand_after_the_lead_in_reading_order(load, full):
    page = build_page(load(full))
    of_sections = [chart for section in page.sections for chart in section.charts]
    assert list(page.charts) == ([page.lead] if page.lead else []) + of_sections


def test_the_terminals_decision_holds_no_charts(load, full):
    sections = decision_sections(load(full))
    assert [section.id for section in sections] == ["recommendation", "sensitivity", "money"]
    assert not any(section.charts for section in sections)


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("raft beats rag.", "RAFT beats RAG."),
        ("fine-tuned+rag against fine-tuned and rag", "Fine-tuned + RAG against Fine-tuned and RAG"),
        ("(closed-book), 'oracle'; rag:", "(Closed-book), 'Oracle'; RAG:"),
        ("closed-book.", "Closed-book."),
        ("drag, rags, ragged, craft, rafts, oracles", "drag, rags, ragged, craft, rafts, oracles"),
        (
            "my-rag, rag-2, rag+mine, mine+rag, rag_2, fine-tuned-too",
            "my-rag, rag-2, rag+mine, mine+rag, rag_2, fine-tuned-too",
        ),
        ("non-fine-tuned+rag fine-tuned+rag+more", "non-fine-tuned+rag fine-tuned+rag+more"),
        ("\u00e9rag rag\u00e9", "\u00e9rag rag\u00e9"),
        ("RAG and Fine-tuned stay", "RAG and Fine-tuned stay"),
        ("", ""),
    ],
)
def test_methods_in_a_sentence_are_written_with_their_labels(sentence, shown):
    assert words.labelled(sentence) == shown


@given(st.lists(st.sampled_from([*LABELS, "and", "my-rag", "drag", "x+raft", "<b>", "\\1", "\\g<0>", "\x00", "%s"])))
def test_names_between_spaces_are_labelled_and_all_else_stays(parts):
    assert words.labelled(" ".join(parts)) == " ".join(LABELS.get(part, part) for part in parts)


@given(st.text(alphabet="rag ft-un+edoclsbk_\n<\\", max_size=60))
def test_labels_change_nothing_but_names(text):
    shown = words.labelled(text)
    back = shown
    for name, label in sorted(LABELS.items(), key=lambda pair: len(pair[1]), reverse=True):
        back = back.replace(label, name)
    assert back == text
    assert words.labelled(shown.replace("Fine-tuned + RAG", "")) == shown.replace("Fine-tuned + RAG", "")

"""The recommendation's sections, from what the lab's own decision writes and from what it does not know."""

import copy

import pytest
from full_result import full_tree
from test_report_rounding import written

from lab.report.finding import finding
from lab.report.limits import limits
from lab.report.page import build_page, decision_sections
from lab.report.sensitivity import sensitivity_section


def plain(text):
    return text.replace("\u00a0", " ").replace("\u2212", "-")


def cells(table):
    """By first cell, then by column label, text and detail."""
    labels = [column.label for column in table.columns]
    return {
        plain(row[0].text): {
            label: plain(f"{cell.text} {cell.detail}".strip()) for label, cell in zip(labels, row, strict=True)
        }
        for row in table.rows
    }


def named(section, title):
    return next(table for table in section.tables if table.title == title)


def part(page, name):
    return next(section for section in page.sections if section.id == name)


def test_the_sentence_comes_first_then_the_reason_and_the_scope(load, full):
    full["recommendation"] |= {
        "sentence": "On 120 questions raft had 0.70 against 0.58 for fine-tuned+rag: choose both, as raft.",
        "reason": "Excluded: closed-book and fine-tuned by citations_required. Ahead of rag, but not proven.",
    }
    section = decision_sections(load(full))[0]
    assert section.paragraphs[:2] == (
        "On 120 questions RAFT had 0.70 against 0.58 for Fine-tuned + RAG: choose both, as RAFT.",
        "Excluded: Closed-book and Fine-tuned by citations_required. Ahead of RAG, but not proven.",
    )
    assert section.paragraphs[2] == (
        "This holds for: smollm2-135m; the procedures of a ropeway operator; track question; 120 questions; 58 "
        "clusters; 3 training seeds; detectable difference 0.090; cpu; 2026-05-04. It says nothing beyond."
    )


def test_the_scope_names_what_was_left_aside(load, full):
    full["recommendation"]["scope"] |= {"n": 117, "lost": 3, "left_out": ["raft", "ours"]}
    scope = decision_sections(load(full))[0].paragraphs[2]
    assert "117 questions; 3 questions without a value of every method left aside; left out for lack of" in scope
    assert "a value: RAFT and ours; 58 clusters" in scope


def test_a_sentence_that_is_also_the_reason_stands_once(load, full):
    full["recommendation"]["reason"] = full["recommendation"]["sentence"]
    assert len(decision_sections(load(full))[0].paragraphs) == 2


def test_every_candidate_stands_with_its_chances_or_the_reason(load, full):
    section = decision_sections(load(full))[0]
    table = named(section, "How each method stands")
    assert table.rows[table.marked][0].text == "RAFT"
    found = cells(table)
    assert set(found) == {"RAFT", "Fine-tuned + RAG", "RAG"}  # without passages no groundedness, so no utility
    raft = full["recommendation"]["utility"]["raft"]
    assert found["RAFT"]["utility, 95 % range"] == written(raft["mean"], raft["low"], raft["high"])
    full["recommendation"]["utility"]["closed-book"] = {"mean": 0.1, "low": None, "high": None}
    found = cells(named(decision_sections(load(full))[0], "How each method stands"))
    assert found["Closed-book"]["utility, 95 % range"] == "0.100"
    assert found["Closed-book"]["best in resampled sets"] == "not applicable: fails a need"


def test_a_chance_of_79_9_percent_never_reads_as_80(load, full):
    full["recommendation"]["p_best_by_method"]["raft"] = 0.7999
    assert "79 %" in cells(named(decision_sections(load(full))[0], "How each method stands"))["RAFT"].values()


def test_needs_are_told_with_measure_limit_and_reason(load, full):
    full["recommendation"]["gates"].append(
        {
            "need": "max_memory_gb", "method": "raft", "verdict": "unknown", "reason": "memory was not measured",
            "measured": None, "limit": 4.0, "met": True,
        }
    )  # fmt: skip
    table = named(decision_sections(load(full))[0], "Needs, and who meets them")
    rows = [[plain(f"{cell.text} {cell.detail}".strip()) for cell in row] for row in table.rows]
    assert len(rows) == 11
    assert rows[0][:3] == ["citations required", "Closed-book", "fail"]
    assert rows[0][3:5] == ["not applicable", "not applicable"]
    floors = [row for row in rows if row[0] == "quality floor"]
    assert floors[0][4] == "0.2" and "below the floor" in floors[0][5]
    assert rows[-1][2:] == ["unknown (counts as met)", "not applicable", "4", "Memory was not measured"]


def test_without_declared_needs_that_is_said(load, full):
    full["recommendation"]["gates"] = []
    section = decision_sections(load(full))[0]
    assert any(point.startswith("No need was declared") for point in section.points)
    assert not any(table.title.startswith("Needs") for table in section.tables)


def test_criteria_show_weights_anchors_scores_and_sources(load, full):
    section = decision_sections(load(full))[0]
    found = cells(named(section, "What decided"))
    assert list(found) == ["quality", "groundedness", "freshness"]
    assert (found["quality"]["worst acceptable"], found["quality"]["good enough"]) == ("0.2", "1")
    assert found["groundedness"]["Closed-book"] == "not measured"
    # weights .35, .15, .10 of the criteria that count, divided by their sum
    assert [row["weight"] for row in found.values()] == ["58 %", "25 %", "17 %"]
    sources = named(section, "Where the values come from")
    assert sources.folded and len(sources.rows) == 15
    assert sources.rows[0][-1].text == "scores.jsonl: method closed-book, metric token_f1"
    dropped = next(point for point in section.points if point.startswith("Without weight"))
    assert "cost (no anchor declared)" in dropped and "robustness (not measured yet)" in dropped


def test_pareto_names_what_dominates_and_says_what_was_not_measured(load, full):
    full["recommendation"]["pareto"][1]["dominated_by"] = ["raft", "my system"]
    found = cells(named(decision_sections(load(full))[0], "Which methods no other one makes superfluous"))
    assert found["Closed-book"]["groundedness"] == "not applicable"
    assert found["RAG"]["dominated by"] == "RAFT and my system"
    assert found["RAFT"]["dominated by"] == "none"
    assert "latency p95, ms" in found["RAFT"] and "cost of 1,000 questions" in found["RAFT"]


def test_flips_stability_and_the_tornado_say_what_would_change_the_choice(load, full):
    section = sensitivity_section(load(full))
    flips = [flip["sentence"] for flip in full["recommendation"]["flips"]]
    assert section.points[: len(flips)] == tuple(flip.replace("would be rag.", "would be RAG.") for flip in flips)
    assert any("would be rag." in flip for flip in flips)
    assert any("RAFT keeps the highest utility in >99 % of the draws: stable" in plain(one) for one in section.points)
    (table,) = section.tables
    assert table.rows[0][0].text == "weight of quality"
    idle = next(point for point in section.points if point.startswith("Halved or doubled without any effect"))
    assert "hosting per month of RAFT" in idle and "cpu hour" in idle
    assert not any(row[0].text == "cpu hour" for row in table.rows)


def test_an_input_that_moves_the_choice_alone_is_not_called_idle(load, full):
    row = next(one for one in full["recommendation"]["tornado"] if one["input"] == "cpu_hour")
    row["high"]["choice"] = "rag"
    section = sensitivity_section(load(full))
    assert any(row[0].text == "cpu hour" and row[3].text == "RAG" for row in section.tables[0].rows)


def test_nothing_found_is_not_silence(load, full):
    full["recommendation"]["flips"] = []
    assert any("No declared input" in point for point in sensitivity_section(load(full)).points)


def test_no_method_that_passes_is_a_result_that_renders(load, tree, rows):
    tree, _ = full_tree(tree, rows, needs={"citations_required": True, "index_allowed": False}, prices={})
    result = load(tree)
    assert finding(result).headline == "None of them."
    assert "the nearest miss is" in finding(result).answer
    page = build_page(result)
    assert "recommendation" in {section.id for section in page.sections}
    assert "money" not in {section.id for section in page.sections}


def test_more_than_quality_decides_by_the_decisions_own_sentence(load, full, tree):
    full["recommendation"]["sentence"] = "Of all criteria together raft is best."
    assert finding(load(full)).answer == "Of all criteria together RAFT is best."
    full["recommendation"] |= {"gates": [], "criteria_used": [{"name": "quality", "weight": 1.0, "anchors": [0, 1]}]}
    assert finding(load(full)).answer.startswith("RAFT reached")


@pytest.mark.parametrize("key", ["scope", "scores", "pareto", "tornado", "stability", "costs", "utility", "gates"])
@pytest.mark.parametrize("value", [None, {}, [], "gone", [None, 3, "x"], {"a": None}])
def test_a_part_of_another_shape_is_left_out_and_the_rest_stays(load, full, key, value):
    full["recommendation"] |= {key: value, "sentence": "Choose raft."}
    page = build_page(load(full))
    assert part(page, "recommendation").paragraphs[0] == "Choose RAFT."


def test_methods_of_unknown_names_without_prompts_or_training_render(load, full):
    for known, own in (("raft", "my system"), ("rag", "other one")):
        method = full["methods"].pop(known)
        for key in ("prompt", "description", "training", "weights", "context", "few_shot", "build", "build_seconds"):
            method.pop(key, None)
        full["methods"][own] = method
    renamed = {"raft": "my system", "rag": "other one"}

    def rename(value):
        if isinstance(value, dict):
            return {renamed.get(key, key): rename(item) for key, item in value.items()}
        if isinstance(value, list):
            return [rename(item) for item in value]
        return renamed.get(value, value) if isinstance(value, str) else value

    for key in ("recommendation", "analysis", "comparisons"):
        full[key] = rename(copy.deepcopy(full[key]))
    result = load(full)
    page = build_page(result)
    assert page.finding.headline.startswith("my system.")
    standing = named(part(page, "recommendation"), "How each method stands")
    assert standing.rows[standing.marked][0].text == "my system"
    _, building = part(page, "costs").tables
    assert cells(building)["training, s"]["my system"] == "not measured"


def test_limits_follow_what_was_measured_and_declared(load, full, tree):
    said = " ".join(limits(load(full)))
    assert "Not measured: energy, answers after documents change, forgetting of other skills" in said
    assert "labelling and evaluating again are not in them" in said and "Freshness follows from" in said
    assert "asked alone" in said and "training run" not in said
    full["methods"]["raft"]["energy_j_per_question"] = 3.2
    full["seeds"] = [1, 2]
    said = " ".join(limits(load(full)))
    assert "Not measured: answers after" in said and "two tell little" in said
    assert "Not measured: energy, money," in " ".join(limits(load(tree)))

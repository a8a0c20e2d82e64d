"""Effects, gaps, slices, the router, causes, contrasts, abstention and groundedness, as tables."""

import pytest
from test_report_recommendation import cells, named, plain
from test_report_rounding import written

from lab.report.abstention import abstention_tables
from lab.report.analysis import diagnosis_section, effects_section, router_section, slices_section
from lab.report.causes import causes_section
from lab.report.contrasts import comparison_tables
from lab.report.finding import contrast_sentence
from lab.report.grounding import grounding_table, reading_table
from lab.report.html import render_html
from lab.report.markdown import render_markdown
from lab.report.page import build_page
from lab.report.tables import metrics_tables


def signed(effect):
    return written(effect["mean"], effect["low"], effect["high"], "+")


def estimated(mean):
    return written(mean["mean"], mean["low"], mean["high"])


def test_effects_stand_with_their_intervals_and_a_reading(load, full):
    section = effects_section(load(full))
    found = {row[0].text: plain(f"{row[1].text} {row[1].detail}") for row in section.tables[0].rows}
    factorial = full["analysis"]["factorial"]
    assert found["Retrieval"] == signed(factorial["retrieval"])
    assert found["Retrieval"].count(".") == 3 and len(found["Retrieval"]) == len("+0.29 [0.22, 0.36]")
    assert found["Trained with context"] == signed(factorial["trained_with_context"])
    assert "substitutes" in section.points[0]


def test_an_effect_that_cannot_be_told_says_why(load, full):
    full["analysis"]["factorial"]["tuning"] = {
        "mean": None, "low": None, "high": None, "n": 0, "undefined": 0,
        "reason": "not measured: there is no token_f1 of fine-tuned",
    }  # fmt: skip
    row = effects_section(load(full)).tables[0].rows[1]
    assert (row[1].text, row[1].detail) == ("not measured:", "there is no token_f1 of Fine-tuned")


def test_large_gaps_become_points_with_what_they_point_to(load, full):
    gaps = full["analysis"]["diagnosis"]
    section = diagnosis_section(load(full))
    large = [gap for gap in gaps if gap["size"] == "large"]
    assert len(section.points) == len(large) > 0
    assert all(gap["lever"] in point for gap, point in zip(large, section.points, strict=True))
    assert len(section.tables[0].rows) == 6
    for gap in gaps:
        gap |= {"size": None, "lever": None}
    section = diagnosis_section(load(full))
    assert section.points == ("No gap is large: nothing here says which lever to pull.",)
    assert {row[3].text for row in section.tables[0].rows} == {"not applicable"}


def test_small_slices_are_marked_and_families_that_cannot_be_built_are_named(load, full):
    section = slices_section(load(full))
    table = named(section, "token F1 by answer length")
    assert [row[0].text for row in table.rows] == ["no answer", "2-3 words"]
    assert table.small == {0}  # 20 questions against 100
    assert plain(table.rows[0][0].detail) == "n = 20, 20 clusters, few" and "few" not in table.rows[1][0].detail
    contrasts = named(section, "Contrasts by answer length")
    assert contrasts.folded and contrasts.small == set(range(6)) and len(contrasts.rows) == 12
    assert section.points == ("By popularity: not measured: the documents carry no popularity.",)


def test_small_rows_are_faint_in_html_and_said_to_be_few_in_markdown(load, full):
    result = load(full)
    page = build_page(result)
    tables = [table for section in page.sections for table in section.tables]
    tables += [chart.table for chart in page.charts if chart.table]
    assert render_html(page).count('<tr class="small">') == sum(len(table.small) for table in tables) > 0
    assert "n = 20, 20 clusters, few" in plain(render_markdown(page))


def test_slices_take_the_place_of_the_table_by_kind(load, full, tree):
    assert "kinds" not in {section.id for section in build_page(load(full)).sections}
    assert "kinds" in {section.id for section in build_page(load(tree)).sections}


def test_a_routers_gain_stands_beside_the_flattered_one(load, full):
    section = router_section(load(full))
    found = cells(section.tables[0])
    family = full["analysis"]["router"]["families"][0]
    assert found["Kind"]["gain, 95 % interval"] == signed(family["gain"])
    assert found["Kind"]["gain in sample"] == f"{family['in_sample']:+.3f}"
    assert "span: RAFT" in found["Kind"]["choice by slice"]
    assert found["Popularity"]["gain in sample"] == "not measured: the documents carry no popularity"
    assert found["Popularity"]["best single method"] == "not applicable"


def test_causes_are_counted_with_their_share_of_the_answers(load, full):
    full["analysis"]["causes"]["counts"]["raft"]["refused"] = 9
    section = causes_section(load(full))
    found = cells(named(section, "Causes by method"))
    assert found["refused"]["RAFT"] == "9 (2 %)"  # of 360, three runs of 120
    assert "retrieval miss" not in found  # it never happened here
    asked = named(section, "Questions on which the methods disagree most")
    assert asked.folded and len(asked.rows) == len(full["analysis"]["causes"]["disagreements"])
    assert {cell.text for cell in asked.rows[0][1:]} >= {"right"}


def test_contrasts_show_effects_and_runs(load, full):
    verdicts, effects, runs, methods, _ = comparison_tables(load(full))
    assert [len(table.rows) for table in (verdicts, effects, runs, methods)] == [6, 6, 5, 3]
    first = next(item for item in full["comparisons"] if item["p_holm"] is not None)
    row = [plain(cell.text) for cell in effects.rows[0]]
    assert row[1] == written(0.0, first["low_bca"], first["high_bca"]).partition(" ")[2]
    assert row[2] == f"{100 * first['effects']['relative_error_reduction']:+.0f} %"
    assert row[3] == row[5] == "not applicable"  # neither 0 and 1 nor one question a cluster
    assert [column.label for column in runs.columns[1:4]] == ["seed 1", "seed 2", "seed 3"]
    assert methods.rows[0][1].text == f"{full['methods']['raft']['by_seed']['1']:.3f}"


def test_few_clusters_have_no_bootstrap_and_a_test_of_binary_scores_has_its_p(load, full):
    full["comparisons"][0] |= {"low_bca": None, "high_bca": None, "clusters": 12, "p_mcnemar": 0.0414}
    full["comparisons"][0]["effects"] = {"relative_error_reduction": -0.125, "odds_ratio": 3.0, "d_z": 0.5}
    effects = comparison_tables(load(full))[1]
    row = [plain(f"{cell.text} {cell.detail}".strip()) for cell in effects.rows[0]]
    assert row[1:] == ["not applicable fewer than 40 clusters", "-12 %", "3.00", "0.50", "0.041"]


def test_an_inconclusive_contrast_says_how_many_more_questions_would_tell(load, tree):
    tree["comparisons"][4]["needed"] = {"difference": 0.03, "questions": 1240, "clusters": 1}
    item = load(tree).comparisons[4]
    assert contrast_sentence(item, 0.03).endswith("To show one of 0.03, ask 1,240 more questions from 1 more document.")


def test_abstention_has_rates_utilities_and_calibration(load, full):
    rates, calibration = abstention_tables(load(full))
    found = cells(rates)
    raft = full["methods"]["raft"]["abstention"]
    assert found["answered (coverage)"]["RAFT"].startswith(estimated(raft["coverage"]))
    assert found["declining: F1"]["RAFT"] == f"{raft['f1']['mean']:.3f}"  # a ratio: no interval
    assert found["utility, it costs 3"]["RAFT"].startswith(estimated(raft["utility"]["3"]))
    found = cells(calibration)
    assert found["expected calibration error"]["RAG"] == f"{full['methods']['rag']['confidence']['ece']:.3f}"
    assert found["mean confidence"]["RAFT"].endswith("n = 360")


def test_what_abstention_and_calibration_cannot_tell_is_said(load, full):
    nothing = {"mean": None, "low": None, "high": None, "n": 0, "undefined": 0}
    full["methods"]["rag"]["abstention"] |= {
        "false_answer": nothing | {"reason": "not measured: there are no such questions"},
        "precision": nothing | {"reason": "not measured: nothing was declined"},
    }
    full["methods"]["raft"]["abstention"] = {"reason": "not measured: there is no wrong of raft"}
    full["methods"]["rag"]["confidence"] |= {"auroc": None, "reasons": {"auroc": "not defined: all answers are wrong"}}
    rates, calibration = (cells(table) for table in abstention_tables(load(full)))
    assert rates["unanswerable answered"]["RAG"] == "not applicable: there are no such questions"
    assert rates["declining: precision"]["RAG"] == "not applicable: nothing was declined"
    assert rates["answered (coverage)"]["RAFT"] == "not measured: there is no wrong of RAFT"
    assert rates["utility, it costs 3"]["RAFT"] == "not measured: there is no wrong of RAFT"
    assert calibration["AUROC of confidence"]["RAG"] == "not defined: all answers are wrong"


def test_groundedness_is_not_applicable_without_passages_and_never_zero(load, full):
    found = cells(grounding_table(load(full)))
    assert {row["Closed-book"] for row in found.values()} == {"not applicable: no passages"}
    assert found["entailed by a passage"]["RAG"] == "not measured: no entailment model was named"
    assert found["quotes that are verbatim"]["RAG"] == "not applicable: no quotes"
    assert found["supported by a gold document"]["RAG"] == "0.61 [0.50, 0.72] n = 84"
    assert "words in one passage" not in cells(metrics_tables(load(full))[0])  # they stand in one place


def test_reading_tells_what_passages_helped_and_harmed(load, full):
    found = cells(reading_table(load(full)))
    assert list(found) == ["RAFT", "Fine-tuned + RAG", "RAG", "Oracle"]  # closed-book reads nothing
    rag = full["analysis"]["reading"]["rag"]
    assert found["RAG"]["method"] == "RAG against Closed-book"
    assert found["RAG"]["helped minus harmed"] == signed(rag["net"])
    assert found["RAG"]["harmed: right only without"].startswith(estimated(rag["harmed"]))


@pytest.mark.parametrize("key", ["factorial", "diagnosis", "slices", "router", "reading", "causes"])
@pytest.mark.parametrize("value", [None, {}, [], "gone", [3, None], {"a": 1}])
def test_a_part_of_another_shape_is_left_out(load, full, key, value):
    full["analysis"][key] = value
    page = build_page(load(full))
    assert "limits" in {section.id for section in page.sections}


def test_results_of_an_earlier_lab_have_no_empty_sections(load, tree):
    found = {section.id for section in build_page(load(tree)).sections}
    assert not found & {"effects", "diagnosis", "slices", "router", "causes", "grounding", "money"}
    assert {"recommendation", "sensitivity", "comparisons", "costs", "abstention"} <= found

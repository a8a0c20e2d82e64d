import pytest

from lab import rounding
from lab.report import tables
from lab.report.abstention import abstention_tables
from lab.report.contrasts import comparison_tables
from lab.report.costs import running_table
from lab.report.finding import contrast_sentence, finding, identical, parity_sentences
from lab.report.limits import limits
from lab.report.page import build_page


def plain(text):
    return text.replace("\u00a0", " ").replace("\u2212", "-")


def test_a_clear_choice_is_named_with_its_interval_and_rival(result):
    found = finding(result)
    assert found.headline.startswith("Both: RAFT")
    assert plain(found.answer) == (
        "RAFT reached 0.61 [0.53, 0.69] in token F1; the best of the others, Fine-tuned + RAG, 0.55 [0.47, 0.63]."
    )
    assert "94 % of resampled" in plain(found.certainty)
    assert "58 clusters" in found.certainty


@pytest.mark.parametrize("clear", [False, None, "yes"])
def test_what_is_not_clear_is_undecided(load, tree, clear):
    tree["recommendation"] |= {"choice": "rag", "clear": clear, "within_margin": ["rag", "raft"]}
    found = finding(load(tree))
    assert found.headline == "Undecided."
    assert "Within the margin are RAG and RAFT; the simplest of them is RAG." in found.answer


@pytest.mark.parametrize(
    "advice", [{}, {"choice": "none", "reason": "No method has a mean above 0."}, {"choice": "gone"}]
)
def test_without_a_choice_no_method_is_praised(load, tree, advice):
    tree["recommendation"] = advice
    found = finding(load(tree))
    assert found.headline in ("None of them.", "No recommendation.")
    assert "was best in" not in found.certainty


@pytest.mark.parametrize(
    ("track", "fact", "words"),
    [
        ("question", 0.06, "compares reading, not storage"),
        ("question", 0.0, "never shown the tested facts,"),
        ("question", 0.499, "never shown most of"),
        ("question", 0.5, "compares storage in weights with reading"),
        ("wording", 1.0, "100 % of the 98 tested facts were trained on in other words"),
        ("wording", 0.3, "here it mostly did not"),
        ("document", None, "was not measured"),
    ],
)
def test_parity_says_whether_reading_or_storage_is_compared(load, tree, track, fact, words):
    tree["track"] = track
    tree["holdout"]["parity"]["fact"] = fact
    assert words in plain(" ".join(parity_sentences(load(tree))))


def test_parity_prints_its_denominators_and_what_evidence_without_offsets_hides(load, tree):
    assert plain(dict(build_page(load(tree)).setting)["Knowledge parity"]) == (
        "Of the 100 answerable test questions, training was shown the document of 97 % (of 100 that can be traced) "
        "and the fact of 6 % (of 98 that can be traced)."
    )
    tree["holdout"]["parity"]["facts_by_whole_document"] = 3
    assert "3 facts only through evidence without offsets" in dict(build_page(load(tree)).setting)["Knowledge parity"]


def test_without_a_tuned_method_nothing_is_said_of_training(load, tree):
    for name in ("fine-tuned", "fine-tuned+rag", "raft"):
        del tree["methods"][name]
    tree["recommendation"]["choice"] = "rag"
    tree["comparisons"] = tree["comparisons"][:1]
    result = load(tree)
    assert parity_sentences(result) == ()
    setting, found = dict(build_page(result).setting), finding(result)
    assert "Knowledge parity" not in setting and "no method here was tuned" in setting["Track"]
    assert "training run" not in found.certainty and "One training run" not in " ".join(limits(result))


def test_a_choice_that_no_contrast_proves_is_only_ahead(load, tree):
    assert finding(load(tree)).headline.endswith(". Ahead, but not proven.")
    tree["recommendation"]["proven"] = True
    assert "not proven" not in finding(load(tree)).headline


def test_equal_scores_are_identical_outputs_whatever_the_verdict(load, tree):
    tree["comparisons"][4] |= {"difference": 0.0, "low": 0.0, "high": 0.0, "verdict": "equivalent", "mde": None}
    result = load(tree)
    registered, _ = comparison_tables(result)
    assert registered.rows[4][1].text == "identical outputs"
    assert [row[1].text for row in registered.rows].count("identical outputs") == 1
    assert "scored the same on every question" in contrast_sentence(result.comparisons[4], 0.03)


def test_flips_that_cancel_inside_each_cluster_are_no_identical_outputs(load, tree):
    nothing = {"difference": 0.0, "low": 0.0, "high": 0.0, "verdict": "equivalent", "mde": None}
    effects = {"relative_error_reduction": 0.0, "odds_ratio": 1.0, "d_z": 0.0}
    tree["comparisons"][4] |= nothing | {"effects": effects}
    tree["comparisons"][3] |= nothing | {"effects": effects | {"d_z": None, "odds_ratio": None}}
    tree["comparisons"][2] |= nothing | {"by_seed": [0.25, -0.25]}
    result = load(tree)
    assert [identical(item) for item in result.comparisons[2:5]] == [False, True, False]
    said = "equal in every cluster: the interval tells nothing here"
    registered = next(table for table in comparison_tables(result) if table.title.startswith("Registered"))
    assert (registered.rows[4][1].text, registered.rows[4][1].detail) == ("equivalent", said)
    assert (registered.rows[3][1].text, registered.rows[3][1].detail) == ("identical outputs", "")
    sentence = plain(contrast_sentence(result.comparisons[4], 0.03))
    assert sentence == (
        "RAFT and Fine-tuned + RAG are equivalent within the margin of 0.03: 0.000 [0.000, 0.000]. "
        f"The difference is {said}, nor does the verdict that rests on it."
    )


def test_an_interval_without_width_is_no_certainty_where_all_clusters_differ_by_the_same(load, tree):
    effects = {"relative_error_reduction": 0.5, "odds_ratio": None, "d_z": 1.5}
    tree["comparisons"][0] |= {"difference": 0.5, "low": 0.5 - 1e-16, "high": 0.5 + 1e-16, "effects": effects}
    sentence = contrast_sentence(load(tree).comparisons[0], 0.03)
    assert sentence.endswith("The difference is equal in every cluster: the interval tells nothing here.")
    del tree["comparisons"][0]["effects"]  # of an older lab: nobody knows
    assert "every cluster" not in contrast_sentence(load(tree).comparisons[0], 0.03)


@pytest.mark.parametrize(
    ("difference", "low", "high", "verdict", "margin", "shown"),
    [
        (0.098, 0.05, 0.146, "slightly better", 0.1, "+0.098 [0.05, 0.15]"),  # not +0.10
        (-0.098, -0.146, -0.05, "slightly worse", 0.1, "-0.098 [-0.15, -0.05]"),
        (0.0304, 0.0, 0.09, "better", 0.0302, "+0.0304 [0.00, 0.09]"),  # neither +0.03 nor +0.030
        (0.09996, 0.05, 0.15, "equivalent", 0.1, "+0.10 [0.05, 0.15]"),  # four decimals do not tell
        (0.1, 0.05, 0.15, "better", 0.1, "+0.10 [0.05, 0.15]"),
        (0.098, -0.05, 0.246, "inconclusive", 0.1, "+0.10 [-0.05, 0.25]"),  # says nothing of the margin
        (0.098, 0.05, 0.146, "slightly better", None, "+0.10 [0.05, 0.15]"),
    ],
)
def test_a_difference_stands_on_the_side_of_the_margin_that_its_verdict_says(
    load, tree, difference, low, high, verdict, margin, shown
):
    tree["comparisons"][0] |= {"difference": difference, "low": low, "high": high, "verdict": verdict}
    tree["config"]["metrics"]["margin"] = margin
    result = load(tree)
    assert shown in plain(contrast_sentence(result.comparisons[0], margin))
    registered = comparison_tables(result)[0]
    assert plain(registered.rows[0][2].text) == shown.split(" [")[0]


@pytest.mark.parametrize(
    ("p", "shown"),
    [
        (0.0499996, "0.0499996"), (0.04996, "0.04996"), (0.0496, "0.0496"), (0.0494, "0.049"), (0.05, "0.050"),
        (0.0500001, "0.050"), (0.04999999999, "<0.05"), (0.04949, "0.049"), (0.0005, "<0.001"),
    ],
)  # fmt: skip
def test_a_p_below_5_percent_is_never_written_as_5_percent(p, shown):
    assert rounding.p_value(p) == shown


def test_what_has_no_p_or_no_power_is_a_dash_with_a_footnote(load, tree):
    registered, others = comparison_tables(load(tree))
    dash = "\u2013"
    assert dash not in registered.note
    assert {row[4].text for row in others.rows} == {dash} and others.note.startswith(dash)
    tree["comparisons"][0]["mde"] = None
    registered, _ = comparison_tables(load(tree))
    assert registered.rows[0][5].text == dash and f"{dash} there: no error" in registered.note


def test_the_oracle_is_no_upper_bound(result):
    page = build_page(result)
    assert any("RAG with the gold passages put in (oracle)" in remark for remark in page.finding.remarks)
    assert "no upper bound" in page.methods.note


def test_building_is_counted_in_seconds_or_said_to_be_none(load, tree):
    def column(tree):
        table = tables.methods_table(load(tree))
        place = [column.label for column in table.columns].index("build, s")
        return {row[0].text: row[place].text for row in table.rows}

    assert column(tree)["Closed-book"] == "none" and column(tree)["RAFT"] == "398"
    del tree["methods"]["raft"]["build_seconds"]
    assert column(tree)["RAFT"] == "not measured"


def test_abstention_has_its_own_table_with_the_score_of_always_declining(load, tree):
    tree["methods"]["rag"]["abstention"] |= {"false_answers": None, "n_unanswerable": 0}
    (table,) = abstention_tables(load(tree))
    raft, rag = ([column.label for column in table.columns].index(name) for name in ("RAFT", "RAG"))
    rows = {row[0].text: [(plain(cell.text), plain(cell.detail)) for cell in row] for row in table.rows}
    assert rows["answerable refused"][raft] == ("0.080", "n = 100")
    assert rows["unanswerable answered"][raft] == ("0.250", "n = 20")
    assert rows["token F1, answerable only"][raft][0] == "0.60"  # 0.98 of 0.61, and half the interval is 0.08
    assert rows["unanswerable answered"][rag] == ("not applicable", "")
    assert "NOT_FOUND to every question would score 0.167" in table.note


def test_a_metric_without_a_value_in_any_method_is_named_below_the_table(tree, load):
    empty = {"mean": None, "low": None, "high": None, "n": 0, "undefined": 120}
    for method in tree["methods"].values():
        method["metrics"]["numeric_match"] = empty
    first = next(iter(tree["methods"].values()))
    first["metrics"]["token_f1"] = empty
    table = tables.metrics_tables(load(tree))[0]
    names = [row[0].text for row in table.rows]
    assert "token F1" in names, "one method has no value, the others have"
    assert "numeric match" not in names
    assert table.note.endswith("Not applicable to any of these questions: numeric match, BLEU.")


def test_cut_off_answers_stand_as_a_share_beside_contains(load, tree):
    rows = tables.metrics_tables(load(tree))[0].rows
    place = [row[0].text for row in rows].index("contains (lenient)")
    assert rows[place + 1][0].text == "cut off at the token limit"
    closed_book = [column.label for column in tables.metrics_tables(load(tree))[0].columns].index("Closed-book")
    assert plain(rows[place + 1][closed_book].text) == "2 %"  # 3 of 120


def test_batch_seconds_are_never_called_latency(load, tree):
    latency = [
        row for row in running_table(load(tree)).rows if "latency p" in row[0].text and "beside" not in row[0].text
    ]
    assert len(latency) == 3
    assert {cell.text for row in latency for cell in row[1:]} == {"not measured", "not applicable:"}
    assert "seconds a question (in batches)" in [column.label for column in tables.methods_table(load(tree)).columns]


def test_unreachable_questions_and_straddling_groups_are_told(load, tree):
    points = {section.id: " ".join(section.points) for section in build_page(load(tree)).sections}
    assert (
        "20 questions without any evidence left out. 2 questions whose evidence no passage holds" in points["retrieval"]
    )
    assert "as well as in the test" not in points["data"]
    tree["holdout"]["straddling_groups"] = 1
    points = {section.id: " ".join(section.points) for section in build_page(load(tree)).sections}
    assert "1 group of questions on one fact" in points["data"]


def test_verdicts_become_sentences_that_never_claim_no_difference(result):
    sentences = [plain(contrast_sentence(item, 0.03)) for item in result.comparisons]
    assert sentences[0] == "RAG is better than Closed-book: +0.36 [0.29, 0.43]."
    assert "RAFT against Fine-tuned + RAG is inconclusive" in sentences[4]
    assert "these questions would show a difference of 0.093 or more with 80 % power" in sentences[4]
    assert not any("no difference" in sentence for sentence in sentences)


def test_the_oracle_is_last_and_set_apart_and_the_choice_is_marked(result):
    table = tables.methods_table(result)
    assert table.rows[-1][0].text == "Oracle"
    assert table.apart == len(table.rows) - 1
    assert table.rows[table.marked][0].text == "RAFT"


def test_registered_contrasts_come_first_and_every_pair_stands_once(result):
    registered, others = comparison_tables(result)
    assert len(registered.rows) == 6
    assert len(others.rows) == 9
    assert others.folded


def test_missing_values_are_said_to_be_missing_never_zero(load, tree):
    tree["methods"] = {
        "rag": {"metrics": {"token_f1": {"mean": None, "low": None, "high": None, "n": 0, "undefined": 9}}}
    }
    tree |= {"comparisons": [], "recommendation": {}, "retrieval": {}, "timings": {}, "environment": {}, "corpus": {}}
    tree |= {"holdout": {}, "config": {}}
    result = load(tree)
    cells = [(cell.text, cell.detail) for cell in tables.methods_table(result).rows[0][1:]]
    assert cells[0] == ("not applicable", "(no value for 9 questions)")
    assert {text for text, _ in cells[1:]} == {"not measured"}
    assert "not measured" in dict(build_page(result).setting)["Documents"]


def test_limits_are_those_of_this_result(load, tree, result):
    said = " ".join(limits(result))
    assert "One training run" in said
    assert "dequantised" in said
    assert "Closed-book 3" in said
    tree |= {"n_test": 500, "seeds": [1, 2, 3]}
    tree["environment"]["test_asked"] = 2
    said = " ".join(limits(load(tree)))
    assert "One training run" not in said
    assert "screening" not in said
    assert "asked 2 times" in said


def test_labels_have_their_own_table_and_the_baseline_stands_in_the_finding(load, tree):
    assert "labels" not in {section.id for section in build_page(load(tree)).sections}
    tree["config"]["metrics"]["primary"] = "label_accuracy"
    for method in tree["methods"].values():
        method["metrics"]["label_accuracy"] = dict(method["metrics"]["token_f1"])
        label = {"n": 120, "accuracy": 0.5, "macro_f1": 0.41, "invalid": 0.05, "labels": ["maybe", "no", "yes"]}
        method["labels"] = {"label": label | {"majority": "yes", "majority_share": 0.552}}
    page = build_page(load(tree))
    (table,) = next(section for section in page.sections if section.id == "labels").tables
    assert table.title == "Labels: maybe, no and yes"
    assert "Always answering yes would have an accuracy of 0.552." in table.note
    assert [cell.text for cell in table.rows[0]][2:] == ["0.410", "5\u00a0%"]
    (judged,) = [
        remark for remark in page.finding.remarks if remark.startswith("Always answering yes would score 0.552")
    ]
    assert judged.endswith(": no method scored more, so none of them has been shown to judge anything.")
    tree["methods"]["raft"]["labels"]["label"] |= {"accuracy": 0.6}
    remark = finding(load(tree)).remarks[0]
    assert remark == "Always answering yes would score 0.552; above that is RAFT only."
    for method in tree["methods"].values():
        method["labels"]["label"] |= {"accuracy": 0.6}
    assert finding(load(tree)).remarks[0] == "Always answering yes would score 0.552."

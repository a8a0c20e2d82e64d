"""Published figures stand beside the run's own, marked as another model's."""

import pytest

from lab.config import checked_config
from lab.errors import ConfigError
from lab.report.limits import limits
from lab.report.published import published_section
from lab.report.setting import setting
from lab.rounding import DASH

PUBLISHED = {
    "source": "Zhang et al. 2024, table 1",
    "model": "LLaMA2-7B",
    "metric": "token_f1",
    "values": {"closed-book": 0.565, "raft": 0.733},
    "others": {"GPT-3.5 + RAG": 0.716},
    "note": "Theirs is accuracy.",
}


def test_each_published_figure_stands_beside_the_one_measured_here(load, tree):
    tree["config"]["published"] = PUBLISHED
    (table,) = published_section(load(tree)).tables
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}
    assert rows["Closed-book"] == ["0.565", "0.11"]
    assert rows["RAFT"][0] == "0.733"
    assert rows["RAG"][0] == DASH and rows["RAG"][1] != DASH
    assert rows["GPT-3.5 + RAG"] == ["0.716", DASH]
    assert (
        "LLaMA2-7B" in table.columns[1].label and "another model" in table.note and "Theirs is accuracy." in table.note
    )


def test_without_figures_there_is_no_section(load, tree):
    assert not published_section(load(tree)).tables


@pytest.mark.parametrize(
    ("published", "message"),
    [
        ({"values": {"raft": 0.7}}, "source, model and metric"),
        (PUBLISHED | {"values": {"RAFT": 0.7}}, "no method of this lab: RAFT"),
        (PUBLISHED | {"values": {"raft": 73.3}}, "less than or equal to 1"),
    ],
)
def test_figures_need_their_origin_a_method_and_the_range_of_scores(published, message):
    with pytest.raises(ConfigError, match=message):
        checked_config({"name": "a", "domain": "b", "published": published}, "faults")


def test_free_answers_are_no_matter_of_right_and_wrong_and_the_limits_say_so(load, tree):
    tree["corpus"]["sides"] = {"test": {"kinds": {"free": 53, "span": 2}}}
    assert [one for one in limits(load(tree)) if one.startswith("53 test questions of kind free")]
    tree["corpus"]["sides"] = {"test": {"kinds": {"span": 2}}}
    assert not [one for one in limits(load(tree)) if "of kind free" in one]


@pytest.mark.parametrize(
    ("way", "said"), [("dense", "found with minilm"), ("bm25", "found with BM25,"), ("hybrid", "with BM25 and minilm")]
)
def test_the_setting_names_what_found_the_passages(load, tree, way, said):
    tree["config"]["index"] = {"retrieval": way, "k": 3}
    tree["environment"] |= {"encoder": "minilm", "generator": "smollm2-135m"}
    assert said in dict(setting(load(tree)))["Models"]

import pytest

from lab.report import tables
from lab.report.finding import contrast_sentence, finding, parity_sentences
from lab.report.limits import limits
from lab.report.page import build_page


def plain(text):
    return text.replace("\u00a0", " ").replace("\u2212", "-")


def test_a_clear_choice_is_named_with_its_interval_and_rival(result):
    found = finding(result)
    assert found.headline.startswith("Both: RAFT")
    assert plain(found.answer) == (
        "RAFT reached 0.610 [0.530, 0.690] in token F1; the best of the others, Fine-tuned + RAG, 0.550 [0.470, 0.630]."
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
        ("wording", 1.0, "100 % of the tested facts were trained on in other words"),
        ("wording", 0.3, "here it mostly did not"),
        ("document", None, "was not measured"),
    ],
)
def test_parity_says_whether_reading_or_storage_is_compared(load, tree, track, fact, words):
    tree["track"] = track
    tree["holdout"]["parity"]["fact"] = fact
    assert words in plain(" ".join(parity_sentences(load(tree))))


def test_verdicts_become_sentences_that_never_claim_no_difference(result):
    sentences = [plain(contrast_sentence(item, 0.03)) for item in result.comparisons]
    assert sentences[0] == "RAG is better than Closed-book: +0.360 [0.285, 0.435]."
    assert "RAFT against Fine-tuned + RAG is inconclusive" in sentences[4]
    assert "these questions would show a difference of 0.093 or more" in sentences[4]
    assert not any("no difference" in sentence for sentence in sentences)


def test_the_oracle_is_last_and_set_apart_and_the_choice_is_marked(result):
    table = tables.methods_table(result)
    assert table.rows[-1][0].text == "Oracle"
    assert table.apart == len(table.rows) - 1
    assert table.rows[table.marked][0].text == "RAFT"


def test_registered_contrasts_come_first_and_every_pair_stands_once(result):
    registered, others = tables.comparison_tables(result)
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

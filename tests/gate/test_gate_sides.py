"""Where a value passes its bound and where that is shown: Holm's adjustment, and digits that tell the side."""

from __future__ import annotations

import json

import pytest

from lab.gate import Names, check, parse, show
from lab.report.read import read_result
from lab.rounding import MINUS


def judged(result, text):
    return check([parse(text, Names.of(result))], result).verdicts[0]


def shown_value(result, text):
    """The cell of the table."""
    table = show.table(check([parse(text, Names.of(result))], result))
    return next(iter(table.columns[2].cells)).plain


def by_interval_and_p(tree, save, p_holm, ends=(0.0004, 0.25), verdict="inconclusive"):
    """The result with this Holm-adjusted p of raft - rag on token F1, whose interval ends there."""
    tree["comparisons"][1] |= {"low": ends[0], "high": ends[1], "difference": sum(ends) / 2, "p_holm": p_holm}
    tree["comparisons"][1]["verdict"] = verdict
    return read_result(save(tree) / "results.json")


@pytest.mark.parametrize(
    ("text", "p_holm", "holds"),
    [
        ("raft - rag > 0", 0.074, False),
        ("raft - rag >= 0", 0.074, False),
        ("raft - rag > 0.0001", 0.074, False),  # what is above that is above 0
        ("rag - raft < 0", 0.074, False),
        ("raft - rag > 0", 0.05, False),  # as in the verdict
        ("raft - rag > 0", 0.0499996, True),
        ("rag - raft < 0", 0.0499996, True),
        ("raft - rag > 0", None, True),  # not registered
        ("raft - rag > -0.1", 0.074, True),  # no worse by more than that is another question than p answers
        ("raft - rag < 0.3", 0.074, True),
        ("raft - rag.low > 0", 0.074, True),  # literal
        ("raft - rag.difference > 0", 0.074, True),
        ("raft - rag.p_holm < 0.05", 0.074, False),
        ("raft - rag.verdict == inconclusive", 0.074, True),
        ("raft - rag.verdict != inconclusive", 0.074, False),
        ('rag - raft.verdict == "slightly worse"', 0.074, False),
    ],
)
def test_a_comparison_with_0_holds_only_where_the_verdict_of_the_run_can_say_so(tree, save, text, p_holm, holds):
    assert judged(by_interval_and_p(tree, save, p_holm), text).holds == holds


def test_what_holm_does_not_show_fails_with_that_reason(tree, save):
    result = by_interval_and_p(tree, save, 0.074)
    verdict = judged(result, "raft - rag > 0")
    said = "the interval lies above 0, but after Holm's adjustment p is 0.074: not shown"
    assert show.reason(verdict).startswith(f"{said} (lower 95 % limit, token_f1 +0.1252 [0.0004,")
    assert verdict.short_by is None
    assert judged(result, "rag - raft < 0").doubt == said.replace("above", "below")
    assert judged(result, "raft - rag >= 0.0004").doubt.startswith("the interval ends at 0.0004, but")
    assert judged(result, "raft - rag > 0.1").doubt is None  # the interval misses it already
    assert json.loads(show.as_json(check([verdict.requirement], result)))["requirements"][0]["reason"].startswith(said)


def test_by_the_interval_alone_is_noted(result):
    alone = "by the interval of this pair alone: no adjustment for several comparisons was made"
    assert judged(result, "raft - rag.exact_match >= 0").reading.note == alone  # not registered by this metric
    assert judged(result, "rag - closed-book > -0.1").reading.note == alone
    turned = "stored as rag - closed-book; sign and ends turned"
    assert judged(result, "closed-book - rag > -0.6").reading.note == f"{turned}; {alone}"
    assert judged(result, "rag - closed-book > 0").reading.note == ""
    assert judged(result, "rag - closed-book.low > 0").reading.note == ""


def test_an_interval_without_width_is_noted(tree, save):
    tree["comparisons"][1] |= {"effects": {"relative_error_reduction": 0.0, "odds_ratio": 1.0, "d_z": 0.0}}
    result = by_interval_and_p(tree, save, 1.0, (0.0, 0.0))
    assert judged(result, "raft - rag > -0.03").reading.note.startswith("equal in every cluster: the interval tells")


@pytest.mark.parametrize(
    ("text", "change", "shown"),
    [
        ("raft - rag.low > 0", {"low": 0.0004}, "+0.0004"),
        ("raft - rag.low > 0", {"low": 0.00001234}, "+1.234e-05"),
        ("raft - rag.low > 0", {"low": -0.0004}, f"{MINUS}0.0004"),
        ("raft - rag.low > 0", {"low": 0.0}, "0.000"),  # on the bound
        ("raft - rag.low > 0", {"low": 0.125}, "+0.125"),
        ("raft - rag.p_holm < 0.01", {"p_holm": 0.00996}, "0.00996"),
        ("raft - rag.p_holm < 0.0005", {"p_holm": 0.0004}, "0.0004"),
        ("raft - rag.p_holm < 0.001", {"p_holm": 0.0004}, "<0.001"),
        ("raft - rag.mde < 0.1", {"mde": 0.09996}, "0.09996"),
    ],
)
def test_a_pair_s_value_is_shown_on_its_side_of_the_bound(tree, save, text, change, shown):
    tree["comparisons"][1] |= change
    result = read_result(save(tree) / "results.json")
    assert shown_value(result, text) == shown


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [
        ("rag.token_f1 >= 0.6", 0.59996, "0.59996"),
        ("rag.token_f1 >= 0.6", 0.5996, "0.5996"),
        ("rag.token_f1 >= 0.6", 0.6, "0.600"),
        ("rag.token_f1 >= 0.6", 0.5999999999, "0.5999999999"),
        ("rag.token_f1 >= 0.6", 0.25, "0.250"),
        ("rag.seconds_per_question < 2", 1.9996, "1.9996"),
        ("rag.seconds_per_question < 0.0005", 0.0004, "0.0004"),
        ("rag.memory_bytes < 123456", 123456.4, "123456.4000"),
        ("recommendation.p_best >= 0.79", 0.799, "0.7990"),  # not 79 %
        ("recommendation.p_best >= 0.8", 0.799, "79\N{NO-BREAK SPACE}%"),
        ("recommendation.p_best > 0.005", 0.002, "0.0020"),  # not <1 %
    ],
)
def test_a_value_is_shown_on_its_side_of_the_bound(tree, save, text, value, shown):
    rag = tree["methods"]["rag"]
    rag["metrics"]["token_f1"]["mean"] = rag["seconds_per_question"] = rag["memory_bytes"] = value
    tree["recommendation"]["p_best"] = value
    result = read_result(save(tree) / "results.json")
    assert shown_value(result, text) == shown


def test_the_price_of_a_question_says_what_it_leaves_out(result):
    assert judged(result, "rag.cost_per_question < 1").reading.used == "EUR a question, building excluded"


def test_counts_of_the_first_training_run_say_so_where_there_are_several(tree, save):
    tree["methods"]["raft"] |= {"truncated": 3, "by_seed": {"1": 0.7, "2": 0.8}}
    tree["methods"]["rag"] |= {"truncated": 2, "by_seed": {"1": 0.5}}
    result = read_result(save(tree) / "results.json")
    assert shown_value(result, "raft.truncated < 5") == "3"
    assert judged(result, "raft.truncated < 5").reading.used == "answers cut off, first training run only"
    assert judged(result, "rag.truncated < 5").reading.used == "answers cut off"

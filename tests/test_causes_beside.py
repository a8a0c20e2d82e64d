"""An endpoint's answers have causes, and are no witness in those of the methods that are compared."""

from types import SimpleNamespace

from lab.analysis import find_causes


def row(method, answer):
    return {
        "question_id": "q1", "method": method, "seed": 1, "kind": "span", "gold": ["412 cars"], "answer": answer,
        "raw": answer, "hits": [], "parse_ok": True, "truncated": False,
        "scores": {"wrong": 1.0, "abstained": 0.0, "contains": 0.0},
    }  # fmt: skip


def causes_of(beside):
    rows = [row("closed-book", "96 cars"), row("oracle", "96 cars"), row("endpoint", "96 cars")]
    table = SimpleNamespace(questions=[SimpleNamespace(id="q1", has_gold=False)])
    told, counted = find_causes(rows, table, beside)
    return {one["method"]: one["cause"] for one in told}, counted


def test_three_that_agree_make_the_gold_suspect_but_an_endpoint_is_not_the_third():
    counted_in, _ = causes_of(())
    assert set(counted_in.values()) == {"gold suspect"}
    beside, counts = causes_of(("endpoint",))
    assert "gold suspect" not in (beside["closed-book"], beside["oracle"])
    assert beside["endpoint"] == "gold suspect" and set(counts["counts"]) == {"closed-book", "oracle", "endpoint"}

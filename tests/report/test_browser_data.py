"""What the islands of the answer browser hold, unpacked again, against the rows that went in."""

import base64
import gzip
import json

import numpy as np
import pytest

from lab.errors import DataError
from lab.outcomes.abstaining import right
from lab.outcomes.table import QuestionFacts, ScoreTable
from lab.report.browser import Sizes, browser_parts
from lab.report.read import iter_answers

SMALL = Sizes(index=50, detail=7, passages=10)


def unpacked(parts):
    """The value of each island by its id without the prefix."""
    found = {}
    for island in parts.islands:
        assert island.id.startswith("browser-")
        found[island.id.removeprefix("browser-")] = json.loads(gzip.decompress(base64.b64decode(island.text)))
    return found


def pages(islands, kind):
    return [islands[f"{kind}-{number}"] for number in range(sum(name.startswith(kind) for name in islands))]


def row(key="q", method="rag", /, **more):
    return {
        "question_id": key, "method": method, "seed": 1, "question": "How many?", "gold": ["eight"], "answer": "eight",
        "hits": [], "scores": {"exact_match": 1.0, "token_f1": 1.0},
    } | more  # fmt: skip


def hit(text, **more):
    return {"document": "d", "title": "t", "text": text, "rank": 1, "score": 0.5, "gold": True} | more


def test_every_answer_is_found_again_at_its_place(result, rows):
    for number, one in enumerate(rows):
        one["question"] = f"Question {number // 6} of six rows?"
    islands = unpacked(browser_parts(result, rows, sizes=SMALL))
    head = islands["head"]
    index = pages(islands, "index")
    details = [one for page in pages(islands, "detail") for one in page]
    passages = [one for page in pages(islands, "passages") for one in page]
    assert [len(page["id"]) for page in index] == [50, 50, 20]
    assert len(details) == head["questions"] == 120
    assert head["sizes"] == {"index": 50, "detail": 7, "passages": 10}
    by_key = {(row["question_id"], row["method"]): row for row in rows}
    for number in range(120):
        page, k = index[number // 50], number % 50
        for run, (method, seed) in enumerate(head["runs"]):
            name = head["methods"][method][0]
            expected = by_key.pop((page["id"][k], name))
            assert seed == expected["seed"]
            assert page["q"][k] == expected["question"]
            assert page["g"][k] == expected["gold"]
            assert head["kinds"][page["k"][k]] == expected["kind"]
            assert page["t"][run][k] == expected["answer"]
            assert page["r"][run][k] == ("2" if expected["scores"]["exact_match"] else "0")
            assert page["s"][method][k] == expected["scores"]["token_f1"]
            assert ([None, *head["causes"]])[page["w"][run][k]] == expected["cause"]
            detail = details[number]["a"][run]
            assert detail["r"] == expected["raw"]
            read = [passages[place][2] for place, *_ in details[number]["h"][detail["h"]]] if "h" in detail else []
            assert read == [one["text"] for one in expected["hits"]]
    assert by_key == {}


def test_methods_come_as_in_the_tables_and_seeds_by_number(result):
    many = [row("q", name, seed=seed) for name in ("oracle", "rag", "raft", "unheard-of") for seed in (3, None, 1)]
    head = unpacked(browser_parts(result, many))["head"]
    assert [name for name, _ in head["methods"]] == ["raft", "rag", "oracle", "unheard-of"]
    assert head["runs"][:3] == [[0, 1], [0, 3], [0, None]]


def test_rows_may_come_in_any_order_and_equal_rows_give_equal_bytes(result, rows):
    first = browser_parts(result, iter(rows))
    assert first.islands == browser_parts(result, json.loads(json.dumps(rows))).islands
    by_method = sorted(rows, key=lambda one: one["method"])  # stable: questions stay in file order
    assert unpacked(first)["index-0"] == unpacked(browser_parts(result, by_method))["index-0"]


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ({"exact_match": 1.0, "contains": 1.0}, "2"),
        ({"exact_match": 0.0, "contains": 1.0}, "1"),
        ({"exact_match": 0.0, "contains": 0.0}, "0"),
        ({"exact_match": None, "contains": None}, "0"),
        ({}, "0"),
    ],
)
def test_without_wrong_and_abstained_right_is_equal_or_contained(result, scores, expected):
    assert unpacked(browser_parts(result, [row(scores=scores)]))["index-0"]["r"] == [expected]


STRICT = {"exact_match": 0.0, "contains": 0.0, "wrong": 0.0, "abstained": 0.0}


@pytest.mark.parametrize(
    ("gold", "scores", "expected", "why"),
    [
        (["pipeline('x')"], {"call_match": 1.0}, "1", "by its call"),
        (["brake, grip"], {"list_match": 1.0}, "1", "by its items"),
        (["A"], {"label_accuracy": 1.0}, "1", "by its label"),  # said: 'A) 12'
        (["12"], {"numeric_match": 1.0}, "1", "by its number"),
        (["A"], {"contains": 1.0, "label_accuracy": 1.0}, "1", "because it contains a gold answer"),
        (["eight"], {"exact_match": 1.0, "contains": 1.0}, "2", None),
        (["eight"], {"contains": 1.0, "abstained": 1.0}, "0", None),  # declined, though the raw output holds the gold
        (["eight"], {"contains": 1.0, "wrong": 1.0}, "0", None),  # a quote holds the gold, the parsed answer does not
        (["eight"], {"exact_match": 1.0, "wrong": 1.0}, "0", None),
        ([], {"abstained": 1.0}, "1", "because it declines"),
        ([], {"exact_match": 1.0, "contains": 1.0, "abstained": 1.0}, "2", None),
        ([], {"contains": 1.0, "wrong": 1.0}, "0", None),
        (["eight"], {"contains": 1.0, "wrong": None}, "1", "because it contains a gold answer"),  # of another program
    ],
)
def test_right_is_what_the_outcomes_count_and_says_why(result, gold, scores, expected, why):
    islands = unpacked(browser_parts(result, [row(gold=gold, scores=STRICT | scores)]))
    assert islands["index-0"]["r"] == [expected]
    assert islands["detail-0"][0]["a"][0].get("y") == why


@pytest.mark.parametrize("gold", [[], ["eight"]])
def test_right_is_the_rule_of_the_lab_s_own_outcomes(result, gold):
    """The same answers, as a table of scores and as rows of the page."""
    values = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)]  # wrong, abstained: the three things that an answer can be
    facts = [QuestionFacts(f"q{place}", f"d{place}", "span", bool(gold), 1, True, 1) for place in range(len(values))]
    columns = {"wrong": [one for one, _ in values], "abstained": [two for _, two in values]}
    table = ScoreTable(tuple(facts), {"rag": (1,)}, {"rag": {name: np.array([one]) for name, one in columns.items()}})
    rows = [
        row(f"q{place}", gold=gold, scores={"exact_match": 0.0, "contains": 1.0, "wrong": one, "abstained": two})
        for place, (one, two) in enumerate(values)
    ]
    shown = unpacked(browser_parts(result, rows))["index-0"]["r"][0]
    assert [float(one) for one in shown] == right(table, "rag")[0].tolist()


def test_what_was_not_answered_is_absent(result):
    islands = unpacked(browser_parts(result, [row("a"), row("b", "raft"), row("b")]))
    assert islands["index-0"]["r"] == ["-2", "22"]  # raft, rag
    assert islands["index-0"]["t"] == [[None, "eight"], ["eight", "eight"]]
    assert islands["detail-0"][0]["a"][0] is None


def test_a_methods_score_is_the_mean_of_its_runs(result):
    runs = [row(seed=seed, scores={"token_f1": value}) for seed, value in ((1, 1.0), (2, 0.0), (3, None), (4, 0.0))]
    assert unpacked(browser_parts(result, runs))["index-0"]["s"] == [[0.333]]
    nothing = unpacked(browser_parts(result, [row(scores={"token_f1": None})]))
    assert nothing["index-0"]["s"] == [[None]]


def test_each_passage_and_each_reading_is_stored_once(result):
    shared = [hit("one"), hit("two", rank=2)]
    islands = unpacked(
        browser_parts(
            result, [row("a", hits=shared), row("a", "raft", hits=shared), row("b", hits=[hit("two", rank=1)])]
        )
    )
    assert islands["passages-0"] == [["d", "t", "one"], ["d", "t", "two"]]
    assert [len(one["h"]) for one in islands["detail-0"]] == [1, 1]
    assert islands["detail-0"][1]["h"][0][0][0] == 1


def test_the_same_text_of_another_document_is_another_passage(result):
    islands = unpacked(browser_parts(result, [row(hits=[hit("one"), hit("one", document="e")])]))
    assert [passage[0] for passage in islands["passages-0"]] == ["d", "e"]


@pytest.mark.parametrize(
    ("text", "spans", "expected"),
    [
        ("holds eight people", [[6, 11]], [[6, 11]]),
        ("\U0001f6a1 eight \U0001f6a1 nine", [[2, 7], [10, 14]], [[3, 8], [12, 16]]),  # each cable car is two units
        ("\xe9t\xe9", [[0, 3]], [[0, 3]]),
        ("eight", [[3, 9], [-1, 2], [2, 2], [4, 1], ["0", "2"], [True, 2], [0], None, {"start": 1}], []),
        ("eight", "0,5", []),
        ("eight", None, []),
    ],
)
def test_spans_count_as_javascript_does_and_false_ones_are_left_out(result, text, spans, expected):
    islands = unpacked(browser_parts(result, [row(hits=[hit(text, spans=spans)])]))
    ((found,),) = islands["detail-0"][0]["h"]
    assert found[4] == expected
    for start, end in expected:
        units = text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")
        assert units in ("eight", "nine", "\xe9t\xe9")


def test_numbers_are_written_as_in_the_tables(result):
    scores = {"token_f1": 2 / 3, "bleu": None, "flag": True, "logprob": -1.25}
    one = row(scores=scores, tokens={"in": 1402, "out": 6.0}, seconds=0.0001, hits=[hit("x", score=12.34567)])
    islands = unpacked(browser_parts(result, [one]))
    (detail,) = islands["detail-0"][0]["a"]
    assert islands["head"]["metrics"] == ["token F1", "BLEU", "flag", "log-probability of a token, mean"]
    assert detail == {"v": ["0.667", None, None, "\N{MINUS SIGN}1.250"], "i": "1,402", "o": "6", "s": "<0.001", "h": 0}
    assert islands["detail-0"][0]["h"][0][0][1:4] == ["1", "12.346", 1]


def test_notes_tell_what_went_wrong(result):
    one = row(parse_ok=False, truncated=True, passages_dropped=1, error="lost")
    (detail,) = unpacked(browser_parts(result, [one]))["detail-0"][0]["a"]
    assert detail["n"] == [
        "could not be parsed", "cut off at the token limit", "1 passage dropped to fit the prompt", "error: lost"
    ]  # fmt: skip


@pytest.mark.parametrize(("raw", "kept"), [(" eight\n", False), ("eight, I think", True), (None, False), ("", False)])
def test_raw_output_is_kept_where_it_says_more(result, raw, kept):
    (detail,) = unpacked(browser_parts(result, [row(raw=raw)]))["detail-0"][0]["a"]
    assert ("r" in detail) == kept


def test_order_of_ids_counts_digits_by_value(result):
    ids = ["q-10", "q-9", "q-009b", "a", "q-" + "1" * 5000, "q-", "7"]
    order = unpacked(browser_parts(result, [row(name) for name in ids]))["index-0"]["o"]
    by_order = [name for _, name in sorted(zip(order, ids, strict=True))]
    assert by_order == ["7", "a", "q-", "q-9", "q-009b", "q-10", "q-" + "1" * 5000]


def test_text_that_utf8_cannot_hold_does_no_harm(result):
    islands = unpacked(browser_parts(result, [row(answer="lone \ud800 surrogate \x00 null")]))
    assert islands["index-0"]["t"] == [["lone ? surrogate \x00 null"]]


def test_islands_hold_base64_alone(result, rows):
    rows[0]["answer"] = "</script><!-- <script>"
    for island in browser_parts(result, rows).islands:
        base64.b64decode(island.text, validate=True)
    assert "<!--" not in browser_parts(result, rows).script
    assert "</script" not in browser_parts(result, rows).script.lower()


def test_the_form_offers_what_the_rows_have(result, rows):
    context = browser_parts(result, rows).context
    assert context["questions"] == "120"
    assert [one["label"] for one in context["methods"]][:2] == ["RAFT", "Fine-tuned + RAG"]
    assert set(context["kinds"]) == {one["kind"] for one in rows}
    assert context["causes"] == ("retrieval miss",)
    assert context["documents"] is False  # these rows name none
    assert browser_parts(result, [row(cluster="d")]).context["documents"] is True


def test_no_rows_are_no_fault(result):
    islands = unpacked(browser_parts(result, []))
    assert list(islands) == ["head"]
    assert islands["head"]["questions"] == 0


def test_answers_stream_and_tell_their_faults_at_the_end(tmp_path):
    path = tmp_path / "answers.jsonl"
    good = json.dumps(row(answer="one\u2028line"), ensure_ascii=False)
    path.write_text(f"{good}\nno json\n\n{good}\n{{}}\n", encoding="utf-8")
    stream = iter_answers(path)
    assert next(stream)["answer"] == "one\u2028line"
    assert next(stream)["question_id"] == "q"
    with pytest.raises(
        DataError, match=r"answers\.jsonl:2: not readable as JSON[\s\S]*answers\.jsonl:5: question_id: missing"
    ):
        next(stream)


def test_a_stream_tells_where_its_text_is_no_utf8(tmp_path):
    path = tmp_path / "answers.jsonl"
    first = json.dumps(row()).encode() + b"\n"
    path.write_bytes(first + b'{"question": "\xff"}\n')
    with pytest.raises(DataError, match=f"another encoding at byte {len(first) + 14}"):
        list(iter_answers(path))


def test_a_stream_of_no_file_says_so(tmp_path):
    with pytest.raises(DataError, match="found no file; has the run ended"):
        next(iter_answers(tmp_path / "answers.jsonl"))
    with pytest.raises(DataError, match="found a folder"):
        next(iter_answers(tmp_path))


def test_what_no_person_wrote_is_marked_where_there_is_any(result):
    assert "m" not in unpacked(browser_parts(result, [row("a"), row("b", synthetic=None)]))["index-0"]
    found = unpacked(browser_parts(result, [row("a"), row("b", synthetic="cloze")]))["index-0"]
    assert found["m"] == [None, "cloze"]

import socket

import pytest
from test_scores import Letters

from lab.metrics import text
from lab.metrics.numeric import numeric_match
from lab.metrics.registry import BEYOND_TEXT, METRICS

as_evaluate = pytest.importorskip("lab.metrics.as_evaluate")

PREDICTIONS = ["Ravel Street", "30 minutes", "NOT_FOUND", "blue", "", "load('a/b')"]
REFERENCES = [["Ravel Street", "Ravel St"], ["30 minutes"], [], ["red"], ["12"], ['load("a/b")']]


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    def refuse(*_):
        raise AssertionError("a metric opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.parametrize("name", [name for name in METRICS if name not in BEYOND_TEXT])
def test_compute_is_the_mean_of_the_defined_values(name):
    values = as_evaluate.score_strings(name, PREDICTIONS, REFERENCES, Letters())
    defined = [value for value in values if value is not None]
    result = as_evaluate.load(name, Letters()).compute(predictions=PREDICTIONS, references=REFERENCES)
    assert result == {name: pytest.approx(sum(defined) / len(defined)), "undefined": len(values) - len(defined)}


def test_compute_agrees_with_the_pure_functions():
    f1 = as_evaluate.load("token_f1").compute(predictions=PREDICTIONS, references=REFERENCES)
    said = [one if one != "NOT_FOUND" else "" for one in PREDICTIONS]
    expected = [text.token_f1(one, golds) for one, golds in zip(said, REFERENCES, strict=True)]
    assert f1 == {"token_f1": pytest.approx(sum(expected) / 6), "undefined": 0}
    numbers = as_evaluate.load("numeric_match").compute(predictions=PREDICTIONS, references=REFERENCES)
    values = [numeric_match(one, golds) for one, golds in zip(said, REFERENCES, strict=True)]
    assert numbers == {"numeric_match": 0.5, "undefined": values.count(None)}


def test_all_undefined_is_none_not_zero():
    result = as_evaluate.load("bleu").compute(predictions=["x"], references=[[]])
    assert result == {"bleu": None, "undefined": 1}


def test_an_unknown_name_lists_the_known():
    with pytest.raises(ValueError, match="exact_match, token_f1"):
        as_evaluate.load("accuracy")


@pytest.mark.parametrize("name", BEYOND_TEXT)
def test_what_reads_more_than_strings_is_not_offered_for_strings(name):
    with pytest.raises(ValueError, match=f"{name}: expected one of exact_match"):
        as_evaluate.load(name)

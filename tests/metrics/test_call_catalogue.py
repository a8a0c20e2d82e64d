"""Calls judged among all calls of an API set, against hand values and Python's own parser."""

import ast

import pytest

from lab.metrics.calls import find_calls
from lab.metrics.catalogue import Catalogue, call_domain, call_hallucinated
from lab.metrics.registry import score_answers
from lab.types import Answer, Document, Question

DEPTH = "torch.hub.load(repo_or_dir='intel-isl/MiDaS', model='DPT_Hybrid', pretrained=True)"
LARGE = "torch.hub.load(repo_or_dir='intel-isl/MiDaS', model='DPT_Large', pretrained=True)"
FASTER = "torch.hub.load(repo_or_dir='pytorch/vision', model='densenet121', pretrained=True)"
TEXT = "AutoModel.from_pretrained('bert-base-uncased')"


def card(name: str, call: str, domain: str) -> Document:
    return Document(name, name, call, {"call": call, "domain": domain})


CARDS = [
    card("a", DEPTH, "Depth"),
    card("b", LARGE, "Depth"),
    card("c", FASTER, "Classification"),
    card("d", TEXT, "Text"),
    card("e", TEXT, "Feature extraction"),
]


@pytest.fixture
def catalogue() -> Catalogue:
    found = Catalogue.of(CARDS)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("answer", "right", "made_up"),
    [
        (DEPTH, 1.0, 0.0),
        (LARGE, 1.0, 0.0),  # another call of the same domain
        ("model = torch.hub.load('intel-isl/MiDaS', 'DPT_Large')", 1.0, 0.0),
        (FASTER, 0.0, 0.0),  # a call of the set, of another domain
        ("torch.hub.load('intel-isl/MiDaS', 'DPT_Gigantic')", 0.0, 1.0),
        ("Use MiDaS.", 0.0, 1.0),
        ("", 0.0, 1.0),
        ("torch.hub.load('intel-isl/MiDaS', ['DPT_Hybrid', 'DPT_Large', 'DPT_Small', 'densenet121'])", 0.0, 1.0),
    ],
)
def test_any_call_of_the_domain_is_right_and_no_call_of_the_set_is_made_up(
    catalogue: Catalogue, answer: str, right: float, made_up: float
) -> None:
    assert call_domain(answer, [DEPTH], catalogue) == right
    assert call_hallucinated(answer, catalogue) == made_up


def test_a_call_of_several_cards_belongs_to_all_their_domains(catalogue: Catalogue) -> None:
    assert catalogue.domains(TEXT) == {"Text", "Feature extraction"}
    assert call_domain(TEXT, [TEXT], catalogue) == 1.0


def test_a_gold_that_no_card_holds_has_no_domain(catalogue: Catalogue) -> None:
    assert call_domain(DEPTH, ["pipeline('nothing')"], catalogue) is None


def test_documents_without_calls_make_no_catalogue() -> None:
    assert Catalogue.of([Document("a", "", "text"), Document("b", "", "t", {"call": "no call", "domain": "x"})]) is None


@pytest.mark.parametrize("text", [DEPTH, LARGE, FASTER, TEXT, "a.b(c('x'), y={'k': 'v'}, *['z'])", "f(g(h('i')))"])
def test_names_and_literals_are_those_of_pythons_own_parser(text: str) -> None:
    tree = ast.parse(text, mode="eval").body
    assert isinstance(tree, ast.Call)
    keys = {id(key) for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys}
    literals = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in keys
    }
    first = next(find_calls(text))
    assert (first.function, first.literals) == (ast.unparse(tree.func), literals)


def test_scores_of_calls_need_the_catalogue_and_say_so() -> None:
    questions = {"q": Question("q", "Depth?", (DEPTH,), "call"), "s": Question("s", "Who?", ("Bo",), "span")}
    answers = [Answer(name, LARGE, LARGE, (), None, None) for name in questions]
    for known, right, reason in ((Catalogue.of(CARDS), 1.0, None), (None, None, "metadata")):
        scores = {
            (score.query_id, score.metric): score for score in score_answers(answers, questions, None, None, known)
        }
        assert scores["q", "call_domain"].value == right
        assert (reason or "") in (scores["q", "call_domain"].reason or "")
        assert scores["q", "call_match"].value == 0.0
        assert scores["q", "wrong"].value == (0.0 if right else 1.0), "a call of the right domain is no wrong answer"
        assert scores["s", "call_domain"].value is None


def test_whoever_declines_makes_no_call_up(catalogue: Catalogue) -> None:
    question = Question("q", "Depth?", (DEPTH,), "call")
    answers = [Answer("q", "NOT_FOUND", "NOT_FOUND", (), None, None)]
    scores = {score.metric: score.value for score in score_answers(answers, {"q": question}, None, None, catalogue)}
    assert (scores["call_domain"], scores["call_hallucinated"]) == (0.0, 0.0)

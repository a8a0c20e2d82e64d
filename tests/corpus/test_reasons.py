"""Why an answer is right, as the data of others tell it, and what RAFT learns to write of it."""

import json

import pytest

from lab.corpus.raft_rows import reasoning
from lab.corpus.registry import read_corpus
from lab.corpus.source import Source
from lab.corpus_config import CorpusConfig
from lab.methods.examples import GoldPassages, RaftInputs, closed_book_examples, raft_examples
from lab.methods.prompts import PromptStyle, parse_answer, target_text
from lab.training_config import RaftConfig
from lab.types import Passage, Question

GIVEN = PromptStyle("ropes", "given")
CARD = {"api_name": "Bark", "api_call": "zoo.load('kennel/bark')", "domain": "Audio", "description": "Hears barks."}
OUTPUTS = [
    "{'Instruction': Bark?, 'Output': {'domain': 'Audio', 'explanation': \"It hears\nbarks.\", 'code': 'import zoo'}}",
    "###Instruction: Bark?\n###Output: <<<domain>>>: Audio, <<<explanation>>>: It hears barks.<<<code>>>: import zoo",
    "###Instruction: Bark?\n###Output: <<<explanation>>>:It hears\n barks.",
]


@pytest.mark.parametrize("code", OUTPUTS)
def test_the_explanation_of_an_api_call_is_its_reason(tmp_path, code):
    row = {"code": code, "api_call": CARD["api_call"], "api_data": CARD}
    (tmp_path / "zoo_api.jsonl").write_text(json.dumps(CARD))
    (tmp_path / "zoo_eval.json").write_text(json.dumps(row))
    corpus = read_corpus(Source(CorpusConfig(path=str(tmp_path), format="apibench"), "zoo"))
    assert corpus.questions[0].reason == "It hears barks."


@pytest.mark.parametrize("told", ["Yes, they do.", "", None, 7])
def test_the_conclusion_of_an_abstract_is_the_labels_reason(tmp_path, told):
    entry = {"QUESTION": "Do they?", "CONTEXTS": ["They were watched."], "final_decision": "yes", "LONG_ANSWER": told}
    (tmp_path / "ori_pqal.json").write_text(json.dumps({"1": entry}))
    corpus = read_corpus(Source(CorpusConfig(path=str(tmp_path), format="pubmedqa"), "papers"))
    assert corpus.questions[0].reason == ("Yes, they do." if told == "Yes, they do." else None)
    assert all("they do" not in document.text for document in corpus.documents)


def test_a_row_of_raft_keeps_what_stands_before_its_answer():
    assert reasoning("##Reason: The sign says ##begin_quote##9 m##end_quote##. ##Answer: 9 m") == (
        "The sign says ##begin_quote##9 m##end_quote##."
    )
    assert reasoning("<ANSWER>: 9 m") is None


def test_a_given_reason_is_learnt_before_the_answer_and_read_back():
    question = Question("q", "How long?", ("9 m",), "span", reason="It says ##Answer: so\non the sign.")
    (example,) = closed_book_examples([question], GIVEN).examples
    assert example.target == "##Reason: It says so on the sign. ##Answer: 9 m"
    assert parse_answer(example.target, "given").text == "9 m"
    assert "##Reason:" in example.messages[0]["content"] and "quote" not in example.messages[0]["content"]


@pytest.mark.parametrize(("rule", "reason"), [("paper", "It hangs there."), ("answer", "No reason is available.")])
def test_without_the_golden_passage_the_reason_follows_the_rule(rule, reason):
    passage, other = Passage("d#0", "d", "", "Nine metres.", 0, 12), Passage("e#0", "e", "", "Something else.", 0, 15)
    gold = {"q": GoldPassages(((passage,),), ("Nine metres.",), frozenset({"d#0"}))}
    question = Question("q", "How long?", ("9 m",), "span", reason="It hangs there.")
    config = RaftConfig(p=0.0, reasoning="given", no_gold_target=rule)
    (example,) = raft_examples([question], GIVEN, config, RaftInputs(gold, {}, (passage, other), 2), seed=1).examples
    assert example.target == f"##Reason: {reason} ##Answer: 9 m"


def test_other_ways_of_reasoning_do_not_show_a_given_reason():
    assert target_text("9 m", "none", reason="It hangs there.") == "9 m"
    assert "hangs" not in target_text("9 m", "quoted", "Nine metres.", "It hangs there.")

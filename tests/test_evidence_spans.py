"""Where the gold evidence stands within the passages that answers.jsonl shows."""

import numpy as np

from lab.outcomes.table import QuestionFacts, ScoreTable
from lab.score_table import AnsweredRun, answer_rows
from lab.types import Answer, Evidence, Hit, Passage, Question

TEXT = "The 🚡 cabin holds eight. The chair holds two. Nobody rides on Mondays."
FIRST, LAST = Passage("d#0", "d", "Sheet", TEXT[:30], 0, 30), Passage("d#1", "d", "Sheet", TEXT[19:46], 19, 46)
OTHER = Passage("e#0", "e", "Other", "Something else.", 0, 15)


class Data:
    """As much of a run's data as rows of answers need."""

    def __init__(self, question):
        self.holdout = self
        self.evidence = self
        self.test = (question,)

    def gold(self, _):
        return frozenset()


def spans(*evidence):
    question = Question("q", "How many?", ("eight",), "span", evidence)
    hits = tuple(Hit(passage, 1.0, rank) for rank, passage in enumerate((FIRST, LAST, OTHER), start=1))
    run = AnsweredRun("rag", 1, (Answer("q", "eight", "eight", hits, None, None),))
    table = ScoreTable(
        (QuestionFacts("q", "d", "span", True, 1),), {"rag": (1,)}, {"rag": {"token_f1": np.ones((1, 1))}}
    )
    (row,) = answer_rows([run], Data(question), table)
    return [hit["spans"] for hit in row["hits"]]


def test_evidence_is_shifted_to_the_passage():
    assert TEXT[18:23] == "eight"
    assert spans(Evidence("d", 41, 44)) == [[], [[22, 25]], []]
    assert LAST.text[22:25] == TEXT[41:44] == "two"


def test_evidence_is_cut_where_a_passage_ends():
    # [18, 35): the first passage ends at 30, the second begins at 19
    assert spans(Evidence("d", 18, 35)) == [[[18, 30]], [[0, 16]], []]


def test_evidence_that_only_touches_a_passage_marks_nothing():
    assert spans(Evidence("d", 30, 35), Evidence("d", 10, 19)) == [[[10, 19]], [[11, 16]], []]


def test_units_come_in_order_and_once():
    units = Evidence("d", 25, 28), Evidence("d", 4, 5), Evidence("d", 25, 28)
    assert spans(*units)[0] == [[4, 5], [25, 28]]


def test_a_whole_document_marks_nothing():
    assert spans(Evidence("d"), Evidence("e")) == [[], [], []]

"""A logbook of 100,000 passages that gives no questions ends a call after a few rounds, and the next call goes on."""

from scripted_teacher import pipeline

from lab.config import checked_config
from lab.synthesis.pipeline import BARREN_ROUNDS, ROUND, Plan
from lab.types import Passage


def passages(count):
    for number in range(count):
        yield Passage(f"log#{number}", "log", "Log", "and so on, and so on, and so on", 31 * number, 31 * number + 31)


def test_passages_without_questions_end_the_call_and_are_not_tried_again(tmp_path):
    (tmp_path / "documents.jsonl").write_text(
        '{"id": "log", "title": "Log", "text": "and so on, and so on, and so on"}\n'
    )
    (tmp_path / "questions.jsonl").write_text("")
    config = checked_config({"name": "a", "domain": "b", "corpus": {"path": str(tmp_path)}}, "faults")
    for call in (1, 2):
        made = pipeline(config, Plan(limit=50), None)
        tried = []
        assert made.run(tried.append(one) or one for one in passages(10_000)) == "barren"
        assert len(tried) == call * BARREN_ROUNDS * ROUND
    assert pipeline(config, Plan(limit=50), None).run(passages(2 * BARREN_ROUNDS * ROUND + 40)) == "passages"

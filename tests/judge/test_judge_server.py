"""The whole way against a real server: `transformers serve` with the embedded generator as the judge.

It is far too small to judge. What counts here is that it is asked, that its replies are kept, and that what cannot be
read is counted and never becomes a label.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from served_model import serving

from lab.errors import LabError
from lab.judge.client import Endpoint
from lab.judge.run import JudgeSettings, judge_run

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """URL and model name of a judge on this machine."""
    with serving(tmp_path_factory.mktemp("server")) as found:
        yield found


@pytest.fixture
def small_run(tmp_path: Path, make_rows, save_run) -> Path:
    return save_run(tmp_path / "run", [row for row in make_rows() if row["question_id"] in ("q1", "q2", "q4")])


def test_a_real_server_is_asked_once_for_everything(server, small_run):
    url, model = server
    endpoint = Endpoint(url, model, max_tokens=8, retries=0)
    settings = JudgeSettings(endpoint, pairs=(("rag", "closed-book"),), parallel=2, offline=True)
    told: list[tuple[int, int]] = []
    found = judge_run(small_run, settings, lambda done, total: told.append((done, total)))

    # 6 answers, of which one is blank; three pairs of different texts, each in both orders
    assert (found["requests"], found["cached"]) == (11, 0)
    assert told == [(done, 11) for done in range(12)]
    lines = [json.loads(line) for line in (small_run / "judge.jsonl").read_text().splitlines()]
    assert len({line["key"] for line in lines}) == 11
    assert any(line["reply"].strip() for line in lines)
    for method, blank in (("closed-book", 1), ("rag", 0)):
        counts = found["methods"][method]["counts"]
        assert counts["answers"] == 3 and counts["blank"] == blank
        assert counts["correct"] + counts["incorrect"] + counts["not_attempted"] + counts["unparsed"] == 3
    [pair] = found["pairs"]
    assert (
        sum(pair[key] for key in ("left_better", "right_better", "ties", "position_dependent", "unparsed"))
        == pair["n"]
        == 3
    )
    assert found["unparsed"]["grades"] == sum(one["counts"]["unparsed"] for one in found["methods"].values())

    again = judge_run(small_run, settings)
    assert (again["requests"], again["cached"]) == (0, 11)
    assert again["methods"] == found["methods"] and again["pairs"] == found["pairs"]
    assert len((small_run / "judge.jsonl").read_text().splitlines()) == 11


def test_a_model_that_the_server_does_not_have(server, small_run):
    url, _ = server
    with pytest.raises(LabError, match=r"the judge at 127\.0\.0\.1 refused a request \(status 400: Server is pinned"):
        judge_run(small_run, JudgeSettings(Endpoint(url, "another", retries=0), offline=True))
    assert not (small_run / "judge.json").exists()

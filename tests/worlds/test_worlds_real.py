"""The planted worlds, run for real with the embedded models: some minutes each (`make test-all`)."""

from pathlib import Path

import pytest
import yaml

from lab.config import load_config

WORLDS = Path(__file__).parents[2] / "corpora" / "worlds"

pytestmark = [pytest.mark.worlds, pytest.mark.models]


@pytest.mark.parametrize("name", ["volatile", "behaviour", "lookalike", "equal"])
def test_a_real_run_ends_in_the_answer_known_by_construction(name, tmp_path):
    from lab.experiment import run_experiment

    plan = yaml.safe_load((WORLDS / name / "expected.yaml").read_text(encoding="utf-8"))["real"]
    result = run_experiment(load_config(WORLDS / name / "experiment.yaml"), run_folder=tmp_path / "run", offline=True)
    verdicts = {f"{one.method} - {one.baseline}": one.verdict for one in result.comparisons if one.p_holm is not None}
    assert {pair: verdicts[pair] for pair in plan["verdicts"] if verdicts[pair] not in plan["verdicts"][pair]} == {}
    assert result.recommendation["choice"] in plan["choice"]
    assert result.recommendation["clear"] is plan.get("clear", result.recommendation["clear"])

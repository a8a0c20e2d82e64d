import re

import numpy as np
import pytest
from decision_world import KINDS, ask, candidate, evidence
from hypothesis import given, settings
from hypothesis import strategies as st

MAYBE = st.booleans()


def optional(values):
    return st.none() | values


@st.composite
def worlds(draw):
    n = draw(st.integers(1, 12))
    codes = draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    names = draw(st.lists(st.sampled_from(sorted(KINDS, key=list(KINDS).index)), min_size=1, max_size=5, unique=True))
    runs = {"base": 1, "A": draw(st.integers(1, 3)), "B": draw(st.integers(1, 3))}
    score = st.sampled_from([0.0, 0.25, 0.5, 1.0])
    found = []
    for name in sorted(names, key=list(KINDS).index):
        shape = (runs[KINDS[name][0]], n)
        values = np.array(draw(st.lists(score, min_size=shape[0] * n, max_size=shape[0] * n))).reshape(shape)
        seconds = optional(st.floats(0.0, 1e4))
        found.append(
            candidate(
                name,
                values,
                groundedness=values if KINDS[name][1] and draw(MAYBE) else None,
                latency_ms=tuple(draw(st.lists(st.floats(1.0, 1e4), max_size=3))),
                seconds_per_question=draw(seconds),
                tokens_in=draw(optional(st.floats(1.0, 1e4))),
                tokens_out=draw(optional(st.floats(0.0, 1e3))),
                index_seconds=draw(seconds),
                training_seconds=draw(seconds),
                memory_bytes=draw(optional(st.floats(1e6, 1e11))),
                declined=np.floor(1.0 - values) * draw(st.sampled_from([0.0, 1.0])) if draw(MAYBE) else None,
                tuned=draw(optional(MAYBE)),
            )
        )
    return evidence(*found, clusters=codes, device=draw(st.sampled_from(["cpu", "cuda", None])))


def declared(fields):
    """Each field given or left out."""
    return st.fixed_dictionaries({}, optional=fields)


NEEDS = declared(
    {
        "citations_required": MAYBE,
        "erasure_required": MAYBE,
        "index_allowed": MAYBE,
        "max_p95_ms": st.floats(1.0, 1e4),
        "max_memory_gb": st.floats(0.01, 100.0),
        "quality_floor": st.floats(0.0, 1.0),
        "facts_changing_per_month": st.floats(0.0, 1.0),
        "update_interval_months": st.floats(0.01, 100.0),
        "unknown_passes": MAYBE,
        "wrong_penalty": st.sampled_from([0.0, 0.5, 2.0]),
        "anchors": declared(
            {"cost": st.just([1.0, 0.0]), "latency": st.just([1e4, 0.0]), "quality": st.just([0.1, 0.9])}
        ),
        "weights": st.just({}) | declared({"quality": st.floats(0.1, 9.0), "cost": st.floats(0.1, 9.0)}),
    }
)
ECONOMICS = declared(
    {
        "cpu_hour": st.floats(0.0, 100.0),
        "questions_per_month": st.floats(0.1, 1e9),
        "updates_per_month": st.floats(0.0, 100.0),
        "horizon_months": st.floats(0.1, 1000.0),
        "wrong_answer": st.floats(0.0, 100.0),
        "escalation": st.floats(0.0, 100.0),
        "hosting_per_month": st.just({"raft": 10.0}),
    }
)


@settings(max_examples=60)
@given(worlds(), NEEDS, ECONOMICS)
def test_the_choice_passes_the_gates_or_there_is_none(found, needs, economics):
    result = ask(found, needs, economics, draws=50)
    failed = {gate["method"] for gate in result["gates"] if not gate["met"]}
    names = {one.name for one in found.candidates}
    if result["choice"] == "none":
        taken = needs.get("wrong_penalty", 0.0)
        means = {one.name: one.quality.mean() - taken * one.wrong.mean() for one in found.candidates}
        assert all(means[name] <= 0.0 for name in names - failed)
    else:
        assert result["choice"] in names - failed and result["choice"] in result["within_margin"]
    shares = result["p_best_by_method"]
    assert set(shares) == names - failed
    if shares and None not in shares.values():
        assert sum(shares.values()) == pytest.approx(1.0)
        assert all(result["p_within_by_method"][name] >= 0.0 for name in shares)
    if result["clear"]:
        assert result["p_best"] >= 0.8
    said = [result["sentence"], result["reason"], *(flip["sentence"] for flip in result["flips"])]
    assert not re.search(r"-0\.0+(?![0-9])", " ".join([*said, *(gate["reason"] for gate in result["gates"])]))
    assert sum(one["weight"] for one in result["criteria_used"]) == pytest.approx(1.0)
    assert {one["name"] for one in result["criteria_used"]}.isdisjoint(
        one["name"] for one in result["criteria_dropped"]
    )

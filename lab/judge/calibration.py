"""How far a judge can be trusted, told by people's labels of the same answers, and rates corrected by them.

'Positive' is correct, 'negative' is incorrect or not attempted. Sensitivity = P(judge says correct | people say so),
specificity = P(judge does not | people do not). With the judge's raw rate p of correct answers:

- Rogan and Gladen (1978): (p + specificity - 1) / (sensitivity + specificity - 1).
- Prediction-powered (Angelopoulos et al. 2023, arXiv 2301.09633): mean of the judge over all answers, plus the mean of
  (people - judge) over the labelled ones.

Where sensitivity or specificity differ between methods, the raw rates rank the methods wrongly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scipy import stats

from lab.judge.grading import Grade
from lab.judge.rows import Graded

DIFFERS = 0.05  # spread of sensitivity or specificity over the methods from which on there is a warning
ENOUGH_LABELS = 100
_ROUNDING = 1e-12

Place = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Label:
    """What a person says of one answer."""

    question_id: str
    method: str
    seed: int
    grade: Grade

    @property
    def place(self) -> Place:
        """What names the answer in the run: question, method, seed."""
        return self.question_id, self.method, self.seed


def calibrate(graded: Sequence[Graded], labels: Sequence[Label]) -> dict[str, Any]:
    """Agreement of judge and people, per method and overall, and each method's corrected rates; plain JSON types.

    The labelled answers of a method should be a random part of its answers. Labels of answers that were not judged, and
    of those whose reply could not be read, are counted and left out.
    """
    said = {label.place: label.grade for label in labels}
    by_method: dict[str, list[Graded]] = {}
    for one in graded:
        by_method.setdefault(one.row.method, []).append(one)
    found = {method: _of_method(several, said) for method, several in by_method.items()}
    labelled = [one for one in graded if one.row.place in said]
    both = [(said[one.row.place], one.grade) for one in labelled if one.grade is not None]
    return {
        "labels": len(labels),
        "used": len(both),
        "not_judged": len(labels) - len(labelled),
        "unparsed": len(labelled) - len(both),
        "overall": agreement(both),
        "by_method": found,
        "warnings": _warnings(found, len(both)),
    }


def agreement(both: Sequence[tuple[Grade, Grade]]) -> dict[str, Any]:
    """Of (people, judge) grades: kappa of the three labels; sensitivity, specificity with n and Wilson's interval."""
    hits = [judge == "correct" for human, judge in both if human == "correct"]
    rejections = [judge != "correct" for human, judge in both if human != "correct"]
    return {
        "n": len(both),
        "kappa": kappa([human for human, _ in both], [judge for _, judge in both]),
        "sensitivity": _share(hits, "no answer is labelled correct"),
        "specificity": _share(rejections, "no answer is labelled incorrect or not attempted"),
    }


def kappa(one: Sequence[str], other: Sequence[str]) -> dict[str, Any]:
    """Cohen's kappa (1960) of two lists of labels: chance agreement is 0, full agreement 1."""
    if not one:
        return {"value": None, "reason": "no answer has both labels"}
    if len({*one, *other}) == 1:
        return {"value": None, "reason": f"both say {one[0]!r} every time, so chance agrees as well"}
    from sklearn.metrics import cohen_kappa_score

    return {"value": float(cohen_kappa_score(list(one), list(other))), "reason": None}


def rogan_gladen(observed: float, sensitivity: float | None, specificity: float | None) -> dict[str, Any]:
    """The true rate behind an observed one, in [0, 1]; `unclipped` is what the formula gave.

    None where people labelled no answer of a kind, or the judge is no better than chance (the two sum to 1 or less).
    """
    if sensitivity is None or specificity is None:
        return _no_rate("needs labels of right and of wrong answers of this method")
    if sensitivity + specificity <= 1.0 + _ROUNDING:
        return _no_rate(
            "sensitivity and specificity sum to 1 or less: the judge tells right from wrong no better than chance"
        )
    return _clipped((observed + specificity - 1.0) / (sensitivity + specificity - 1.0))


def prediction_powered(
    judged: Sequence[float], errors: Sequence[float | None], clusters: Sequence[str]
) -> dict[str, Any]:
    """The judge's mean over all answers plus its mean error over the labelled ones, in [0, 1].

    One entry per judged answer: 1 if the judge calls it correct, people's 1 or 0 minus that (None without a label), and
    its cluster. The 95 % interval is not clipped. Its error is that of the sum, cluster by cluster, of both means' own
    deviations; Student's t with one degree of freedom less than there are clusters with a label.
    """
    no_interval = {"low": None, "high": None}
    if not judged:
        return _no_rate("the judge graded no answer of this method") | no_interval
    labelled = [error for error in errors if error is not None]
    if not labelled:
        return _no_rate("no answer of this method is labelled") | no_interval
    mean, bias = sum(judged) / len(judged), sum(labelled) / len(labelled)
    deviation: dict[str, float] = {}
    for value, error, cluster in zip(judged, errors, clusters, strict=True):
        own = (value - mean) / len(judged) + (0.0 if error is None else (error - bias) / len(labelled))
        deviation[cluster] = deviation.get(cluster, 0.0) + own
    informed = len({cluster for error, cluster in zip(errors, clusters, strict=True) if error is not None})
    if informed < 2:
        return _clipped(mean + bias) | no_interval
    scale = len(deviation) / (len(deviation) - 1)
    spread = math.sqrt(scale * sum(part**2 for part in deviation.values()))
    half = float(stats.t.ppf(0.975, informed - 1)) * spread
    return _clipped(mean + bias) | {"low": mean + bias - half, "high": mean + bias + half}


def _of_method(graded: Sequence[Graded], labels: Mapping[Place, Grade]) -> dict[str, Any]:
    readable = [(one.row, one.grade) for one in graded if one.grade is not None]
    judged = [float(grade == "correct") for _, grade in readable]
    errors = [
        None if row.place not in labels else float(labels[row.place] == "correct") - value
        for (row, _), value in zip(readable, judged, strict=True)
    ]
    found = agreement([(labels[row.place], grade) for row, grade in readable if row.place in labels])
    observed = sum(judged) / len(judged) if judged else None
    corrected = (
        _no_rate("the judge graded no answer of this method")
        if observed is None
        else rogan_gladen(observed, found["sensitivity"]["value"], found["specificity"]["value"])
    )
    return {
        **found,
        "observed": observed,
        "rogan_gladen": corrected,
        "prediction_powered": prediction_powered(judged, errors, [row.cluster for row, _ in readable]),
    }


def _share(successes: Sequence[bool], reason: str) -> dict[str, Any]:
    if not successes:
        return {"value": None, "low": None, "high": None, "n": 0, "reason": reason}
    interval = stats.binomtest(sum(successes), len(successes)).proportion_ci(method="wilson")
    return {
        "value": sum(successes) / len(successes),
        "low": float(interval.low),
        "high": float(interval.high),
        "n": len(successes),
        "reason": None,
    }


def _clipped(value: float) -> dict[str, Any]:
    inside = min(max(value, 0.0), 1.0)
    return {
        "value": inside,
        "unclipped": value,
        "clipped": inside != value,
        "reason": None,
    }


def _no_rate(reason: str) -> dict[str, Any]:
    return {"value": None, "unclipped": None, "clipped": False, "reason": reason}


def _warnings(by_method: Mapping[str, Mapping[str, Any]], used: int) -> list[str]:
    warnings = []
    if used < ENOUGH_LABELS:
        warnings.append(
            f"{used} labels could be used; {ENOUGH_LABELS} to {2 * ENOUGH_LABELS}, spread over the methods, tell more"
        )
    for name in ("sensitivity", "specificity"):
        found = {
            method: (values[name]["value"], values[name]["n"])
            for method, values in by_method.items()
            if values[name]["value"] is not None
        }
        if len(found) < 2:
            continue
        least, most = min(found, key=lambda method: found[method][0]), max(found, key=lambda method: found[method][0])
        if found[most][0] - found[least][0] > DIFFERS:
            warnings.append(
                f"the judge's {name} differs between methods: {found[least][0]:.2f} for {least} "
                f"(n = {found[least][1]}), {found[most][0]:.2f} for {most} (n = {found[most][1]}); "
                "the raw rates rank them with a bias"
            )
    for method, values in by_method.items():
        for name in ("rogan_gladen", "prediction_powered"):
            if values[name]["clipped"]:
                warnings.append(
                    f"{method}: {name} gave {values[name]['unclipped']:.3f}, which was put back into [0, 1]"
                )
    return warnings

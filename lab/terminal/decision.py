"""A recommendation in the terminal: a table of the candidates, the reasons, and what would change it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

from lab import rounding
from lab.report.markdown import render_sections
from lab.report.page import decision_sections
from lab.report.words import join, metric_label
from lab.terminal.console import cell
from lab.types import ExperimentResult

SIGNS = {"pass": "passes", "fail": "fails", "unknown": "unknown"}


def as_json(result: ExperimentResult) -> str:
    """The `recommendation` object of results.json."""
    return json.dumps(result.recommendation, indent=1, allow_nan=False)


def as_markdown(result: ExperimentResult) -> str:
    """The recommendation as the Markdown report has it."""
    return render_sections(decision_sections(result))


def tables(result: ExperimentResult) -> Iterator[Table]:
    """Candidates, then the gates that do not hold for all of them."""
    yield _candidates(result)
    failed = [gate for gate in result.recommendation["gates"] if gate["verdict"] != "pass"]
    if failed:
        yield _gates(failed)


def text(result: ExperimentResult) -> str:
    """The choice, why, what would change it, and what the decision is about."""
    found = result.recommendation
    miss = found["nearest_miss"]["sentence"] if found["nearest_miss"] else ""
    said = [part for part in (found["sentence"], miss) if part and part not in found["reason"]]
    lines = [f"recommendation: {found['choice']}", *said, found["reason"]]
    lines += ["", "what would change it:", *(f"- {flip['sentence']}" for flip in found["flips"])]
    lines += [] if found["flips"] else ["- nothing that was measured or declared"]
    dropped = [f"{one['name']} ({one['reason']})" for one in found["criteria_dropped"]]
    lines += ["", f"criteria: {join(one['name'] for one in found['criteria_used'])}"]
    lines += [f"without weight: {'; '.join(dropped)}"] if dropped else []
    return "\n".join([*lines, f"scope: {_scope(found['scope'])}"])


def _candidates(result: ExperimentResult) -> Table:
    found, primary = result.recommendation, str(result.config["metrics"]["primary"])
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("method", f"{metric_label(primary)} [95 %]"):
        table.add_column(cell(name), no_wrap=True)
    for name in ("utility", "P(best)", "P(within margin)", "cost a question"):
        table.add_column(name, justify="right")
    per_method: Mapping[str, Any] = (found["costs"] or {}).get("per_method", {})
    for name in per_method or found["utility"]:
        estimate = result.methods[name]["metrics"][primary]
        utility = (found["utility"].get(name) or {}).get("mean")
        price = per_method.get(name, {}).get("cost_per_question")
        table.add_row(
            cell(name),
            rounding.with_interval(estimate["mean"], estimate["low"], estimate["high"]),
            rounding.score(utility),
            _chance(found["p_best_by_method"], name),
            _chance(found["p_within_by_method"], name),
            "no price" if price is None else f"{price:.2g}",
            style="bold" if name == found["choice"] else None,
        )
    return table


def _chance(chances: Mapping[str, Any], name: str) -> str:
    return rounding.chance(chances[name]) if name in chances else "excluded"


def _gates(gates: list[Mapping[str, Any]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("gate", "method", "verdict", "reason"):
        table.add_column(name)
    for gate in gates:
        table.add_row(*map(cell, (gate["need"], gate["method"], SIGNS[gate["verdict"]], gate["reason"])))
    return table


def _scope(scope: Mapping[str, Any]) -> str:
    mde = scope.get("mde")
    parts = [
        scope.get("model") or "answers given in a file",
        scope["domain"],
        f"{scope['n']} questions in {scope['clusters']} clusters",
        f"{scope['seeds']} training {'run' if scope['seeds'] == 1 else 'runs'}",
        f"track {scope['track']}",
        f"differences from {mde:.2f} on would have shown" if mde else "",
        str(scope.get("date") or ""),
    ]
    return ", ".join(filter(None, parts))

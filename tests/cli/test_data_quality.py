"""What `lab check` and a run say of the data: in the terminal, to programs, and in the report."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FEW = {"holdout": {"test": 0.2, "dev": 0.1, "limit_train": 8, "limit_dev": 2, "limit_test": 8}}


def spoil(world: Any) -> None:
    """Every question of the last two parts is synthetic, and one document holds an address."""
    for row in world.questions[-16:]:
        row["synthetic"] = "cloze"
    world.documents[0]["text"] += " Ask jane.doe@velloway.org."


def use(world: Any, encoder: Path, generator: Path | None = None) -> None:
    world.config["index"] = {"encoder": str(encoder), "passage_tokens": 32, "overlap": 8, "k": 2}
    if generator:
        world.config["generator"] = {"model": str(generator), "device": "cpu", "dtype": "float32", "few_shot": 0}


def test_check_shows_errors_and_warnings_and_counts_notes(world: Any, lab: Callable[..., Any]) -> None:
    spoil(world)
    world.write()
    outcome = lab("check", world.file)
    assert outcome.code == 0, "without --strict it only tells"
    part = outcome.out.partition("data quality")[2]
    assert re.fullmatch(r" +\d errors, \d warnings, \d notes, from 10 checks", part.splitlines()[0])
    assert part.index("  error ") < part.index("  warning ")
    assert "personal data: 1 e-mail address in 1 of 6 documents." in part
    assert "such as pump: j***@***.org" in part and "jane" not in outcome.out
    assert "drift of meaning: embeds" in part and "contamination: known once" in part


@pytest.mark.usefixtures("one_thread")
def test_strict_fails_with_the_data_and_embeds_the_questions(
    world: Any, lab: Callable[..., Any], tiny_encoder: Path
) -> None:
    use(world, tiny_encoder)
    spoil(world)
    world.write()
    outcome = lab("check", world.file, "--strict", "--json")
    assert outcome.code == 1
    found = json.loads(outcome.out)
    counts = [sum(one["severity"] == name for one in found["quality"]["findings"]) for name in ("error", "warning")]
    assert outcome.err == f"error: strict: {counts[0]} errors and {counts[1]} warnings in the data\n"
    assert list(found["quality"]["not_checked"]) == ["contamination"]
    assert (found["corpus"]["documents"], found["tokens"]["rag"]["max"] > 0) == (6, True)


def test_strict_passes_where_nothing_is_wrong(
    world: Any, lab: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lab.quality.checks import Quality

    monkeypatch.setattr("lab.checkup.inspect_data", lambda facts: Quality((), ("size",), {}))
    world.write()
    outcome = lab("check", world.file, "--strict")
    assert (outcome.code, outcome.err) == (0, "")
    assert "0 errors, 0 warnings, 0 notes, from 1 check" in outcome.out


@pytest.mark.usefixtures("one_thread")
def test_a_run_keeps_what_was_found_and_marks_what_no_person_wrote(
    world: Any, lab: Callable[..., Any], tiny_model: Path, tiny_encoder: Path
) -> None:
    use(world, tiny_encoder, tiny_model)
    spoil(world)
    world.config |= {"methods": ["closed-book", "rag"], **FEW}
    for row in world.questions:
        row["synthetic"] = "cloze"
    world.write()
    assert lab("run", world.file, "--out", world.out, "--quiet").code == 0

    result = json.loads((world.out / "results.json").read_text(encoding="utf-8"))
    quality = result["corpus"]["quality"]
    assert "contamination" in quality["checked"] and quality["not_checked"] == {}
    checks = {one["check"] for one in quality["findings"]}
    assert {"contamination", "drift", "personal data", "size of the test", "who wrote the questions"} <= checks
    assert result["corpus"]["sides"]["test"]["synthetic"] == {"cloze": 8}
    rows = [json.loads(line) for line in (world.out / "answers.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {row["synthetic"] for row in rows} == {"cloze"}
    report = (world.out / "report.md").read_text(encoding="utf-8")
    assert report.startswith("> **Warning:** All 8 test questions were written by cloze from the passages")
    assert "Data quality" in report and "jane.doe" not in report.partition("Data quality")[2][:4000]

    log = (world.out / "run.log").read_text(encoding="utf-8")
    assert "data quality, warning: 1 e-mail address in 1 of 6 documents." in log
    assert "all steps were reused" in lab("run", world.file, "--out", world.out).out

"""What fuzzing found, each as the smallest file that showed it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from corpus_cases import JSONL, PADS
from question_cases import CORPUS
from run_cases import LABELS, RECIPE_FILES, RUN, read_own_answers
from sample_files import zip_bytes
from small_world import read_at
from yaml_cases import read_gate

from lab.compare.runs import read_runs
from lab.config import load_config
from lab.create.state import read_state
from lab.errors import ConfigError, DataError
from lab.ingest.ingest import ingest
from lab.judge.labels import read_labels
from lab.judge.rows import read_answers
from lab.recipe import read_recipe
from lab.yaml_file import apply_override

LONG = "a" * 50_000
LONGEST_MESSAGE = 1500


def lay(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_a_file_without_a_name_in_an_archive_stops_nothing(tmp_path: Path) -> None:
    archive = zip_bytes({"Xa.md": "The pump is red.", "b.md": "The rope is blue."})
    (tmp_path / "m.zip").write_bytes(archive.replace(b"Xa.md", b"\0a.md"))  # zipfile ends a name at NUL
    found = {outcome.path.partition("/")[2]: outcome.status for outcome in ingest([tmp_path]).files}
    assert found["m.zip"] == "opened"
    assert found["m.zip/b.md"] == "read"
    assert len(found) == 3


def test_a_damaged_column_of_a_parquet_file_does_not_end_the_process() -> None:
    code = "import sys; from lab.ingest.ingest import ingest; print(ingest(sys.argv[1:]).files[0].reason)"
    file = Path(__file__).parent / "found" / "level-histogram.parquet"
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert "histogram" in done.stdout


def test_the_reason_of_a_broken_file_is_short(tmp_path: Path) -> None:
    name = "b" * 5000 + ".md"
    archive = zip_bytes({name: "The pump is red."})
    (tmp_path / "m.zip").write_bytes(archive.replace(b"bbbb", b"cccc", 1))  # zipfile quotes both names
    reasons = [outcome.reason or "" for outcome in ingest([tmp_path]).files if outcome.status == "failed"]
    assert reasons
    assert max(map(len, reasons)) <= 400


@pytest.mark.parametrize(
    "column",
    [
        pa.array([2**63 - 1], pa.timestamp("us")),
        pa.array([2**63 - 1], pa.duration("s")),
        pa.array([0], pa.timestamp("us", "Nowhere/Town")),
    ],
    ids=["late", "long", "nowhere"],
)
def test_times_that_python_cannot_hold_are_a_fault(column: pa.Array, tmp_path: Path) -> None:
    text = pa.array([PADS])
    file = tmp_path / "rows.parquet"
    pq.write_table(pa.Table.from_arrays([text, text, text, column], ["question", "answers", "context", "at"]), file)
    with pytest.raises(DataError, match="not Parquet that can be read"):
        read_at(file, "table")


YAML = {
    "a date that is none": "2020-13-45",
    "a time that is none": "2020-01-01 25:61:61",
    "a number of 5,000 digits": "9" * 5000,
    "a hexadecimal number of 5,000 digits": "0x" + "f" * 5000,
    "hexadecimal without digits": "0x_",
    "binary without digits": "0b_",
    "no whole number": "!!int abc",
    "an empty whole number": "!!int ''",
    "no number": "!!float abc",
    "no truth": "!!bool abc",
    "no time": "!!timestamp abc",
    "no mapping": "!!map [a]",
    "deep": "[" * 3000,
    "deep and closed": "[" * 400 + "]" * 400,
    "a value of many aliases": "{a: &a [1,1], b: &b [*a,*a,*a,*a,*a,*a], c: &c [*b,*b,*b], d: [*c,*c,*c]}",
}


@pytest.mark.parametrize("value", YAML.values(), ids=YAML)
def test_yaml_that_stands_for_nothing_is_a_fault(value: str, tmp_path: Path) -> None:
    file = tmp_path / "experiment.yaml"
    file.write_text(f"name: pads\nmethods: {value}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    assert str(file) in str(caught.value)
    assert len(str(caught.value)) <= LONGEST_MESSAGE
    (tmp_path / "gate.yaml").write_text(f"require: {value}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"gate\.yaml"):
        read_gate(tmp_path)


@pytest.mark.parametrize("value", ["2020-13-45", "!!bool abc", "[" * 3000], ids=["date", "truth", "deep"])
def test_an_override_that_stands_for_nothing_is_a_fault(value: str) -> None:
    with pytest.raises(ConfigError, match="not readable as YAML"):
        apply_override({}, f"index.k={value}")


def test_keys_as_long_as_a_file_are_shown_short(tmp_path: Path) -> None:
    row = json.dumps({LONG: 1, "question_id": "q1", "id": "d9"}).encode() + b"\n"
    stranger = json.dumps({"question_id": LONG, "method": LONG, "answer": "x"}).encode()
    csv = f"{LONG},{LONG},context\nx,y,z\n".encode()
    lay(tmp_path, {"jsonl/documents.jsonl": row, "jsonl/questions.jsonl": b"", "table/rows.csv": csv})
    for folder, line in (("score", row), ("strange", stranger)):
        lay(tmp_path / folder, {"own.jsonl": line, **{f"corpus/{name}": data for name, data in JSONL.items()}})
    lay(tmp_path, {**RUN, "one/questions.jsonl": row, "two/labels.csv": f"{LONG},method,label\n".encode()})
    tries = [
        lambda: read_at(tmp_path / "jsonl", "jsonl"),
        lambda: read_at(tmp_path / "table", "table"),
        lambda: read_own_answers(tmp_path / "score"),
        lambda: read_own_answers(tmp_path / "strange"),
        lambda: read_runs([tmp_path / "one", tmp_path / "two"]),
        lambda: read_labels(tmp_path / "two" / "labels.csv", read_answers(tmp_path / "two")),
    ]
    for attempt in tries:
        with pytest.raises(DataError) as caught:
            attempt()
        assert len(str(caught.value)) <= LONGEST_MESSAGE


def test_a_label_as_long_as_a_file_is_shown_short(tmp_path: Path) -> None:
    lay(tmp_path, {**RUN, "labels.csv": LABELS.replace(b"correct", LONG.encode())})
    with pytest.raises(DataError) as caught:
        read_labels(tmp_path / "labels.csv", read_answers(tmp_path / "one"))
    assert len(str(caught.value)) <= LONGEST_MESSAGE


def test_answers_in_another_encoding_are_a_fault(tmp_path: Path) -> None:
    lay(tmp_path, {**RUN, "one/answers.jsonl": b"\xfb" + RUN["one/answers.jsonl"]})
    with pytest.raises(DataError, match=r"answers\.jsonl:1"):
        read_answers(tmp_path / "one")


@pytest.mark.parametrize("fact", [b'"cluster": ["d0"]', b'"answerable": "no"', b'"gold_rank": "1"', b'"known": 7'])
def test_facts_of_other_types_are_a_fault(fact: bytes, tmp_path: Path) -> None:
    name = fact.split(b":")[0]
    lines = RUN["one/questions.jsonl"]
    before = next(part for part in lines.splitlines()[0].strip(b"{}").split(b", ") if part.startswith(name))
    lay(tmp_path, {**RUN, "one/questions.jsonl": lines.replace(before, fact, 1)})
    with pytest.raises(DataError, match="do not fit each other or are damaged"):
        read_runs([tmp_path / "one", tmp_path / "two"])


def test_a_name_as_long_as_a_file_is_shown_short(tmp_path: Path) -> None:
    (tmp_path / "experiment.yaml").write_text(f"name: '{LONG} !'\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "experiment.yaml")
    assert len(str(caught.value)) <= LONGEST_MESSAGE


def test_a_seed_that_is_no_number_is_a_fault(tmp_path: Path) -> None:
    lay(tmp_path, {**RUN, "one/answers.jsonl": RUN["one/answers.jsonl"].replace(b'"seed": 1', b'"seed": [1]')})
    with pytest.raises(DataError, match=r"answers\.jsonl:1: seed: expected a whole number"):
        read_runs([tmp_path / "one", tmp_path / "two"])


@pytest.mark.parametrize(
    "text", ["[" * 5000, '{"a":' * 5000, "9" * 5000, "NaN"], ids=["lists", "objects", "digits", "nan"]
)
def test_a_recipe_that_is_no_recipe_is_a_fault(text: str, tmp_path: Path) -> None:
    lay(tmp_path, {**RECIPE_FILES, "run/.work/recipe.json": text.encode()})
    with pytest.raises(DataError, match=r"recipe\.json: not readable"):
        read_recipe(tmp_path / "run")


def test_a_recipe_whose_folder_has_no_possible_name_is_a_fault(tmp_path: Path) -> None:
    recipe = RECIPE_FILES["run/.work/recipe.json"].replace(b'"raft-1"', b'"' + LONG.encode() + b'"')
    lay(tmp_path, {**RECIPE_FILES, "run/.work/recipe.json": recipe})
    with pytest.raises(DataError, match=r"recipe\.json: not readable"):
        read_recipe(tmp_path / "run")


@pytest.mark.parametrize("text", ["[]", "5", '{"a": 1}', "null"], ids=["list", "number", "object", "null"])
def test_a_manifest_with_values_of_other_types_is_a_fault(text: str, tmp_path: Path) -> None:
    manifest = json.loads(CORPUS["ingest.json"])
    manifest["files"][0]["document_ids"] = [json.loads(text)]
    lay(tmp_path, {**CORPUS, "ingest.json": json.dumps(manifest).encode()})
    with pytest.raises(DataError, match=r"ingest\.json: not a manifest"):
        read_state(tmp_path)


def test_documents_of_the_lab_with_values_of_other_types_are_a_fault(tmp_path: Path) -> None:
    lines = CORPUS["documents.jsonl"].replace(b'"metadata": {', b'"metadata": {"year": 1999, ')
    lay(tmp_path, {**CORPUS, "documents.jsonl": lines})
    with pytest.raises(DataError, match=r"documents\.jsonl"):
        read_state(tmp_path)

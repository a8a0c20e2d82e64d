"""The readers of what people and runs write: questions, reviews, experiments, results, answers, scores, labels, recipes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import yaml
from corpus_cases import DOCUMENTS, JSONL, PADS, QUESTIONS, SALT, parquet_bytes, parquet_files
from fuzzing import Case
from hostile import (
    EDITS,
    RAW,
    TREE_EDITS,
    as_lines,
    edited,
    edited_tree,
    json_bytes,
    spoiled_bytes,
    spoiled_json,
    spoiled_table,
)
from hypothesis import strategies as st
from properties import check_question
from small_world import read_at

from lab.compare.runs import read_runs
from lab.config import ExperimentConfig, load_config
from lab.create.importing import as_row, import_questions
from lab.create.state import read_state
from lab.errors import ConfigError
from lab.files import write_jsonl
from lab.gate.language import Names
from lab.gate.read import read_requirements, reasons_in
from lab.ingest.ingest import ingest
from lab.ingest.manifest import manifest_of, save_manifest
from lab.ingest.nouns import as_row as document_row
from lab.judge.labels import read_labels
from lab.judge.rows import read_answers as read_judged
from lab.own_answers import read_submission
from lab.recipe import read_recipe
from lab.report.read import read_answers, read_result
from lab.synthesis.review import apply, read_review, write_review
from lab.types import Document, Evidence, Question
from lab.yaml_file import apply_override

TEXTS = (
    Document("manual-brakes", "Brakes", PADS, {"source": "manual/brakes.pdf"}),
    Document("salt", "Salt", SALT, {"source": "salt.md"}),
)
ASKED = [
    {"id": "a", "query": "How long do pads last?", "ground_truth": "400 hours", "file": "brakes.pdf", "kind": "number",
     "evidence": "Pads last 400 hours.", "group": "g", "split": "train"},
    {"id": "b", "query": "Is salt white?", "ground_truth": ["yes"], "file": ["salt.md"], "split": "test",
     "evidence": [{"document": "salt", "start": 0, "end": 14}]},
    {"id": "c", "query": "Who?", "ground_truth": None, "file": "salt"},
]  # fmt: skip
ASKED_TABLE = [
    ["Query", "Ground Truth", "File", "Evidence", "Split"],
    ["How long do pads last?", "400 hours", "brakes.pdf", "Pads last 400 hours.", "train"],
    ["Is salt white?", '["yes", "it is"]', "salt", "", "test"],
    ["Who?", "", "", "", "train"],
]
ASKED_CSV = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in ASKED_TABLE).encode()


def read_questions(folder: Path) -> None:
    """A question file beside documents: imported questions have evidence that holds their answers."""
    (file,) = folder.iterdir()
    found = import_questions(file, TEXTS, ())
    texts = {document.id: document.text for document in TEXTS}
    for question in found.questions:
        check_question(question, texts, quoted=True)
    assert len({question.id for question in found.questions}) == len(found.questions)
    assert all(note.strip() and note.encode() for note in found.notes)
    corpus = folder / "corpus"
    corpus.mkdir()
    write_jsonl(corpus / "documents.jsonl", [document_row(one) for one in TEXTS])
    write_jsonl(corpus / "questions.jsonl", [as_row(one) for one in found.questions])
    if found.questions:
        assert read_at(corpus, "jsonl").questions == found.questions


REVIEWED = (
    Question("q1", "How long do pads last?", ("400 hours",), "number", (Evidence("salt", 0, 14),), synthetic="cloze"),
    Question("q2", "Who paints it?", (), "unanswerable", (), "salt", synthetic="cloze"),
    Question("q3", "=What is white?", ("Salt", "a | b"), "span", (Evidence("salt", 0, 14),)),
)
REVIEW_TABLE = [
    ["id", "keep", "question", "answer", "kind", "document", "passage", "maker", "note"],
    ["q1", "yes", "How long do pads last?", "400 hours", "number", "salt", "", "cloze", ""],
    ["q2", "no", "Who paints it?", "", "unanswerable", "salt", "", "cloze", ""],
    ["q3", "", "'=What is white?", "Salt | a \\| b", "span", "salt", "", "person", "=1+1"],
]
REVIEW_CSV = "\n".join(",".join(row) for row in REVIEW_TABLE).encode()


def read_a_review(folder: Path) -> None:
    """What people corrected is a question like all others, and can be written for review again."""
    corrections = read_review(folder / "review.csv", REVIEWED, TEXTS)
    applied = apply(REVIEWED, corrections)
    texts = {document.id: document.text for document in TEXTS}
    assert len(applied.questions) + len(applied.removed) == len(REVIEWED)
    for question in applied.questions:
        check_question(question, texts, quoted=False)
    write_review(folder / "again", applied.questions, TEXTS)


def corpus_folder() -> dict[str, bytes]:
    """A folder as `lab init` leaves it, but for its experiment file."""
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        docs, corpus = Path(place, "docs"), Path(place, "corpus")
        docs.mkdir()
        corpus.mkdir()
        (docs / "a.md").write_text(PADS, encoding="utf-8")
        (docs / "b.txt").write_text(SALT, encoding="utf-8")
        found = ingest([docs])
        save_manifest(corpus / "ingest.json", manifest_of(found))
        write_jsonl(corpus / "documents.jsonl", [document_row(one) for one in found.documents])
        (corpus / "questions.jsonl").write_bytes(as_lines(QUESTIONS))
        return {file.name: file.read_bytes() for file in corpus.iterdir()}


CORPUS = corpus_folder()
MANIFEST = json.loads(CORPUS["ingest.json"]) | {"init": {"docs": ["../docs"], "experiment_sha256": None}}
MADE = [json.loads(line) for line in CORPUS["documents.jsonl"].splitlines()]

EXPERIMENT: dict[str, Any] = {
    "name": "pads",
    "domain": "brakes of ropeways",
    "corpus": {"path": ".", "format": "jsonl"},
    "holdout": {"track": "question", "test": 0.2, "dev": 0.1, "seed": 7, "limit_test": None},
    "index": {"encoder": "minilm", "passage_tokens": 96, "overlap": 16, "k": 3},
    "methods": ["closed-book", "rag", "raft", "oracle"],
    "training": {"learning_rate": 0.001, "epochs": 3, "seeds": [1, 2]},
    "metrics": {"primary": "token_f1", "margin": 0.03},
    "economics": {},
    "needs": {},
}
YAML_PIECES = [
    "&a [*a]", "2020-13-45", "2020-01-01 25:61:61", "0x" + "f" * 5000, "0b" + "1" * 20_000, "1:99:99", "9" * 5000, "1" * 4999 + "e5",
    "!!python/object/apply:os.system [ls]", "!!binary '%%'", "!!int ''", "!!int abc", "!!float abc", "!!bool abc", "!!null abc",
    "!!timestamp abc", "!!set {a}", "!!omap [a]", "!!pairs [a: 1]", "!!str [a]", "!!map [a]", "!!seq {a: 1}", "!!x y", "! x",
    "{<<: x}", "{<<: [{a: 1}, 2]}", "{[a]: 1}", "{{a: 1}: 2}", "{? [a] : b}", "=", ".inf", ".nan", "~", "1e400", "{a: 1, a: 2}",
    "{1: 1, '1': 2}", "{~: 1}", "{1.5: 1}", "{true: 1}", "[" * 3000, "[" * 400 + "]" * 400, "{a: " * 3000, "- " * 3000, "? " * 900,
    "*missing", "&a", "'", '"\\ud800"', '"\\xzz"', "%YAML 9.9", "---", "...", "@", "`", "\t", "|", ">-\n", "# x", "a: b: c", "\ufeff",
    "\0", "\x85", "\u2028", "\x07", "!!merge x", "!<tag:yaml.org,2002:int> []", "-0o7", "+.5", "_", "1_000", "0_", "0x_", "0b_", "._",
    "{a: &x [1,2,3,4,5,6,7,8], b: &y [*x,*x,*x,*x,*x,*x], c: &z [*y,*y,*y,*y,*y,*y], d: &w [*z,*z,*z,*z,*z,*z], e: [*w,*w,*w,*w,*w,*w]}",
]  # fmt: skip


def yaml_bytes(tree: Any) -> bytes:
    text = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True)
    for word, raw in RAW.items():
        text = text.replace(word, raw)
    for number, piece in enumerate(YAML_PIECES):
        text = text.replace(f"<y{number}>", piece)
    return text.encode("utf-8", "surrogatepass")


@st.composite
def spoiled_yaml(draw: Any, tree: Any) -> bytes:
    """YAML of a tree after some edits, with pieces of YAML as values, and edits of its bytes."""
    words = st.sampled_from([f"<y{number}>" for number in range(len(YAML_PIECES))])
    pieces = st.tuples(st.just("value") | st.just("rename"), st.integers(0, 99), words)
    changed = edited_tree(tree, draw(st.lists(pieces | TREE_EDITS, max_size=3)))
    data = yaml_bytes(changed)
    put = st.tuples(
        st.sampled_from(["put", "over"]), st.integers(0, 1 << 16), st.sampled_from(YAML_PIECES).map(_encoded)
    )
    return edited(data, draw(st.lists(put | EDITS, max_size=1)), data)


def _encoded(piece: str) -> bytes:
    return piece.encode()


def read_experiment(folder: Path) -> None:
    """A config that was read can be written as JSON, and read again to the same config."""
    config = load_config(folder / "experiment.yaml")
    text = json.dumps(config.resolved(), allow_nan=False)
    assert ExperimentConfig.model_validate_json(text) == config
    assert len(config.digest_of_asking()) == 64


def read_override(folder: Path) -> None:
    """--set takes any YAML as a value; what it means is for the config to say."""
    text = (folder / "override.txt").read_bytes().decode("utf-8", "replace")
    tree = json.loads(json.dumps(EXPERIMENT))
    try:
        apply_override(tree, text)
    except ConfigError as error:
        raise ConfigError(str(error)[:1500]) from None  # the override is the user's own words


NAMES = Names(("rag", "raft"), ("token_f1", "exact_match"), (), ())


def read_gate(folder: Path) -> None:
    read_requirements((), folder / "gate.yaml", NAMES)


SCORES = {"rag": (1.0, 0.5, 0.0), "raft": (1.0, 1.0, 0.25)}
METRICS = ("token_f1", "exact_match", "contains", "wrong", "abstained")


def run_files(name: str, shift: float = 0.0) -> dict[str, bytes]:
    """A finished run of three questions and two methods."""
    ids = ["q1", "q2", "q3"]
    facts = [
        {"id": id, "cluster": f"d{n}", "kind": "span", "answerable": True, "answer_words": 2, "has_gold": True,
         "gold_rank": 1, "known": None, "popularity": None}
        for n, id in enumerate(ids)
    ]  # fmt: skip
    scores, answers, methods = [], [], {}
    for method, values in SCORES.items():
        for id, value in zip(ids, values, strict=True):
            for metric in METRICS:
                scores.append(
                    {"question_id": id, "method": method, "seed": 1, "metric": metric, "value": value, "reason": None}
                )
            answers.append(
                {"question_id": id, "method": method, "seed": 1, "question": f"What is {id}?", "kind": "span",
                 "cluster": "d", "gold": ["an answer"], "answer": f"{method} on {id}", "raw": "",
                 "hits": [{"passage": "p", "document": "d", "text": "t", "score": 0.5, "rank": 1, "gold": True}],
                 "scores": {"token_f1": value}, "cause": None}
            )  # fmt: skip
        mean = sum(values) / 3
        estimate = {"mean": mean, "low": None, "high": None, "n": 3, "undefined": 0}
        methods[method] = {"metrics": {"token_f1": estimate}, "latency_ms": {"p50": 1, "p95": 2}}
    comparison = {
        "metric": "token_f1", "method": "raft", "baseline": "rag", "difference": 0.25, "low": None, "high": 0.5, "p": 0.5,
        "p_holm": None, "verdict": None, "n": 3, "clusters": 3, "mde": None, "by_seed": [0.25], "lost": 0,
        "effects": {"relative_error_reduction": 0.5, "odds_ratio": None, "d_z": 0.1},
        "needed": {"difference": 0.1, "questions": 9, "clusters": 9},
    }  # fmt: skip
    result = {
        "schema_version": 1, "name": name, "domain": "a domain", "track": "question", "n_test": 3, "n_clusters": 3,
        "seeds": [1], "corpus": {}, "holdout": {"fingerprint": "f" * 64}, "methods": methods, "comparisons": [comparison],
        "retrieval": {}, "recommendation": {"choice": "none"}, "timings": {"total_s": 1.0, "steps": {}}, "environment": {},
        "config": {"name": name, "metrics": {"primary": "token_f1", "margin": 0.05}}, "analysis": {},
    }  # fmt: skip
    return {
        f"{name}/results.json": json_bytes(result),
        f"{name}/scores.jsonl": as_lines(scores),
        f"{name}/answers.jsonl": as_lines(answers),
        f"{name}/questions.jsonl": as_lines(facts),
    }


RUN = run_files("one") | run_files("two")
ROWS = {name: [json.loads(line) for line in data.splitlines()] for name, data in RUN.items() if name.endswith("l")}
RESULT = json.loads(RUN["one/results.json"])


def read_two_runs(folder: Path) -> None:
    """`lab compare`: both runs, of which one is spoiled."""
    for run in read_runs([folder / "one", folder / "two"]):
        assert run.name
        assert isinstance(run.primary, str)


def read_one_run(folder: Path) -> None:
    """The other readers of a run's files."""
    result = read_result(folder / "one" / "results.json")
    json.dumps(result.config, allow_nan=False)
    read_answers(folder / "one" / "answers.jsonl")
    reasons_in(folder / "one")("rag", "token_f1")


def read_judged_labels(folder: Path) -> None:
    """`lab judge`: people's labels of a run's answers."""
    read_labels(folder / "labels.csv", read_judged(folder / "one"))


LABEL_TABLE = [
    ["question_id", "method", "label", "seed"],
    ["q1", "rag", "correct", "1"],
    ["q2", "raft", "not attempted", ""],
]
LABELS = "\n".join(",".join(row) for row in LABEL_TABLE).encode()
OWN = [
    {"question_id": "q1", "method": "ours", "answer": "400 hours", "seed": 1, "seconds": 0.5, "latency_ms": 9,
     "tokens": {"in": 5, "out": 2}, "logprob": -0.5, "hits": [{"document": "d1", "text": "Pads last", "rank": 1, "score": 0.5}]},
    {"question_id": "2", "method": "ours", "answer": "yes", "seed": 1},
    {"question_id": "q1", "method": "theirs", "answer": "9", "hits": []},
    {"question_id": "2", "method": "theirs", "answer": "", "truncated": True},
]  # fmt: skip


def read_own_answers(folder: Path) -> None:
    """`lab score`: answers of other systems to the corpus beside them."""
    submission = read_submission(folder / "own.jsonl", folder / "corpus")
    assert submission.runs
    assert {len(run.answers) for run in submission.runs} == {len(submission.data.holdout.test)}


PASSAGE = {"id": "d#0", "document_id": "d", "title": "", "text": "Pads", "start": 0, "end": 4, "heading": ""}
PASSAGES = as_lines([PASSAGE])
MODEL = {"name": "smollm2-135m", "folder": "/nowhere", "digest": "d", "note": ""}
RECIPE = {
    "schema_version": 1, "lab": "0.1", "libraries": {"torch": "2"}, "domain": "brakes", "device": "cpu", "dtype": "float32",
    "batch_size": 8, "generator": MODEL, "encoder": MODEL, "rerank": None,
    "index": {"folder": "index", "settings": {"encoder": "minilm", "k": 3}, "depth": 10, "info_sha256": None},
    "passages": {"file": "passages.jsonl", "sha256": hashlib.sha256(PASSAGES).hexdigest(), "n": 1},
    "style": {"domain": "brakes", "reasoning": "none", "labels": []}, "shots": [
        {"question": "Who?", "passages": [PASSAGE], "answer": "x", "reason": None}
    ],
    "max_new_tokens": 16, "context_limit": 2048,
    "methods": {"rag": {"weights": "base", "context": "top-k", "engine": "generator", "adapters": []},
                "raft": {"weights": "raft", "context": "top-k", "adapters": [
                    {"seed": 1, "folder": "raft-1", "sha256": hashlib.sha256(b"a").hexdigest(),
                     "config_sha256": hashlib.sha256(b"c").hexdigest()}]}},
}  # fmt: skip


def read_a_recipe(folder: Path) -> None:
    """`lab ask`: what a run left behind."""
    recipe = read_recipe(folder / "run")
    recipe.passages()


def both(tree: Any, data: bytes, *, lines: bool = False) -> st.SearchStrategy[bytes]:
    return spoiled_json(tree, lines=lines) | spoiled_bytes([data])


def questions_case(name: str, seed: bytes, mutants: st.SearchStrategy[bytes]) -> Case:
    return Case(f"questions in {name}", {f"asked.{name}": seed}, {f"asked.{name}": mutants}, read_questions)


RECIPE_FILES = {
    "run/.work/recipe.json": json_bytes(RECIPE),
    "run/.work/passages.jsonl": PASSAGES,
    "run/.work/raft-1/adapter_model.safetensors": b"a",
    "run/.work/raft-1/adapter_config.json": b"c",
}
ASKED_PARQUET = parquet_bytes([{"question": "How long do pads last?", "answer": "400 hours", "id": "x"}])
RUN_CASES = [
    questions_case("csv", ASKED_CSV, spoiled_table(ASKED_TABLE) | spoiled_bytes([ASKED_CSV])),
    questions_case("jsonl", as_lines(ASKED), both(ASKED, as_lines(ASKED), lines=True)),
    questions_case("json", json_bytes({"questions": ASKED}), both({"questions": ASKED}, json_bytes(ASKED))),
    questions_case("parquet", ASKED_PARQUET, parquet_files() | spoiled_bytes([ASKED_PARQUET])),
    Case(
        "review.csv",
        {"review.csv": REVIEW_CSV},
        {"review.csv": spoiled_table(REVIEW_TABLE) | spoiled_bytes([REVIEW_CSV])},
        read_a_review,
    ),
    Case(
        "corpus folder of lab init",
        {**CORPUS, "ingest.json": json_bytes(MANIFEST)},
        {
            "ingest.json": both(MANIFEST, json_bytes(MANIFEST)),
            "documents.jsonl": both(MADE, CORPUS["documents.jsonl"], lines=True),
            "questions.jsonl": both(QUESTIONS, CORPUS["questions.jsonl"], lines=True),
        },
        read_state,
    ),
    Case(
        "experiment.yaml",
        {"experiment.yaml": yaml_bytes(EXPERIMENT)},
        {"experiment.yaml": spoiled_yaml(EXPERIMENT)},
        read_experiment,
        share=2.0,
    ),
    Case(
        "--set",
        {"override.txt": b"index.k=5"},
        {
            "override.txt": st.tuples(
                st.sampled_from(["index.k=", "name=", "a.b.c=", "name.a=", "=", ".=", "corpus="]),
                st.sampled_from(YAML_PIECES) | st.text(max_size=9),
            ).map(lambda parts: "".join(parts).encode("utf-8", "replace"))
        },
        read_override,
        named=("--set",),
    ),
    Case(
        "gate.yaml",
        {"gate.yaml": yaml_bytes({"require": ["rag.token_f1 >= 0.5", "raft.token_f1.low > 0"]})},
        {"gate.yaml": spoiled_yaml({"require": ["rag.token_f1 >= 0.5", "raft.token_f1.low > 0"]})},
        read_gate,
        named=("requirement",),
    ),
    Case(
        "two runs",
        RUN,
        {"one/results.json": both(RESULT, RUN["one/results.json"])}
        | {name: both(rows, RUN[name], lines=True) for name, rows in ROWS.items() if name.startswith("one/")},
        read_two_runs,
        share=2.0,
    ),
    Case(
        "one run",
        RUN,
        {"one/results.json": both(RESULT, RUN["one/results.json"])}
        | {f"one/{name}": both(ROWS[f"one/{name}"], RUN[f"one/{name}"], lines=True) for name in ("answers.jsonl", "scores.jsonl")},
        read_one_run,
    ),
    Case(
        "labels for the judge",
        {**RUN, "labels.csv": LABELS},
        {
            "labels.csv": spoiled_table(LABEL_TABLE, ",") | spoiled_bytes([LABELS]),
            "one/answers.jsonl": both(ROWS["one/answers.jsonl"], RUN["one/answers.jsonl"], lines=True),
        },
        read_judged_labels,
    ),
    Case(
        "answers of other systems",
        {"own.jsonl": as_lines(OWN), **{f"corpus/{name}": data for name, data in JSONL.items()}},
        {"own.jsonl": both(OWN, as_lines(OWN), lines=True)},
        read_own_answers,
    ),
    Case("recipe.json", RECIPE_FILES, {"run/.work/recipe.json": both(RECIPE, json_bytes(RECIPE))}, read_a_recipe),
]  # fmt: skip

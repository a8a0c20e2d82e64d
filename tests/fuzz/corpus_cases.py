"""The readers of corpus formats, with small files of each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fuzzing import Case
from hypothesis import reject
from hypothesis import strategies as st
from properties import check_corpus
from small_world import read_at
from spoiling import EDITS, as_lines, edited, json_bytes, spoiled_bytes, spoiled_json, spoiled_table

PADS = "Brakes\n\nPads last 400 hours. Pads are red, and wear slowly (see 2.1).\n\n- Oil: weekly.\n- Rope: yearly.\n"
SALT = "Salt is white. \u201cDry\u201d salt keeps ropes strong\u3002Na\u00efve sailors like 2,500 g of it."
DOCUMENTS = [
    {"id": "d1", "title": "Brakes", "text": PADS, "metadata": {"genre": "manual", "year": 1999}},
    {"id": "d2", "title": "", "text": SALT},
]
QUESTIONS = [
    {"id": "q1", "question": "How long do pads last?", "answers": ["400 hours", "400 h"], "kind": "number",
     "evidence": [{"document": "d1", "start": PADS.index("400"), "end": PADS.index("400") + 9}], "split": "train"},
    {"id": 2, "question": "Is salt white?", "answers": ["yes"], "kind": "yes-no", "evidence": [{"document": "d2"}],
     "group": "g", "reason": "It says so.", "split": "test"},
    {"id": "q3", "question": "Who?", "answers": [], "evidence": [], "document": "d2", "synthetic": "cloze"},
]  # fmt: skip
SQUAD = {
    "version": "v2.0",
    "data": [
        {"title": "Brake_pads", "paragraphs": [
            {"context": PADS, "qas": [
                {"id": "s1", "question": "How long?", "answers": [{"text": "400 hours",
                 "answer_start": PADS.index("400")}]},
                {"id": "s2", "question": "Which colour?", "answers": [{"text": "red",
                 "answer_start": 5 + PADS.index("red")}]},
            ]},
            {"context": SALT, "qas": [{"id": "s3", "question": "Who?", "answers": [], "is_impossible": True}]},
        ]},
    ],
}  # fmt: skip
PUBMEDQA = {
    "21": {"QUESTION": "Does salt slow wear?", "CONTEXTS": ["Ropes wear.", "We salted 40 ropes."],
           "LABELS": ["BACKGROUND", "METHODS"], "final_decision": "yes", "LONG_ANSWER": "It does."},
    "22": {"QUESTION": "Do ropes float?", "CONTEXTS": ["They were thrown."], "LABELS": [], "final_decision": "no"},
}  # fmt: skip
TRUTH = {"22": "no"}
HOTPOT = [
    {"_id": "h1", "question": "Which is twisted?", "answer": "a rope", "supporting_facts": [["Rope", 0], ["Salt", 1]],
     "context": [["Rope", ["A rope is twisted.", " It is strong."]], ["Salt", ["Salt is white.", " Dry. "]]]},
    {"id": "h2", "question": "Is it?", "answer": "yes", "supporting_facts": {"title": ["Rope"], "sent_id": [1]},
     "context": {"title": ["Rope"], "sentences": [["A rope is twisted.", " It is strong."]]}},
]  # fmt: skip
BARK = "zoo.load(repo='kennel/bark', pretrained=True)"
CARD = {
    "domain": "Audio", "framework": "Zoo", "functionality": "Sound classification", "api_name": "Bark",
    "api_call": BARK,
    "api_arguments": {"rate": 16000, "labels": ["a", "b"]}, "python_environment_requirements": ["zoo"],
    "example_code": ["import zoo", " zoo.load()"], "performance": {"dataset": "N/A", "accuracy": {"top_1": 74.5}},
    "description": "Tells barks apart.",
}  # fmt: skip
CALLS = [
    {"code": "###Instruction: Tell dogs apart.\n###Input: wav\n###Output: <<<explanation>>>: It is.\n<<<code>>>: x",
     "api_call": BARK, "provider": "Zoo", "api_data": CARD},
    {"code": "{'Instruction': Tell cats apart., 'Output': {'explanation': 'so', 'code': 'x'}}", "api_call": BARK,
     "api_data": CARD},
]  # fmt: skip
OIL = "Oil lasts longer."
RAFT = [
    {"id": "r0", "question": "How long do pads last?", "context": {"title": [["a", "b"]], "sentences": [[OIL, PADS]]},
     "oracle_context": PADS, "cot_answer": "##Reason: it says 400.\n<ANSWER>: 400 hours"},
    {"id": "r1", "question": "And oil?", "context": {"title": ["placeholder_title"], "sentences": [OIL]},
     "oracle_context": [OIL], "cot_answer": "longer"},
]  # fmt: skip
ROWS = [
    {"question": "How long?", "answers": ["400 hours", "400 h"], "context": PADS, "n": 1, "t": "A", "s": "train"},
    {"question": "Which colour?", "answers": "white", "context": [SALT, OIL], "n": 2, "t": ["B", "C"], "s": "test"},
    {"question": "Is it dry?", "answers": True, "context": SALT, "n": "3", "t": "B", "s": "train"},
    {"question": "Who?", "answers": None, "context": OIL, "n": 4, "t": "", "s": "test"},
]  # fmt: skip
TABLE = [
    ["question", "answers", "context", "start", "kind", "group"],
    ["How long?", '["400 hours", "400 h"]', PADS, str(PADS.index("400")), "number", "g"],
    ["Which colour?", "white", SALT, "8", "span", ""],
    ["Who?", "", SALT, "", "", "g"],
]
COLUMNS = {"id": "n", "title": "t", "split": "s"}


def reader(format: str, place: str = "", *, quoted: bool = True, **options: Any) -> Callable[[Path], object]:
    """Reads a folder, or a file in it, as a format and checks the corpus."""
    return lambda folder: check_corpus(read_at(folder / place, format, **options), folder, quoted=quoted)


def json_case(name: str, file: str, tree: Any, *, lines: bool = False, **options: Any) -> Case:
    seed = as_lines(tree) if lines else json_bytes(tree)
    mutants = spoiled_json(tree, lines=lines) | spoiled_bytes([seed])
    return Case(name, {file: seed}, {file: mutants}, reader(name.split(" ")[0], **options))


def parquet_bytes(rows: list[dict[str, Any]]) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return bytes(sink.getvalue())


PLAIN_ROWS = [{"question": "How long?", "answers": ["400 hours"], "context": PADS, "n": 1, "t": "A", "s": "train"}] * 2
NAMES = st.sampled_from(["question", "answers", "context", "n", "t", "s", "id", "text", "document", "start", ""])
ARRAYS = st.sampled_from(
    [
        pa.array(["How long?", "Who?"]), pa.array(["400 hours", None]), pa.array([PADS, SALT]), pa.array([["a"], None]),
        pa.array([[PADS, OIL], []]), pa.array([1, 2]), pa.array([1.5, float("nan")]), pa.array([True, None]),
        pa.array([{"text": ["white"], "start": [8]}, None]), pa.array([b"\xff\xfe", b"a"]), pa.nulls(2),
        pa.array([2**63 - 1, -(2**63)], pa.timestamp("us")), pa.array([2**62, 0], pa.timestamp("s")),
        pa.array([2**63 - 1, 0], pa.duration("s")), pa.array([2**31 - 1, 0], pa.date32()), pa.array([0, 1],
        pa.time64("ns")),
        pa.array([[("a", 1), ("a", 2)], []], pa.map_(pa.string(), pa.int64())), pa.array(["a",
        "a"]).dictionary_encode(),
        pa.StructArray.from_arrays([pa.array([1, 2]), pa.array([3, 4])], ["a", "a"]), pa.array([1, 2**63], pa.uint64()),
        pa.array([b"ab", b"cd"], pa.binary(2)), pa.array([1, 2], pa.timestamp("ns", "Nowhere/Town")),
        pa.Array.from_buffers(pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0"),
        pa.py_buffer(b"\xff\xc3")]),
    ]
)  # fmt: skip


@st.composite
def parquet_files(draw: Any) -> bytes:
    """Tables of columns of many types under names that readers look for, and edits of their bytes."""
    names = draw(st.lists(NAMES, min_size=1, max_size=6))
    sink = pa.BufferOutputStream()
    try:
        pq.write_table(pa.Table.from_arrays([draw(ARRAYS) for _ in names], names), sink)
    except pa.ArrowException:  # what Parquet cannot hold
        reject()
    return edited(bytes(sink.getvalue()), draw(st.lists(EDITS, max_size=2)), b"PAR1")


API = {"zoo_api.jsonl": as_lines([CARD]), "zoo_train.json": as_lines(CALLS[:1]), "zoo_eval.json": as_lines(CALLS)}
JSONL = {"documents.jsonl": as_lines(DOCUMENTS), "questions.jsonl": as_lines(QUESTIONS)}
ORIGINALS = {"ori_pqal.json": json_bytes(PUBMEDQA), "test_ground_truth.json": json_bytes(TRUTH)}
CSV = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in TABLE).encode()

CORPUS_CASES = [
    Case(
        "jsonl",
        JSONL,
        {
            "documents.jsonl": spoiled_json(DOCUMENTS, lines=True) | spoiled_bytes([JSONL["documents.jsonl"]]),
            "questions.jsonl": spoiled_json(QUESTIONS, lines=True) | spoiled_bytes([*JSONL.values()]),
        },
        reader("jsonl"),
        share=1.5,
    ),
    json_case("squad", "squad.json", SQUAD),
    Case(
        "pubmedqa",
        ORIGINALS,
        {
            "ori_pqal.json": spoiled_json(PUBMEDQA) | spoiled_bytes([*ORIGINALS.values()]),
            "test_ground_truth.json": spoiled_json(TRUTH) | spoiled_bytes([*ORIGINALS.values()]),
        },
        reader("pubmedqa"),
    ),
    json_case("hotpotqa", "hotpot.json", HOTPOT, quoted=False),
    json_case("hotpotqa in lines", "hotpot.json", HOTPOT, lines=True, quoted=False, limit=1),
    Case(
        "apibench",
        API,
        {
            "zoo_api.jsonl": spoiled_json([CARD], lines=True) | spoiled_bytes([*API.values()]),
            "zoo_eval.json": spoiled_json(CALLS, lines=True) | spoiled_bytes([*API.values()]),
            "zoo_train.json": spoiled_json(CALLS) | spoiled_bytes([*API.values()]),
        },
        reader("apibench", prefix="zoo"),
    ),
    json_case("raft", "raft.jsonl", RAFT, lines=True),
    json_case("table in lines", "rows.jsonl", ROWS, lines=True, columns=COLUMNS),
    json_case("table in an array", "rows.json", ROWS, columns=COLUMNS),
    Case(
        "table in CSV",
        {"rows.csv": CSV},
        {"rows.csv": spoiled_table(TABLE) | spoiled_bytes([CSV])},
        reader("table", columns={"start": "start", "kind": "kind", "group": "group"}),
        share=1.5,
    ),
    Case(
        "table in Parquet",
        {"rows.parquet": parquet_bytes(PLAIN_ROWS)},
        {"rows.parquet": parquet_files() | spoiled_bytes([parquet_bytes(PLAIN_ROWS)])},
        reader("table", columns={"title": "t"}),
        share=1.5,
    ),
    Case(
        "hub from local files",
        {"data/train.jsonl": as_lines(PLAIN_ROWS)},
        {
            "data/train.jsonl": spoiled_json(PLAIN_ROWS, lines=True) | spoiled_bytes([as_lines(PLAIN_ROWS)]),
            "data/README.md": spoiled_bytes([b"---\nconfigs:\n- config_name: a\n  data_files: train.jsonl\n---\n"]),
            "data/train.csv": spoiled_table([["question", "answers", "context"], ["Who?", "red", PADS]]),
        },
        reader("hub", "data"),
        named=("hub",),
        share=0.3,
        smoke=False,
    ),
]  # fmt: skip

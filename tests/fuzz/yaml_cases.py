"""YAML that people write: the experiment file, overrides, requirements."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml
from fuzzing import Case
from hypothesis import strategies as st
from spoiling import (
    EDITS,
    RAW,
    TREE_EDITS,
    edited,
    edited_tree,
)

from lab.config import ExperimentConfig, load_config
from lab.errors import ConfigError
from lab.gate.language import Names
from lab.gate.read import read_requirements
from lab.yaml_file import apply_override

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
    "&a [*a]", "2020-13-45", "2020-01-01 25:61:61", "0x" + "f" * 5000, "0b" + "1" * 20_000, "1:99:99", "9" * 5000,
    "1" * 4999 + "e5",
    "!!python/object/apply:os.system [ls]", "!!binary '%%'", "!!int ''", "!!int abc", "!!float abc", "!!bool abc",
    "!!null abc",
    "!!timestamp abc", "!!set {a}", "!!omap [a]", "!!pairs [a: 1]", "!!str [a]", "!!map [a]", "!!seq {a: 1}",
    "!!x y", "! x",
    "{<<: x}", "{<<: [{a: 1}, 2]}", "{[a]: 1}", "{{a: 1}: 2}", "{? [a] : b}", "=", ".inf", ".nan", "~", "1e400",
    "{a: 1, a: 2}",
    "{1: 1, '1': 2}", "{~: 1}", "{1.5: 1}", "{true: 1}", "[" * 3000, "[" * 400 + "]" * 400, "{a: " * 3000,
    "- " * 3000, "? " * 900,
    "*missing", "&a", "'", '"\\ud800"', '"\\xzz"', "%YAML 9.9", "---", "...", "@", "`", "\t", "|", ">-\n", "# x",
    "a: b: c", "\ufeff",
    "\0", "\x85", "\u2028", "\x07", "!!merge x", "!<tag:yaml.org,2002:int> []", "-0o7", "+.5", "_", "1_000", "0_",
    "0x_", "0b_", "._",
    "{a: &x [1,2,3,4,5,6,7,8], b: &y [*x,*x,*x,*x,*x,*x], c: &z [*y,*y,*y,*y,*y,*y], d: [*z,*z,*z,*z,*z,*z]}",
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


YAML_CASES = [
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
]  # fmt: skip

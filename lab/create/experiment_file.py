"""The experiment file of a new corpus: the keys that users learn first, each with what it does and when to change it.

Comments are made here, beside the values, so that the reason of a chosen value stands where the value stands.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lab.create.settings import OVERLAP, Settings
from lab.escapes import one_line

WIDTH, INDENT = 118, 2
COMMENT_AT = 30  # the column at which comments begin, where the value is short enough
PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*")
NOT_TEXT = frozenset(("true", "false", "yes", "no", "on", "off", "null", "y", "n"))  # words that YAML reads otherwise
HEAD = """\
# What is measured, and how: every line may be changed. For one run only: lab run FOLDER --set index.k=5
# lab check FOLDER shows what a run would measure and cost. lab schema prints every key there is, with its default.
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One key of a section (or of the file, where `section` is empty), its value as JSON, and what to say of it."""

    section: str
    key: str
    value: Any
    comment: str


def experiment_yaml(name: str, domain: str, settings: Settings, domain_why: str) -> str:
    """The text of experiment.yaml. `domain_why` says where the domain comes from."""
    parts, section = [HEAD], "file"
    for line in _lines(name, one_line(domain), settings, domain_why):
        if line.section != section:
            parts.append(f"\n{line.section}:\n" if line.section else "\n")
            section = line.section
        parts.append(_written(line))
    return "".join(parts)


def _lines(name: str, domain: str, settings: Settings, domain_why: str) -> Iterator[Line]:
    yield Line("", "name", name, "Names the run folder: reports/NAME.")
    yield Line("", "domain", domain, f"What the documents are about; every prompt says it. {domain_why}")
    yield Line("corpus", "path", ".", "Where the data lie, seen from this file.")
    yield Line("corpus", "format", "jsonl", "documents.jsonl and questions.jsonl beside this file; leave it.")
    yield from _holdout(settings)
    yield from _index(settings)
    yield from _generator(settings)
    yield from _training()
    yield from _decision(settings)


def _holdout(settings: Settings) -> Iterator[Line]:
    train, dev, test = settings.limits
    track = (
        "What training may see of the tested facts. question: their documents; document: nothing, as with documents "
        "that arrive later; wording: the facts in other words (needs several wordings of each, as one group)."
    )
    yield Line("holdout", "track", "question", track)
    yield Line("holdout", "test", settings.test, _because("Share of the questions asked at the end.", settings, "test"))
    yield Line("holdout", "dev", settings.dev, "Share on which few-shot and the best training step are chosen.")
    yield Line("holdout", "seed", 7, "Of the division; the same seed divides the same way when questions are added.")
    limit = _because("At most this many training questions.", settings, "limit_train")
    yield Line("holdout", "limit_train", train, limit)
    yield Line("holdout", "limit_dev", dev, "At most this many dev questions.")
    yield Line(
        "holdout", "limit_test", test, "At most this many test questions; more of them show smaller differences."
    )


def _index(settings: Settings) -> Iterator[Line]:
    encoder = "Turns texts into vectors: minilm (English), a local folder or a hub id. Change it for other languages."
    yield Line("index", "encoder", "minilm", encoder)
    cutting = "How documents are cut. window: full windows that end at sentences; heading: never across a heading."
    yield Line("index", "cutting", settings.cutting, _because(cutting, settings, "cutting", "index"))
    size = "Longest passage. Smaller: found more exactly; larger: more context, and slower answers."
    yield Line("index", "passage_tokens", settings.passage_tokens, _because(size, settings, "passage_tokens", "index"))
    yield Line("index", "overlap", OVERLAP, "Tokens that neighbouring passages share, so that no sentence is lost.")
    how = "dense: by meaning; bm25: by words; hybrid: both. Try hybrid where names and numbers are asked for."
    yield Line("index", "retrieval", settings.retrieval, _because(how, settings, "retrieval", "index"))
    yield Line("index", "type", "auto", "Kind of FAISS index; auto: exact, and faster kinds for very many passages.")
    k = "Passages in a prompt. More: the right one is there more often, among more that mislead; slower."
    yield Line("index", "k", settings.k, _because(k, settings, "k", "index"))
    yield Line(
        "index", "rerank", "none", "A cross-encoder that orders passages anew (local folder or hub id), or none."
    )


def _generator(settings: Settings) -> Iterator[Line]:
    model = "Writes the answers: smollm2-135m (small, English), a local folder or a hub id. Change it for better ones."
    yield Line("generator", "model", "smollm2-135m", model)
    yield Line("generator", "dtype", "auto", "auto: bfloat16 where the processor is fast at it, else float32.")
    yield Line("generator", "device", "auto", "auto: a GPU if there is one, else the CPU.")
    yield Line("generator", "max_new_tokens", "auto", "Longest answer; auto: as long as the training answers need.")
    yield Line(
        "generator", "few_shot", "auto", "Worked examples in the prompts of untuned methods; auto: 0 or 3, by dev."
    )
    endpoint = "A larger model behind a URL, asked beside the others: {url: http://localhost:8000/v1, model: NAME}."
    yield Line("generator", "endpoint", None, endpoint)
    say = (
        "Who competes. closed-book: neither passages nor tuning; oracle: rag with the right passages put in, which "
        "bounds what retrieval can give. Fewer take less time."
    )
    yield Line("", "methods", list(settings.methods), _because(say, settings, "methods", ""))


def _training() -> Iterator[Line]:
    yield Line("training", "technique", "lora", "How the generator is tuned.")
    yield Line("training", "rank", 16, "Size of the adapter; larger ones hold more, and overfit sooner.")
    yield Line("training", "learning_rate", 0.001, "Lower it tenfold for models of a billion parameters and more.")
    yield Line("training", "epochs", 3, "Passes over the training questions, at most.")
    yield Line("training", "early_stopping", True, "Keep the step that is best on dev.")
    yield Line(
        "training",
        "seeds",
        [1],
        "One training run for each; [1, 2, 3] shows how far luck matters, and takes 3 times as long.",
    )
    yield Line("raft", "p", 0.8, "Share of RAFT's examples in which the right passage is present.")
    yield Line("raft", "distractors", "auto", "Other passages beside it; auto: k - 1.")
    yield Line("raft", "distractor_source", "mix", "hard: the retriever's best wrong ones; random; mix: half and half.")
    yield Line(
        "raft", "reasoning", "none", "quoted: quote the passage before the answer, as in the paper; much slower."
    )
    yield Line("raft", "no_gold_target", "answer", "What to learn without the right passage: answer, abstain or paper.")


def _decision(settings: Settings) -> Iterator[Line]:
    primary = "What decides: exact_match, token_f1, contains, label_accuracy, call_match or rouge_l."
    yield Line("metrics", "primary", settings.primary, _because(primary, settings, "primary", "metrics"))
    yield Line("metrics", "margin", 0.03, "Smallest difference that is worth acting on.")
    say = "Prices and volumes, if cost counts, as in {questions_per_month: 10000, cpu_hour: 0.2}."
    yield Line("", "economics", {}, say)
    yield Line("", "needs", {}, "What a method must meet, as in {citations_required: true, max_p95_ms: 2000}.")
    yield Line("", "probes", [], "Reserved; leave it empty.")


def _because(comment: str, settings: Settings, key: str, section: str = "holdout") -> str:
    """The comment, and behind it why the value was chosen."""
    why = settings.why.get(f"{section}.{key}" if section else key)
    return f"{comment} Here: {why}." if why else comment


def _written(line: Line) -> str:
    """`key: value  # comment`, the comment broken at words; above the key where the value is long."""
    pad = " " * (INDENT if line.section else 0)
    head = f"{pad}{line.key}: {_scalar(line.value)}"
    comment = one_line(line.comment)
    if len(head) > COMMENT_AT - 2:
        lines = textwrap.wrap(comment, WIDTH - len(pad) - 2, break_long_words=False)
        return "".join(f"{pad}# {text}\n" for text in lines) + f"{head}\n"
    first, *rest = textwrap.wrap(comment, WIDTH - COMMENT_AT - 2, break_long_words=False)
    return f"{head:{COMMENT_AT}}# {first}\n" + "".join(f"{'':{COMMENT_AT}}# {text}\n" for text in rest)


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        return (
            value if value == "." or (PLAIN.fullmatch(value) and value.casefold() not in NOT_TEXT) else _quoted(value)
        )
    if isinstance(value, list):
        return f"[{', '.join(map(_scalar, value))}]"
    if isinstance(value, Mapping):
        return "{}"
    return json.dumps(value)


def _quoted(text: str) -> str:
    """A double-quoted scalar: JSON is YAML, if what only JSON allows is escaped."""
    return json.dumps(text, ensure_ascii=not text.isprintable())

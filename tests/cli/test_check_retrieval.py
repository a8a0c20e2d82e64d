"""`lab check --retrieval`: ways of cutting compared on dev and training questions, never on test."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import StringIO
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import lab.cutting_trial as trial
from lab.config import load_config
from lab.corpus.passages import CUTTINGS
from lab.corpus.registry import read_corpus
from lab.corpus.source import Source
from lab.holdout.divide import divide
from lab.terminal.cutting import show_trial, trial_json
from lab.types import Estimate, Query

BM25 = ("--set", "index.retrieval=bm25")


def sections(world: Any) -> None:
    """Headings that only `heading` respects, and facts that need their heading."""
    for document in world.documents:
        rules = document["text"].split(". ")
        lines = [f"## Part {number}\n\n{rule.rstrip('.')}." for number, rule in enumerate(rules)]
        document["text"] = f"# {document['title']}\n\n" + "\n\n".join(lines)
    for question in world.questions:
        text = next(one["text"] for one in world.documents if one["id"] == question["evidence"][0]["document"])
        start = text.index(f" {question['answers'][0]}") + 1
        question["evidence"][0] |= {"start": start, "end": start + len(question["answers"][0])}


def test_strategies_are_compared_without_the_test_questions(
    world: Any, lab: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sections(world)
    world.write()
    asked: set[str] = set()
    real = trial.build_retriever

    def watching(*arguments: Any, **options: Any) -> Any:
        built = real(*arguments, **options)
        search = built.retriever.search

        def noting(queries: Sequence[Query], k: int) -> Any:
            asked.update(query.id for query in queries)
            return search(queries, k)

        monkeypatch.setattr(built.retriever, "search", noting, raising=False)
        return built

    monkeypatch.setattr(trial, "build_retriever", watching)
    done = lab("check", world.file, "--retrieval", "--cutting", "window,sentence,heading", *BM25)
    assert (done.code, done.err) == (0, "")
    config = load_config(world.file)
    holdout = divide(read_corpus(Source(config.corpus, config.name)).questions, config.holdout)
    assert asked == {question.id for question in holdout.train + holdout.dev}
    assert len(asked) == 48 - len(holdout.test)
    assert f"{len(asked)} training and dev questions about 6 documents; no test question" in done.out
    assert re.search(r"window \*\s+\d+", done.out) and "semantic" not in done.out
    assert "best: " in done.out and max(map(len, done.out.splitlines())) <= 120


def test_the_same_for_programs(world: Any, lab: Callable[..., Any]) -> None:
    world.write()
    done = lab("check", world.file, "--cutting", "window,sentence", "--json", *BM25)
    found = json.loads(done.out)
    assert [score["cutting"] for score in found["scores"]] == ["window", "sentence"]
    assert found["budget"] == 3 * 32 and set(found["scores"][0]["at_budget"]) == {"96", "256", "512"}
    assert found["sides"] == ["train", "dev"] and found["index"]["cutting"] == "window"
    for score in found["scores"]:
        assert 0 <= score["at_budget"]["96"]["mean"] <= score["at_budget"]["512"]["mean"] <= 1


def test_mistakes_are_one_message(world: Any, lab: Callable[..., Any]) -> None:
    world.write()
    named = lab("check", world.file, "--retrieval", "--cutting", "window,words")
    assert (
        named.code == 2 and "--cutting: expected some of window, sentence, heading, semantic, got 'words'" in named.err
    )
    both = lab("check", world.file, "--retrieval", "--strict")
    assert both.code == 2 and "--strict and --retrieval exclude each other" in both.err
    for question in world.questions:
        question |= {"evidence": []}
    world.write()
    without = lab("check", world.file, "--retrieval", *BM25)
    assert without.code == 2 and "training and dev questions names its evidence" in without.err


class Hashing:
    """Words as dimensions, so that dense search works without weights."""

    digest, dimensions, max_tokens = "h", 256, 64

    def __init__(self, *_: Any, **__: Any) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> Any:
        self.encoded += texts
        vectors = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                vectors[row, sum(map(ord, word)) % self.dimensions] += 1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1)

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]


def test_all_strategies_with_vectors(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sections(world)
    world.write()
    monkeypatch.setattr(trial, "SentenceEncoder", Hashing)
    told: list[str] = []
    config = load_config(world.file, ["holdout.dev=0.5", "index.cutting=heading"])
    found = trial.try_cuttings(config, CUTTINGS, offline=True, on_progress=lambda what, done, total: told.append(what))
    assert found.sides == ("dev",) and found.questions >= 20
    assert [score.cutting for score in found.scores] == list(CUTTINGS)
    assert {"heading: embedding", "semantic: cutting"} <= set(told)
    best = next(score for score in found.scores if score.cutting == found.best)
    assert all(best.at_budget[found.budget].mean >= score.at_budget[found.budget].mean for score in found.scores)
    for other in found.behind:
        against = next(score for score in found.scores if score.cutting == other.cutting)
        expected = best.at_budget[found.budget].mean - against.at_budget[found.budget].mean
        assert other.difference.mean == pytest.approx(expected)
        assert other.told == (other.p_holm < 0.05)
    again = trial.try_cuttings(config, CUTTINGS, offline=True, on_progress=lambda *_: None)
    figures = [{**score, "cut_seconds": 0, "embed_seconds": 0} for score in trial_json(found)["scores"]]
    assert figures == [{**score, "cut_seconds": 0, "embed_seconds": 0} for score in trial_json(again)["scores"]]


def test_strategies_that_cut_alike_are_measured_once(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world.write()  # without headings, tables or lists
    monkeypatch.setattr(trial, "SentenceEncoder", Hashing)
    config = load_config(world.file, [])
    found = trial.try_cuttings(config, ("sentence", "heading"), offline=True, on_progress=lambda *_: None)
    assert found.scores[1].same_as == "sentence" and found.best == "sentence" and found.behind == ()
    assert found.scores[0].values == found.scores[1].values


def test_a_strategy_with_shorter_passages_is_not_credited_for_its_cuts(
    world: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.write()
    monkeypatch.setattr(trial, "SentenceEncoder", Hashing)
    config = load_config(world.file)
    found = trial.try_cuttings(config, ("window", "sentence"), offline=True, on_progress=lambda *_: None)

    def shown(best: str, window: float, sentence: float) -> str:
        tokens = {"window": window, "sentence": sentence}
        scores = tuple(replace(score, tokens=tokens[score.cutting]) for score in found.scores)
        other = "window" if best == "sentence" else "sentence"
        behind = (trial.Behind(other, Estimate(0.1, 0.05, 0.15, 40, 0), 0.001, True),)  # type: ignore[arg-type]
        console = Console(width=200, record=True, file=StringIO())
        show_trial(console, replace(found, scores=scores, best=best, behind=behind))  # type: ignore[arg-type]
        return console.export_text()

    shorter = shown("sentence", 40.0, 20.0)
    assert "another length: 20 tokens on average; window 40." in shorter
    assert "--set index.passage_tokens=16 --set index.overlap=8 --cutting window" in shorter
    longer = shown("window", 40.0, 20.0)
    assert "another length: 40 tokens on average; sentence 20." in longer and "Before you credit" not in longer
    assert "another length" not in shown("sentence", 21.0, 20.0)

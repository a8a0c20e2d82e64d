"""Settings follow the data and the machine, and the written file says the same as it loads."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from lab.config import load_config
from lab.create.domain import derive_domain
from lab.create.experiment_file import experiment_yaml
from lab.create.measure import UNKNOWN, Measured, count_words, estimate_tokens, language_of, measure
from lab.create.settings import MINUTES, Load, Settings, choose
from lab.types import Document, Evidence, Question

# The keys that users learn first; economics, needs and probes are sections without keys in a new file.
TAUGHT = {
    "corpus": ("path", "format"),
    "holdout": ("track", "test", "dev", "seed", "limit_train", "limit_dev", "limit_test"),
    "index": ("encoder", "cutting", "passage_tokens", "overlap", "retrieval", "type", "k", "rerank"),
    "generator": ("model", "dtype", "device", "max_new_tokens", "few_shot", "endpoint"),
    "training": ("technique", "rank", "learning_rate", "epochs", "early_stopping", "seeds"),
    "raft": ("p", "distractors", "distractor_source", "reasoning", "no_gold_target"),
    "metrics": ("primary", "margin"),
}
PROSE = "The pads of the brake wear out, and they are changed by the crew that is on duty at the time. "


def slow(load: Load) -> float:
    """Seconds on a machine that embeds 1,000 tokens a second, and is as slow at all else."""
    return (load.embed_tokens + load.train_tokens + load.prefill_tokens) / 1000 + load.decode_steps / 10


def documents(number: int, text: str) -> list[Document]:
    return [Document(f"d{n}", f"Title {n}", text) for n in range(number)]


def asked(number: int, kind: str = "span", span: int = 9) -> list[Question]:
    return [Question(f"q{n}", f"Q{n}?", ("yes",), kind, (Evidence("d0", 0, span),)) for n in range(number)]


def test_a_quarter_of_an_hour_is_filled_and_not_exceeded() -> None:
    found = choose(measure(documents(20, PROSE * 40)), (), slow)
    assert 0.85 * MINUTES * 60 <= found.seconds <= MINUTES * 60
    assert all(limit and limit % 5 == 0 for limit in found.limits)
    twice = choose(measure(documents(20, PROSE * 40)), (), lambda load: slow(load) / 2)
    assert twice.limits[2] is not None and found.limits[2] is not None
    assert 1.7 * found.limits[2] < twice.limits[2] < 2.3 * found.limits[2]


def test_few_questions_are_all_asked() -> None:
    found = choose(measure(documents(20, PROSE * 40)), asked(60), slow)
    assert found.limits == (None, None, None)
    assert found.test == 0.4
    many = choose(measure(documents(20, PROSE * 40)), asked(20_000), slow)
    assert None not in many.limits and many.test == 0.2


def test_bm25_where_embedding_takes_too_long() -> None:
    texts = measure(documents(300, PROSE * 200))
    patient = choose(texts, (), lambda load: slow(load) * 0.01)
    assert patient.retrieval == "dense"
    hurried = choose(texts, (), lambda load: slow(load) * 10)
    assert hurried.retrieval == "bm25"
    assert "bm25" in hurried.why["index.retrieval"] and "hours" in hurried.why["index.retrieval"]


def test_cutting_follows_headings() -> None:
    headed = documents(3, f"# Brakes\n\n{PROSE}\n\n## Pads\n\n{PROSE}")
    assert choose(measure(headed), (), slow).cutting == "heading"
    assert choose(measure(headed + documents(4, PROSE)), (), slow).cutting == "window"
    assert measure(documents(1, "a # b\n#no heading\n# One\n")).headed == 0


def test_passages_fit_documents_and_evidence() -> None:
    assert choose(measure(documents(50, PROSE * 3)), (), slow).passage_tokens == 80  # about 70 each
    assert choose(measure(documents(50, PROSE * 60)), (), slow).passage_tokens == 96
    long = choose(measure(documents(50, PROSE * 60)), asked(20, span=440), slow)
    assert long.passage_tokens == 160  # 100 tokens of evidence and half as much around it, in sixteens


def test_k_is_never_more_than_the_passages() -> None:
    assert choose(measure(documents(1, "Short.")), (), slow).k == 1
    assert choose(measure(documents(20, PROSE * 40)), (), slow).k == 3
    assert choose(measure(documents(400, PROSE * 400)), (), lambda load: 0.0).k == 5


def test_the_primary_metric_follows_the_kinds() -> None:
    texts = measure(documents(5, PROSE))
    assert choose(texts, asked(9), slow).primary == "token_f1"
    assert choose(texts, asked(9, "yes-no"), slow).primary == "label_accuracy"
    assert choose(texts, asked(9, "call"), slow).primary == "call_match"


def test_the_encoder_competes_where_every_answer_is_a_label(tmp_path: Path) -> None:
    texts = measure(documents(5, PROSE))

    def labelled(*answers: str) -> list[Question]:
        return [Question(f"q{n}", f"Q{n}?", (answer,), "label") for n, answer in enumerate(answers)]

    both = labelled(*["refund"] * 10, *["repair"] * 12)
    found = choose(texts, both, slow)
    assert found.methods[-2:] == ("knn-vote", "linear-head")
    text = experiment_yaml("x", "d", found, "Correct it.")
    assert "all answers are labels" in " ".join(text.replace("#", " ").split())
    (tmp_path / "experiment.yaml").write_text(text, encoding="utf-8")
    assert load_config(tmp_path / "experiment.yaml").methods == list(found.methods)
    for questions in (both[1:], labelled(*["refund"] * 30), [*both, *asked(1)], asked(30, "yes-no"), []):
        assert "knn-vote" not in choose(texts, questions, slow).methods


def settings(**changes: object) -> Settings:
    found = choose(measure(documents(20, PROSE * 40)), (), slow)
    return replace(found, **changes)  # type: ignore[arg-type]


def test_the_file_holds_every_taught_key_and_loads_as_meant(tmp_path: Path) -> None:
    meant = settings(cutting="heading", passage_tokens=112, k=2, retrieval="bm25", limits=(70, None, 55), test=0.4)
    folder = tmp_path / "k4-manual"
    folder.mkdir()
    file = folder / "experiment.yaml"
    file.write_text(experiment_yaml("k4-manual", "the K4 manual", meant, "Correct it."), encoding="utf-8")
    sections: dict[str, list[str]] = {}
    for line in file.read_text().splitlines():
        key = line.split("#")[0].partition(":")[0]
        if key.strip() and not key.startswith(" "):
            sections[section := key] = []
        elif key.strip():
            sections[section].append(key.strip())
    assert {"name", "domain", "methods", "economics", "needs", "probes"} <= set(sections)
    assert {section: tuple(sections[section]) for section in TAUGHT} == TAUGHT
    config = load_config(file)
    assert (config.name, config.domain) == ("k4-manual", "the K4 manual")
    assert config.corpus.path == str(folder)
    index, holdout = config.index, config.holdout
    assert (index.cutting, index.passage_tokens, index.k, index.retrieval) == ("heading", 112, 2, "bm25")
    assert (holdout.limit_train, holdout.limit_dev, holdout.limit_test) == (70, None, 55)
    assert (holdout.test, holdout.dev, holdout.track, holdout.seed) == (0.4, 0.1, "question", 7)
    assert config.training.learning_rate == 1e-3 and config.training.seeds == [1]
    assert config.methods == ["closed-book", "rag", "fine-tuned", "fine-tuned+rag", "raft", "oracle"]


def test_every_line_of_the_file_is_explained_and_fits() -> None:
    text = experiment_yaml("x", "a domain", settings(), "Correct it.")
    lines = text.splitlines()
    assert max(map(len, lines)) <= 120
    for before, line in pairwise(lines):
        if ": " in line.split("#")[0]:
            assert "#" in line or before.lstrip().startswith("#"), line


@pytest.mark.parametrize("name", ["guide", "123", "true", "No", "1e3", "a.b", "2024-01-01", "null", "0x10"])
def test_names_stay_text(name: str, tmp_path: Path) -> None:
    file = tmp_path / "experiment.yaml"
    file.write_text(experiment_yaml(name, "d", settings(), "Correct it."), encoding="utf-8")
    assert load_config(file).name == name


@pytest.mark.parametrize(
    "domain",
    ['say "hello": #1', "- a\\b", "\x1b[31mred", "a\u2028b\u0085c", "{x: y}", "Größe \u202e evil", "\U0001f600"],
)
def test_any_domain_is_one_line_of_yaml(domain: str, tmp_path: Path) -> None:
    file = tmp_path / "experiment.yaml"
    file.write_text(experiment_yaml("x", domain, settings(), "Correct it."), encoding="utf-8")
    loaded = load_config(file).domain
    assert loaded.isprintable() and "\n" not in loaded
    assert load_config(file).index.k == settings().k


def test_domains_come_from_what_titles_share() -> None:
    titles = ["K4 cabin manual: brakes", "K4 cabin manual: doors", "Appendix"]
    assert derive_domain("x", titles).text == "K4 cabin manual"
    assert derive_domain("x", ["The only one"]).text == "The only one"
    assert derive_domain("lift-rules", ["Brakes", "Doors"]).text == "the lift rules documents: Brakes and Doors"
    assert derive_domain("lift-rules", [f"T{n} x" for n in range(40)]).text == "the lift rules documents"
    assert derive_domain("x", ["a"], "ropes\nand\x1b wheels").text == "ropes and\\x1b wheels"
    assert derive_domain("my-docs", []).text == "my docs"


def test_words_and_tokens_of_texts_worked_by_hand() -> None:
    assert count_words("Two words, 400 hours.") == 4
    assert count_words("車両 K4 の") == 4
    # bogie 1, internationally 1 + (15 - 6) / 4 = 3.25, full stop 1: 5.25, and the stop is no word.
    assert estimate_tokens("bogie internationally.") == 5
    assert estimate_tokens("車両の") == 3
    assert estimate_tokens("") == 1


def test_passages_are_counted_by_their_steps() -> None:
    # Steps of 0.8 * 100 - 10 = 70 tokens: (880 - 10) / 70 = 12.4, so 13 passages; one for each that fits into one.
    assert Measured(0, (880, 5, 100), 0, {}).passages(100, 20) == 15


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (PROSE, "English"),
        (
            "Die Bremsen werden von dem Team gewechselt, das im Dienst ist, und nicht von den Gästen auf der Bahn.",
            "German",
        ),
        (
            "Les freins sont changés par le personnel qui est de service et non pas par les clients dans la gare.",
            "French",
        ),
        ("ブレーキは当番の係員が交換します。客が交換してはいけません。", "Japanese"),
        ("Тормоза меняет дежурная бригада, пассажиры не должны.", "Cyrillic script"),
        ("x1 y2 z3 " * 20, UNKNOWN),
        ("Too short.", UNKNOWN),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert language_of(text) == language

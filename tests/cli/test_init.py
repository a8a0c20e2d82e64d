"""`lab init` as people use it: documents and questions in, a corpus that `lab check` takes; nothing is half-written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab import cli_create
from lab.config import load_config
from lab.corpus.registry import read_corpus
from lab.corpus.source import Source
from lab.create.settings import Load

PARTS = ("brake", "door", "motor", "rope", "tower", "wheel")
RULE = "Rule {n} asks for {count} checks of the {part}, which two people do by day before the first guest arrives."


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    docs = tmp_path / "docs"
    docs.mkdir()
    for number, part in enumerate(PARTS):
        rules = "\n\n".join(RULE.format(n=n, count=100 * number + n + 10, part=part) for n in range(8))
        (docs / f"{part}.md").write_text(f"# The {part} manual\n\n## Rules\n\n{rules}\n", encoding="utf-8")
    return tmp_path


def write_questions(folder: Path, name: str = "q.csv") -> Path:
    lines = ["Query,Expected,File"]
    for number, part in enumerate(PARTS):
        lines += [
            f"What does rule {n} of the {part} ask for?,{100 * number + n + 10} checks,{part}.md" for n in range(8)
        ]
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def ids(folder: Path) -> list[str]:
    return [json.loads(line)["id"] for line in (folder / "documents.jsonl").read_text().splitlines()]


def test_documents_become_a_corpus(here: Path, lab: Callable[..., Any]) -> None:
    done = lab("init", "k4", "--docs", "docs")
    assert (done.code, done.err) == (0, "")
    folder = here / "corpora" / "k4"
    assert sorted(path.name for path in folder.iterdir()) == ["documents.jsonl", "experiment.yaml", "ingest.json"]
    assert ids(folder) == [f"docs/{part}.md" for part in PARTS]
    config = load_config(folder / "experiment.yaml")
    assert (config.name, config.index.cutting, config.index.retrieval) == ("k4", "heading", "dense")
    assert "corpora/k4  6 documents" in done.out
    assert "lab synthesize k4" in done.out and "lab init k4 --questions FILE" in done.out
    assert "lab run" not in done.out, "there are no questions yet"


@pytest.mark.parametrize(
    "words",
    [
        ("--docs", "docs/brake.md", "docs/door.md", "docs/rope.md"),
        ("--docs", "docs/brake.md", "--docs", "docs/door.md", "--docs", "docs/rope.md"),
        ("--docs", "docs/brake.md", "--docs", "docs/door.md", "docs/rope.md"),
        ("docs/brake.md", "docs/door.md", "docs/rope.md"),
        ("--docs", "docs/[bdr]*.md"),
    ],
)
def test_several_documents_are_given_as_shells_give_them(
    words: tuple[str, ...], here: Path, lab: Callable[..., Any]
) -> None:
    (here / "docs" / "rotor.txt").write_text("not meant")
    assert lab("init", "k4", *words).code == 0
    assert [id.rpartition("/")[2] for id in ids(here / "corpora" / "k4")] == ["brake.md", "door.md", "rope.md"]


def test_questions_make_a_corpus_that_check_takes(here: Path, lab: Callable[..., Any], toy_models: Path) -> None:
    done = lab("init", "k4", "--docs", "docs", "--questions", write_questions(here), "--domain", "cable cars")
    assert (done.code, done.err) == (0, "")
    config = load_config(here / "corpora" / "k4" / "experiment.yaml")
    assert config.domain == "cable cars" and config.holdout.test == 0.4
    corpus = read_corpus(Source(config.corpus, "k4"))
    assert len(corpus.questions) == 48
    texts = {document.id: document.text for document in corpus.documents}
    for question in corpus.questions:
        (place,) = question.evidence
        assert texts[place.document_id][place.start : place.end] == question.answers[0]
    assert "lab run corpora/k4" in done.out and "synthesize" not in done.out
    models = [f"index.encoder={toy_models / 'encoder'}", f"generator.model={toy_models / 'generator'}"]
    small = ["index.passage_tokens=32", "index.overlap=8"]
    words = [word for key in (*models, *small) for word in ("--set", key)]
    checked = lab("check", "corpora/k4", *words)
    assert (checked.code, checked.err) == (0, "")


def test_again_reads_only_what_changed(here: Path, lab: Callable[..., Any]) -> None:
    folder = here / "corpora" / "k4"
    assert lab("init", "k4", "--docs", "docs", "--questions", write_questions(here)).code == 0
    before = snapshot(folder)
    again = lab("init", "k4")
    assert "nothing: 6 files unchanged" in again.out
    assert snapshot(folder) == before
    (here / "docs" / "door.md").write_text("A new preface.\n\n" + (here / "docs" / "door.md").read_text())
    (here / "docs" / "wheel.md").unlink()
    (here / "docs" / "bell.md").write_text("# Bell\n\nIt rings twice.")
    tree = json.loads(lab("init", "k4", "--json").out)
    assert tree["changes"] == {
        "added": ["docs/bell.md"], "changed": ["docs/door.md"], "unchanged": 4, "removed": ["docs/wheel.md"],
    }  # fmt: skip
    assert len(tree["questions"]["moved"]) == 8 and len(tree["questions"]["set_aside"]) == 8
    assert tree["experiment"] == "kept"
    corpus = read_corpus(Source(load_config(folder / "experiment.yaml").corpus, "k4"))
    texts = {document.id: document.text for document in corpus.documents}
    assert len(corpus.questions) == 40
    for question in corpus.questions:
        (place,) = question.evidence
        assert texts[place.document_id][place.start : place.end] == question.answers[0]
    assert len((folder / "questions-set-aside.jsonl").read_text().splitlines()) == 8


def test_questions_set_aside_are_named_and_come_back(here: Path, lab: Callable[..., Any]) -> None:
    folder, file = here / "corpora" / "k4", here / "docs" / "wheel.md"
    assert lab("init", "k4", "--docs", "docs", "--questions", write_questions(here)).code == 0
    rows = sorted((folder / "questions.jsonl").read_text().splitlines())
    text = file.read_text()
    file.write_text(text.replace("512 checks", "99 checks"))
    done = lab("init", "k4")
    assert "1 question set aside" in done.out
    assert '"512 checks" no longer stands in docs/wheel.md' in done.out
    assert "1 still set aside" in lab("init", "k4").out
    file.write_text(text)
    assert "found their evidence again" in lab("init", "k4").out
    assert sorted((folder / "questions.jsonl").read_text().splitlines()) == rows
    assert not (folder / "questions-set-aside.jsonl").exists()


def test_it_works_from_anywhere(here: Path, lab: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    place = here / "else where"
    assert lab("init", "k4", "--docs", "docs", "--into", place).code == 0
    assert not (here / "corpora").exists()
    (here / "deep").mkdir()
    monkeypatch.chdir(here / "deep")
    done = lab("init", "k4", "--into", "../else where")
    assert "6 files unchanged" in done.out
    assert "lab synthesize '../else where/k4'" in done.out


def test_what_the_user_edited_stays(here: Path, lab: Callable[..., Any]) -> None:
    folder = here / "corpora" / "k4"
    assert lab("init", "k4", "--docs", "docs").code == 0
    file = folder / "experiment.yaml"
    file.write_text(file.read_text().replace("k: 3", "k: 2"))
    edited = file.read_bytes()
    done = lab("init", "k4", "--questions", write_questions(here), "--domain", "ropes")
    assert done.code == 0 and "left as you edited it" in done.out
    assert file.read_bytes() == edited
    questions = folder / "questions.jsonl"
    row = json.loads(questions.read_text().splitlines()[0]) | {"answers": ["mine"], "kind": "free"}
    questions.write_text(json.dumps(row) + "\n")
    done = lab("init", "k4", "--questions", "q.csv")
    lines = questions.read_text().splitlines()
    assert json.loads(lines[0]) == row and len(lines) == 48
    assert "with other answers than in the file" in done.out


def test_an_unedited_file_follows_the_first_questions(here: Path, lab: Callable[..., Any]) -> None:
    file = here / "corpora" / "k4" / "experiment.yaml"
    assert lab("init", "k4", "--docs", "docs").code == 0
    assert load_config(file).holdout.limit_test is not None
    assert "written anew" in lab("init", "k4", "--questions", write_questions(here)).out
    assert load_config(file).holdout.limit_test is None


def test_bad_files_are_named_and_the_rest_is_read(here: Path, lab: Callable[..., Any]) -> None:
    (here / "docs" / "empty.txt").write_bytes(b"")
    (here / "docs" / "torn.pdf").write_bytes(b"%PDF-1.4\nno more")
    (here / "docs" / "\x1b[31m\u202efdp.exe").write_bytes(b"MZ\0\0\0")
    done = lab("init", "k4", "--docs", "docs")
    assert done.code == 0
    assert "not read: 3 files" in done.out
    assert "docs/empty.txt" in done.out and "docs/torn.pdf" in done.out
    assert "\x1b" not in done.out and "\u202e" not in done.out
    tree = json.loads(lab("init", "k4", "--json").out)
    assert all(one["reason"] and one["advice"] for one in tree["files"] if one["status"] in ("failed", "unsupported"))


FAULTS = {
    "no documents": ((), "expected documents, got none"),
    "no such path": (("--docs", "nowhere"), "not found"),
    "bad name": (("--docs", "docs", "--into", "."), "expected a name of letters"),
    "own folder": (("--docs", "."), "the corpus corpora/k4 lies in it"),
    "a file in the way": (("--docs", "docs", "--into", "q.csv"), "q.csv: expected a folder or nothing, found a file"),
    "no domain": (("--docs", "docs", "--domain", " "), "--domain: expected one line"),
    "no questions": (("--docs", "docs", "--questions", "none.csv"), "found nothing"),
    "bad questions": (("--docs", "docs", "--questions", "bad.csv"), "bad.csv:3: Query: expected text"),
    "questions among documents": (("--docs", "docs", "q.csv", "--questions", "q.csv"), "give the answers away"),
    "corpus among documents": (("--docs", "**/*.*"), "the corpus itself"),
    "nothing to read": (("--docs", "only-pictures"), "no file could be read:\n  only-pictures/x.png:"),
}


ONLY = {"no documents": False, "corpus among documents": True}  # whether the corpus must be known for it


@pytest.mark.parametrize(
    ("case", "known"),
    [(case, known) for case in FAULTS for known in (False, True) if ONLY.get(case, known) == known],
)
def test_mistakes_write_nothing(case: str, known: bool, here: Path, lab: Callable[..., Any]) -> None:
    words, said = FAULTS[case]
    (here / "bad.csv").write_text("Query,Answer\nWhat?,this\n,that\n")
    (here / "only-pictures").mkdir()
    (here / "only-pictures" / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
    questions = write_questions(here)
    if known:
        assert lab("init", "k4", "--docs", "docs", "--questions", questions).code == 0
    before = snapshot(here)
    done = lab("init", "../k4" if case == "bad name" else "k4", *words)
    assert done.code == 2 and said in done.err and done.out == ""
    assert snapshot(here) == before
    assert (here / "corpora").exists() == known


def test_a_foreign_or_edited_corpus_is_left_alone(here: Path, lab: Callable[..., Any]) -> None:
    folder = here / "corpora" / "k4"
    folder.mkdir(parents=True)
    (folder / "documents.jsonl").write_text("theirs\n")
    done = lab("init", "k4", "--docs", "docs")
    assert done.code == 2 and "lab init did not write" in done.err
    assert snapshot(folder) == {"documents.jsonl": b"theirs\n"}
    assert lab("init", "mine", "--docs", "docs").code == 0
    file = here / "corpora" / "mine" / "documents.jsonl"
    file.write_text(file.read_text().replace("12 checks", "13 checks"))
    before = snapshot(file.parent)
    done = lab("init", "mine")
    assert done.code == 2 and "was edited since" in done.err and "docs/brake.md" in done.err
    assert snapshot(file.parent) == before
    file.unlink()
    assert lab("init", "mine").code == 0 and file.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema_version": 99, "files": []}', '{"schema_version": 1}'])
def test_a_broken_manifest_is_no_traceback(text: str, here: Path, lab: Callable[..., Any]) -> None:
    assert lab("init", "k4", "--docs", "docs").code == 0
    (here / "corpora" / "k4" / "ingest.json").write_text(text)
    done = lab("init", "k4")
    assert done.code == 2 and "ingest.json" in done.err


def test_what_is_said_of_a_broken_manifest_helps(here: Path, lab: Callable[..., Any]) -> None:
    assert lab("init", "k4", "--docs", "docs", "--questions", write_questions(here)).code == 0
    folder, aside = here / "corpora" / "k4", here / "aside"
    before = snapshot(folder)
    (folder / "ingest.json").write_text("{")
    said = " ".join(lab("init", "k4", "--docs", "docs").err.split())
    assert "delete it and documents.jsonl, move the other files of its folder elsewhere, run lab init with" in said
    (folder / "ingest.json").unlink()
    (folder / "documents.jsonl").unlink()
    aside.mkdir()
    for file in list(folder.iterdir()):
        file.rename(aside / file.name)
    assert lab("init", "k4", "--docs", "docs").code == 0
    for file in list(aside.iterdir()):
        file.replace(folder / file.name)
    done = lab("init", "k4")
    assert (done.code, done.err) == (0, "")
    after = snapshot(folder)
    assert {name: after[name] for name in before if name != "ingest.json"} == {
        name: content for name, content in before.items() if name != "ingest.json"
    }


def test_json_holds_what_programs_want(here: Path, lab: Callable[..., Any]) -> None:
    done = lab("init", "k4", "--docs", "docs", "--questions", write_questions(here), "--json")
    tree = json.loads(done.out)
    assert (tree["name"], tree["folder"], tree["documents"], tree["changes"]) == ("k4", "corpora/k4", 6, None)
    assert tree["questions"]["imported"]["ways"] == {"named": 48}
    assert tree["questions"]["imported"]["columns"] == {
        "question": "Query", "answers": "Expected", "document": "File",
    }  # fmt: skip
    assert tree["passages_estimated"] > 0 and tree["languages"] == {"English": 6}


def test_nothing_heavy_is_imported_for_text(here: Path) -> None:
    heavy = ("torch", "transformers", "pandas", "trafilatura", "datasets", "faiss", "sentence_transformers")
    code = f"""
import sys
from lab.cli import main
code = main(["init", "k4", "--docs", "docs"])
print(code, sorted(set({heavy!r}) & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.splitlines()[-1] == "0 []"


def test_the_clock_knows_slow_processors_and_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    work, texts = Load(train_tokens=700_000), Load(embed_tokens=20_000_000)
    monkeypatch.setattr(cli_create, "_has_gpu", lambda: False)
    monkeypatch.setattr(cli_create, "_multiplies_bf16", lambda: True)
    fast = cli_create.machine_clock()
    assert fast(work) == pytest.approx(1000.0)  # 700 tokens a second, as lab/estimate.py measured
    monkeypatch.setattr(cli_create, "_multiplies_bf16", lambda: False)
    assert cli_create.machine_clock()(work) == pytest.approx(3500.0)
    assert fast(texts) > 900
    monkeypatch.setattr(cli_create, "_has_gpu", lambda: True)
    assert cli_create.machine_clock()(texts) == 0.0

"""`lab synthesize` on the command line: rules alone, a server on this machine, reviews, mistakes, stopping."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from lab.corpus.jsonl import read_jsonl
from lab.corpus.source import Source
from lab.corpus_config import CorpusConfig
from lab.create.folder import locked
from lab.errors import RunLockedError

SHEETS = ("K4", "K6", "T2", "B9")
KEYS = ("weight", "length", "capacity")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four data sheets without questions."""
    place = tmp_path / "cabins"
    place.mkdir()
    rows = [
        {
            "id": name.lower(),
            "title": f"{name} cabin data sheet",
            "text": f"- weight: {400 + number} kilograms\n- length: {20 + number} feet\n- capacity: {4 + number} seats",
        }
        for number, name in enumerate(SHEETS)
    ]
    (place / "documents.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (place / "experiment.yaml").write_text("name: cabins\ncorpus: {path: ., format: jsonl}\n")
    return place


def questions(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "questions.jsonl").read_text().splitlines()]


def test_rules_alone(folder: Path, lab: Callable[..., Any]) -> None:
    done = lab("synthesize", folder, "--teacher", "none", "--per-passage", 3, "--wordings", 1, "--unanswerable", 0)
    assert (done.code, done.err) == (0, "")
    made = questions(folder)
    assert {row["question"] for row in made} >= {f"What is the weight of the {name} cabin?" for name in SHEETS}
    assert len(made) == len(SHEETS) * len(KEYS)
    assert len(read_jsonl(Source(CorpusConfig(path=str(folder)), "cabins")).questions) == len(made)
    assert f"{len(made)} questions added, by rules alone" in done.out
    assert "synthetic questions measure only in part what people ask" in done.out
    result = json.loads((folder / "synthesis.json").read_text())
    assert result["all_calls"]["accepted"] == len(made)
    assert result["all_calls"]["cost"]["replies"] == 0
    lacking = [kind for kind in ("span", "number", "list") if kind not in {row["kind"] for row in made}]
    assert lacking and f"no question of kind {' or '.join(lacking)}:" in done.out
    assert "no question without an answer" not in done.out  # none was wanted
    assert result["filtered_by"] is None and "What a teacher knew" not in done.out
    again = lab("synthesize", folder, "--teacher", "none", "--per-passage", 3, "--wordings", 1, "--unanswerable", 0)
    assert again.code == 0 and "0 questions added" in again.out
    assert questions(folder) == made


def test_a_name_below_corpora_and_json(folder: Path, lab: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    (folder.parent / "corpora").mkdir()
    folder.rename(folder.parent / "corpora" / "cabins")
    monkeypatch.chdir(folder.parent)
    (folder.parent / "cabins").mkdir()  # such as the folder of the documents
    done = lab("synthesize", "cabins", "--teacher", "none", "--json", "--limit", 4)
    assert done.code == 0
    assert json.loads(done.out)["standing"]["answerable"] == 3  # 15 % of 4 are kept for those without an answer
    assert json.loads(done.out)["this_call"]["passages"] == 4


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere"], "expected a name below corpora/, or the folder of an experiment, found neither"),
        (["FOLDER", "--url", "http://localhost:1/v1"], "expected --url and --model together"),
        (["FOLDER", "--url", "http://localhost:1/v1", "--model", "m", "--teacher", "x"], "--teacher alone"),
        (["FOLDER", "--url", "localhost", "--model", "m"], "--url: expected http://HOST:PORT/v1"),
        (["FOLDER", "--teacher", "./no-model"], "no such folder"),
        (["FOLDER", "--per-passage", "0"], "per-passage"),
        (["FOLDER", "--teacher", "none", "--set", "corpus.format=squad"], "corpus.format: expected jsonl, got squad"),
        (["FOLDER", "--review", "no.csv"], "no.csv"),
    ],
)
def test_mistakes_are_one_message_and_write_nothing(
    folder: Path, lab: Callable[..., Any], arguments: list[str], told: str
) -> None:
    done = lab("synthesize", *[str(folder) if word == "FOLDER" else word for word in arguments])
    assert done.code == 2
    assert told in done.err and "Traceback" not in done.err
    assert not (folder / "questions.jsonl").exists()
    assert not (folder / "synthesis.json").exists()


def test_faults_in_the_documents_are_listed(folder: Path, lab: Callable[..., Any]) -> None:
    (folder / "documents.jsonl").write_text('{"id": 1}\nnonsense\n')
    done = lab("synthesize", folder, "--teacher", "none")
    assert done.code == 2 and "documents.jsonl:2" in done.err
    (folder / "documents.jsonl").unlink()
    assert "documents.jsonl" in lab("synthesize", folder, "--teacher", "none").err
    assert not (folder / "questions.jsonl").exists()


def test_a_review_is_applied_and_what_it_removed_stays_away(folder: Path, lab: Callable[..., Any]) -> None:
    words = ["--teacher", "none", "--per-passage", 3, "--wordings", 1, "--unanswerable", 0]
    lab("synthesize", folder, *words)
    before = questions(folder)
    with (folder / "review.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    rows[0]["keep"], rows[1]["keep"] = "no", "yes"
    rows[1]["question"] = "How heavy is it to have the right words?"
    with (folder / "review.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    # Making more does not overwrite what a person has begun.
    written = (folder / "review.csv").read_bytes()
    assert "review.csv holds your corrections" in lab("synthesize", folder, *words).out
    assert (folder / "review.csv").read_bytes() == written
    done = lab("synthesize", folder, "--review", folder / "review.csv")
    assert done.code == 0 and "1 questions accepted, 1 of them changed; 1 removed" in done.out
    after = questions(folder)
    assert [row["id"] for row in after] == [row["id"] for row in before[1:]]
    assert after[0]["question"] == rows[1]["question"]
    assert after[0]["synthetic"] == f"{before[1]['synthetic']}, reviewed"
    assert after[1:] == before[2:]
    lab("synthesize", folder, "--teacher", "none", "--per-passage", 9, "--wordings", 1, "--unanswerable", 0)
    assert before[0]["question"] not in [row["question"] for row in questions(folder)]


def reply(messages: list[dict[str, str]]) -> str:
    """A teacher that asks for the first number of the passage and reads it again."""
    task, text = messages[0]["content"], messages[-1]["content"]
    if "write one question" in task:
        name = next(name for name in SHEETS if name in text)
        wanted = text.rsplit("Answer: ", 1)[1]
        key = next(line.split(":")[0].strip("- ") for line in text.splitlines() if line.endswith(wanted))
        return f"What {key} does the {name} cabin have?"
    if "from a text" in task:
        asked = text.rsplit("Question: ", 1)[1]
        lines = [line for line in text.splitlines() if line.startswith("- ") and line.split(":")[0][2:] in asked]
        return lines[0].split(": ")[1] if lines and asked.split()[-3] in text.splitlines()[0] else "NOT_FOUND"
    return "NOT_FOUND"


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(self.headers["Authorization"])
            message = {"role": "assistant", "content": reply(body["messages"])}
            choice = {"index": 0, "finish_reason": "stop", "message": message}
            usage = {"prompt_tokens": 100, "completion_tokens": 10, "total_tokens": 110}
            sent = json.dumps(
                {
                    "id": "1",
                    "object": "chat.completion",
                    "created": 1,
                    "model": "m",
                    "choices": [choice],
                    "usage": usage,
                }
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_server_as_teacher(
    folder: Path, lab: Callable[..., Any], server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_FINETUNE_LAB_TEACHER_KEY", "secret")
    monkeypatch.setenv("OPENAI_API_KEY", "for OpenAI alone")
    url, asked = server
    text = (folder / "documents.jsonl").read_text().replace("cabin data sheet", "cabin: what the workshop asks")
    (folder / "documents.jsonl").write_text(text)
    words = ["--url", url, "--model", "big", "--per-passage", 3, "--wordings", 1, "--unanswerable", 0, "--offline"]
    done = lab("synthesize", folder, *words)
    assert (done.code, done.err) == (0, "")
    assert "big" in {row["synthetic"] for row in questions(folder)}
    assert set(asked) == {"Bearer secret"}
    result = json.loads((folder / "synthesis.json").read_text())
    assert result["all_calls"]["cost"]["tokens_in"] == 100 * len(asked)
    assert result["server"] == "127.0.0.1"
    filtered = [{"name": "big", "digest": None, "server": "127.0.0.1"}]
    assert result["filtered_by"] == filtered and "What a teacher knew" in done.out
    files = [path.read_text() for path in folder.rglob("*") if path.is_file() and path.suffix in (".json", ".jsonl")]
    assert not any("secret" in content for content in files)
    number = len(asked)
    assert lab("synthesize", folder, *words).code == 0
    assert len(asked) == number
    assert lab("synthesize", folder, "--teacher", "none", "--per-passage", 9).code == 0
    assert json.loads((folder / "synthesis.json").read_text())["filtered_by"] == filtered


def test_ctrl_c_ends_with_130_and_says_how_to_go_on(
    folder: Path, lab: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from lab.synthesis.store import Store

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Store, "commit", stop)
        done = lab("synthesize", folder, "--teacher", "none")
    assert done.code == 130
    assert f"lab synthesize {folder} --teacher none" in done.err
    assert not (folder / "questions.jsonl").exists()
    assert lab("synthesize", folder, "--teacher", "none").code == 0
    assert len(questions(folder)) > 0


def test_init_and_synthesize_exclude_each_other(
    folder: Path, lab: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("synthesize", folder, "--teacher", "none")
    with locked(folder):
        refused = lab(*words)
        assert refused.code == 2 and "another lab init or lab synthesize works there" in refused.err
        assert not (folder / "questions.jsonl").exists()
    before, seen = sorted(path.name for path in folder.iterdir()), []

    def read(source: Source) -> Any:
        try:
            with locked(folder):
                seen.append("both at once")
        except RunLockedError as error:
            seen.append(str(error))
        return read_jsonl(source)

    monkeypatch.setattr("lab.synthesize.read_jsonl", read)
    assert lab(*words).code == 0
    assert len(seen) == 2 and all("another lab init or lab synthesize" in said for said in seen)
    assert set(before) < {path.name for path in folder.iterdir()} and not list(folder.rglob("*.lock"))


def test_what_a_killed_init_left_is_finished_first(folder: Path, lab: Callable[..., Any]) -> None:
    done = folder / ".init-done"
    done.mkdir()
    new = (folder / "documents.jsonl").read_text().replace("cabin data sheet", "gondola data sheet")
    (done / "documents.jsonl").write_text(new)
    (folder / "experiment.yaml").rename(done / "experiment.yaml")
    assert lab("synthesize", folder, "--teacher", "none").code == 0
    assert (folder / "documents.jsonl").read_text() == new and not done.exists()
    assert any("gondola" in row["question"] for row in questions(folder))


@pytest.mark.models
def test_the_embedded_model_as_teacher(tmp_path: Path, lab: Callable[..., Any]) -> None:
    """Real weights on two short texts: what is accepted quotes its text, and a second call loads nothing."""
    texts = {
        "Old Mill": "The Old Mill was rebuilt in 1820 after a fire. The wheel of the Old Mill lifts 40 litres of water "
        "on every turn. Bread from the Old Mill is sold in Norwell and nowhere else.",
        "Harbour of Tarn": "In 1904, engineers widened the Harbour of Tarn for larger boats. The lighthouse of Tarn is "
        "painted every 6 years. Boats over 12 metres are moored at the outer pier by Ida Brent.",
    }
    rows = [{"id": title.split()[0], "title": title, "text": text} for title, text in texts.items()]
    (tmp_path / "documents.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "experiment.yaml").write_text("name: two\ncorpus: {path: ., format: jsonl}\n")
    words = ["--wordings", 1, "--unanswerable", 0, "--offline", "--limit", 4]
    done = lab("synthesize", tmp_path, *words)
    assert (done.code, done.err) == (0, "")
    made = questions(tmp_path)
    assert any(row["synthetic"] == "smollm2-135m" for row in made)
    for row in made:
        (piece,) = row["evidence"]
        text = next(one["text"] for one in rows if one["id"] == piece["document"])
        assert text[piece["start"] : piece["end"]] == row["answers"][0]
    result = json.loads((tmp_path / "synthesis.json").read_text())
    assert result["all_calls"]["cost"]["seconds"] > 0
    assert lab("synthesize", tmp_path, *words).code == 0
    assert questions(tmp_path) == made
    assert json.loads((tmp_path / "synthesis.json").read_text())["this_call"]["cost"]["replies"] == 0

"""`lab ask` and `lab serve` with a scripted desk: what is refused before any model is loaded, and what is printed."""

import io
import json
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest
from rich.console import Console
from scripted_desk import Script, ScriptedDesk, recipe_of

from lab.ask.choice import Choice, example_questions
from lab.ask.desk import check_question
from lab.ask.loop import Loop, ask_once
from lab.ask.marks import joined
from lab.ask.show import Transcript
from lab.cli import main
from lab.errors import DataError
from lab.recipe import MethodRecipe
from lab.terminal.decision import as_json

STEERING = "\x9b2J \x1b[31m \u202eevil \u2066\u00e4"
LATIN_1 = "caf\udce9?"  # how Python hands a byte of a command over that is no UTF-8


@pytest.fixture
def scripted(tmp_path, monkeypatch):
    """A desk for the commands, which loads nothing; `loaded` holds what it was told to load."""

    def start(names=None, **script):
        recipe = recipe_of(tmp_path)
        if names:
            recipe = replace(recipe, methods={name: MethodRecipe(name, "base", "none", ()) for name in names})
        desk = ScriptedDesk(recipe, Script(**script))
        desk.loaded = []
        monkeypatch.setattr(desk, "load", desk.loaded.extend)
        monkeypatch.setattr("lab.cli_ask._desk", lambda run: desk)
        monkeypatch.setattr("lab.ask.choice.read_run", lambda recipe: None)
        choice = Choice(desk.methods[-1], f"best by {STEERING}")
        monkeypatch.setattr("lab.ask.choice.default_method", lambda recipe, result: choice)
        return desk

    return start


@pytest.mark.parametrize(("question", "told"), [("", "empty"), (" \n", "empty"), (LATIN_1, "no UTF-8")])
@pytest.mark.parametrize("more", [(), ("--json",), ("--all",)])
def test_what_is_no_question_is_refused_before_anything_is_read(tmp_path, capsys, question, told, more):
    assert main(["ask", str(tmp_path / "no-run"), question, *more]) == 2
    shown = capsys.readouterr()
    assert told in " ".join(shown.err.split()) and "Traceback" not in shown.err
    shown.err.encode("utf-8")


@pytest.mark.parametrize("question", ["", "\u2003", "\ud800", LATIN_1])
def test_the_check_of_a_question_names_what_is_wrong(question):
    with pytest.raises(DataError, match=r"empty|surrogate"):
        check_question(question)


def test_a_question_of_any_script_is_one():
    check_question("\u00e9\u4e2d\U0001f600 \u202e?")


@pytest.mark.parametrize("every", [True, False])
def test_json_is_ascii_whatever_a_model_wrote(scripted, capsys, every):
    scripted(raw={"rag": STEERING, "raft": STEERING}, passages=((STEERING, f"{STEERING}\n{STEERING}"),))
    assert main(["ask", "run", STEERING, "--json", *(["--all"] if every else [])]) == 0
    out = capsys.readouterr().out
    assert out.isascii() and "\x1b" not in out
    found = json.loads(out)
    assert found["question"] == STEERING and found["replies"][-1]["passages"][0]["title"] == STEERING


def test_a_decision_and_a_judgement_as_json_are_ascii_too(tmp_path, capsys, monkeypatch):
    decided = as_json(SimpleNamespace(recommendation={"reason": STEERING}))
    assert decided.isascii() and json.loads(decided) == {"reason": STEERING}
    monkeypatch.setattr("lab.judge.run.judge_run", lambda run, settings, on_progress: {"pairs": [STEERING]})
    assert main(["judge", str(tmp_path), "--url", "http://127.0.0.1:9/v1", "--model", "m", "--json"]) == 0
    out = capsys.readouterr().out
    assert out.isascii() and json.loads(out) == {"pairs": [STEERING]}


def test_names_of_a_run_cannot_steer_the_terminal(scripted, capsys, monkeypatch):
    hostile = f"rag {STEERING}"
    desk = scripted(names=(hostile, "raft"))
    monkeypatch.setattr("lab.serve.server.look_at", lambda desk: SimpleNamespace(choice=Choice(hostile, "")))
    served = []

    def serve_forever(desk, view, address, names, on_ready):
        served.extend(names)
        on_ready()
        address.socket.close()

    monkeypatch.setattr("lab.serve.server.serve_forever", serve_forever)
    assert main(["serve", "run", "--port", "0", "--allow-host", "lab.example", "--allow-host", "10.0.0.1"]) == 0
    assert served == ["lab.example", "10.0.0.1"]
    assert main(["ask", "run", "When?"]) == 0
    assert main(["ask", "run", "When?", "--all"]) == 0
    out = capsys.readouterr().out
    assert "\\x9b2J" in out and not set("\x9b\x1b\u202e\u2066") & set(out)
    file = io.StringIO()
    prompts = []

    def read(prompt):
        prompts.append(prompt)
        if len(prompts) > 2:
            raise EOFError
        return [":methods", f":method {STEERING}"][len(prompts) - 1]

    Loop(desk, Console(file=file, width=80, highlight=False), [hostile], read).run()
    assert not set("\x9b\x1b\u202e\u2066") & (set("".join(prompts)) | set(file.getvalue()))


def test_a_line_that_is_no_utf_8_is_refused_and_the_next_one_answered(scripted, capsys, monkeypatch):
    desk = scripted()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"caf\xe9?\nWhen?\n"), encoding="utf-8"))
    asked = desk.answer

    def answer(question, name, *arguments, **settings):
        check_question(question)  # as the desk that the scripted one stands for
        return asked(question, name, *arguments, **settings)

    monkeypatch.setattr(desk, "answer", answer)
    assert main(["ask", "run"]) == 0
    assert desk.asked == [("When?", "raft")] and "no UTF-8" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("damage", ["{", '{"question_id": "q"}', "[]", '{"question_id": 1, "question": "?"}'])
def test_damaged_answers_are_one_message_with_their_line(tmp_path, damage):
    row = {"question_id": "q", "method": "rag", "question": "?", "gold": [], "answer": "", "hits": [], "scores": {}}
    (tmp_path / "answers.jsonl").write_text(f"{json.dumps(row)}\n{damage}\n")
    with pytest.raises(DataError, match=r"answers\.jsonl:2"):
        example_questions(tmp_path)


def test_an_answer_that_was_told_otherwise_stands_below(tmp_path):
    desk = ScriptedDesk(recipe_of(tmp_path), Script(raw={"rag": "at seven"}))
    reply = desk.answer("When?", "rag")
    file = io.StringIO()
    transcript = Transcript(Console(file=file, width=80), ["rag"], reasons=False)
    transcript.begin("rag")
    for part in ("at seven", "<stop>"):
        transcript.listener().on_answer(part)
    transcript.end(reply)
    assert file.getvalue().splitlines()[:2] == ["at seven<stop>", "at seven"]
    file.truncate(0)
    ask_once(desk, Console(file=file, width=80), "When?", ["rag"])
    assert file.getvalue().count("at seven\n") == 1


def test_marks_of_several_methods_are_joined_in_order():
    assert joined([(4, 9), (0, 2), (2, 3), (12, 12), (8, 10)]) == ((0, 3), (4, 10))


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("ask", ("{RUN} [QUESTION]\n", "  QUESTION  ", "--method METHOD ")),
        ("serve", ("{RUN}\n", "--port PORT ", "--host NAME ", "--allow-host NAME ")),
    ],
)
def test_help_names_what_is_wanted_and_no_types_of_python(command, names, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main([command, "--help"]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in names) and not any(kind in out for kind in ("<str>", "<int>", "<list", "<path>"))
    assert max(map(len, out.splitlines())) <= 80

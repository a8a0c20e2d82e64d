"""The prompt and the transcript: commands, faults that end nothing, and text that cannot steer the terminal."""

import io

import pytest
from rich.console import Console
from scripted_desk import Script, ScriptedDesk, recipe_of

from lab.ask.loop import Loop, ask_once
from lab.ask.show import snippet

HOSTILE = "\x1b[2J\x1b]0;owned\x07[red]x[/red] :smile: \u202eevil"


def make(tmp_path, **script):
    file = io.StringIO()
    desk = ScriptedDesk(recipe_of(tmp_path), Script(**script))
    return desk, Console(file=file, width=80, force_terminal=False, highlight=False), file


def talk(tmp_path, *lines, methods=("rag",), **script):
    """What is printed when these lines are typed; an exception among them is raised by the reading."""
    desk, console, file = make(tmp_path, **script)
    waiting, prompts = list(lines), []

    def read(prompt):
        prompts.append(prompt)
        if not waiting:
            raise EOFError
        line = waiting.pop(0)
        if isinstance(line, BaseException):
            raise line
        return line

    Loop(desk, console, methods, read).run()
    return desk, prompts, file.getvalue()


def test_questions_are_answered_until_the_input_ends(tmp_path):
    desk, prompts, out = talk(tmp_path, "When?", "", "Where?")
    assert desk.asked == [("When?", "rag"), ("Where?", "rag")]
    assert prompts == ["rag> "] * 4
    assert "rag says: seven" in out and "[1] Tarn, d0" in out


def test_quit_leaves_what_follows_unread(tmp_path):
    desk, _, _ = talk(tmp_path, ":quit", "When?")
    assert desk.asked == []


def test_another_method_several_and_all(tmp_path):
    desk, prompts, _ = talk(tmp_path, ":method raft", "a?", ":method closed-book, raft", "b?", ":method all", "c?")
    assert desk.asked == [
        ("a?", "raft"),
        ("b?", "closed-book"),
        ("b?", "raft"),
        ("c?", "closed-book"),
        ("c?", "rag"),
        ("c?", "raft"),
    ]
    assert prompts[-1] == "3 methods> "


def test_a_fault_is_told_and_the_next_line_is_read(tmp_path):
    desk, prompts, out = talk(tmp_path, ":method rga", "too long", ":nonsense", ":method", "ok?")
    assert "error: method 'rga': expected one of closed-book, rag, raft" in out
    assert "error: question asked: its prompt has 9000 tokens" in out
    assert ":quit" in out and desk.asked == [("ok?", "rag")] and set(prompts) == {"rag> "}


def test_methods_are_listed_with_the_present_one_marked(tmp_path):
    _, _, out = talk(tmp_path, ":methods")
    assert [line[:13] for line in out.splitlines() if line] == ["  closed-book", "* rag        ", "  raft       "]


def test_ctrl_c_clears_a_line_and_stops_an_answer_but_not_the_loop(tmp_path):
    calls = iter([KeyboardInterrupt])

    def gate():
        for error in calls:
            raise error

    desk, _, out = talk(tmp_path, KeyboardInterrupt(), "a?", "b?", gate=gate)
    assert [question for question, _ in desk.asked] == ["a?", "b?"]
    assert "stopped" in out and "rag says: seven" in out


def test_foreign_text_cannot_steer_the_terminal(tmp_path):
    desk, console, file = make(
        tmp_path, raw={"rag": HOSTILE, "raft": HOSTILE}, passages=((HOSTILE, f"{HOSTILE}\nnext"),)
    )
    replies = ask_once(desk, console, "When?", ["rag", "raft"])
    out = file.getvalue()
    assert len(replies) == 2
    assert not {"\x1b", "\x07", "\u202e"} & set(out)
    assert "\\x1b[2J" in out and "[red]x[/red]" in out and ":smile:" in out and "\\u202e" in out


def test_an_answer_that_no_passage_holds_says_so_and_one_that_does_names_it(tmp_path):
    desk, console, _ = make(tmp_path, raw={"rag": "at seven", "raft": "walruses", "closed-book": "NOT_FOUND"})
    replies = ask_once(desk, console, "When?", ["rag", "raft", "closed-book"])
    notes = {reply.method: reply.note for reply in replies}
    assert notes == {
        "rag": "[1] Tarn holds the answer's one word",
        "raft": "no passage supports this answer lexically",
        "closed-book": "declines to answer",
    }
    marks = replies[0].passages[0].marks
    assert [replies[0].passages[0].text[start:end] for start, end in marks] == ["at seven"]


@pytest.mark.parametrize("width", [10, 40, 400])
def test_a_snippet_shows_its_mark_and_says_where_it_was_cut(width):
    text = "x" * 100 + " needle " + "y" * 100
    found = snippet(text, [(101, 107)], width).plain
    assert "needle" in found and len(found) <= width + 6
    assert found.startswith("...") == (width < 400) == found.endswith("...")


def test_a_long_answer_stays_in_its_column(tmp_path):
    words = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    desk, _, _ = make(tmp_path, raw={"rag": words, "raft": "w" * 100})
    file = io.StringIO()
    console = Console(file=file, width=60, force_terminal=True, color_system=None, highlight=False)
    ask_once(desk, console, "When?", ["rag", "raft"])
    lines = file.getvalue().split("Passages")[0].splitlines()
    assert all(len(line) <= 60 for line in lines)
    told = [line[6:] for line in lines if not line.strip().startswith(("[1]", "no passage", "0."))]
    assert " ".join("\n".join(told).split()).startswith(words)
    assert lines[0].startswith("RAG   one two") and all(line.startswith("      ") for line in lines[1:3])

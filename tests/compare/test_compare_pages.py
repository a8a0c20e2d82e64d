"""What readers see: the terminal, compare.html and compare.md."""

import io
import re

import pytest
from made_runs import LIBRARIES, make_run
from rich.console import Console

from lab.cli import main
from lab.compare.page import build_page
from lab.compare.together import compare_runs
from lab.compare.write import default_folder, page_html, page_markdown, write_comparison
from lab.errors import DataError
from lab.terminal.comparison import show_comparison

EVIL = "\x1b[2J</td><script>alert(1)</script> | `x` [a](javascript:b) <img src=x onerror=y> \u202e\u2028# head \ud800"
SIX = {
    "closed-book": [0.0, 0.1, 0.0, 0.2], "rag": [1.0, 0.4, 0.3, 0.8], "fine-tuned": [0.2, 0.2, 0.1, 1.0],
    "fine-tuned+rag": [0.8, 0.9, 0.3, 1.0], "raft": [1.0, 0.9, 0.2, 1.0], "oracle": [1.0, 1.0, 0.5, 0.9],
}  # fmt: skip
WORSE = {name: values[::-1] for name, values in SIX.items()}


@pytest.fixture
def pair(tmp_path):
    """Two runs that differ in what they measured and in two settings; others' figures stand beside the second."""
    config = {
        "index": {"k": 5, "encoder": "minilm"},
        "economics": {"currency": "EUR", "cpu_hour": 0.1},
        "published": {"values": {"raft": 0.9}},
    }
    return make_run(tmp_path / "first", SIX, choice="raft"), make_run(
        tmp_path / "second", WORSE, choice="rag", config=config
    )


@pytest.fixture
def evil(tmp_path):
    """Two runs in which every free text is hostile."""
    runs = []
    for place, name in enumerate(("a", "b")):
        texts = {"q0": EVIL, "q1": EVIL, "q2": "?", "q3": "?"}
        scores = {EVIL: SIX["rag"] if place else WORSE["rag"], "rag": SIX["rag"] if place else WORSE["rag"]}
        config = {EVIL: f"{EVIL}{place}", "name": EVIL}
        environment = {"cpu": f"{EVIL}{place}", "generator": EVIL}
        runs.append(
            make_run(
                tmp_path / name,
                scores,
                texts=texts,
                gold={"q0": [EVIL], "q1": [EVIL]},
                choice=EVIL,
                config=config,
                environment=environment,
                result={"name": EVIL},
            )
        )
    return runs


def on_screen(found, width=80):
    console = Console(file=io.StringIO(), width=width, force_terminal=False, highlight=False)
    show_comparison(console, found, ())
    return console.file.getvalue()


def three_outputs(found):
    page = build_page(found)
    return on_screen(found), page_html(page), page_markdown(page)


def test_the_terminal_fits_its_width_with_every_method_and_verdict(pair):
    found = compare_runs(pair)
    for width in (80, 100, 140):
        text = on_screen(found, width)
        assert max(map(len, text.splitlines())) <= width
        assert "\N{HORIZONTAL ELLIPSIS}" not in text
        for name in ("Closed-book", "Fine-tuned + RAG", "RAFT *A", "RAG *B", "Oracle"):
            assert name in text


def test_differences_of_settings_are_told_apart_from_prices_and_names(pair):
    found = compare_runs(pair)
    assert [(one.key, one.values) for one in found.changes.settings] == [("index.k", ("3", "5"))]
    assert [one.key for one in found.changes.deciding] == ["economics.cpu_hour"]
    assert [one.key for one in found.changes.names] == ["name", "corpus.path"]
    for text in three_outputs(found):
        assert "One setting differs: index.k (A 3, B 5)" in text


def test_several_settings_are_said_to_explain_nothing_alone(tmp_path):
    a = make_run(tmp_path / "a", SIX)
    b = make_run(tmp_path / "b", SIX, config={"index": {"k": 5, "encoder": "other"}})
    for text in three_outputs(compare_runs([a, b])):
        assert "2 settings differ, so no difference can be put down to one of them" in " ".join(text.split())


def test_all_outputs_say_the_same_numbers(pair):
    for text in three_outputs(compare_runs(pair)):
        # RAG of B against RAFT of A: means 0.625 and 0.775.
        assert "\N{MINUS SIGN}0.15 [" in text.replace("\\[", "[")
        assert "RAG of B" in text


def test_flips_that_cancel_inside_each_cluster_are_not_the_same_scores(tmp_path):
    """Every document has one question gained and one lost: the clustered error is 0, whatever the number of them."""
    clusters = [f"d{place // 2}" for place in range(40)]
    a = make_run(tmp_path / "a", {"rag": [0.0, 1.0] * 20}, clusters=clusters)
    b = make_run(tmp_path / "b", {"rag": [1.0, 0.0] * 20}, clusters=clusters)
    found = compare_runs([a, b])
    (one,) = found.contrasts
    assert (one.found.low, one.found.high, one.found.verdict) == (0.0, 0.0, "equivalent")
    screen, page, markdown = (" ".join(text.split()) for text in three_outputs(found))
    for text in (screen, page, markdown):
        assert "equal in every cluster: the interval tells nothing here" in text
        assert "identical" not in text and "the same score" not in text.lower()
    assert "equivalent \N{DAGGER}" in screen
    assert "equivalent \N{DAGGER}" in " ".join(on_screen(found, 140).split())


def test_the_same_scores_carry_no_doubt(tmp_path):
    same = {"rag": [0.0, 1.0] * 20}
    for text in three_outputs(compare_runs([make_run(tmp_path / "a", same), make_run(tmp_path / "b", same)])):
        assert "identical" in text
        assert "in every cluster" not in text and "\N{DAGGER}" not in text


def test_a_difference_below_the_margin_is_not_written_as_the_margin(tmp_path):
    scores = [0.49 + 0.05 * (place % 5) for place in range(40)]
    a = make_run(tmp_path / "a", {"rag": scores})
    b = make_run(
        tmp_path / "b", {"rag": [one + 0.098 + (0.15 if place % 2 else -0.15) for place, one in enumerate(scores)]}
    )
    found = compare_runs([a, b], margin=0.1)
    (one,) = found.contrasts
    assert (one.found.verdict, round(one.found.difference, 3)) == ("slightly better", 0.098)
    screen, page, markdown = three_outputs(found)
    assert "+0.098" in page
    for text in (screen, markdown):
        assert "+0.098" in text and "+0.10 " not in text


def test_forced_comparisons_say_so_before_all_else(tmp_path):
    a = make_run(tmp_path / "a", SIX)
    b = make_run(tmp_path / "b", SIX, environment={"device": "cuda"})
    screen, page, markdown = three_outputs(compare_runs([a, b], force=True))
    assert screen.startswith("NOT COMPARABLE. A and B are not comparable")
    assert markdown.startswith("> **Warning:** A and B are not comparable")
    assert page.index("not comparable") < page.index("<h1>")
    for text in (screen, page, markdown):
        assert "Device: A cpu, B cuda" in text
        assert text.index("Device: A cpu, B cuda") < text.index("identical")


def test_comparable_runs_carry_no_warning(pair):
    for text in three_outputs(compare_runs(pair)):
        assert "not comparable" not in text.lower()


def test_hostile_text_never_reaches_the_terminal(evil):
    text = on_screen(compare_runs(evil), 140)
    assert not set(re.findall(r"[^\n]", text)) & set("\x1b\u202e\u2028\ud800")
    assert text.isprintable() or all(one.isprintable() or one in "\n\N{NO-BREAK SPACE}" for one in text)


def test_hostile_text_stays_text_in_html_and_markdown(evil, tmp_path):
    folder = tmp_path / "out"
    write_comparison(compare_runs(evil), folder)
    page = (folder / "compare.html").read_text(encoding="utf-8")
    assert page.count("<script") == len(re.findall(r"sha256-[\w+/]{43}=", page)) == 1
    assert "<img" not in page
    markdown = (folder / "compare.md").read_text(encoding="utf-8")
    ours = r"</?(details|summary|picture|source|img)\b[^>]*>"
    assert "<" not in re.sub(ours, "", markdown.replace(re.search(r"<img[^>]*>", markdown)[0], ""))
    assert "](javascript" not in markdown.replace("\\]", "")
    for block in re.findall(r"(?m)(?:^\|.*\n)+", markdown):
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert len(widths) == 1


def test_every_picture_that_markdown_shows_is_written(pair, tmp_path):
    folder = tmp_path / "out"
    written = write_comparison(compare_runs(pair), folder)
    markdown = (folder / "compare.md").read_text(encoding="utf-8")
    shown = re.findall(r'src(?:set)?="([^"]+)"', markdown)
    assert len(shown) == 2
    assert {folder / name for name in shown} <= set(written)
    assert all(path.is_file() for path in written)
    assert sorted(path.name for path in folder.iterdir()) == ["charts", "compare.html", "compare.md"]


def test_pages_are_equal_byte_for_byte_when_made_again(pair, tmp_path):
    first = write_comparison(compare_runs(pair), tmp_path / "one")
    second = write_comparison(compare_runs(pair), tmp_path / "two")
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_an_output_that_is_a_file_is_refused(pair, tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(DataError, match="found a file"):
        write_comparison(compare_runs(pair), tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


def test_the_default_folder_holds_names_that_lead_nowhere_else(pair, evil, tmp_path):
    assert str(default_folder(compare_runs(pair).runs)) == "reports/compare-first-second"
    assert str(default_folder(compare_runs(evil).runs)) == "reports/compare-a-b"  # equal names: the folders'
    up = make_run(tmp_path / "c", SIX, result={"name": "../../up"})
    assert default_folder(compare_runs([pair[0], up]).runs).parts == ("reports", "compare-first-up")


def test_examples_show_both_answers(pair):
    found = compare_runs(pair)
    page = page_html(build_page(found))
    for row in ("rag seed 1 on q0", "rag seed 1 on q3"):  # lost, and gained
        assert page.count(f"<td>{row}</td>") == 2
    assert "raft seed 1" not in page  # right in both, or wrong in both


def test_machines_and_versions_are_listed(tmp_path):
    a = make_run(tmp_path / "a", SIX)
    b = make_run(tmp_path / "b", SIX, environment={"cpu": "Other", "libraries": LIBRARIES | {"peft": "0.22.0"}})
    for text in three_outputs(compare_runs([a, b])):
        flat = " ".join(text.split())
        assert "made on different machines" in flat
        assert "Other versions of peft" in flat
        assert "0.21.2" in flat


def test_the_command_writes_pages_and_ends_with_0(pair, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["compare", *map(str, pair)]) == 0
    assert (tmp_path / "reports/compare-first-second/compare.html").is_file()
    assert "written:" in capsys.readouterr().out


def test_the_command_writes_where_it_is_told_or_nothing(pair, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["compare", *map(str, pair), "--out", "here"]) == 0
    assert (tmp_path / "here/compare.md").is_file()
    assert main(["compare", *map(str, pair), "--no-files"]) == 0
    assert not (tmp_path / "reports").exists()
    capsys.readouterr()


@pytest.mark.parametrize(
    "words",
    [["{0}"], ["{0}", "{0}"], ["{0}", "nowhere"], ["{0}", "{1}", "--margin", "0"], ["{0}", "{1}", "--margin", "much"]],
)
def test_mistakes_end_with_2_one_message_and_no_file(pair, tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    assert main(["compare", *(word.format(*pair) for word in words)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: ")
    assert "Traceback" not in told.err
    assert not (tmp_path / "reports").exists()


def test_a_refusal_ends_with_2_and_force_with_0(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    a = make_run(tmp_path / "a", SIX)
    b = make_run(tmp_path / "b", SIX, environment={"device": "cuda"})
    assert main(["compare", str(a), str(b)]) == 2
    assert "device: A cpu, B cuda" in capsys.readouterr().err
    assert not (tmp_path / "reports").exists()
    assert main(["compare", str(a), str(b), "--force"]) == 0
    assert capsys.readouterr().out.startswith("NOT COMPARABLE")

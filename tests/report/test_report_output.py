import copy
import json
import re
from html.parser import HTMLParser

import pytest

from lab.errors import DataError
from lab.report import write_report
from lab.report.browser import browser_data, script_json
from lab.report.html import render_html
from lab.report.markdown import escape_markdown, render_markdown
from lab.report.page import build_page

EVIL = "</script><script>alert(1)</script> | <img src=x onerror=alert(2)> \u2028 [a](javascript:b) `x` <!-- \n# head"
VOID = {"meta", "link", "input", "br", "img"}


class Tags(HTMLParser):
    """Start tags, with a check that all are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.seen, self.open, self.data = [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))
        if tag not in VOID and self.get_starttag_text()[-2:] != "/>":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.data.append(data)


@pytest.fixture
def evil(store, tree, rows):
    """A run in which every free text is hostile."""
    tree |= {"name": EVIL, "domain": EVIL, "track": EVIL}
    tree["corpus"]["notes"] = [EVIL]
    tree["holdout"]["leaks"]["near"] = [{"train_id": EVIL, "test_id": EVIL, "similarity": 1.0}]
    tree["recommendation"] |= {"reason": EVIL, "flips": [EVIL], "gates": [{EVIL: EVIL}]}
    tree["environment"][EVIL] = EVIL
    tree["methods"][EVIL] = copy.deepcopy(tree["methods"]["rag"])
    for method in tree["methods"].values():
        method |= {"prompt": EVIL, "description": EVIL}
        method["metrics_by_kind"] = {EVIL: {"token_f1": method["metrics"]["token_f1"]}}
        method["metrics"][EVIL] = method["metrics"]["token_f1"]
    for row in rows:
        row |= {key: EVIL for key in ("question", "answer", "raw", "kind", "cause")}
        row["gold"] = [EVIL]
        for hit in row["hits"]:
            hit |= {key: EVIL for key in ("title", "text", "document")}
    return store(tree, rows)


def hostile(value):
    """The same shape with every text hostile but those that the report looks up."""
    kept = {"rag", "raft", "fine-tuned", "fine-tuned+rag", "closed-book", "oracle", "large", "pass", "fail"}
    if isinstance(value, dict):
        return {key: hostile(item) for key, item in value.items()}
    if isinstance(value, list):
        return [hostile(item) for item in value]
    return EVIL if isinstance(value, str) and value not in kept else value


def test_hostile_text_in_the_analysis_and_the_decision_stays_text(store, full, rows):
    full |= {"analysis": hostile(full["analysis"]), "recommendation": hostile(full["recommendation"])}
    for method in full["methods"].values():
        method |= {"abstention": hostile(method["abstention"]), "confidence": hostile(method["confidence"])}
    folder = store(full, rows)
    write_report(folder)
    tags = Tags((folder / "report.html").read_text(encoding="utf-8")).seen
    assert sum(tag == "script" for tag, _ in tags) == 2
    assert not any(tag == "img" for tag, _ in tags)
    outside = re.sub(r"(?ms)^(`{3,})text\n.*?^\1$", "", (folder / "report.md").read_text(encoding="utf-8"))
    assert "<" not in outside and "[a](" not in outside
    for rows in markdown_tables(outside):
        assert len({len(cells) for cells in rows}) == 1


def test_all_files_are_written_and_nothing_else_is_left(store, tree, rows):
    folder = store(tree, rows)
    written = write_report(folder)
    assert sorted(path.name for path in written) == ["chart-cost.svg", "chart-quality.svg", "report.html", "report.md"]
    assert {path.name for path in folder.iterdir()} == {
        *(path.name for path in written),
        "results.json",
        "answers.jsonl",
    }


def test_two_renderings_are_equal_byte_for_byte(store, tree, rows):
    folder = store(tree, rows)
    first = [path.read_bytes() for path in write_report(folder)]
    assert [path.read_bytes() for path in write_report(folder)] == first


def test_a_faulty_result_leaves_the_older_report(store, tree, rows):
    folder = store(tree, rows)
    before = [path.read_bytes() for path in write_report(folder)]
    (folder / "answers.jsonl").write_text("{")
    with pytest.raises(DataError):
        write_report(folder)
    names = ("chart-quality.svg", "chart-cost.svg", "report.md", "report.html")
    assert [(folder / name).read_bytes() for name in names] == before


def test_hostile_text_stays_text_in_html(evil):
    write_report(evil)
    text = (evil / "report.html").read_text(encoding="utf-8")
    tags = Tags(text)
    assert sum(tag == "script" for tag, _ in tags.seen) == 2
    assert not any(tag == "img" for tag, _ in tags.seen)
    assert not any(name.startswith("on") for _, attributes in tags.seen for name in attributes)
    assert json.loads(tags.data[0])["questions"][0]["q"] == EVIL
    assert not set("<>&\u2028\u2029") & set(tags.data[0])


def test_nothing_is_loaded_and_only_the_own_script_may_run(page, result, answers):
    text = render_html(page, result, answers)
    tags = Tags(text).seen
    assert not re.search(r"https?://|@import|url\(", text)
    assert not any(key in attributes for _, attributes in tags for key in ("src", "srcset", "action"))
    assert all(re.match(r"#|data:,", attributes["href"]) for _, attributes in tags if "href" in attributes)
    policy = next(attributes["content"] for _, attributes in tags if attributes.get("http-equiv"))
    assert policy.startswith("default-src 'none'; ")
    assert re.search(r"script-src 'sha256-[A-Za-z0-9+/]{43}='; ", policy)
    identifiers = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))


def test_the_file_is_small_since_passages_are_stored_once(page, result, answers):
    assert len(render_html(page, result, answers).encode()) < 400_000
    data = browser_data(result, answers)
    assert len(data["passages"]) <= 128
    assert all(len(question["h"]) == 1 for question in data["questions"])


def test_the_browser_holds_every_question_and_answer(result, answers):
    data = browser_data(result, answers)
    assert len(data["questions"]) == 120
    assert [answer["m"] for answer in data["questions"][0]["a"]] == [name for name, _ in data["methods"]]
    sizes = [len(question["a"]) for question in data["questions"]]
    assert set(sizes) == {6}


def test_unmeasured_scores_stay_null_in_the_browser(result, answers):
    assert browser_data(result, answers)["questions"][0]["a"][0]["v"]["numeric_match"] is None


def test_json_in_a_script_reads_back():
    value = {"text": "</script> <!-- & \u2028 \u2029 \\ \" '"}
    assert json.loads(script_json(value)) == value
    assert not set("<>&\u2028\u2029") & set(script_json(value))


def markdown_tables(text):
    """Rows of each table as lists of cells, cut at bars that are not escaped."""
    tables, rows = [], []
    for line in [*text.splitlines(), ""]:
        if line.startswith("| "):
            rows.append(re.split(r"(?<!\\)\|", line)[1:-1])
        elif rows:
            tables.append(rows)
            rows = []
    return tables


def test_every_table_of_the_page_stands_in_markdown_with_all_rows(page):
    found = markdown_tables(render_markdown(page))
    expected = [page.methods, *(table for section in page.sections for table in section.tables)]
    assert [len(rows) - 2 for rows in found] == [len(table.rows) for table in expected]
    for rows, table in zip(found, expected, strict=True):
        assert {len(cells) for cells in rows} == {len(table.columns)}


def test_hostile_text_stays_text_in_markdown(evil):
    write_report(evil)
    text = (evil / "report.md").read_text(encoding="utf-8")
    outside = re.sub(r"(?ms)^(`{3,})text\n.*?^\1$", "", text)
    assert "<" not in outside
    assert "[a](" not in outside
    assert "\u2028" not in outside
    headings = [line for line in outside.splitlines() if line.startswith("#")]
    assert all(line.lstrip("#").startswith(" ") and not line.startswith("# head") for line in headings)
    for rows in markdown_tables(outside):
        assert len({len(cells) for cells in rows}) == 1


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a | b", r"a \| b"),
        ("<b>", "&lt;b&gt;"),
        ("token_f1", "token_f1"),
        ("_x_", r"\_x\_"),
        ("`x`\ny", r"\`x\` y"),
        ("[x](y)", r"\[x\](y)"),
    ],
)
def test_markdown_escapes(text, escaped):
    assert escape_markdown(text) == escaped


def test_prompts_stand_word_for_word_even_with_fences(load, tree):
    prompt = "before\n```\ninside\n```\nafter"
    tree["methods"]["rag"]["prompt"] = prompt
    page = build_page(load(tree))
    assert f"````text\n{prompt}\n````" in render_markdown(page)

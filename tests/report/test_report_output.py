"""What is written to the folder, and report.html as a parser of HTML reads it."""

import base64
import hashlib
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from full_result import EVIL

from lab.errors import DataError
from lab.report import write_report
from lab.report.html import render_html
from lab.report.page import build_page
from lab.report.read import read_result
from lab.report.write import chart_files, short_report

VOID = {"meta", "link", "input", "br", "img", "hr", "col", "source", "wbr"}
SVG = "{http://www.w3.org/2000/svg}"


class Parsed(HTMLParser):
    """Start tags with their attributes, headings, scripts and text; every tag must be closed in turn."""

    def __init__(self, text):
        super().__init__()
        self.seen, self.open, self.scripts, self.headings, self.text = [], [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        assert len(dict(attributes)) == len(attributes), "an attribute stands twice"
        self.seen.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "script":
            self.scripts.append((dict(attributes), []))
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attributes):
        self.seen.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text.append(data)
        if self.open and self.open[-1] == "script":
            self.scripts[-1][1].append(data)

    def tags(self, name):
        return [attributes for tag, attributes in self.seen if tag == name]

    def own_scripts(self):
        return ["".join(data) for attributes, data in self.scripts if "type" not in attributes]


@pytest.fixture
def written(store, full, rows):
    """The folder of a full result with its report."""
    folder = store(full, rows)
    write_report(folder)
    return folder


@pytest.fixture
def html(written):
    return (written / "report.html").read_text(encoding="utf-8")


def test_all_files_are_written_and_nothing_else_is_left(store, full, rows):
    folder = store(full, rows)
    files = write_report(folder)
    charts = [chart.wide.name for chart in build_page(read_result(folder / "results.json")).charts]
    names = [f"charts/{name}-{theme}.svg" for name in charts for theme in ("light", "dark")]
    assert [str(path.relative_to(folder)) for path in files] == [*names, "report.md", "report.html"]
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert found == {*names, "report.md", "report.html", "results.json", "answers.jsonl"}
    assert len(names) >= 2


def test_every_chart_is_drawn_in_both_themes_and_shown_in_both_reports(written, html):
    page = build_page(read_result(written / "results.json"))
    markdown = (written / "report.md").read_text(encoding="utf-8")
    shown = re.findall(r'(?:srcset|src)="(charts/[^"]+)"', markdown)
    assert sorted(shown) == sorted(chart_files(page)) == sorted(set(shown))
    for path, content in chart_files(page).items():
        assert (written / path).read_text(encoding="utf-8") == content
        root = ET.fromstring(content)
        assert root.tag == f"{SVG}svg" and root.find(f"{SVG}title").text
    for chart in page.charts:
        light, dark = (chart_files(page)[f"charts/{chart.wide.name}-{theme}.svg"] for theme in ("light", "dark"))
        assert light != dark and "#ffffff" in light and "#ffffff" not in dark
    titles = [attributes["aria-label"] for attributes in Parsed(html).tags("svg") if "aria-label" in attributes]
    for chart in page.charts:
        assert titles.count(chart.wide.title) >= 1
    assert html.count('<div class="wide">') == html.count('<div class="narrow">') == len(page.charts) > 0


def test_two_renderings_are_equal_byte_for_byte(store, full, rows):
    folder = store(full, rows)
    first = [path.read_bytes() for path in write_report(folder)]
    assert [path.read_bytes() for path in write_report(folder)] == first


def test_a_faulty_result_leaves_the_older_report(store, tree, rows):
    folder = store(tree, rows)
    files = write_report(folder)
    before = [path.read_bytes() for path in files]
    (folder / "answers.jsonl").write_text((folder / "answers.jsonl").read_text() + "{")
    with pytest.raises(DataError):
        write_report(folder)
    assert [path.read_bytes() for path in files] == before


def test_charts_of_an_earlier_result_go_and_nothing_else_does(written):
    kept = {path.relative_to(written) for path in written.rglob("*")}
    for name in ("charts/gone-light.svg", "charts/gone-dark.svg", "chart-quality.svg", "chart-cost.svg"):
        (written / name).write_text("<svg/>")
    others = {Path("charts/mine.svg"), Path("charts/notes-light.txt"), Path("chart-mine.svg"), Path("other-light.svg")}
    for name in others:
        (written / name).write_text("of somebody else")
    write_report(written)
    assert {path.relative_to(written) for path in written.rglob("*")} == kept | others


def test_a_faulty_first_report_leaves_nothing(store, tree, rows):
    folder = store(tree, rows)
    (folder / "answers.jsonl").write_text("{")
    with pytest.raises(DataError):
        write_report(folder)
    assert {path.name for path in folder.iterdir()} == {"results.json", "answers.jsonl"}


def test_tags_are_balanced_and_identifiers_unique(html):
    parsed = Parsed(html)
    identifiers = [attributes["id"] for _, attributes in parsed.seen if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    assert all(re.fullmatch(r"[\w-]+", name) for name in identifiers)


def test_every_internal_link_leads_to_something(written, html):
    parsed = Parsed(html)
    identifiers = {attributes["id"] for _, attributes in parsed.seen if "id" in attributes}
    targets = [attributes["href"] for attributes in parsed.tags("a")]
    assert targets and all(target.startswith("#") for target in targets)
    assert {target[1:] for target in targets} <= identifiers
    sections = {section.id for section in build_page(read_result(written / "results.json")).sections}
    assert sections | {"top", "methods", "answers"} <= {target[1:] for target in targets}
    # What is hidden gets its parts from the script.
    shown = [attributes for _, attributes in parsed.seen if "hidden" not in attributes]
    keys = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list")
    named = [attributes[key] for attributes in shown for key in keys if key in attributes]
    assert {name for value in named for name in value.split()} <= identifiers


def test_headings_skip_no_level(html, page):
    for text in (html, render_html(page)):
        levels = Parsed(text).headings
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_nothing_is_loaded_from_anywhere(html):
    parsed = Parsed(html)
    assert not re.search(r"https?://|@import|url\(", html)
    assert not any(key in attributes for _, attributes in parsed.seen for key in ("src", "srcset", "action", "ping"))
    assert all(re.match(r"#|data:,", attributes["href"]) for _, attributes in parsed.seen if "href" in attributes)
    assert not {tag for tag, _ in parsed.seen} & {
        "iframe",
        "object",
        "embed",
        "base",
        "img",
        "image",
        "use",
        "foreignobject",
    }


@pytest.mark.parametrize("whole", [True, False])
def test_the_policy_names_our_own_scripts_alone(html, page, whole):
    parsed = Parsed(html if whole else render_html(page))
    (policy,) = [attributes["content"] for attributes in parsed.tags("meta") if attributes.get("http-equiv")]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in parsed.own_scripts()]
    assert rules == {
        "default-src": "'none'", "style-src": "'unsafe-inline'", "img-src": "data:", "base-uri": "'none'",
        "form-action": "'none'", "script-src": " ".join(f"'sha256-{digest}'" for digest in digests),
    }  # fmt: skip
    assert len(digests) == 1 + whole
    # Islands of data run nowhere.
    kinds = {attributes["type"] for attributes, _ in parsed.scripts if "type" in attributes}
    assert kinds == ({"application/octet-stream"} if whole else set())


def test_without_answers_to_browse_the_page_has_no_link_to_them(page):
    parsed = Parsed(render_html(page))
    assert "#answers" not in [attributes["href"] for attributes in parsed.tags("a")]
    assert [attributes["id"] for attributes in parsed.tags("section")][-1] != "answers"


def test_hostile_text_stays_text(store, evil, html):
    tree, rows = evil
    folder = store(tree, rows)
    write_report(folder)
    text = (folder / "report.html").read_text(encoding="utf-8")
    parsed, plain = Parsed(text), Parsed(html)
    # The same tags and attributes as the page of a friendly result, and the same code.
    assert {tag for tag, _ in parsed.seen} <= {tag for tag, _ in plain.seen}
    names = {(tag, name) for tag, attributes in parsed.seen for name in attributes}
    assert not any(name.startswith("on") or name == "style" for _, name in names)
    assert parsed.own_scripts() == plain.own_scripts()
    assert "{{ 7 * 7 }}" in text and "49 &amp;amp;" not in text
    assert "</script></details></picture><script>alert(1)</script>" in "".join(parsed.text)
    assert EVIL.partition(" ")[0] not in text


def test_charts_of_a_hostile_result_are_xml_without_scripts(load, evil):
    files = chart_files(build_page(load(evil[0])))
    assert len(files) >= 2
    for content in files.values():
        tags = {element.tag.removeprefix(SVG) for element in ET.fromstring(content).iter()}
        assert tags <= {
            "svg",
            "title",
            "desc",
            "style",
            "rect",
            "text",
            "tspan",
            "path",
            "line",
            "circle",
            "polygon",
            "polyline",
            "g",
        }


def test_the_short_report_needs_no_answers_and_is_that_of_the_page(store, full):
    folder = store(full, [])
    (folder / "answers.jsonl").unlink()
    text = short_report(folder)
    assert text.startswith("# RAG or fine-tuning for the procedures of a ropeway operator?\n\n**Both: RAFT")
    assert {path.name for path in folder.iterdir()} == {"results.json"}


def test_a_short_report_of_no_result_is_refused(tmp_path):
    with pytest.raises(DataError, match="found no file"):
        short_report(tmp_path)


def test_half_a_character_is_no_traceback(store, tree, rows):
    """JSON can hold half of a surrogate pair, which no file in UTF-8 can."""
    tree["domain"] = rows[1]["answer"] = rows[1]["hits"][0]["text"] = "half \ud83d"
    tree["methods"]["rag"]["prompt"] = "half \ud83d"
    folder = store(tree, rows)
    try:
        write_report(folder)
    except DataError:
        return
    assert "half" in (folder / "report.html").read_text(encoding="utf-8")

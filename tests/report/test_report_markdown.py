"""report.md and the short report as a CommonMark parser with GitHub's tables reads them."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from full_result import EVIL
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lab.report.layout import Block, Cell, Chapter, Chart, Column, Finding, Page, Section, Table
from lab.report.markdown import escape_markdown, render_markdown, render_sections, render_short
from lab.report.page import build_page
from lab.report.svg import Figure

JOINER = "\u2060"
OUR_HTML = re.compile(
    r'<picture>|</picture>|<details>|</details>|<summary>[^<>"]* \(\d+\)</summary>'
    r'|<source media="\(prefers-color-scheme: dark\)" srcset="charts/[\w.-]+-dark\.svg">'
    r'|<img src="charts/[\w.-]+-light\.svg" alt="[^<>"]*">'
)
# What GitHub makes of plain text: links with and without a scheme, addresses, mentions, issues.
LINKED = re.compile(
    r"www\.|https?://|ftp://|[\w.+-]@[\w-]+\.\w|(?<!\w)@\w|#\d|\bgh-\d",
    re.IGNORECASE,
)
PIECES = [*"#*_`~[]()<>!|\\&;:@/.-+=$1 0aw\n\t\"'", "\u2028", "\u200b", "\u202e", "\x00", "\u200d", "\xe9", "\u5b57"]
PIECES += [
    "www.a",
    "http://",
    "@user",
    "c@d.example",
    "__",
    "**",
    "](x)",
    "<b>",
    "<!--",
    "&lt;",
    "#1",
    "gh-1",
    "1. ",
    "1) ",
]
PIECES += ["- ", "# ", "> ", "```", "~~~", "---", "===", "    ", "| - |", "[a]: b", "![", "</details>", "\r\n\r\n"]
hostile_texts = st.lists(st.sampled_from(PIECES), max_size=8).map("".join) | st.text(max_size=12)


def parse(text):
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)


def shown(inline):
    """The text of an inline token without what breaks links; code and our bold are taken as text."""
    assert {child.type for child in inline.children} <= {"text", "strong_open", "strong_close", "code_inline"}
    return "".join(child.content for child in inline.children).replace(JOINER, "").strip()


def flat(text):
    """One line, without what is invisible."""
    return " ".join("".join(one for one in text if one.isspace() or one.isprintable() or one in "\u200c\u200d").split())


def tables_of(text):
    """Rows of each table as lists of the cells' text, the head first, as a parser fills them up to the head's width."""
    tokens, tables = parse(text), []
    for place, token in enumerate(tokens):
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append([])
        elif token.type in ("td_open", "th_open"):
            tables[-1][-1].append(shown(tokens[place + 1]))
    return tables


def written_cells(text):
    """Cells of each written row that is no fenced text, by bars that are not escaped."""
    outside = re.sub(r"(?ms)^(`{3,})text\n.*?^\1$", "", text)
    return [len(re.split(r"(?<!\\)\|", line)) - 2 for line in outside.splitlines() if line.startswith("|")]


def figure(name, title="A title", description="What it shows."):
    return Figure(name, title, description, 100, 50, '<circle cx="5" cy="5" r="3"/>')


ROWS = ((Cell("a"), Cell("1", "n = 3")),)


def grid(title="Numbers", rows=ROWS, **more):
    return Table(title, (Column("name", number=False), Column("value")), rows, **more)


def one_page(**changes):
    page = Page(
        "Which?", Finding("This.", "It is better.", "Sure.", ()), None, (), (("Documents", "3 documents."),),
        grid("Methods"), (Chapter("First", (Section("limits", "Limits", points=("Few questions.",)),)),),
    )  # fmt: skip
    return replace(page, **changes)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a | b", r"a \| b"),
        ("<b>", "&lt;b&gt;"),
        ("&lt;", "&amp;lt;"),
        ("token_f1", "token_f1"),
        ("_x_", r"\_x\_"),
        ("__x__", r"\_\_x\_\_"),
        ("`x`\ny", r"\`x\` y"),
        ("[x](y)", r"\[x\](y)"),
        ("C #", r"C \#"),
        ("a\u2028b\x85c", "a b c"),
        ("pay\u202eload\x1b[31m\u200b", r"payload\[31m"),
        ("\U0001f469\u200d\U0001f52c", "\U0001f469\u200d\U0001f52c"),
        ("https://a.example", f"https:{JOINER}//a.example"),
        ("WWW.a.example", f"WWW{JOINER}.a.example"),
        ("ask @user", f"ask @{JOINER}user"),
        ("c@d.example", f"c@{JOINER}d.example"),
        ("recall@3 and nDCG@10", "recall@3 and nDCG@10"),
        ("as #12 and gh-12 say", f"as #{JOINER}12 and gh{JOINER}-12 say"),
    ],
)
def test_markdown_escapes(text, escaped):
    assert escape_markdown(text) == escaped


@given(hostile_texts)
def test_any_text_is_shown_as_itself_wherever_it_stands(text):
    section = Section(
        "s", text, paragraphs=(text,), points=(text,), tables=(grid(text, ((Cell(text), Cell(text, text)),)),)
    )
    tokens = parse(render_sections((section,)))
    inlines = [shown(token) for token in tokens if token.type == "inline"]
    own = flat(text)
    expected = [own, own, own, own, "name", "value", own, f"{own} {own}".strip()]
    assert [one for one in inlines if one] == [one for one in expected if one]
    assert {token.type.removesuffix("_open").removesuffix("_close") for token in tokens} <= {
        "heading", "paragraph", "bullet_list", "list_item", "inline", "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip


@given(hostile_texts)
def test_nothing_of_any_text_becomes_a_link_or_a_mention(text):
    section = Section("s", "S", paragraphs=(text,), tables=(grid(text, folded=True),), charts=(Chart(
        figure("c", text, text), figure("n"), text), ))  # fmt: skip
    for token in parse(render_sections((section,))):
        for part in (token, *(token.children or ())):
            assert not LINKED.search(part.content if part.type in ("text", "html_block") else "")


def test_a_hostile_result_renders_as_text_and_our_own_html(load, evil):
    page = build_page(load(evil[0]))
    text = render_markdown(page)
    tokens = parse(text)
    kinds = {token.type for token in tokens} | {child.type for token in tokens for child in token.children or ()}
    assert kinds <= {
        "heading_open", "heading_close", "paragraph_open", "paragraph_close", "bullet_list_open", "bullet_list_close",
        "list_item_open", "list_item_close", "table_open", "table_close", "thead_open", "thead_close", "tbody_open",
        "tbody_close", "tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close", "inline", "text",
        "strong_open", "strong_close", "code_inline", "fence", "html_block",
    }  # fmt: skip
    for line in "".join(token.content for token in tokens if token.type == "html_block").splitlines():
        assert OUR_HTML.fullmatch(line), line
    code = {child.content for token in tokens for child in token.children or () if child.type == "code_inline"}
    assert code <= {"report.html", "answers.jsonl"}
    texts = [child.content for token in tokens for child in token.children or () if child.type == "text"]
    assert not any(LINKED.search(one) for one in texts)
    assert any("<script>alert(1)</script>" in one for one in texts)
    blocks = [block.text for section in page.sections for block in section.blocks]
    assert [token.content for token in tokens if token.type == "fence"] == [
        f"{block}\n".replace("\x1b", "\ufffd").replace("\u202e", "\ufffd") for block in blocks
    ]


def expected_tables(page):
    """Tables of a page in the order of its Markdown."""
    found = [page.lead.table] if page.lead else []
    found.append(page.methods)
    for section in page.sections:
        found += [*(chart.table for chart in section.charts), *section.tables]
    return [table for table in found if table]


@pytest.mark.parametrize("name", ["plain", "evil"])
def test_every_table_stands_in_markdown_with_all_its_cells(load, full, evil, name):
    page = build_page(load(full if name == "plain" else evil[0]))
    text = render_markdown(page)
    expected = expected_tables(page)
    found = tables_of(text)
    assert len(found) == len(expected) > 20
    for rows, table in zip(found, expected, strict=True):
        assert rows[0] == [flat(column.label) for column in table.columns]
        assert [row[1:] for row in rows[1:]] == [
            [flat(f"{cell.text} {cell.detail}") for cell in row[1:]] for row in table.rows
        ]
        assert [row[0].partition(" (")[0] for row in rows[1:]] == [
            flat(row[0].text).partition(" (")[0] for row in table.rows
        ]
    sizes = [len(table.columns) for table in expected for _ in range(len(table.rows) + 2)]
    assert written_cells(text) == sizes


def test_the_chosen_method_alone_is_bold():
    table = grid("Methods", ((Cell("a"), Cell("1")), (Cell("b*", "x"), Cell("2"))), marked=1)
    bold = [token for token in parse(render_markdown(one_page(methods=table))) if token.type == "inline" and token.map]
    found = [shown(token) for token in bold if any(child.type == "strong_open" for child in token.children)]
    assert found == ["This. It is better.", "b* (x)"]


def test_headings_are_those_of_the_page_and_skip_no_level(load, full):
    page = build_page(load(full))
    for text in (render_markdown(page), render_short(page)):
        tokens = parse(text)
        places = [place for place, token in enumerate(tokens) if token.type == "heading_open"]
        found = [(int(tokens[place].tag[1]), shown(tokens[place + 1])) for place in places]
        assert found[0] == (1, page.title)
        levels = [level for level, _ in found]
        assert levels.count(1) == 1
        assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    sections = [title for level, title in found if level == 2]
    assert sections == ["Methods", "Comparisons", "Limits"]


def test_prompts_stand_word_for_word_even_with_fences(load, tree):
    prompt = "before\n```\ninside\n```\nafter"
    tree["methods"]["rag"]["prompt"] = prompt
    page = build_page(load(tree))
    assert f"````text\n{prompt}\n````" in render_markdown(page)


@given(st.text(alphabet="`~\n\r a<>", max_size=30))
def test_no_text_ends_its_fence(text):
    section = Section("s", "S", blocks=(Block("Prompt", text),), points=("After.",))
    after = Section("t", "T", paragraphs=("After.",))
    (fence,) = [token for token in parse(render_sections((section, after))) if token.type == "fence"]
    assert fence.content == re.sub(r"\r\n?", "\n", text) + "\n"


def test_a_chart_is_a_picture_in_two_themes_with_its_caption_and_its_numbers():
    chart = Chart(
        figure("quality", 'A "title" <b>', "It\n\nshows & tells."), figure("quality-narrow"), "1. Caption", grid()
    )
    section = Section("s", "S", charts=(chart, replace(chart, table=None)))
    text = render_sections((section,))
    assert (
        "<picture>\n"
        '<source media="(prefers-color-scheme: dark)" srcset="charts/quality-dark.svg">\n'
        '<img src="charts/quality-light.svg" alt="A &quot;title&quot; &lt;b&gt;. It shows &amp; tells.">\n'
        "</picture>\n\n1\\. Caption\n\n<details>\n<summary>Numbers (1)</summary>\n\n| name | value |"
    ) in text
    assert text.count("<picture>") == 2 and text.count("<details>") == 1
    whole = render_markdown(one_page(lead=chart))
    assert whole.index("Sure.") < whole.index("<picture>") < whole.index("## What was compared")


def test_warnings_stand_before_the_finding():
    for render in (render_markdown, render_short):
        tokens = parse(render(one_page(warnings=("Read <this>.",))))
        texts = [shown(token) for token in tokens if token.type == "inline"]
        assert texts[:3] == ["Warning: Read <this>.", "Which?", "This. It is better."]


def test_the_short_report_holds_the_finding_the_methods_the_contrasts_and_the_limits(load, full):
    page = build_page(load(full))
    text = render_short(page)
    texts = [shown(token) for token in parse(text) if token.type == "inline"]
    assert texts[:3] == [
        flat(page.title), flat(f"{page.finding.headline} {page.finding.answer}"), flat(page.finding.certainty),
    ]  # fmt: skip
    assert page.changes and set(map(flat, page.changes)) <= set(texts)
    methods, contrasts = tables_of(text)
    assert [row[0].partition(" (")[0] for row in methods[1:]] == [row[0].text for row in page.methods.rows]
    part = {section.id: section for section in page.sections}
    assert [row[0] for row in contrasts[1:]] == [row[0].text for row in part["comparisons"].tables[0].rows]
    assert set(map(flat, (*part["comparisons"].points, *part["limits"].points))) <= set(texts)
    assert "<" not in text and "report.html" not in text and "Cut here" not in text


@pytest.mark.parametrize("size", [100_000, 70_000, 1_001])
@pytest.mark.parametrize("letter", ["x", "&", "x ", "\n\n", "|", "\\", "@"])
def test_no_name_is_too_long_for_a_comment(load, full, size, letter):
    full["domain"] = letter * size
    text = render_short(build_page(load(full)))
    assert len(text) < 60_000
    assert "Both: RAFT" in text and "## Methods" in text and "## Limits" in text
    assert len(tables_of(text)) == 2


def test_four_hundred_methods_of_hostile_names_fit_a_comment(load, evil):
    page = build_page(load(evil[0] | {"domain": EVIL * 1000}))
    first, *others = page.methods.rows[0]
    rows = tuple((replace(first, text=f"{place} </b> | **@user"), *others) for place in range(400))
    text = render_short(replace(page, methods=replace(page.methods, rows=rows)))
    assert len(text) < 60_000
    assert text.endswith("\n\nCut here: the whole report is longer than a comment holds.\n")
    (rows,) = tables_of(text)
    assert len(rows) > 20 and len(set(written_cells(text))) == 1
    kinds = {child.type for token in parse(text) for child in token.children or ()}
    assert kinds <= {"text", "strong_open", "strong_close"}


@pytest.mark.parametrize("amount", [0, 10, 13, 29, 32, 59, 65, 400])
@pytest.mark.parametrize("letter", ["x", "&", "\\", "<"])
def test_a_cut_never_leaves_half_a_row_or_half_a_character(amount, letter):
    rows = tuple((Cell(f"{place}"), Cell(letter * 900)) for place in range(amount))
    text = render_short(one_page(methods=grid("Methods", rows)))
    assert len(text) < 60_000
    found = tables_of(text)[0][1:]
    assert found == [[f"{place}", letter * 900] for place in range(len(found))]
    assert ("Cut here" in text) == (len(found) < amount)


def test_a_text_that_is_too_long_for_a_comment_is_cut_and_shows_it():
    finding = Finding("This.", "b" * 70_000, "Sure.", ())
    text = render_short(one_page(finding=finding))
    assert f"**This.** {'b' * 999}\u2026\n" in text and "Sure." in text and "Few questions." in text

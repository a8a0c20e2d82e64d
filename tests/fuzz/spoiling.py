"""What breaks readers: hostile bytes and values, and the ways in which files, trees and tables are spoiled.

A mutation is a small value that prints, so that a failing example says what was done to which seed. Places are numbers
without bounds, taken modulo the length of what they point into, so that they stay meaningful while an example shrinks.
"""

from __future__ import annotations

import copy
import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

PLACES = st.integers(0, 1 << 16)
MARKS = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\0\0\xfe\xff"]
BROKEN = [b"\xc3", b"\xf0\x9f\x92", b"\xed\xa0\x80", b"\xff", b"\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80"]
CONTROLS = [b"\0", b"\0\0\0\0", b"\x1b[31m", b"\x07", b"\x1a", b"\r", b"\r\n", b"\n\r", b"\x0b", b"\x0c", b"\x85"]
UNSEEN = [text.encode() for text in ("\u202e", "\u2066", "\u200f", "\u2028", "\u2029", "\u0085", "\ufeff", "\u00ad")]
SCRIPTS = [
    text.encode() for text in ("\u0130", "\ufb01", "e\u0301" * 40, "\U0001f468\u200d\U0001f469", "\u3002", "\u0e33")
]
SYNTAX = [
    b'"',
    b"'",
    b'""',
    b"\\",
    b"\\u",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b";",
    b"\t",
    b":",
    b"#",
    b"```",
    b"|",
]
SYNTAX += [
    b"<",
    b">",
    b"<!--",
    b"<![CDATA[",
    b"&",
    b"&#xD800;",
    b"&#0;",
    b"%",
    b"- ",
    b"=1+1",
    b"=cmd|' /C calc'!A0",
    b"@x",
]
NUMBERS = [
    b"1e400",
    b"-1e400",
    b"NaN",
    b"-Infinity",
    b"9" * 5000,
    b"0" * 300 + b"1",
    b"1e-400",
    b"-0",
    b"18446744073709551616",
]
LONG = [
    b" " * 3000,
    b"\n" * 3000,
    b"\t\n" * 1500,
    b"a" * 140_000,
    b"(" * 3000,
    b"<b>" * 3000,
    b"> " * 3000,
    b"* " * 3000,
]
NESTED = [b"[" * 3000, b'{"a":' * 3000, b"[" * 900 + b"]" * 900, b'{"a":[' * 450 + b"]}" * 450, b"(" * 900 + b")" * 900]
PIECES = (*MARKS, *BROKEN, *CONTROLS, *UNSEEN, *SCRIPTS, *SYNTAX, *NUMBERS, *LONG, *NESTED)

# JSON that json.dumps does not write: put into the text for a word that stands for it.
RAW = {
    f"<<{number}>>": text
    for number, text in enumerate(
        (
            "1e400", "-1e400", "NaN", "Infinity", "-Infinity", "9" * 5000, "-" + "8" * 4400, "1E-999", "-0", "-0.0",
            "123456789012345678901234567890", '"\\ud800"', '"a\\udc00\\ud800b"', '"\\u0000"', '{"a": 1, "a": [2]}',
            "[" * 5000 + "]" * 5000, '{"a":' * 5000 + "1" + "}" * 5000, "[" * 800 + "]" * 800,
            '{"a":' * 900 + "1" + "}" * 900, "[" * 200 + "]" * 200, "tru", "'x'", "0x10", "01", ".5",
        )
    )
}  # fmt: skip
PLAIN_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 10**30, -(10**18), 0.5, -0.0, 1e308, "", " ", "\n", "x", "yes", "No.", "null", "0",
    "-1", "nan", "train", "test", "dev", "span", "label", "unanswerable", "list", "call", "\0", "\u202e", "\ufeffx",
    "\ud800", "a\udfffb", "\x1b[2J", "\u2028", "=1+1", "../../etc/passwd", "/", "~", "[1]", "['a', 'b']", "a" * 5000,
    [], {}, [[]], [None], [""], ["x", "x"], [0, 1.5, True], {"a": 1}, {"": ""}, {"text": []}, [{"a": 1}], [[["x"]]],
    {"title": ["x"], "sentences": [["y"]]}, {"document": "d1", "start": 0, "end": 5}, [{"start": 1, "end": 0}],
)  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(PLAIN_VALUES),
    st.sampled_from(sorted(RAW)),
    st.text(max_size=8),
    st.integers(-5, 200),
    st.floats(),
)
KEYS = st.sampled_from(["", "id", "text", "title", "answers", "name", "a.b", "__class__", "\ud800", "\0", "x" * 300])

EDITS = st.one_of(
    st.tuples(st.just("flip"), PLACES, st.integers(0, 7)),
    st.tuples(st.just("cut"), PLACES, st.integers(1, 400)),
    st.tuples(st.just("keep"), PLACES, st.just(0)),
    st.tuples(st.just("put"), PLACES, st.sampled_from(PIECES)),
    st.tuples(st.just("over"), PLACES, st.sampled_from(PIECES)),
    st.tuples(st.just("double"), PLACES, st.integers(1, 400)),
    st.tuples(st.just("splice"), PLACES, PLACES),
)


def _flip(data: bytes, place: int, bit: int) -> bytes:
    return data[:place] + bytes([data[place] ^ (1 << bit)]) + data[place + 1 :] if place < len(data) else data


BYTE_EDITS: Mapping[str, Callable[[bytes, int, Any], bytes]] = {
    "flip": _flip,
    "cut": lambda data, place, length: data[:place] + data[place + length :],
    "keep": lambda data, place, _: data[:place],
    "put": lambda data, place, piece: data[:place] + piece + data[place:],
    "over": lambda data, place, piece: data[:place] + piece + data[place + len(piece) :],
    "double": lambda data, place, length: data[: place + length] + data[place:],
}


def edited(data: bytes, edits: Sequence[tuple[str, int, Any]], other: bytes) -> bytes:
    """`data` after some edits; a splice goes on with `other`."""
    for kind, place, more in edits:
        at = place % (len(data) + 1)
        if kind == "splice":
            data = data[:at] + other[more % (len(other) + 1) :]
        else:
            data = BYTE_EDITS[kind](data, at, more)
    return data


@st.composite
def spoiled_bytes(draw: Any, seeds: Sequence[bytes], most: int = 4) -> bytes:
    """One of `seeds` after up to `most` edits, which may splice it with another."""
    edits = draw(st.lists(EDITS, max_size=most))
    return edited(draw(st.sampled_from(seeds)), edits, draw(st.sampled_from(seeds)))


TREE_EDITS = st.one_of(
    st.tuples(st.just("value"), PLACES, VALUES),
    st.tuples(st.just("drop"), PLACES, st.none()),
    st.tuples(st.just("rename"), PLACES, KEYS),
    st.tuples(st.just("double"), PLACES, st.none()),
    st.tuples(st.just("wrap"), PLACES, st.sampled_from(["list", "object"])),
    st.tuples(st.just("swap"), PLACES, PLACES),
)


def _slots(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every place below the root that holds a value: the container, and the key or index."""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    for key in keys:
        yield tree, key
        yield from _slots(tree[key])


def edited_tree(tree: Any, edits: Sequence[tuple[str, int, Any]]) -> Any:
    """A copy of a JSON tree after some edits."""
    tree = copy.deepcopy([tree])  # in a list, so that the root can be replaced too
    for kind, place, more in edits:
        slots = list(_slots(tree))
        if not slots:
            break
        inside, key = slots[place % len(slots)]
        if kind == "value":
            inside[key] = copy.deepcopy(more)
        elif kind == "wrap":
            inside[key] = [inside[key]] if more == "list" else {"a": inside[key]}
        elif kind == "swap":
            other, name = slots[more % len(slots)]
            inside[key], other[name] = copy.deepcopy(other[name]), copy.deepcopy(inside[key])
        elif kind == "double" and isinstance(inside, list):
            inside.insert(key, copy.deepcopy(inside[key]))
        elif kind == "rename" and isinstance(inside, dict):
            inside[more] = inside.pop(key)
        elif kind == "drop" and inside is not tree:
            del inside[key]
    return tree[0]


def json_bytes(tree: Any, *, escapes: bool = True) -> bytes:
    """JSON text, with the words of RAW replaced by what they stand for."""
    text = json.dumps(tree, ensure_ascii=escapes)
    if "<<" in text:
        for word, raw in RAW.items():
            text = text.replace(f'"{word}"', raw)
    return text.encode("utf-8", "surrogatepass")


def as_lines(tree: Any, *, escapes: bool = True) -> bytes:
    """JSON Lines of a list of rows; of anything else one line."""
    rows = tree if isinstance(tree, list) else [tree]
    return b"".join(json_bytes(row, escapes=escapes) + b"\n" for row in rows)


@st.composite
def spoiled_json(draw: Any, tree: Any, *, lines: bool = False, most: int = 3) -> bytes:
    """The text of a JSON tree (of rows, with `lines`) after up to `most` edits of it, and one of its bytes."""
    changed = edited_tree(tree, draw(st.lists(TREE_EDITS, max_size=most)))
    escapes = draw(st.booleans())
    data = as_lines(changed, escapes=escapes) if lines else json_bytes(changed, escapes=escapes)
    return edited(data, draw(st.lists(EDITS, max_size=1)), data)


CELLS = st.one_of(
    st.sampled_from(
        ["", " ", '"', '""',
         "a\nb", "a\r\nb", ",", ";", "\t", "=1+1", "+1", "-1", "@x", "'=1", "\t=1", "[",
         '["a", "b"]',
         "['a', 'b']", "[1, null]", '{"a": 1}', "NaN", "1e400", "9" * 5000, "true", "yes", "no", "label", "\0",
         "\ufeff",
         "\u202e", "\u2028", "\x1b[2J", "a" * 140_000, "question", "id", "answers", " | ", "\\|", "[" * 3000]
    ),
    st.text(max_size=8),
)  # fmt: skip
TABLE_EDITS = st.one_of(
    st.tuples(st.sampled_from(["value", "insert"]), PLACES, CELLS),
    st.tuples(st.sampled_from(["drop", "row twice", "row gone", "column gone"]), PLACES, st.none()),
)
ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252")


def edited_table(table: Sequence[Sequence[str]], edits: Sequence[tuple[str, int, Any]]) -> list[list[str]]:
    """A copy of rows of cells after some edits."""
    rows = [list(row) for row in table]
    for kind, place, more in edits:
        cells = [(row, column) for row in range(len(rows)) for column in range(len(rows[row]))]
        if not cells:
            break
        row, column = cells[place % len(cells)]
        if kind == "value":
            rows[row][column] = more
        elif kind == "insert":
            rows[row].insert(column, more)
        elif kind == "drop":
            del rows[row][column]
        elif kind == "row twice":
            rows.insert(row, list(rows[row]))
        elif kind == "row gone":
            del rows[row]
        else:
            rows = [one[:column] + one[column + 1 :] for one in rows]
    return rows


@st.composite
def spoiled_table(draw: Any, table: Sequence[Sequence[str]], delimiters: str = ",;\t") -> bytes:
    """Rows as CSV in some dialect and encoding, after edits of cells, rows and columns, and one of its bytes."""
    rows = edited_table(table, draw(st.lists(TABLE_EDITS, max_size=3)))
    stream = io.StringIO(newline="")
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    csv.writer(stream, delimiter=draw(st.sampled_from(delimiters)), quoting=quoting, lineterminator=end).writerows(rows)
    data = stream.getvalue().encode(draw(st.sampled_from(ENCODINGS)), "replace")
    return edited(data, draw(st.lists(EDITS, max_size=1)), data)

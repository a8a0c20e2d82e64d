"""CSV, TSV, JSON Lines, JSON and Parquet -> rows."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from lab.ingest.clean import clean, removal_notes
from lab.ingest.decode import decode
from lab.ingest.nouns import Parsed, Text, Unreadable
from lab.ingest.rows import MAX_TABLE_CHARACTERS, parse_rows

MAX_JSON_BYTES = 100_000_000
MAX_FIELD = 10_000_000  # characters of one CSV cell
DELIMITERS = ",;\t|"
SEEN_LINES = 50
SHOWN_FAULTS = 5
MAX_BATCH_ROWS = 200


def parse_csv(data: bytes, path: str) -> Parsed:
    """A table with commas, semicolons, tabs or bars between its cells, told by which one divides its lines alike.

    The first row names the columns where its cells differ and none is empty or a number; else they are "column 1", ...

    Raises:
        Unreadable: no rows with text.
        csv.Error: cells that cannot be told apart.
    """
    decoded = decode(data)
    text = decoded.text.replace("\0", "")
    delimiter = "\t" if path.lower().endswith(".tsv") else find_delimiter(text)
    lines = _csv_rows(text, delimiter)
    first = next(lines, [])
    named = _is_header(first)
    header = [name.strip() for name in first] if named else [f"column {n}" for n in range(1, len(first) + 1)]
    uneven: list[int] = []
    rows = _with_names(header, lines if named else _again(first, lines), uneven)
    parsed = parse_rows(rows, encoding=decoded.encoding, notes=decoded.notes)
    told = [] if named else ["no names of columns in the first row: they are column 1, column 2, ..."]
    if uneven:
        told.append(
            f"{len(uneven):,} rows have more cells than there are columns, first row {uneven[0]}; all were kept"
        )
    return Parsed(parsed.texts, parsed.encoding, (*parsed.notes, *told))


def find_delimiter(text: str) -> str:
    """The delimiter that cuts the first 50 rows into the same number of cells most often; a comma if none does."""
    head = "\n".join(text[:100_000].splitlines()[:SEEN_LINES])
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        try:
            widths = Counter(len(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter) if row)
        except csv.Error:
            continue
        width, count = max(widths.items(), key=lambda pair: pair[1], default=(1, 0))
        score = count / max(widths.total(), 1) * (width > 1) + min(width, 100) / 1000
        if width > 1 and score > best_score:
            best, best_score = delimiter, score
    return best


def parse_jsonl(data: bytes, _path: str) -> Parsed:
    """One JSON object a line; lines that are none are left out, and a note names the first of them.

    Raises:
        Unreadable: no line is an object with text.
    """
    decoded = decode(data)
    faults: list[str] = []
    parsed = parse_rows(_json_lines(decoded.text, faults), encoding=decoded.encoding, notes=decoded.notes)
    return Parsed(parsed.texts, parsed.encoding, (*parsed.notes, *_fault_notes(faults)))


def parse_json(data: bytes, path: str) -> Parsed:
    """A list of objects gives rows, also as the only list of an object, or as objects by name (`{"a1": {...}}`).

    Any other JSON becomes "key: value" lines.

    Raises:
        Unreadable: larger than 100 MB, not JSON, questions in SQuAD's format, or without text.
    """
    if len(data) > MAX_JSON_BYTES:
        raise Unreadable(
            f"{len(data) / 1e6:,.0f} MB of JSON; the limit is {MAX_JSON_BYTES // 1_000_000} MB",
            "write it as JSON Lines, one object a line",
        )
    decoded = decode(data)
    try:
        value = json.loads(decoded.text)
    except json.JSONDecodeError as error:
        if "Extra data" in error.msg and _first_is_object(decoded.text):
            return parse_jsonl(data, path)
        place = f"line {error.lineno}, character {error.colno}"
        raise Unreadable(f"not JSON at {place}: {error.msg}", "correct it there") from None
    if _is_squad(value):
        advice = "take it out; an experiment reads it with corpus.format: squad"
        raise Unreadable("questions with their answers in SQuAD's format, no documents", advice, "unsupported")
    rows = _rows_within(value)
    if rows is not None:
        beside = ", ".join(str(key) for key in list(value)[:SHOWN_FAULTS]) if isinstance(value, dict) else ""
        listed = any(rows is one for one in value.values()) if isinstance(value, dict) else False
        told = [f"of its keys ({beside}) only the one list of objects was read"] if listed and len(value) > 1 else []
        return parse_rows(rows, encoding=decoded.encoding, notes=(*decoded.notes, *told))
    text, removed = clean("\n".join(_within_limit(_flat_lines(value))))
    if not text:
        raise Unreadable("no text in it", "leave it out", "empty")
    notes = (*decoded.notes, 'no list of objects: it became one text of "key: value" lines', *removal_notes(removed))
    return Parsed((Text(text),), decoded.encoding, notes)


def parse_parquet(data: bytes, _path: str) -> Parsed:
    """A Parquet table, read batch by batch; columns of bytes are left out.

    Raises:
        Unreadable: no rows with text.
        Exception: whatever pyarrow raises.
    """
    import pyarrow
    import pyarrow.parquet

    file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(data))
    schema = file.schema_arrow
    binary = [
        field.name
        for field in schema
        if pyarrow.types.is_binary(field.type) or pyarrow.types.is_large_binary(field.type)
    ]
    columns = [field.name for field in schema if field.name not in binary]
    notes = [f"columns of bytes left out: {', '.join(binary)}"] if binary else []
    batches = file.iter_batches(batch_size=_batch_rows(file.metadata), columns=columns)
    return parse_rows((row for batch in batches for row in batch.to_pylist()), notes=notes)


def _batch_rows(metadata: Any) -> int:
    """Rows that fit into memory at once even if each holds all of a group: one long value may stand for many rows.

    Of the groups, not of their columns: what pyarrow finds wrong with a column's metadata ends the process.
    """
    sizes: list[int] = [metadata.row_group(number).total_byte_size for number in range(metadata.num_row_groups)]
    return max(1, min(MAX_BATCH_ROWS, MAX_TABLE_CHARACTERS // max([1, *sizes])))


def _csv_rows(text: str, delimiter: str) -> Iterator[list[str]]:
    # The limit holds for the whole process; rows are read one at a time, so it is set around each.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        before = csv.field_size_limit(MAX_FIELD)
        try:
            row = next(reader, None)
        finally:
            csv.field_size_limit(before)
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield row


def _is_header(row: Sequence[str]) -> bool:
    names = [name.strip() for name in row]
    return len(set(names)) == len(names) and all(names) and not any(_is_number(name) for name in names)


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


def _again(first: list[str], lines: Iterator[list[str]]) -> Iterator[list[str]]:
    if first:
        yield first
    yield from lines


def _with_names(header: Sequence[str], lines: Iterator[list[str]], uneven: list[int]) -> Iterator[dict[str, str]]:
    for number, cells in enumerate(lines, start=1):
        if len(cells) > len(header):
            uneven.append(number)
        more = (f"column {n}" for n in range(len(header) + 1, len(cells) + 1))
        yield dict(zip(chain(header, more), cells, strict=False))


def _json_lines(text: str, faults: list[str]) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(io.StringIO(text), start=1):  # ends at line feeds only, as JSON Lines says
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            faults.append(f"line {number}: {str(error).splitlines()[0]}")
            continue
        if isinstance(value, dict):
            yield value
        elif isinstance(value, str):
            yield {"text": value}
        else:
            faults.append(f"line {number}: expected an object, got {type(value).__name__}")


def _fault_notes(faults: Sequence[str]) -> list[str]:
    if not faults:
        return []
    more = f"; and {len(faults) - SHOWN_FAULTS:,} more" if len(faults) > SHOWN_FAULTS else ""
    return [f"{len(faults):,} lines left out that are no JSON objects: {'; '.join(faults[:SHOWN_FAULTS])}{more}"]


def _first_is_object(text: str) -> bool:
    try:
        value, _ = json.JSONDecoder().raw_decode(text.lstrip())
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict)


def _rows_within(value: Any) -> list[Mapping[str, Any]] | None:
    """The list of objects that `value` is, or the only one among the values of the object that it is."""
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        return value
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return [{"text": one} for one in value]
    if isinstance(value, dict):
        lists = [one for one in value.values() if isinstance(one, list) and one and isinstance(one[0], dict)]
        if len(lists) == 1:
            return _rows_within(lists[0])
        if len(value) > 1 and all(isinstance(one, dict) for one in value.values()) and _are_alike(value):
            return [{"id": name, **one} for name, one in value.items()]
    return None


def _are_alike(objects: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether objects have most of their keys in common, as the records of one table have."""
    keys = Counter(key for one in objects.values() for key in one)
    return bool(keys) and sum(keys.values()) >= 0.5 * len(keys) * len(objects)


def _is_squad(value: Any) -> bool:
    articles = value.get("data") if isinstance(value, dict) else None
    first = articles[0] if isinstance(articles, list) and articles else None
    return isinstance(first, dict) and isinstance(first.get("paragraphs"), list)


def _within_limit(lines: Iterator[str]) -> Iterator[str]:
    """The lines; a long key that stands before many values would make a small file endless."""
    size = 0
    for line in lines:
        size += len(line)
        if size > MAX_TABLE_CHARACTERS:
            raise Unreadable(f"more than {MAX_TABLE_CHARACTERS:,} characters of text", "write it as JSON Lines")
        yield line


def _flat_lines(value: Any) -> Iterator[str]:
    """A line such as "a.b: value" for each value, in order; a stack instead of recursion, since nesting may be deep."""
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        path, one = stack.pop()
        if isinstance(one, dict):
            stack.extend((f"{path}.{key}" if path else str(key), inner) for key, inner in reversed(one.items()))
        elif isinstance(one, list):
            stack.extend((path, inner) for inner in reversed(one))
        elif one is not None and str(one).strip():
            said = " ".join(str(one).split())
            yield f"{path}: {said}" if path else said

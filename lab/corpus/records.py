"""JSON files of other people's data sets, record by record, so that a file may be larger than memory."""

from __future__ import annotations

import json
from collections.abc import Iterator

import ijson

from lab.corpus.fields import Fields, show
from lab.corpus.source import TextFile


def read_records(file: TextFile, faults: list[str]) -> Iterator[Fields]:
    """The objects of a file: JSON Lines, one array, or several arrays one after the other.

    A record of JSON Lines knows its place as `FILE:LINE`, one of an array as `FILE: [n]`, n from 0 over all arrays.
    What is no JSON or no object goes to `faults`.
    """
    return _array_items(file, faults) if file.first_character() == "[" else _lines(file, faults)


def read_members(file: TextFile, faults: list[str]) -> Iterator[tuple[str, Fields]]:
    """Keys and objects of a file that is one large object, such as `{"21645374": {...}, ...}`."""
    if file.first_character() != "{":
        faults.append(f"{file.path}: expected one JSON object, got something else")
        return
    with file.utf8() as stream:
        try:
            for key, value in ijson.kvitems(stream, "", use_float=True):
                if isinstance(value, dict):
                    yield key, Fields(value, str(file.path), faults, key)
                else:
                    faults.append(f"{file.path}: {key}: expected an object, got {show(value)}")
        except (ijson.JSONError, UnicodeError) as error:  # half of a surrogate pair
            faults.append(f"{file.path}: not JSON: {_first_line(error)}")


def _array_items(file: TextFile, faults: list[str]) -> Iterator[Fields]:
    number = 0
    with file.utf8() as stream:
        try:
            for value in ijson.items(stream, "item", multiple_values=True, use_float=True):
                if isinstance(value, dict):
                    yield Fields(value, str(file.path), faults, f"[{number}]")
                else:
                    faults.append(f"{file.path}: [{number}]: expected an object, got {show(value)}")
                number += 1
        except (ijson.JSONError, UnicodeError) as error:  # half of a surrogate pair
            faults.append(f"{file.path}: not JSON after {number} records: {_first_line(error)}")


def _lines(file: TextFile, faults: list[str]) -> Iterator[Fields]:
    for number, line in file.lines():
        place = f"{file.path}:{number}"
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            faults.append(f"{place}: not JSON at character {error.pos + 1}: {error.msg}")
        except (RecursionError, ValueError) as error:  # nested too deeply; a number of thousands of digits
            faults.append(f"{place}: not JSON that can be read: {error}")
        else:
            values = value if isinstance(value, list) else [value]
            for one in values:
                if isinstance(one, dict):
                    yield Fields(one, place, faults)
                else:
                    faults.append(f"{place}: expected a JSON object, got {show(one)}")


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]

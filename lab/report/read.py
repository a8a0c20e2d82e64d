"""Read back what a run saved: results.json and answers.jsonl, with one clear message when a file is not that."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, NoReturn

from lab.errors import DataError, list_faults
from lab.types import Comparison, EffectSizes, ExperimentResult, MoreQuestions

SCHEMA_VERSION = 1
_RESULT_KEYS: dict[str, type] = {
    "name": str,
    "domain": str,
    "track": str,
    "n_test": int,
    "n_clusters": int,
    "seeds": list,
    "corpus": dict,
    "holdout": dict,
    "methods": dict,
    "comparisons": list,
    "retrieval": dict,
    "recommendation": dict,
    "timings": dict,
    "environment": dict,
    "config": dict,
}
_NUMBER = int | float
_OPTIONAL_NUMBER = int | float | None
_COMPARISON_KEYS: dict[str, type | UnionType] = {
    "metric": str,
    "method": str,
    "baseline": str,
    "difference": _NUMBER,
    "low": _OPTIONAL_NUMBER,
    "high": _OPTIONAL_NUMBER,
    "p": _NUMBER,
    "p_holm": _OPTIONAL_NUMBER,
    "verdict": str | None,
    "n": int,
    "clusters": int,
    "mde": _OPTIONAL_NUMBER,
}
# What later versions of the lab added: older results have none of it.
_LATER_RESULT_KEYS: dict[str, type] = {"analysis": dict}
_LATER_COMPARISON_KEYS: dict[str, type | UnionType] = {
    "lost": int,
    "low_bca": _OPTIONAL_NUMBER,
    "high_bca": _OPTIONAL_NUMBER,
    "p_mcnemar": _OPTIONAL_NUMBER,
    "effects": dict | None,
    "by_seed": list,
    "p_retrained": _OPTIONAL_NUMBER,
    "needed": dict | None,
}
_EFFECT_KEYS: dict[str, type | UnionType] = dict.fromkeys(
    ("relative_error_reduction", "odds_ratio", "d_z"), _OPTIONAL_NUMBER
)
_NEEDED_KEYS: dict[str, type | UnionType] = {"difference": _NUMBER, "questions": int, "clusters": int}
_ANSWER_KEYS: dict[str, type] = {
    "question_id": str,
    "method": str,
    "question": str,
    "gold": list,
    "answer": str,
    "hits": list,
    "scores": dict,
}
_LATER_ANSWER_KEYS: dict[str, type] = {"seed": int}


def read_result(path: Path) -> ExperimentResult:
    """Read a results.json; unknown keys are ignored, since later versions add some.

    Raises:
        DataError: no such file, not JSON, no result of this lab, written by a newer version, or incomplete (all
            faults are listed).
    """
    tree = parse_json(_text(path, "a results.json of a finished run"), str(path))
    if not isinstance(tree, dict) or "schema_version" not in tree:
        raise DataError(f"{path}: expected a result of this lab, found no schema_version; name a run's results.json")
    version = tree["schema_version"]
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise DataError(
            f"{path}: written by a newer version of the lab (schema_version {version}; this one reads up to "
            f"{SCHEMA_VERSION}); update the lab or run the experiment again"
        )
    if version != SCHEMA_VERSION:
        raise DataError(f"{path}: expected schema_version {SCHEMA_VERSION}, got {version!r}")
    faults = _result_faults(tree)
    if faults:
        raise DataError(list_faults(f"{path}: not a complete result", faults))
    fields: dict[str, Any] = {key: tree[key] for key in _RESULT_KEYS}
    fields["seeds"] = tuple(tree["seeds"])
    fields["comparisons"] = tuple(_comparison(item) for item in tree["comparisons"])
    fields["analysis"] = tree.get("analysis", {})
    return ExperimentResult(**fields)


def read_answers(path: Path) -> list[dict[str, Any]]:
    """Read an answers.jsonl, one mapping per question and method, in file order.

    Raises:
        DataError: no such file, or lines that are no answers (all listed with their line numbers).
    """
    return list(iter_answers(path))


def iter_answers(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of `read_answers` one by one, for files that are larger than memory.

    Raises:
        DataError: as there, on the first step where there is no such file, after the last row where lines are no
            answers: what was made of the rows before is to be thrown away.
    """
    faults: list[str] = []
    for position, line in enumerate(_lines(path, "the answers.jsonl of a finished run"), start=1):
        if not line.strip():
            continue
        where = f"{path.name}:{position}"
        try:
            row = parse_json(line, where)
        except DataError as error:
            faults.append(str(error))
            continue
        if found := _faults(row, _ANSWER_KEYS, _LATER_ANSWER_KEYS):
            faults += [f"{where}: {fault}" for fault in found]
        else:
            yield row
    if faults:
        raise DataError(list_faults(f"{path}: lines that are no answers", faults))


def _lines(path: Path, expected: str) -> Iterator[str]:
    """The lines of a file, cut at line feeds alone: str.splitlines would also cut at U+2028 inside a text."""
    read = 0
    try:
        with path.open("rb") as file:
            for line in file:
                yield line.decode("utf-8")
                read += len(line)
    except FileNotFoundError:
        raise _no_file(path, expected) from None
    except IsADirectoryError:
        raise _a_folder(path, expected) from None
    except UnicodeDecodeError as error:
        raise _not_utf8(path, read + error.start) from None


def _text(path: Path, expected: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise _no_file(path, expected) from None
    except IsADirectoryError:
        raise _a_folder(path, expected) from None
    except UnicodeDecodeError as error:
        raise _not_utf8(path, error.start) from None


def _no_file(path: Path, expected: str) -> DataError:
    return DataError(f"{path}: expected {expected}, found no file; has the run ended?")


def _a_folder(path: Path, expected: str) -> DataError:
    return DataError(f"{path}: expected {expected}, found a folder")


def _not_utf8(path: Path, position: int) -> DataError:
    return DataError(f"{path}: expected UTF-8, found another encoding at byte {position}")


def parse_json(text: str | bytes, where: str) -> Any:
    """JSON from outside, as text or as the bytes of a file.

    Raises:
        DataError: it is none, holds NaN or Infinity, or is nested too deep to be read; `where` begins the message.
    """
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise DataError(f"{where}: not readable as JSON: {error.msg} (line {error.lineno})") from None
    except ValueError as error:
        raise DataError(f"{where}: {error}") from None
    except RecursionError:
        raise DataError(f"{where}: nested too deep to be a file of this lab") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number; what could not be computed is null with a reason")


def _result_faults(tree: Mapping[str, Any]) -> list[str]:
    faults = _faults(tree, _RESULT_KEYS, _LATER_RESULT_KEYS)
    for position, item in enumerate(_list(tree.get("comparisons"))):
        faults += [f"comparisons[{position}]: {fault}" for fault in _comparison_faults(item)]
    methods = tree.get("methods")
    if isinstance(methods, dict):
        faults += [f"methods.{name}: {fault}" for name, item in methods.items() for fault in _faults(item, {})]
    return faults


def _comparison_faults(item: Any) -> list[str]:
    faults = _faults(item, _COMPARISON_KEYS, _LATER_COMPARISON_KEYS)
    for key, keys in (("effects", _EFFECT_KEYS), ("needed", _NEEDED_KEYS)):
        nested = item.get(key) if isinstance(item, dict) else None
        if isinstance(nested, dict):
            faults += [f"{key}: {fault}" for fault in _faults(nested, keys)]
    return faults


def _faults(
    item: Any, keys: Mapping[str, type | UnionType], later: Mapping[str, type | UnionType] | None = None
) -> list[str]:
    """What is missing or of another type; keys of `later` may be missing."""
    if not isinstance(item, dict):
        return [f"expected an object, got {_kind(item)}"]
    missing = [f"{key}: missing" for key in keys if key not in item]
    wrong = [
        f"{key}: expected {_expected(kind)}, got {_kind(item[key])}"
        for key, kind in {**keys, **(later or {})}.items()
        if key in item and (not isinstance(item[key], kind) or isinstance(item[key], bool))
    ]
    return missing + wrong


def _expected(kind: type | UnionType) -> str:
    names = {int: "a whole number", float: "a number", str: "a string", list: "a list", dict: "an object"}
    if isinstance(kind, type):
        return names.get(kind, kind.__name__)
    return " or ".join(names.get(part, "null") for part in kind.__args__)


def _kind(value: Any) -> str:
    return {"NoneType": "null", "dict": "an object", "list": "a list"}.get(type(value).__name__, repr(value)[:60])


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _comparison(item: Mapping[str, Any]) -> Comparison:
    fields = {key: item[key] for key in (*_COMPARISON_KEYS, *_LATER_COMPARISON_KEYS) if key in item}
    fields["by_seed"] = tuple(item.get("by_seed", ()))
    for key, noun, keys in (("effects", EffectSizes, _EFFECT_KEYS), ("needed", MoreQuestions, _NEEDED_KEYS)):
        nested = item.get(key)
        fields[key] = None if nested is None else noun(**{name: nested[name] for name in keys})
    return Comparison(**fields)

"""Faults of a configuration as sentences: pydantic's errors in the words of whoever wrote the file."""

from __future__ import annotations

import difflib
import re
import reprlib
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

MAX_KEY, MAX_MESSAGE = 100, 600  # characters of a key, and of what is said of it
_SHORT = reprlib.Repr()
_SHORT.maxlevel, _SHORT.maxlist, _SHORT.maxdict, _SHORT.maxstring, _SHORT.maxother = 3, 8, 8, 100, 100


def explain(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """One sentence for each fault: the key, what was expected, what came; an unknown key with the nearest known one."""
    return [_explain_one(fault, model) for fault in error.errors()]


def _explain_one(fault: Mapping[str, Any], model: type[BaseModel]) -> str:
    location = [str(part) for part in fault["loc"]]
    key = ".".join(
        part for part in location if not re.fullmatch(r"(constrained-)?(int|float|str)|bool|literal.*", part)
    )[:MAX_KEY]
    if fault["type"] == "extra_forbidden":
        known = _known_keys(model, location[:-1])
        near = difflib.get_close_matches(location[-1], known, n=1)
        return f"{key}: unknown key; " + (f"did you mean {near[0]}?" if near else f"known keys: {', '.join(known)}")
    message = str(fault["msg"]).removeprefix("Value error, ")
    message = message if len(message) <= MAX_MESSAGE else f"{message[:MAX_MESSAGE]}..."  # it may quote a value
    if fault["type"] == "value_error":
        return f"{key}: {message}" if key else message
    return f"{key}: {message[0].lower()}{message[1:]}, got {_shown(fault['input'])}"


def _shown(value: object) -> str:
    """What was given, cut short: YAML's aliases can make a few lines stand for millions of values."""
    try:
        return _SHORT.repr(value)
    except ValueError:
        return "a number of thousands of digits"


def _known_keys(model: type[BaseModel], location: Sequence[str]) -> list[str]:
    for part in location:
        annotation = model.model_fields[part].annotation
        annotation = next((one for one in get_args(annotation) if one is not type(None)), annotation)  # X of X | None
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return []
        model = annotation
    return list(model.model_fields)

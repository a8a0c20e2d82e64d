"""From a requirement's text to the requirement: one pass from left to right, every word looked up."""

from __future__ import annotations

import difflib
import json
import math
import re
from collections.abc import Sequence
from typing import Literal

from lab.gate.language import (
    ADVICE,
    BY_DOCUMENT,
    COUNTS,
    MEASURES,
    NO_METHOD,
    OPERATORS,
    PAIR_FIELDS,
    RECOMMENDATION,
    RETRIEVAL,
    SCORE_FIELDS,
    VERDICTS,
    Bound,
    Names,
    Operator,
    Quantity,
    Requirement,
    RequirementError,
    is_bare,
    written,
)

MAX_LENGTH = 1000
MOST_NAMES = 12  # of a list of all names; methods, metrics and measures are rarely more
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[^\s.<>=!\"]+")
_GOES_ON, _BEFORE_MINUS, _NEVER = r"[\w+@-]", r"[\w+@]", r"(?!)"  # a minus may touch a name, not a word of ours
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


def parse(text: str, names: Names) -> Requirement:
    """The requirement that `text` states about a run with these names.

    Raises:
        RequirementError: `text` states none.
    """
    if len(text) > MAX_LENGTH:
        raise RequirementError(f"longer than {MAX_LENGTH} characters", MAX_LENGTH)
    return _Parser(text, names).requirement()


class _Parser:
    """`at` is the next character."""

    def __init__(self, text: str, names: Names) -> None:
        self.text = text
        self.names = names
        self.at = 0

    def requirement(self) -> Requirement:
        self._space()
        if self.at == len(self.text):
            raise RequirementError("empty; expected something such as raft.token_f1 >= 0.6", 0)
        quantity = self._quantity()
        self._space()
        operator = self._operator(quantity)
        self._space()
        bound = self._bound(quantity)
        self._space()
        if self.at < len(self.text):
            raise RequirementError("expected the end of the requirement", self.at)
        return Requirement(quantity, operator, bound, self.text)

    def _quantity(self) -> Quantity:
        for count in COUNTS:
            if self._keyword(count):
                return Quantity("count", count)
        if self._keyword(f"{RETRIEVAL}."):
            return self._retrieval()
        if self._keyword(f"{RECOMMENDATION}."):
            return Quantity("recommendation", self._one_of("part of the recommendation", ADVICE))
        method = self._name("method", self.names.methods, (*COUNTS, RETRIEVAL, RECOMMENDATION))
        end = self.at
        self._space()
        if self._take("-"):
            self._space()
            return self._pair(method)
        self.at = end
        if not self._take("."):
            raise RequirementError(f"expected .metric, or - and another method, after {written(method)}", self.at)
        for measure in MEASURES:
            if self._keyword(measure):
                return Quantity("measure", measure, method)
        metric = self._name("metric", self.names.metrics, MEASURES)
        return Quantity("score", metric, method, field=self._field(SCORE_FIELDS) or "mean")

    def _pair(self, method: str) -> Quantity:
        start = self.at
        baseline = self._name("method", self.names.methods)
        if baseline == method:
            raise RequirementError(f"{written(method)} is compared with itself", start)
        if not self._take("."):
            return Quantity("pair", "", method, baseline)
        for name in PAIR_FIELDS:
            if self._keyword(name):
                return Quantity("pair", "", method, baseline, name)
        metric = self._name("metric", self.names.metrics, PAIR_FIELDS)
        return Quantity("pair", metric, method, baseline, self._field(PAIR_FIELDS))

    def _retrieval(self) -> Quantity:
        about: Literal["retrieval", "by_document"] = "retrieval"
        known = self.names.retrieval
        if self._keyword(f"{BY_DOCUMENT}."):
            about, known = "by_document", self.names.by_document
        if not known:
            raise RequirementError("this run measured no retrieval", self.at)
        measure = self._name("measure of retrieval", known)
        return Quantity(about, measure, field=self._field(SCORE_FIELDS) or "mean")

    def _operator(self, quantity: Quantity) -> Operator:
        start = self.at
        for operator in OPERATORS:
            if self._take(operator):
                break
        else:
            hint = "; equality is ==" if self.text.startswith("=", self.at) else ""
            raise RequirementError(f"expected one of {' '.join(OPERATORS)}{hint}", self.at)
        if quantity.kind != "number" and operator not in ("==", "!="):
            raise RequirementError(f"{quantity} is no number: expected == or !=", start)
        if quantity.about == "pair" and not quantity.field and operator in ("==", "!="):
            raise RequirementError(
                f"a comparison is an interval: expected >, >=, < or <=, or a field such as {quantity}.difference", start
            )
        return operator

    def _bound(self, quantity: Quantity) -> Bound:
        if quantity.kind == "flag":
            return self._one_of("truth value", ("true", "false")) == "true"
        if quantity.kind == "method":
            return self._name("method", (*self.names.methods, NO_METHOD))
        if quantity.kind == "verdict":
            return self._name("verdict", VERDICTS)
        found = _NUMBER.match(self.text, self.at)
        if found is None:
            raise RequirementError("expected a number", self.at)
        value = float(found.group())
        if not math.isfinite(value):
            raise RequirementError("expected a number that is not beyond all bounds", self.at)
        self.at = found.end()
        return value

    def _field(self, fields: Sequence[str]) -> str:
        return self._one_of("field", fields) if self._take(".") else ""

    def _one_of(self, what: str, known: Sequence[str]) -> str:
        for name in known:
            if self._keyword(name):
                return name
        raise self._unknown(what, known)

    def _name(self, what: str, known: Sequence[str], also: Sequence[str] = ()) -> str:
        """One of the known names, in quotes or as it is; `also` are other words that might have been meant."""
        start = self.at
        if self.text.startswith('"', start):
            name = self._quoted()
            if name not in known:
                raise RequirementError(f"unknown {what}", start, _hint(written(name), [*map(written, known)]))
            return name
        fitting = [name for name in known if is_bare(name) and self._stands_here(name, _BEFORE_MINUS)]
        if not fitting:
            raise self._unknown(what, [*map(written, known), *also])
        name = max(fitting, key=len)
        self.at += len(name)
        return name

    def _unknown(self, what: str, known: Sequence[str]) -> RequirementError:
        word = _WORD.match(self.text, self.at)
        message = f"unknown {what}" if word else f"expected a {what}"
        return RequirementError(message, self.at, _hint(word.group() if word else "", known))

    def _quoted(self) -> str:
        start = self.at
        found = _QUOTED.match(self.text, start)
        try:
            value = json.loads(found.group()) if found else None
        except ValueError:
            value = None
        if found is None or value is None:
            raise RequirementError('expected a name in quotes, such as "my system"', start)
        self.at = found.end()
        return str(value)

    def _stands_here(self, name: str, goes_on: str) -> bool:
        """Whether `name` begins here and no character of the class `goes_on` follows."""
        end = self.at + len(name)
        return self.text.startswith(name, self.at) and not re.match(goes_on, self.text[end : end + 1])

    def _keyword(self, word: str) -> bool:
        if not self._stands_here(word, _GOES_ON if word[-1] != "." else _NEVER):
            return False
        self.at += len(word)
        return True

    def _take(self, token: str) -> bool:
        if not self.text.startswith(token, self.at):
            return False
        self.at += len(token)
        return True

    def _space(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1


def _hint(word: str, known: Sequence[str]) -> str:
    """The known words most like `word`, or all of them; all as they are to be written."""
    near = [one for one in known if word and one.startswith(word)][:3] or difflib.get_close_matches(word, known)
    if near:
        return f"did you mean {' or '.join(near)}?"
    rest = len(known) - MOST_NAMES
    return f"known: {', '.join(known[:MOST_NAMES])}{f' and {rest} more' if rest > 0 else ''}" if known else ""

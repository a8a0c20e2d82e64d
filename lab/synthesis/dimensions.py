"""Whether a text holds a value that could answer a question of this form: in doubt it does."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lab.synthesis.filters import STEM, key_words
from lab.synthesis.values import DATE, SPELLED, VALUE, YEAR
from lab.synthesis.words import normal_words

_CALENDAR, _CLOCK, _COUNT = "calendar", "clock", "count"
# What a unit measures, by whole symbols and by the beginnings and endings of words. Speeds count as lengths.
_SYMBOLS = {
    "mass": "g kg mg µg μg ng t lb lbs",
    "length": "m km cm dm mm nm µm μm Å km/h m/s mph ft",
    "area": "m² km² cm² ha",
    "volume": "l ml cl dl L mL m³ cm³",
    "duration": "h s min ms",
    "money": "€ £ $ ¥ US$ EUR USD CHF GBP",
    "temperature": "° °C °F °K K",
    "share": "% ‰",
    "power": "W kW MW GW TW",
    "energy": "Wh kWh MWh GWh TWh J kJ MJ cal kcal",
    "electricity": "V kV mV A mA",
    "force": "N kN Nm",
    "pressure": "Pa kPa hPa bar",
    "frequency": "Hz kHz MHz GHz rpm",
    "data": "kB MB GB TB KiB MiB GiB TiB B",
}
_SYMBOL_OF = {symbol: name for name, symbols in _SYMBOLS.items() for symbol in symbols.split()}
_WORDS = (
    ("area", r"square|hectares?|areas?"),
    ("volume", r"cubic|[a-z]*lit(?:re|er)s?|volumes?|capacity"),
    ("mass", r"[a-z]*gramm?e?s?|kilos?|tonn?e?s?|pounds?|weigh[a-z]*|weights?|mass(?:es)?|heavy"),
    (
        "length",
        r"[a-z]*met(?:re|er)s?|miles?|feet|foot|inch(?:es)?|lengths?|heights?|widths?|depths?|diameters?|distances?"
        r"|tall|high|wide|deep|thick|far|speeds?|fast",
    ),
    ("duration", r"seconds?|minutes?|hours?|days?|weeks?|months?|years?|decades?|centur(?:y|ies)|durations?|lasts?"),
    ("money", r"euros?|dollars?|cents?|francs?|marks?|crowns?|prices?|costs?|fares?|fees?"),
    ("temperature", r"degrees?|temperatures?"),
    ("share", r"percent(?:age)?|per cent|shares?"),
    ("power", r"[a-z]*watts?|power"),
    ("electricity", r"[a-z]*volts?|amps?|amperes?"),
    ("force", r"newtons?"),
)
_WORD_OF = tuple((name, re.compile(rf"(?:{pattern})\Z")) for name, pattern in _WORDS)
_QUANTITY = re.compile(rf"(?<!\w)(?:{SPELLED}|\d[\d.,]*)(?!\w)")
_DATED = re.compile(rf"(?<![\w.,])(?:{DATE}|{YEAR})(?!\w|[.,]\d)")


def may_answer(text: str, question: str, answer: str, besides: frozenset[str]) -> bool:
    """Whether a text about the thing that is asked of may hold the answer.

    For a number, a date or a time of day that is any other of its kind: a value of the same measure, or one without
    a unit beside a word for that measure or of the question. For any other answer it is a word of the question.
    `besides` are beginnings of words that tell nothing, those of the thing's own name.
    """
    asked = {word[:STEM] for word in key_words(question)} - besides
    told = {word[:STEM] for word in normal_words(text)}
    wanted = set(_measures(answer))
    if not wanted:
        return not asked or bool(asked & told)
    if wanted == {_COUNT}:  # "436": the question may name the unit
        wanted |= {name for word in normal_words(question) if (name := _measure_of(word)) and name != "duration"}
    held = set(_measures(text))
    if wanted & held - {_COUNT} or (wanted == {_COUNT} and _COUNT in held):
        return True
    named = {_measure_of(word) for word in normal_words(text)}
    return _COUNT in held and bool(wanted & named or asked & told)


def _measures(text: str) -> Iterator[str]:
    """What the values of a text measure."""
    if _DATED.search(text):
        yield _CALENDAR
    for match in VALUE.finditer(text):
        if match.lastgroup == "date":
            continue
        if match.lastgroup in ("time", "money"):
            yield _CLOCK if match.lastgroup == "time" else "money"
        elif not _DATED.fullmatch(match.group()):
            yield _unit_of(match.group())
    for match in _QUANTITY.finditer(VALUE.sub(" ", text)):
        if not _DATED.fullmatch(match.group()):
            yield _COUNT


def _unit_of(value: str) -> str:
    """What a value measures by what stands behind its number."""
    for word in re.split(r"[\s\u00a0\u202f]+|(?<=\d)(?=[^\d.,\s])|-", value):
        if name := _SYMBOL_OF.get(word) or _measure_of(word.casefold()):
            return name
    return _COUNT


def _measure_of(word: str) -> str | None:
    return next((name for name, pattern in _WORD_OF if pattern.match(word)), None)

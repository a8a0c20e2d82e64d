"""Numbers with their units, money, dates and times, as they are written in running text."""

from __future__ import annotations

import re

from lab.synthesis.words import MONTHS

SPAN, NUMBER, LIST = "span", "number", "list"
# Which groups of VALUE are dates or times: no numeric comparison makes sense of them.
CALENDAR = frozenset(["date", "time"])

_GAP = "[ \u00a0\u202f]"
_DIGITS = r"\d{1,15}(?:[.,\u00a0\u202f]\d{1,9}){0,6}"
SPELLED = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|eighteen|nineteen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-[a-z]{3,5})?)"
)
_SCALE = rf"(?:{_GAP}(?:hundred|thousand|million|billion|trillion))?"
_UNITS = (
    r"(?:%|‰|per cent|percent|°\s?[CFK]?|km/h|m/s|mph|[kKMGT]?W(?:h|p)?|[kMG]?Hz|[kKMGT]i?B|[kmμµ]?[gmlLVAN]|[cdnmμµ]m"
    r"|(?:[mμµnk]?g|[mk]?l|mol)/(?:[mkd]?[gl]|day|h)|Å|[mμµn]g|dB|k?Pa|k?N|hPa|bar|mol|k?cal|[kM]?J|Nm|rpm|ppm|h|min|s|ha|m²|m³|km²|cm²|cm³"
    r"|hours?|minutes?|seconds?|days?|weeks?|months?|years?|decades?|centuries"
    r"|(?:square|cubic) (?:[a-z]{0,5}met(?:re|er)s|miles|feet)|newton metres|[a-z]{2,6}met(?:re|er)s?"
    r"|metres?|meters?|miles?|feet|foot|inches|inch|kilos?|[a-z]{0,6}grams?|[a-z]{0,6}grammes?|tonnes?|tons?|pounds?"
    r"|[a-z]{0,6}lit(?:re|er)s?|[a-z]{0,6}volts?|[a-z]{0,6}watts?|amps?|degrees?|euros?|dollars?|cents?|francs?|marks?)"
)
_MONTH = rf"(?:{'|'.join(MONTHS)})"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
DATE = (
    rf"(?:{_DAY}(?: of)? {_MONTH}(?:,? \d{{4}})?|{_MONTH} {_DAY},? \d{{4}}(?!\d)|{_MONTH} \d{{4}}(?!\d)"
    rf"|{_MONTH} \d{{1,2}}(?!\d)|\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}[./]\d{{1,2}}[./]\d{{4}})"
)
YEAR = r"(?:1[0-9]|20)\d{2}"
_MONEY = (
    rf"(?<!\w)(?:US\$|[$€£¥]){_GAP}?{_DIGITS}{_SCALE}(?!\w)"
    rf"|(?<![\w.,]){_DIGITS}{_SCALE}{_GAP}?(?:€|£|EUR|USD|CHF)(?!\w)"
)
# A counted plural, as in "ten seats" or "two facing benches"; "people" and its like are plurals without an s.
PLURAL = (
    r"(?:(?!times\b)[a-z][a-z-]{2,20}[^su\W\d_]s|people|men|women|children|persons|passes|boxes|buses|losses|classes)"
)
_NO_YEAR = r"(?!(?:1\d|20)\d\d\b)"  # "of 1559 shows" counts nothing
_COUNTED = rf"(?:{_NO_YEAR}{_DIGITS}{_SCALE}|{SPELLED}{_SCALE}) (?:[a-z][a-z-]{{2,15}} )?{PLURAL}"
_PATTERNS = (
    ("date", rf"(?<!\w){DATE}(?!\w)"),
    ("time", r"(?<![\w:.])\d{1,2}[:.]\d{2}(?: ?(?:am|pm|a\.m\.|p\.m\.|h|Uhr|o'clock)|(?<=:\d\d))(?![\w:]|\.\d)"),
    ("money", _MONEY),
    (
        "between",
        rf"(?<![\w.,/-])(?:{_NO_YEAR}{_DIGITS}|{SPELLED}) (?:to|or) (?:{_DIGITS}|{SPELLED})(?:{_GAP}?{_UNITS})?"
        r"(?![\w/-]|[.,]\d)",
    ),
    ("amount", rf"(?<![\w.,/-])[-\u2212]?{_DIGITS}{_SCALE}{_GAP}?{_UNITS}(?![\w/-])"),
    ("spelled", rf"(?<![\w-]){SPELLED}{_SCALE}{_GAP}{_UNITS}(?![\w/-])"),
    ("counted", rf"(?<![\w.,/-]){_COUNTED}(?![\w-])"),
    ("range", rf"(?<![\w.,/-]){_DIGITS} ?[\u2013-] ?{_DIGITS}(?![\w/-])"),
    ("number", rf"(?<![\w.,/-]){_DIGITS}{_SCALE}(?![\w/-]|[.,]\d)"),
)
VALUE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PATTERNS))


def kind_of_value(value: str) -> str:
    """The kind of a value that stands alone: number where it is mostly one, list where it enumerates, else span."""
    found = VALUE.match(value)
    if found and found.lastgroup not in CALENDAR and 2 * len(found.group()) >= len(value):
        return NUMBER
    return LIST if value.count(",") + value.count(";") >= 2 and not found else SPAN

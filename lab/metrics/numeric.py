"""Numbers compared as numbers: right if the prediction rounds to the gold at the gold's own precision.

The tolerance is half a unit of the gold's last significant digit: the rule that the SimpleQA grader states for numbers
(Wei et al. 2024: for 120k, 115k and 124k are right and 113k is wrong). Zero, years, numbers with a leading zero, number
words and whole numbers under 20 must match exactly. Units are compared by name and never converted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: value for value, word in enumerate(_SMALL)} | {word: 10 * i for i, word in enumerate(_TENS, start=2)}
_SCALES = {"hundred": 2, "k": 3, "thousand": 3, "m": 6, "mn": 6, "million": 6, "bn": 9, "billion": 9, "trillion": 12}
_CURRENCIES = {"$": "usd", "€": "eur", "£": "gbp", "¥": "jpy"}
_SPELLINGS = """
percent: % percent pct per_cent | usd: usd dollar dollars | eur: eur euro euros | gbp: gbp | jpy: jpy yen
second: s sec secs second seconds | minute: min mins minute minutes | hour: h hr hrs hour hours | day: day days
week: week weeks | month: month months | year: yr yrs year years | ms: ms millisecond milliseconds
mm: mm millimetre millimetres millimeter millimeters | cm: cm centimetre centimetres centimeter centimeters
m: m metre metres meter meters | km: km kilometre kilometres kilometer kilometers | mile: mi mile miles
foot: ft foot feet | inch: inch inches | mg: mg milligram milligrams | g: g gram grams
kg: kg kgs kilogram kilograms kilo kilos | tonne: t tonne tonnes | ml: ml millilitre millilitres milliliter milliliters
l: l litre litres liter liters | km/h: km/h kmh kph | mph: mph | celsius: °c celsius | fahrenheit: °f fahrenheit
v: v volt volts | kv: kv kilovolt kilovolts | ampere: amp amps ampere amperes | w: w watt watts
kw: kw kilowatt kilowatts | kwh: kwh | bar: bar bars | kpa: kpa | hz: hz hertz | kb: kb | mb: mb | gb: gb
"""
_UNITS = {
    spelling.replace("_", " "): name.strip()
    for entry in re.split(r"[|\n]", _SPELLINGS.strip())
    for name, spellings in [entry.split(":")]
    for spelling in spellings.split()
}
_GROUPED = "\\d{1,3}(?:[, \u00a0\u2009\u202f]\\d{3})+(?!\\d)"
_QUANTITY = re.compile(
    rf"""(?<!\w)(?<!\d[.,])(?<![A-Za-z]-)             # not inside a word, a number or an identifier such as AB-12
    (?P<sign>[-\u2212](?=[\d.$€£¥]))?(?P<currency>[$€£¥])?[ ]?
    (?:(?P<digits>(?:{_GROUPED}|\d+)(?:\.\d+)?|\.\d+)(?:[eE](?P<power>[-+]?\d{{1,3}})(?!\w))?
      |(?P<word>(?i:(?:{"|".join(_TENS)})(?:[- ](?:{"|".join(_SMALL[1:10])}))?|{"|".join(reversed(_SMALL))}))(?!\w))
    (?:(?P<suffix>[kKM]|[Bb]n|mn|(?<=\d)m(?!\w))(?!\w)|[ ](?P<scale>(?i:hundred|thousand|million|billion|trillion))\b)?
    (?:[ -]?(?P<unit>%|°[ ]?[CF]\b|(?i:per[ ]cent)\b|[A-Za-z]+(?:/h)?))?""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as written: `tolerance` is half a unit of its last significant digit, 0 where it must be exact."""

    value: Decimal
    tolerance: Decimal
    unit: str | None


def numeric_match(prediction: str, golds: Sequence[str]) -> float | None:
    """1.0 if the prediction's first number matches a gold's number, else 0.0.

    None if no gold holds exactly one number: a date, a range or a list of numbers is not one quantity. A known unit in
    the prediction that is not the gold's known unit is wrong; a missing unit is not.
    """
    quantities = [found[0] for found in map(find_quantities, golds) if len(found) == 1]
    if not quantities:
        return None
    predicted = find_quantities(prediction)
    return float(bool(predicted) and any(_matches(predicted[0], gold) for gold in quantities))


def find_quantities(text: str) -> list[Quantity]:
    """All numbers of `text` in order; a bare "one" is a number only if there is no other."""
    matches = list(_QUANTITY.finditer(text))
    counted = [match for match in matches if (match["word"] or "").lower() != "one"]
    return [_read(match) for match in counted or matches[:1]]


def _matches(predicted: Quantity, gold: Quantity) -> bool:
    if predicted.unit and gold.unit and predicted.unit != gold.unit:
        return False
    return abs(predicted.value - gold.value) <= gold.tolerance


def _read(match: re.Match[str]) -> Quantity:
    digits = re.sub(r"[^\d.]", "", match["digits"] or "") or str(_word_value(match["word"]))
    power, unit = _power_and_unit(match)
    value = Decimal(digits).scaleb(power)
    year = re.fullmatch(r"[12]\d{3}", match["digits"] or "") is not None and power == 0 and unit is None
    whole_and_small = "." not in digits and value < 20
    if value == 0 or year or whole_and_small or re.match(r"0\d", digits) or (match["word"] and power == 0):
        tolerance = Decimal(0)
    else:
        tolerance = Decimal("0.5").scaleb(_last_significant(digits) + power)
    return Quantity(-value if match["sign"] else value, tolerance, unit)


def _power_and_unit(match: re.Match[str]) -> tuple[int, str | None]:
    scale = (match["suffix"] or match["scale"] or "").lower()
    unit = _UNITS.get((match["unit"] or "").lower().replace("° ", "°"))
    if match["suffix"] == "m" and not match["currency"]:  # 5m is five metres, £5m is five million pounds
        scale, unit = "", "m"
    if unit == "second" and re.fullmatch(r"[12]\d{3}s", match[0].strip()):  # 1990s is a decade
        unit = None
    return int(match["power"] or 0) + _SCALES.get(scale, 0), _CURRENCIES.get(match["currency"] or "", unit)


def _word_value(words: str) -> int:
    return sum(_WORDS[word] for word in re.split("[- ]", words.lower()))


def _last_significant(digits: str) -> int:
    whole, point, decimals = digits.partition(".")
    return -len(decimals) if point else len(whole) - len(whole.rstrip("0"))

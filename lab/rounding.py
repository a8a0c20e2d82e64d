"""How every number of the report is written. The only place that rounds.

A value that has an interval gets as many decimals as its uncertainty leaves it (`decimals`); one that has none, three.
Values come from a JSON file, so each function accepts anything and says `not measured` where there is no number.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

NOT_MEASURED = "not measured"
NOT_APPLICABLE = "not applicable"
DASH = "\N{EN DASH}"  # a value that cannot be; the table's note says why
DECIMALS, MOST_DECIMALS = 3, 4
MINUS = "\N{MINUS SIGN}"
_SPACE = "\N{NO-BREAK SPACE}"  # an interval or a percentage does not break at a line's end


def number(value: Any) -> float | None:
    """`value` as a finite float, else None. True and False are not numbers."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def decimals(low: Any, high: Any) -> int:
    """Decimals that half the width of an interval leaves: two digits of it where it begins below 3.55, else one.

    Never fewer than two or more than four; three where there is no interval or it has no width. The rule of the
    Particle Data Group (Review of Particle Physics, Introduction, section 5.3). An end on one side of 0 is not written
    as 0: it gets the decimals, up to four, that show its side. Where four do not, it keeps the rule's.
    """
    ends = number(low), number(high)
    if ends[0] is None or ends[1] is None or ends[1] <= ends[0]:
        return DECIMALS
    half = ends[1] / 2 - ends[0] / 2
    if half == 0:  # narrower than a float tells
        return DECIMALS
    ordinary = 4 if half < 0.00355 else 3 if half < 0.0355 else 2
    for places in range(ordinary, MOST_DECIMALS + 1):
        if not any(end and round(end, places) == 0 for end in ends):
            return places
    return ordinary


def score(value: Any, low: Any = None, high: Any = None) -> str:
    """A score in [0, 1] as its interval allows: 0.51; with three decimals where it has none: 0.512."""
    return _fixed(value, decimals(low, high))


def difference(value: Any, low: Any = None, high: Any = None) -> str:
    """A difference of scores with its sign, as its interval allows: +0.03, or +0.031 without one."""
    found = number(value)
    if found is None:
        return NOT_MEASURED
    places = decimals(low, high)
    rounded = round(found, places) + 0.0
    return f"+{rounded:.{places}f}" if rounded > 0 else _fixed(rounded, places)


def interval(low: Any, high: Any) -> str:
    """[0.44, 0.58] as its width allows, or nothing where either end is missing."""
    if number(low) is None or number(high) is None:
        return ""
    return f"[{score(low, low, high)},{_SPACE}{score(high, low, high)}]"


def with_interval(value: Any, low: Any, high: Any, write: Callable[[Any, Any, Any], str] = score) -> str:
    """'0.51 [0.44, 0.58]', or the value alone where it has no interval."""
    return f"{write(value, low, high)} {interval(low, high)}".rstrip()


def p_value(value: Any) -> str:
    """Three decimals, but never 0.000; below 0.05 as many, up to seven, as leave it there: 0.04996."""
    found = number(value)
    if found is not None and found < 0.001:
        return "<0.001"
    if found is None or found >= 0.05:
        return _fixed(found, 3)
    return next((_fixed(found, places) for places in range(3, 8) if round(found, places) < 0.05), "<0.05")


def share(value: Any) -> str:
    """A share in [0, 1] as a whole percentage; only an exact 0 or 1 reads 0 % or 100 %."""
    found = number(value)
    if found is None:
        return NOT_MEASURED
    percent = round(found * 100)
    if percent == 0 and found > 0:
        return f"<1{_SPACE}%"
    if percent == 100 and found < 1:
        return f">99{_SPACE}%"
    return f"{percent}{_SPACE}%"


def change(value: Any) -> str:
    """A relative change as a whole percentage with its sign: +31 %, or 0 % for one that rounds to nothing."""
    found = number(value)
    if found is None:
        return NOT_MEASURED
    percent = round(100 * found)
    sign = "+" if percent > 0 else MINUS if percent < 0 else ""
    return f"{sign}{abs(percent):,}{_SPACE}%"


def chance(value: Any) -> str:
    """A resampled probability as a percentage, rounded down so that 79.9 % never reads as a passed 80 %.

    A finite number of draws shows neither 0 % nor 100 %.
    """
    found = number(value)
    if found is None:
        return NOT_MEASURED
    if found < 0.01:
        return f"<1{_SPACE}%"
    return f">99{_SPACE}%" if found > 0.99 else f"{int(found * 100 + 1e-9)}{_SPACE}%"


def seconds(value: Any) -> str:
    """Three decimals below 1 s, then fewer, whole seconds from 100 s on; no unit. The written value counts: 10.0."""
    found = number(value)
    if found is None:
        return NOT_MEASURED
    if found and abs(found) < 0.001:
        return "<0.001"
    places = next((places for places, end in ((3, 1), (2, 10), (1, 100)) if abs(round(found, places)) < end), 0)
    return f"{found + 0.0:,.{places}f}".replace("-", MINUS)


def count(value: Any) -> str:
    """A whole number with thousands separators."""
    found = number(value)
    return NOT_MEASURED if found is None else f"{round(found):,}".replace("-", MINUS)


def ratio(value: Any) -> str:
    """A quotient with two decimals: 1.85."""
    return _fixed(value, 2)


def loss(value: Any) -> str:
    """A training loss with two decimals."""
    return _fixed(value, 2)


def figure(value: Any) -> str:
    """A number of any size with three digits that count: 0.0123, 12.3, 100, 1,230,456."""
    found = number(value)
    if found is None:
        return NOT_MEASURED
    power = int(f"{found:.2e}".partition("e")[2])  # of ten, after rounding: 99.96 counts as 100
    places = max(0, 2 - power) if found else 0
    return f"{found + 0.0:,.{places}f}".replace("-", MINUS)


def thousand(value: Any) -> str:
    """What a thousand of them come to: prices of one question have too many zeros to read."""
    found = number(value)
    return NOT_MEASURED if found is None else figure(1000 * found)


def rate(value: Any) -> str:
    """A learning rate in its shortest form: 0.001, 2e-05."""
    found = number(value)
    return NOT_MEASURED if found is None else f"{found + 0.0:g}"


def short(value: Any) -> str:
    """A number with up to three digits that count, in its shortest form: 0.000969, 0.5, 12."""
    found = number(value)
    if found is None:
        return NOT_MEASURED
    return figure(found) if abs(found) >= 100 else f"{found + 0.0:.3g}".replace("-", MINUS)


def tick(value: Any) -> str:
    """A round number as short as it is, with enough digits to tell it from the next one: 0, 0.05, 1,000.5, 12,000."""
    found = number(value)
    if found is None:
        return NOT_MEASURED
    return f"{found + 0.0:,.10g}".replace("-", MINUS) if abs(found) < 1e10 else count(found)


def _fixed(value: Any, decimals: int) -> str:
    found = number(value)
    if found is None:
        return NOT_MEASURED
    return f"{round(found, decimals) + 0.0:.{decimals}f}".replace("-", MINUS)

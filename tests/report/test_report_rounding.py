import math
import sys
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import rounding

WRITERS = [rounding.score, rounding.difference, rounding.p_value, rounding.share, rounding.chance, rounding.seconds]
WRITERS += [rounding.count, rounding.loss, rounding.rate, rounding.figure, rounding.short, rounding.tick]
EXTREME = sys.float_info.max


def plain(text):
    return text.replace("\u00a0", " ").replace("\u2212", "-")


def places_of(low, high):
    """Two to four decimals, by the three leading digits of half the width in decimal arithmetic (PDG, section 5.3)."""
    half = (Decimal(repr(high)) - Decimal(repr(low))) / 2
    first = half.adjusted()
    leading = int(half.scaleb(2 - first))
    if leading > 949:  # it is rounded up to 1000, which keeps two digits
        first, leading = first + 1, 100
    digits = 2 if leading <= 354 else 1
    return min(4, max(2, digits - 1 - first))


def written(value, low, high, sign=""):
    """'0.51 [0.44, 0.58]' by that rule; `sign` is '+' for differences. For values that do not round to 0."""
    places = places_of(low, high)
    return f"{value:{sign}.{places}f} [{low:.{places}f}, {high:.{places}f}]"


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("value", [None, math.nan, math.inf, "0.5", True, [], {}])
def test_what_is_no_number_is_not_measured(write, value):
    assert write(value) == "not measured"


@pytest.mark.parametrize(
    ("write", "value", "text"),
    [
        (rounding.score, 0.51249, "0.512"),
        (rounding.score, -0.0001, "0.000"),
        (rounding.difference, 0.0312, "+0.031"),
        (rounding.difference, -0.0312, "-0.031"),
        (rounding.difference, 0.0001, "0.000"),
        (rounding.p_value, 0.00004, "<0.001"),
        (rounding.p_value, 0.0311, "0.031"),
        (rounding.share, 0.0, "0 %"),
        (rounding.share, 0.001, "<1 %"),
        (rounding.share, 0.999, ">99 %"),
        (rounding.share, 1.0, "100 %"),
        (rounding.share, 0.005, "<1 %"),
        (rounding.share, 0.0051, "1 %"),
        (rounding.share, 0.995, ">99 %"),
        (rounding.share, 0.9949, "99 %"),
        (rounding.chance, 0.0, "<1 %"),
        (rounding.chance, 1.0, ">99 %"),
        (rounding.chance, 0.7999, "79 %"),
        (rounding.chance, 0.8, "80 %"),
        (rounding.seconds, 0.0431, "0.043"),
        (rounding.seconds, 12.34, "12.3"),
        (rounding.seconds, 1422.7, "1,423"),
        (rounding.seconds, 0.0, "0.000"),
        (rounding.seconds, 0.9999, "1.00"),
        (rounding.seconds, 9.999, "10.0"),
        (rounding.seconds, 99.96, "100"),
        (rounding.seconds, -1422.7, "-1,423"),
        (rounding.figure, 0.0, "0"),
        (rounding.figure, 0.01234, "0.0123"),
        (rounding.figure, 0.09996, "0.100"),
        (rounding.figure, 9.996, "10.0"),
        (rounding.figure, 99.96, "100"),
        (rounding.figure, 999.6, "1,000"),
        (rounding.figure, 1230456.2, "1,230,456"),
        (rounding.short, 0.000968751, "0.000969"),
        (rounding.short, 0.001, "0.001"),
        (rounding.short, 99.96, "100"),
        (rounding.short, 1234.5, "1,234"),
        (rounding.tick, 0.30000000000004, "0.3"),
        (rounding.tick, 1000.5, "1,000.5"),
        (rounding.tick, 12e12, "12,000,000,000,000"),
        (rounding.count, 190455, "190,455"),
        (rounding.rate, 2e-05, "2e-05"),
    ],
)
def test_numbers_are_written_in_one_way(write, value, text):
    assert plain(write(value)) == text


@given(st.floats(-1e12, 1e12) | st.sampled_from([math.nan, math.inf, -math.inf]))
def test_no_float_is_written_as_nan_or_minus_zero(value):
    for write in WRITERS:
        text = plain(write(value))
        assert "nan" not in text.lower() and "inf" not in text.lower()
        assert text not in ("-0.000", "+0.000", "-0", "-0.00", "-0 %")


def test_an_interval_needs_both_ends():
    # Half the width is 0.075: one digit of it is left, 0.08, so two decimals.
    assert plain(rounding.interval(0.1, 0.25)) == "[0.10, 0.25]"
    assert rounding.interval(None, 0.25) == "" == rounding.interval(0.1, math.nan)


@pytest.mark.parametrize(
    ("half", "places"),
    [
        # The PDG's own examples: 0.827 +- 0.119 is written 0.83 +- 0.12, and 0.827 +- 0.367 is written 0.8 +- 0.4,
        # which the least of two decimals makes 0.83.
        (0.119, 2),
        (0.367, 2),
        (0.0354, 3),  # 0.035
        (0.0355, 2),  # 0.04
        (0.0949, 2),  # 0.09
        (0.0951, 2),  # 0.10
        (0.00354, 4),  # 0.0035
        (0.00355, 3),  # 0.004
        (0.00951, 3),  # 0.010
        (0.01, 3),  # 0.010
        (0.000354, 4),  # five would be left: no more than four are written
        (40.0, 2),  # none would be left: no fewer than two are written
    ],
)
def test_decimals_are_those_that_half_the_width_leaves(half, places):
    assert rounding.decimals(0.0, 2 * half) == places == places_of(0.0, 2 * half)
    assert rounding.decimals(-half, half) == places


@pytest.mark.parametrize(
    ("low", "high"),
    [
        (None, None),
        (0.2, None),
        (None, 0.2),
        (0.2, 0.2),
        (0.3, 0.2),
        (math.nan, 0.2),
        (0.1, math.inf),
        ("0", 1),
        (0, True),
    ],
)
def test_without_a_width_there_are_three_decimals(low, high):
    assert rounding.decimals(low, high) == 3


@pytest.mark.parametrize(("low", "high", "places"), [(-EXTREME, EXTREME, 2), (0.0, 5e-324, 3), (0.0, 1e-323, 4)])
def test_the_widest_and_the_narrowest_intervals_have_decimals(low, high, places):
    assert rounding.decimals(low, high) == places


@pytest.mark.parametrize(
    ("low", "high", "places"),
    [(-0.0004, 0.2, 4), (-0.00003, 0.2, 2), (-0.2, 0.00003, 2), (-0.00003, 0.03, 3), (-0.00003, 0.004, 4)],
)
def test_an_end_gets_more_decimals_only_where_they_show_its_side(low, high, places):
    assert rounding.decimals(low, high) == places


@given(st.floats(0, 1))
def test_only_none_reads_0_and_only_all_reads_100_percent(value):
    text = plain(rounding.share(value))
    assert (text == "0 %") == (value == 0)
    assert (text == "100 %") == (value == 1)


@given(st.floats(1e-9, 1e9))
def test_three_digits_count_of_a_figure_also_beside_powers_of_ten(value):
    text = plain(rounding.figure(value)).replace(",", "")
    digits = text.replace(".", "").lstrip("0")
    assert len(digits) == 3 or ("." not in text and len(digits) > 3)
    assert abs(Decimal(text) - Decimal(value)) <= Decimal(value) * Decimal("0.00501")


@given(st.floats(0.001, 1e6))
def test_seconds_have_the_decimals_of_what_is_written(value):
    text = plain(rounding.seconds(value)).replace(",", "")
    places = len(text.partition(".")[2])
    assert places == (3 if float(text) < 1 else 2 if float(text) < 10 else 1 if float(text) < 100 else 0)
    assert abs(float(text) - value) <= 0.5 * 10**-places + 1e-9


@given(st.integers(1, 20_000))
def test_decimals_follow_the_rule_in_decimal_arithmetic(width):
    assert rounding.decimals(0.0, width / 10_000) == places_of(0.0, width / 10_000)


@given(st.floats(0, 2), st.floats(0, 2))
def test_a_wider_interval_never_gets_more_decimals(first, second):
    narrow, wide = sorted((first, second))
    if narrow > 1e-300:
        assert rounding.decimals(0.0, narrow) >= rounding.decimals(0.0, wide)


ends = st.none() | st.floats(-1, 1)


@given(st.floats(-1, 1), ends, ends)
def test_what_is_written_lies_within_half_of_its_last_digit_and_keeps_the_sign(value, low, high):
    places = rounding.decimals(low, high)
    score = plain(rounding.score(value, low, high))
    difference = plain(rounding.difference(value, low, high))
    assert float(difference) == float(score)
    assert len(score.partition(".")[2]) == len(difference.partition(".")[2]) == places
    assert abs(float(difference) - value) <= 0.5 * 10**-places + 1e-12
    sign = difference[0] if difference[0] in "+-" else ""
    assert sign == ("" if float(difference) == 0 else "+" if value > 0 else "-")
    assert not score.startswith("+")


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (0.5124, 0.4391, 0.5829, "0.51 [0.44, 0.58]"),  # half 0.0719
        (0.5124, 0.4991, 0.5262, "0.512 [0.499, 0.526]"),  # half 0.01355
        (0.51243, 0.51011, 0.51475, "0.5124 [0.5101, 0.5148]"),  # half 0.00232
        (0.51249, None, None, "0.512"),
        (0.51249, 0.4, None, "0.512"),
        (1.0, 1.0, 1.0, "1.000 [1.000, 1.000]"),
        (None, 0.4, 0.5, "not measured [0.40, 0.50]"),
    ],
)
def test_a_value_and_its_interval_have_the_same_decimals(value, low, high, text):
    assert plain(rounding.with_interval(value, low, high)) == text


def test_a_difference_carries_its_sign_beside_its_interval():
    assert plain(rounding.with_interval(0.0312, -0.0449, 0.1073, rounding.difference)) == "+0.03 [-0.04, 0.11]"
    assert plain(rounding.with_interval(-0.0312, -0.0449, -0.0175, rounding.difference)) == "-0.031 [-0.045, -0.018]"


def test_an_interval_does_not_break_at_a_lines_end():
    assert " " not in rounding.interval(-0.2, 0.25)

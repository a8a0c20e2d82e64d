import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.report import rounding

WRITERS = [rounding.score, rounding.difference, rounding.p_value, rounding.share, rounding.chance, rounding.seconds]
WRITERS += [rounding.count, rounding.loss, rounding.rate]


def plain(text):
    return text.replace("\u00a0", " ").replace("\u2212", "-")


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
        (rounding.chance, 0.0, "<1 %"),
        (rounding.chance, 1.0, ">99 %"),
        (rounding.chance, 0.7999, "79 %"),
        (rounding.chance, 0.8, "80 %"),
        (rounding.seconds, 0.0431, "0.043"),
        (rounding.seconds, 12.34, "12.3"),
        (rounding.seconds, 1422.7, "1,423"),
        (rounding.seconds, 0.0, "0.000"),
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
    assert plain(rounding.interval(0.1, 0.25)) == "[0.100, 0.250]"
    assert rounding.interval(None, 0.25) == ""

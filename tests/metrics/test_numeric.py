from decimal import Decimal

import pytest

from lab.metrics.numeric import find_quantities, numeric_match


@pytest.mark.parametrize(
    ("gold", "tolerance"), [("120000", "5000"), ("120k", "5000"), ("1.73", "0.005"), ("3.50", "0.005"), ("0", "0")]
)
def test_tolerance_is_half_a_unit_of_the_last_significant_digit(gold, tolerance):
    assert find_quantities(gold)[0].tolerance == Decimal(tolerance)


@pytest.mark.parametrize(
    ("prediction", "gold", "expected"),
    [
        ("115000", "120000", 1.0),
        ("124,000", "120k", 1.0),
        ("113000", "120000", 0.0),
        ("1.734", "1.73", 1.0),
        ("1.74", "1.73", 0.0),
        ("0.4", "0", 0.0),
        ("1998", "1999", 0.0),  # a year is exact
        ("12.4", "12", 0.0),  # so is a small count
        ("11", "twelve", 0.0),
        ("twelve", "12", 1.0),
        ("twenty-five minutes", "25 min", 1.0),
        ("0043", "0042", 0.0),
        ("-5", "5", 0.0),
        ("\u22125 °C", "-5 degrees", 1.0),
        ("about 1,000 of them", "1000", 1.0),
        ("120 000", "120,000", 1.0),
        ("1.5 million", "1500000", 1.0),
        ("$2bn", "2000000000", 1.0),
        ("£5m", "£5 million", 1.0),
        ("1.2e3", "1.2 thousand", 1.0),
        ("It takes 30 minutes, not 45.", "30 minutes", 1.0),
        ("45, not 30", "30 minutes", 0.0),
        ("no idea", "30", 0.0),
        ("", "30", 0.0),
        ("see form AB-12 for the 7 steps", "7", 1.0),
        ("the one with 7 steps", "7", 1.0),
        ("3.5", "35", 0.0),  # what text normalisation would confuse
    ],
)
def test_numbers_as_numbers(prediction, gold, expected):
    assert numeric_match(prediction, [gold]) == expected


@pytest.mark.parametrize(
    ("prediction", "gold", "expected"),
    [
        ("30 hours", "30 minutes", 0.0),
        ("30 mins", "30 minutes", 1.0),
        ("30-minute", "30 minutes", 1.0),
        ("30", "30 minutes", 1.0),
        ("30 buses", "30 minutes", 1.0),  # not a unit we know
        ("50 percent", "50%", 1.0),
        ("50 per cent", "50 %", 1.0),
        ("50 kg", "50%", 0.0),
        ("€40", "$40", 0.0),
        ("40 dollars", "$40", 1.0),
        ("5m", "5 metres", 1.0),
        ("5km", "5 m", 0.0),
        ("40 kph", "40 km/h", 1.0),
    ],
)
def test_a_different_known_unit_is_wrong_and_a_missing_one_is_not(prediction, gold, expected):
    assert numeric_match(prediction, [gold]) == expected


@pytest.mark.parametrize("gold", ["blue", "5 May 2020", "10-15 days", "14:30", "A320", ""])
def test_what_is_not_one_number_has_no_numeric_match(gold):
    assert numeric_match("5", [gold]) is None


def test_the_best_gold_counts():
    assert numeric_match("7", ["seven", "8"]) == 1.0
    assert numeric_match("7", ["blue", "7"]) == 1.0
    assert numeric_match("7", []) is None
    assert find_quantities("the 1990s")[0].unit is None

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.report.charts.axis import Axis, close_axis, log_axis, nice_axis, percent, tick_text, ticks
from lab.report.charts.placement import Box, place_labels, spread

numbers = st.floats(-1e6, 1e6).filter(lambda value: value == 0 or abs(value) > 1e-6)


def test_a_linear_axis_maps_its_ends_and_the_middle():
    axis = Axis(0.0, 0.8, 100.0, 500.0)
    assert [axis(0.0), axis(0.2), axis(0.8)] == pytest.approx([100.0, 200.0, 500.0])
    assert [axis.clipped(-1.0), axis.clipped(2.0)] == pytest.approx([100.0, 500.0])


def test_a_logarithmic_axis_has_equal_steps_for_equal_factors():
    axis = Axis(0.01, 1.0, 0.0, 100.0, log=True)
    assert axis(0.1) == pytest.approx(50.0)


def test_an_axis_ends_at_round_numbers():
    axis = nice_axis([0.05, 0.46], 0, 100)
    assert (axis.low, axis.high) == pytest.approx((0.0, 0.5))
    axis = nice_axis([-0.03, 0.39], 0, 100)
    assert (axis.low, axis.high) == pytest.approx((-0.05, 0.4))
    assert nice_axis([0.97], 0, 100, cap=1.0).high == pytest.approx(1.0)
    assert nice_axis([], 0, 100).high == 1.0


@given(st.lists(numbers, min_size=1))
def test_an_axis_holds_zero_and_all_values(values):
    axis = nice_axis(values, 0.0, 300.0)
    slack = 1e-6 * max(map(abs, values))
    assert axis.low <= min([0.0, *values]) + slack
    assert axis.high >= max([0.0, *values]) - slack
    assert axis.low < axis.high


@given(st.lists(st.floats(0, 1), min_size=1))
def test_a_close_axis_holds_all_values_and_is_long_enough(values):
    axis = close_axis(values, 0.0, 300.0, 0.1)
    assert axis.low <= min(values) + 1e-9 and axis.high >= max(values) - 1e-9
    assert axis.high - axis.low >= 0.1 - 1e-9


@given(st.lists(st.floats(1e-6, 1e9), min_size=1))
def test_a_logarithmic_axis_holds_all_values_and_spans_a_factor(values):
    axis = log_axis(values, 0.0, 300.0)
    assert axis.low < min(values) and max(values) < axis.high
    assert axis.high / axis.low >= 4.0 - 1e-6


def test_ticks_of_known_axes():
    assert ticks(Axis(0.0, 0.5, 0, 300)) == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert ticks(Axis(-0.1, 0.4, 0, 150)) == pytest.approx([0, 0.2, 0.4])
    assert ticks(Axis(0.5, 200.0, 0, 300, log=True)) == pytest.approx([1, 10, 100])
    assert ticks(Axis(0.04, 0.3, 0, 400, log=True)) == pytest.approx([0.05, 0.1, 0.2])


@given(st.floats(0.001, 1000), st.floats(60, 1000), st.booleans())
def test_ticks_lie_on_the_axis_and_keep_their_distance(high, length, log):
    axis = Axis(high / 50 if log else 0.0, high, 0.0, length, log)
    places = [axis(tick) for tick in ticks(axis)]
    assert all(-1e-6 <= place <= length + 1e-6 for place in places)
    assert all(b - a >= 46.0 - 1e-6 for a, b in pairwise(places))


@pytest.mark.parametrize(
    ("value", "said"), [(0.0, "0"), (0.30000000000004, "0.3"), (12000.0, "12,000"), (-0.5, "\u22120.5")]
)
def test_tick_text(value, said):
    assert tick_text(value) == said


def plain(text):
    return text.replace("\u00a0", " ")


def test_ticks_of_small_shares_are_told_apart():
    axis = nice_axis([0.023], 0.0, 240.0, cap=1.0)
    assert [plain(percent(tick)) for tick in ticks(axis, 34.0)] == ["0 %", "0.5 %", "1 %", "1.5 %", "2 %", "2.5 %"]
    assert [plain(percent(tick)) for tick in (0.07, 0.29, 0.575, 1.0)] == ["7 %", "29 %", "57.5 %", "100 %"]


sizes = st.floats(-12, 9).map(lambda power: 10.0**power)


@given(sizes, st.floats(-1, 1), st.floats(60, 1000), st.sampled_from([tick_text, percent]))
def test_no_linear_axis_repeats_a_label(size, other, length, write):
    axis = nice_axis([size, size * other], 0.0, length)
    labels = [write(tick) for tick in ticks(axis, 34.0)]
    assert len(labels) == len(set(labels)) >= 1
    if other >= 0 and size <= 1:
        capped = nice_axis([size], 0.0, length, cap=1.0)
        labels = [write(tick) for tick in ticks(capped, 34.0)]
        assert len(labels) == len(set(labels)) >= 1


@given(st.floats(-1e4, 1e4), st.floats(1e-4, 10), st.floats(140, 1000))
def test_no_axis_over_values_alone_repeats_a_label(middle, least, length):
    labels = [tick_text(tick) for tick in ticks(close_axis([middle], 0.0, length, least), 34.0)]
    assert len(labels) == len(set(labels)) >= 1


@given(sizes, st.floats(1, 1e9), st.floats(60, 1000))
def test_no_logarithmic_axis_repeats_a_label(low, factor, length):
    labels = [tick_text(tick) for tick in ticks(log_axis([low, low * factor], 0.0, length))]
    assert len(labels) == len(set(labels))


spots = st.lists(st.tuples(st.floats(60, 330), st.floats(30, 270)), min_size=1, max_size=7)


@given(spots)
def test_labels_cover_neither_each_other_nor_points(points):
    bounds = Box(44, 10, 350, 290)
    marks = [Box(x - 5, y - 5, x + 5, y + 5) for x, y in points]
    boxes = [place.box for place in place_labels(points, [(80.0, 15.0)] * len(points), marks, bounds)]
    for position, box in enumerate(boxes):
        assert box.within(bounds)
        assert not any(box.meets(other) for other in [*boxes[:position], *marks])


def test_names_that_want_the_same_height_share_the_room_around_it():
    assert spread([50.0, 50.0], 10.0, 0.0, 100.0) == [45.0, 55.0]
    assert spread([98.0, 99.0, 100.0], 10.0, 0.0, 100.0) == [80.0, 90.0, 100.0]
    assert spread([20.0, 80.0], 10.0, 0.0, 100.0) == [20.0, 80.0]
    assert spread([], 10.0, 0.0, 100.0) == []


@given(st.lists(st.floats(-50, 350), max_size=8))
def test_spread_names_keep_their_order_distance_and_room(wanted):
    places = spread(wanted, 16.0, 0.0, 300.0)
    ordered = sorted(range(len(wanted)), key=lambda place: (wanted[place], place))
    heights = [places[place] for place in ordered]
    assert all(b - a >= 16.0 - 1e-6 for a, b in pairwise(heights))
    assert all(-1e-6 <= height <= 300.0 + 1e-6 for height in heights)
    assert all(math.isfinite(height) for height in heights)

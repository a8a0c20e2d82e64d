"""The registered contrasts as a forest plot: differences, their intervals, and the margin worth acting on."""

from __future__ import annotations

from collections.abc import Sequence

from lab import rounding
from lab.report import lookup, svg, words
from lab.report.charts.axis import Axis, nice_axis, tick_text, x_grid
from lab.report.charts.sketch import FULL, PHONE, About, Sketch, chart, primary_label
from lab.report.finding import caution, identical, shown_difference
from lab.report.layout import Chart
from lab.types import Comparison, ExperimentResult

_ROW, _PHONE_ROW = 36.0, 66.0
_TOP = 46.0
_COLUMNS = (278.0, 366.0)  # px of the names at the left, and of difference, verdict and p at the right
# Mark and colour of a verdict: filled where a difference was shown, hollow where none was.
_VERDICTS = {
    "better": ("square", "mark good"),
    "slightly better": ("square", "ring good"),
    "worse": ("square", "mark bad"),
    "slightly worse": ("square", "ring bad"),
    "equivalent": ("diamond", "mark ink"),
}
_OPEN = ("circle", "ring muted")
_EQUIVALENCE = (
    " Equivalence is decided by the narrower 90 % interval (two one-sided tests at 5 %): a drawn interval may leave "
    "the band all the same."
)


def forest_chart(result: ExperimentResult) -> Chart | None:
    """One row a contrast; None where no contrast was registered."""
    items = lookup.registered(result)
    if not items:
        return None
    margin = lookup.margin(result)
    label = primary_label(result)
    band = "" if margin is None else f" The margin worth acting on is {rounding.rate(margin)} on both sides of 0."
    said = "; ".join(f"{_contrast(item)}: {_gap(item, margin)}, {_verdict(item)}, p {_p(item)}" for item in items)
    about = About(
        "contrasts",
        f"Registered contrasts, difference in {label}",
        f"Difference in {label}, the first method minus the second, with 95 % intervals. {said}.{band}",
        f"Difference in {label} between two methods on the same questions, with 95 % intervals. Band: differences too "
        "small to act on. Squares: a difference was shown; filled where it is at least as large as the margin. "
        f"Diamonds: equivalent. Open circles: not decided.{_EQUIVALENCE if margin else ''}",
    )
    return chart(about, FULL, lambda width: _draw(items, margin, width))


def _draw(items: Sequence[Comparison], margin: float | None, width: int) -> Sketch:
    phone = width <= PHONE
    row = _PHONE_ROW if phone else _ROW
    start, end = (20.0, width - 20.0) if phone else (_COLUMNS[0], width - _COLUMNS[1])
    axis = _axis(items, margin, start, end)
    bottom = _TOP + row * len(items)
    parts = _frame(axis, margin, bottom, width)
    for place, item in enumerate(items):
        top = _TOP + row * place
        parts.append((_phone_row if phone else _row)(item, margin, axis, top, width))
    return Sketch(bottom + 46, parts)


def _axis(items: Sequence[Comparison], margin: float | None, start: float, end: float) -> Axis:
    """Over all intervals and the margin, with room beside the margin."""
    ends = [value for item in items for value in (item.low, item.high, item.difference) if value is not None]
    ends += [] if margin is None else [1.5 * margin, -1.5 * margin]
    limit = max([1.0, *(abs(item.difference) for item in items)])  # an interval may reach beyond what scores can be
    return nice_axis([min(max(value, -limit), limit) for value in ends], start, end)


def _frame(axis: Axis, margin: float | None, bottom: float, width: int) -> list[str]:
    top = _TOP - 8
    parts = []
    if margin is not None and margin > 0:
        left, right = axis.clipped(-margin), axis.clipped(margin)
        parts.append(svg.rect(left, top, right - left, bottom - top, "band"))
        parts += [svg.line(x, top, x, bottom, "rod accent thin", "3 3") for x in (left, right)]
    parts += x_grid(axis, top, bottom, _signed)
    parts.append(svg.line(axis(0), top, axis(0), bottom, "zero"))
    if margin is not None and margin > 0:
        said = f"margin {rounding.MINUS}{rounding.rate(margin)} to +{rounding.rate(margin)}"
        half = svg.text_width(said, svg.SMALL_SIZE) / 2
        middle = min(max(axis(0), axis.start + half), axis.end - half)
        parts.append(svg.text(middle, top - 8, said, "middle", "small"))
    parts += _directions(axis, bottom + 38)
    if width > PHONE:
        heads = ("difference, 95 % interval", width - 346.0, "start"), ("verdict", width - 172.0, "start")
        parts += [svg.text(x, top - 8, head, anchor, "small") for head, x, anchor in heads]
        parts.append(svg.text(width, top - 8, "p (Holm)", "end", "small"))
    return parts


def _directions(axis: Axis, y: float) -> list[str]:
    """Which side favours which method; the words of each stand on its side where they fit, else at the ends."""
    second, first = "\N{LEFTWARDS ARROW} favours the second", "favours the first \N{RIGHTWARDS ARROW}"
    size = svg.text_width(second, svg.SMALL_SIZE)
    if axis(0) - 12 - size >= axis.start and axis(0) + 12 + size <= axis.end:
        return [svg.text(axis(0) - 12, y, second, "end", "small"), svg.text(axis(0) + 12, y, first, "start", "small")]
    return [svg.text(axis.start, y, second, "start", "small"), svg.text(axis.end, y, first, "end", "small")]


def _row(item: Comparison, margin: float | None, axis: Axis, top: float, width: int) -> str:
    y = top + _ROW / 2
    name = svg.fit(_contrast(item), _COLUMNS[0] - 16)
    parts = [
        svg.line(0, top, width, top, "grid"),
        svg.text(0, y + 4.5, name),
        *_mark(item, axis, y),
        svg.text(width - 346.0, y + 4.5, _gap(item, margin)),
        svg.text(width - 172.0, y + 4.5, _verdict(item), kind=_word_kind(item)),
        svg.text(width, y + 4.5, _p(item), "end"),
    ]
    return svg.tip(f"{_contrast(item)}: {_gap(item, margin)}, {_verdict(item)}", parts)


def _phone_row(item: Comparison, margin: float | None, axis: Axis, top: float, width: int) -> str:
    y = top + 29
    parts = [
        svg.rect(0, top, width, 20, "back"),
        svg.rect(0, top + 39, width, _PHONE_ROW - 39, "back"),
        svg.line(0, top, width, top, "grid"),
        svg.text(0, top + 15, svg.fit(_contrast(item), width)),
        *_mark(item, axis, y),
        svg.text(0, top + 52, f"{_verdict(item)}, {_gap(item, margin)}", kind=f"small {_word_kind(item)}".strip()),
        svg.text(width, top + 52, f"p {_p(item)}", "end", "small"),
    ]
    return svg.tip(f"{_contrast(item)}: {_gap(item, margin)}, {_verdict(item)}", parts)


def _mark(item: Comparison, axis: Axis, y: float) -> list[str]:
    shape, kind = _VERDICTS.get(item.verdict or "", _OPEN)
    parts = []
    if item.low is not None and item.high is not None:
        parts.append(svg.line(axis.clipped(item.low), y, axis.clipped(item.high), y, f"rod {kind.split()[1]}"))
    return [*parts, svg.shape(shape, axis(item.difference), y, kind, 5.5)]


def _word_kind(item: Comparison) -> str:
    return "strong" if item.verdict in _VERDICTS and not identical(item) else ""


def _contrast(item: Comparison) -> str:
    return f"{words.method_label(item.method)} against {words.method_label(item.baseline)}"


def _verdict(item: Comparison) -> str:
    if identical(item):
        return "identical outputs"
    return "equal by cluster" if caution(item) else item.verdict or "not judged"


def _gap(item: Comparison, margin: float | None) -> str:
    return f"{shown_difference(item, margin)} {rounding.interval(item.low, item.high)}".rstrip()


def _p(item: Comparison) -> str:
    return rounding.p_value(item.p_holm)


def _signed(tick: float) -> str:
    return f"+{tick_text(tick)}" if tick > 0 else tick_text(tick)

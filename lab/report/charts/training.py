"""How each adapter was trained: loss on training and dev questions by step, and the learning rate below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lab import rounding
from lab.report import lookup, svg, words
from lab.report.charts.axis import Axis, nice_axis, x_grid, y_grid
from lab.report.charts.placement import spread
from lab.report.charts.sketch import HALF, About, Sketch, chart
from lab.report.layout import Cell, Chart, Column, Table
from lab.types import ExperimentResult

_LEFT, _TOP, _PLOT = 44.0, 34.0, 190.0  # px
_STRIP, _BETWEEN = 46.0, 38.0  # px, height of the strip of learning rates or dev scores, and the room above it
_NAMES = 104.0  # px for what the lines are
_TRAIN, _DEV, _RATE = "muted", "accent", "muted"

Record = Mapping[str, Any]
Line = list[tuple[float, float]]


def training_charts(result: ExperimentResult) -> tuple[Chart, ...]:
    """One chart an adapter, with the curves of all its training runs; none for adapters without a curve."""
    found = (_chart(place, name, runs) for place, (name, runs) in enumerate(training_runs(result).items(), start=1))
    return tuple(one for one in found if one is not None)


def training_runs(result: ExperimentResult) -> dict[str, dict[str, Record]]:
    """By adapter, the record of each training run by its seed; a result of one run tells no seed."""
    found: dict[str, dict[str, Record]] = {}
    for name, record in lookup.adapters(result).items():
        method = next(one for one in sorted(result.methods) if _adapter(result, one) == name)
        listed = {
            str(one["seed"]): one
            for one in lookup.sequence(result.methods, method, "training_by_seed")
            if isinstance(one, Mapping) and "seed" in one
        }
        runs = listed or lookup.mapping(result.methods, method, "trainings")
        found[name] = {str(seed): run for seed, run in runs.items() if isinstance(run, Mapping)} or {"": record}
    return found


def _adapter(result: ExperimentResult, method: str) -> str | None:
    record = lookup.at(result.methods, method, "training")
    if not isinstance(record, Mapping):
        return None
    return str(record.get("adapter") or lookup.at(result.methods, method, "weights") or method)


def _chart(place: int, name: str, runs: Mapping[str, Record]) -> Chart | None:
    losses = [line for run in runs.values() for key in ("train_loss", "dev_loss") for line in [_series(run, key)]]
    if all(len(line) < 2 for line in losses):
        return None
    seeds = words.plural(rounding.count(len(runs)), "training run")
    about = About(
        f"training-{place}",  # an adapter's name may be no file name
        f"Training of adapter {name}",
        f"Loss by step over {seeds}. {' '.join(_said(seed, run) for seed, run in runs.items())}",
        f"Adapter {name}: loss on training questions and on dev questions by step, {seeds}. Ring: the step that was "
        "kept.",
        _table(name, runs),
    )
    return chart(about, HALF, lambda width: _draw(runs, width))


def _draw(runs: Mapping[str, Record], width: int) -> Sketch:
    lines = {key: [_series(run, key) for run in runs.values()] for key in ("train_loss", "dev_loss")}
    strips = [(key, label) for key, label in _STRIPS if any(len(_series(run, key)) > 1 for run in runs.values())]
    x = Axis(0.0, max(_last_step(run) for run in runs.values()), _LEFT, width - _NAMES)
    y = nice_axis([value for found in lines.values() for line in found for _, value in line], _TOP + _PLOT, _TOP)
    bottom = y.start + (_STRIP + _BETWEEN) * len(strips)
    parts = [svg.text(0, 14, "loss", kind="small"), *y_grid(y, x.start, x.end)]
    parts += [part for part in x_grid(x, bottom, bottom) if part.startswith("<text")]
    parts.append(svg.text(x.end, bottom + 36, "step", "end", "small"))
    for key, kind in (("train_loss", f"rod thin soft {_TRAIN}"), ("dev_loss", f"rod {_DEV}")):
        parts += [svg.polyline([(x(a), y(b)) for a, b in line], kind) for line in lines[key] if len(line) > 1]
    parts += [svg.shape("triangle", x(a), y(b), f"mark {_DEV}", 3.5) for line in lines["dev_loss"] for a, b in line]
    parts += _kept(runs, x, y)
    parts += _names(lines, x, y)
    for place, (key, label) in enumerate(strips):
        top = y.start + _BETWEEN + (_STRIP + _BETWEEN) * place
        parts += _strip([_series(run, key) for run in runs.values()], label, x, top)
    return Sketch(bottom + 42, parts)


_STRIPS = (("dev_score", "dev score"), ("learning_rate", "learning rate"))


def _kept(runs: Mapping[str, Record], x: Axis, y: Axis) -> list[str]:
    """A ring where the kept weights were measured, and where a run stopped early."""
    parts, stops = [], set()
    for seed, run in runs.items():
        best, dev = rounding.number(run.get("best_step")), dict(_series(run, "dev_loss"))
        if best is not None and 0 <= best <= x.high:
            at = (x(best), y(dev[best])) if best in dev else (x(best), y.start)
            parts.append(svg.tip(_said(seed, run), [svg.circle(*at, "best", 6.5)]))
        stop = _stopped_early(run)
        stops |= {stop} if stop is not None and stop <= x.high else set()
    for stop in sorted(stops):
        parts.append(svg.line(x(stop), y.end, x(stop), y.start, "zero", "3 3"))
    if stops:
        first = min(stops)
        side = "end" if x(first) > (x.start + x.end) / 2 else "start"
        parts.append(svg.text(x(first) + (-6 if side == "end" else 6), y.end + 8, "stopped early", side, "small halo"))
    return parts


def _names(lines: Mapping[str, list[Line]], x: Axis, y: Axis) -> list[str]:
    """The names of the lines at their right ends."""
    ends = [
        (label, colour, max((line[-1] for line in lines[key] if line), default=None))
        for key, label, colour in (("train_loss", "training", _TRAIN), ("dev_loss", "dev", _DEV))
    ]
    shown = [(label, colour, end) for label, colour, end in ends if end is not None]
    heights = spread([y(end[1]) for _, _, end in shown], 16.0, y.end, y.start)
    parts = []
    for (label, colour, _), height in zip(shown, heights, strict=True):
        parts.append(
            svg.line(x.end + 8, height, x.end + 28, height, f"rod {colour}{' thin soft' * (colour == _TRAIN)}")
        )
        parts += [svg.shape("triangle", x.end + 18, height, f"mark {colour}", 3.5)] if colour == _DEV else []
        parts.append(svg.text(x.end + 34, height + 4.5, label))
    return parts


def _strip(lines: Sequence[Line], label: str, x: Axis, top: float) -> list[str]:
    """A low plot from 0 on; its one tick is the highest value that was written down."""
    y = nice_axis([value for line in lines for _, value in line], top + _STRIP, top)
    high = max(value for line in lines for _, value in line)
    parts = [
        svg.text(0, top - 10, label, kind="small"),
        svg.line(x.start, y.start, x.end, y.start, "zero"),
        svg.line(x.start, y(high), x.end, y(high), "grid"),
        svg.text(x.end + 8, y(high) + 4, f"max {rounding.short(high)}", kind="small"),
        svg.text(x.end + 8, y.start + 4, "0", kind="small"),
    ]
    return [
        *parts,
        *(svg.polyline([(x(a), y(b)) for a, b in line], f"rod thin {_RATE}") for line in lines if len(line) > 1),
    ]


def _series(record: Record, key: str) -> Line:
    points = {
        step: value
        for item in lookup.sequence(record, "curve")
        if (step := rounding.number(lookup.at(item, "step"))) is not None
        and (value := rounding.number(lookup.at(item, key))) is not None
    }
    return sorted(points.items())


def _last_step(record: Record) -> float:
    steps = [step for key in ("train_loss", "dev_loss") for step, _ in _series(record, key)]
    return max([1.0, *steps, *filter(None, (rounding.number(record.get("stopped_at_step")),))])


def _stopped_early(record: Record) -> float | None:
    stop, planned = rounding.number(record.get("stopped_at_step")), rounding.number(record.get("steps"))
    return stop if stop is not None and planned is not None and stop < planned else None


def _said(seed: str, run: Record) -> str:
    train, dev = _series(run, "train_loss"), _series(run, "dev_loss")
    parts = [f"training loss {rounding.loss(train[0][1])} to {rounding.loss(train[-1][1])}"] if train else []
    parts += [f"best dev loss {rounding.loss(min(value for _, value in dev))}"] if dev else []
    kept = rounding.number(run.get("best_step"))
    parts += [f"kept step {rounding.count(kept)}"] if kept is not None else []
    stop = _stopped_early(run)
    parts += [f"stopped early at step {rounding.count(stop)}"] if stop is not None else []
    who = f"Seed {seed}" if seed else "The run"
    return f"{who}: {', '.join(parts)}."


def _table(name: str, runs: Mapping[str, Record]) -> Table | None:
    """The dev losses, of which there are few."""
    steps = sorted({step for run in runs.values() for step, _ in _series(run, "dev_loss")})
    if not steps:
        return None
    rows = tuple(
        (
            Cell(rounding.count(step)),
            *(Cell(rounding.loss(dict(_series(run, "dev_loss")).get(step))) for run in runs.values()),
        )
        for step in steps
    )
    heads = (Column(f"seed {seed}" if seed else "dev loss") for seed in runs)
    return Table(f"Dev loss of adapter {name} by step", (Column("step"), *heads), rows, folded=True)

"""What the methods take, as measured: seconds, memory, energy and bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lab import rounding
from lab.report import lookup, words
from lab.report.cells import missing, questions_detail
from lab.report.layout import Cell, Column, Section, Table
from lab.report.money import not_in_money, priced
from lab.types import ExperimentResult

GIGABYTE, MEGABYTE = 1e9, 1e6
NOT_BUILT = "none"
_NOBODY_SERVES = "gold passages are not known in use"
_BY_REQUEST = "of requests, network included"
_ELSEWHERE = "another machine's"

Row = tuple[str, Callable[[ExperimentResult, str], Cell]]


def costs_section(result: ExperimentResult) -> Section:
    """Answering, then building; and why there is no price, where there is none."""
    return Section(
        "costs",
        "Time, memory and energy",
        points=() if priced(result) else not_in_money(result),
        tables=tuple(table for table in (running_table(result), building_table(result)) if table.rows),
    )


def running_table(result: ExperimentResult) -> Table:
    """What answering takes, by method."""
    rows: tuple[Row, ...] = (
        ("seconds a question (in batches)", _plain(("seconds_per_question",), rounding.seconds)),
        ("questions a second (in batches)", _plain(("throughput_per_s",), rounding.seconds)),
        ("latency p50, ms (asked alone)", _latency("p50")),
        ("latency p95, ms (asked alone)", _latency("p95")),
        ("latency p99, ms (asked alone)", _latency("p99")),
        ("latency p50, ms, adapter beside the weights", _beside("p50")),
        ("latency p95, ms, adapter beside the weights", _beside("p95")),
        ("peak memory, GB (asked alone)", _memory),
        ("energy a question, J (asked alone)", _energy),
    )
    note = (
        "In batches: compute seconds divided by the questions of a batch. Asked alone: one question at a time from its "
        "embedding to the answer, after a first one that is not counted; few questions, so p95 and p99 lean on the "
        "slowest of them. Adapters are merged into the weights, but where it says beside. A GB is 10^9 bytes."
    )
    return _by_method(result, "Answering", rows, note)


def building_table(result: ExperimentResult) -> Table:
    """What must be built before the first question, by method; empty where no result tells it."""
    if not any(lookup.mapping(method, "build") for method in result.methods.values()):
        return Table("Building", (), ())
    rows: tuple[Row, ...] = (
        ("embedding the passages, s", _built("embedding_s", rounding.seconds)),
        ("indexing, s", _built("indexing_s", rounding.seconds)),
        ("training, s", _built("training_s", rounding.seconds)),
        ("tokens trained on", _built("tokens_seen", rounding.count)),
        ("peak memory in training, GB", _built("peak_memory_bytes", lambda value: _scaled(value, GIGABYTE))),
        ("index, MB", _built("index_bytes", lambda value: _scaled(value, MEGABYTE))),
        ("adapter, MB", _built("adapter_bytes", lambda value: _scaled(value, MEGABYTE))),
    )
    note = (
        f"'{NOT_BUILT}': the method has no such part. One update of the knowledge builds it again: all passages "
        "embedded, the weights trained from the base. Of several training runs the mean."
    )
    return _by_method(result, "Building", rows, note)


def _by_method(result: ExperimentResult, title: str, rows: Sequence[Row], note: str) -> Table:
    methods = lookup.methods_by_quality(result)
    return Table(
        title,
        (Column("measure", number=False), *(Column(words.method_label(method)) for method in methods)),
        tuple((Cell(label), *(cell(result, method) for method in methods)) for label, cell in rows),
        note=note,
    )


def _plain(keys: tuple[str, ...], write: Callable[[Any], str]) -> Callable[[ExperimentResult, str], Cell]:
    return lambda result, method: Cell(write(lookup.at(result.methods, method, *keys)))


def _latency(quantile: str) -> Callable[[ExperimentResult, str], Cell]:
    def cell(result: ExperimentResult, method: str) -> Cell:
        found = lookup.mapping(result.methods, method, "latency_ms")
        if rounding.number(found.get(quantile)) is None:
            return _alone(method)
        detail = _BY_REQUEST if found.get("of") == "requests" else questions_detail(found.get("n"))
        return Cell(rounding.count(found[quantile]), detail)

    return cell


def _beside(quantile: str) -> Callable[[ExperimentResult, str], Cell]:
    def cell(result: ExperimentResult, method: str) -> Cell:
        latency = lookup.mapping(result.methods, method, "latency_ms")
        found = lookup.mapping(latency, "beside")
        if rounding.number(found.get(quantile)) is not None:
            return Cell(rounding.count(found[quantile]), questions_detail(found.get("n")))
        weights = lookup.at(result.methods, method, "weights")
        without_adapter = weights == "base" or words.uses_no_generator(weights)
        return Cell(rounding.NOT_APPLICABLE) if without_adapter else _alone(method)

    return cell


def _memory(result: ExperimentResult, method: str) -> Cell:
    used = rounding.number(lookup.at(result.methods, method, "memory_bytes"))
    if method in lookup.beside(result):
        return Cell(f"{rounding.NOT_APPLICABLE}:", _ELSEWHERE)
    return _alone(method) if used is None else Cell(_scaled(used, GIGABYTE))


def _energy(result: ExperimentResult, method: str) -> Cell:
    joules = rounding.number(lookup.at(result.methods, method, "energy_j_per_question"))
    if joules is not None:
        return Cell(rounding.seconds(joules))
    if method in lookup.beside(result):
        return Cell(f"{rounding.NOT_APPLICABLE}:", _ELSEWHERE)
    if method == lookup.ORACLE:
        return _alone(method)
    on_cpu = lookup.at(result.environment, "device") == "cpu"
    return missing("nothing counts it on a CPU" if on_cpu else None)


def _alone(method: str) -> Cell:
    """A figure of lone questions that is missing: nobody can serve the oracle."""
    return Cell(f"{rounding.NOT_APPLICABLE}:", _NOBODY_SERVES) if method == lookup.ORACLE else missing()


def _built(key: str, write: Callable[[Any], str]) -> Callable[[ExperimentResult, str], Cell]:
    def cell(result: ExperimentResult, method: str) -> Cell:
        build = lookup.mapping(result.methods, method, "build")
        value = build.get(key)
        if value == 0 or (key == "peak_memory_bytes" and value is None and build.get("training_s") == 0):
            return Cell(NOT_BUILT)
        return Cell(write(value))

    return cell


def _scaled(value: Any, unit: float) -> str:
    found = rounding.number(value)
    return rounding.NOT_MEASURED if found is None else rounding.seconds(found / unit)

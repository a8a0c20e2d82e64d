"""What libraries say reaches one function, and nothing else is changed for good."""

from __future__ import annotations

import io
import logging
import sys
import warnings
from pathlib import Path

import pytest
from rich.console import Console

from lab.config import ExperimentConfig
from lab.run_folder import StepEvent
from lab.terminal.records import Records
from lab.terminal.watch import Watch

CONFIG = ExperimentConfig(name="toy", domain="a ropeway")


def test_warnings_and_the_labs_own_records_are_told(capfd: pytest.CaptureFixture[str]) -> None:
    told: list[tuple[int, str, str]] = []
    library = logging.getLogger("some.library")
    handler = logging.StreamHandler(sys.stderr)
    library.addHandler(handler)
    library.propagate = False
    shown, level = warnings.showwarning, logging.getLogger("lab").level
    try:
        with Records(lambda *record: told.append(record), prints=False) as records, warnings.catch_warnings():
            warnings.simplefilter("always")
            records.tame()
            library.warning("%d clusters", 3)
            library.info("not told")
            logging.getLogger("lab.methods.finetune").info("training goes on")
            logging.getLogger("lab.methods.finetune").debug("not told")
            warnings.warn("old name", DeprecationWarning, stacklevel=1)
        assert library.handlers == [handler] and not library.propagate
    finally:
        library.removeHandler(handler)
        library.propagate = True
    assert told == [
        (logging.WARNING, "some.library", "3 clusters"),
        (logging.INFO, "lab.methods.finetune", "training goes on"),
        (logging.WARNING, "DeprecationWarning", "old name"),
    ]
    assert capfd.readouterr() == ("", "")
    assert (warnings.showwarning, logging.getLogger("lab").level) == (shown, level)


def test_handlers_that_write_elsewhere_stay(tmp_path: Path) -> None:
    library = logging.getLogger("another.library")
    handler = logging.FileHandler(tmp_path / "library.log")
    library.addHandler(handler)
    try:
        with Records(lambda *record: None, prints=False) as records:
            records.tame()
            assert library.handlers == [handler]
    finally:
        library.removeHandler(handler)
        handler.close()


def test_bars_are_switched_off_and_on_again() -> None:
    import huggingface_hub.utils as hub

    hub.enable_progress_bars()  # other tests load models, which switches them off for good
    with Records(lambda *record: None, prints=False) as records:
        records.tame()
        records.tame()
        assert hub.are_progress_bars_disabled()
    assert not hub.are_progress_bars_disabled()


def test_prints_are_told_line_by_line() -> None:
    told: list[str] = []
    with Records(lambda level, source, text: told.append(text), prints=True):
        sys.stdout.write("one\ntwo")
        sys.stdout.write(" and more\n")
        sys.stdout.write("10%\r100%\n")
    assert told == ["one", "two and more", "100%"]


def run_with_noise(tmp_path: Path, console: Console, show: str) -> Watch:
    with Watch(CONFIG, tmp_path, show, console=console) as watch:  # type: ignore[arg-type]
        watch.on_step(StepEvent("index", "running", note="first time"))
        logging.getLogger("some.library").warning("clear the screen: \x1b[2J")
        logging.getLogger("lab.index").info("kept for the log")
        sys.stdout.write("a stray print\n")
        watch.on_step(StepEvent("index", "done", note="1.0 s"))
    return watch


@pytest.mark.parametrize("show", ["auto", "quiet", "json"])
def test_in_a_pipe_warnings_are_lines_and_all_is_in_the_log(
    tmp_path: Path, show: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = io.StringIO()
    watch = run_with_noise(tmp_path, Console(file=out, width=80), show)
    line = r"warning: some.library: clear the screen: \x1b[2J"
    log = (tmp_path / "run.log").read_text()
    assert line in log and "info: lab.index: kept for the log" in log
    assert ("a stray print" in log) == (show != "auto")
    assert (line in out.getvalue().splitlines()) == (show == "auto")
    assert (out.getvalue() == "") == (show == "quiet")
    assert "\x1b" not in log + out.getvalue()
    assert capsys.readouterr() == ("a stray print\n" if show == "auto" else "", "")
    assert watch.board.warnings == 1


def test_on_a_terminal_warnings_are_counted_and_prints_stand_above_the_panel(tmp_path: Path) -> None:
    out = io.StringIO()
    console = Console(
        file=out, width=80, height=30, force_terminal=True, force_interactive=True, color_system=None,
        legacy_windows=False,
    )  # fmt: skip
    run_with_noise(tmp_path, console, "auto")
    assert "clear the screen" not in out.getvalue()
    assert "a stray print\n" in out.getvalue()
    assert "some.library" in (tmp_path / "run.log").read_text()

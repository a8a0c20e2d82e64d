"""A step is reused, resumed or made again, and a folder is one process's at a time."""

import json
import multiprocessing
import time

import pytest

from lab.errors import ConfigError, LabError, RunLockedError, UserError
from lab.files import read_json, read_jsonl, write_json, write_jsonl, write_text
from lab.models import ModelClock
from lab.run_folder import RunFolder, StepSpec

CODE = ["errors.py"]


class Log:
    """Collects events and counts how often work was done."""

    def __init__(self):
        self.events = []
        self.worked = 0

    def __call__(self, event):
        self.events.append(event)

    def work(self, folder, progress):
        self.worked += 1
        write_text(folder / "out.txt", "done")
        progress(1, 1, "half way")

    @property
    def notes(self):
        return [(event.state, event.note) for event in self.events]


def spec(**inputs):
    return StepSpec("cook", {"water": "cold", **inputs}, CODE)


def open_folder(path, log=lambda event: None, **options):
    return RunFolder(path, clock=ModelClock(), on_step=log, **options)


def cook(path, log, work=None, **inputs):
    with open_folder(path, log) as folder:
        return folder.run(spec(**inputs), work or log.work)


def test_a_finished_step_is_reused_by_the_next_process(tmp_path):
    log = Log()
    first, second = cook(tmp_path, log), cook(tmp_path, log)
    assert log.worked == 1
    assert (first.reused, second.reused) == (False, True)
    assert (first.key, first.path, first.seconds) == (second.key, second.path, second.seconds)
    assert [event.state for event in log.events] == ["running", "running", "done", "reused"]
    assert read_json(first.path / "manifest.json")["files"].keys() == {"out.txt"}


def test_a_changed_input_is_named(tmp_path):
    log = Log()
    cook(tmp_path, log, salt=1)
    cook(tmp_path, log, salt=2)
    cook(tmp_path, log, salt=2, pepper=1)
    cook(tmp_path, log)
    starts = [note for state, note in log.notes if state == "running" and note != "half way"]
    assert starts == ["first time", "changed: salt", "changed: pepper", "changed: salt, pepper"]
    assert log.worked == 4


def test_going_back_to_old_inputs_reuses_their_step(tmp_path):
    log = Log()
    old = cook(tmp_path, log, salt=1)
    cook(tmp_path, log, salt=2)
    assert cook(tmp_path, log, salt=1).path == old.path
    assert log.worked == 2


def test_a_step_that_was_cut_goes_on_in_its_folder(tmp_path):
    log = Log()

    def cut(folder, progress):
        write_text(folder / "half.txt", "half")
        raise KeyboardInterrupt

    def go_on(folder, progress):
        assert (folder / "half.txt").read_text() == "half"
        write_text(folder / "out.txt", "done")

    with pytest.raises(KeyboardInterrupt):
        cook(tmp_path, log, cut)
    result = cook(tmp_path, log, go_on)
    assert [event.state for event in log.events] == ["running", "failed", "resumed", "done"]
    assert sorted(path.name for path in result.path.iterdir()) == ["half.txt", "manifest.json", "out.txt"]
    assert not list(tmp_path.rglob("*.partial"))


DAMAGE = {
    "changed": lambda path: (path / "out.txt").write_text("other"),
    "missing": lambda path: (path / "out.txt").unlink(),
    "no manifest": lambda path: (path / "manifest.json").unlink(),
    "half a manifest": lambda path: (path / "manifest.json").write_text('{"files": {"out.'),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_step_is_made_again(tmp_path, damage):
    log = Log()
    DAMAGE[damage](cook(tmp_path, log).path)
    result = cook(tmp_path, log)
    assert (log.worked, result.reused) == (2, False)
    assert ("running", "its files were damaged") in log.notes
    assert (result.path / "out.txt").read_text() == "done"
    assert cook(tmp_path, log).reused


def test_a_kill_just_before_the_rename_leaves_a_step_that_goes_on(tmp_path):
    log = Log()
    result = cook(tmp_path, log)
    result.path.rename(result.path.with_name(f"{result.key}.partial"))
    again = cook(tmp_path, log)
    assert log.events[-3].state == "resumed"
    assert read_json(again.path / "manifest.json")["files"].keys() == {"out.txt"}


def test_libraries_and_code_are_part_of_the_key():
    plain = spec().parts()
    assert StepSpec("cook", spec().inputs, ["errors.py", "types.py"]).parts()["code"] != plain["code"]
    assert "numpy" in StepSpec("cook", spec().inputs, CODE, ("numpy",)).parts()


def hold(path, ready, release):
    with open_folder(path):
        ready.set()
        release.wait(30)


def test_two_processes_cannot_work_in_one_folder(tmp_path):
    context = multiprocessing.get_context("spawn")
    ready, release = context.Event(), context.Event()
    other = context.Process(target=hold, args=(tmp_path, ready, release))
    other.start()
    try:
        assert ready.wait(30)
        with pytest.raises(RunLockedError, match="another process works in this run folder"), open_folder(tmp_path):
            pass
    finally:
        release.set()
        other.join(30)
    with open_folder(tmp_path):
        pass


def test_a_users_mistake_leaves_nothing_in_a_new_folder(tmp_path):
    with pytest.raises(ConfigError), open_folder(tmp_path / "reports" / "new"):
        raise ConfigError("wrong")
    assert not list(tmp_path.iterdir())


def test_a_users_mistake_leaves_what_stood_before(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ConfigError), open_folder(tmp_path):
        raise ConfigError("wrong")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    old = cook(tmp_path, Log())
    with pytest.raises(ConfigError), open_folder(tmp_path):
        raise ConfigError("wrong")
    assert old.path.is_dir()


@pytest.mark.parametrize("error", [ConfigError, ValueError, LabError])
def test_finished_work_survives_every_error(tmp_path, error):
    log = Log()
    with pytest.raises(error), open_folder(tmp_path / "new", log) as folder:
        folder.run(spec(), log.work)
        raise error("late")
    assert cook(tmp_path / "new", log).reused


def test_a_place_where_no_folder_can_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="no run folder can be made here"), open_folder(tmp_path / "file"):
        pass


def test_fresh_forgets_what_earlier_runs_left(tmp_path):
    log = Log()
    cook(tmp_path, log)
    with open_folder(tmp_path, log, fresh=True) as folder:
        assert not folder.run(spec(), log.work).reused
    assert log.worked == 2


def test_seconds_add_up_over_processes(tmp_path):
    def slow(folder, progress, cut=True):
        time.sleep(0.15)
        if cut:
            raise KeyboardInterrupt

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            cook(tmp_path, Log(), slow)
    result = cook(tmp_path, Log(), lambda folder, progress: slow(folder, progress, cut=False))
    assert 0.45 <= result.seconds < 3
    assert cook(tmp_path, Log()).seconds == result.seconds


def test_model_seconds_add_up_over_processes(tmp_path):
    clock = ModelClock()

    def slow(folder, progress, cut=True):
        with clock.running():
            time.sleep(0.1)
        if cut:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), RunFolder(tmp_path, clock=clock) as folder:
        folder.run(spec(), slow)
    with RunFolder(tmp_path, clock=clock) as folder:
        result = folder.run(spec(), lambda path, progress: slow(path, progress, cut=False))
    assert 0.2 <= result.model_seconds < 2
    assert folder.model_seconds_in_steps < result.model_seconds


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_nan_is_refused_and_the_old_file_stays(tmp_path, value):
    write_json(tmp_path / "a.json", {"x": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"x": value})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_jsonl(tmp_path / "a.jsonl", [{"x": value}])
    assert read_json(tmp_path / "a.json") == {"x": 1}
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_rows_come_back_whatever_line_breaks_their_texts_hold(tmp_path):
    rows = [{"text": "a\u2028b\u0085c\x0bd\r\ne\nf"}, {"text": ""}]
    write_jsonl(tmp_path / "rows.jsonl", rows)
    assert read_jsonl(tmp_path / "rows.jsonl") == rows
    with pytest.raises(LabError, match="expected a file of a finished step"):
        read_jsonl(tmp_path / "none.jsonl")


def test_test_use_counts_configs_not_runs(tmp_path):
    with open_folder(tmp_path) as folder:
        assert folder.test_uses == 0
        for digest in ("a", "a", "b"):
            folder.note_test_use(digest)
    with open_folder(tmp_path) as folder:
        folder.note_test_use("a")
        assert folder.test_uses == 2
    assert json.loads((tmp_path / ".work" / "test-asked.json").read_text()) == ["a", "b"]

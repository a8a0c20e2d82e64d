"""Each tracker for real, where it is installed: what it gives back is the curve and the table, and nothing else."""

import getpass
import importlib.util
import json
import os
import socket
import sys
from pathlib import Path

import pytest

from lab.tracking.summary import Grid, Summary
from lab.tracking.told import make_tracker
from lab.tracking.tracker import RunId

# What these libraries warn of among themselves is not for us to repair.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")

RUN, OTHER = RunId("train-A-seed1", "k1"), RunId("train-A-seed1", "k2")
RESULTS = RunId("results", "r1")
SETTINGS = {"adapter": "A", "seed": 1, "learning_rate": 0.001, "early_stopping": True}
CURVE = (
    (1, {"train_loss": 2.25, "learning_rate": 0.001, "epoch": 0.5}),
    (2, {"train_loss": 1.125, "learning_rate": 0.0005, "epoch": 1.0}),
    (2, {"dev_loss": 1.75, "learning_rate": 0.0005, "epoch": 1.0}),
    (3, {"train_loss": 0.75, "learning_rate": 0.0, "epoch": 1.5}),
)
SUMMARY = Summary(
    {"token_f1/fine-tuned+rag": 0.5, "token_f1/fine-tuned+rag/low": 0.25, "recall@5/rag": 1.0},
    {"methods": Grid(("method", "mean"), (("fine-tuned+rag", 0.5), ("rag", None)))},
)
SECRET = "swordfish-4711"


class TensorBoard:
    package, shows_repeats = "tensorboard", True

    def __init__(self, tmp_path):
        self.folder = tmp_path

    def runs(self, name):
        from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

        folder = self.folder / "slice" / name
        loaded = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0})
        loaded.Reload()
        return [loaded]

    def points(self, name):
        (loaded,) = self.runs(name)
        read = {}
        for tag in loaded.Tags()["scalars"]:
            for event in loaded.Scalars(tag):
                read.setdefault(tag, []).append((event.step, event.value))
        return read

    def scalars(self):
        return {tag: points[0][1] for tag, points in self.points("results").items()}

    def table(self):
        (loaded,) = self.runs("results")
        (event,) = loaded.Tensors("methods/text_summary")
        return event.tensor_proto.string_val[0].decode()

    def table_expected(self):
        return "| method | mean |\n| --- | --- |\n| fine-tuned+rag | 0.5 |\n| rag |  |"


class Trackio:
    package = "trackio"

    def __init__(self, tmp_path):
        from trackio.sqlite_storage import SQLiteStorage

        self.store, self.folder = SQLiteStorage, tmp_path

    def logs(self, name):
        found = [one for one in self.store.get_run_records("slice") if one["name"] == name]
        return self.store.get_logs("slice", name, run_id=found[-1]["id"])

    def points(self, name):
        read = {}
        for row in self.logs(name):
            for tag, value in row.items():
                if tag not in ("step", "timestamp") and isinstance(value, float | int):
                    read.setdefault(tag, []).append((row["step"], value))
        return read

    def scalars(self):
        return {tag: points[0][1] for tag, points in self.points("results").items()}

    def table(self):
        (row,) = self.logs("results")
        return row["methods"]["_value"]

    def table_expected(self):
        return SUMMARY.tables["methods"].records()


class Mlflow:
    package = "mlflow"

    def __init__(self, tmp_path):
        from mlflow import MlflowClient

        self.folder = tmp_path
        self.client = MlflowClient(tracking_uri=f"sqlite:///{tmp_path.resolve()}/mlflow.db")

    def run(self, name):
        experiment = self.client.get_experiment_by_name("slice").experiment_id
        return self.client.search_runs([experiment], f"attributes.run_name = '{name}'")[0]  # the newest

    def points(self, name):
        run = self.run(name)
        return {
            tag: sorted((one.step, one.value) for one in self.client.get_metric_history(run.info.run_id, tag))
            for tag in run.data.metrics
        }

    def scalars(self):
        return self.run("results").data.metrics

    def table(self):
        (path,) = (self.folder / "artifacts").rglob("methods.json")
        found = json.loads(path.read_text())
        return [dict(zip(found["columns"], row, strict=True)) for row in found["data"]]

    def table_expected(self):
        return SUMMARY.tables["methods"].records()


READERS = {"tensorboard": TensorBoard, "trackio": Trackio, "mlflow": Mlflow}


def installed(name):
    needed = ("mlflow", "sqlalchemy") if name == "mlflow" else (name,)
    return all(importlib.util.find_spec(one) for one in needed)


@pytest.fixture(params=list(READERS))
def store(request, tmp_path, monkeypatch):
    """(make a tracker as a new process would, a reader of what stands there)."""
    if not installed(request.param):
        pytest.skip(f"{request.param} is not installed")
    monkeypatch.setenv("TRACKIO_SPACE_ID", SECRET)
    monkeypatch.setenv("LAB_TEST_TOKEN", SECRET)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.chdir(tmp_path)  # MLflow writes into its store where it was started
    if request.param == "trackio":
        from trackio import sqlite_storage, utils

        for module in (sqlite_storage, utils):
            monkeypatch.setattr(module, "TRACKIO_DIR", tmp_path)
    return lambda: make_tracker(request.param, "slice", tmp_path), READERS[request.param](tmp_path)


@pytest.fixture(autouse=True)
def no_connection(monkeypatch):
    def refuse(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            raise AssertionError(f"a connection to {address}")
        return connect(self, address)

    connect = socket.socket.connect
    monkeypatch.setattr(socket.socket, "connect", refuse)


def tell(tracker, run, points, *, anew=False, first=0):
    tracker.begin(run, SETTINGS, anew=anew)
    for place, (step, values) in enumerate(points, first):
        tracker.point(run, place, step, values)
    tracker.end(run)


def expected(curve):
    read = {}
    for step, values in curve:
        for tag, value in values.items():
            read.setdefault(tag, []).append((step, value))
    return read


def near(read):
    """float32 in TensorBoard."""
    return {tag: [(step, pytest.approx(value, rel=1e-6)) for step, value in points] for tag, points in read.items()}


def test_the_curve_is_read_back(store):
    make, reader = store
    tell(make(), RUN, CURVE)
    assert reader.points("train-A-seed1") == near(expected(CURVE))


def test_a_run_that_another_process_goes_on_with_is_one_curve(store):
    make, reader = store
    tell(make(), RUN, CURVE[:3])
    tell(make(), RUN, CURVE[3:], first=3)
    assert reader.points("train-A-seed1") == near(expected(CURVE))


def test_a_training_of_other_settings_is_not_joined_to_it(store):
    make, reader = store
    tell(make(), RUN, CURVE)
    tell(make(), OTHER, CURVE[:1], anew=True)
    assert reader.points("train-A-seed1") == near(expected(CURVE[:1]))


def test_the_final_table_is_read_back(store):
    make, reader = store
    tracker = make()
    tracker.begin(RESULTS, {}, anew=False)
    tracker.result(RESULTS, SUMMARY)
    tracker.end(RESULTS)
    found = {
        name.replace("_rag", "+rag").replace("recall_", "recall@"): value for name, value in reader.scalars().items()
    }
    assert found == pytest.approx(dict(SUMMARY.scalars))
    assert reader.table() == reader.table_expected()


def test_what_is_written_tells_neither_machine_nor_user_nor_environment(store, tmp_path):
    make, _ = store
    tell(make(), RUN, CURVE)
    tracker = make()
    tracker.begin(RESULTS, {}, anew=False)
    tracker.result(RESULTS, SUMMARY)
    tracker.end(RESULTS)
    files = [path for path in Path(tmp_path).rglob("*") if path.is_file()]
    assert files
    written = b"".join(path.read_bytes() for path in files) + "\n".join(map(str, files)).encode()
    names = {socket.gethostname(), SECRET, str(Path(__file__).parents[2])} | {f'"{getpass.getuser()}"'}
    assert not [name for name in names if len(name) > 3 and name.encode() in written]


class FakeWandb:
    """Stands for wandb, whose offline files only its own service can read."""

    def __init__(self):
        self.calls, self.settings, self.inits = [], [], []

    def Settings(self, **given):
        self.settings.append(given)
        return given

    def Table(self, columns, data):
        return [dict(zip(columns, row, strict=True)) for row in data]

    def init(self, **given):
        self.inits.append(given)
        return self

    def log(self, values, step=None):
        self.calls.append((step, values))

    @property
    def summary(self):
        return self

    def update(self, values):
        self.calls.append(("summary", values))

    def finish(self):
        self.calls.append(("finish", None))


def test_wandb_is_kept_offline_and_told_nothing_of_the_machine(tmp_path, monkeypatch):
    fake = FakeWandb()
    monkeypatch.setitem(sys.modules, "wandb", fake)
    monkeypatch.setenv("WANDB_ERROR_REPORTING", "true")
    tracker = make_tracker("wandb", "slice", tmp_path / "wandb")
    tell(tracker, RUN, CURVE)
    tracker.begin(RESULTS, {}, anew=False)
    tracker.result(RESULTS, SUMMARY)
    tracker.end(RESULTS)
    assert {call["mode"] for call in fake.inits} == {"offline"}
    assert [(call["project"], call["name"], call["id"]) for call in fake.inits] == [
        ("slice", "train-A-seed1", "train-A-seed1-k1"),
        ("slice", "results", "results-r1"),
    ]
    assert fake.inits[0]["config"] == SETTINGS and fake.inits[0]["dir"] == str(tmp_path / "wandb")
    off = ("x_disable_meta", "x_disable_stats", "x_disable_machine_info", "disable_git", "disable_code")
    assert all(given[name] is True for given in fake.settings for name in off)
    assert fake.calls[:4] == list(CURVE)
    told = [{"methods": SUMMARY.tables["methods"].records()}, dict(SUMMARY.scalars)]
    assert fake.calls[4:] == [("finish", None), (None, told[0]), ("summary", told[1]), ("finish", None)]
    assert os.environ["WANDB_ERROR_REPORTING"] == "false"

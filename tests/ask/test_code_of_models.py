"""A model's folder may name code of its own: it is never run, and nobody is asked whether it may."""

import ast
import builtins
import json
from pathlib import Path

import pytest

import lab

CALLS = {"AutoTokenizer", "AutoConfig", "AutoModelForCausalLM"}
CLASSES = {"SentenceTransformer", "CrossEncoder"}


def loads(tree):
    """Calls that read a model's folder by the library's own lookup, with their keywords."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        called, owner = call.func, getattr(call.func, "value", None)
        by_class = isinstance(called, ast.Name) and called.id in CLASSES
        by_method = getattr(called, "attr", "") == "from_pretrained" and getattr(owner, "id", "") in CALLS
        if by_class or by_method:
            yield call, {keyword.arg: keyword.value for keyword in call.keywords}


def test_every_load_of_the_lab_says_that_it_trusts_no_code():
    found = [
        (path.name, call.lineno, keywords)
        for path in sorted(Path(lab.__file__).parent.rglob("*.py"))
        for call, keywords in loads(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert len(found) >= 9
    trusting = [
        (name, line)
        for name, line, keywords in found
        if getattr(keywords.get("trust_remote_code"), "value", True) is not False
    ]
    assert trusting == []


@pytest.mark.models
def test_nobody_is_asked_whether_the_code_of_a_folder_may_run(tmp_path, monkeypatch, make_tiny_model):
    pytest.importorskip("torch")
    from lab.methods.generations import GenerationStore
    from lab.methods.generator import Generator
    from lab.models import ModelClock, choose_hardware, find_model

    folder = make_tiny_model(tmp_path / "model")
    config = json.loads((folder / "config.json").read_text())
    names = {"AutoConfig": "own.OwnConfig", "AutoModelForCausalLM": "own.OwnModel"}
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "own", "auto_map": names}))
    (folder / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    asked = []
    monkeypatch.setattr(builtins, "input", lambda prompt="": asked.append(prompt) or "y")
    store = GenerationStore(tmp_path / "kept.jsonl")
    files = find_model(str(folder), offline=True)
    generator = Generator(files, choose_hardware("cpu", "float32"), store, ModelClock(), batch_size=1)
    with pytest.raises(Exception, match="custom code"):
        _ = generator.context_limit
    with pytest.raises(Exception, match=r"custom code|model type"):
        generator.base()
    assert asked == [] and not (tmp_path / "ran").exists()

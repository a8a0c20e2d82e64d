"""An experiment file is read strictly, and everything that is wrong with it is said at once."""

from pathlib import Path

import pydantic
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lab.config import ExperimentConfig, config_schema, load_config
from lab.errors import ConfigError

SHIPPED = sorted(Path(__file__).parents[1].glob("corpora/*/experiment.yaml"))


def write(folder, text):
    path = folder / "experiment.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def fault(tmp_path, text, overrides=()):
    with pytest.raises(ConfigError) as caught:
        load_config(write(tmp_path, text), overrides)
    return str(caught.value)


def test_every_fault_is_said_at_once(tmp_path):
    message = fault(
        tmp_path,
        "index: {k: 0, overlap: two}\ntraining: {epochs: 1.5}\nholdout: {track: sideways}\nunknwon: 1\n"
        "methods: [rag, magic]\ngenerator: {device: tpu}\n",
    )
    assert message.startswith(str(tmp_path / "experiment.yaml"))
    for key in ("index.k", "index.overlap", "training.epochs", "holdout.track", "unknwon", "methods.1", "generator"):
        assert f"  {key}" in message
    assert "got 0" in message and "'sideways'" in message and "got 'tpu'" in message
    assert len(message.splitlines()) == 8


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("indx: {}", "indx: unknown key; did you mean index?"),
        ("index: {passage_token: 9}", "index.passage_token: unknown key; did you mean passage_tokens?"),
        ("raft: {zzz: 9}", "raft.zzz: unknown key; known keys: p, distractors"),
        ("methods: [rag, rag]", "methods: named more than once: rag"),
        ("economics: {price: 1}", "economics.price: unknown key; known keys: currency"),
        ("economics: {cpu_hour: -1}", "economics.cpu_hour: input should be greater than or equal to 0"),
        ("economics: {million_tokens_in: 1}", "million_tokens_in and million_tokens_out: give both or neither"),
        ("needs: {citation_required: true}", "needs.citation_required: unknown key; did you mean citations_required?"),
        ("needs: {weights: {quality: 0}}", "at least one weight must be above 0"),
        ("needs: {anchors: {quality: [.nan, 1]}}", "finite number"),
        ("needs: {anchors: {cost: [0, 1]}}", "cost: expected [worst, good] with good below worst"),
        ("needs: {max_staleness: 0.1}", "max_staleness needs facts_changing_per_month and update_interval_months"),
        ("training: {seeds: [1, 1]}", "expected different seeds, got [1, 1]"),
        ("probes: [drift]", "probes: not supported by this version"),
        ("holdout: {test: 0.6, dev: 0.5}", "holdout.test + holdout.dev must be below 1, got 1.1"),
        ("holdout: {test: 0}", "holdout.test must be above 0"),
        ("index: {passage_tokens: 20, overlap: 11}", "index.overlap must be at most half"),
        ("index: {k: '3'}", "index.k"),
        ("training: {early_stopping: 1}", "training.early_stopping"),
        ("name: a/b", "expected letters, digits"),
        ("domain: ' '", "expected one non-empty line"),
        ("- a", "expected keys and values, got list"),
        ("a: [", "not readable as YAML"),
    ],
)
def test_what_is_said(tmp_path, text, said):
    assert said in fault(tmp_path, text)


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(ConfigError, match=r"expected an experiment file, found none$"):
        load_config(tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match=r"a folder: name the experiment\.yaml in it"):
        load_config(tmp_path)


@pytest.mark.parametrize("text", ["1e-3", "1.0e-3", "0.001", "1E-3", ".1e-2"])
def test_a_number_is_a_number_however_it_is_written(tmp_path, text):
    assert load_config(write(tmp_path, f"training: {{learning_rate: {text}}}")).training.learning_rate == 0.001


def test_a_config_is_frozen(tmp_path):
    config = load_config(write(tmp_path, "{}"))
    with pytest.raises(pydantic.ValidationError):
        config.index.k = 4
    with pytest.raises(pydantic.ValidationError):
        config.name = "other"


def test_overrides_are_typed_as_in_the_file(tmp_path):
    path = write(tmp_path, "index: {k: 2}")
    config = load_config(
        path,
        [
            "index.k=5",
            "training.learning_rate=1e-4",
            "methods=[rag, oracle]",
            "training.early_stopping=false",
            "holdout.limit_test=null",
            "generator.few_shot=3",
            "name=other",
        ],
    )
    assert (config.index.k, config.training.learning_rate, config.methods) == (5, 1e-4, ["rag", "oracle"])
    assert (config.training.early_stopping, config.holdout.limit_test) == (False, None)
    assert (config.generator.few_shot, config.name) == (3, "other")


@pytest.mark.parametrize(
    ("override", "said"),
    [
        ("index.k", "expected section.key=value"),
        ("=3", "expected section.key=value"),
        ("name.x=1", "name has no keys below it"),
        ("index.k=[", "the value is not readable as YAML"),
        ("index.kk=3", "index.kk: unknown key; did you mean k?"),
        ("index.k=three", "index.k"),
    ],
)
def test_a_wrong_override(tmp_path, override, said):
    assert said in fault(tmp_path, "name: x", [override])


def test_the_corpus_path_is_relative_to_whoever_wrote_it(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    path = write(tmp_path / "there", "corpus: {path: data}")
    assert load_config(path).corpus.path == str(tmp_path / "there" / "data")
    assert load_config("../there/experiment.yaml").corpus.path == str(tmp_path / "there" / "data")
    assert load_config(path, ["corpus.path=data"]).corpus.path == str(tmp_path / "here" / "data")
    assert load_config(path, [f"corpus.path={tmp_path}"]).corpus.path == str(tmp_path)


def test_names_come_from_the_folder(tmp_path):
    (tmp_path / "ferries").mkdir()
    config = load_config(write(tmp_path / "ferries", "{}"))
    assert (config.name, config.domain) == ("ferries", "ferries")


@given(
    k=st.integers(1, 9),
    rate=st.floats(1e-6, 1.0),
    shots=st.one_of(st.just("auto"), st.integers(0, 8)),
    reasoning=st.sampled_from(["none", "quoted"]),
)
def test_the_resolved_config_reads_back_equal(tmp_path_factory, k, rate, shots, reasoning):
    folder = tmp_path_factory.mktemp("round")
    tree = {
        "index": {"k": k},
        "training": {"learning_rate": rate},
        "generator": {"few_shot": shots},
        "raft": {"reasoning": reasoning},
    }
    config = load_config(write(folder, yaml.safe_dump(tree)))
    again = load_config(write(folder, yaml.safe_dump(config.resolved(), sort_keys=False)))
    assert again == config
    assert again.digest_of_asking() == config.digest_of_asking()


def test_digests_tell_configs_apart(tmp_path):
    path = write(tmp_path, "{}")
    plain = load_config(path).digest_of_asking()
    for same in ("index.k=3", "metrics.margin=0.1", "needs.citations_required=true", "economics.cpu_hour=2"):
        assert load_config(path, [same]).digest_of_asking() == plain, same
    for other in ("index.k=4", "metrics.primary=contains"):
        assert load_config(path, [other]).digest_of_asking() != plain, other


def test_every_key_is_described_for_editors():
    schema = config_schema()
    assert "required" not in schema
    for name, section in schema["$defs"].items():
        for key, value in section["properties"].items():
            assert "description" in value, f"{name}.{key}"
    assert set(schema["properties"]) == set(ExperimentConfig.model_fields)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
def test_shipped_experiments_are_read_and_fit_the_schema(path):
    config = load_config(path)
    assert config.name == path.parent.name
    schema = config_schema()
    tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    for section, value in tree.items():
        assert section in schema["properties"]
        reference = schema["properties"][section].get("$ref", "").rsplit("/", 1)[-1]
        if reference:
            assert set(value) <= set(schema["$defs"][reference]["properties"])

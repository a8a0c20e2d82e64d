"""The section `generator.endpoint`: what it brings to the methods, what is refused, what decides an answer."""

import pytest
import yaml

from lab.config import ExperimentConfig, load_config
from lab.endpoint_config import shown_model
from lab.errors import ConfigError

SERVER = {"url": "http://localhost:8000/v1", "model": "big"}
BOTH = ["endpoint", "endpoint+rag"]


@pytest.fixture
def load(tmp_path):
    def made(*overrides, endpoint=SERVER, **sections):
        path = tmp_path / "experiment.yaml"
        path.write_text(yaml.safe_dump({"generator": {"endpoint": endpoint}, **sections}))
        return load_config(path, overrides)

    return made


def test_an_endpoint_brings_its_two_methods_behind_the_others(load):
    standard = ExperimentConfig(name="n", domain="d").methods
    assert load().methods == [*standard, *BOTH]
    assert load(methods=["rag"]).methods == ["rag", *BOTH]
    assert load(endpoint=None).methods == standard


def test_who_names_one_of_them_gets_that_one(load):
    assert load(methods=["rag", "endpoint+rag"]).methods == ["rag", "endpoint+rag"]


def test_an_endpoint_can_be_given_and_taken_away_on_the_command_line(load):
    url = ("generator.endpoint.url=http://localhost:1/v1", "generator.endpoint.model=m")
    assert load(*url, endpoint=None, methods=["rag"]).methods == ["rag", *BOTH]
    assert load("generator.endpoint=null", methods=["rag"]).methods == ["rag"]


@pytest.mark.parametrize(
    ("sections", "message"),
    [
        ({"endpoint": None, "methods": ["rag", "endpoint"]}, "methods: endpoint needs generator.endpoint"),
        ({"methods": BOTH}, "methods: endpoint and endpoint.rag stand beside the run's own methods"),
        ({"endpoint": {**SERVER, "url": "localhost:8000"}}, "generator.endpoint.url: expected http://HOST:PORT/v1"),
        ({"endpoint": {"url": SERVER["url"]}}, "generator.endpoint.model: field required"),
        ({"endpoint": {**SERVER, "model": " "}}, "generator.endpoint.model: expected the name"),
        ({"endpoint": {**SERVER, "model": "a\x1b[2Jb"}}, "generator.endpoint.model: expected the name"),
        ({"endpoint": {**SERVER, "timeout": 0}}, "generator.endpoint.timeout"),
        ({"endpoint": {**SERVER, "parallel": 0}}, "generator.endpoint.parallel"),
        ({"endpoint": {**SERVER, "million_tokens_in": 1.0}}, "give both or neither"),
        ({"endpoint": {**SERVER, "modle": "x"}}, "generator.endpoint.modle: unknown key; did you mean model"),
    ],
)
def test_what_does_not_fit_is_refused(load, sections, message):
    with pytest.raises(ConfigError, match=message):
        load(**sections)


def test_a_key_in_the_file_is_refused_and_not_repeated(load):
    with pytest.raises(ConfigError, match="api_key: unknown key") as error:
        load(endpoint={**SERVER, "api_key": "sk-12345"})
    assert "12345" not in str(error.value)
    with pytest.raises(ConfigError, match="set RAG_FINETUNE_LAB_ENDPOINT_KEY") as error:
        load(endpoint={**SERVER, "url": "http://me:hunter2@localhost/v1"})
    assert "hunter2" not in str(error.value)


def test_patience_and_prices_ask_no_question_again(load):
    def digest(**changes):
        return load(endpoint={**SERVER, **changes}).digest_of_asking()

    same = digest()
    assert digest(timeout=5.0, parallel=1, million_tokens_in=1.0, million_tokens_out=2.0) == same
    others = [digest(model="other"), digest(url="http://localhost:8001/v1"), digest(max_tokens=9)]
    assert len({same, *others}) == 4


def test_folders_of_this_machine_are_not_shown():
    assert shown_model("/home/me/models/big-1b") == "big-1b"
    assert shown_model("org/big-1b") == "org/big-1b"

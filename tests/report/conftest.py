"""Results to render: made up, with all that a run computes, and hostile throughout."""

import copy

import pytest
from full_result import full_tree, hostile_tree
from made_result import fake_answers, fake_result, save

from lab.report import read_answers, read_result
from lab.report.page import build_page


@pytest.fixture
def tree():
    """results.json as a dict that a test may change."""
    return fake_result()


@pytest.fixture
def rows():
    """answers.jsonl as a list that a test may change."""
    return fake_answers()


@pytest.fixture(scope="session")
def computed():
    """A result with all that a run computes today, and its answers; computed once."""
    return full_tree(fake_result(), fake_answers())


@pytest.fixture
def full(computed):
    """results.json with all that a run computes today, as a dict that a test may change."""
    return copy.deepcopy(computed[0])


@pytest.fixture(scope="session")
def evil(computed):
    """A result in which every free text is hostile, and its answers; not to be changed."""
    return hostile_tree(*computed)


@pytest.fixture
def store(tmp_path):
    """Save a result and its answers; returns the run folder."""
    return lambda tree, rows: save(tmp_path, tree, rows)


@pytest.fixture
def load(store):
    """The ExperimentResult of a dict."""
    return lambda tree: read_result(store(tree, []) / "results.json")


@pytest.fixture
def result(load, tree):
    return load(tree)


@pytest.fixture
def page(result):
    return build_page(result)


@pytest.fixture
def answers(store, tree, rows):
    return read_answers(store(tree, rows) / "answers.jsonl")

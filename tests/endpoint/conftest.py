"""No key and no proxy of whoever runs the tests."""

import pytest

from lab.endpoint_config import ENDPOINT_KEY
from lab.judge.client import KEY_VARIABLE


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    names = (ENDPOINT_KEY, KEY_VARIABLE, "OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "HF_HUB_OFFLINE")
    for name in names:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch

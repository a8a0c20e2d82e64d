"""What has no reasons cannot teach them, and a key in an address is not repeated."""

import pytest

from lab.endpoint_config import host_of
from lab.errors import ConfigError
from lab.preparation import _check_reasons
from lab.types import Question


def test_reasons_must_be_in_the_data_to_be_learnt():
    bare = Question("a", "How long?", ("9 m",), "span")
    with pytest.raises(ConfigError, match="none of the 1 training questions has one"):
        _check_reasons("given", [bare])
    _check_reasons("quoted", [bare])
    _check_reasons("given", [bare, Question("b", "How long?", ("9 m",), "span", reason="It hangs there.")])


@pytest.mark.parametrize("url", ["https://host/v1?key=SECRET", "https://host/v1#SECRET", "https://me:SECRET@host/v1"])
def test_a_key_in_an_address_is_refused_and_not_repeated(url):
    with pytest.raises(ValueError, match="THE_KEY") as told:
        host_of(url, "THE_KEY")
    assert "SECRET" not in str(told.value)

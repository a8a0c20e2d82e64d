"""One file read by itself, as the tests of formats do."""

from lab.ingest.ids import Ids
from lab.ingest.nouns import FileOutcome
from lab.ingest.read import find_format, read_file

LONG = "The pump moves forty litres a minute and needs oil every two hundred hours of use in winter and in summer. "


def read(name, data):
    """Outcome and documents of one file."""
    outcome = find_format(FileOutcome(name, "failed"), data)
    if outcome.format in (None, "zip"):
        return outcome, ()
    result = read_file(outcome, data, Ids())
    return result.outcome, result.documents


def texts(name, data):
    outcome, documents = read(name, data)
    assert outcome.status == "read", outcome
    return [document.text for document in documents]


def failure(name, data):
    outcome, documents = read(name, data)
    assert documents == ()
    assert outcome.reason
    assert outcome.advice
    return outcome.status, outcome.reason

"""Format names and their readers. A new format is one file with a `read_<format>` and one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lab.corpus.apibench import read_apibench
from lab.corpus.hotpotqa import read_hotpotqa
from lab.corpus.hub import read_hub
from lab.corpus.jsonl import read_jsonl
from lab.corpus.pubmedqa import read_pubmedqa
from lab.corpus.raft_rows import read_raft
from lab.corpus.source import Source
from lab.corpus.squad import read_squad
from lab.corpus.table import read_table
from lab.errors import DataError
from lab.types import Corpus

FORMATS: Mapping[str, Callable[[Source], Corpus]] = {
    "jsonl": read_jsonl,
    "squad": read_squad,
    "pubmedqa": read_pubmedqa,
    "hotpotqa": read_hotpotqa,
    "apibench": read_apibench,
    "raft": read_raft,
    "table": read_table,
    "hub": read_hub,
}


def read_corpus(source: Source) -> Corpus:
    """Read the data that the `corpus` section names.

    Raises:
        DataError: nothing at `corpus.path`, faults in the data, or no document or question in them.
    """
    format = source.options.format
    if format != "hub" and not source.path.exists():
        raise DataError(f"{source.path}: expected data in the format {format}, found nothing there; see corpus.path")
    corpus = FORMATS[format](source)
    for noun, items in (("document", corpus.documents), ("question", corpus.questions)):
        if not items:
            raise DataError(f"{source.options.path}: expected at least one {noun}, found none")
    return corpus

"""Retrieve, fine-tune, or both? One config in, every method asked the same held-out questions, a report out.

The data's way, which is also the order of the folders here:

    corpus      read documents and questions, cut passages
    holdout     divide questions into train, dev and test; find leaks
    index       embed passages, build and search FAISS or BM25
    methods     closed-book, rag, fine-tuned, fine-tuned+rag, raft, oracle
    metrics     score each answer, compare methods on the same questions
    recommend   say which method to choose, or that the data do not decide
    report      one saved result -> report.html, report.md

`experiment.py` walks this way from top to bottom. Nothing heavy is imported until it is needed.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lab.config import ExperimentConfig, load_config
    from lab.experiment import run_experiment

__version__ = "0.1.0"
__all__ = ["ExperimentConfig", "__version__", "load_config", "run_experiment"]

_HOMES = {"ExperimentConfig": "lab.config", "load_config": "lab.config", "run_experiment": "lab.experiment"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'lab' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)

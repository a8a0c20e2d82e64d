"""What can go wrong, as one tree. The command line turns each into one message and an exit code.

LabError (1)                 the run failed
├── UserError (2)            something the user gave must change
│   ├── ConfigError          the experiment file or an override
│   ├── DataError            documents, questions, evidence; names file:line or the JSON path
│   ├── LeakageError         the given splits leak test questions into training
│   ├── ModelError           a model name that leads nowhere
│   └── DiskError            not enough room where the run or the cache lies
├── ResourceError (1)        memory ran out
└── RunLockedError (2)       another process works in this run folder
"""

from __future__ import annotations

from collections.abc import Sequence

MAX_FAULTS_SHOWN = 20
MAX_FAULT = 1000  # characters: a fault may quote what stands in a file


class LabError(Exception):
    """Base of every error that reaches the user without a traceback."""

    exit_code = 1


class UserError(LabError):
    """Something that the user gave must change; no results were written."""

    exit_code = 2


class ConfigError(UserError):
    """The experiment file, or an override of it, is wrong."""


class DataError(UserError):
    """Documents or questions are wrong."""


class LeakageError(UserError):
    """The splits that came with the data put a test question into training."""


class ModelError(UserError):
    """A model name leads to no model."""


class DiskError(UserError):
    """Not enough room where the run or the cache lies."""


class ResourceError(LabError):
    """Memory ran out."""


class RunLockedError(LabError):
    """Another process works in this run folder."""

    exit_code = 2


def list_faults(title: str, faults: Sequence[str]) -> str:
    """One message for all faults of a file: up to 20, of about 1,000 characters at most, then a count of the rest."""
    shown = [f"  {_short(fault)}" for fault in faults[:MAX_FAULTS_SHOWN]]
    rest = len(faults) - len(shown)
    if rest > 0:
        shown.append(f"  ... and {rest} more")
    return "\n".join([title, *shown])


def _short(fault: str) -> str:
    # The middle goes: a fault begins with where it is and ends with what to do.
    half = MAX_FAULT // 2
    return fault if len(fault) <= MAX_FAULT else f"{fault[:half]} ... {fault[-half:]}"

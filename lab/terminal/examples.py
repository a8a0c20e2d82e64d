"""Examples at the end of each command's help: commands that a fresh clone can run. Imports nothing heavy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand

SAMPLE = "reports/velloway-sample"
AFTER_RUN = "after 'lab run corpora/velloway':"
# By command; what does not begin with the prompt is a remark.
EXAMPLES: Mapping[str, Sequence[str]] = {
    "init": (
        "$ lab init readme --docs README.md",
        "$ lab init handbook --docs corpora/velloway/source",
        "$ lab init handbook --questions corpora/velloway/questions.jsonl",
    ),
    "run": (
        "$ lab run corpora/velloway",
        "$ lab run corpora/velloway --set index.k=5 --out reports/five-passages",
        "$ lab run corpora/velloway --json-logs > events.jsonl",
    ),
    "check": (
        "$ lab check corpora/velloway",
        "$ lab check corpora/velloway --set holdout.limit_test=300",
        "$ lab check corpora/velloway --retrieval --cutting window,semantic",
    ),
    "report": (f"$ lab report {SAMPLE}", f"$ lab report {SAMPLE} --short"),
    "score": (f"$ lab score {SAMPLE}/answers.jsonl --corpus corpora/velloway",),
    "decide": (
        f"$ lab decide {SAMPLE} --quality-floor 0.6",
        f"$ lab decide {SAMPLE} --citations-required --json",
    ),
    "synthesize": (
        "after 'lab init handbook --docs corpora/velloway/source':",
        "$ lab synthesize handbook --teacher none",
        "$ lab synthesize handbook --limit 100",
        "$ lab synthesize handbook --url http://localhost:8000/v1 --model NAME",
    ),
    "judge": (
        "after 'lab run corpora/velloway', with an OpenAI-compatible server:",
        "$ lab judge reports/velloway --url http://localhost:8000/v1 --model NAME",
    ),
    "compare": (
        "after 'lab run corpora/velloway --set index.k=5 --out reports/five-passages':",
        f"$ lab compare {SAMPLE} reports/five-passages",
    ),
    "ask": (
        AFTER_RUN,
        '$ lab ask reports/velloway "How long is the rope in a rescue bag?"',
        '$ lab ask reports/velloway "Who confirms the gates?" --all',
    ),
    "serve": (AFTER_RUN, "$ lab serve reports/velloway"),
    "gate": (
        f"$ lab gate {SAMPLE} --require 'raft.token_f1.low >= 0.4'",
        f"$ lab gate {SAMPLE} --require 'raft - rag > 0' --json",
    ),
    "export": (
        f"$ lab export {SAMPLE} --csv scores.csv",
        AFTER_RUN,
        "$ lab export reports/velloway --method raft --to raft-model",
    ),
    "models": ("$ lab models",),
    "schema": ("$ lab schema > experiment.schema.json",),
}


class CommandWithExamples(TyperCommand):
    """Its help ends with a section of examples, each on a line of its own; what has a metavar has no other name."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Writes arguments as options are written: RUN, where typer would write RUN <path>."""
        for param in self.get_params(ctx):
            if isinstance(param, TyperArgument) and param.metavar is not None:
                param.display_type_rich = _no_type  # type: ignore[method-assign]
        super().format_options(ctx, formatter)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Writes the lines of the epilog as they are."""
        if self.epilog:
            with formatter.section("Examples"):
                for line in self.epilog.splitlines():
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")


def _no_type(ctx: Any) -> None:
    """No name of a type."""


def add_examples(app: typer.Typer) -> None:
    """Give every command that is registered its examples."""
    for command in app.registered_commands:
        lines = EXAMPLES.get(str(command.name or getattr(command.callback, "__name__", "")), ())
        command.cls, command.epilog = CommandWithExamples, "\n".join(lines)

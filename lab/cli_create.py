"""`lab init`: a corpus from documents as people have them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lab.create.make import Created, Order
    from lab.create.settings import Clock, Load

CORPORA = Path("corpora")


def init(
    name: Annotated[str, typer.Argument(help="Name of the corpus, and of its folder.", metavar="NAME")],
    more: Annotated[
        list[Path] | None, typer.Argument(help="More documents, as in --docs *.pdf.", metavar="PATH")
    ] = None,
    docs: Annotated[
        list[Path] | None,
        typer.Option(metavar="PATH", help="Files, folders, globs or zips: all documents. Default: as last time."),
    ] = None,
    questions: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Questions with answers: CSV, TSV, JSONL, JSON or Parquet."),
    ] = None,
    into: Annotated[Path, typer.Option(metavar="FOLDER", help="Where the folder of the corpus lies.")] = CORPORA,
    domain: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What the documents are about; default: from their titles.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object in place of text.")] = False,
) -> None:
    """Make a corpus from a folder of documents.

    Writes documents and experiment.yaml to corpora/NAME. The same command again reads only what has changed.
    """
    from lab.create.make import Order
    from lab.create.tree import as_tree
    from lab.terminal.console import make_console
    from lab.terminal.creation import show_created

    made = _made(Order(name, into, (*(docs or ()), *(more or ())), questions, domain), quiet=as_json)
    if as_json:
        typer.echo(json.dumps(as_tree(made), indent=1, allow_nan=False))
    else:
        show_created(make_console(), made, default_place=into == CORPORA)


def _made(order: Order, *, quiet: bool) -> Created:
    """The corpus; on a terminal a line tells which file is read."""
    from lab.create.make import create_corpus
    from lab.terminal.console import make_console
    from lab.terminal.creation import progress_text

    console = make_console()
    if quiet or not console.is_terminal:
        return create_corpus(order, machine_clock())
    with console.status("looking for files") as status:
        return create_corpus(order, machine_clock(), lambda now: status.update(progress_text(now)))


def machine_clock() -> Clock:
    """How long this machine takes, by the measured rates of two CPU cores; a GPU embeds in no time worth counting."""
    from lab.estimate import MEASURED_ON, ModelSize, Workload, estimate

    encoder = ModelSize(parameters=22_713_216, hidden=384, layers=6)  # minilm, which a new experiment.yaml names
    dtype = "bfloat16" if _multiplies_bf16() else "float32"

    def seconds(load: Load) -> float:
        work = Workload(
            load.embed_tokens, load.train_tokens, load.prefill_tokens, load.decode_steps, load.decode_rows,
            train_batch=0, vectors=0, dimensions=0,
        )  # fmt: skip
        parts = dict(estimate(work, MEASURED_ON, encoder, dtype).seconds)
        return sum(parts.values()) - (parts["embed"] if _has_gpu() else 0.0)

    return seconds


def _multiplies_bf16() -> bool:
    """As `lab.models.choose_hardware` finds it, without importing torch; False where the system does not tell."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    flags = next((line for line in text.splitlines() if line.startswith("flags")), "").split()
    return "amx_bf16" in flags or "avx512_bf16" in flags


def _has_gpu() -> bool:
    return Path("/proc/driver/nvidia/version").is_file()

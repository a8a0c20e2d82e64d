"""`make bench`: the lab against `handwritten.py`, in alternating runs of both on the same task.

    python tests/performance/versus.py EXPERIMENT OUT_FOLDER [--rounds 3] [--set key=value] [--readme README.md]

Each run is a process of its own, from interpreter to last answer. A ratio is seconds of the handwritten pipeline over
seconds of the lab in one round; the table gives the median and the range over the rounds. Beside speed it shows that
both do the same work: equal passages found, equal texts in fp32, dev loss and token F1 of the adapters.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, median
from typing import Any

from agreement import dev_loss, same_texts, token_f1_of
from task import make_task

HANDWRITTEN = Path(__file__).with_name("handwritten.py")
# The lab imports a library when a step needs it. Imported before, as the handwritten script does, libraries count end
# to end and in no stage.
RUN_LAB = "import datasets, faiss, peft, sentence_transformers, torch, transformers; from lab.cli import main; main()"
OURS_ALONE = ("knowledge", "latency")  # what the model knows, and lone questions
STAGES: Mapping[str, tuple[str, ...]] = {
    "embed": ("index", "retrieve"),
    "train": ("train-A", "train-B"),
    "answer with context": ("answer-rag", "answer-fine-tuned+rag", "answer-raft", "answer-oracle"),
    "answer without context": ("answer-closed-book", "answer-fine-tuned"),
}
TEXTS_COMPARED = 12


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds by stage, and `end to end`, of both pipelines."""

    handwritten: Mapping[str, float]
    lab: Mapping[str, float]

    def ratio(self, stage: str) -> float:
        """How many times longer the handwritten pipeline took."""
        return self.handwritten[stage] / self.lab[stage]


def run_handwritten(task_file: Path, out: Path) -> dict[str, float]:
    """Seconds by stage of one run of the handwritten pipeline."""
    out.mkdir(parents=True, exist_ok=True)
    wall = _run([sys.executable, str(HANDWRITTEN), str(task_file), str(out)], out / "log.txt")
    return {**json.loads((out / "handwritten.json").read_text())["seconds"], "end to end": wall}


def run_lab(experiment: str, overrides: Sequence[str], out: Path) -> dict[str, float]:
    """Seconds by stage of one run of the lab; end to end without the passes that the handwritten pipeline has not."""
    out.mkdir(parents=True, exist_ok=True)
    settings = [part for override in overrides for part in ("--set", override)]
    command = [sys.executable, "-c", RUN_LAB, "run", experiment, "--out", str(out), "--offline", "--fresh", *settings]
    wall = _run(command, out / "bench-log.txt")
    steps = json.loads((out / "results.json").read_text())["timings"]["steps"]
    seconds = {stage: sum(steps.get(name, 0.0) for name in names) for stage, names in STAGES.items()}
    return {**seconds, "end to end": wall - sum(steps.get(name, 0.0) for name in OURS_ALONE)}


def _run(command: list[str], log: Path) -> float:
    start = time.perf_counter()
    with log.open("w") as stream:
        code = subprocess.run(command, stdout=stream, stderr=subprocess.STDOUT, check=False).returncode
    if code:
        sys.exit(f"{' '.join(command)}\nfailed with exit code {code}; see {log}")
    return time.perf_counter() - start


def table(rounds: Sequence[Round]) -> str:
    """Markdown: each stage with both medians and the ratio with its range."""
    lines = ["| stage | handwritten, s | lab, s | ratio (range) |", "|---|---|---|---|"]
    for stage in ("end to end", *STAGES):
        ratios = [one.ratio(stage) for one in rounds]
        seconds = [median(side[stage] for side in sides) for sides in _sides(rounds)]
        spread = f"{median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})"
        lines.append(f"| {stage} | {seconds[0]:.1f} | {seconds[1]:.1f} | {spread} |")
    return "\n".join(lines)


def _sides(rounds: Sequence[Round]) -> tuple[list[Mapping[str, float]], list[Mapping[str, float]]]:
    return [one.handwritten for one in rounds], [one.lab for one in rounds]


def agreement(experiment: str, overrides: Sequence[str], out: Path, task: Mapping[str, Any]) -> dict[str, Any]:
    """What shows that both pipelines did the same work, from the first round and one short run of the lab in fp32."""
    exact = [*overrides, "generator.dtype=float32", "methods=[closed-book, rag]"]
    exact += [f"holdout.limit_test={TEXTS_COMPARED}", f"generator.max_new_tokens={task['max_new_tokens']}"]
    run_lab(experiment, exact, out / "fp32")
    handwritten = json.loads((out / "handwritten-1" / "handwritten.json").read_text())
    losses = {
        adapter: {
            "handwritten": dev_loss(task, adapter, out / "handwritten-1" / adapter),
            "lab": dev_loss(
                task, adapter, next((out / "lab-1" / ".work" / f"train-{adapter}").glob("*/adapter_config.json")).parent
            ),
        }
        for adapter in ("A", "B")
    }
    return {
        "same passages": mean(
            handwritten["found"][question["id"]] == task["found"][question["id"]] for question in task["test"]
        ),
        "same texts in fp32": same_texts(out / "fp32" / "answers.jsonl", handwritten["texts"], task),
        "dev loss": losses,
        "token F1": token_f1_of(out / "lab-1" / "results.json", handwritten["texts"], task),
    }


def machine() -> str:
    """Processor, accelerator and library that the ratios belong to."""
    import torch

    if torch.cuda.is_available():
        return f"{torch.cuda.get_device_name()}, torch {torch.__version__}"
    return f"{torch.get_num_threads()} CPU threads, {platform.machine()}, {_processor()}, torch {torch.__version__}"


def _processor() -> str:
    from lab.models import choose_hardware

    return choose_hardware("cpu", "auto").sentence


def put_into_readme(readme: Path, text: str) -> None:
    """Replace what stands between the two marks."""
    before, _, rest = readme.read_text(encoding="utf-8").partition("<!-- bench -->\n")
    _, mark, after = rest.partition("<!-- /bench -->")
    if not mark:
        sys.exit(f"{readme}: expected the marks <!-- bench --> and <!-- /bench -->")
    readme.write_text(f"{before}<!-- bench -->\n{text}\n{mark}{after}", encoding="utf-8")


def main() -> None:
    """Run the rounds, check the agreement, write versus.json and versus.md, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("experiment")
    parser.add_argument("out", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--set", dest="overrides", action="append", default=[])
    parser.add_argument("--readme", type=Path)
    given = parser.parse_args()
    out: Path = given.out.resolve()
    task = make_task(given.experiment, given.overrides, out)
    rounds = []
    for number in range(1, given.rounds + 1):
        sides = {
            "handwritten": lambda n=number: run_handwritten(out / "task.json", out / f"handwritten-{n}"),
            "lab": lambda n=number: run_lab(given.experiment, given.overrides, out / f"lab-{n}"),
        }
        order = sorted(sides, reverse=number % 2 == 0)  # who goes first changes from round to round
        rounds.append(Round(**{side: sides[side]() for side in order}))
        print(f"round {number}: end to end {rounds[-1].ratio('end to end'):.1f}", flush=True)
    found = agreement(given.experiment, given.overrides, out, task)
    lines = [table(rounds), "", f"{datetime.date.today()}, {machine()}, {given.rounds} rounds. {_sentence(found)}"]
    (out / "versus.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    record = {"rounds": [asdict(one) for one in rounds], "agreement": found, "machine": machine()}
    (out / "versus.json").write_text(json.dumps(record, indent=1), encoding="utf-8")
    if given.readme:
        put_into_readme(given.readme, "\n".join(lines))
    print("\n".join(lines))


def _sentence(found: Mapping[str, Any]) -> str:
    losses = "; ".join(
        f"adapter {name} {loss['lab']:.3f} (handwritten {loss['handwritten']:.3f})"
        for name, loss in found["dev loss"].items()
    )
    scores = ", ".join(
        f"{name} {score['lab']:.2f} ({score['handwritten']:.2f})" for name, score in found["token F1"].items()
    )
    return (
        "The handwritten pipeline computes in the format of the model's files (fp32), the lab in bf16 where the "
        "machine multiplies it; the lab also skips prompts that the same weights have answered (some of the oracle's "
        f"equal RAG's). Same passages found: {found['same passages']:.0%}. "
        f"Same texts in fp32: {found['same texts in fp32']:.0%}. "
        f"Dev loss, both measured in fp32: {losses}. Token F1: {scores}."
    )


if __name__ == "__main__":
    main()

"""The same comparison as a competent practitioner writes it today, with every library at its documented defaults.

    python tests/performance/handwritten.py TASK.json OUT_FOLDER

sentence-transformers encodes, a flat FAISS index searches, trl's SFTTrainer tunes two LoRA adapters, and a
text-generation pipeline answers prompt by prompt. On CPU everything runs in fp32: it is the format of the generator's
files, and the trainer's bf16 is switched off there, as is usual on CPUs; on CUDA trl decides. TASK.json, written by
`versus.py`, holds what must be the same for a fair race: passages, questions, training prompts, LoRA settings. Nothing
of the lab is imported but its prompt builder, so that prompts are the same too.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import faiss
import torch
from datasets import Dataset
from peft import LoraConfig, PeftModel
from sentence_transformers import SentenceTransformer
from transformers import AutoModelForCausalLM, AutoTokenizer, pipeline
from trl import SFTConfig, SFTTrainer

from lab.methods.prompts import PromptStyle, build_messages
from lab.types import Passage

Result = TypeVar("Result")
Chat = list[dict[str, str]]


class Stages:
    """Seconds of each stage, in the order in which they ran."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def time(self, name: str, work: Callable[[], Result]) -> Result:
        """Run `work` and add its seconds to the stage."""
        start = time.perf_counter()
        result = work()
        self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - start
        return result


def retrieve(task: dict[str, Any]) -> dict[str, list[int]]:
    """Positions of the best k passages of each test question."""
    encoder = SentenceTransformer(task["encoder"])
    vectors = encoder.encode([f"{passage['title']}\n{passage['text']}" for passage in task["passages"]])
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    _, found = index.search(encoder.encode([question["text"] for question in task["test"]]), task["k"])
    return {question["id"]: row.tolist() for question, row in zip(task["test"], found, strict=True)}


def tune(task: dict[str, Any], adapter: str, out: Path) -> None:
    """One LoRA adapter, saved into `out`."""
    training = task["training"]
    on_cpu = not torch.cuda.is_available()
    rows = [
        {"prompt": example["messages"], "completion": [{"role": "assistant", "content": example["target"]}]}
        for example in task["examples"][adapter]
    ]
    trainer = SFTTrainer(
        model=task["generator"],
        args=SFTConfig(
            output_dir=str(out / "trainer"),
            num_train_epochs=training["epochs"][adapter],
            learning_rate=training["learning_rate"],
            per_device_train_batch_size=training["batch_size"],
            warmup_steps=training["warmup_steps"][adapter],
            seed=training["seed"],
            save_strategy="no",
            use_cpu=on_cpu,
            bf16=False if on_cpu else None,
        ),
        train_dataset=Dataset.from_list(rows),
        peft_config=LoraConfig(
            r=training["rank"], lora_alpha=2 * training["rank"], target_modules="all-linear", task_type="CAUSAL_LM"
        ),
    )
    trainer.train()
    trainer.model.save_pretrained(out)


def load(task: dict[str, Any]) -> tuple[Any, Any]:
    """The base model, in the format that its files have, and its tokenizer."""
    model = AutoModelForCausalLM.from_pretrained(task["generator"], device_map="auto")
    return model, AutoTokenizer.from_pretrained(task["generator"])


def answer(task: dict[str, Any], base: tuple[Any, Any], adapter: Path | None, chats: Sequence[Chat]) -> list[str]:
    """The generated text for each chat, by the base model or with an adapter."""
    model, tokenizer = base
    tuned = None if adapter is None else PeftModel.from_pretrained(model, adapter)
    writer = pipeline("text-generation", model=tuned or model, tokenizer=tokenizer)
    written = writer(list(chats), max_new_tokens=task["max_new_tokens"], do_sample=False, return_full_text=False)
    if tuned is not None:
        tuned.unload()
    return [one[0]["generated_text"] for one in written]


def main(task_file: str, out_folder: str) -> None:
    """The whole comparison; writes `handwritten.json` with texts, found passages and seconds."""
    task, out, stages = json.loads(Path(task_file).read_text(encoding="utf-8")), Path(out_folder), Stages()
    style, passages = PromptStyle(**task["style"]), [Passage(**passage) for passage in task["passages"]]
    found = stages.time("embed", lambda: retrieve(task))

    def chats(context: dict[str, list[int]] | None) -> list[Chat]:
        return [
            build_messages(
                style,
                question["text"],
                None if context is None else [passages[place] for place in context[question["id"]]],
            )
            for question in task["test"]
        ]

    for adapter in ("A", "B"):
        stages.time("train", lambda adapter=adapter: tune(task, adapter, out / adapter))
    contexts = {"none": None, "top-k": found, "top-k with gold": task["gold_contexts"]}
    texts: dict[str, list[str]] = {}
    base = stages.time("load", lambda: load(task))
    for method, recipe in task["methods"].items():
        weights = None if recipe["weights"] == "base" else out / recipe["weights"]
        stage = "answer without context" if recipe["context"] == "none" else "answer with context"
        prompts = chats(contexts[recipe["context"]])
        texts[method] = stages.time(stage, lambda w=weights, p=prompts: answer(task, base, w, p))
    result = {"texts": texts, "found": found, "seconds": stages.seconds}
    (out / "handwritten.json").write_text(json.dumps(result, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Whether two pipelines did the same work: adapters of equal loss, texts of equal words, answers of equal quality."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from statistics import mean
from typing import Any

from lab.files import read_jsonl
from lab.methods.prompts import parse_answer
from lab.metrics.abstention import is_abstention
from lab.metrics.text import token_f1


def dev_loss(task: Mapping[str, Any], adapter: str, folder: Path) -> float:
    """Mean nats a target token over the dev examples, in fp32, one example at a time."""
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(task["generator"])
    base = AutoModelForCausalLM.from_pretrained(task["generator"], dtype=torch.float32, device_map="auto")
    model = PeftModel.from_pretrained(base, folder).eval()
    total, count = 0.0, 0
    for example in task["dev"][adapter]:
        rendered = tokenizer.apply_chat_template(example["messages"], tokenize=False, add_generation_prompt=True)
        prompt = tokenizer(rendered, add_special_tokens=False)["input_ids"]
        target = [*tokenizer(example["target"], add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]
        ids = torch.tensor([prompt + target], device=model.device)
        with torch.inference_mode():
            logits = model(input_ids=ids).logits[0, len(prompt) - 1 : -1]
        total += float(torch.nn.functional.cross_entropy(logits, ids[0, len(prompt) :], reduction="sum"))
        count += len(target)
    return total / count


def same_texts(answers: Path, texts: Mapping[str, list[str]], task: Mapping[str, Any]) -> float:
    """Share of the lab's raw texts in `answers` that equal those of the handwritten pipeline, spaces at ends aside."""
    place = {question["id"]: number for number, question in enumerate(task["test"])}
    rows = read_jsonl(answers)
    return mean(row["raw"].strip() == texts[row["method"]][place[row["question_id"]]].strip() for row in rows)


def token_f1_of(results: Path, texts: Mapping[str, list[str]], task: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Token F1 by method, of the lab as in its results, and of the handwritten texts as the lab parses them."""
    methods = json.loads(results.read_text(encoding="utf-8"))["methods"]
    return {
        method: {"lab": methods[method]["metrics"]["token_f1"]["mean"], "handwritten": _f1(written, task)}
        for method, written in texts.items()
    }


def _f1(written: list[str], task: Mapping[str, Any]) -> float:
    parsed = [parse_answer(text, task["style"]["reasoning"]).text for text in written]
    said = ["" if is_abstention(text) else text for text in parsed]
    return mean(token_f1(text, question["answers"]) for text, question in zip(said, task["test"], strict=True))

"""The few lines of Python that a model card shows: they need transformers, and the lab nowhere."""

from __future__ import annotations

from lab.methods.prompts import FENCE

_ASK = '''
prompt = json.loads((folder / "prompt.json").read_text(encoding="utf-8"))


def messages(question, passages):
    marks, asks = prompt["passage"], prompt["question"]
    shown = ""
    for one in passages:
        title = one["title"] + marks["after_title"] if one["title"] else ""
        shown += marks["before"] + title + one["text"] + marks["after"]
    return [*prompt["messages"], {"role": "user", "content": shown + asks["before"] + question + asks["after"]}]


def answer(question, passages=()):
    """The answer to a question; passages are objects with a title and a text, the best first."""
    passages = list(passages)[: prompt["k"]]
    while True:
        text = tokenizer.apply_chat_template(messages(question, passages), tokenize=False, add_generation_prompt=True)
        inputs = tokenizer(text, return_tensors="pt", add_special_tokens=False)
        length = inputs["input_ids"].shape[1]
        if not passages or length + prompt["max_new_tokens"] <= prompt["context_limit"]:
            break
        passages.pop()  # whole passages go, the last first
    output = model.generate(**inputs, max_new_tokens=prompt["max_new_tokens"], do_sample=False)
    raw = tokenizer.decode(output[0, length:], skip_special_tokens=True)
    parts = re.split(prompt["answer_after"], raw, flags=re.IGNORECASE) if prompt["answer_after"] else [raw]
    lines = [line.rstrip() for line in parts[-1].splitlines() if not re.fullmatch(r"@FENCE@", line.strip())]
    no_tag = prompt["answer_after"] and len(parts) == 1
    if prompt["whole_text"] and not no_tag:
        return "\\n".join(lines).strip()
    lines = [line.strip() for line in lines if line.strip()]
    return lines[-1 if no_tag else 0] if lines else ""
'''.replace("@FENCE@", FENCE)

_HEAD = """import json
import re
from pathlib import Path

from transformers import AutoModelForCausalLM, AutoTokenizer

folder = Path(".")  # where this card lies
"""


def plain_usage(base: str | None, dtype: str) -> str:
    """Asking with transformers alone; `base` is where the weights are if they are not in the folder."""
    source = "folder" if base is None else repr(base)
    return (
        f"{_HEAD}tokenizer = AutoTokenizer.from_pretrained({source})\n"
        f'model = AutoModelForCausalLM.from_pretrained({source}, dtype="{dtype}")\n{_ASK}'
    )


def adapter_usage(base: str | None, dtype: str) -> str:
    """The same model made from the base and the adapter; `base` None where the base lies in the folder."""
    source = 'folder / "base"' if base is None else repr(base)
    return (
        "from peft import PeftModel\nfrom transformers import GenerationConfig\n\n"
        f'model = AutoModelForCausalLM.from_pretrained({source}, dtype="{dtype}")\n'
        'model = PeftModel.from_pretrained(model, folder / "adapter")\n'
        "model.generation_config = GenerationConfig.from_pretrained(folder)\n"
    )


def search_usage(encoder: str, package: tuple[str, str] | None) -> str:
    """Finding passages with FAISS and sentence-transformers.

    `package` is the Python package and the folder in it that hold the encoder; None where its name leads to it.
    """
    imports = "from importlib.resources import files\n\n" if package else ""
    source = f'str(files("{package[0]}") / "{package[1]}")' if package else repr(encoder)
    return f'''{imports}import faiss
from sentence_transformers import SentenceTransformer

index = faiss.read_index(str(folder / "index" / "index.faiss"))
encoder = SentenceTransformer({source})
with (folder / "index" / "passages.jsonl").open(encoding="utf-8") as file:
    passages = [json.loads(line) for line in file]


def search(question):
    """The best passages, the best first."""
    vector = encoder.encode([question], normalize_embeddings=True)
    return [passages[place] for place in index.search(vector, prompt["k"])[1][0]]


def ask(question):
    """The answer from the passages that are found."""
    return answer(question, search(question))
'''

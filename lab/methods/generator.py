"""The base model or one tuned by an adapter: one copy in memory, greedy generation in length-sorted batches.

Every prompt is rendered with the model's own chat template and padded on the left.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

from lab.errors import ModelError, ResourceError
from lab.files import file_sha256
from lab.methods.batches import ONE_IS_TOO_MANY, batch_sizes, or_halves
from lab.methods.generations import Generated, GenerationStore, PromptStore, prompt_key
from lab.methods.logprobs import TokenLogProbs
from lab.methods.prompts import Message
from lab.methods.streaming import OnText, TextStream
from lab.models import Hardware, ModelClock, ModelFiles, quiet_libraries

Progress = Callable[[int, int], None]
Row = TypeVar("Row")
BASE = "base"
LIBRARIES = ("torch", "transformers", "peft")
CODE = ("generator.py", "batches.py", "attention.py", "logprobs.py")


@dataclass(frozen=True, slots=True)
class Adapter:
    """A trained adapter: its name (A or B), its folder, the digest of its weights."""

    name: str
    folder: Path
    digest: str


class ChatTokenizer:
    """Renders and counts prompts without loading any weights."""

    def __init__(self, files: ModelFiles, clock: ModelClock) -> None:
        self._files = files
        self._clock = clock
        self._tokenizer: Any = None

    @property
    def raw(self) -> Any:
        """The transformers tokenizer, padded on the left."""
        if self._tokenizer is None:
            with self._clock.running():
                quiet_libraries()
                from transformers import AutoTokenizer

                self._tokenizer = AutoTokenizer.from_pretrained(
                    self._files.folder, padding_side="left", local_files_only=True, trust_remote_code=False
                )
                if self._tokenizer.chat_template is None:
                    raise ModelError(f"model {self._files.name!r} has no chat template; use an instruction-tuned model")
                if self._tokenizer.pad_token is None:
                    self._tokenizer.pad_token = self._tokenizer.eos_token
        return self._tokenizer

    def render(self, messages: Sequence[Message]) -> str:
        """The prompt as the model sees it, up to where its answer begins."""
        return str(self.raw.apply_chat_template(list(messages), tokenize=False, add_generation_prompt=True))

    def encode(self, text: str) -> list[int]:
        """Token ids of a rendered text; nothing is added."""
        ids: list[int] = self.raw(text, add_special_tokens=False)["input_ids"]
        return ids

    def encode_target(self, text: str) -> list[int]:
        """Token ids of an answer with its end-of-turn token."""
        return [*self.encode(text), self.raw.eos_token_id]


class Generator:
    """Greedy texts for prompts, by the base weights or an adapter; loads nothing before the first prompt."""

    def __init__(
        self, files: ModelFiles, hardware: Hardware, store: GenerationStore, clock: ModelClock, *, batch_size: int
    ) -> None:
        self.files = files
        self.hardware = hardware
        self.tokenizer = ChatTokenizer(files, clock)
        self._store = store
        self._clock = clock
        self._batch_size = batch_size
        self._model: Any = None
        self._weights: str | None = None  # what the model holds: BASE, or the digest of the adapter merged into it

    @cached_property
    def context_limit(self) -> int:
        """Tokens that the model can hold, prompt and answer together."""
        from transformers import AutoConfig

        config = AutoConfig.from_pretrained(self.files.folder, local_files_only=True, trust_remote_code=False)
        return int(config.get_text_config().max_position_embeddings)

    def base(self) -> Any:
        """The base model, free of adapters."""
        return self._holding(None)

    def holding(self, adapter: Adapter | None) -> Any:
        """The model with the adapter merged into its weights, or the base model."""
        return self._holding(adapter)

    def release(self) -> None:
        """Give the weights' memory back; whatever asks next loads them again."""
        self._weights, self._model = None, None

    def _holding(self, adapter: Adapter | None, *, merged: bool = True) -> Any:
        """The model with the weights that are wanted, loaded anew where it holds others.

        An adapter is merged into the weights: beside them it would make each token half as slow again. Weights that
        were merged are not unmerged, which would leave rounding behind.
        """
        wanted = f"{adapter.digest}{'' if merged else '/beside'}" if adapter else BASE
        if self._weights != wanted:
            with self._clock.running():
                self._weights, self._model = None, None  # two copies might not fit
                self._model = self._load()
                if adapter is not None:
                    from peft import PeftModel

                    beside = PeftModel.from_pretrained(self._model, adapter.folder)
                    self._model = beside.merge_and_unload() if merged else beside
                self._weights = wanted
        return self._model.eval()  # training leaves it in training mode

    def _load(self) -> Any:
        quiet_libraries()
        import torch
        from transformers import AutoModelForCausalLM

        from lab.methods.attention import attention_for

        try:
            model = AutoModelForCausalLM.from_pretrained(
                self.files.folder,
                dtype=getattr(torch, self.hardware.dtype),
                attn_implementation=attention_for(self.files.folder, self.hardware),
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
            ).to(self.hardware.device)
        except (OSError, ValueError, KeyError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ModelError(f"generator.model: {self.files.name} is not usable: {reason}") from None
        model.generation_config = self._greedy(model)
        self._warm_up(model)
        return model

    def _warm_up(self, model: Any) -> None:
        """The first call sets up threads and kernels; no question should pay for it."""
        import torch

        prompt = self.tokenizer.raw("warm up", return_tensors="pt").to(self.hardware.device)
        with torch.inference_mode():
            model.generate(**prompt, max_new_tokens=2, pad_token_id=self.tokenizer.raw.pad_token_id)

    def _greedy(self, model: Any) -> Any:
        """Plain greedy decoding: of what the model ships (penalties, sampling), only the end tokens are kept."""
        from transformers import GenerationConfig

        shipped = model.generation_config.eos_token_id
        ends = {self.tokenizer.raw.eos_token_id, *(shipped if isinstance(shipped, list) else [shipped])} - {None}
        return GenerationConfig(eos_token_id=sorted(ends), do_sample=False)

    def generate(
        self,
        prompts: Sequence[str],
        adapter: Adapter | None,
        *,
        max_new_tokens: int,
        request: str,
        on_progress: Progress = lambda done, total: None,
    ) -> list[Generated]:
        """A text for each rendered prompt, in order. Prompts of equal text and weights are generated once."""
        keys = [self.key(prompt, adapter, max_new_tokens) for prompt in prompts]

        def make(batch: list[str]) -> list[Generated]:
            return self._forward(batch, self._holding(adapter), max_new_tokens)

        return self.fill(self._store, request, list(zip(keys, prompts, strict=True)), make, on_progress)

    def fill(
        self,
        store: PromptStore[Row],
        request: str,
        wanted: Sequence[tuple[str, str]],
        make: Callable[[list[str]], list[Row]],
        on_progress: Progress = lambda done, total: None,
    ) -> list[Row]:
        """A row for each (key, prompt), in order: found in the store, or made in batches of falling length and kept.

        `make` gets a batch of prompts, and half of it where that fills the memory.
        """
        fresh = {key: prompt for key, prompt in wanted if not store.is_from_another(key, request)}
        lengths = {key: len(self.tokenizer.encode(prompt)) for key, prompt in fresh.items()}
        ordered = sorted(fresh, key=lambda key: (-lengths[key], key))
        done = len(wanted) - len(ordered)
        for size in batch_sizes([lengths[key] for key in ordered], self._batch_size):
            batch, ordered = ordered[:size], ordered[size:]
            if any(store.get(key) is None for key in batch):
                with self._clock.running():
                    rows = or_halves([fresh[key] for key in batch], make)
                store.put(request, list(zip(batch, rows, strict=True)))
            done += len(batch)
            on_progress(done, len(wanted))
        found = [store.get(key) for key, _ in wanted]
        return [row for row in found if row is not None]

    def generate_alone(
        self,
        prompt: str,
        adapter: Adapter | None,
        *,
        max_new_tokens: int,
        merged: bool = True,
        on_text: OnText | None = None,
    ) -> Generated:
        """One text in a batch of its own, never kept and never found: for measuring how long that takes.

        `on_text` gets what each token adds to the text, "" where a token completes no character; what it raises ends
        the generation.
        """
        import torch

        try:
            return self._forward([prompt], self._holding(adapter, merged=merged), max_new_tokens, on_text)[0]
        except torch.OutOfMemoryError:
            raise ResourceError(ONE_IS_TOO_MANY) from None

    def key(self, prompt: str, adapter: Adapter | None, max_new_tokens: int) -> str:
        """sha256 of all that decides what the model says to a prompt."""
        return prompt_key(f"{adapter.digest if adapter else BASE}/{self._engine}", prompt, max_new_tokens)

    @cached_property
    def _engine(self) -> str:
        """All but adapter, prompt and limit that decides a text: a change of any of it must not find old texts."""
        hardware = f"{self.hardware.device.split(':')[0]}/{self.hardware.dtype}/{self._batch_size}"
        libraries = "/".join(version(name) for name in LIBRARIES)
        code = "/".join(file_sha256(Path(__file__).with_name(name)) for name in CODE)
        return f"{self.files.digest}/{hardware}/{libraries}/{code}"

    def _forward(
        self, prompts: list[str], model: Any, max_new_tokens: int, on_text: OnText | None = None
    ) -> list[Generated]:
        import torch
        from transformers import LogitsProcessorList

        tokenizer, sureness = self.tokenizer.raw, TokenLogProbs()
        start = time.perf_counter()
        inputs = tokenizer(prompts, return_tensors="pt", padding=True, add_special_tokens=False)
        inputs = {name: tensor.to(self.hardware.device) for name, tensor in inputs.items()}
        width = inputs["input_ids"].shape[1]
        with torch.inference_mode():
            output = model.generate(
                **inputs,
                max_new_tokens=max_new_tokens,
                do_sample=False,
                pad_token_id=tokenizer.pad_token_id,
                logits_processor=LogitsProcessorList([sureness]),
                streamer=TextStream(tokenizer, on_text) if on_text else None,
            )
        seconds = (time.perf_counter() - start) / len(prompts)
        ends = set(model.generation_config.eos_token_id)
        rows = output[:, width:].tolist()
        stops = [next((place for place, token in enumerate(row) if token in ends), None) for row in rows]
        written = [len(row) if stop is None else stop + 1 for row, stop in zip(rows, stops, strict=True)]
        read = [int(mask.sum()) for mask in inputs["attention_mask"]]
        return [
            Generated(
                tokenizer.decode(row[:stop], skip_special_tokens=True),
                tokens_in,
                tokens_out,
                seconds,
                truncated=stop is None,
                logprob=logprob,
            )
            for row, stop, tokens_in, tokens_out, logprob in zip(
                rows, stops, read, written, sureness.means(written), strict=True
            )
        ]

"""The sections `training` and `raft` of the experiment file: how adapters are tuned, and what RAFT shows them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from lab.corpus_config import Auto, Count, Section

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class TrainingConfig(Section):
    """How adapters are tuned."""

    technique: Literal["lora"] = Field("lora", description="How the generator is tuned.")
    rank: Count = Field(16, description="Rank of the LoRA matrices; alpha is twice the rank.")
    learning_rate: Annotated[float, Field(gt=0, allow_inf_nan=False)] = Field(1e-3, description="Peak learning rate.")
    epochs: Count = Field(3, description="Passes over the training questions, at most.")
    batch_size: Count = Field(8, description="Examples in one optimizer step.")
    dropout: Share = Field(0.0, description="LoRA dropout.")
    weight_decay: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(0.0, description="AdamW weight decay.")
    warmup: Share = Field(0.05, description="Share of the steps in which the learning rate rises.")
    max_tokens: Annotated[int, Field(ge=32)] = Field(1024, description="Longer examples are dropped and counted.")
    early_stopping: bool = Field(True, description="Stop, and keep the best step, by dev loss.")
    seeds: Annotated[list[int], Field(min_length=1)] = Field(
        [1], description="Each tuned method is trained once per seed; three or more show how far retraining matters."
    )

    @field_validator("seeds")
    @classmethod
    def seeds_are_distinct(cls, value: list[int]) -> list[int]:
        if len(set(value)) != len(value):
            raise ValueError(f"expected different seeds, got {value}")
        return value


class RaftConfig(Section):
    """How RAFT's training examples are built (Zhang et al. 2024, section 3)."""

    p: Share = Field(0.8, description="Probability that the golden passage is present in a training example.")
    distractors: Count | Auto = Field("auto", description="Distractors beside the golden passage; auto = k - 1.")
    distractor_source: Literal["hard", "random", "mix"] = Field(
        "mix", description="hard: the retriever's own best wrong passages; random; mix: half and half."
    )
    reasoning: Literal["none", "quoted", "given"] = Field(
        "none",
        description="quoted: answers quote the passage first; given: they explain first, as the data's own reasons do.",
    )
    no_gold_target: Literal["answer", "abstain", "paper"] = Field(
        "answer",
        description="Target without the golden passage: plain answer, refusal, or the paper's (with its quote).",
    )
    epochs: Count | None = Field(None, description="Passes for the RAFT adapter; null = training.epochs.")

    @model_validator(mode="after")
    def the_papers_target_needs_its_quotes(self) -> RaftConfig:
        if self.no_gold_target == "paper" and self.reasoning == "none":
            raise ValueError(
                "no_gold_target: paper differs from answer by its reason; it needs reasoning: quoted or given"
            )
        return self

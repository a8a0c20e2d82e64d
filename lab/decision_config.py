"""What a user declares for the decision: prices and volumes (`economics`), hard requirements and weights (`needs`).

Nothing here has a default price or volume: what is not declared is not part of the decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from lab.corpus_config import Section

Criterion = Literal["quality", "groundedness", "freshness", "robustness", "cost", "latency", "forgetting", "effort"]
DEFAULT_WEIGHTS: Mapping[str, float] = {
    "quality": 0.35,
    "groundedness": 0.15,
    "freshness": 0.10,
    "robustness": 0.10,
    "cost": 0.15,
    "latency": 0.05,
    "forgetting": 0.05,
    "effort": 0.05,
}
LOWER_IS_BETTER = frozenset({"cost", "latency", "forgetting", "effort"})
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class EconomicsConfig(Section):
    """Prices and volumes, in one currency. Without them the report speaks in seconds and tokens."""

    currency: str = Field("units of money", description="Name of the currency, for the report.")
    cpu_hour: Amount | None = Field(None, description="Price of an hour of the machine, where it computes on the CPU.")
    gpu_hour: Amount | None = Field(None, description="Price of an hour of the machine, where it computes on a GPU.")
    million_tokens_in: Amount | None = Field(None, description="Price of a million prompt tokens, for API models.")
    million_tokens_out: Amount | None = Field(None, description="Price of a million written tokens, for API models.")
    hosting_per_month: dict[str, Amount] = Field({}, description="Fixed price of a month by method, such as idle GPUs.")
    questions_per_month: Positive | None = Field(None, description="Questions asked in a month.")
    updates_per_month: Amount | None = Field(None, description="Knowledge updates in a month.")
    horizon_months: Positive | None = Field(None, description="Months over which total cost is counted.")
    wrong_answer: Amount | None = Field(None, description="What one wrong answer costs.")
    escalation: Amount | None = Field(None, description="What one declined answer costs, which people must then give.")

    @model_validator(mode="after")
    def token_prices_come_together(self) -> EconomicsConfig:
        if (self.million_tokens_in is None) != (self.million_tokens_out is None):
            raise ValueError("million_tokens_in and million_tokens_out: give both or neither")
        return self


class NeedsConfig(Section):
    """Requirements that a method must meet, and how the criteria are weighted and anchored."""

    citations_required: bool = Field(False, description="Answers must name their source.")
    erasure_required: bool = Field(
        False, description="Documents must be erasable, or readable by some users only: weights cannot do either."
    )
    index_allowed: bool = Field(True, description="Whether an index of the documents may lie on the target machine.")
    facts_changing_per_month: Share | None = Field(None, description="Share of the facts that change in a month.")
    update_interval_months: Positive | None = Field(
        None, description="Months between two trainings of the weights; each is paid for."
    )
    max_staleness: Share | None = Field(None, description="Largest acceptable mean share of stale facts.")
    max_p95_ms: Positive | None = Field(None, description="Largest acceptable 95th percentile of latency, ms.")
    max_memory_gb: Positive | None = Field(None, description="Largest acceptable memory while answering, GB.")
    quality_floor: Amount | None = Field(None, description="Least acceptable value of the primary metric.")
    wrong_penalty: Amount = Field(
        0.0, description="What one wrong answer takes away from the quality, in units of the metric."
    )
    unknown_passes: bool = Field(False, description="Whether a requirement that was not measured counts as met.")
    weights: dict[Criterion, Amount] = Field({}, description="Weights of the criteria; empty: the lab's own.")
    anchors: dict[Criterion, Annotated[list[Finite], Field(min_length=2, max_length=2)]] = Field(
        {}, description="By criterion: the worst acceptable value (scored 0) and the good enough one (scored 1)."
    )

    @field_validator("weights")
    @classmethod
    def some_weight_counts(cls, value: dict[str, float]) -> dict[str, float]:
        if value and not sum(value.values()):
            raise ValueError("at least one weight must be above 0")
        return value

    @field_validator("anchors")
    @classmethod
    def anchors_lead_from_worst_to_good(cls, value: dict[str, list[float]]) -> dict[str, list[float]]:
        for name, (worst, good) in value.items():
            if worst == good or (worst > good) != (name in LOWER_IS_BETTER):
                order = "below" if name in LOWER_IS_BETTER else "above"
                raise ValueError(f"{name}: expected [worst, good] with good {order} worst, got {[worst, good]}")
        return value

    @model_validator(mode="after")
    def staleness_needs_its_inputs(self) -> NeedsConfig:
        if self.max_staleness is not None and None in (self.facts_changing_per_month, self.update_interval_months):
            raise ValueError("max_staleness needs facts_changing_per_month and update_interval_months")
        return self

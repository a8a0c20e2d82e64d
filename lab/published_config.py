"""The `published` section of the experiment file: figures that others printed of the same benchmark.

They stand beside the run's own in the report and enter no statistic: they are another model's, and came without
intervals.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from lab.corpus_config import Section

Figure = Annotated[float, Field(ge=0.0, le=1.0)]


class PublishedConfig(Section):
    """Figures of a paper. Empty where nothing was published."""

    source: str = Field("", description="Where the figures stand: authors, year, number of the table.")
    model: str = Field("", description="The generator that the figures are of.")
    metric: str = Field("", description="The metric of this lab that is nearest to theirs.")
    values: dict[str, Figure] = Field({}, description="Figures by method of this lab, between 0 and 1.")
    others: dict[str, Figure] = Field({}, description="Figures of what this lab has no method for, by its name there.")
    note: str = Field("", description="What makes the figures comparable or not, in one sentence.")

    @model_validator(mode="after")
    def figures_say_whose_they_are(self) -> PublishedConfig:
        if (self.values or self.others) and not (self.source and self.model and self.metric):
            raise ValueError("published: figures need their source, model and metric")
        return self

"""The `corpus` section of the experiment file: where the data lie, and how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from lab.types import Kind

Count = Annotated[int, Field(ge=1)]
Auto = Literal["auto"]
OPTIONS_OF_FORMATS: Mapping[str, tuple[str, ...]] = {
    "prefix": ("apibench",),
    "limit": ("hotpotqa", "raft", "table", "hub"),
    "columns": ("table", "hub"),
    "kind": ("raft", "table", "hub"),
    "subset": ("hub",),
    "splits": ("hub",),
}


class Section(BaseModel):
    """Base of all sections: frozen, strict, no unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ColumnsConfig(Section):
    """Which column holds what, in a table or hub data set. A dot leads into a nested value: `answers.text`."""

    question: str = Field("question", description="The question.")
    answers: str = Field("answers", description="The answer, or a list of answers that are all right.")
    context: str = Field("context", description="The text that answers the question, or a list of texts.")
    id: str | None = Field(None, description="The question's id; null: rows are numbered.")
    title: str | None = Field(None, description="The context's title.")
    document: str | None = Field(None, description="The context's id; null: equal contexts are one document.")
    start: str | None = Field(None, description="Where the first answer begins in the context, in characters.")
    split: str | None = Field(None, description="train, dev or test; null: the lab divides the questions.")
    kind: str | None = Field(None, description="The kind of the answer; null: corpus.kind for all.")
    group: str | None = Field(None, description="Rows with equal values are wordings of one question.")


class CorpusConfig(Section):
    """Where the documents and questions lie."""

    path: str = Field(".", description="Folder or file with the data, relative to the experiment file; or a hub id.")
    format: Literal["jsonl", "squad", "pubmedqa", "hotpotqa", "raft", "apibench", "table", "hub"] = Field(
        "jsonl", description="Which adapter reads the data."
    )
    prefix: str = Field("", description="apibench: what the names of the API set's files begin with.")
    limit: Count | None = Field(
        None, description="hotpotqa, raft, table, hub: read only so many questions, with the documents they bring."
    )
    columns: ColumnsConfig = Field(ColumnsConfig(), description="table, hub: which column holds what.")
    kind: Kind | Auto = Field("auto", description="raft, table, hub: the kind of all answers; auto: by their form.")
    subset: str | None = Field(None, description="hub: the data set's configuration.")
    splits: list[str] = Field([], description="hub: splits to read, such as [train, validation]; empty: all.")

    @model_validator(mode="after")
    def options_fit_the_format(self) -> CorpusConfig:
        for option, formats in OPTIONS_OF_FORMATS.items():
            given = getattr(self, option) != type(self).model_fields[option].default
            if given and self.format not in formats:
                raise ValueError(
                    f"corpus.{option} is for {', '.join(formats)}; the format here is {self.format}: remove it"
                )
        return self

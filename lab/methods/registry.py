"""What differs between the methods, in one place: the weights, the context, and whether worked examples are shown.

All else is the same for all methods of a run: prompt builder, decoding, parser, generator, number format.
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

Weights = Literal["base", "A", "B"]
ContextName = Literal["none", "top-k", "top-k with gold"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """One method. Adapter A is tuned on question -> answer, adapter B (RAFT) on questions with passages."""

    weights: Weights
    context: ContextName
    description: str

    @property
    def few_shot(self) -> bool:
        """Only untuned methods get worked examples: tuned ones have seen the format in training."""
        return self.weights == "base"


METHODS: Mapping[str, Recipe] = {
    "closed-book": Recipe("base", "none", "The base model answers from its weights alone."),
    "rag": Recipe("base", "top-k", "The base model reads the retrieved passages."),
    "fine-tuned": Recipe("A", "none", "A model tuned on questions and answers, asked without passages."),
    "fine-tuned+rag": Recipe("A", "top-k", "The same tuned model, given the retrieved passages."),
    "raft": Recipe("B", "top-k", "A model tuned to read passages among distractors, given the retrieved ones."),
    "oracle": Recipe(
        "base", "top-k with gold", "The base model with missing gold passages put in, as far as k allows."
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
        adapter = None if self.recipe.weights == "base" else self.toolbox.adapter(self.recipe.weights, material)
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

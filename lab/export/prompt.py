"""The prompt of a method as data, so that a few lines without the lab can build it: `prompt.json`.

messages        what comes first, always: the system message, then worked examples
passage         before, after_title, after: the marks around each passage of the last message
question        before, after: what stands around the question, after the passages
answer_after    a regular expression that ends the reasoning; null where the answer stands alone
whole_text      whether an answer may have several lines; else it is the first line that is not empty
k, max_new_tokens, context_limit, abstains_with
"""

from __future__ import annotations

from typing import Any

from lab.methods.prompts import ABSTAIN, ANSWER_AFTER, WHOLE_TEXT, build_messages
from lab.methods.registry import METHODS
from lab.recipe import MethodRecipe, RunRecipe
from lab.types import Passage

SCHEMA_VERSION = 1
_QUESTION, _TITLE, _TEXT = "\0question\0", "\0title\0", "\0text\0"  # no domain holds these


def prompt_tree(recipe: RunRecipe, method: MethodRecipe) -> dict[str, Any]:
    """Everything that the prompts of one method share, taken from the prompts themselves."""
    shots = recipe.shots if METHODS[method.name].few_shot else ()
    reads = method.context != "none"
    first = build_messages(recipe.style, _QUESTION, [_passage(_TITLE)] if reads else None, shots)
    *fixed, last = first
    asked = build_messages(recipe.style, _QUESTION, [] if reads else None, shots)[-1]["content"]
    before, after = asked.split(_QUESTION)
    reasons = recipe.style.reasoning != "none"
    return {
        "schema_version": SCHEMA_VERSION,
        "method": method.name,
        "messages": fixed,
        "passage": _marks(last["content"].removesuffix(asked)) if reads else None,
        "question": {"before": before, "after": after},
        "answer_after": ANSWER_AFTER if reasons else None,
        "whole_text": recipe.style.form in WHOLE_TEXT,
        "k": recipe.index.settings.k if reads else 0,
        "max_new_tokens": recipe.max_new_tokens,
        "context_limit": recipe.context_limit,
        "abstains_with": ABSTAIN,
    }


def _passage(title: str) -> Passage:
    return Passage("", "", title, _TEXT, 0, 0)


def _marks(shown: str) -> dict[str, str]:
    before, rest = shown.split(_TITLE)
    after_title, after = rest.split(_TEXT)
    return {"before": before, "after_title": after_title, "after": after}

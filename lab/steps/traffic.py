"""What a run sends to its endpoint: told before anything leaves this machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lab.config import ExperimentConfig
from lab.endpoint_config import ENDPOINT, ENDPOINT_KEY, EndpointConfig, shown_model
from lab.judge.client import Endpoint, Role
from lab.methods.few_shot import AUTO_SHOTS, pick_shots
from lab.methods.prompts import PromptStyle, build_messages
from lab.methods.registry import METHODS
from lab.preparation import Prepared
from lab.types import Question

ROLE = Role(
    who="the endpoint",
    key_variable=ENDPOINT_KEY,
    url="generator.endpoint.url",
    model="generator.endpoint.model",
    timeout="generator.endpoint.timeout",
)
QUESTIONS_SAMPLED = 200


@dataclass(frozen=True, slots=True)
class Traffic:
    """What leaves for the server at most, before any reply is kept; tokens as the encoder counts them."""

    model: str
    server: str
    requests: int
    prompt_tokens: int

    @property
    def where(self) -> str:
        """What goes where, for people, before it goes there."""
        return f"questions, passages and worked examples go to {self.model} on {self.server}"

    @property
    def amount(self) -> str:
        """How much of it."""
        return f"up to {self.requests:,} requests, about {self.prompt_tokens:,} prompt tokens"


def traffic(config: ExperimentConfig, data: Prepared, count: Callable[[str], int]) -> Traffic | None:
    """What a run sends to its endpoint, None without one; `count` gives the tokens of a text.

    Of at most 200 questions, with the passages in turn, as nothing is retrieved yet; with three worked examples where
    their number is chosen later.
    """
    endpoint = config.generator.endpoint
    if endpoint is None:
        return None
    wanted, holdout = config.generator.few_shot, data.holdout
    anywhere = {question.id: data.passages[0] for question in holdout.train}
    shots = pick_shots(
        holdout.train, data.gold, anywhere, AUTO_SHOTS if wanted == "auto" else wanted, config.holdout.seed
    )
    style = PromptStyle.fitting(config.domain, config.raft.reasoning, holdout.train)
    sample = holdout.test[:QUESTIONS_SAMPLED]

    def length(place: int, question: Question, *, reads: bool) -> int:
        k, n = config.index.k, len(data.passages)
        passages = [data.passages[(place * k + offset) % n] for offset in range(k)] if reads else None
        return sum(count(message["content"]) for message in build_messages(style, question.text, passages, shots))

    served = served_methods(config)
    totals = [
        length(place, question, reads=METHODS[name].context != "none")
        for name in served
        for place, question in enumerate(sample)
    ]
    return Traffic(
        model=shown_model(endpoint.model),
        server=server_of(endpoint),
        requests=len(served) * len(holdout.test),
        prompt_tokens=round(sum(totals) * len(holdout.test) / len(sample)),
    )


def served_methods(config: ExperimentConfig) -> tuple[str, ...]:
    """The run's methods that the endpoint answers."""
    return tuple(name for name in config.methods if METHODS[name].engine == ENDPOINT)


def server_of(endpoint: EndpointConfig) -> str:
    """The server as it is shown: its host's name, or 'this machine'."""
    asked = Endpoint(endpoint.url, endpoint.model, role=ROLE)
    return "this machine" if asked.is_local else asked.host

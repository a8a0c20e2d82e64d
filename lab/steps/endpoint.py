"""The methods that an endpoint answers: the prompts of the others as chat messages, one request for each question.

Every reply is kept on disk by its request, so that a run that was stopped goes on and nothing is asked, or paid for,
twice. The server is tried before anything is computed, unless replies of it stand there already.
"""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

from lab.endpoint_config import ENDPOINT, LEAST_TOKENS, EndpointConfig, shown_model
from lab.errors import ConfigError, LabError
from lab.files import read_json, write_json
from lab.judge.client import TEMPERATURE, Ask, Chat, Endpoint, chatting
from lab.judge.replies import ReplyStore, ask_all
from lab.methods.contexts import Retrieved
from lab.methods.prompts import Message, PromptStyle, build_messages, parse_answer
from lab.methods.registry import METHODS, Toolbox
from lab.run_folder import OnStep, StepEvent, StepProgress, StepSpec
from lab.steps.asked import Asked, read_answers, write_answers
from lab.steps.bench import Bench
from lab.steps.plan import seeds_of
from lab.steps.retrieval import Retrieval
from lab.steps.traffic import ROLE, served_methods, traffic
from lab.types import Answer, Query, Timing, Tokens

log = logging.getLogger(__name__)

REPLIES, PROMPT, FINISHES = "endpoint.jsonl", "prompt.txt", "finishes.json"
GREETING: list[Message] = [{"role": "user", "content": "Reply with OK."}]
THOUGHT, END_OF_THOUGHT = "<think>", "</think>"
CODE = (
    *(f"methods/{name}.py" for name in ("prompts", "registry", "contexts")),
    *(f"judge/{name}.py" for name in ("client", "replies")),
    "steps/endpoint.py",
    "steps/asked.py",
)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for one query: its messages, with the passages in them."""

    query: Query
    found: Retrieved | None
    messages: list[Message]

    @property
    def text(self) -> str:
        """The messages as JSON: under this they are kept."""
        return json.dumps(self.messages)


def after_thought(text: str) -> str:
    """What follows the reasoning that a server left in its reply, '<think>...</think>'; "" where that has no end.

    Some servers keep the opening tag to themselves.
    """
    _, ended, rest = text.rpartition(END_OF_THOUGHT)
    if ended:
        return rest
    return "" if text.lstrip().startswith(THOUGHT) else text


class Served:
    """Asks the endpoint's methods; `toolbox` gives what all methods of the run share."""

    def __init__(self, bench: Bench, retrieval: Retrieval, toolbox: Callable[[], Toolbox]) -> None:
        self._bench = bench
        self._retrieval = retrieval
        self._make_toolbox = toolbox
        self._passages = {passage.id: passage for passage in bench.data.passages}
        self._reached = False

    def reach(self, on_step: OnStep) -> None:
        """Tell what will leave this machine, then ask the server for a word, if the run has an endpoint.

        Where replies are kept the server may not be needed again: `settle` will know.

        Raises:
            ConfigError: the server cannot be reached, or refuses the key, the model or a setting.
        """
        encoder = self._bench.models.encoder
        found = traffic(self._bench.config, self._bench.data, lambda text: len(encoder.token_offsets(text)))
        if found is None:
            return
        told = f"{found.where}: {found.amount}"
        if self._file.is_file():
            on_step(StepEvent(ENDPOINT, "reused", note=f"{told}, less the replies that are kept"))
            return
        on_step(StepEvent(ENDPOINT, "running", note=told))
        try:
            self._greet()
        except LabError as error:
            on_step(StepEvent(ENDPOINT, "failed", note=type(error).__name__))
            raise
        on_step(StepEvent(ENDPOINT, "done", note="it answers"))

    def settle(self) -> None:
        """Try the server before any training, where a reply is missing and nobody has tried it yet."""
        for method in served_methods(self._bench.config):
            missing = any(self._store.get(request.text) is None for request in self._requests(method))
            if missing and not self._reached:
                self._greet()

    def prompt(self, method: str) -> str:
        """The prompt for the first test question, as a reader sees it."""
        query = self._bench.data.holdout.test[0].query
        return _as_text(self._request(method, [query])[0].messages)

    def ask(self, method: str) -> tuple[Asked, ...]:
        """Ask a method every test question.

        Raises:
            LabError: a request failed, after the client's own retries; the replies that came are kept.
        """
        bench, toolbox = self._bench, self._toolbox
        requests = self._requests(method)

        def work(folder: Path, progress: StepProgress) -> None:
            replies = self._replies([request.text for request in requests], progress)
            found = [_Kept(**json.loads(replies[request.text])) for request in requests]
            answers = [_answer(one, kept, toolbox.style) for one, kept in zip(requests, found, strict=True)]
            write_answers(folder, answers)
            (folder / PROMPT).write_text(_as_text(requests[0].messages), encoding="utf-8")
            write_json(folder / FINISHES, dict(sorted(Counter(kept.finish or "not told" for kept in found).items())))

        inputs = {
            "url": self._config.url,
            "model": self._config.model,
            "max_tokens": self._max_tokens,
            "temperature": TEMPERATURE,
            "style": asdict(toolbox.style),
            "retrieve": self._retrieval.step.key,
            "k": bench.config.index.k,
            "requests": [[request.query.id, request.messages] for request in requests],
        }
        step = bench.folder.run(StepSpec(f"answer-{method}", inputs, CODE), work)
        answers = read_answers(step.path, self._passages)
        prompt, finishes = (step.path / PROMPT).read_text(encoding="utf-8"), read_json(step.path / FINISHES)
        return (Asked(seeds_of(method, bench.config)[0], answers, prompt, None, step.key, finishes=finishes),)

    @property
    def _config(self) -> EndpointConfig:
        found = self._bench.config.generator.endpoint
        assert found is not None  # the config refuses its methods without one
        return found

    @cached_property
    def _toolbox(self) -> Toolbox:
        return self._make_toolbox()

    @property
    def _max_tokens(self) -> int:
        wanted = self._config.max_tokens
        return max(LEAST_TOKENS, 2 * self._toolbox.max_new_tokens) if wanted == "auto" else wanted

    @property
    def _file(self) -> Path:
        return self._bench.folder.work / REPLIES

    @cached_property
    def _store(self) -> ReplyStore:
        config = self._config
        name = f"{config.model} at {config.url}"  # servers give different models one name
        return ReplyStore(self._file, model=name, max_tokens=self._max_tokens, shown_model=shown_model(config.model))

    def _endpoint(self, max_tokens: int) -> Endpoint:
        config = self._config
        return Endpoint(config.url, config.model, max_tokens=max_tokens, timeout=config.timeout, role=ROLE)

    def _greet(self) -> None:
        wanted = self._config.max_tokens
        endpoint = self._endpoint(LEAST_TOKENS if wanted == "auto" else wanted)
        try:
            with chatting(replace(endpoint, retries=1), offline=self._bench.offline) as chat:
                chat(GREETING)
        except LabError as error:
            found = f"{error}" if isinstance(error, ConfigError) else f"generator.endpoint: {error}"
            raise ConfigError(f"{found}; or leave the endpoint out: --set generator.endpoint=null") from None
        self._reached = True

    def _requests(self, method: str) -> list[Request]:
        return self._request(method, [question.query for question in self._bench.data.holdout.test])

    def _request(self, method: str, queries: Sequence[Query]) -> list[Request]:
        toolbox, recipe = self._toolbox, METHODS[method]
        requests = []
        for query, found in zip(queries, toolbox.contexts[recipe.context](queries), strict=True):
            passages = [hit.passage for hit in found.hits] if found else None
            requests.append(Request(query, found, build_messages(toolbox.style, query.text, passages, toolbox.shots)))
        return requests

    def _replies(self, texts: Sequence[str], progress: StepProgress) -> dict[str, str]:
        with chatting(self._endpoint(self._max_tokens), offline=self._bench.offline) as chat:
            try:
                found = ask_all(
                    texts,
                    self._store,
                    _timed(chat),
                    parallel=self._config.parallel,
                    on_progress=lambda done, total: progress(done, total, "answers"),
                )
            except LabError as error:
                raise LabError(f"{error}; replies that came are kept: the same command goes on") from None
        return dict(found.by_prompt)


@dataclass(frozen=True, slots=True)
class _Kept:
    """A reply as it is kept on disk. `seconds` are those of the request, waiting and retries included."""

    text: str
    finish: str | None
    tokens_in: int | None
    tokens_out: int | None
    seconds: float


def _timed(chat: Chat) -> Ask:
    """From a request's text to a kept reply's."""

    def ask(request: str) -> str:
        start = time.perf_counter()
        reply = chat(json.loads(request))
        seconds = time.perf_counter() - start
        return json.dumps({**asdict(reply), "text": _whole(reply.text), "seconds": seconds})

    return ask


def _whole(text: str) -> str:
    """Without halves of surrogate pairs, which JSON's escapes allow and no file in UTF-8 holds."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _answer(request: Request, kept: _Kept, style: PromptStyle) -> Answer:
    said = after_thought(kept.text)  # the thought would count in what reads all that was written
    parsed = parse_answer(said, style.reasoning, style.form)
    told = kept.tokens_in is not None and kept.tokens_out is not None
    return Answer(
        query_id=request.query.id,
        text=parsed.text,
        raw=said,
        hits=request.found.hits if request.found else (),
        timing=Timing(request.found.seconds if request.found else 0.0, kept.seconds),
        tokens=Tokens(kept.tokens_in or 0, kept.tokens_out or 0) if told else None,
        parse_ok=parsed.ok,
        truncated=kept.finish == "length",
    )


def _as_text(messages: Sequence[Message]) -> str:
    return "\n\n".join(f"{message['role']}: {message['content']}" for message in messages)

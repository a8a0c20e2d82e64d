"""The API as OpenAI's own client reads it: models, replies, streams, usage, errors."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

openai = pytest.importorskip("openai")

ASKED = [{"role": "user", "content": "When?"}]


@pytest.fixture
def connect(serve):
    """Starts a server and returns it with a client that does not try again."""
    clients = []

    def start(**script):
        served = serve(**script)
        client = openai.OpenAI(base_url=f"{served.url}/v1", api_key="none", max_retries=0, timeout=20)
        clients.append(client)
        return served, client

    yield start
    for client in clients:
        client.close()


def test_each_method_is_a_model(connect):
    _, client = connect()
    assert [model.id for model in client.models.list()] == ["closed-book", "rag", "raft"]
    assert client.models.retrieve("raft").owned_by == "rag-finetune-lab"
    with pytest.raises(openai.NotFoundError, match="rga"):
        client.models.retrieve("rga")


def test_a_reply_has_answer_usage_and_passages(connect):
    served, client = connect(raw={"rag": "at seven\nor so"})
    reply = client.chat.completions.create(model="rag", messages=ASKED)
    choice = reply.choices[0]
    assert (choice.message.role, choice.message.content, choice.finish_reason) == ("assistant", "at seven", "stop")
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.total_tokens) == (11, 14, 25)
    assert (reply.model, reply.object) == ("rag", "chat.completion")
    found = choice.message.lab
    assert [passage["title"] for passage in found["passages"]] == ["Tarn", "Crew"]
    assert found["citation"]["document"] == "d0" and found["passages"][0]["marks"] == [[17, 25]]
    assert found["raw"] == "at seven\nor so" and found["ignored_messages"] == 0
    assert served.desk.asked == [("When?", "rag")]


def test_a_method_without_passages_has_none(connect):
    _, client = connect()
    found = client.chat.completions.create(model="closed-book", messages=ASKED).choices[0].message.lab
    assert (found["passages"], found["citation"], found["note"]) == ([], None, "asked without passages")


def test_a_streamed_reply_is_the_same_reply(connect):
    _, client = connect(raw={"raft": "at seven sharp"}, truncated=True)
    stream = client.chat.completions.create(
        model="raft", messages=ASKED, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    texts = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert "".join(texts) == "at seven sharp" and len(texts) == 12  # a space waits for its word
    assert chunks[0].choices[0].delta.role == "assistant"
    last = next(chunk for chunk in reversed(chunks) if chunk.choices)
    assert last.choices[0].finish_reason == "length" and len(last.choices[0].delta.lab["passages"]) == 2
    assert not chunks[-1].choices and chunks[-1].usage.total_tokens == 11 + 14
    assert len({chunk.id for chunk in chunks}) == 1


def test_usage_comes_only_to_those_who_asked(connect):
    _, client = connect()
    chunks = list(client.chat.completions.create(model="rag", messages=ASKED, stream=True))
    assert all(chunk.choices for chunk in chunks) and chunks[-1].choices[0].finish_reason == "stop"


def test_behind_a_reason_only_the_answer_is_content(connect):
    _, client = connect(reasoning="quoted", raw={"rag": "##Reason: none. ##Answer: seven"})
    chunks = list(client.chat.completions.create(model="rag", messages=ASKED, stream=True))
    texts = [chunk.choices[0].delta.content or "" for chunk in chunks]
    whole = client.chat.completions.create(model="rag", messages=ASKED)
    assert "".join(texts) == whole.choices[0].message.content == "seven"


def test_the_last_user_message_is_the_question_and_what_was_not_read_is_counted(connect):
    served, client = connect()
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Where?"},
        {"role": "assistant", "content": "there"},
        {"role": "user", "content": [{"type": "text", "text": "When?"}]},
    ]
    reply = client.chat.completions.create(model="rag", messages=messages)
    assert served.desk.asked == [("When?", "rag")] and reply.choices[0].message.lab["ignored_messages"] == 3


def test_what_changes_nothing_is_taken(connect):
    _, client = connect()
    reply = client.chat.completions.create(
        model="rag", messages=ASKED, temperature=0, top_p=1, n=1, seed=7, user="x", max_tokens=5, logprobs=False
    )
    assert reply.usage.completion_tokens == 5


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"temperature": 0.7}, "temperature"),
        ({"temperature": True}, "temperature"),
        ({"top_p": 0.9}, "top_p"),
        ({"n": 2}, "n"),
        ({"stop": ["x"]}, "stop"),
        ({"logprobs": True}, "logprobs"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_completion_tokens": "5"}, "max_completion_tokens"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"extra_body": {"top_k": 5}}, "top_k"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "messages"),
        ({"messages": [{"role": "user", "content": " "}]}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}, "messages"),
        ({"messages": [{"role": "user", "content": "too long"}]}, "messages"),
    ],
)
def test_what_cannot_be_obeyed_is_refused_by_name(connect, change, param):
    served, client = connect()
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(**{"model": "rag", "messages": ASKED, **change})
    assert caught.value.param == param and caught.value.type == "invalid_request_error" and caught.value.body["message"]
    assert served.desk.asked == []


def test_an_unknown_model_is_not_found(connect):
    _, client = connect()
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="oracle", messages=ASKED)
    assert caught.value.code == "model_not_found" and "closed-book, rag, raft" in str(caught.value)


def test_a_fault_of_ours_tells_nothing_of_the_inside(connect, caplog):
    _, client = connect()
    broken = [{"role": "user", "content": "break"}]
    with pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model="rag", messages=broken)
    assert "secret" not in str(caught.value) and "a secret of the inside" in caplog.text
    with pytest.raises(openai.APIError, match="internal error"):
        list(client.chat.completions.create(model="rag", messages=broken, stream=True))


def test_one_question_at_a_time_and_all_are_answered(connect):
    served, client = connect(gate=lambda: time.sleep(0.001))

    def ask(number):
        content = f"q{number}"
        return client.chat.completions.create(
            model=("rag", "raft")[number % 2], messages=[{"role": "user", "content": content}]
        )

    with ThreadPoolExecutor(6) as threads:
        replies = list(threads.map(ask, range(6)))
    assert [reply.choices[0].message.content for reply in replies] == ["rag says: seven", "raft says: seven"] * 3
    assert served.desk.most_at_once == 1 and len(served.desk.asked) == 6


def test_a_client_that_leaves_stops_its_answer_and_the_next_is_served(connect):
    go = threading.Event()
    served, client = connect(raw={"rag": "x" * 100_000, "raft": "seven"}, gate=lambda: go.wait(0.002))
    stream = client.chat.completions.create(model="rag", messages=ASKED, stream=True)
    for chunk in stream:
        if chunk.choices[0].delta.content:
            break
    stream.close()
    assert served.desk.stopped.wait(20)
    go.set()
    assert client.chat.completions.create(model="raft", messages=ASKED).choices[0].message.content == "seven"


def test_a_client_that_leaves_while_it_waits_for_a_whole_reply_stops_it_too(connect):
    served, client = connect(raw={"rag": "x" * 100_000, "raft": "seven"}, gate=lambda: time.sleep(0.002))
    with pytest.raises(openai.APITimeoutError):
        client.with_options(timeout=0.5).chat.completions.create(model="rag", messages=ASKED)
    assert served.desk.stopped.wait(20)
    assert client.chat.completions.create(model="raft", messages=ASKED).choices[0].message.content == "seven"

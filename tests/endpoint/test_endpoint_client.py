"""What the client makes of a server's replies, and which key it shows to whom."""

import sys

import pytest
from scripted_server import ScriptedServer, refused, said

from lab.errors import ConfigError, LabError, UserError
from lab.judge.client import JUDGE, KEY_VARIABLE, Endpoint, Reply, chatting
from lab.steps.endpoint import after_thought
from lab.steps.traffic import ROLE

MESSAGES = [{"role": "system", "content": "Be short."}, {"role": "user", "content": "How heavy?"}]


def chat(body, role=ROLE, **changes):
    with ScriptedServer(lambda messages: body) as server:
        endpoint = Endpoint(server.url, "m", **{"timeout": 5.0, "retries": 0, "role": role, **changes})
        with chatting(endpoint, offline=True) as ask:
            return ask(MESSAGES), server


def test_messages_arrive_as_they_are_at_temperature_0():
    reply, server = chat(said("412", "stop", (21, 3)), max_tokens=12)
    assert reply == Reply("412", "stop", 21, 3)
    assert server.requests == [{"model": "m", "messages": MESSAGES, "temperature": 0.0, "max_tokens": 12}]


@pytest.mark.parametrize(
    "usage",
    [None, {}, {"prompt_tokens": None}, {"prompt_tokens": "many", "completion_tokens": -1}, "text", 7, [1],
     {"prompt_tokens": True, "completion_tokens": 1.5}],
)  # fmt: skip
def test_tokens_that_a_server_does_not_tell_are_none(usage):
    reply, _ = chat(said("412", usage=usage))
    assert (reply.text, reply.tokens_in, reply.tokens_out) == ("412", None, None)


@pytest.mark.parametrize(
    ("told", "finish"),
    [("length", "length"), (None, None), ("content_filter", "content_filter"), ("\x1b[2J<b>", "other"), (7, "other"),
     (["stop"], "other")],
)  # fmt: skip
def test_why_a_reply_ended_is_one_of_a_few_words(told, finish):
    assert chat(said("412", told))[0].finish == finish


def test_judge_and_endpoint_have_a_key_each(environment):
    environment.setenv(KEY_VARIABLE, "of-the-judge")
    environment.setenv(ROLE.key_variable, "of-the-endpoint")
    environment.setenv("OPENAI_API_KEY", "of-openai")
    shown = [chat(said("7"), role)[1].headers[0]["authorization"] for role in (JUDGE, ROLE)]
    assert shown == ["Bearer of-the-judge", "Bearer of-the-endpoint"]
    environment.delenv(ROLE.key_variable)
    assert chat(said("7"))[1].headers[0]["authorization"] == "Bearer none"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (refused(401, "bad key sk-1"), "the endpoint at 127.0.0.1 refused the key .*set RAG_FINETUNE_LAB_ENDPOINT_KEY"),
        (refused(404, "no m"), r"check generator\.endpoint\.url and generator\.endpoint\.model"),
        (refused(400, "max_tokens: use another"), "refused a request .status 400: .*use another"),
        ({"choices": []}, "answered something other than a chat completion"),
    ],
)
def test_messages_name_the_settings_of_the_file(body, message):
    with pytest.raises(LabError, match=message) as error:
        chat(body)
    assert "judge" not in str(error.value) and "sk-1" not in str(error.value)


def test_another_machine_is_refused_offline_and_the_extra_is_named(environment):
    endpoint = Endpoint("http://10.0.0.1/v1", "m", role=ROLE)
    with pytest.raises(ConfigError, match=r"generator\.endpoint\.url 10\.0\.0\.1: connections are forbidden"):
        chatting(endpoint, offline=True).__enter__()
    environment.setitem(sys.modules, "openai", None)
    with pytest.raises(UserError, match="the endpoint behind a URL needs the package openai"):
        chat(said("7"))


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("412 kg", "412 kg"),
        ("<think>Is it 7? No.</think>\n\n412 kg", "\n\n412 kg"),
        ("Is it 7? No.</think>412 kg", "412 kg"),
        ("\n<think>It may be 412 kg, or", ""),
        ("a <think> tag", "a <think> tag"),
    ],
)
def test_reasoning_that_a_server_left_in_is_no_answer(text, answer):
    assert after_thought(text) == answer

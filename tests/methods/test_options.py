"""Option scoring agrees with reading each option alone, whatever the batch, the cache and the kill in between."""

import math
from types import SimpleNamespace

import pytest

pytest.importorskip("torch")

import torch

from lab.errors import ConfigError
from lab.methods.generator import Generator
from lab.methods.options import OptionScorer, OptionScores, OptionStore, likeliest, options_of, score_options
from lab.methods.prompts import PromptStyle

LABELS = ("refund", "re", "x", "opening hours", "R")
PROMPTS = [f"<|start|>u\n{'Where is it? ' * (number % 5)}{number}<|end|><|start|>a\n" for number in range(7)]


def read_alone(model, prompt, option):
    """The definition: one option behind one prompt, no cache, no padding."""
    ids = torch.tensor([[*prompt, *option]])
    with torch.inference_mode():
        likely = model(input_ids=ids).logits[0].float().log_softmax(-1)
    places = range(len(prompt) - 1, len(prompt) + len(option) - 1)
    return sum(float(likely[place, token]) for place, token in zip(places, option, strict=True)) / len(option)


def encoded(generator, texts):
    return [generator.tokenizer.encode(text) for text in texts]


def test_each_option_is_scored_as_if_it_stood_alone_behind_its_prompt(make_generator):
    generator = make_generator()
    model, prompts, options = generator.base(), encoded(generator, PROMPTS), encoded(generator, LABELS)
    assert sorted({len(option) for option in options}) == [1, 2, 6, 13]
    found = score_options(model, prompts, options, generator.tokenizer.raw.pad_token_id)
    for prompt, row in zip(prompts, found, strict=True):
        assert row == pytest.approx([read_alone(model, prompt, option) for option in options], abs=1e-4)


def test_the_labs_own_attention_reads_options_behind_kept_keys(tiny_model):
    """It is taken for bf16 on processors that multiply it; several queries behind a past are what nothing else asks."""
    from pathlib import Path

    from transformers import AutoModelForCausalLM

    from lab.methods.attention import NAME, attention_for
    from lab.models import Hardware

    assert attention_for(Path(tiny_model), Hardware("cpu", "bfloat16", "test")) == NAME
    plain = AutoModelForCausalLM.from_pretrained(tiny_model).eval()
    ours = AutoModelForCausalLM.from_pretrained(tiny_model, attn_implementation=NAME).eval()
    prompts, options = [list(range(5, 95)), [20, 21, 22], list(range(40, 110))], [[30, 31, 32, 33], [34], [35, 36]]
    for prompt, row in zip(prompts, score_options(ours, prompts, options, 3), strict=True):
        assert row == pytest.approx([read_alone(plain, prompt, option) for option in options], abs=1e-4)


def test_a_window_that_forgets_changes_nothing():
    from transformers import MistralConfig, MistralForCausalLM

    torch.manual_seed(3)
    shape = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4}
    config = MistralConfig(vocab_size=40, num_key_value_heads=2, sliding_window=6, **shape)
    model = MistralForCausalLM(config).eval()
    prompts = [[5, 6, 7, 8, 9, 10, 11, 12, 13], [20, 21], [5, 9, 30, 31]]
    options = [[14, 15, 16], [17], [18, 19], [14, 15]]
    found = score_options(model, prompts, options, 0)
    for prompt, row in zip(prompts, found, strict=True):
        assert row == pytest.approx([read_alone(model, prompt, option) for option in options], abs=1e-4)


class NoCache:
    """A model that keeps no keys and values."""

    def __init__(self, model):
        self._model, self.device = model, model.device

    def forward(self, input_ids, attention_mask, position_ids):
        return self(input_ids=input_ids, attention_mask=attention_mask, position_ids=position_ids)

    def __call__(self, **arguments):
        return SimpleNamespace(logits=self._model(**arguments).logits)


def test_a_model_without_a_cache_reads_the_prompt_again_and_says_the_same(make_generator):
    generator = make_generator()
    model, prompts, options = generator.base(), encoded(generator, PROMPTS), encoded(generator, LABELS)
    pad = generator.tokenizer.raw.pad_token_id
    again = score_options(NoCache(model), prompts, options, pad)
    for one, other in zip(again, score_options(model, prompts, options, pad), strict=True):
        assert one == pytest.approx(other, abs=1e-4)


class NextByLast:
    """Three tokens; the next depends on the last alone. After token 1: 0 with 1/2, 1 with 1/4, 2 with 1/4."""

    device = "cpu"
    likely = torch.tensor([[0.2, 0.2, 0.6], [0.5, 0.25, 0.25], [0.1, 0.8, 0.1]]).log()

    def forward(self, input_ids): ...

    def __call__(self, input_ids):
        return SimpleNamespace(logits=self.likely[input_ids])


def test_the_score_is_the_mean_log_probability_and_the_end_of_turn_is_not_in_it():
    found = score_options(NextByLast(), [[0, 1], [2]], [[0], [2, 1], [0, 2, 2]], 0)
    after_one = [math.log(0.5), math.log(0.25 * 0.8) / 2, math.log(0.5 * 0.6 * 0.1) / 3]
    after_two = [math.log(0.1), math.log(0.1 * 0.8) / 2, math.log(0.1 * 0.6 * 0.1) / 3]
    assert found == [pytest.approx(after_one, abs=1e-6), pytest.approx(after_two, abs=1e-6)]


@pytest.mark.parametrize(
    ("logprobs", "best"), [([-2.0, -1.0, -3.0], "b"), ([-1.0, -1.0, -3.0], "a"), ([-3.0, -1.5, -1.5], "b")]
)
def test_the_likeliest_label_and_the_first_of_equals(logprobs, best):
    assert likeliest(("a", "b", "c"), OptionScores(logprobs)) == best


class Counting(Generator):
    """Counts the model's batches; stands for a kill after some of them."""

    stop_after = 1000

    def holding(self, adapter):
        self.batches = getattr(self, "batches", 0) + 1
        if self.batches > self.stop_after:
            raise KeyboardInterrupt
        return super().holding(adapter)


class StopAfterOne(Counting):
    stop_after = 1


def score(generator, path, request="r", prompts=PROMPTS, labels=LABELS):
    return OptionScorer(generator, OptionStore(path), labels).score(prompts, None, request=request)


def test_a_killed_scoring_goes_on_and_ends_in_the_same_scores(make_generator, tmp_path):
    whole = make_generator(kind=Counting)
    expected = score(whole, tmp_path / "whole.jsonl")
    assert whole.batches == 2
    with pytest.raises(KeyboardInterrupt):
        score(make_generator(kind=StopAfterOne), tmp_path / "cut.jsonl")
    resumed = make_generator(kind=Counting)
    assert score(resumed, tmp_path / "cut.jsonl") == expected
    assert resumed.batches == 1


def test_prompts_that_another_method_had_scored_are_not_read_again(make_generator, tmp_path):
    generator = make_generator(kind=Counting)
    first = score(generator, tmp_path / "s.jsonl", "rag", PROMPTS[:4])
    again = score(generator, tmp_path / "s.jsonl", "oracle", PROMPTS[:4])
    assert again == first and generator.batches == 1
    score(generator, tmp_path / "s.jsonl", "oracle", PROMPTS[:4], labels=("other", "labels"))
    assert generator.batches == 2, "other labels are other scores"


def test_the_batch_and_its_order_do_not_matter(make_generator, tmp_path):
    small = score(make_generator(batch_size=1), tmp_path / "one.jsonl")
    turned = score(make_generator(batch_size=4), tmp_path / "four.jsonl", prompts=PROMPTS[::-1])[::-1]
    for one, other in zip(small, turned, strict=True):
        assert one.logprobs == pytest.approx(other.logprobs, abs=1e-4)


LABEL_STYLE = PromptStyle("ferries", form="label", labels=("no", "yes"))


@pytest.mark.parametrize(
    ("wanted", "style", "labels", "reason"),
    [
        ("auto", LABEL_STYLE, ("no", "yes"), None),
        (True, LABEL_STYLE, ("no", "yes"), None),
        (False, LABEL_STYLE, (), "switched off"),
        ("auto", PromptStyle("ferries"), (), "no labels"),
        ("auto", PromptStyle("ferries", "quoted", "label", ("no", "yes")), (), "a reason comes before"),
        ("auto", PromptStyle("f", form="label", labels=tuple(map(str, range(20)))), tuple(map(str, range(20))), None),
        ("auto", PromptStyle("f", form="label", labels=tuple(map(str, range(21)))), (), "21 labels, more than 20"),
        (True, PromptStyle("f", form="label", labels=tuple(map(str, range(21)))), tuple(map(str, range(21))), None),
    ],
)
def test_which_labels_are_scored_or_why_none(wanted, style, labels, reason):
    found = options_of(wanted, style)
    assert found.labels == labels
    assert found.reason is None if reason is None else reason in found.reason


@pytest.mark.parametrize("style", [PromptStyle("ferries"), PromptStyle("ferries", "quoted", "label", ("no", "yes"))])
def test_scoring_that_is_asked_for_where_it_is_not_defined_is_refused(style):
    with pytest.raises(ConfigError, match=r"generator\.option_scoring: expected auto or false, got true"):
        options_of(True, style)

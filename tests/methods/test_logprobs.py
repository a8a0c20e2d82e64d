"""The log-probability of an answer is what the model itself gives its tokens, whatever stands beside it in a batch."""

import pytest

pytest.importorskip("torch")

import torch

PROMPTS = [f"<|start|>u\nWhat {'is ' * (number % 4)}it, {number}?<|end|><|start|>a\n" for number in range(5)]


def by_hand(generator, prompt, n):
    """Greedy, token by token, each time over the whole text."""
    model, tokenizer = generator.base(), generator.tokenizer.raw
    ids = tokenizer(prompt, return_tensors="pt", add_special_tokens=False)["input_ids"]
    ends, found = set(model.generation_config.eos_token_id), []
    with torch.inference_mode():
        while len(found) < n:
            row = model(ids).logits[0, -1].float().log_softmax(-1)
            token = int(row.argmax())
            found.append(float(row[token]))
            if token in ends:
                break
            ids = torch.cat([ids, torch.tensor([[token]])], dim=1)
    return sum(found) / len(found)


def test_logprobs_agree_with_a_plain_forward_pass(make_generator):
    generator = make_generator()
    together = generator.generate(PROMPTS, None, max_new_tokens=6, request="r")
    assert [one.logprob for one in together] == pytest.approx(
        [by_hand(generator, prompt, 6) for prompt in PROMPTS], abs=1e-4
    )
    assert all(one.logprob < 0 for one in together)


def test_a_lone_question_is_generated_anew_and_alike(make_generator):
    generator = make_generator()
    kept = generator.generate(PROMPTS[:1], None, max_new_tokens=6, request="r")[0]
    alone = generator.generate_alone(PROMPTS[0], None, max_new_tokens=6)
    assert (alone.text, alone.tokens_in, alone.tokens_out) == (kept.text, kept.tokens_in, kept.tokens_out)
    assert alone.seconds != kept.seconds  # measured again, not found

"""Batches of training are fixed before the first step; those of generation are bounded in prompts and in tokens."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from lab.methods.batches import BATCH_TOKENS, batch_sizes, plan_batches


@given(st.lists(st.integers(1, 900), min_size=1, max_size=150), st.integers(1, 9), st.integers(1, 4), st.integers(0, 9))
def test_each_epoch_holds_each_example_once(lengths, batch_size, epochs, seed):
    plan = plan_batches(lengths, batch_size, epochs, seed)
    assert len(plan) % epochs == 0
    per_epoch = len(plan) // epochs
    for epoch in range(epochs):
        seen = Counter(place for batch in plan[epoch * per_epoch : (epoch + 1) * per_epoch] for place in batch)
        assert seen == Counter(range(len(lengths)))
    assert all(1 <= len(batch) <= batch_size for batch in plan)
    assert per_epoch <= -(-len(lengths) // batch_size) + len(lengths) // (8 * batch_size)


def test_the_plan_depends_on_the_seed_alone():
    lengths = list(range(100))
    assert plan_batches(lengths, 8, 3, 1) == plan_batches(lengths, 8, 3, 1)
    assert plan_batches(lengths, 8, 3, 1) != plan_batches(lengths, 8, 3, 2)
    plan = plan_batches(lengths, 8, 2, 1)
    assert plan[:13] != plan[13:]


@given(
    st.lists(st.integers(1, 40_000), max_size=300).map(lambda found: sorted(found, reverse=True)), st.integers(1, 70)
)
def test_generation_batches_are_bounded_in_prompts_and_tokens(lengths, most):
    lengths = sorted(lengths, reverse=True)
    sizes = batch_sizes(lengths, most)
    assert sum(sizes) == len(lengths)
    start = 0
    for size in sizes:
        assert 1 <= size <= most
        assert size == 1 or size * lengths[start] <= BATCH_TOKENS
        start += size
    assert batch_sizes([500] * 40, 64) == [32, 8]

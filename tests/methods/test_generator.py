"""Generation on a tiny model: adapters leave no trace, batches do not matter, a cut goes on, memory is halved."""

import json

import pytest

pytest.importorskip("torch")

import torch
from transformers import GenerationConfig

from lab.errors import DataError, ModelError, ResourceError
from lab.methods.answerer import PromptAnswerer
from lab.methods.contexts import Retrieved, no_context, top_k
from lab.methods.finetune import read_adapter, train_adapter
from lab.methods.generations import GenerationStore
from lab.methods.generator import Generator
from lab.methods.prompts import PromptStyle, build_messages
from lab.models import ModelClock
from lab.types import Hit, Passage, Query

PROMPTS = [f"<|start|>u\nWhat {'is ' * (number % 4)}it, {number}?<|end|><|start|>a\n" for number in range(9)]


def ask(generator, prompts=PROMPTS, adapter=None, request="r", n=6, on_progress=lambda done, total: None):
    return generator.generate(prompts, adapter, max_new_tokens=n, request=request, on_progress=on_progress)


def texts(generated):
    return [item.text for item in generated]


@pytest.fixture(scope="module")
def adapters(tiny_model, tiny_digest, make_job, tmp_path_factory):
    """Two adapters strong enough to change every answer."""
    from lab.models import Hardware, ModelFiles

    folder = tmp_path_factory.mktemp("adapters")
    hardware, files = Hardware("cpu", "float32", "test"), ModelFiles("tiny", tiny_model, tiny_digest, "")
    generator = Generator(files, hardware, GenerationStore(folder / "g.jsonl"), ModelClock(), batch_size=4)
    made = []
    for name, seed in (("A", 1), ("B", 2)):
        (folder / name).mkdir()
        job = make_job(name, epochs=3, seed=seed, learning_rate=3e-2, early_stopping=False, n_dev=0)
        train_adapter(job, generator, folder / name, ModelClock())
        made.append(read_adapter(name, folder / name)[0])
    return made


def test_the_base_answers_alike_before_between_and_without_adapters(make_generator, adapters):
    adapter_a, adapter_b = adapters
    pure = texts(ask(make_generator()))
    generator = make_generator()
    with_a = texts(ask(generator, adapter=adapter_a))
    base = texts(ask(generator))
    with_b = texts(ask(generator, adapter=adapter_b))
    assert base == pure
    assert with_a != pure
    assert with_b not in (pure, with_a)
    assert with_b == texts(ask(make_generator(), adapter=adapter_b))
    assert with_a == texts(ask(make_generator(), adapter=adapter_a))


def test_two_adapters_of_one_name_are_not_confused(make_generator, adapters):
    from dataclasses import replace

    adapter_a, adapter_b = adapters
    generator = make_generator()
    with_a = texts(ask(generator, adapter=adapter_a))
    with_b = texts(ask(generator, adapter=replace(adapter_b, name="A")))
    assert with_b == texts(ask(make_generator(), adapter=adapter_b)) != with_a


def test_batches_do_not_change_the_texts(make_generator, adapters):
    for adapter in (None, adapters[0]):
        alone = ask(make_generator(batch_size=1), adapter=adapter)
        together = ask(make_generator(batch_size=4), adapter=adapter)
        assert texts(alone) == texts(together)
        assert [item.tokens_in for item in alone] == [len(make_generator().tokenizer.encode(p)) for p in PROMPTS]
        assert [item.tokens_in for item in alone] == [item.tokens_in for item in together]
        assert [item.tokens_out for item in alone] == [item.tokens_out for item in together]


def test_the_limit_cuts_the_text_and_says_so(make_generator):
    short = ask(make_generator(), n=2)
    assert all(item.tokens_out <= 2 for item in short)
    assert any(item.truncated for item in short)
    assert all(item.tokens_out == 2 for item in short if item.truncated)
    assert all(long.text.startswith(cut.text) for long, cut in zip(ask(make_generator(), n=6), short, strict=True))


def test_equal_prompts_are_generated_once_and_progress_reaches_the_total(make_generator):
    generator, seen = make_generator("store"), []
    doubled = ask(generator, [*PROMPTS, *PROMPTS], on_progress=lambda done, total: seen.append((done, total)))
    assert doubled[:9] == doubled[9:]
    assert len(GenerationLines(generator).rows) == 9
    assert seen[-1] == (18, 18)


class GenerationLines:
    """What stands on disk."""

    def __init__(self, generator):
        self.rows = [json.loads(line) for line in generator._store.path.read_text().splitlines()]


class Counting(Generator):
    """Sees the batches; stands for a kill after some of them."""

    stop_after = 1000

    def _forward(self, prompts, adapter, max_new_tokens):
        self.batches = [*getattr(self, "batches", []), list(prompts)]
        if len(self.batches) > self.stop_after:
            raise KeyboardInterrupt
        return super()._forward(prompts, adapter, max_new_tokens)


class StopAfterOne(Counting):
    stop_after = 1


def test_a_request_that_was_cut_forms_the_same_batches_again(make_generator):
    whole = make_generator("whole", kind=Counting)
    expected = ask(whole)
    with pytest.raises(KeyboardInterrupt):
        ask(make_generator("cut", kind=StopAfterOne))
    path = GenerationLines(make_generator("cut"))
    assert len(path.rows) == 4
    resumed = make_generator("cut", kind=Counting)
    assert texts(ask(resumed)) == texts(expected)
    assert resumed.batches == whole.batches[1:]


def test_a_batch_whose_lines_were_half_written_is_made_again(make_generator, tmp_path):
    whole = make_generator("cut", kind=Counting)
    expected = texts(ask(whole))
    path = tmp_path / "cut.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:5]) + lines[5][:20])
    resumed = make_generator("cut", kind=Counting)
    assert texts(ask(resumed)) == expected
    assert resumed.batches == whole.batches[1:]


def test_another_requests_texts_are_used_and_the_rest_is_batched_without_them(make_generator):
    generator = make_generator("store", kind=Counting)
    first = ask(generator, PROMPTS[:5], request="rag")
    n_batches = len(generator.batches)
    both = ask(generator, PROMPTS, request="oracle")
    assert both[:5] == first
    assert sorted(p for batch in generator.batches[n_batches:] for p in batch) == sorted(PROMPTS[5:])


def test_texts_of_other_weights_or_limits_are_not_used(make_generator, adapters):
    generator = make_generator("store", kind=Counting)
    ask(generator, PROMPTS[:4], request="one")
    ask(generator, PROMPTS[:4], request="two", n=7)
    ask(generator, PROMPTS[:4], request="three", adapter=adapters[0])
    ask(make_generator("store", batch_size=2), PROMPTS[:4], request="four")
    assert len(generator.batches) == 3
    assert len(GenerationLines(generator).rows) == 16


class FullAboveTwo(Generator):
    """A model whose memory holds two prompts."""

    tries: tuple[int, ...] = ()

    def _holding(self, adapter):
        model = super()._holding(adapter)
        return _Limited(model, self)


class _Limited:
    def __init__(self, model, owner):
        self._model, self._owner = model, owner

    def __getattr__(self, name):
        return getattr(self._model, name)

    def generate(self, **arguments):
        size = arguments["input_ids"].shape[0]
        self._owner.tries += (size,)
        if size > self._owner.room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return self._model.generate(**arguments)


def test_memory_that_runs_out_halves_the_batch(make_generator):
    generator = make_generator(kind=FullAboveTwo, batch_size=8)
    generator.room = 2
    assert texts(ask(generator)) == texts(ask(make_generator(batch_size=8)))
    assert generator.tries == (8, 4, 2, 2, 4, 2, 2, 1)


def test_a_single_prompt_that_does_not_fit_is_an_error(make_generator):
    generator = make_generator(kind=FullAboveTwo, batch_size=2)
    generator.room = 0
    with pytest.raises(ResourceError, match="single prompt"):
        ask(generator)


def test_decoding_is_greedy_whatever_the_model_ships(make_tiny_model, make_generator, tmp_path):
    plain, penal = make_tiny_model(tmp_path / "plain"), make_tiny_model(tmp_path / "penal")
    shipped = GenerationConfig(
        repetition_penalty=5.0, do_sample=True, temperature=3.0, top_k=5, eos_token_id=[1, 2], pad_token_id=3
    )
    shipped.save_pretrained(penal)
    expected = texts(ask(make_generator(model=plain), n=20))
    assert texts(ask(make_generator(model=penal), n=20)) == expected
    assert make_generator(model=penal).base().generation_config.eos_token_id == [1, 2]


def test_a_model_without_a_chat_template_is_refused(tiny_model, make_generator, tmp_path):
    import shutil

    bare = tmp_path / "bare"
    shutil.copytree(tiny_model, bare)
    (bare / "chat_template.jinja").unlink()
    with pytest.raises(ModelError, match="no chat template"):
        make_generator(model=bare).tokenizer.encode("a")


def passages(count, length):
    return [Passage(f"p{n}", "d", "T", "x" * length, 0, length) for n in range(count)]


def answerer(generator, context, **changes):
    settings = {"request": "r", "adapter": None, "style": PromptStyle("ferries"), "shots": (), "max_new_tokens": 8}
    return PromptAnswerer(generator=generator, context=context, **{**settings, **changes})


def test_answers_come_in_order_with_their_hits_and_counts(make_generator):
    found = [Hit(piece, 1.0, rank) for rank, piece in enumerate(passages(3, 40), start=1)]
    context = top_k(lambda queries: [Retrieved(tuple(found), 0.25) for _ in queries], 2)
    queries = [Query("q2", "Second?"), Query("q1", "First, longer?")]
    answers = answerer(make_generator(), context).answer(queries)
    assert [answer.query_id for answer in answers] == ["q2", "q1"]
    assert all(answer.hits == tuple(found[:2]) for answer in answers)
    assert all(answer.timing.retrieve == 0.25 and answer.timing.generate > 0 for answer in answers)
    assert all(answer.text in answer.raw and answer.passages_dropped == 0 for answer in answers)


def test_whole_passages_are_dropped_lowest_rank_first_to_fit_the_context(make_tiny_model, make_generator, tmp_path):
    small = make_tiny_model(tmp_path / "small", max_position_embeddings=500)
    generator = make_generator(model=small)
    found = tuple(Hit(piece, 1.0, rank) for rank, piece in enumerate(passages(3, 90), start=1))
    method = answerer(generator, lambda queries: [Retrieved(found, 0.0) for _ in queries])
    (prompt,) = method.prompts([Query("q", "When?")])
    (answer,) = method.answer([Query("q", "When?")])
    kept = 3 - prompt.dropped
    assert 0 < prompt.dropped == answer.passages_dropped < 3
    expected = build_messages(PromptStyle("ferries"), "When?", [hit.passage for hit in found[:kept]])
    assert prompt.text == generator.tokenizer.render(expected)
    room = 500 - 8
    assert len(generator.tokenizer.encode(prompt.text)) <= room
    more = build_messages(PromptStyle("ferries"), "When?", [hit.passage for hit in found[: kept + 1]])
    assert len(generator.tokenizer.encode(generator.tokenizer.render(more))) > room


def test_a_question_that_never_fits_is_named(make_tiny_model, make_generator, tmp_path):
    small = make_tiny_model(tmp_path / "small", max_position_embeddings=64)
    with pytest.raises(DataError, match=r"question q9: its prompt has \d+ tokens without any passage"):
        answerer(make_generator(model=small), no_context).answer([Query("q9", "When?")])

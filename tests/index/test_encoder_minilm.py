"""The embedded MiniLM as it is, and tiny random models for the folders that other encoders come in."""

import json
import shutil
import socket
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from lab.config import IndexConfig
from lab.errors import ModelError
from lab.index.build import build_retriever
from lab.index.embed import embed_passages
from lab.index.encoder import SentenceEncoder
from lab.index.rerank import load_cross_encoder
from lab.models import ModelClock, ModelFiles, find_model
from lab.types import Query

pytestmark = pytest.mark.models

SENTENCES = [
    "The ferry leaves at seven.",
    "Short.",
    "A pump that loses pressure is taken out of service, drained, opened and looked at by two people. " * 5,
    "",
    "Visitors sign the red book before they enter the plant.",
]


@pytest.fixture(scope="module")
def minilm():
    return find_model("minilm", offline=True)


@pytest.fixture(scope="module")
def exact(minilm):
    return SentenceEncoder(minilm, device="cpu", clock=ModelClock(), dtype="float32", batch_size=2)


@pytest.fixture(scope="module")
def tiny_bert(minilm, tmp_path_factory):
    """A random cross-encoder of two layers; its plain encoder has width 32 and reads 128 tokens."""
    from transformers import BertConfig, BertForSequenceClassification

    folder = tmp_path_factory.mktemp("tiny")
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    BertForSequenceClassification(BertConfig(num_labels=1, max_position_embeddings=128, **sizes)).save_pretrained(
        folder
    )
    for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"):
        shutil.copy(minilm.folder / name, folder / name)
    return ModelFiles("tiny", folder, "0", "random weights")


def test_sizes_are_known(exact):
    assert (exact.dimensions, exact.max_tokens) == (384, 256)


def test_sizes_and_offsets_need_no_torch():
    code = (
        "import sys\nfrom lab.index.encoder import SentenceEncoder\nfrom lab.models import ModelClock, find_model\n"
        "encoder = SentenceEncoder(find_model('minilm', offline=True), clock=ModelClock())\n"
        "assert encoder.token_offsets('two words') == [(0, 3), (4, 9)]\nassert len(encoder.encode([])) == 0\n"
        "sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_vectors_are_normalised_float32(exact):
    vectors = exact.encode(SENTENCES)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(SENTENCES), 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)


def test_a_vector_does_not_depend_on_its_batch(exact):
    together = exact.encode(SENTENCES)
    np.testing.assert_allclose(exact.encode(SENTENCES[::-1])[::-1], together, atol=1e-5)
    alone = np.concatenate([exact.encode([text]) for text in SENTENCES])
    np.testing.assert_allclose(alone, together, atol=1e-5)


def test_text_beyond_max_tokens_is_cut_and_text_below_is_not(exact):
    word = "pump "
    at_limit, one_less = word * (exact.max_tokens - 2), word * (exact.max_tokens - 3)
    vectors = exact.encode([at_limit + "zebra", at_limit, one_less + "zebra", one_less])
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-5)
    assert vectors[2] @ vectors[3] < 0.9999


def test_bfloat16_comes_near(minilm, exact):
    half = SentenceEncoder(minilm, device="cpu", clock=ModelClock(), dtype="bfloat16")
    vectors = half.encode(SENTENCES)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-6)
    assert (vectors * exact.encode(SENTENCES)).sum(axis=1).min() > 0.99


def test_offsets_point_at_the_tokens_of_the_text(exact):
    text = "Zürich's pump-house: 3,5 bar!\n\tClosed"
    spans = exact.token_offsets(text)
    pieces = [text[start:end] for start, end in spans]
    assert "".join(pieces) == "".join(text.split())
    assert pieces[0].startswith("Z")
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_offsets_are_not_cut_and_not_padded(exact):
    assert exact.token_offsets("") == []
    assert len(exact.token_offsets("one two three")) == 3
    assert len(exact.token_offsets("word " * 3000)) == 3000


def test_the_obviously_right_passage_is_found(exact, passages, tmp_path):
    config = IndexConfig(k=2)
    built = build_retriever(passages, config, exact, tmp_path, clock=ModelClock(), offline=True)
    asked = {"At what time can I sail?": "d0#0", "My ID card has vanished, whom do I tell?": "d2#0"}
    hits = built.retriever.search([Query(text, text) for text in asked], 2)
    assert [found[0].passage.id for found in hits] == list(asked.values())


def test_a_deleted_shard_is_made_again_equal(exact, passages, tmp_path):
    first = embed_passages(passages, exact, tmp_path, shard_size=2, encoder_digest=exact.digest)
    (tmp_path / "shard-00001.npy").unlink()
    again = embed_passages(passages, exact, tmp_path, shard_size=2, encoder_digest=exact.digest)
    np.testing.assert_array_equal(again, first)


def test_the_clock_runs_while_the_model_does(minilm):
    clock = ModelClock()
    encoder = SentenceEncoder(minilm, device="cpu", clock=clock)
    encoder.token_offsets("no model")
    assert clock.seconds == 0.0
    encoder.encode(["some text"])
    assert clock.seconds > 0.0


def test_no_connection_and_no_output(minilm, monkeypatch, capfd):
    def refuse(*args):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    SentenceEncoder(minilm, device="cpu", clock=ModelClock()).encode(["quiet"])
    assert capfd.readouterr() == ("", "")


def test_the_libraries_get_their_settings_back(minilm):
    from transformers.utils import logging

    before = logging.get_verbosity(), logging.is_progress_bar_enabled()
    SentenceEncoder(minilm, device="cpu", clock=ModelClock()).encode(["quiet"])
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before


def test_a_plain_folder_is_mean_pooled(tiny_bert):
    encoder = SentenceEncoder(tiny_bert, device="cpu", clock=ModelClock())
    assert (encoder.dimensions, encoder.max_tokens) == (32, 128)
    assert encoder.encode(["one", "two"]).shape == (2, 32)


def test_a_dense_layer_on_top_sets_the_dimensions(minilm, tmp_path):
    for place, config in (("1_Pooling", {"word_embedding_dimension": 384}), ("2_Dense", {"out_features": 128})):
        (tmp_path / place).mkdir()
        (tmp_path / place / "config.json").write_text(json.dumps(config))
    (tmp_path / "modules.json").write_text(json.dumps([{"path": ""}, {"path": "1_Pooling"}, {"path": "2_Dense"}]))
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "mpnet", "max_position_embeddings": 514}))
    encoder = SentenceEncoder(ModelFiles("x", tmp_path, "0", ""), clock=ModelClock())
    assert (encoder.dimensions, encoder.max_tokens) == (128, 512)
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        encoder.token_offsets("text")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("config.json", "{}", "how many dimensions"),
        ("config.json", '{"hidden_size": 8}', "how many tokens"),
        ("config.json", "{", "not readable as JSON"),
        ("modules.json", '{"a": 1}', "list of modules"),
    ],
)
def test_a_folder_that_is_no_encoder_is_refused(name, content, message, tmp_path):
    (tmp_path / name).write_text(content)
    with pytest.raises(ModelError, match=message):
        SentenceEncoder(ModelFiles("x", tmp_path, "0", ""), clock=ModelClock())


def test_missing_weights_are_refused(tiny_bert, tmp_path):
    shutil.copytree(tiny_bert.folder, tmp_path / "a")
    (tmp_path / "a" / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="not usable as a sentence encoder"):
        SentenceEncoder(ModelFiles("a", tmp_path / "a", "0", ""), device="cpu", clock=ModelClock()).encode(["x"])


def test_a_cross_encoder_scores_pairs(tiny_bert):
    clock = ModelClock()
    scores = load_cross_encoder(tiny_bert, clock, device="cpu")
    pairs = [("when", "at seven"), ("who", "the gate office"), ("when", "at seven")]
    found = scores(pairs)
    assert len(found) == 3
    assert found[0] == pytest.approx(found[2], abs=1e-6)
    assert clock.seconds > 0


def test_a_reranked_retriever_is_built_from_a_folder(tiny_bert, exact, passages, tmp_path):
    config = IndexConfig(k=2, rerank=str(tiny_bert.folder))
    built = build_retriever(passages, config, exact, tmp_path, clock=ModelClock(), offline=True)
    (hits,) = built.retriever.search([Query("q", "ferry")], 2)
    assert [hit.rank for hit in hits] == [1, 2]
    assert hits[0].score >= hits[1].score

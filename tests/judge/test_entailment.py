"""A tiny random classifier of pairs: which column is read, and which folders are refused."""

import json
import shutil

import pytest

from lab.errors import ModelError
from lab.judge.entailment import entailment_scores, load_entailment
from lab.models import ModelClock, ModelFiles, find_model

pytestmark = pytest.mark.models

PAIRS = [
    ("The ferry leaves at seven.", "When does the ferry leave? at seven"),
    ("Pumps are greased on Fridays.", "When does the ferry leave? at seven"),
    ("The reservoir was drained in 1987. " * 60, "When was it drained? 1987"),
]


@pytest.fixture
def classifier(tmp_path):
    """Saves a random BERT of two layers whose classes have these names; the same weights for the same number."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    def save(*labels: str, **options) -> ModelFiles:
        folder = tmp_path / "-".join(labels)
        sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
        config = BertConfig(
            num_labels=len(labels), id2label=dict(enumerate(labels)), max_position_embeddings=128,
            initializer_range=0.5, **sizes,
        )  # fmt: skip
        with torch.random.fork_rng():
            torch.manual_seed(3)
            BertForSequenceClassification(config).save_pretrained(folder, **options)
        source = find_model("minilm", offline=True).folder
        for name in ("tokenizer.json", "tokenizer_config.json", "vocab.txt", "special_tokens_map.json"):
            shutil.copy(source / name, folder / name)
        return ModelFiles("tiny", folder, "0", "random weights")

    return save


def test_probabilities_of_the_named_class(classifier):
    clock = ModelClock()
    orders = (
        ("contradiction", "entailment", "neutral"),
        ("ENTAILMENT", "neutral", "contradiction"),
        ("neutral", "contradiction", "Entailment"),
    )
    found = [entailment_scores(PAIRS, classifier(*order), clock) for order in orders]
    # the same weights under three namings: each reads another column, and the three sum to 1
    assert all(0.0 < chance < 1.0 for chances in found for chance in chances)
    assert [sum(chances) for chances in zip(*found, strict=True)] == pytest.approx([1.0] * len(PAIRS))
    assert len({round(chances[0], 6) for chances in found}) == 3
    assert clock.seconds > 0.0


def test_the_order_of_a_pair_counts_and_the_company_does_not(classifier):
    scores = load_entailment(classifier("entailment", "not_entailment"), ModelClock(), device="cpu")
    together = scores(PAIRS)
    assert together == pytest.approx([scores([pair])[0] for pair in PAIRS], abs=1e-5)
    assert scores([PAIRS[0][::-1]])[0] != pytest.approx(together[0], abs=1e-6)


def test_no_pair_loads_nothing(tmp_path):
    clock = ModelClock()
    assert entailment_scores([], ModelFiles("absent", tmp_path / "absent", "0", ""), clock) == []
    assert clock.seconds == 0.0


@pytest.mark.parametrize(
    "labels", [("LABEL_0", "LABEL_1", "LABEL_2"), ("entailment",), ("not_entailment", "neutral"), ("score",)]
)
def test_a_model_without_the_class_is_refused(classifier, labels):
    with pytest.raises(ModelError, match=r"metrics\.nli: tiny has the labels .*one of them 'entailment'"):
        load_entailment(classifier(*labels), ModelClock())


def test_a_folder_without_safetensors_is_refused(classifier):
    files = classifier("entailment", "neutral")
    (files.folder / "model.safetensors").rename(files.folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match=r"metrics\.nli: tiny is not usable as a classifier of pairs"):
        load_entailment(files, ModelClock())


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "no-such-type"}))
    with pytest.raises(ModelError, match=r"metrics\.nli: other is not usable as a classifier of pairs"):
        load_entailment(ModelFiles("other", tmp_path, "0", ""), ModelClock())

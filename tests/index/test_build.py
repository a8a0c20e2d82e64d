import json

import pytest

from lab.config import IndexConfig
from lab.errors import ConfigError, LabError, ModelError
from lab.index.build import build_retriever, open_retriever
from lab.models import ModelClock
from lab.types import Query

ASK = [Query("1", "When does the ferry to Tarn leave?"), Query("2", "Who hears of a lost badge?")]


def build(passages, config, encoder, folder, **options):
    return build_retriever(passages, config, encoder, folder, clock=ModelClock(), offline=True, **options)


def reopen(passages, config, encoder, folder):
    return open_retriever(passages, config, encoder, folder, clock=ModelClock(), offline=True)


@pytest.mark.parametrize(
    ("retrieval", "type_", "recall"), [("dense", "Flat", 1.0), ("bm25", "bm25", None), ("hybrid", "Flat", 1.0)]
)
def test_every_retrieval_is_built_and_opened_alike(retrieval, type_, recall, passages, encoder, new_encoder, tmp_path):
    config = IndexConfig(retrieval=retrieval)
    built = build(passages, config, encoder, tmp_path)
    fresh = new_encoder()
    opened = reopen(passages, config, fresh, tmp_path)
    assert fresh.seen == []
    assert (built.type, built.recall) == (opened.type, opened.recall) == (type_, recall)
    hits = built.retriever.search(ASK, 3)
    assert hits == opened.retriever.search(ASK, 3)
    assert [found[0].passage.id for found in hits] == ["d0#0", "d2#0"]
    assert all(len(found) == 3 for found in hits)


def test_building_twice_embeds_once(passages, encoder, new_encoder, tmp_path):
    build(passages, IndexConfig(), encoder, tmp_path)
    again = new_encoder()
    build(passages, IndexConfig(), again, tmp_path)
    assert again.seen == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index.faiss", "info.json", "vectors.npy"]


def test_other_passages_are_embedded_again(passages, encoder, new_encoder, tmp_path):
    build(passages, IndexConfig(), encoder, tmp_path)
    again = new_encoder()
    built = build(passages[1:], IndexConfig(), again, tmp_path)
    assert len(again.seen) == 4
    assert built.retriever.search(ASK[1:], 1)[0][0].passage == passages[2]


def test_a_damaged_index_is_built_again(passages, encoder, tmp_path):
    before = build(passages, IndexConfig(), encoder, tmp_path).retriever.search(ASK, 3)
    (tmp_path / "index.faiss").write_bytes(b"broken")
    with pytest.raises(LabError, match="expected sha256"):
        reopen(passages, IndexConfig(), encoder, tmp_path)
    assert build(passages, IndexConfig(), encoder, tmp_path).retriever.search(ASK, 3) == before


def test_a_build_that_died_early_resumes_its_shards(passages, encoder, new_encoder, tmp_path):
    def die(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(passages, IndexConfig(), encoder, tmp_path, on_progress=die)
    with pytest.raises(LabError, match="found none"):
        reopen(passages, IndexConfig(), encoder, tmp_path)
    again = new_encoder()
    build(passages, IndexConfig(), again, tmp_path)
    assert again.seen == []


def test_a_rebuild_that_died_leaves_no_info(passages, encoder, tmp_path):
    def die(done, total):
        raise KeyboardInterrupt

    build(passages, IndexConfig(), encoder, tmp_path)
    with pytest.raises(KeyboardInterrupt):
        build(passages[1:], IndexConfig(), encoder, tmp_path, on_progress=die)
    with pytest.raises(LabError, match="found none"):
        reopen(passages, IndexConfig(), encoder, tmp_path)


def test_opening_with_other_settings_is_refused(passages, encoder, tmp_path):
    build(passages, IndexConfig(), encoder, tmp_path)
    with pytest.raises(LabError, match="other passages or settings"):
        reopen(passages[1:], IndexConfig(), encoder, tmp_path)
    with pytest.raises(LabError, match="other passages or settings"):
        reopen(passages, IndexConfig(type="SQ8"), encoder, tmp_path)


def test_k_above_the_number_of_passages_names_both(passages, encoder, tmp_path):
    for function in (build, reopen):
        with pytest.raises(ConfigError, match=r"index\.k.* k = 6 with 5 passages"):
            function(passages, IndexConfig(k=6), encoder, tmp_path)
    assert encoder.seen == []


def test_a_bad_type_names_the_key(passages, encoder, tmp_path):
    with pytest.raises(ConfigError, match=r"index\.type"):
        build(passages, IndexConfig(type="Flatt"), encoder, tmp_path)
    with pytest.raises(ConfigError, match=r"index\.type: IVF8,Flat needs at least 312 passages"):
        build(passages, IndexConfig(type="IVF8,Flat"), encoder, tmp_path)
    assert encoder.seen == []


def test_a_reranker_that_is_nowhere_is_refused(passages, encoder, tmp_path):
    with pytest.raises(ModelError):
        build(passages, IndexConfig(rerank="./nowhere"), encoder, tmp_path)
    assert encoder.seen == []


def test_info_is_plain_json(passages, encoder, tmp_path):
    build(passages, IndexConfig(), encoder, tmp_path)
    info = json.loads((tmp_path / "info.json").read_text())
    assert info["type"] == "Flat"
    assert info["recall"] == 1.0
    assert set(info["files"]) == {"index.faiss", "vectors.npy"}

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import ConfigError, LabError
from lab.index.search import DenseRetriever, build_index, choose_type, load_index, save_index
from lab.types import Query


def unit_vectors(n, d=32, seed=3):
    vectors = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize(
    ("passages", "expected"),
    [(1, "Flat"), (100_000, "Flat"), (100_001, "HNSW32"), (1_000_000, "HNSW32"), (1_000_001, "IVF4000,Flat")],
)
def test_auto_goes_by_size(passages, expected):
    assert choose_type("auto", passages) == expected


@given(st.integers(1_000_001, 10**10))
def test_auto_lists_hold_enough_passages_each(passages):
    lists = int(choose_type("auto", passages).removeprefix("IVF").removesuffix(",Flat"))
    assert passages // lists >= 39


def test_a_named_type_is_left_alone():
    assert choose_type("HNSW16", 5) == "HNSW16"


def test_flat_finds_what_numpy_finds(passages_of, new_encoder):
    texts = [f"item {i} colour {i % 7} size {i % 11}" for i in range(60)]
    passages, encoder = passages_of(texts), new_encoder()
    vectors = encoder.encode([f"{p.title}\n{p.text}" for p in passages])
    retriever = DenseRetriever(passages, build_index(vectors, "auto").index, encoder)
    for text in ("colour 3 size 4", "item 17", "nothing known"):
        scores = np.round((vectors @ encoder.encode([text])[0]).astype(float), 6)
        order = np.lexsort((np.arange(60), -scores))[:10]
        (hits,) = retriever.search([Query("q", text)], 10)
        assert [hit.passage for hit in hits] == [passages[i] for i in order]
        assert [hit.rank for hit in hits] == list(range(1, 11))
        np.testing.assert_allclose([hit.score for hit in hits], scores[order], atol=2e-6)


@settings(max_examples=25)
@given(copies=st.integers(2, 90), k=st.integers(1, 5))
def test_equal_passages_come_in_their_order_however_many_there_are(copies, k, passages_of, new_encoder):
    encoder = new_encoder()
    passages = passages_of(["other words here", *["the same text"] * copies])
    vectors = encoder.encode([f"{p.title}\n{p.text}" for p in passages])
    retriever = DenseRetriever(passages, build_index(vectors, "Flat").index, encoder)
    (hits,) = retriever.search([Query("q", "same text")], k)
    assert [hit.passage.id for hit in hits] == [f"d{i}#0" for i in range(1, min(k, copies) + 1)] + (
        ["d0#0"] if k > copies else []
    )


def test_k_above_the_number_of_passages_returns_all(passages, encoder):
    retriever = DenseRetriever(passages, build_index(encoder.encode([p.text for p in passages]), "Flat").index, encoder)
    assert [len(hits) for hits in retriever.search([Query("a", "ferry"), Query("b", "pump")], 50)] == [5, 5]
    assert retriever.search([], 3) == []


def test_a_query_gets_the_same_hits_alone_and_in_a_crowd(passages, encoder):
    retriever = DenseRetriever(passages, build_index(encoder.encode([p.text for p in passages]), "Flat").index, encoder)
    queries = [Query(str(i), f"ferry {i} red book gate") for i in range(64)]
    assert retriever.search(queries, 3) == [retriever.search([query], 3)[0] for query in queries]


def test_recall_is_one_for_flat_and_measured_for_others():
    vectors = unit_vectors(3000, d=64)
    assert build_index(vectors, "Flat").recall == 1.0
    assert build_index(vectors, "HNSW32").recall > 0.98
    assert build_index(vectors, "PQ4x4").recall < 0.5


def test_an_ivf_index_searches_wide_enough():
    assert build_index(unit_vectors(3000), "IVF32,Flat").recall >= 0.95


@pytest.mark.parametrize("kind", ["Flat", "HNSW32", "IVF32,Flat", "SQ8"])
def test_the_same_vectors_give_the_same_file(kind, tmp_path):
    vectors = unit_vectors(2500)
    digests = {save_index(build_index(vectors, kind).index, tmp_path / name) for name in ("a", "b")}
    assert len(digests) == 1


@pytest.mark.parametrize("kind", ["Flat", "HNSW32", "IVF16,Flat"])
def test_a_loaded_index_answers_as_before(kind, tmp_path):
    vectors = unit_vectors(1000)
    built = build_index(vectors, kind)
    loaded = load_index(tmp_path / "x", save_index(built.index, tmp_path / "x"))
    for before, after in zip(built.index.search(vectors[:40], 10), loaded.search(vectors[:40], 10), strict=True):
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize(
    "kind",
    ["nonsense", "", "PQ7", "HNSW0", "IVF0,Flat", "LSH", "Flat,Flat", "PCA640,Flat", "IVF1024,Flat", "HNSW32,PQ8"],
)
def test_a_type_that_cannot_be_built_names_the_key(kind):
    with pytest.raises(ConfigError, match=r"^index\.type: ") as caught:
        build_index(unit_vectors(500), kind)
    assert ".cpp" not in str(caught.value)


def test_too_few_passages_for_the_lists_says_how_many():
    with pytest.raises(ConfigError, match=r"IVF64,Flat needs at least 2496 passages .* got 500"):
        build_index(unit_vectors(500), "IVF64,Flat")


def test_a_file_that_changed_is_refused(tmp_path):
    path = tmp_path / "index.faiss"
    digest = save_index(build_index(unit_vectors(50), "Flat").index, path)
    path.write_bytes(path.read_bytes()[:-1] + b"\x00")
    with pytest.raises(LabError, match=f"expected sha256 {digest}"):
        load_index(path, digest)
    with pytest.raises(LabError, match="found none"):
        load_index(tmp_path / "missing", digest)


def test_a_known_file_that_is_no_index_is_refused(tmp_path):
    import hashlib

    path = tmp_path / "index.faiss"
    save_index(build_index(unit_vectors(50), "Flat").index, path)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(LabError, match="not readable as an index"):
        load_index(path, hashlib.sha256(path.read_bytes()).hexdigest())


def test_an_index_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError, match="cannot be written"):
        save_index(build_index(unit_vectors(50), "Flat").index, tmp_path / "file" / "index.faiss")


def test_index_and_passages_must_match(passages, encoder):
    with pytest.raises(LabError, match="holds 50 vectors of 32 dimensions, expected 5 of 64"):
        DenseRetriever(passages, build_index(unit_vectors(50), "Flat").index, encoder)

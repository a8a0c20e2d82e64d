"""What a killed run leaves is read back exactly, and an interrupted request forms the same batches again."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from lab.methods.generations import Generated, GenerationStore, prompt_key


def made(text: str) -> Generated:
    return Generated(text, 5, 2, 0.25, truncated=False)


def test_texts_are_found_again_by_another_process(tmp_path):
    path = tmp_path / "texts" / "generations.jsonl"
    GenerationStore(path).put("rag", [("k1", made("süß\n\u2028")), ("k2", made(""))])
    again = GenerationStore(path)
    assert again.get("k1") == made("süß\n\u2028")
    assert again.get("k2") == made("")
    assert again.get("k3") is None


def test_a_text_belongs_to_the_request_that_made_it(tmp_path):
    store = GenerationStore(tmp_path / "g.jsonl")
    store.put("rag", [("k1", made("a"))])
    assert not store.is_from_another("k1", "rag")
    assert store.is_from_another("k1", "oracle")
    assert not store.is_from_another("k2", "oracle")


def test_the_last_line_wins(tmp_path):
    path = tmp_path / "g.jsonl"
    GenerationStore(path).put("rag", [("k1", made("a")), ("k1", made("b"))])
    assert GenerationStore(path).get("k1") == made("b")


def test_bytes_that_are_no_text_end_the_file(tmp_path):
    path = tmp_path / "g.jsonl"
    GenerationStore(path).put("rag", [("k1", made("a"))])
    whole = path.read_bytes()
    path.write_bytes(whole + b"\x00\xff\xfe{\n")
    assert GenerationStore(path).get("k1") == made("a")
    assert path.read_bytes() == whole


@settings(max_examples=60)
@given(texts=st.lists(st.text(), min_size=1, max_size=5), cut=st.integers(0, 10_000))
def test_a_file_cut_anywhere_keeps_its_whole_lines_and_can_be_appended_to(tmp_path_factory, texts, cut):
    path = tmp_path_factory.mktemp("cut") / "g.jsonl"
    GenerationStore(path).put("rag", [(f"k{place}", made(text)) for place, text in enumerate(texts)])
    whole = path.read_bytes()
    kept = whole[: cut % (len(whole) + 1)]
    path.write_bytes(kept)
    store = GenerationStore(path)
    lines = kept.count(b"\n")
    assert [store.get(f"k{place}") is not None for place in range(len(texts))] == [
        place < lines for place in range(len(texts))
    ]
    store.put("rag", [("new", made("x"))])
    assert all(json.loads(line) for line in path.read_text().splitlines())
    assert GenerationStore(path).get("new") == made("x")


def test_keys_tell_weights_limit_and_prompt_apart():
    keys = {prompt_key("w", "p", 8), prompt_key("w", "p", 9), prompt_key("w", "q", 8), prompt_key("v", "p", 8)}
    assert len(keys) == 4

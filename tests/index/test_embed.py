import json

import numpy as np
import pytest

from lab.errors import LabError
from lab.index.embed import embed_passages, passage_text


def test_vectors_stand_in_the_order_of_the_passages(passages, encoder, tmp_path):
    vectors = embed_passages(passages, encoder, tmp_path, shard_size=2)
    expected = encoder.encode([passage_text(passage) for passage in passages])
    np.testing.assert_array_equal(vectors, expected)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(passages), encoder.dimensions)


def test_title_and_text_are_embedded(passages, encoder, tmp_path):
    embed_passages(passages[:1], encoder, tmp_path)
    assert encoder.seen == [f"{passages[0].title}\n{passages[0].text}"]


def test_progress_counts_passages(passages, encoder, tmp_path):
    calls = []
    embed_passages(
        passages, encoder, tmp_path, shard_size=2, on_progress=lambda done, total: calls.append((done, total))
    )
    assert calls == [(2, 5), (4, 5), (5, 5)]


def test_a_second_call_embeds_nothing(passages, encoder, new_encoder, tmp_path):
    first = embed_passages(passages, encoder, tmp_path, shard_size=2)
    again = new_encoder()
    np.testing.assert_array_equal(embed_passages(passages, again, tmp_path, shard_size=2), first)
    assert again.seen == []


def delete_shard(folder):
    (folder / "shard-00001.npy").unlink()


def delete_manifest(folder):
    (folder / "shard-00001.json").unlink()


def cut_shard(folder):
    path = folder / "shard-00001.npy"
    path.write_bytes(path.read_bytes()[:-7])


def flip_a_byte(folder):
    path = folder / "shard-00001.npy"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))


def break_manifest(folder):
    (folder / "shard-00001.json").write_text('{"texts": ')


def pickle_in_place_of_a_shard(folder):
    np.save(folder / "shard-00001.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)


@pytest.mark.parametrize(
    "damage",
    [delete_shard, delete_manifest, cut_shard, flip_a_byte, break_manifest, pickle_in_place_of_a_shard],
)
def test_only_the_damaged_shard_is_embedded_again(damage, passages, encoder, new_encoder, tmp_path):
    first = embed_passages(passages, encoder, tmp_path, shard_size=2)
    damage(tmp_path)
    again = new_encoder()
    np.testing.assert_array_equal(embed_passages(passages, again, tmp_path, shard_size=2), first)
    assert again.seen == [passage_text(passage) for passage in passages[2:4]]


def test_shards_of_other_texts_are_not_reused(passages, passages_of, encoder, new_encoder, tmp_path):
    embed_passages(passages, encoder, tmp_path, shard_size=2)
    other = (*passages[:3], *passages_of(["Now it says something else."]), passages[4])
    again = new_encoder()
    vectors = embed_passages(other, again, tmp_path, shard_size=2)
    assert len(again.seen) == 2
    np.testing.assert_array_equal(vectors, new_encoder().encode([passage_text(passage) for passage in other]))


def test_shards_of_another_encoder_are_not_reused(passages, new_encoder, tmp_path):
    embed_passages(passages, new_encoder(), tmp_path, encoder_digest="a")
    narrow, other = new_encoder(dimensions=32), new_encoder()
    assert embed_passages(passages, narrow, tmp_path, encoder_digest="a").shape == (5, 32)
    embed_passages(passages, new_encoder(), tmp_path, encoder_digest="a")
    embed_passages(passages, other, tmp_path, encoder_digest="b")
    assert len(other.seen) == 5


def test_a_killed_run_goes_on_where_it_stood(passages, encoder, new_encoder, tmp_path):
    class Dying(new_encoder):
        def encode(self, texts):
            if len(self.seen) >= 4:
                raise KeyboardInterrupt
            return super().encode(texts)

    with pytest.raises(KeyboardInterrupt):
        embed_passages(passages, Dying(), tmp_path / "a", shard_size=2)
    again = new_encoder()
    resumed = embed_passages(passages, again, tmp_path / "a", shard_size=2)
    assert len(again.seen) == 1
    np.testing.assert_array_equal(resumed, embed_passages(passages, encoder, tmp_path / "b", shard_size=2))
    assert not list(tmp_path.rglob("*.tmp"))


def test_manifest_names_the_file(passages, encoder, tmp_path):
    embed_passages(passages, encoder, tmp_path)
    assert set(json.loads((tmp_path / "shard-00000.json").read_text())) == {"texts", "encoder", "dimensions", "file"}


@pytest.mark.parametrize("answer", [np.zeros((5, 3)), np.full((5, 64), np.nan)])
def test_an_encoder_that_answers_nonsense_is_refused(answer, passages, encoder, new_encoder, tmp_path):
    class Wrong(new_encoder):
        def encode(self, texts):
            return answer

    with pytest.raises(LabError, match="the encoder gave"):
        embed_passages(passages, Wrong(), tmp_path)
    assert not list(tmp_path.glob("shard*"))


def test_no_passages_give_an_empty_array(encoder, tmp_path):
    assert embed_passages((), encoder, tmp_path).shape == (0, encoder.dimensions)

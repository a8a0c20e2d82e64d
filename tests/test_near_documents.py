"""Near-duplicates against all pairs compared by hand."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import near_documents
from lab.near_documents import near_duplicates
from lab.types import Document

WORDS = [f"word{number}" for number in range(2000)]


def documents(*texts):
    return [Document(f"d{number:03}", "", text) for number, text in enumerate(texts)]


def shingles(text):
    words = text.lower().split()
    return {tuple(words[start : start + 5]) for start in range(max(len(words) - 4, 1))}


def jaccard(one, other):
    a, b = shingles(one), shingles(other)
    return len(a & b) / len(a | b)


def prose(rng, count):
    return [rng.choice(WORDS) for _ in range(count)]


def test_equal_texts_and_texts_that_differ_in_case_and_marks():
    groups = near_duplicates(documents("a b c d e f", "x y", "A, b c d e f!", "a b c d e f", "x y"))
    assert [(group.document_ids, group.similarity, group.exact) for group in groups] == [
        (("d000", "d002", "d003"), 1.0, False),
        (("d001", "d004"), 1.0, True),
    ]
    assert near_duplicates(documents("", "!", "a", "b")) == ()
    assert near_duplicates(()) == ()


def test_the_jaccard_index_by_hand():
    words = [f"w{number}" for number in range(104)]  # 100 shingles
    changed = [*words[:-1], "other"]  # 99 of them, and one new: 99 / 101
    (group,) = near_duplicates(documents(" ".join(words), " ".join(changed)))
    assert group.similarity == pytest.approx(99 / 101)
    assert not group.exact
    middle = [*words[:50], "other", *words[51:]]  # 95 of them, and five new: 95 / 105
    (group,) = near_duplicates(documents(" ".join(words), " ".join(middle)))
    assert group.similarity == pytest.approx(95 / 105)
    thrice = [*words[:20], "p", *words[21:50], "q", *words[51:80], "r", *words[81:]]  # 85 / 115 is below 0.8
    assert near_duplicates(documents(" ".join(words), " ".join(thrice))) == ()


def test_scripts_without_spaces_are_compared_by_character():
    base = "".join(chr(0x4E00 + number) for number in range(104))
    (group,) = near_duplicates(documents(base, f"{base[:50]}水{base[51:]}"))
    assert group.similarity == pytest.approx(95 / 105)


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_the_same_groups_as_comparing_all_pairs(seed):
    rng = random.Random(seed)
    texts = []
    for _ in range(8):
        words = prose(rng, rng.randint(20, 200))
        texts.append(" ".join(words))
        for _ in range(rng.randint(0, 3)):
            words = [rng.choice(WORDS) if rng.random() < 0.01 else word for word in words]
            texts.append(" ".join(words))
    near = [(a, b) for b in range(len(texts)) for a in range(b) if jaccard(texts[a], texts[b]) >= 0.8]
    group = list(range(len(texts)))
    for a, b in near:
        group = [group[a] if one == group[b] else one for one in group]
    members = {root: [f"d{n:03}" for n, one in enumerate(group) if one == root] for root in set(group)}
    expected = sorted(tuple(ids) for ids in members.values() if len(ids) > 1)
    assert [one.document_ids for one in near_duplicates(documents(*texts))] == expected


@pytest.mark.parametrize("length", [4_050, 8_150, 16_000, 33_000])
def test_long_texts_are_compared_by_a_sample(length):
    rng = random.Random(length)
    base = [str(rng.random()) for _ in range(length)]
    longer = [*base, *(str(rng.random()) for _ in range(length // 10))]
    (group,) = near_duplicates(documents(" ".join(base), " ".join(longer), " ".join(base[: length // 2])))
    assert group.document_ids == ("d000", "d001")
    assert group.similarity == pytest.approx(jaccard(" ".join(base), " ".join(longer)), abs=0.03)


def test_work_stays_bounded_where_all_documents_come_from_one_template(monkeypatch):
    compared = []
    original = near_documents._similarity
    monkeypatch.setattr(near_documents, "_similarity", lambda *both: compared.append(1) or original(*both))
    rng = random.Random(1)
    template = prose(rng, 120)
    texts = [" ".join([*template, *prose(rng, 60)]) for _ in range(300)]  # Jaccard about 0.5
    assert near_duplicates(documents(*texts)) == ()
    assert len(compared) <= 300 * 25 * near_documents.MAX_BUCKET
    compared.clear()
    alike = [" ".join([*template, f"number{n}"]) for n in range(300)]
    (group,) = near_duplicates(documents(*alike))
    assert len(group.document_ids) == 300
    assert len(compared) < 2 * 300


def test_near_are_those_with_four_fifths_of_their_runs_of_words_in_common():
    words = [f"word{number}" for number in range(300)]
    one = " ".join(words[:104])  # 100 runs of 5 words
    eleven_new = " ".join([*words[:93], *words[200:211]])  # shares 89 runs of 111: 0.80
    twelve_new = " ".join([*words[:92], *words[200:212]])  # shares 88 of 112: 0.79
    (group,) = near_duplicates(documents(one, eleven_new))
    assert group.similarity == pytest.approx(89 / 111)
    assert near_duplicates(documents(one, twelve_new)) == ()


def test_long_texts_with_one_beginning_are_not_near():
    begin = " ".join(f"w{number}" for number in range(2_500))
    rest = [" ".join(f"{side}{number}" for number in range(2_500)) for side in "xy"]
    assert near_duplicates(documents(f"{begin} {rest[0]}", f"{begin} {rest[1]}")) == ()

import math

import pytest

from lab.errors import LabError
from lab.index.bm25 import Bm25Retriever
from lab.index.hybrid import HybridRetriever
from lab.index.rerank import RerankedRetriever
from lab.types import Hit, Query


class Fixed:
    """Gives the passages with these numbers, best first, whatever is asked; remembers how many were asked for."""

    def __init__(self, passages, numbers):
        self.hits = tuple(Hit(passages[number], 1.0 / rank, rank) for rank, number in enumerate(numbers, start=1))
        self.asked = []

    def search(self, queries, k):
        self.asked.append(k)
        return [self.hits[:k] for _ in queries]


def ids(hits):
    return [hit.passage.id for hit in hits]


def test_bm25_finds_the_passage_with_the_rare_word(passages):
    (hits,) = Bm25Retriever(passages).search([Query("q", "When was the RESERVOIR drained?")], 2)
    assert hits[0].passage == passages[3]
    assert [hit.rank for hit in hits] == [1, 2]
    assert hits[0].score > hits[1].score


def test_bm25_scores_by_the_lucene_formula(passages_of):
    passages = passages_of(["apple apple pear", "pear plum", "plum plum plum fig"], title="")
    (hits,) = Bm25Retriever(passages).search([Query("q", "apple pear")], 3)

    def part(frequency, length, holders):
        idf = math.log(1 + (3 - holders + 0.5) / (holders + 0.5))
        return idf * frequency / (frequency + 1.5 * (1 - 0.75 + 0.75 * length / 3))

    expected = [part(2, 3, 1) + part(1, 3, 2), part(1, 2, 2), 0.0]
    assert [hit.score for hit in hits] == pytest.approx(expected, abs=1e-6)


def test_bm25_searches_titles_too(passages_of):
    passages = (*passages_of(["one text"], title="Oil"), *passages_of(["another text"], title="Gas"))
    (hits,) = Bm25Retriever(passages).search([Query("q", "gas")], 1)
    assert hits[0].passage.title == "Gas"


def test_bm25_fills_up_with_zero_scores_in_the_order_of_passages(passages):
    (hits,) = Bm25Retriever(passages).search([Query("q", "zyxwv")], 3)
    assert ids(hits) == ["d0#0", "d1#0", "d2#0"]
    assert [hit.score for hit in hits] == [0.0, 0.0, 0.0]
    (hits,) = Bm25Retriever(passages).search([Query("q", "badge")], 3)
    assert ids(hits) == ["d2#0", "d0#0", "d1#0"]


def test_bm25_ties_stand_in_the_order_of_passages(passages_of):
    passages = passages_of(["else", "twin words"] * 50)
    expected = [f"d{i}#0" for i in (*range(1, 100, 2), *range(0, 100, 2))]
    assert ids(Bm25Retriever(passages).search([Query("q", "twin")], 100)[0]) == expected


@pytest.mark.parametrize("text", ["", "?!", "..."])
def test_bm25_survives_texts_without_words(text, passages_of):
    passages = passages_of([text, text], title="")
    retriever = Bm25Retriever(passages)
    assert ids(retriever.search([Query("q", text)], 5)[0]) == ["d0#0", "d1#0"]
    assert retriever.search([], 5) == []


def test_bm25_reads_words_of_any_script(passages_of):
    passages = passages_of(["Der Müll wird dienstags geholt", "ტუმბო პარასკევს შეკეთდება"])
    assert ids(Bm25Retriever(passages).search([Query("q", "ტუმბო")], 1)[0]) == ["d1#0"]


def test_fusion_adds_reciprocal_ranks(passages):
    first, second = Fixed(passages, [0, 1, 2]), Fixed(passages, [2, 3])
    (hits,) = HybridRetriever(passages, first, second).search([Query("q", "x")], 4)
    assert ids(hits) == ["d2#0", "d0#0", "d1#0", "d3#0"]
    assert [hit.score for hit in hits] == pytest.approx([1 / 63 + 1 / 61, 1 / 61, 1 / 62, 1 / 62])
    assert [hit.rank for hit in hits] == [1, 2, 3, 4]


def test_fusion_ties_stand_in_the_order_of_passages(passages):
    for one, other in (([4, 1], [1, 4]), ([1, 4], [4, 1])):
        retriever = HybridRetriever(passages, Fixed(passages, one), Fixed(passages, other))
        assert ids(retriever.search([Query("q", "x")], 2)[0]) == ["d1#0", "d4#0"]


def test_fusion_asks_deep_enough(passages):
    first, second = Fixed(passages, [0]), Fixed(passages, [1])
    retriever = HybridRetriever(passages, first, second, depth=10)
    retriever.search([Query("q", "x")], 3)
    retriever.search([Query("q", "x")], 30)
    assert first.asked == second.asked == [10, 30]


def by_length(pairs):
    return [float(len(text)) for _, text in pairs]


def test_reranking_orders_by_the_cross_encoder(passages):
    base = Fixed(passages, [0, 1, 2, 3, 4])
    (hits,) = RerankedRetriever(base, by_length, depth=3).search([Query("q", "x")], 2)
    lengths = {passage.id: len(f"{passage.title}\n{passage.text}") for passage in passages}
    expected = sorted((p.id for p in passages[:3]), key=lambda name: -lengths[name])[:2]
    assert ids(hits) == expected
    assert [hit.score for hit in hits] == [float(lengths[name]) for name in expected]
    assert [hit.rank for hit in hits] == [1, 2]
    assert base.asked == [3]


def test_reranking_ties_keep_the_order_of_the_base(passages):
    base = Fixed(passages, [3, 0, 4])
    (hits,) = RerankedRetriever(base, lambda pairs: [0.5] * len(pairs)).search([Query("q", "x")], 3)
    assert ids(hits) == ["d3#0", "d0#0", "d4#0"]


def test_reranking_gives_each_query_its_own_scores(passages):
    base = Fixed(passages, [0, 1])

    def scores(pairs):
        return [1.0 if (query == "up") == (passages[0].text in text) else 0.0 for query, text in pairs]

    up, down = RerankedRetriever(base, scores).search([Query("1", "up"), Query("2", "down")], 1)
    assert (ids(up), ids(down)) == (["d0#0"], ["d1#0"])


def test_reranking_asks_for_k_when_it_is_deeper(passages):
    base = Fixed(passages, [0])
    RerankedRetriever(base, by_length, depth=2).search([Query("q", "x")], 9)
    assert base.asked == [9]


def test_a_cross_encoder_that_loses_scores_is_refused(passages):
    with pytest.raises(LabError, match="gave 0 scores for 2 pairs"):
        RerankedRetriever(Fixed(passages, [0, 1]), lambda pairs: []).search([Query("q", "x")], 2)

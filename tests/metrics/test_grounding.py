import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_scores import Letters

from lab.metrics import grounding
from lab.metrics.registry import GROUNDEDNESS, score_answers
from lab.types import Answer, Evidence, Hit, Passage, Question, Timing, Tokens

DEPOT = "The depot in Ravel Street holds 412 cabins. It was built in 1931."
TOWER = "The tower stands at the lake. The cable was renewed by a firm from Ravel."
WORDS = st.lists(st.sampled_from("cabin grip tower cable skip the of yes 3.5".split()), max_size=6).map(" ".join)


def hit(rank, text, document="d", title=""):
    return Hit(Passage(f"{document}#{rank}", document, title, text, 0, len(text)), 1.0 - rank / 10, rank)


HITS = (hit(1, DEPOT, "depot"), hit(2, TOWER, "tower"))
QUESTIONS = {
    "q": Question("q", "Where is the depot?", ("Ravel Street",), "span", (Evidence("depot", 0, 5),)),
    "r": Question("r", "Where is the tower?", ("the lake",), "span", (Evidence("tower"), Evidence("depot"))),
    "free": Question("free", "Why?", ("so",), "free"),
    "label": Question("label", "Is it?", ("unknown",), "label", (Evidence("depot"),)),
}


def answer(text, raw=None, query="q", hits=HITS, dropped=0):
    return Answer(
        query, text, text if raw is None else raw, hits, Timing(0.0, 0.0), Tokens(1, 1), passages_dropped=dropped
    )


def scored(*answers, encoder=None, entail=None):
    """By metric, the scores of the answers in order."""
    found = score_answers(answers, QUESTIONS, encoder, entail)
    return {name: [score for score in found if score.metric == name] for name in GROUNDEDNESS}


def values(metric, *answers, **models):
    return [score.value for score in scored(*answers, **models)[metric]]


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("Ravel Street", 1.0),
        ("the cabins of Ravel Street!", 1.0),
        ("depot lake", 0.5),  # one word in each passage: no passage holds both
        ("412 cabins since 1932", 0.5),
        ("a barn", 0.0),
        ("street street street barn", 0.5),  # distinct words
    ],
)
def test_lexical_support_is_the_share_in_the_one_best_passage(said, value):
    assert values("support_lexical", answer(said)) == [pytest.approx(value)]


def test_the_title_belongs_to_what_was_shown():
    titled = (hit(1, "It holds many cabins.", title="Ravel Street"),)
    assert values("support_lexical", answer("Ravel Street", hits=titled)) == [1.0]
    assert values("quote_fidelity", answer("x", "##begin_quote##street: it holds##end_quote##", hits=titled)) == [1.0]


def test_dropped_passages_were_not_seen():
    seen, unseen = answer("the lake tower", query="r"), answer("the lake tower", query="r", dropped=1)
    found = scored(seen, unseen, answer("the lake", dropped=2), encoder=Letters())
    assert [score.value for score in found["support_lexical"]] == [1.0, 0.0, None]
    assert [score.value for score in found["supporting_document"]] == [1.0, 0.0, None]
    assert found["support_embedding"][0].value > found["support_embedding"][1].value
    assert {found[name][2].reason for name in GROUNDEDNESS} == {"no passages were given"}


def test_methods_without_passages_have_no_groundedness_and_not_zero():
    quoted = "##begin_quote##the depot in Ravel##end_quote## Ravel Street"
    found = scored(answer("Ravel Street", quoted, hits=()), encoder=Letters(), entail=lambda pairs: [1.0] * len(pairs))
    assert {(found[name][0].value, found[name][0].reason) for name in GROUNDEDNESS} == {
        (None, "no passages were given")
    }


@pytest.mark.parametrize("text", ["", "NOT_FOUND", "I don't know."])
def test_an_answer_that_declines_rests_on_nothing(text):
    found = scored(answer(text), encoder=Letters(), entail=lambda pairs: [1.0] * len(pairs))
    for name in ("support_lexical", "support_embedding", "support_nli", "supporting_document"):
        assert (found[name][0].value, found[name][0].reason) == (None, "the answer declines")


def test_a_label_that_sounds_like_a_refusal_is_read_as_an_answer():
    found = scored(answer("unknown", query="label"), entail=lambda pairs: [0.4] * len(pairs))
    assert found["support_lexical"][0].value == 0.0
    assert found["support_nli"][0].value == 0.4


@pytest.mark.parametrize("text", ["No.", "Yes", "it is"])
def test_function_words_are_no_evidence(text):
    found = scored(answer(text))
    for name in ("support_lexical", "supporting_document"):
        assert (found[name][0].value, found[name][0].reason) == (None, "the answer has no content words")


@pytest.mark.parametrize(
    ("query", "said", "value"),
    [
        ("q", "Ravel Street", 1.0),
        ("q", "the lake", 0.0),  # of the other document
        ("q", "Ravel", 1.0),  # both hold it: the better rank counts
        ("r", "a barn", 0.0),  # no passage holds any word
        ("r", "Ravel Street", 1.0),  # one of two gold documents
    ],
)
def test_the_supporting_document_is_that_of_the_best_passage(query, said, value):
    assert values("supporting_document", answer(said, query=query)) == [value]


def test_without_gold_there_is_no_supporting_document():
    found = scored(answer("Ravel", query="free"))["supporting_document"][0]
    assert (found.value, found.reason) == (None, "the question names no gold document")


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("##Reason: ##begin_quote##The DEPOT in\n Ravel  Street##end_quote## ##Answer: x", 1.0),
        ('##begin_quote##"holds 412 cabins."##end_quote## ##begin_quote##holds 500 cabins##end_quote##', 0.5),
        ("## Begin_quote ##at the lake## end_quote ##", 1.0),
        ("##begin_quote##built in 1931. The tower##end_quote##", 0.0),  # no passage holds both halves
        ("##begin_quote##Ravel Street##end_quote##", None),  # two words
        ("##begin_quote##the depot in Ravel", None),  # never closed
        ("the depot in Ravel Street", None),
    ],
)
def test_quotes_are_looked_up_word_for_word(raw, value):
    found = scored(answer("x", raw))["quote_fidelity"][0]
    assert found.value == value
    assert (found.reason == "no quote of three or more words") == (value is None)


def test_embedding_support_is_the_nearest_sentence_and_all_texts_go_in_one_call():
    hits = (hit(1, "Abc abc. Xyz!\nno", "one"), hit(2, "abd ab", "two"))
    encoder = Letters()
    found = score_answers([answer("zyx", hits=hits), answer("ab", hits=hits, query="r")], QUESTIONS, encoder)
    near = [score.value for score in found if score.metric == "support_embedding"]
    # ab against abd ab: counts (2, 2, 0, 1) and (1, 1) give 4 / (3 sqrt 2)
    assert near == [pytest.approx(1.0), pytest.approx(4 / (3 * 2**0.5))]
    assert len(encoder.calls) == 1
    sent = encoder.calls[0]
    assert len(sent) == len(set(sent))
    assert {"Abc abc.", "Xyz!", "no", "abd ab"} <= set(sent)


def test_without_an_encoder_or_an_entailment_model_the_metric_says_so():
    found = scored(answer("Ravel"))
    assert found["support_embedding"][0].reason == "no encoder was given"
    assert found["support_nli"][0].reason == "no entailment model was named (metrics.nli)"


def test_entailment_is_that_of_the_best_passage_and_pairs_are_judged_once():
    calls = []

    def entail(pairs):
        calls.append(list(pairs))
        return [0.9 if premise == TOWER else 0.2 for premise, _ in pairs]

    answers = [answer("Ravel"), answer("Ravel"), answer("Ravel", dropped=1), answer("NOT_FOUND")]
    assert values("support_nli", *answers, entail=entail) == [0.9, 0.9, 0.2, None]
    assert calls == [[(DEPOT, "Where is the depot? Ravel"), (TOWER, "Where is the depot? Ravel")]]


def test_an_entailment_model_that_loses_pairs_is_an_error():
    with pytest.raises(ValueError, match="shorter"):
        scored(answer("Ravel"), entail=lambda pairs: [0.5])


@given(WORDS, st.lists(WORDS, max_size=4))
def test_support_is_a_share_that_more_passages_never_lower(said, passages):
    first, more = grounding.support_lexical(said, passages[:1]), grounding.support_lexical(said, passages)
    assert more is None or 0.0 <= more <= 1.0
    assert first is None or (more is not None and more >= first)
    assert (grounding.support_lexical(said, [said]) == 1.0) == bool(grounding.content_words(said))


@given(WORDS, st.lists(WORDS, min_size=1, max_size=4))
def test_the_supporting_passage_holds_the_share_that_support_tells(said, passages):
    best = grounding.supporting_passage(said, passages)
    support = grounding.support_lexical(said, passages)
    assert (best is None) == (not support)
    if best is not None:
        assert grounding.support_lexical(said, [passages[best]]) == support
        assert all(grounding.support_lexical(said, [other]) < support for other in passages[:best])

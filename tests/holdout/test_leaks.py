import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.errors import LeakageError
from lab.holdout.leaks import find_leaks, stop_on_exact
from lab.holdout.likeness import ShingleIndex, about_the_same, jaccard, near_pairs, normal_text, shingles, sketch
from lab.types import Evidence, Holdout, Question

LONG = "in which year did the mayor of the town open the old stone bridge over the river"


def ask(id_, text, *evidence, group=None, answers=("1850",), kind="span", document_id=None):
    return Question(id_, text, answers, kind, evidence, document_id=document_id, group=group)


def holdout(train, test, dev=(), track="question"):
    return Holdout(tuple(train), tuple(dev), tuple(test), track, "f" * 64)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Who built it?", "who  built it"),
        ("WHO built 'it'!", "Who built it"),
        ("well-known", "well known"),
        ("stra\u00dfe", "STRASSE"),
        ("\uff37ho", "who"),
    ],
)
def test_texts_that_are_equal_when_normalised(one, other):
    assert normal_text(one) == normal_text(other)


@pytest.mark.parametrize(("one", "other"), [("1.5 m", "15 m"), ("C#", "C"), ("5 %", "5"), ("???", "!!!")])
def test_texts_that_stay_different(one, other):
    assert normal_text(one) != normal_text(other)


def test_an_exact_leak_is_found_in_train_and_in_dev():
    leaks = find_leaks(holdout([ask("a", "Who built it?")], [ask("t", "who built it")], [ask("d", "Who built it!")]))
    assert [(leak.train_id, leak.test_id, leak.similarity) for leak in leaks.exact] == [
        ("a", "t", 1.0),
        ("d", "t", 1.0),
    ]
    assert "in train" in leaks.exact[0].why
    assert "in dev" in leaks.exact[1].why
    assert leaks.near == ()


def test_a_near_duplicate_about_the_same_span_is_a_leak():
    leaks = find_leaks(
        holdout([ask("a", LONG, Evidence("d", 0, 9))], [ask("t", f"{LONG} exactly", Evidence("d", 5, 20))])
    )
    # 17 words make 15 shingles, one more word makes 16.
    assert [(leak.train_id, leak.test_id) for leak in leaks.near] == [("a", "t")]
    assert leaks.near[0].similarity == pytest.approx(15 / 16)
    assert (leaks.exact, leaks.near_misses) == ((), 0)


@pytest.mark.parametrize("span", [Evidence("d", 9, 20), Evidence("e", 0, 9)])
def test_a_near_duplicate_about_another_fact_is_a_near_miss(span):
    leaks = find_leaks(holdout([ask("a", LONG, Evidence("d", 0, 9))], [ask("t", f"{LONG} exactly", span)]))
    assert (leaks.near, leaks.near_misses) == ((), 1)


def test_near_duplicates_without_evidence_are_leaks():
    assert len(find_leaks(holdout([ask("a", LONG)], [ask("t", f"{LONG} exactly")])).near) == 1


def test_refusals_modelled_on_different_documents_are_near_misses():
    leaks = find_leaks(
        holdout(
            [ask("a", LONG, answers=(), document_id="d")], [ask("t", f"{LONG} exactly", answers=(), document_id="e")]
        )
    )
    assert (leaks.near, leaks.near_misses) == ((), 1)


def test_wordings_of_one_group_are_intended_on_track_wording_only():
    train, test = [ask("a", LONG, group="g")], [ask("t", f"{LONG} exactly", group="g")]
    wording, question = find_leaks(holdout(train, test, track="wording")), find_leaks(holdout(train, test))
    assert (wording.near, wording.intended, wording.straddling_groups) == ((), 1, ())
    assert (len(question.near), question.intended, question.straddling_groups) == (1, 0, ("g",))


def test_equal_texts_of_one_group_are_exact_leaks_on_every_track():
    train, test = [ask("a", "Who built it", group="g")], [ask("t", "who built it?", group="g")]
    leaks = find_leaks(holdout(train, test, track="wording"))
    assert (len(leaks.exact), leaks.intended) == (1, 0)


@pytest.mark.parametrize(("one", "other", "near"), [("mayor who", "who mayor", 1), ("who", "when", 0), ("?", "!", 0)])
def test_texts_shorter_than_a_shingle_are_compared_by_their_words(one, other, near):
    assert len(find_leaks(holdout([ask("a", one)], [ask("t", other)])).near) == near


def test_given_splits_with_exact_leaks_stop_and_list_twenty_pairs():
    train = [ask(f"a{i}", f"who built number {i}") for i in range(25)]
    division = holdout(train, [ask(f"t{i}", f"Who built number {i}?") for i in range(25)])
    leaks = find_leaks(division)
    with pytest.raises(LeakageError, match=r"25 of 25 test questions[\s\S]*a0 = t0[\s\S]*and 5 more") as error:
        stop_on_exact(leaks, division, given=True)
    assert str(error.value).count(" = t") == 20
    stop_on_exact(leaks, division, given=False)


def test_given_splits_without_exact_leaks_do_not_stop():
    division = holdout([ask("a", LONG)], [ask("t", f"{LONG} exactly")])
    leaks = find_leaks(division)
    assert leaks.exact == ()
    stop_on_exact(leaks, division, given=True)


@pytest.mark.parametrize(
    ("text", "answers", "kind", "held"),
    [
        ("Was it opened in 1850 or later?", ("1850",), "span", True),
        ("Who was mayor when 'John Smith' built it?", ("john smith",), "span", True),
        ("Did 21850 people come?", ("1850",), "span", False),
        ("Is a red or a blue one meant?", ("red",), "span", False),
        ("Yes or no: is it open?", ("yes",), "yes-no", False),
        ("Is it certainly open?", ("certainly",), "yes-no", False),
        ("Who built it?", (), "unanswerable", False),
        ("Is it bridge four?", ("nothing", "bridge four"), "span", True),
    ],
)
def test_questions_that_hold_their_answer(text, answers, kind, held):
    leaks = find_leaks(holdout([ask("a", "else")], [ask("t", text, answers=answers, kind=kind)]))
    assert leaks.questions_holding_their_answer == (("t",) if held else ())


words = st.lists(st.sampled_from("abcd"), min_size=1, max_size=8).map(" ".join)


@given(st.lists(words, min_size=2, max_size=12))
def test_near_pairs_and_the_index_agree_with_comparing_all_pairs(texts):
    sketches = sketch(texts)
    expected = {
        (i, j) for j in range(len(texts)) for i in range(j) if jaccard(shingles(texts[i]), shingles(texts[j])) >= 0.8
    }
    found = near_pairs([ask(f"q{i}", text) for i, text in enumerate(texts)], sketches)
    assert {(pair.first, pair.second) for pair in found} == expected
    index = ShingleIndex(sketches)
    assert {(i, j) for j in range(len(texts)) for i in index.near(sketches[j]) if i < j} == expected


spans = st.one_of(st.just((None, None)), st.integers(0, 5).flatmap(lambda a: st.tuples(st.just(a), st.integers(a, 8))))
evidences = st.lists(st.builds(lambda d, s: Evidence(d, *s), st.sampled_from("de"), spans), max_size=2)


@given(evidences, evidences)
def test_being_about_the_same_has_no_direction(one, other):
    a, b = ask("a", "x", *one), ask("b", "x", *other)
    assert about_the_same(a, b) == about_the_same(b, a)

from collections import defaultdict
from dataclasses import replace
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lab.config import HoldoutConfig
from lab.errors import DataError
from lab.holdout.divide import divide
from lab.holdout.leaks import find_leaks
from lab.holdout.likeness import normal_text
from lab.types import Evidence, Holdout, Question

# The first example also pays for an import.
no_deadline = settings(deadline=None)
TRACKS = ("question", "wording", "document")
WORDS = ["lamp", "Bridge", "river", "mayor", "opened", "year", "stone"]


def ask(number, text=None, *, document=None, span=None, group=None, answers=("an answer",), split=None):
    evidence = (Evidence(document, *(span or (None, None))),) if document else ()
    text = text or f"question number {number} asks what"
    return Question(f"q{number}", text, answers, "span", evidence, group=group, split=split)


def sides(holdout: Holdout) -> dict[str, str]:
    return {q.id: side for side in ("train", "dev", "test") for q in getattr(holdout, side)}


def try_divide(questions, config) -> Holdout:
    try:
        return divide(questions, config)
    except DataError:
        assume(False)
        raise


def random_questions(seed: int) -> list[Question]:
    """Few documents, groups and words, so that questions are often equal, near, grouped or about one document."""
    random = Random(seed)
    texts = [" ".join(random.choices(WORDS, k=random.randint(2, 14))) for _ in range(30)]

    def text():
        return random.choice(texts) + random.choice(["", "?", " exactly"])

    def evidence():
        start = random.randrange(0, 40, 10)
        return Evidence(f"d{random.randrange(40)}", start, start + random.randint(1, 15))

    return [
        Question(
            f"q{number}",
            text(),
            random.choice([("yes it is",), ("it is not",), ()]),
            "span",
            tuple(evidence() for _ in range(random.choice([0, 1, 1, 1, 2]))),
            group=random.choice([None, f"g{random.randrange(20)}"]),
        )
        for number in range(random.randint(10, 50))
    ]


# One drawn integer, since drawing every field of every question would take longer than the tests.
question_lists = st.integers(0, 10**9).map(random_questions)
configs = st.builds(
    HoldoutConfig,
    track=st.sampled_from(TRACKS),
    test=st.sampled_from([0.2, 0.4]),
    dev=st.sampled_from([0.0, 0.2]),
    seed=st.integers(0, 50),
)


@given(question_lists, configs)
@no_deadline
def test_every_question_stands_on_exactly_one_side(questions, config):
    holdout = try_divide(questions, config)
    parts = [q.id for part in (holdout.train, holdout.dev, holdout.test) for q in part]
    assert sorted(parts) == sorted(q.id for q in questions)


@given(question_lists, configs, st.randoms(use_true_random=False))
@no_deadline
def test_the_order_of_the_input_changes_nothing(questions, config, random):
    holdout = try_divide(questions, config)
    shuffled = list(questions)
    random.shuffle(shuffled)
    assert divide(shuffled, config) == holdout


@given(question_lists, configs)
@no_deadline
def test_our_own_division_has_no_leaks(questions, config):
    leaks = find_leaks(try_divide(questions, config))
    assert (leaks.exact, leaks.near, leaks.straddling_groups) == ((), (), ())


@given(question_lists, configs)
@no_deadline
def test_equal_texts_never_straddle(questions, config):
    where = sides(try_divide(questions, config))
    by_text = defaultdict(set)
    for q in questions:
        by_text[normal_text(q.text)].add(where[q.id])
    assert all(len(found) == 1 for found in by_text.values())


@given(question_lists, configs)
@no_deadline
def test_documents_never_straddle_on_track_document(questions, config):
    where = sides(try_divide(questions, config.model_copy(update={"track": "document"})))
    by_document = defaultdict(set)
    for q in questions:
        for piece in q.evidence:
            by_document[piece.document_id].add(where[q.id])
    assert all(len(found) == 1 for found in by_document.values())


@given(question_lists, configs)
@no_deadline
def test_on_track_wording_a_group_tests_one_wording_and_trains_another(questions, config):
    holdout = try_divide(questions, config.model_copy(update={"track": "wording"}))
    held_out, trained = defaultdict(set), {q.group for q in holdout.train}
    for q in (*holdout.test, *holdout.dev):
        held_out[q.group].add(normal_text(q.text))
    assert None not in held_out
    assert all(len(texts) == 1 for texts in held_out.values())
    assert held_out.keys() <= trained


@given(st.data(), st.sampled_from(TRACKS), st.integers(0, 50))
@settings(max_examples=60)
def test_appended_data_moves_no_old_question(data, track, seed):
    def facts(start, stop):
        return [
            ask(
                3 * fact + wording,
                f"wording {wording} of fact {fact}",
                document=f"d{fact // 2}",
                span=(fact, fact + 1),
                group=f"g{fact}",
            )
            for fact in range(start, stop)
            for wording in range(data.draw(st.integers(1, 3)))
        ]

    # 25 facts end amid a document, so that appended questions also join old components.
    old = facts(0, 25)
    new = facts(25, 25 + data.draw(st.integers(1, 40)))
    config = HoldoutConfig(track=track, test=0.3, dev=0.2, seed=seed)
    before, after = sides(try_divide(old, config)), sides(divide(old + new, config))
    assert {id_: after[id_] for id_ in before} == before


def test_a_later_wording_joins_its_group_on_the_same_side():
    old = [ask(i, group=f"g{i}") for i in range(60)]
    late = [ask(100 + i, f"said otherwise {i}", group=f"g{i}") for i in range(60)]
    before, after = sides(divide(old, HoldoutConfig())), sides(divide(old + late, HoldoutConfig()))
    assert {id_: after[id_] for id_ in before} == before
    assert all(after[f"q{i}"] == after[f"q{100 + i}"] for i in range(60))


def test_ids_that_count_upwards_keep_their_component_s_key():
    text = "what is the name of the old stone bridge over the river that the mayor opened"
    old = [ask(i, f"{text} {i}", document=f"d{i}") for i in range(9, 90, 10)]
    late = [ask(10 * i + 100, f"{text} {i}", document=f"d{i}") for i in range(9, 90, 10)]
    config = HoldoutConfig(test=0.4, dev=0.0)
    before, after = sides(divide(old, config)), sides(divide(old + late, config))
    assert {id_: after[id_] for id_ in before} == before


@pytest.mark.parametrize("track", TRACKS)
def test_shares_are_about_as_asked(track):
    questions = [
        ask(i, f"wording {i % 4} of fact {i // 4}", document=f"d{i // 4}", group=f"g{i // 4}") for i in range(2000)
    ]
    holdout = divide(questions, HoldoutConfig(track=track, test=0.15, dev=0.05))
    assert len(holdout.test) / 2000 == pytest.approx(0.15, abs=0.04)
    assert len(holdout.dev) / 2000 == pytest.approx(0.05, abs=0.025)


@pytest.mark.parametrize("same_span", [True, False])
def test_near_duplicates_are_joined_where_they_are_about_the_same_span(same_span):
    text = "in which year did the mayor of the town open the old stone bridge number {} for {}"
    questions = [
        ask(i, text.format(i // 2, "carts" if i % 2 else "walkers"), document="d", span=(i // 2 * 9, i // 2 * 9 + 5))
        if same_span
        else ask(i, text.format(i // 2, "carts" if i % 2 else "walkers"), document=f"d{i}", span=(0, 9))
        for i in range(200)
    ]
    where = sides(divide(questions, HoldoutConfig()))
    straddling = any(where[f"q{i}"] != where[f"q{i + 1}"] for i in range(0, 200, 2))
    assert straddling is not same_span


def test_wordings_of_a_tested_fact_may_be_near_duplicates():
    text = "tell me please in which year did the mayor of town {} open the old stone bridge over the river {}"
    questions = [
        ask(i, text.format(i // 2, "now" if i % 2 else "then"), document=f"d{i // 2}", group=f"g{i // 2}")
        for i in range(100)
    ]
    holdout = divide(questions, HoldoutConfig(track="wording"))
    leaks = find_leaks(holdout)
    assert leaks.near == ()
    assert leaks.intended == len(holdout.test)


def test_near_duplicates_of_two_groups_about_one_span_stay_together_on_track_wording():
    text = "in which year did the mayor of the town open the old stone bridge number {} for {}"
    questions = []
    for i in range(60):
        about = {"document": "d", "span": (i * 9, i * 9 + 5)}
        first, second = f"first{i}", f"second{i}"
        questions += [
            ask(6 * i, text.format(i, "carts"), group=first, **about),
            ask(6 * i + 1, text.format(i, "riders"), group=first if i % 2 else second, **about),
            ask(6 * i + 2, text.format(i, "walkers"), group=second, **about),
            ask(6 * i + 3, f"other words {i}", group=first, **about),
            ask(6 * i + 4, f"more words {i}", group=second, **about),
        ]
    holdout = divide(questions, HoldoutConfig(track="wording", test=0.3))
    assert find_leaks(holdout).near == ()
    groups = [q.group for q in (*holdout.test, *holdout.dev)]
    assert len(groups) == len(set(groups)) > 20


def test_on_track_wording_single_wordings_are_trained_and_unanswerable_ones_go_like_others():
    pairs = [ask(i, group=f"g{i // 2}") for i in range(100)]
    single = [ask(200 + i, group=f"single{i}") for i in range(20)]
    refused = [ask(300 + i, group=f"refused{i // 2}", answers=()) for i in range(40)]
    where = sides(divide([*pairs, *single, *refused], HoldoutConfig(track="wording", test=0.4)))
    assert {where[q.id] for q in single} == {"train"}
    assert {where[q.id] for q in refused} >= {"train", "test"}


def test_multi_document_questions_join_their_documents():
    chain = [
        Question(f"q{i}", f"about {i}", ("x",), "multi-document", (Evidence(f"d{i}"), Evidence(f"d{i + 1}")))
        for i in range(30)
    ]
    with pytest.raises(DataError, match="share a document stay together"):
        divide(chain, HoldoutConfig(track="document"))


def test_given_splits_are_used_and_dev_is_taken_from_train():
    questions = [ask(i, split="test" if i < 30 else "train") for i in range(130)]
    holdout = divide(questions, HoldoutConfig(track="document", dev=0.2))
    assert [q.id for q in holdout.test] == [f"q{i}" for i in range(30)]
    assert 5 < len(holdout.dev) < 40
    assert len(holdout.train) + len(holdout.dev) == 100
    assert holdout.track == "document"
    assert divide(questions, HoldoutConfig(dev=0.0)).dev == ()


def test_a_given_dev_is_kept_as_it_is():
    questions = [ask(i, split=("train", "dev", "test")[i % 3]) for i in range(30)]
    assert {int(q.id[1:]) % 3 for q in divide(questions, HoldoutConfig()).dev} == {1}


def test_splits_for_some_questions_are_refused_with_their_names():
    questions = [ask(i, split="train" if i else None) for i in range(5)]
    with pytest.raises(DataError, match=r"1 of 5 have none[\s\S]*question q0: no split"):
        divide(questions, HoldoutConfig())


def test_repeated_ids_are_refused():
    with pytest.raises(DataError, match="question q1: 2 times"):
        divide([ask(1), ask(1, "another"), ask(2)], HoldoutConfig())


def test_an_empty_side_says_the_sizes_and_what_to_change():
    with pytest.raises(DataError, match=r"train 0, dev 0, test 0[\s\S]*holdout\.test"):
        divide([], HoldoutConfig())
    with pytest.raises(DataError, match=r"dev 0, test 0[\s\S]*groups with two or more"):
        divide([ask(i) for i in range(50)], HoldoutConfig(track="wording"))


def test_dev_may_be_empty_where_none_is_asked():
    assert divide([ask(i) for i in range(50)], HoldoutConfig(dev=0.0)).dev == ()


def test_limits_keep_what_they_kept_when_data_is_appended():
    config = HoldoutConfig(limit_train=20, limit_dev=5, limit_test=10)
    before = divide([ask(i) for i in range(150)], config)
    after = divide([ask(i) for i in range(300)], config)
    assert [len(part) for part in (before.train, before.dev, before.test)] == [20, 5, 10]
    everything = sides(divide([ask(i) for i in range(150)], HoldoutConfig()))
    assert all(everything[id_] == side for id_, side in sides(before).items())
    old = {q.id for q in after.train if int(q.id[1:]) < 150}
    assert old <= {q.id for q in before.train}


def test_a_training_limit_keeps_a_wording_of_every_tested_fact():
    questions = [ask(i, group=f"g{i // 3}") for i in range(600)]
    base = HoldoutConfig(track="wording", test=0.1, dev=0.05)
    tested = {q.group for q in divide(questions, base).test}
    limited = divide(questions, base.model_copy(update={"limit_train": len(tested)}))
    assert {q.group for q in limited.train} == tested
    everyone = tested | {q.group for q in limited.dev}
    assert {
        q.group for q in divide(questions, base.model_copy(update={"limit_train": len(everyone)})).train
    } == everyone


def test_the_fingerprint_names_sides_texts_and_answers():
    questions = [ask(i) for i in range(60)]
    same = divide(questions, HoldoutConfig()).fingerprint
    changed = [replace(questions[0], answers=("other",)), *questions[1:]]
    assert divide(questions, HoldoutConfig()).fingerprint == same
    assert divide(changed, HoldoutConfig()).fingerprint != same
    assert divide(questions, HoldoutConfig(seed=8)).fingerprint != same
    assert len(same) == 64

"""Training examples: RAFT's composition holds over many synthetic questions, and no example depends on another."""

import collections
import re

import pytest
from scipy.stats import binomtest, chisquare

from lab.methods.examples import GoldPassages, RaftInputs, closed_book_examples, raft_examples
from lab.methods.few_shot import choose_few_shot, pick_shots
from lab.methods.prompts import ABSTAIN, PromptStyle
from lab.training_config import RaftConfig
from lab.types import Evidence, Hit, Passage, Question

STYLE = PromptStyle("machines")
QUOTED = PromptStyle("machines", "quoted")
N_DOCUMENTS = 200


def passage(name: str, text: str) -> Passage:
    return Passage(name, name.split(":")[0], "Title", text, 0, len(text))


def document(number: int) -> list[Passage]:
    """Three passages: the second states the fact; the third repeats its end, as overlapping windows do."""
    return [
        passage(f"d{number}:0", f"Machine {number} stands in hall {number % 7}. It is old."),
        passage(f"d{number}:1", f"It was bought used. Its valve is set to code v{number} by the crew. It is grey."),
        passage(f"d{number}:2", f"v{number} by the crew. It is grey. Spare parts are kept."),
    ]


PASSAGES = [piece for number in range(N_DOCUMENTS) for piece in document(number)]
BY_ID = {piece.id: piece for piece in PASSAGES}


def question(number: int, of_document: int | None = None) -> Question:
    home = number % N_DOCUMENTS if of_document is None else of_document
    answers = (f"code v{home}",)
    return Question(f"q{number}", f"What is machine {home} set to?", answers, "span", (Evidence(f"d{home}"),))


def gold_of(home: int) -> GoldPassages:
    names = frozenset({f"d{home}:1", f"d{home}:2"})
    return GoldPassages(((BY_ID[f"d{home}:1"],),), (f"code v{home}",), names)


def hits_of(home: int) -> tuple[Hit, ...]:
    """Own document first (gold, overlap, wrong), then the next documents' passages."""
    near = [f"d{home}:1", f"d{home}:2", f"d{home}:0"]
    near += [f"d{(home + step) % N_DOCUMENTS}:{piece}" for step in (1, 2, 3) for piece in (0, 1, 2)]
    return tuple(Hit(BY_ID[name], 1.0, rank) for rank, name in enumerate(near, start=1))


def inputs(questions: list[Question], k: int = 4) -> RaftInputs:
    homes = {item.id: int(item.evidence[0].document_id[1:]) for item in questions if item.evidence}
    gold = {name: gold_of(home) for name, home in homes.items()}
    return RaftInputs(gold, {name: hits_of(home) for name, home in homes.items()}, PASSAGES, k)


def build(questions, config=None, style=STYLE, seed=1, k=4):
    return raft_examples(questions, style, config or RaftConfig(), inputs(questions, k), seed)


MANY = [question(number) for number in range(2000)]


@pytest.mark.parametrize("p", [0.0, 0.4, 0.8, 1.0])
def test_gold_is_present_with_probability_p(p):
    built = build(MANY, RaftConfig(p=p))
    present = sum(example.gold_present for example in built.examples)
    assert binomtest(present, len(MANY), p).pvalue > 1e-4
    assert built.counts["gold_present"] == present
    assert built.counts["gold_absent"] == len(MANY) - present


def test_every_prompt_holds_as_many_passages_and_none_twice():
    for example in build(MANY, k=4).examples:
        assert len(set(example.passage_ids)) == len(example.passage_ids) == 4
        assert example.messages[-1]["content"].count("<DOCUMENT>") == 4


def test_gold_stands_at_each_position_equally_often():
    places = collections.Counter(
        example.gold_positions[0] for example in build(MANY, k=4).examples if example.gold_present
    )
    assert sorted(places) == [0, 1, 2, 3]
    assert chisquare(list(places.values())).pvalue > 1e-4


def test_positions_name_the_golden_passages():
    for example in build(MANY[:200]).examples:
        golden = {f"d{int(example.question_id[1:]) % N_DOCUMENTS}:1"}
        assert {example.passage_ids[place] for place in example.gold_positions} == (golden & set(example.passage_ids))
        assert bool(example.gold_positions) == example.gold_present


@pytest.mark.parametrize("source", ["hard", "random", "mix"])
def test_distractors_never_touch_the_evidence(source):
    for example in build(MANY, RaftConfig(distractor_source=source)).examples:
        home = int(example.question_id[1:]) % N_DOCUMENTS
        assert f"d{home}:2" not in example.passage_ids
        assert (f"d{home}:1" in example.passage_ids) == example.gold_present


def test_where_distractors_come_from():
    def hard_share(source):
        shares = []
        for example in build(MANY, RaftConfig(distractor_source=source, p=1.0), k=5).examples:
            home = int(example.question_id[1:]) % N_DOCUMENTS
            near = {hit.passage.id for hit in hits_of(home)}
            distractors = [name for name in example.passage_ids if name != f"d{home}:1"]
            shares.append(sum(name in near for name in distractors) / len(distractors))
        return sum(shares) / len(shares)

    assert hard_share("hard") == 1.0
    assert hard_share("random") < 0.05
    assert 0.5 <= hard_share("mix") < 0.55


def test_hard_distractors_are_the_best_ranked_ones():
    example = build([question(0)], RaftConfig(distractor_source="hard", p=1.0), k=3).examples[0]
    assert set(example.passage_ids) == {"d0:1", "d0:0", "d1:0"}


def test_a_distractor_that_holds_an_answer_of_two_words_is_dropped_and_counted():
    # the hard negatives are d0:0, d1:0, d1:1, d1:2, d2:0; "It is grey" stands in the :1 and the :2
    two_words = Question("q0", "Which colour?", ("is GREY",), "span", (Evidence("d0"),))
    config = RaftConfig(distractor_source="hard", p=1.0)
    built = build([two_words], config, k=4)
    texts = [BY_ID[name].text for name in built.examples[0].passage_ids if name != "d0:1"]
    assert not any("is grey" in text for text in texts)
    assert built.counts["distractors_with_answer"] == 2
    one_word = Question("q0", "Which colour?", ("grey",), "span", (Evidence("d0"),))
    kept = build([one_word], config, k=4)
    assert kept.counts["distractors_with_answer"] == 0
    assert any("grey" in BY_ID[name].text for name in kept.examples[0].passage_ids if name != "d0:1")


def test_adding_questions_moves_nothing():
    few = build(MANY[:50]).examples
    many = {example.question_id: example for example in build(list(reversed(MANY[:400]))).examples}
    assert all(many[example.question_id] == example for example in few)


def test_another_seed_gives_other_prompts():
    assert build(MANY[:50], seed=1) == build(MANY[:50], seed=1)
    assert build(MANY[:50], seed=1).examples != build(MANY[:50], seed=2).examples


def test_an_unanswerable_question_is_taught_to_abstain():
    unanswerable = Question("u", "What colour is machine 9's owner?", (), "unanswerable")
    built = raft_examples([unanswerable], STYLE, RaftConfig(), RaftInputs({}, {}, PASSAGES, 4), 1)
    assert built.examples[0].target == ABSTAIN
    assert len(built.examples[0].passage_ids) == 4
    assert built.counts["no_gold_known"] == 1
    assert closed_book_examples([unanswerable], STYLE).examples[0].target == ABSTAIN


def test_more_golden_passages_take_distractors_places():
    both = Question("m", "Both codes?", ("code v3",), "multi-document", (Evidence("d3"), Evidence("d4")))
    units = ((BY_ID["d3:1"],), (BY_ID["d4:1"],))
    gold = GoldPassages(units, ("code v3", "code v4"), gold_of(3).touching | gold_of(4).touching)
    for k, n_passages in ((4, 4), (1, 2)):
        raft = RaftInputs({"m": gold}, {"m": hits_of(3)}, PASSAGES, k)
        config = RaftConfig(p=1.0) if k > 1 else RaftConfig(p=1.0, distractors=1)
        example = raft_examples([both], STYLE, config, raft, 1).examples[0]
        assert {"d3:1", "d4:1"} <= set(example.passage_ids)
        assert len(example.gold_positions) == 2
        assert len(example.passage_ids) == n_passages


def test_two_units_in_one_passage_show_it_once():
    gold = GoldPassages(((BY_ID["d3:1"],), (BY_ID["d3:1"],)), ("used", "grey"), frozenset({"d3:1", "d3:2"}))
    raft = RaftInputs({"q3": gold}, {"q3": hits_of(3)}, PASSAGES, 4)
    example = raft_examples([question(3)], STYLE, RaftConfig(p=1.0), raft, 1).examples[0]
    assert len(example.passage_ids) == 4
    assert example.passage_ids.count("d3:1") == 1


@pytest.mark.parametrize(
    ("policy", "reasoning", "target"),
    [
        ("answer", "none", "code v0"),
        ("abstain", "none", ABSTAIN),
        ("answer", "quoted", "##Reason: No quote is available. ##Answer: code v0"),
        ("abstain", "quoted", f"##Reason: No quote is available. ##Answer: {ABSTAIN}"),
        (
            "paper",
            "quoted",
            "##Reason: The document states ##begin_quote##Its valve is set to code v0 by the crew.##end_quote##. "
            "##Answer: code v0",
        ),
    ],
)
def test_the_target_without_the_golden_passage(policy, reasoning, target):
    config = RaftConfig(p=0.0, no_gold_target=policy, reasoning=reasoning)
    assert build([question(0)], config, PromptStyle("machines", reasoning)).examples[0].target == target


def test_every_quote_stands_word_for_word_in_a_golden_passage_of_its_prompt():
    quotes = 0
    for example in build(MANY[:400], RaftConfig(p=1.0, reasoning="quoted"), QUOTED).examples:
        quote = re.search("##begin_quote##(.*)##end_quote##", example.target)
        golden = [BY_ID[example.passage_ids[place]].text for place in example.gold_positions]
        quotes += quote is not None
        assert quote is None or any(quote[1] in text for text in golden)
    assert quotes == 400


def test_too_few_passages_are_counted():
    few = RaftInputs({"q0": gold_of(0)}, {}, document(0), 4)
    built = raft_examples([question(0)], STYLE, RaftConfig(p=1.0), few, 1)
    assert built.counts["too_few"] == 1
    assert set(built.examples[0].passage_ids) == {"d0:0", "d0:1"}


def test_closed_book_examples_show_no_passage():
    example = closed_book_examples([question(0)], STYLE).examples[0]
    assert (example.target, example.passage_ids) == ("code v0", ())
    assert "<DOCUMENT>" not in example.messages[-1]["content"]


def test_worked_examples_cover_kinds_and_do_not_move_when_questions_are_added():
    kinds = ["span", "number", "list"]
    train = [
        Question(f"q{n}", f"Ask {n}", (f"a{n}",), kinds[0] if n < 40 else kinds[n % 3], (Evidence("d1"),))
        for n in range(60)
    ]
    train += [Question(f"u{n}", f"Unanswerable {n}", (), "unanswerable") for n in range(2)]
    gold = {item.id: gold_of(1) for item in train if item.answers}
    nearest = {item.id: BY_ID["d9:0"] for item in train if not item.answers}
    shots = pick_shots(train, gold, nearest, 4, seed=7)
    kind_of = {item.text: item.kind for item in train}
    assert kind_of[shots[0].question] == "span"
    assert {kind_of[shot.question] for shot in shots} == {*kinds, "unanswerable"}
    assert [shot.passages for shot in shots if shot.answer == ABSTAIN] == [(BY_ID["d9:0"],)]
    assert shots == pick_shots(list(reversed(train)), gold, nearest, 4, seed=7)
    assert pick_shots(train, gold, nearest, 1, seed=7) == shots[:1]
    assert pick_shots(train[:60], {}, {}, 3, seed=7) == ()


def test_ranked_gold_puts_the_best_found_passage_of_each_unit_first():
    whole = GoldPassages((tuple(document(5)), tuple(document(6))))
    found = (Hit(BY_ID["d9:0"], 1.0, 1), Hit(BY_ID["d5:2"], 0.9, 2), Hit(BY_ID["d5:0"], 0.8, 3))
    ranked = whole.ranked(found)
    assert [passage.id for passage in ranked.units[0]] == ["d5:2", "d5:0", "d5:1"]
    assert [passage.id for passage in ranked.golden] == ["d5:2", "d6:0"]


def test_a_distractor_never_holds_the_call_that_is_asked_for():
    calls = [passage(f"c{number}:0", f"Card {number}. Call: load('a/b')") for number in range(30)]
    plain = [passage("p:0", "Card without it."), passage("p:1", "Another one.")]
    asked = Question("q", "How?", ("load('a/b')",), "call", (Evidence("c0"),))
    gold = GoldPassages(((calls[0],),), ("load('a/b')",), frozenset({"c0:0"}))
    built = RaftInputs({"q": gold}, {}, [*calls, *plain], 3)
    made = raft_examples([asked], STYLE, RaftConfig(p=0.0), built, 1)
    assert set(made.examples[0].passage_ids) <= {"p:0", "p:1"}


def test_worked_examples_show_as_many_labels_as_they_can():
    train = [Question(f"q{n}", "Is it?", (("yes", "yes", "yes", "no", "maybe")[n % 5],), "label") for n in range(50)]
    gold = {item.id: gold_of(1) for item in train}
    assert {shot.answer for shot in pick_shots(train, gold, {}, 3, seed=7)} == {"yes", "no", "maybe"}
    assert pick_shots(train, gold, {}, 1, seed=7)[0].answer == "yes"


class Fixed:
    """Answers that carry the number of worked examples; the score below is made of it."""

    def __init__(self, count: int) -> None:
        self.count = count

    def answer(self, queries):
        return [(self.count, query.id) for query in queries]


@pytest.mark.parametrize(("with_shots", "shots"), [((0.4, None), 3), ((0.4, 0.1), 0), ((None, None), 0)])
def test_a_question_without_a_primary_score_is_no_zero_in_the_choice(with_shots, shots):
    dev = [Question("a", "Is it?", ("yes",), "label"), Question("b", "When?", ("seven",), "span")]
    scores = {(3, "a"): with_shots[0], (3, "b"): with_shots[1], (0, "a"): 0.3}
    choice = choose_few_shot(dev, lambda method, count: Fixed(count), ["rag"], lambda found, asked: scores.get(found))
    assert choice.shots == shots

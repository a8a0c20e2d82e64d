"""Each check of texts, answers and counts, on data whose faults are known by hand."""

import pytest
from quality_world import corpus, document, holdout, many, question, severities

from lab.quality.contamination import contamination
from lab.quality.duplicates import duplicate_documents, duplicate_questions
from lab.quality.evidence import evidence_faults, holds_an_answer
from lab.quality.finding import Finding, Quality, part, some, verb, worst_first
from lab.quality.labels import class_balance
from lab.quality.language import languages, open_detector
from lab.quality.lengths import Limits, length_outliers
from lab.quality.missing import is_null_like, missing_values
from lab.quality.size import Power, synthetic_share, too_few
from lab.types import Estimate, Evidence

WORDS = [f"word{number}" for number in range(300)]
NO_LIMITS = Limits(max_new=None, context=None, encoder=10_000, passage=0, prompt=0)


def by_sentence(findings, words):
    (one,) = [found for found in findings if words in found.sentence]
    return one


def test_amounts_and_verbs_agree() -> None:
    assert [some(1, "address"), some(2, "address"), some(1190, "question")] == [
        "1 address",
        "2 addresses",
        "1,190 questions",
    ]
    assert [part(1, 1, "document"), part(2, 2, "document"), part(1, 3, "document")] == [
        "1 of 1 document", "all 2 documents", "1 of 3 documents",
    ]  # fmt: skip
    assert [verb(1, "have"), verb(0, "have"), verb(1, "repeat"), verb(2, "are")] == ["has", "have", "repeats", "are"]


def test_errors_come_first_and_examples_are_safe_to_show() -> None:
    found = [
        Finding("a", "note", 1, 1, "n"),
        Finding("b", "error", 1, 1, "e", ("x\ny", "z" * 99)),
        Finding("c", "warning", 1, 1, "w1"),
        Finding("d", "warning", 1, 1, "w2"),
    ]
    ordered = worst_first(found)
    assert [one.sentence for one in ordered] == ["e", "w1", "w2", "n"]
    assert ordered[0].examples == ("x y", "z" * 57 + "...")
    assert [one.check for one in Quality(ordered, ()).of("error", "note")] == ["b", "a"]


def test_what_is_missing_is_counted_with_its_ids() -> None:
    documents = [document("d"), document("empty", " \n"), document("untitled", title=""), document("unasked")]
    questions = [
        question("good"),
        question("untitled", evidence=(Evidence("untitled"),)),
        question("modelled", answers=(), evidence=(), kind="unanswerable", document_id="empty"),
        question("hollow", answers=["", "x"]),
        question("null", answers=["N/A"]),
        question("loose", evidence=()),
        question("blank", text="  "),
    ]
    found = missing_values(corpus(documents, questions), questions)
    assert [(one.severity, one.examples, one.of) for one in found] == [
        ("error", ("empty",), 4),
        ("note", ("untitled",), 4),
        ("note", ("unasked",), 4),
        ("error", ("blank",), 7),
        ("error", ("hollow",), 7),
        ("warning", ("null",), 7),
        ("warning", ("loose",), 7),
    ]
    assert missing_values(corpus(documents[:1], questions[:1]), questions[:1]) == []
    messages = many("m", 5, kind="label", evidence=())
    assert severities(missing_values(corpus(documents[:1], questions[:1]), messages)) == [("note", 5)]


@pytest.mark.parametrize(
    ("answer", "text", "kind", "null_like"),
    [
        ("TODO", "TODO", "span", True),
        (" n/a ", "", "span", True),
        ("unknown", "The sailor is unknown.", "span", False),
        ("unknown", "The sailor is Ann.", "span", True),
        ("none", "", "label", False),
        ("-", "5 - 3", "span", False),
        ("Nan Goldin", "", "span", False),
    ],
)
def test_none_and_unknown_are_answers_where_the_evidence_says_so(answer, text, kind, null_like) -> None:
    asked = question("q", answers=[answer], kind=kind, evidence=(Evidence("d", 0, 99),))
    assert is_null_like(asked, {"d": text}) is null_like


def test_repeated_reworded_and_contradicting_questions() -> None:
    questions = [
        question("a", "How long do pads last?"),
        question("b", "how long do  pads last"),  # the same but for case, spaces and closing punctuation
        question("c", "How long do pads last?", ["never"]),
        question("d", "For how long do pads last?"),
        question("e", "Since when?", group="g"),
        question("f", "Since when, please?", group="g"),
    ]
    near = [("a", "b"), ("a", "d"), ("e", "f")]
    clash, again, reworded = duplicate_questions(questions, near, [["a", "c"], ["b", "c"]])
    assert (clash.severity, clash.count, clash.examples) == ("warning", 2, ("a", "c", "b", "c"))
    assert (again.severity, again.examples, again.of) == ("warning", ("b",), 6)
    assert (reworded.severity, reworded.examples) == ("note", ("d",)), "wordings of one group are meant"
    assert duplicate_questions(many("q", 3), [], []) == []


def test_equal_documents_are_not_counted_twice() -> None:
    one, other = " ".join(WORDS[:104]), " ".join([*WORDS[:100], *WORDS[200:204]])
    equal, near = duplicate_documents([document("a", one), document("b", f" {one.upper()} "), document("c", other)])
    assert (equal.severity, equal.examples, equal.of) == ("warning", ("b",), 3)
    assert (near.severity, near.examples) == ("warning", ("a", "c"))


def test_labels_too_frequent_too_rare_and_in_the_test_alone() -> None:
    def labelled(side, *counts):
        return [
            question(f"{side}-{label}-{number}", answers=[label], kind="label")
            for label, count in counts
            for number in range(count)
        ]

    train = labelled("train", ("Refund", 40), ("repair", 4))
    test = labelled("test", ("refund", 45), ("repair", 5), ("praise", 5))
    majority, unseen, rare = class_balance(holdout(train, test=test))
    assert (majority.severity, majority.count, majority.of) == ("warning", 45, 55)
    assert "82" in majority.sentence and "refund" in majority.sentence
    assert (unseen.severity, unseen.examples) == ("warning", ("praise",))
    assert (rare.examples, rare.of) == (("repair: 4 train, 5 test",), 3)
    balanced = holdout(labelled("a", ("yes", 9), ("no", 9)), test=labelled("b", ("yes", 9), ("no", 9)))
    assert severities(class_balance(balanced)) == [("note", 9)]
    free = [question(f"q{number}", answers=[f"a sentence {number}"], kind="label") for number in range(30)]
    assert "look like free answers" in class_balance(holdout(free, test=free))[0].sentence


def test_kinds_with_few_test_questions() -> None:
    test = [*many("span", 6), *many("number", 4, kind="number")]
    (found,) = class_balance(holdout(test=test))
    assert (found.severity, found.examples, found.of) == ("note", ("number: 4 test",), 2)
    assert class_balance(holdout(test=many("number", 4, kind="number"))) == [], "one kind alone has no slices"


def test_lengths_are_compared_with_what_models_read_and_write() -> None:
    limits = Limits(max_new=2, context=100, encoder=8, passage=80, prompt=10)
    questions = [
        question("fits", "one two three", ["1 2", "1 2 3"]),
        question("long answer", "one", ["1 2 3"]),
        question("long", "w " * 9, ["1"]),  # 100 - 2 - 80 - 10 leave 8 words
    ]
    found = length_outliers(
        corpus([document("d", "w " * 50)]), questions, questions, limits, lambda text: len(text.split())
    )
    assert [(one.severity, one.examples) for one in found] == [
        ("warning", ("long answer",)),
        ("error", ("long",)),
        ("warning", ("long",)),
    ]


def test_documents_far_from_all_others() -> None:
    documents = [document(f"d{number}", "w " * 30) for number in range(9)]
    odd = [document("short", "w " * 19), document("long", "w " * 3_001), document("empty", "")]
    found = length_outliers(corpus([*documents, *odd]), [], [], NO_LIMITS, len)
    assert [(one.severity, one.examples) for one in found] == [("note", ("short",)), ("warning", ("long",))]
    assert length_outliers(corpus(documents), [], [], NO_LIMITS, len) == []


@pytest.mark.parametrize(
    ("answer", "text", "kind", "holds"),
    [
        ("400 hours", "They last 400\n Hours.", "span", True),
        ("four hundred", "They last 400 hours.", "span", False),
        ("1,200", "of 1200 people", "number", True),
        ("1200", "of 1,200 people", "number", True),
        ("120", "of 1200 people", "number", False),
        ("art", "They part here.", "span", False),
        ("red, blue and green", "Green, then blue, then red.", "list", True),
        ("red, blue and green", "Green, then blue.", "list", False),
        ("%", "in %", "span", True),
    ],
)
def test_an_answer_stands_in_its_evidence(answer, text, kind, holds) -> None:
    assert holds_an_answer(question("q", answers=[answer], kind=kind), {"d": text}) is holds


def test_evidence_that_lacks_its_answer_or_is_far_longer() -> None:
    text = " ".join(WORDS)
    questions = [
        question("absent", answers=["nowhere"]),
        question("wide", answers=["word1"], evidence=(Evidence("d", 0, len(text)),)),
        question("narrow", answers=["word1"], evidence=(Evidence("d", 0, 20),)),
        question("whole", answers=["word1"]),
        question("label", answers=["nowhere"], kind="label"),
        question("free", answers=["nowhere"], kind="free"),
    ]
    absent, wide = evidence_faults(corpus([document("d", text)]), questions)
    assert (absent.severity, absent.examples, absent.of) == ("warning", ("absent",), 4)
    assert (wide.severity, wide.examples) == ("note", ("wide",))


ENGLISH = "The pads of the brake have to be replaced after four hundred hours of operation, as the handbook says."
GERMAN = "Die Bremsbeläge müssen nach vierhundert Betriebsstunden ersetzt werden, so steht es im Handbuch."


def test_languages_of_documents_and_questions() -> None:
    detect = open_detector()
    assert detect is not None
    documents = [document(f"e{number}", ENGLISH) for number in range(3)]
    asked = [
        question("same", "After how many hours of operation are the pads replaced?", evidence=(Evidence("e0"),)),
        question("short", "Wie oft?", evidence=(Evidence("e0"),)),
    ]
    (note,) = languages(corpus(documents), asked, detect, ["minilm"])
    assert (note.severity, note.sentence) == ("note", "Documents by language: English 3.")
    foreign = [
        question(
            f"q{number}", "Nach wie vielen Betriebsstunden werden die Bremsbeläge ersetzt?", evidence=(Evidence("e0"),)
        )
        for number in range(3)
    ]
    found = by_sentence(languages(corpus(documents), foreign, detect, []), "in another language")
    assert (found.severity, found.count, found.of) == ("warning", 3, 3)


def test_documents_that_the_models_cannot_read() -> None:
    detect = open_detector()
    assert detect is not None
    german = [document(f"g{number}", GERMAN) for number in range(9)]
    error = by_sentence(languages(corpus(german), [], detect, ["minilm", "smollm2-135m"]), "not in English")
    assert (error.severity, error.count) == ("error", 9)
    assert "minilm and smollm2-135m were trained on English" in error.sentence
    mixed = languages(corpus([*german, document("e", ENGLISH)]), [], detect, [])
    assert (mixed[0].severity, mixed[0].examples) == ("warning", ("e",))
    assert len(mixed) == 1, "other models may read them"


def test_a_test_too_small_is_an_error_where_it_shows_nothing() -> None:
    sides = holdout(test=many("q", 10))
    assert too_few(sides, Power(0.02, 0.03, 0, 0)) == []
    (small,) = too_few(sides, Power(0.19, 0.03, 4051, 3160))
    assert small.severity == "warning" and "0.19, not the margin of 0.03" in small.sentence
    assert "4,051 more questions from 3,160 more documents" in small.advice
    assert too_few(sides, Power(0.3, 0.03, 4051, 3160))[0].severity == "error"


def test_synthetic_questions_are_counted_by_side_and_maker() -> None:
    test = [*many("a", 3, synthetic="cloze"), *many("b", 1)]
    train = [*many("c", 2, synthetic="template"), *many("d", 2, synthetic="cloze"), *many("e", 4)]
    warning, note = synthetic_share(holdout(train, test=test))
    assert (warning.severity, warning.count, warning.of) == ("warning", 3, 4)
    assert warning.sentence == "3 of 4 test questions were written by cloze from the passages: this favours retrieval."
    assert (note.severity, note.count, note.of) == ("note", 4, 8)
    assert synthetic_share(holdout(many("a", 3), test=many("b", 3))) == []
    (all_of_them,) = synthetic_share(holdout(test=many("a", 80, synthetic="cloze")))
    assert all_of_them.sentence.startswith("All 80 test questions were written by cloze ")


def test_what_the_base_model_knew_is_compared_with_chance() -> None:
    assert contamination(Estimate(None, None, None, 0, 5)) == []
    (little,) = contamination(Estimate(0.1, 0.05, 0.15, 200, 0))
    assert (little.severity, little.count, little.of) == ("note", 20, 200)
    (much,) = contamination(Estimate(0.4, 0.3, 0.5, 200, 0))
    assert much.severity == "warning" and "40" in much.sentence
    (labels,) = contamination(Estimate(0.6, 0.5, 0.7, 200, 0), 0.55)
    assert labels.severity == "note" and "no more than always giving" in labels.sentence
    assert "more than always giving" in contamination(Estimate(0.7, 0.6, 0.8, 200, 0), 0.55)[0].sentence

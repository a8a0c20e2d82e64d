"""From passages to accepted questions, with a teacher that follows a script."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from scripted_teacher import PARTS, Scripted, fair_question, right_answer, rows, run, shown, write_corpus

from lab.corpus.jsonl import read_jsonl
from lab.corpus.source import Source
from lab.synthesis import filters
from lab.synthesis.pipeline import Plan
from lab.synthesis.standing import Standing
from lab.synthesis.tally import total
from lab.types import Evidence, Passage, Question

PLAIN = Plan(per_passage=2, wordings=1, unanswerable=0.0)
HUMAN = '{"id":"h1",  "question": "Who paints the Arven hoist?", "answers": [], "kind": "unanswerable", "evidence": []}'


def reasons(made):
    return total(made.store.rounds)["rejected"]


def test_accepted_questions_quote_their_evidence(tmp_path: Path) -> None:
    config = write_corpus(tmp_path)
    run(config, PLAIN, Scripted())
    corpus = read_jsonl(Source(config.corpus, config.name))
    texts = {document.id: document.text for document in corpus.documents}
    assert len(corpus.questions) == 2 * len(PARTS)
    for question in corpus.questions:
        (piece,) = question.evidence
        assert texts[piece.document_id][piece.start : piece.end] == question.answers[0]
        assert question.synthetic == "scripted"
        assert question.id == f"{piece.document_id}/{piece.start}-{piece.end}/1"


def test_a_question_that_somebody_left_without_evidence_is_in_no_passage() -> None:
    standing, passage = Standing(), Passage("d#0", "d", "", "Text.", 0, 5)
    standing.add(Question("q", "Which?", ("Text",), "span", (), document_id="d", synthetic="cloze"))
    standing.add(Question("r", "What?", ("Text",), "span", (Evidence("d", 0, 4),), synthetic="cloze"))
    assert list(standing.within(passage)) == ["r"]
    assert standing.answerable == 2


def test_the_same_call_again_adds_nothing_and_asks_nobody(tmp_path: Path) -> None:
    config = write_corpus(tmp_path)
    run(config, PLAIN, Scripted())
    before = (tmp_path / "questions.jsonl").read_bytes()
    again = Scripted()
    run(config, PLAIN, again)
    assert (tmp_path / "questions.jsonl").read_bytes() == before
    assert again.asked == []


def test_more_facts_of_a_passage_are_added_to_those_that_stand(tmp_path: Path) -> None:
    config = write_corpus(tmp_path)
    run(config, PLAIN, Scripted())
    before = (tmp_path / "questions.jsonl").read_bytes()
    run(config, Plan(per_passage=3, wordings=1, unanswerable=0.0), Scripted())
    after = (tmp_path / "questions.jsonl").read_bytes()
    assert after.startswith(before)
    assert len(rows(tmp_path)) == 3 * len(PARTS)
    assert len({row["group"] for row in rows(tmp_path)}) == 3 * len(PARTS)


def test_the_limit_counts_earlier_calls_and_raising_it_goes_on(tmp_path: Path) -> None:
    config = write_corpus(tmp_path)
    for limit in (5, 5, 9):
        run(config, Plan(per_passage=2, wordings=1, limit=limit, unanswerable=0.0), Scripted())
        assert len(rows(tmp_path)) == limit


def test_what_people_wrote_stays_byte_for_byte(tmp_path: Path) -> None:
    config = write_corpus(tmp_path, HUMAN)  # without a line feed at its end
    run(config, PLAIN, Scripted())
    assert (tmp_path / "questions.jsonl").read_text().startswith(f"{HUMAN}\n{{")
    assert len(rows(tmp_path)) == 1 + 2 * len(PARTS)


def test_a_question_that_a_person_asked_is_not_asked_again(tmp_path: Path) -> None:
    asked = {"id": "h", "question": fair_question("Brolt", "418 kilograms"), "answers": ["418 kilograms"]}
    evidence = [{"document": "brolt", "start": 25, "end": 38}]
    config = write_corpus(tmp_path, json.dumps({**asked, "evidence": evidence}) + "\n")
    made = run(config, Plan(per_passage=3, wordings=1, unanswerable=0.0), Scripted())
    assert reasons(made)[filters.REPEATED] >= 1
    assert sum("Brolt hoist" in row["question"] for row in rows(tmp_path)) == 1


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        (lambda part, answer: f"Does the {part} hoist weigh {answer} when empty?", filters.LEAKS),
        (lambda part, answer: "", filters.EMPTY),
        (lambda part, answer: f"Who sold the {part} submarine to pirates yesterday?", filters.STRANGE),
        (lambda part, answer: "What does it weigh when empty?", filters.ALONE),
        (lambda part, answer: "How much does every hoist weigh when empty?", filters.ELSEWHERE),
    ],
)
def test_each_fault_has_its_reason(tmp_path: Path, question, reason) -> None:
    teacher = Scripted()
    teacher.questions = question
    made = run(write_corpus(tmp_path), PLAIN, teacher)
    assert not any(row["synthetic"] == "scripted" for row in rows(tmp_path))
    assert any(found.startswith(reason) for found in reasons(made))
    kept = [json.loads(line) for line in (tmp_path / ".work/synthesis/rejected.jsonl").read_text().splitlines()]
    assert sum(row["maker"] == "scripted" for row in kept) > 0


def test_an_answer_that_the_passage_does_not_give_is_turned_down(tmp_path: Path) -> None:
    teacher = Scripted()
    teacher.reads = lambda prompt: "412 kilograms" if "Arven" in prompt.text else "NOT_FOUND"  # 411 would be right
    made = run(write_corpus(tmp_path), PLAIN, teacher)
    assert rows(tmp_path) == []
    assert reasons(made)[filters.UNREAD] > 0


def test_what_the_teacher_knows_without_the_passage_is_turned_down(tmp_path: Path) -> None:
    teacher = Scripted()
    teacher.remembers = lambda question: "in 1952" if "Corda gearbox" in question else "NOT_FOUND"
    made = run(write_corpus(tmp_path), Plan(per_passage=3, wordings=1, unanswerable=0.0), teacher)
    assert reasons(made)[filters.KNOWN] == 1
    assert not any("Corda gearbox" in row["question"] for row in rows(tmp_path))
    assert any("Dimra gearbox" in row["question"] for row in rows(tmp_path))


def test_wordings_share_a_group_and_pass_the_same_filters(tmp_path: Path) -> None:
    teacher = Scripted()
    teacher.rewords = lambda question: (
        f"{question[:-1].replace('How many', 'What number of')}, and how much is 411 kilograms?"
        if "Arven hoist" in question
        else question.replace("How many", "What number of").replace("In which year", "When")
    )
    run(write_corpus(tmp_path), Plan(per_passage=3, wordings=2, unanswerable=0.0), teacher)
    groups: dict[str, list[tuple[str, str]]] = {}
    for row in rows(tmp_path):
        groups.setdefault(row["group"], []).append((row["question"], row["synthetic"]))
    assert all(len({question for question, _ in questions}) == 2 for questions in groups.values())
    # The teacher's wording of one fact gave its answer away, so the rules' stands there.
    assert [wordings[1] for wordings in groups.values() if "Arven hoist" in wordings[0][0]] == [
        ("What number of kilograms does the Arven hoist weigh?", "template")
    ]
    assert sum(maker == "template" for wordings in groups.values() for _, maker in wordings) == 1
    assert {row["id"].rsplit("/", 1)[1] for row in rows(tmp_path)} == {"1", "2"}


def test_a_killed_call_ends_in_the_same_file_as_an_unbroken_one(tmp_path: Path) -> None:
    plan = Plan(per_passage=2, wordings=1, unanswerable=0.2)
    run(write_corpus(tmp_path / "unbroken"), plan, Scripted())
    whole = (tmp_path / "unbroken" / "questions.jsonl").read_bytes()
    for prompts in (0, 1, 7, 14, 25):
        folder = tmp_path / str(prompts)
        config = write_corpus(folder)
        with pytest.raises(KeyboardInterrupt):
            run(config, plan, Scripted(fails_after=prompts))
        run(config, plan, Scripted())
        assert (folder / "questions.jsonl").read_bytes() == whole


def test_rules_alone_need_no_teacher(tmp_path: Path) -> None:
    config = write_corpus(tmp_path)
    sheet = {"id": "sheet", "title": "K4 cabin data sheet", "text": "Weight: 436 kilograms\nDoors: two, sliding"}
    with (tmp_path / "documents.jsonl").open("a") as file:
        file.write(json.dumps(sheet) + "\n")
    run(config, PLAIN, None)
    assert {row["synthetic"] for row in rows(tmp_path)} <= {"cloze", "template"}
    assert ["436 kilograms"] in [row["answers"] for row in rows(tmp_path)]


def test_counts_add_up(tmp_path: Path) -> None:
    made = run(write_corpus(tmp_path), Plan(per_passage=2, wordings=1, unanswerable=0.2), Scripted())
    found = total(made.store.rounds)
    spare = sum(maker[filters.NOT_NEEDED] for maker in found["makers"].values())
    assert found["proposals"] == found["accepted"] + spare + sum(found["rejected"].values())
    assert found["accepted"] == sum(bool(row["answers"]) for row in rows(tmp_path))
    assert found["kinds"].get("unanswerable", 0) == sum(not row["answers"] for row in rows(tmp_path))
    assert found["stages"]["reading"]["entered"] >= found["stages"]["memory"]["entered"]


@pytest.mark.parametrize("wordings", [1, 2])
@pytest.mark.parametrize("limit", [3, 5, 400])
@pytest.mark.parametrize("scripted", [True, False])
def test_what_was_proposed_passed_or_was_turned_away(tmp_path: Path, wordings: int, limit: int, scripted: bool) -> None:
    """Wordings beyond those that are wanted, and those beyond the limit, have passed all the same."""
    teacher = Scripted() if scripted else None
    if teacher is not None:
        teacher.rewords = lambda question: question.replace("How many", "What number of").replace("In which", "What")
    config = write_corpus(tmp_path)
    towers = [
        {"id": f"t{n}", "title": f"{name} tower", "text": f"The {name} tower was built in {1951 + n}."}
        for n, name in enumerate(("Norvel", "Ostry", "Pemb", "Quill"))
    ]
    with (tmp_path / "documents.jsonl").open("a") as file:
        file.writelines(json.dumps(tower) + "\n" for tower in towers)
    made = run(config, Plan(per_passage=1, wordings=wordings, limit=limit, unanswerable=0.0), teacher)
    found = total(made.store.rounds)
    assert found["proposals"] == found["passed"] + sum(found["rejected"].values()) > 0
    assert found["accepted"] == len(rows(tmp_path))
    for maker, counts in found["makers"].items():
        away = sum(one["maker"] == maker for one in rejected(tmp_path))
        assert counts["proposed"] == counts["accepted"] + counts[filters.NOT_NEEDED] + away


def rejected(folder: Path) -> list[dict[str, str]]:
    file = folder / ".work/synthesis/rejected.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.is_file() else []


def test_unanswerable_questions_name_things_of_which_no_document_says_that(tmp_path: Path) -> None:
    """Every crane tells its weight, so none can be asked of another crane; what one alone tells can."""
    config = write_corpus(tmp_path)
    lines = (tmp_path / "documents.jsonl").read_text().splitlines()
    first = json.loads(lines[0])
    first["text"] += " Painters give the Arven jib a coat of varnish every 14 months."
    (tmp_path / "documents.jsonl").write_text("\n".join([json.dumps(first), *lines[1:]]) + "\n")
    teacher = Scripted()
    teacher.questions = lambda part, answer: (
        f"After how many months do painters give the {part} jib a coat of varnish?"
        if "months" in answer
        else fair_question(part, answer)
    )
    teacher.reads = lambda prompt: (
        ("14 months" if "Arven" in shown(prompt, "Question") else "NOT_FOUND")
        if "varnish" in shown(prompt, "Question")
        else right_answer(shown(prompt, "Question"), shown(prompt, "Text"))
    )
    run(config, Plan(per_passage=4, wordings=1, unanswerable=0.4), teacher)
    made = [row for row in rows(tmp_path) if not row["answers"]]
    assert len(made) == 1
    assert "varnish" in made[0]["question"] and "Arven" not in made[0]["question"]
    named = next(part for part in PARTS if part in made[0]["question"])
    (fact,) = {row["group"] for row in rows(tmp_path) if "varnish" in row["question"] and row["answers"]}
    assert made[0]["group"] == f"{fact}/unanswerable/{named}"
    # Before that, the teacher has read the passage of the fact and the one that names the other crane.
    read = [shown(one, "Text") for one in teacher.asked if shown(one, "Question") == made[0]["question"]]
    assert any("Arven jib" in text for text in read) and any(f"{named} hoist" in text for text in read)
    assert made[0]["evidence"] == [] and made[0]["document"] == "arven" and made[0]["kind"] == "unanswerable"

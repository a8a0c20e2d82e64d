"""APIBench as it comes: cards, two layouts of instructions, sets with and without a train file."""

import json
from pathlib import Path
from typing import Any

import pytest
from small_world import read_at

from lab.corpus.passages import cut_passages
from lab.errors import DataError
from lab.types import Corpus

BARK = "zoo.load(repo='kennel/bark', model='bark_s', pretrained=True)"
PURR = "zoo.load(repo='cattery/purr', 'purr', model='purr_l')"  # as in the real files, this is no Python


def card(call: str, name: str = "Bark", **values: Any) -> dict[str, Any]:
    return {
        "domain": "Audio",
        "framework": "Zoo",
        "functionality": "Sound classification",
        "api_name": name,
        "api_call": call,
        "api_arguments": {"pretrained": "True", "rate": 16000, "labels": ["a", "b"]},
        "python_environment_requirements": ["zoo", "N/A"],
        "example_code": ["import zoo", " model = zoo.load('kennel/bark')"],
        "performance": {"dataset": "N/A", "accuracy": {"top_1": 74.5, "top_5": None}},
        "description": "Tells barks apart.",
        **values,
    }


CARDS = [card(BARK), card(PURR, "Purr / v2", functionality=" "), card(BARK, "Bark", description="Barks again.")]


def marked(instruction: str, own: dict[str, Any]) -> dict[str, Any]:
    code = f"###Instruction: {instruction}\n###Output: {{'domain': 'Audio'}}\n"
    return {"code": code, "api_call": own["api_call"], "provider": "Zoo", "api_data": own}


def braced(instruction: str, own: dict[str, Any]) -> dict[str, Any]:
    code = f"{{'Instruction': {instruction}, 'Output': {{'domain': 'Audio', 'api_call': \"m = f('x')\"}}}}"
    return {"code": code, "api_call": own["api_call"], "provider": "Zoo", "api_data": own}


def write(folder: Path, cards: Any, eval: Any, train: Any = None, prefix: str = "zoo") -> Path:
    folder.mkdir(exist_ok=True)
    for name, rows in (("hub_api.jsonl", cards), ("_eval.json", eval), ("_train.json", train)):
        if rows is not None:
            text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            (folder / f"{prefix}{name}").write_text(text, encoding="utf-8")
    return folder


def read(folder: Path, cards: Any = CARDS, eval: Any = (), train: Any = None, prefix: str = "zoo") -> Corpus:
    return read_at(write(folder, cards, eval, train), "apibench", prefix=prefix)


def texts(folder: Path, *codes: str) -> list[str]:
    rows = [{"code": code, "api_call": BARK, "api_data": CARDS[0]} for code in codes]
    return [question.text for question in read(folder, eval=rows).questions]


def test_a_card_becomes_plain_text_with_the_call_first(tmp_path: Path) -> None:
    first, second, third = read(tmp_path, eval=[marked("Bark?", CARDS[0])]).documents
    assert first.text.split("\n") == [
        f"Call: {BARK}",
        "Tells barks apart.",
        "API: Bark",
        "Domain: Audio",
        "Framework: Zoo",
        "Arguments: pretrained: True, rate: 16000, labels: a, b",
        "Requirements: zoo",
        "Performance: accuracy (top_1: 74.5)",
        "Example: import zoo",
        " model = zoo.load('kennel/bark')",
    ]
    assert first.metadata == {"domain": "Audio", "api_name": "Bark", "call": BARK}
    assert (first.title, second.title) == ("Sound classification", "Purr / v2")
    assert [first.id, second.id, third.id] == ["bark-1", "purr-v2-1", "bark-2"]


def test_values_of_any_shape_become_text_and_missing_ones_leave_no_line(tmp_path: Path) -> None:
    odd = card(
        BARK,
        functionality=["Sound", "Speech"],
        api_arguments=None,
        python_environment_requirements="",
        performance=[{"name": "AudioSet", "mAP": 0.4}, {"name": "ESC"}],
        example_code={"import": "import zoo", "use": {"a": "zoo.load()", "b": "N/A"}},
    )
    del odd["framework"]
    document = read(tmp_path, [odd], [marked("Bark?", odd)]).documents[0]
    assert document.title == "Sound, Speech"
    assert document.text.split("\n")[2:] == [
        "API: Bark",
        "Domain: Audio",
        "Performance: name: AudioSet, mAP: 0.4; name: ESC",
        "Example: import zoo",
        "zoo.load()",
    ]


def test_the_call_and_the_description_stand_in_the_first_passage(tmp_path: Path) -> None:
    class Words:
        digest, dimensions, max_tokens = "words", 1, 64

        def encode(self, texts: Any) -> Any: ...

        def token_offsets(self, text: str) -> list[tuple[int, int]]:
            starts = [place for place in range(len(text)) if place == 0 or text[place - 1].isspace()]
            return [(start, start + 1) for start in starts]

    long = card(BARK, example_code="\n".join(f"step({number}) # and more" for number in range(40)))
    corpus = read(tmp_path, [long], [marked("Bark?", long)])
    first, *rest = cut_passages(corpus.documents, Words(), max_tokens=24, overlap=4)
    assert len(rest) > 2
    assert BARK in first.text and "Tells barks apart." in first.text
    (evidence,) = corpus.questions[0].evidence
    assert first.start <= evidence.start < evidence.end <= first.end


def test_with_a_train_file_the_splits_are_the_papers(tmp_path: Path) -> None:
    corpus = read(
        tmp_path,
        train=[braced("Tell barks apart.", CARDS[0]), braced("Tell purrs apart.", CARDS[1])],
        eval=[marked("Which dog is it?", CARDS[0])],
    )
    found = [(question.id, question.split, question.text, question.answers) for question in corpus.questions]
    assert found == [
        ("train-1", "train", "Tell barks apart.", (BARK,)),
        ("train-2", "train", "Tell purrs apart.", (PURR,)),
        ("eval-1", "test", "Which dog is it?", (BARK,)),
    ]
    assert {question.kind for question in corpus.questions} == {"call"}
    assert not any("paper" in note for note in corpus.notes)


def test_without_a_train_file_there_are_no_splits_and_a_note_says_so(tmp_path: Path) -> None:
    corpus = read(tmp_path, eval=[marked("Which dog is it?", CARDS[0])])
    assert [question.split for question in corpus.questions] == [None]
    assert corpus.notes[0] == (
        "There is no *_train.json beside zoo_eval.json, so the lab divides the evaluation questions itself; "
        "the figures are not those of the paper's split."
    )


def test_evidence_is_the_call_in_the_questions_own_card(tmp_path: Path) -> None:
    elsewhere = card(BARK, "Other", description="In no card file.")
    unknown = card("zoo.roar('den/roar')", "Roar")
    rows = [marked(f"{own['api_name']}?", own) for own in (*CARDS, elsewhere, unknown)]
    corpus = read(tmp_path, eval=rows)
    documents = {document.id: document.text for document in corpus.documents}
    evidence = [question.evidence for question in corpus.questions]
    assert [[piece.document_id for piece in pieces] for pieces in evidence] == [
        ["bark-1"],
        ["purr-v2-1"],
        ["bark-2"],
        ["bark-1"],  # no card has its values: the first card with its call
        [],
    ]
    for question in corpus.questions[:4]:
        (piece,) = question.evidence
        assert documents[piece.document_id][piece.start : piece.end] == question.answers[0]
    assert corpus.notes[1] == (
        "2 of 3 cards share their call with another card. Retrieval counts only the question's own card: "
        "another card with the right call counts as a miss."
    )
    assert corpus.notes[2].startswith("1 of 5 questions have a call that no card holds")


def test_a_card_of_other_values_with_another_call_is_no_evidence(tmp_path: Path) -> None:
    row = marked("Purr?", CARDS[0]) | {"api_call": PURR}
    (question,) = read(tmp_path, eval=[row]).questions
    assert [piece.document_id for piece in question.evidence] == ["purr-v2-1"]


def test_equal_cards_are_one_document_and_calls_stand_on_one_line(tmp_path: Path) -> None:
    broken = card("zoo.load(\n  'kennel/bark')")
    again = dict(reversed(list(broken.items())))  # the order of keys means nothing
    corpus = read(tmp_path, [broken, again], [marked("Bark?", again)])
    assert [document.text.split("\n")[0] for document in corpus.documents] == ["Call: zoo.load( 'kennel/bark')"]
    assert corpus.questions[0].answers == ("zoo.load( 'kennel/bark')",)
    assert len(corpus.questions[0].evidence) == 1
    assert corpus.notes[1] == "1 cards repeat an earlier card in every value; they were left out."


def test_ids_stay_when_cards_are_appended(tmp_path: Path) -> None:
    rows = [marked("Bark?", CARDS[0])]
    before = read(tmp_path / "a", CARDS[:2], rows).documents
    after = read(tmp_path / "b", [*CARDS, card(PURR, "???"), card("x.y('z/z')", "bark 1")], rows).documents
    assert after[:2] == before
    assert [document.id for document in after[2:]] == ["bark-2", "api-1", "bark-1-1"]


def test_instructions_of_all_layouts(tmp_path: Path) -> None:
    assert texts(
        tmp_path,
        "###Instruction: Name a dog. \n###Output: <<<domain>>>: Audio\n###Instruction: again",
        "### Instruction: Name a cat.\n### Output: <<<domain>>>: Audio",
        "###Instruction: No output follows.",
        "{'Instruction': Name it, with 'quotes' inside., 'Output': {'domain': 'Audio'}}",
        "{'Instruction': \"I'm in quotes.\", 'Output': 'dog'}",
        "{'Instruction': 'Quoted too.', 'Output': {}}",
        "{'Instruction': A stray quote?', 'Output': {}}",
        "{'Instruction': No output either.}",
        "###Instruction: Two\nlines.\n\n###Output: x",
    ) == [
        "Name a dog.",
        "Name a cat.",
        "No output follows.",
        "Name it, with 'quotes' inside.",
        "I'm in quotes.",
        "Quoted too.",
        "A stray quote?",
        "No output either.",
        "Two\nlines.",
    ]


def test_an_input_is_asked_with_its_instruction(tmp_path: Path) -> None:
    codes = (
        '###Instruction: Which dog?\n###Input: {"file": "dog.wav"}\n\n###Output: Bark',
        "{'Instruction': Which cat?, 'Input': 'cat.wav', 'Output': {}}",
        "{'Instruction': Which cow?, 'Input': '<noinput>', 'Output': {}}",
        "###Instruction: Which pig?\n###Input: <noinput>\n###Output: Bark",
    )
    corpus = read(tmp_path, eval=[{"code": code, "api_call": BARK, "api_data": CARDS[0]} for code in codes])
    assert [question.text for question in corpus.questions] == [
        'Which dog?\nInput: {"file": "dog.wav"}',
        "Which cat?\nInput: cat.wav",
        "Which cow?",
        "Which pig?",
    ]
    assert corpus.notes[-1] == "2 of 4 instructions come with an input; it is asked with them."


def test_arrays_and_other_encodings_are_read(tmp_path: Path) -> None:
    row = marked("Comment s'appelle le chien à poil?", CARDS[0])
    write(tmp_path, CARDS, [])
    (tmp_path / "zoo_eval.json").write_bytes(json.dumps([row], ensure_ascii=False).encode("latin-1"))
    corpus = read_at(tmp_path, "apibench", prefix="zoo")
    assert corpus.notes[0] == "zoo_eval.json is not UTF-8; it was read as cp1252."
    (tmp_path / "zoo_eval.json").write_text(json.dumps([row]) + json.dumps([row]), encoding="utf-8")
    again = read_at(tmp_path, "apibench", prefix="zoo")
    assert [question.id for question in again.questions] == ["eval-1", "eval-2"]
    texts_read = {question.text for question in (*corpus.questions, *again.questions)}
    assert texts_read == {"Comment s'appelle le chien à poil?"}


def test_all_faults_of_all_files_are_listed_with_their_lines(tmp_path: Path) -> None:
    good = marked("Fine?", CARDS[0])
    bad_cards = [CARDS[0], {"api_name": "x", "description": "y"}, card(BARK, description="half \ud83d")]
    bad_train = [good, {**good, "code": "Name a dog."}, {**good, "api_call": ["zoo.load()"]}]
    bad_eval = [{**good, "code": "###Instruction: \n###Output: x"}, {"code": " ", "api_call": BARK}, good]
    write(tmp_path, [], bad_eval, bad_train)
    lines = [json.dumps(row) for row in bad_cards] + ["{"]
    (tmp_path / "zoohub_api.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_at(tmp_path, "apibench", prefix="zoo")
    found = [line.strip().removeprefix(f"{tmp_path}/") for line in str(caught.value).split("\n")]
    assert [line for line in found[1:] if not line.startswith("zoohub_api.jsonl:4: not JSON")] == [
        "zoohub_api.jsonl:2: api_call: missing key; expected text",
        "zoohub_api.jsonl:3: description: holds half of a surrogate pair, which no text file can store; "
        "write the whole character",
        "zoohub_api.jsonl:3: holds half of a surrogate pair, which no text file can store; write the whole character",
        "zoo_train.json:2: code: expected ###Instruction: ... or {'Instruction': ..., got 'Name a dog.'",
        "zoo_train.json:3: api_call: expected text, got ['zoo.load()']",
        "zoo_eval.json:1: code: expected an instruction, got an empty one",
        "zoo_eval.json:2: api_data: expected an object, the API card, got None",
        "zoo_eval.json:2: code: expected text, got an empty one",
    ]
    assert found[0].endswith("faults in the data: 9")
    assert len(found) == 10


def test_values_nested_too_deeply_are_a_fault_of_their_line(tmp_path: Path) -> None:
    write(tmp_path, CARDS, [marked("Bark?", CARDS[0])])
    deep = json.dumps(card(PURR, performance=0)).replace('"performance": 0', '"performance": ' + "[" * 600 + "]" * 600)
    with (tmp_path / "zoohub_api.jsonl").open("a", encoding="utf-8") as file:
        file.write(deep + "\n")
    with pytest.raises(DataError, match=r"zoohub_api\.jsonl:4: lists and objects are nested too deeply"):
        read_at(tmp_path, "apibench", prefix="zoo")


def test_the_prefix_must_name_one_set(tmp_path: Path) -> None:
    rows = [marked("Bark?", CARDS[0])]
    write(tmp_path, CARDS, rows)
    assert len(read_at(tmp_path, "apibench").questions) == 1  # one set needs no prefix
    write(tmp_path, CARDS, rows, rows, prefix="farm")
    write(tmp_path, None, None, rows, prefix="farmyard")
    with pytest.raises(DataError, match=r"corpus\.prefix") as caught:
        read_at(tmp_path, "apibench")
    assert "exactly one *_api.jsonl, found farmhub_api.jsonl, zoohub_api.jsonl" in str(caught.value)
    assert "at most one *_train.json, found farm_train.json, farmyard_train.json" in str(caught.value)
    with pytest.raises(DataError, match=r"one z\[o\*_eval\.json, found none; in the folder: farm_eval\.json, zoo_"):
        read_at(tmp_path, "apibench", prefix="z[o")
    with pytest.raises(DataError, match="expected a folder"):
        read_at(tmp_path / "zoo_eval.json", "apibench", prefix="zoo")

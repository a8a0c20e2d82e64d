"""Documents take turns, and the parts of a long text have one turn together."""

from lab.synthesis.sampling import passages_in_turn
from lab.types import Document, Passage


def cut(document):
    lines = document.text.split("\n")
    return [Passage(f"{document.id}#{n}", document.id, "", line, 0, len(line)) for n, line in enumerate(lines)]


def part(number):
    return Document(f"log/part-{number}", "log", "a\nb\nc", {"source": "log.txt", "part": f"{number} of 40"})


def test_a_text_in_forty_parts_takes_no_more_turns_than_a_short_one():
    short = [Document(name, name, "a\nb\nc") for name in ("one", "two", "three")]
    found = list(passages_in_turn([*map(part, range(40)), *short], cut, seed=7))
    assert len(found) == len({passage.id for passage in found}) == 43 * 3
    first = [passage.document_id.split("/")[0] for passage in found[:12]]
    assert {name: first.count(name) for name in first} == {"log": 3, "one": 3, "two": 3, "three": 3}
    parts = [passage.document_id for passage in found if passage.document_id.startswith("log")]
    assert len(set(parts[:40])) == 40


def test_a_document_is_cut_when_its_turn_comes_and_the_seed_decides_the_order():
    asked = []

    def watched(document):
        asked.append(document.id)
        return cut(document)

    documents = [Document(str(number), "", "a\nb") for number in range(100)]
    turns = passages_in_turn(documents, watched, seed=7)
    first = [next(turns).id for _ in range(5)]
    assert len(asked) == 5
    assert first == [next(again).id for again in [passages_in_turn(documents, cut, seed=7)] for _ in range(5)]
    assert first != [next(other).id for other in [passages_in_turn(documents, cut, seed=8)] for _ in range(5)]

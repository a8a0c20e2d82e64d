"""Make the planted worlds from `source.toml`: documents, questions and scripted answers.

    python corpora/worlds/build.py            write the files
    python corpora/worlds/build.py --check    write nothing; exit 1 when a file differs from what the source gives

Each draw hashes a seed and the name of what it is for, so it depends on no other draw and on no version of Python.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

HERE = Path(__file__).resolve().parent
SPLITS = ("train", "dev", "test")
DIGITS = 4
SERIAL_DIGITS = 6

Record = dict[str, Any]
World = dict[str, list[Record]]
Item = TypeVar("Item")


def draw(below: int, *name: object) -> int:
    """A whole number in [0, below) that depends on `name` alone."""
    digest = hashlib.sha256("/".join(map(str, name)).encode()).digest()
    return int.from_bytes(digest[:8], "big") % below


def pick(items: Sequence[Item], *name: object) -> Item:
    return items[draw(len(items), *name)]


def shuffled(items: Sequence[Item], *name: object) -> list[Item]:
    """The items in an order that depends on `name` alone."""
    return [items[place] for place in sorted(range(len(items)), key=lambda place: draw(2**60, *name, place))]


def words(source: Record, shape: Sequence[str], distinct: int, *name: object) -> Iterator[str]:
    """Invented words without end, told apart by their first `distinct` letters: no two share them."""
    seen: set[str] = set()
    for number in itertools.count():
        word = "".join(pick(source["names"][part], *name, number, place) for place, part in enumerate(shape))
        if word[:distinct] not in seen:
            seen.add(word[:distinct])
            yield word


def numbers(digits: int, *name: object) -> Iterator[str]:
    """Numbers of so many digits without end, none twice."""
    seen: set[int] = set()
    for number in itertools.count():
        value = 10 ** (digits - 1) + draw(9 * 10 ** (digits - 1), *name, number)
        if value not in seen:
            seen.add(value)
            yield str(value)


def split_names(counts: Record) -> list[str]:
    """The name of each split as often as it is asked for."""
    return [split for split in SPLITS for _ in range(counts[split])]


def place_of(value: str, document: Record) -> Record:
    """The evidence of a value that stands in the document once."""
    start = document["text"].index(value)
    return {"document": document["id"], "start": start, "end": start + len(value)}


def volatile(source: Record) -> World:
    """Each post has a few facts that nothing but its own sheet tells; whole posts are trained, or tested."""
    plan = source["volatile"]
    seed = plan["seed"]
    names = words(source, ("onsets", "vowels", "middles", "vowels", "codas"), 3, seed, "name")
    codes = words(source, ("onsets", "vowels", "middles", "vowels", "middles", "vowels"), 5, seed, "code")
    values = {"span": codes, "number": numbers(DIGITS, seed, "number")}
    splits: list[str | None] = [*split_names(plan["questioned"])]
    splits += [None] * (plan["documents"] - len(splits))
    documents, questions = [], []
    for number, split in enumerate(shuffled(splits, seed, "split"), start=1):
        name = next(names).capitalize()
        facts = shuffled(plan["facts"], seed, "facts", number)[: plan["facts_per_document"]]
        told = {fact["key"]: next(values[fact["kind"]]) for fact in facts}
        told = {key: value.capitalize() if key == "store" else value for key, value in told.items()}
        sentences = [fact["sentence"].format(name=name, value=told[fact["key"]]) for fact in facts]
        document = {
            "id": f"post-{number:03}",
            "title": plan["title"].format(name=name),
            "text": " ".join([plan["opening"].format(name=name), *sentences]),
        }
        documents.append(document)
        for fact in facts if split else ():
            questions.append(
                {
                    "id": f"{document['id']}/{fact['key']}",
                    "question": pick(fact["ask"], seed, "ask", number, fact["key"]).format(name=name),
                    "answers": [told[fact["key"]]],
                    "kind": fact["kind"],
                    "evidence": [place_of(told[fact["key"]], document)],
                    "split": split,
                }
            )
    return {"documents": documents, "questions": questions}


def behaviour(source: Record) -> World:
    """What a message is about decides its label; the documents are a handbook that says nothing about labels."""
    plan = source["behaviour"]
    seed = plan["seed"]
    rows: dict[str, list[Record]] = {split: [] for split in SPLITS}
    for label, cores in plan["labels"].items():
        contents = [core.format(thing=thing) for core in cores for thing in plan["things"]]
        splits = split_names(plan["questions"])
        for split, content in zip(splits, shuffled(contents, seed, label), strict=False):
            opening, closing = (pick(plan[part], seed, part, content) for part in ("openings", "closings"))
            text = f"{opening} {content} {closing}"
            row = {"question": text, "answers": [label], "kind": "label", "evidence": [], "split": split}
            rows[split].append(row)
    # Labels take turns, so that positions of scripted answers say which label is meant.
    labels = len(plan["labels"])
    ordered = [
        row
        for part in rows.values()
        for turn in range(len(part) // labels)
        for row in part[turn :: len(part) // labels]
    ]
    return {
        "documents": _handbook(plan),
        "questions": [{"id": f"message-{number:03}"} | row for number, row in enumerate(ordered, start=1)],
    }


def _handbook(plan: Record) -> list[Record]:
    book = plan["handbook"]
    documents = []
    for number, (hall, subject) in enumerate(itertools.product(book["halls"], book["subjects"]), start=1):
        chosen = shuffled(book["sentences"], plan["seed"], "handbook", number)[: book["sentences_per_document"]]
        text = " ".join(chosen).format(subject=subject, hall=hall)
        documents.append({"id": f"page-{number:02}", "title": f"{subject} of the {hall}".capitalize(), "text": text})
    return documents


def lookalike(source: Record) -> World:
    """Sheets that differ in a serial and a value; questions name a unit by a nickname that no sheet holds."""
    plan = source["lookalike"]
    seed = plan["seed"]
    serials = numbers(SERIAL_DIGITS, seed, "serial")
    values = [plan["values"][number % len(plan["values"])] for number in range(plan["documents"])]
    documents = [
        {
            "id": f"sheet-{number:03}",
            "title": plan["title"],
            "text": plan["text"].format(serial=next(serials), value=value),
            "value": value,
        }
        for number, value in enumerate(shuffled(values, seed, "value"), start=1)
    ]
    nicknames = zip(plan["adjectives"], shuffled(plan["nouns"], seed, "noun"), strict=True)
    # Every value is meant by equally many nicknames, so that no value is the better guess.
    each = len(plan["adjectives"]) // len(plan["values"])
    meant = [one for value in plan["values"] for one in [d for d in documents if d["value"] == value][:each]]
    questions: list[Record] = []
    for number, ((adjective, noun), document) in enumerate(zip(nicknames, shuffled(meant, seed, "meant"), strict=True)):
        name = f"{adjective} {noun}"
        asked = shuffled(plan["ask"], seed, "ask", name)[: plan["wordings_per_fact"]]
        splits = ["test", "dev" if number < plan["dev_facts"] else "train", *["train"] * (len(asked) - 2)]
        group = name.lower().replace(" ", "-")
        questions += [
            {
                "id": f"{group}/{wording}",
                "question": text.format(name=name),
                "answers": [document["value"]],
                "kind": "span",
                "evidence": [place_of(document["value"], document)],
                "split": split,
                "group": group,
            }
            for wording, (text, split) in enumerate(zip(asked, splits, strict=True), start=1)
        ]
    return {"documents": [{k: v for k, v in one.items() if k != "value"} for one in documents], "questions": questions}


def scripted(plan: Record, world: World) -> list[Record]:
    """Answers to all test questions whose rightness is planned, method by method."""
    tested = _in_turns([question for question in world["questions"] if question["split"] == "test"])
    rows = []
    for method, spans in plan["right"].items():
        right = {position for span in spans for position in range(*span)}
        context = "with" if method in ("rag", "fine-tuned+rag", "raft") else "without"
        for position, question in enumerate(tested):
            answer = question["answers"][0] if position in right else _wrong(question, tested)
            row = {"question_id": question["id"], "method": method, "answer": answer}
            if context == "with":
                row["hits"] = _hits(question, plan["hits"], world["documents"])
            rows.append(row | {"tokens": {"in": plan["prompt_tokens"][context], "out": 3}})
    return rows


def _in_turns(questions: Sequence[Record]) -> list[Record]:
    """First the first question of every cluster, then the second ones, and so on."""
    seen: Counter[str] = Counter()
    turns = []
    for question in questions:
        cluster = question["evidence"][0]["document"] if question["evidence"] else question["id"]
        turns.append((seen[cluster], question))
        seen[cluster] += 1
    return [question for _, question in sorted(turns, key=lambda turn: turn[0])]


def _wrong(question: Record, tested: Sequence[Record]) -> str:
    """The answer of the next question of the same kind that has another one."""
    start = tested.index(question)
    after = [*tested[start + 1 :], *tested[:start]]
    same_kind = [other["answers"] for other in after if other["kind"] == question["kind"]]
    answer: str = next(answers[0] for answers in same_kind if answers != question["answers"])
    return answer


def _hits(question: Record, count: int, documents: Sequence[Record]) -> list[Record]:
    """What a retriever found: the evidence first, but nothing of it where a nickname hides which document is meant."""
    meant = [piece["document"] for piece in question["evidence"]]
    others = [one for one in documents if one["id"] not in meant]
    start = draw(len(others), "hits", question["id"])
    found = [one for one in documents if one["id"] in meant and "group" not in question]
    found += [others[(start + step) % len(others)] for step in range(count - len(found))]
    return [
        {
            "passage": f"{one['id']}#1",
            "document": one["id"],
            "title": one["title"],
            "text": one["text"],
            "score": round(1 - rank / 10, 1),
            "rank": rank,
        }
        for rank, one in enumerate(found, start=1)
    ]


def build() -> dict[str, bytes]:
    """Path, relative to this folder, and content of each file."""
    source = tomllib.loads((HERE / "source.toml").read_text(encoding="utf-8"))
    worlds = {"volatile": volatile(source), "behaviour": behaviour(source), "lookalike": lookalike(source)}
    files = {f"{name}/{part}.jsonl": rows for name, world in worlds.items() for part, rows in world.items()}
    files |= {plan["file"]: scripted(plan, worlds[plan["corpus"]]) for plan in source["scripted"].values()}
    return {path: "".join(f"{json.dumps(row)}\n" for row in rows).encode() for path, rows in files.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Make the planted worlds from source.toml.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is not up to date")
    check = parser.parse_args(arguments).check
    files = build()
    stale = [path for path, new in files.items() if not (HERE / path).is_file() or (HERE / path).read_bytes() != new]
    for path in stale:
        if check:
            print(f"{path}: differs from the source; run python corpora/worlds/build.py", file=sys.stderr)
        else:
            (HERE / path).write_bytes(files[path])
            print(f"{path}: written")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())

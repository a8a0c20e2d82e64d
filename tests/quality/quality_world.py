"""Small corpora for the checks of data quality."""

from collections.abc import Sequence

from lab.types import Corpus, Document, Evidence, Holdout, Question


def document(
    name: str, text: str = "Brake pads of the cabin last four hundred hours.", title: str = "Brakes"
) -> Document:
    return Document(name, title, text)


def question(name: str, text: str = "", answers: Sequence[str] = ("400 hours",), **more: object) -> Question:
    fields = {"kind": "span", "evidence": (Evidence("d"),), **more}
    return Question(name, text or f"What does rule {name} say?", tuple(answers), **fields)  # type: ignore[arg-type]


def corpus(documents: Sequence[Document], questions: Sequence[Question] = ()) -> Corpus:
    return Corpus("toy", tuple(documents), tuple(questions))


def holdout(
    train: Sequence[Question] = (), dev: Sequence[Question] = (), test: Sequence[Question] = (), track: str = "question"
) -> Holdout:
    return Holdout(tuple(train), tuple(dev), tuple(test), track, "print")  # type: ignore[arg-type]


def many(side: str, count: int, **more: object) -> list[Question]:
    return [question(f"{side}-{number}", **more) for number in range(count)]  # type: ignore[arg-type]


def severities(findings: Sequence[object]) -> list[tuple[str, int]]:
    return [(one.severity, one.count) for one in findings]  # type: ignore[attr-defined]

"""Documents and questions that hold what looks personal: counts by kind, and masked examples."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from lab.quality.finding import Finding, first, part, some
from lab.quality.personal import find_personal
from lab.types import Corpus, Document, Question

CHECK = "personal data"
ADVICE = (
    "Remove or replace what nobody agreed to: tuned weights can repeat it, and answers.jsonl and the report show "
    "passages. Names are not looked for."
)


def personal_data(corpus: Corpus, questions: Sequence[Question]) -> list[Finding]:
    """One finding for each kind of personal data, documents first; nothing found is no finding."""
    documents = ((one.id, _texts_of(one)) for one in corpus.documents)
    asked = ((one.id, (one.text, *one.answers)) for one in questions)
    return [
        *_found(documents, len(corpus.documents), "document"),
        *_found(asked, len(questions), "question"),
    ]


def _found(items: Iterable[tuple[str, tuple[str, ...]]], of: int, noun: str) -> Iterator[Finding]:
    times: Counter[str] = Counter()
    where: defaultdict[str, dict[str, str]] = defaultdict(dict)  # by kind: id of each item, its first one masked
    for name, texts in items:
        for text in texts:
            for trace in find_personal(text):
                times[trace.kind] += 1
                where[trace.kind].setdefault(name, trace.masked)
    for kind, amount in times.most_common():
        holders = where[kind]
        said = f"{some(amount, kind)} in {part(len(holders), of, noun)}."
        examples = first([f"{name}: {masked}" for name, masked in holders.items()])
        yield Finding(CHECK, "warning", len(holders), of, said, examples, ADVICE)


def _texts_of(document: Document) -> tuple[str, ...]:
    return document.title, document.text

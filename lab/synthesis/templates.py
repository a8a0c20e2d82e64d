"""Questions from fixed patterns: few, and each a natural question about what the text says plainly."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from lab.synthesis.answers import answer_at, fact_of
from lab.synthesis.nouns import AnswerSpan, Proposal
from lab.synthesis.patterns import asked
from lab.synthesis.sentences import Layout, Pair, layout, statements
from lab.synthesis.standalone import unclear
from lab.synthesis.subjects import Speakers, topic
from lab.synthesis.values import kind_of_value
from lab.synthesis.words import STOP_WORDS, is_english
from lab.types import Passage

MAKER = "template"
MOST_PLAIN_WORDS = 9  # of a value; a longer one is a remark rather than a property

# Values that answer nothing by themselves, and keys that name no property of the document's topic.
_EMPTY = frozenset(["yes", "no", "-", "\u2013", "\u2014", "n/a", "none", "tbd", "tba", "x", "\u2713", "\u2717", "?"])
_NO_PROPERTY = frozenset(
    "note notes warning caution example examples e.g i.e tip hint important remark remarks source sources see also http"
    " https question answer q a keywords abstract background methods results conclusion conclusions objective".split()
)


def template_proposals(passage: Passage) -> tuple[Proposal, ...]:
    """Questions about key-value lines, tables, definitions, dates, measures and abbreviations; often none.

    Each is understandable without the passage, and its answer stands there word for word. Wordings that ask for the
    same place are of one group. Texts that do not look English give none. Time grows with the passage's length only.
    """
    text = passage.text
    if not is_english(text):
        return ()
    form = layout(text)
    found = [*_of_pairs(passage, form), *_of_sentences(passage, form)]
    return tuple(
        Proposal(question, answer, passage, MAKER, fact_of(passage, answer))
        for question, answer in dict.fromkeys(found)
        if unclear(question) is None
    )


def _of_sentences(passage: Passage, form: Layout) -> Iterator[tuple[str, AnswerSpan]]:
    speakers = Speakers(passage, form)
    for sentence in statements(passage, form):
        for one in asked(passage.text, sentence, speakers):
            answer = answer_at(passage, one.start, one.end, one.kind)
            for wording in one.wordings if one.named else _beside_title(one.wordings, passage):
                yield wording, answer


def _beside_title(wordings: tuple[str, ...], passage: Passage) -> tuple[str, ...]:
    """Wordings about "the hanger" with the title in front, which says whose; none without a title."""
    if not passage.title.strip():
        return ()
    return tuple(f"According to {_quoted(passage.title)}, {one[0].lower()}{one[1:]}" for one in wordings)


def _of_pairs(passage: Passage, form: Layout) -> Iterator[tuple[str, AnswerSpan]]:
    text = passage.text
    # A key that stands twice, as in two tables or lists, does not tell which of its values is meant.
    keys = Counter((pair.row.casefold(), pair.key.casefold()) for pair in form.pairs)
    for pair in form.pairs:
        value = pair.value.of(text)
        if keys[pair.row.casefold(), pair.key.casefold()] > 1 or not _tells(pair, value):
            continue
        answer = answer_at(passage, pair.value.start, pair.value.end, kind_of_value(value), pair.key)
        for wording in _row_wordings(pair, passage) if pair.row else _key_wordings(pair, passage):
            yield wording, answer


def _tells(pair: Pair, value: str) -> bool:
    key = pair.key.casefold().strip(" .")
    if value.casefold() in _EMPTY or key in _NO_PROPERTY or not any(character.isalnum() for character in value):
        return False
    if any(word in STOP_WORDS for word in key.split()) or not re.fullmatch(r"[\w\s\u2019'&/()%.-]+", pair.key):
        return False
    # A long value under a plural is a remark about these things, and no property.
    return any(map(str.isalpha, key)) and len(value.split()) <= (5 if _plural(key) else MOST_PLAIN_WORDS)


def _key_wordings(pair: Pair, passage: Passage) -> tuple[str, ...]:
    """Wordings for "Weight: 412 kg"; the title or, under a heading, both say whose weight that is."""
    key = _small(pair.key)
    name, thing = topic(passage.title)
    verb = "are" if _plural(key) else "is"
    if not name:
        return ()
    if thing and not passage.heading:
        return f"What {verb} the {key} of {name}?", f"According to {_quoted(passage.title)}, what {verb} the {key}?"
    under = f", {_quoted(passage.heading.split(' > ')[-1])}" if passage.heading else ""
    return (f"According to {_quoted(passage.title)}{under}, what {verb} the {key}?",)


def _row_wordings(pair: Pair, passage: Passage) -> tuple[str, ...]:
    """Wordings for a cell; the title says which table that was."""
    key = _small(pair.key)
    verb = "are" if _plural(key) else "is"
    name, _ = topic(passage.title)
    if not name or not re.fullmatch(r"[\w\s\u2019'&/().,+-]{1,60}", pair.row):
        return ()
    return (f"According to {_quoted(passage.title)}, what {verb} the {key} of {pair.row}?",)


def _small(key: str) -> str:
    """A key inside a sentence: "Weight" -> "weight"; codes and names of several capitals stay."""
    first, *rest = key.split()
    if first[1:].islower() and all(word.islower() for word in rest):
        first = first.lower()
    elif all(word[1:].islower() or not word[1:] for word in [first, *rest]):
        return key.lower() if all(word.isalpha() for word in [first, *rest]) else key
    return " ".join([first, *rest])


def _plural(key: str) -> bool:
    last = re.sub(r"\s*\(.*\)$", "", key).split()[-1]
    return last.endswith("s") and not last.endswith(("ss", "us", "is", "as"))


def _quoted(title: str) -> str:
    return f"\u201c{' '.join(title.replace('_', ' ').split())}\u201d"

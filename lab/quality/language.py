"""The language of each document and question, and what the models cannot read.

Told by py3langid (Lui and Baldwin 2012, langid.py: naive Bayes over byte n-grams), which needs no download. Of short
texts it is unsure: they are not counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from lab.quality.finding import Among, Finding, Severity, first, verb
from lab.types import Corpus, Question

CHECK = "language"
Detect = Callable[[str], tuple[str, float]]  # a text to its language (ISO 639) and how sure that is, in [0, 1]
READ_CHARACTERS = 4_000  # of a document
LEAST_LETTERS = 25
SURE_OF_A_QUESTION, SURE_OF_A_DOCUMENT = 0.6, 0.8
MIXED = 0.05
SEVERAL = 0.02
_SAME: Mapping[str, str] = {"pcm": "en", "zxx": "", "und": ""}  # Nigerian Pidgin is told from odd names; no language
_NAMES: Mapping[str, str] = dict(
    pair.split(":")
    for pair in (
        "ar:Arabic bg:Bulgarian bn:Bengali ca:Catalan cs:Czech da:Danish de:German el:Greek en:English es:Spanish "
        "et:Estonian fa:Persian fi:Finnish fr:French he:Hebrew hi:Hindi hr:Croatian hu:Hungarian id:Indonesian "
        "it:Italian ja:Japanese ko:Korean la:Latin lt:Lithuanian lv:Latvian nl:Dutch no:Norwegian pl:Polish "
        "pt:Portuguese ro:Romanian ru:Russian sk:Slovak sl:Slovene sr:Serbian sv:Swedish ta:Tamil te:Telugu th:Thai "
        "tr:Turkish uk:Ukrainian ur:Urdu vi:Vietnamese zh:Chinese"
    ).split()
)


@cache
def open_detector() -> Detect | None:
    """py3langid's model, loaded once; None where it is not installed."""
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ImportError:
        return None
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    def detect(text: str) -> tuple[str, float]:
        language, sure = identifier.classify(text)
        return str(language), float(sure)

    return detect


def language_of(text: str, detect: Detect, least: float) -> str:
    """The language of a text's beginning; empty where it has fewer than 25 letters or that is not sure enough."""
    beginning = text[:READ_CHARACTERS]
    if sum(character.isalpha() for character in beginning) < LEAST_LETTERS:
        return ""
    language, sure = detect(beginning)
    return _SAME.get(language, language) if sure >= least else ""


def languages(
    corpus: Corpus, questions: Sequence[Question], detect: Detect, english_only: Sequence[str]
) -> list[Finding]:
    """Which languages there are, whether questions and their documents agree, and whether the models read them.

    `english_only` names the models of the run that were trained on English.
    """
    written = {one.id: language_of(one.text, detect, SURE_OF_A_DOCUMENT) for one in corpus.documents}
    asked = {one.id: language_of(one.text, detect, SURE_OF_A_QUESTION) for one in questions}
    told = Counter(filter(None, written.values()))
    if not told:
        return []
    main = told.most_common(1)[0][0]
    known = sum(told.values())
    shares = ", ".join(f"{name(language)} {count}" for language, count in told.most_common(4))
    found = [Finding(CHECK, "note", known, len(written), f"Documents by language: {shares}.")]
    others = [key for key, language in written.items() if language and language != main]
    if len(others) > MIXED * known:
        said = f"The documents are of several languages: {shares}."
        found[0] = Finding(
            CHECK, "warning", len(others), known, said, first(others), "Is that meant? Else divide them."
        )
    return found + _questions_apart(questions, written, asked) + _unread(written, told, english_only)


def _questions_apart(
    questions: Sequence[Question], written: Mapping[str, str], asked: Mapping[str, str]
) -> list[Finding]:
    """Questions in another language than each of their documents."""
    both = 0
    apart = []
    for question in questions:
        theirs = {written.get(item.document_id, "") for item in question.evidence} - {""}
        if theirs and asked[question.id]:
            both += 1
            if asked[question.id] not in theirs:
                apart.append(question.id)
    if not apart:
        return []
    severity: Severity = "warning" if len(apart) > max(2, SEVERAL * both) else "note"
    rest, advice = "to be in another language than their documents.", "Retrieval by words fails across languages."
    return [Among(CHECK, "question", both).found(severity, apart, "seem", rest, advice)]


def _unread(written: Mapping[str, str], told: Counter[str], english_only: Sequence[str]) -> list[Finding]:
    foreign = [key for key, language in written.items() if language not in ("", "en")]
    if not english_only or len(foreign) <= MIXED * sum(told.values()):
        return []
    severity: Severity = "warning" if told.most_common(1)[0][0] == "en" else "error"
    rest = f"not in English, and {' and '.join(english_only)} {verb(len(english_only), 'were')} trained on English."
    advice = "Choose models of the language: index.encoder, generator.model."
    return [Among(CHECK, "document", sum(told.values())).found(severity, foreign, "are", rest, advice)]


def name(language: str) -> str:
    """A language's English name, or its code."""
    return _NAMES.get(language, language)

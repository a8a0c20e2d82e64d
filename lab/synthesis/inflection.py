"""The base forms that an English word would have if it were a verb, with the helper verb of its question."""

from __future__ import annotations

from collections.abc import Iterator

AUXILIARIES = frozenset("is are was were can could may might must shall should will would has have had".split())
_IRREGULAR = {
    "began": "begin",
    "became": "become",
    "broke": "break",
    "brought": "bring",
    "built": "build",
    "bought": "buy",
    "came": "come",
    "caught": "catch",
    "chose": "choose",
    "drew": "draw",
    "drove": "drive",
    "fell": "fall",
    "felt": "feel",
    "fought": "fight",
    "found": "find",
    "flew": "fly",
    "gave": "give",
    "got": "get",
    "grew": "grow",
    "held": "hold",
    "kept": "keep",
    "knew": "know",
    "laid": "lay",
    "led": "lead",
    "left": "leave",
    "lost": "lose",
    "made": "make",
    "met": "meet",
    "paid": "pay",
    "ran": "run",
    "rose": "rise",
    "said": "say",
    "sang": "sing",
    "saw": "see",
    "sent": "send",
    "spent": "spend",
    "stood": "stand",
    "struck": "strike",
    "taught": "teach",
    "thought": "think",
    "threw": "throw",
    "told": "tell",
    "took": "take",
    "went": "go",
    "won": "win",
    "wrote": "write",
    "rang": "ring",
    "hung": "hang",
}
_NO_E = ("ss", "sh", "ch", "x", "zz", "o")


def bases(word: str) -> Iterator[tuple[str, str]]:
    """(helper, base form) for each way in which a lower-case word could be a main verb: "weighs" gives does, weigh."""
    if word in _IRREGULAR:
        yield "did", _IRREGULAR[word]
    elif word.endswith("ied") and len(word) > 4:
        yield "did", f"{word[:-3]}y"
    elif word.endswith("ed") and len(word) > 4:
        yield "did", word[:-1]
        yield "did", word[:-2]
        if len(word) > 5 and word[-3] == word[-4]:
            yield "did", word[:-3]
    elif word.endswith("ies") and len(word) > 4:
        yield "does", f"{word[:-3]}y"
    elif word.endswith("es") and word[:-2].endswith(_NO_E):
        yield "does", word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        yield "does", word[:-1]
    elif len(word) > 2 and not word.endswith(("ing", "ly", "s")):
        yield "do", word

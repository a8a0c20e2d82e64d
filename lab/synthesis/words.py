"""Words that carry no fact by themselves, which language a text seems to be in, and what tells two questions apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

WORD = re.compile(r"\w(?:[\w]|['\u2019.\-](?=\w)){0,60}")

ARTICLES = frozenset(["a", "an", "the"])
PRONOUNS = frozenset(
    """
    i me my mine myself we us our ours ourselves you your yours yourself he him his himself she her hers herself it its
    itself they them their theirs themselves this that these those such one ones other others another each both either
    neither some any none all many much few several most more less everything something nothing anything everyone
    someone anyone nobody somebody here there now then former latter above below following same who whom whose which
    what when where why how
    """.split()
)
FUNCTION_WORDS = frozenset(
    """
    a an the and or but nor so yet if as at by for from in into of off on onto out over per since than through to under
    until up upon via with within without about after against among around before behind between during except near
    toward towards is am are was were be been being do does did done has have had having can could may might must shall
    should will would not no yes also only very too just even still again once already always never often however
    therefore thus hence moreover furthermore meanwhile although though because while whereas unless whether instead
    """.split()
)
STOP_WORDS = PRONOUNS | FUNCTION_WORDS
QUESTION_WORDS = frozenset("what when where which who whom whose why how".split())
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

# Words that are frequent in one language and rare in the others; enough of them tell English from the rest.
_ENGLISH = frozenset("the and of is are was were with for that this which from by has have not be to it its".split())
_FOREIGN = frozenset(
    """
    der die das und ist nicht ein eine von den mit dem des auf für im sich wird sind le la les des est et une du dans
    pour que qui pas sur au el los las una por con del para es como se il di che gli della per sono nel het een van zijn
    niet en de og er det som på av är och att ett som
    """.split()
)


def words(text: str) -> list[str]:
    """The words of a text as they stand; hyphens, stops and apostrophes within a word belong to it."""
    return WORD.findall(text)


def is_english(text: str) -> bool:
    """Whether English patterns may be tried: Latin letters, and no other language's small words outweigh English ones.

    A text without small words, such as a list of values, passes: nothing in it is read by grammar.
    """
    letters = [character for character in text[:4000] if character.isalpha()]
    if sum(character < "\u0250" for character in letters) < 0.8 * len(letters):
        return False
    small = [word.casefold() for word in words(text[:4000])]
    return sum(word in _ENGLISH for word in small) >= sum(word in _FOREIGN for word in small)


def normal_words(text: str) -> list[str]:
    """Words in compatibility form, case folded, without possessive endings."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    return [word.removesuffix("'s") for word in words(folded)]


def content_words(found: Sequence[str]) -> list[str]:
    """Those of the words (any case) that are neither function words nor pronouns."""
    return [word for word in found if word.casefold() not in STOP_WORDS]

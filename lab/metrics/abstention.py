"""One rule for all methods: does this answer decline to answer?

The rule is a list of patterns that must cover whole sentences, so an answer that only contains such words ("the bag was
not found at gate 4") stays an answer.
"""

from __future__ import annotations

import re

_SOURCE = r"(?:the |these |this |any |my )?(?:\w+ )?(?:documents?|context|passages?|texts?|sources?|corpus|information)"
_IN_SOURCE = rf" (?:in|by|from|based on|using|given) {_SOURCE}"
_WHERE = rf"(?:{_IN_SOURCE})?"
_ANSWER = r"(?:the |this |that |an? )?(?:\w+ )?(?:answer|information|question)"
_IT = r"(?:(?:it|this|that) is )?"
_SILENT = r"(?:found|mentioned|stated|specified|known|given|answerable)"
_MISSING = r"(?:found|mentioned|stated|specified|known|given|answerable|provided|available|included|contained)"
_TOPIC = r"(?:(?! but )[^,;]){1,80}"
_VERBLESS = r"(?:(?!(?:is|are|was|were|may|must|can|will|has|have|needs?)\b)[\w-]+ ?){1,10}"

_WHOLE_SENTENCES = (
    rf"{_ANSWER} (?:is|was) not {_MISSING}{_WHERE}",
    rf"{_IT}not[ _]{_SILENT}",
    rf"{_IT}not[ _]{_MISSING}{_IN_SOURCE}",  # alone, "not included" may well be the answer
    rf"(?:{_ANSWER} is |{_IT})not (?:in|part of) {_SOURCE}",
    rf"(?:(?:it|this|that|{_ANSWER}) )?(?:cannot|could not) be (?:determined|answered|found|inferred){_WHERE}",
    rf"(?:i )?(?:cannot|am unable to) (?:answer|determine|tell|say)(?: (?:it|this|(?:this|the) question))?{_WHERE}",
    rf"i cannot find (?:it|this|that|{_ANSWER}){_WHERE}",
    rf"i (?:do not|dont) (?:know|have (?:that|this|the|enough) information)(?: the answer| that| this)?{_WHERE}",
    r"i am not sure|not sure|unknown|unanswerable|no answer|n/a",
    rf"(?:there is |i have )no (?:\w+ )?(?:information|mention|data)(?: (?:about|on|of) {_TOPIC}| {_MISSING})?{_WHERE}",
    rf"no (?:\w+ )?(?:information|mention|data)(?: (?:is )?{_MISSING})?(?: (?:about|on|of) {_VERBLESS})?{_WHERE}",
    rf"{_SOURCE} (?:do|does) not (?:mention|say|state|contain|provide|specify|include|answer|give)(?: {_TOPIC})?",
)
_ABSTENTION = re.compile("|".join(f"(?:{pattern})" for pattern in _WHOLE_SENTENCES))
_OPENING = re.compile(rf"^(?:(?:sorry|unfortunately|(?:according to|based on|from) {_SOURCE}),? |(?:the )?answer: ?)+")
_INSTRUCTED = re.compile(r"not_found(?:$|\s*[^\w\s]|\n)")
_SENTENCE_END = re.compile(r"[.!?]+(?:\s+|$)|\n+")


def is_abstention(text: str) -> bool:
    """Whether `text` declines to answer: it has no letter or digit, or each of its sentences says 'not known'.

    The literal NOT_FOUND that the prompts ask for suffices at the start, whatever a new sentence adds.
    """
    plain = _plain(text)
    if not any(character.isalnum() for character in plain):
        return True
    if _INSTRUCTED.match(plain):
        return True
    sentences = [sentence.strip() for sentence in _SENTENCE_END.split(plain) if sentence.strip()]
    return all(_ABSTENTION.fullmatch(_OPENING.sub("", sentence)) for sentence in sentences)


def _plain(text: str) -> str:
    lowered = text.lower().replace("\u2019", "'")
    for short, long in (("n't", " not"), ("i'm", "i am"), ("ca not", "cannot"), ("can not", "cannot")):
        lowered = lowered.replace(short, long)
    lines = (" ".join(line.split()) for line in lowered.splitlines())
    return "\n".join(line for line in lines if line).strip("\"'`*#<>()[] ")

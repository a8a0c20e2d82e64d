"""Answers that are function calls: right if they name what the reference call names.

After the AST sub-tree match of Gorilla (Patil et al. 2023, arXiv 2305.15334, section 4, 'AST as a hallucination
metric'), with two differences. Theirs looks the answer up among all API cards and accepts any API of the reference's
domain; ours asks for the reference call itself, so it is stricter, needs no cards, and its values are not to be read
beside theirs. And ours reads tokens instead of parsing: some reference calls are no Python, such as
`load(repo='a/b', 'c')` or `load(a/b)`, and a generated call may be cut off at the token limit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_FUNCTION = re.compile(r"(?<![\w.])([^\W\d]\w*(?:\.[^\W\d]\w*)*)\(")
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
      | (?P<quote>["'])(?P<text>(?:\\.|(?!(?P=quote))[^\\\n])*)(?P=quote)(?P<key>\s*:)?
      | ["'](?P<unclosed>[^"'\n]*?)\)+\.?[^\S\n]*(?:\n|\Z)   # the closing quote was forgotten, the bracket was not
      | (?<![\w./-])(?P<path>[^\W\d][\w.-]*(?:/[\w.-]+)+)   # a name of a repository without quotes
      | (?P<open>[(\[{]) | (?P<close>[)\]}])""",
    re.VERBOSE,
)


_KEYWORD = re.compile(r"([^\W\d]\w*)\s*=\s*\Z")


class Call(NamedTuple):
    """A dotted function name, and the string literals anywhere inside the brackets.

    `guesses`: how many literals might stand for one name: those without a keyword, and those of a keyword used before.
    """

    function: str
    literals: frozenset[str]
    guesses: int


def call_match(prediction: str, golds: Sequence[str]) -> float | None:
    """1.0 if the prediction makes the call of a gold, else 0.0; None if no gold holds a call.

    A gold's call is the first one in it. What identifies it are its dotted function name and its string literals, which
    are the names of repositories and models. Quotes, order, keywords, line breaks and switches such as
    `pretrained=True` do not count, and prose, an assignment or another call may stand around it. The prediction may
    pass further strings (`language='en'`), and may pin a version that the gold leaves open (`owner/name:v1` for
    `owner/name`). A gold without literals, such as `load(model_id)`, wants a call without literals.

    Further strings must have keywords of their own: `load('a/b', ['c', 'd', 'e'])` lists guesses and names nothing.

    Only the first call of the gold's function in the prediction is compared, or a list of guesses would be right
    whenever one of them is; calls without literals, as in "use torch.hub.load()", are passed over if another has some.
    """
    wanted = [call for gold in golds if (call := next(find_calls(gold), None))]
    written = tuple(find_calls(prediction))
    return float(any(makes(written, call) for call in wanted)) if wanted else None


def find_calls(text: str) -> Iterator[Call]:
    """All calls in order of their names, those inside the brackets of others too; methods of a result are left out."""
    for name in _FUNCTION.finditer(text):
        found = list(_literals(text, name.end()))
        named = {keyword for keyword, _ in found if keyword}
        yield Call(name[1], frozenset(literal for _, literal in found), len(found) - len(named))


def makes(written: Sequence[Call], gold: Call) -> bool:
    """Whether the calls of a text, in its order, make the call `gold`; see `call_match`."""
    calls = [call for call in written if call.function == gold.function]
    first = next((call for call in calls if call.literals), calls[0] if calls else None)
    if first is None or not gold.literals:
        return first is not None and not first.literals
    if first.guesses > max(gold.guesses, len(gold.literals)):
        return False
    return all(any(_names(said, name) for said in first.literals) for name in gold.literals)


def _names(said: str, wanted: str) -> bool:
    return said == wanted or ("/" in wanted and said.startswith(f"{wanted}:"))


def _literals(text: str, start: int) -> Iterator[tuple[str, str]]:
    """Keyword (empty where there is none) and literal, from behind an opening bracket to the one that closes it, or to
    the end; keys of a dict are no literals.
    """
    depth = 1
    for token in _TOKEN.finditer(text, start):
        depth += (token["open"] is not None) - (token["close"] is not None)
        literal = (token["text"] or token["unclosed"] or token["path"] or "").strip()
        if literal and token["key"] is None:
            keyword = _KEYWORD.search(text, start, token.start())
            yield keyword[1] if keyword else "", literal
        if depth == 0 or token["unclosed"] is not None:
            return

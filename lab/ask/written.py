"""The answer within what is being written, part by part; at the end it is what the run's parser reads."""

from __future__ import annotations

import re

from lab.methods.prompts import WHOLE_TEXT, AnswerForm, Reasoning, parse_answer

_MAYBE_FENCE = re.compile(r"`{1,3}\w*")


class WrittenAnswer:
    """Follows a text that is being written and tells what each part adds to the answer.

    Without reasoning the answer is the first line, or a free answer the whole text, so it can be told as it grows.
    Behind a quoted reason any answer tag may be followed by another, so nothing is told before the end; what is written
    until then is the reason.
    """

    def __init__(self, reasoning: Reasoning, form: AnswerForm = "short") -> None:
        self._reasoning: Reasoning = reasoning
        self._form: AnswerForm = form
        self._raw = ""
        self._told = ""

    def add(self, part: str) -> str:
        """What this part adds to the answer; often nothing."""
        self._raw += part
        if self._reasoning != "none":
            return ""
        if self._form in WHOLE_TEXT:
            return self._tell(parse_answer(self._settled(), "none", self._form).text)
        line = parse_answer(self._raw, "none").text
        if _MAYBE_FENCE.fullmatch(line) and line == self._raw.rstrip().split("\n")[-1].strip():
            return ""  # a line that opens a block of code is no answer; it may not be whole yet
        return self._tell(line)

    def finish(self, answer: str) -> str:
        """What is still missing of the parsed answer."""
        return self._tell(answer)

    def _settled(self) -> str:
        """What was written without a last line that may still become one that opens or closes a block of code."""
        *_, last = self._raw.splitlines(keepends=True) or [""]
        return self._raw[: len(self._raw) - len(last)] if _MAYBE_FENCE.fullmatch(last.strip()) else self._raw

    def _tell(self, answer: str) -> str:
        # What was told cannot be taken back: an end token that is written out as text may have gone with it.
        if not answer.startswith(self._told):
            return ""
        new = answer[len(self._told) :]
        self._told = answer
        return new

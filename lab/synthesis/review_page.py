"""review.html: one self-contained page on which people accept, correct or turn away questions."""

from __future__ import annotations

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, get_args

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from lab.escapes import visible
from lab.synthesis.excerpts import Excerpt, excerpts
from lab.synthesis.nouns import Rejection
from lab.synthesis.review_table import COLUMNS, PERSON, join_answers
from lab.types import Document, Kind, Question

MOST_REJECTED = 200  # rejected proposals that the page shows

# Nothing is loaded and nothing is sent: the table is saved as a Blob through a link, which no directive concerns.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src {}; img-src data:; base-uri 'none'; form-action 'none'"
)


def review_page(questions: Sequence[Question], documents: Mapping[str, Document], rejected: Sequence[Rejection]) -> str:
    """The page as text. Text of questions and documents stands in a JSON island and is only ever set as text."""
    environment = Environment(
        loader=PackageLoader("lab.synthesis", "page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = _part("review.js")
    rows = [_row(question, documents) for question in questions]
    island = _island(
        {
            "columns": COLUMNS,
            "kinds": get_args(Kind),
            "key": hashlib.sha256(_island(rows).encode()).hexdigest()[:16],
            "rows": rows,
        }
    )
    # Marked as safe is what this package wrote itself, and an island that holds no character of markup.
    return environment.get_template(
        "review.html.j2"
    ).render(
        policy=_POLICY.format(_hash(script)),
        style=Markup(_part("review.css")),  # noqa: S704
        script=Markup(script),  # noqa: S704
        island=Markup(island),  # noqa: S704
        n_questions=len(questions),
        kinds=sorted({question.kind for question in questions}),
        makers=sorted({question.synthetic or PERSON for question in questions}),
        rejected=[_rejected(one) for one in rejected[:MOST_REJECTED]],
        n_rejected=len(rejected),
        reasons=Counter(one.reason for one in rejected).most_common(),
    )


def _row(question: Question, documents: Mapping[str, Document]) -> dict[str, Any]:
    return {
        "id": question.id,
        "question": visible(question.text),
        "answer": visible(join_answers(question.answers)),
        "kind": question.kind,
        "maker": question.synthetic or PERSON,
        "parts": [_excerpt(part) for part in excerpts(question, documents)],
    }


def _excerpt(part: Excerpt) -> dict[str, Any]:
    """The excerpt as alternating plain and marked pieces, the first one plain."""
    pieces, last = [], 0
    for start, end in part.marks:
        pieces += [visible(part.text[last:start]), visible(part.text[start:end])]
        last = end
    return {
        "document": visible(part.document_id),
        "title": visible(part.title),
        "pieces": [*pieces, visible(part.text[last:])],
    }


def _rejected(one: Rejection) -> dict[str, str]:
    answer = one.proposal.answer.text if one.proposal.answer else ""
    return {"question": visible(one.proposal.question), "answer": visible(answer), "reason": one.reason}


def _island(value: object) -> str:
    """JSON without a character that HTML or an older script could read as markup."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _part(name: str) -> str:
    return files("lab.synthesis").joinpath("page", name).read_text(encoding="utf-8")

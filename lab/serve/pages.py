"""The page that asks, and the report with a link to it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from lab import rounding
from lab.ask.choice import RECOMMENDED, Choice, ExampleQuestion
from lab.ask.reply import Reply, ShownPassage
from lab.methods.registry import METHODS
from lab.recipe import RunRecipe
from lab.report import lookup
from lab.report.charts.styles import styles
from lab.report.svg import DARK_VARIABLES, LIGHT_VARIABLES, RULES
from lab.report.words import method_label, metric_label
from lab.serve.guard import NO_FRAMES
from lab.types import ExperimentResult

REPORT = "report.html"
MOST_EXAMPLES = 400
ASK_POLICY = f"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; {NO_FRAMES}"
# The report's own policy names its scripts by their hashes; here whatever file stands there is bound to load nothing.
REPORT_POLICY = f"default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; {NO_FRAMES}"
# One script of several files: all share the names of one function.
_SCRIPTS = ("form", "card", "reading", "turn", "start")
_BAR = (
    '<p style="margin:0;max-width:none;padding:.7rem 1.25rem;text-align:right;border-bottom:1px solid var(--line);'
    'font-size:.95rem"><a href="/ask" style="font-weight:600;text-decoration:none">'
    "Ask this run a question &rarr;</a></p>"
)


@dataclass(frozen=True, slots=True)
class RunView:
    """What the pages show of a run beside its answers to new questions."""

    recipe: RunRecipe
    result: ExperimentResult
    choice: Choice
    examples: tuple[ExampleQuestion, ...]


def ask_page(view: RunView) -> str:
    """The page at /ask."""
    environment = Environment(
        loader=PackageLoader("lab.serve"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("ask.html.j2").render(
        name=view.result.name,
        domain=view.result.domain,
        has_report=(view.recipe.run / REPORT).is_file(),
        data=page_data(view),
        # Safe: shapes of this package, which hold no text.
        marks={
            name: Markup(f'<svg class="chart sign" width="14" height="14" aria-hidden="true">{style.mark(7, 7)}</svg>')  # noqa: S704
            for name, style in styles(view.result).items()
        },
    )


def page_data(view: RunView) -> dict[str, Any]:
    """What the page's script works with."""
    primary, colours = lookup.primary(view.result), styles(view.result)
    return {
        "metric": metric_label(primary),
        "recommended": view.choice.why == RECOMMENDED,
        "reasons": view.recipe.style.reasoning != "none",
        "methods": [
            {
                "name": name,
                "label": method_label(name),
                "about": METHODS[name].description if name in METHODS else "",
                "score": _score(view.result, name),
                "colour": colours[name].colour,
                "reads": method.context != "none",
                "chosen": name == view.choice.method,
            }
            for name, method in view.recipe.methods.items()
            if method.servable
        ],
        "examples": [{"text": one.text, "gold": list(one.gold)} for one in view.examples[:MOST_EXAMPLES]],
    }


def passage_view(passage: ShownPassage) -> dict[str, Any]:
    """A passage for the page, its score as it is shown."""
    return {**asdict(passage), "score_shown": rounding.score(passage.score)}


def reply_view(reply: Reply) -> dict[str, Any]:
    """A reply for the page, with its lines and numbers as they are shown."""
    search = f" ({rounding.seconds(reply.retrieve_seconds)} s searching)" if reply.passages else ""
    took = rounding.seconds(reply.retrieve_seconds + reply.generate_seconds)
    read, written = rounding.count(reply.tokens_in), rounding.count(reply.tokens_out)
    shown = {
        "note": reply.note[:1].upper() + reply.note[1:],
        "took": [f"{took} s{search}", f"{read} tokens read, {written} written"],
        "warnings": list(reply.warnings),
    }
    return {**reply.as_json(), "shown": shown}


def report_page(run: Path) -> str | None:
    """The run's report with a line that leads to the page that asks; None where there is no report."""
    path = run / REPORT
    if not path.is_file():
        return None
    return path.read_text(encoding="utf-8", errors="replace").replace("<body>", f"<body>\n{_BAR}", 1)


def style() -> str:
    """The page's style sheet: the report's palette, then its own rules."""
    dark = f"@media (prefers-color-scheme: dark) {{ :root {{ {DARK_VARIABLES} }} }}"
    return f":root {{ color-scheme: light dark; {LIGHT_VARIABLES} }}\n{dark}\n{RULES}{_template('ask.css')}"


def script() -> str:
    """The page's script."""
    chapters = "".join(_template(f"ask_{name}.js") for name in _SCRIPTS)
    return f'"use strict";\n(() => {{\n{chapters}}})();\n'


def _score(result: ExperimentResult, method: str) -> str | None:
    value = lookup.quality(result, method)
    return None if value is None else rounding.score(value)


def _template(name: str) -> str:
    return files("lab.serve").joinpath("templates", name).read_text(encoding="utf-8")

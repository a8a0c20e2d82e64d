"""The page as one self-contained HTML file: no request leaves it, and text from documents or models stays text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from lab.report.browser import browser_data, script_json
from lab.report.cost_curves import total_cost_charts
from lab.report.figures import HALF, NARROW, cost_chart, loss_charts, quality_chart
from lab.report.layout import Page
from lab.report.svg import RULES
from lab.types import ExperimentResult

# Everything is refused but what stands in the file; the one script is named by its hash, so injected ones do not run.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{}'; img-src data:; "
    "base-uri 'none'; form-action 'none'"
)


def render_html(page: Page, result: ExperimentResult, answers: Sequence[Mapping[str, Any]]) -> str:
    """report.html as text."""
    environment = Environment(
        loader=PackageLoader("lab.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    script = _template("report.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return environment.get_template("report.html.j2").render(
        page=page,
        policy=_POLICY.format(digest),
        style=Markup(_template("report.css") + RULES),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        data=Markup(script_json(browser_data(result, answers))),  # noqa: S704 - script_json leaves no < in it
        charts=_charts(result),
    )


def _charts(result: ExperimentResult) -> dict[str, Any]:
    """Each chart in two widths, of which the style sheet shows one: scaled-down text would be too small to read."""
    wide = {"quality": quality_chart(result, HALF), "cost": cost_chart(result, HALF)}
    narrow = {"quality": quality_chart(result, NARROW), "cost": cost_chart(result, NARROW)}
    markup: dict[str, Any] = {
        # The figures escape every text they hold.
        name: {"wide": Markup(wide[name].inline()), "narrow": Markup(narrow[name].inline())}  # noqa: S704
        for name in wide
    }
    markup["total-cost"] = [
        {"figure": figure, "svg": Markup(figure.inline())}  # noqa: S704
        for figure in total_cost_charts(result)
    ]
    markup["loss"] = [{"figure": figure, "svg": Markup(figure.inline())} for figure in loss_charts(result)]  # noqa: S704
    return markup


def _template(name: str) -> str:
    return files("lab.report").joinpath("templates", name).read_text(encoding="utf-8")

"""The page as one self-contained HTML file: no request leaves it, and text from documents or models stays text."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from lab.report.browser import BrowserParts
from lab.report.layout import Page
from lab.report.svg import DARK_VARIABLES, LIGHT_VARIABLES, RULES

# Everything is refused but what stands in the file; scripts are named by their hashes, so injected ones do not run.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src {}; img-src data:; base-uri 'none'; form-action 'none'"
)
_COLOURS = f"""
:root {{ {LIGHT_VARIABLES} }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ {DARK_VARIABLES} }} }}
"""


def render_html(page: Page, browser: BrowserParts | None = None) -> str:
    """report.html as text; without `browser` it has no answers to browse."""
    environment = Environment(
        loader=PackageLoader("lab.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    scripts = [_template("page.js"), *([browser.script] if browser else [])]
    style = _COLOURS + RULES + _template("report.css") + (browser.style if browser else "")
    # Marked as safe is what this package wrote itself: style, scripts, figures that escape every text they hold, and
    # islands that hold no character of markup.
    return environment.get_template("report.html.j2").render(
        page=page,
        browser=browser,
        policy=_POLICY.format(" ".join(map(_hash, scripts))),
        style=Markup(style),  # noqa: S704
        scripts=[Markup(script) for script in scripts],  # noqa: S704
        islands=[(island.id, Markup(island.text)) for island in browser.islands] if browser else [],  # noqa: S704
        draw=lambda figure: Markup(figure.inline()),  # noqa: S704
    )


def _hash(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _template(name: str) -> str:
    return files("lab.report").joinpath("templates", name).read_text(encoding="utf-8")

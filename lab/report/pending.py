"""Stand-ins until charts and browser are there."""

from typing import Any

try:
    from lab.report.browser import BrowserParts, browser_parts
except ImportError:
    BrowserParts = Any

    def browser_parts(result, rows):
        return None


try:
    from lab.report.read import iter_answers  # noqa
except ImportError:
    from lab.report.read import read_answers as iter_answers  # noqa
try:
    from lab.report.svg import DARK_VARIABLES, LIGHT_VARIABLES
except ImportError:
    LIGHT_VARIABLES = "--ink:#1c2126; --muted:#5a6570; --line:#dde2e7; --accent:#0b5cad; --paper:#fff; --wash:#f5f7f9; --tint:#eaf2fa; --bad:#b3261e;"
    DARK_VARIABLES = "--ink:#e4e8ec; --muted:#9ba6b1; --line:#313941; --accent:#6fb4f2; --paper:#14181c; --wash:#1b2026; --tint:#18293a; --bad:#f2867f;"


class _C:
    def __getattr__(self, n):
        try:
            from lab.report import charts as c

            return getattr(c, n)
        except (ImportError, AttributeError):
            return (lambda r: ()) if n == "training_charts" else (lambda r: None)


charts = _C()

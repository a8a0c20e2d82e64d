"""axe-core on a page: what keeps readers out, by WCAG 2.2 AA and good practice."""

import pytest


def violations(page):
    """Each rule that is broken, with the elements that break it."""
    axe = pytest.importorskip(
        "axe_playwright_python.sync_playwright", reason="axe is not installed: pip install -e '.[dev]'"
    )
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = axe.Axe().run(page, options={"runOnly": tags})
    return [
        (one["id"], [(node["target"], node["failureSummary"]) for node in one["nodes"]])
        for one in found.response["violations"]
    ]

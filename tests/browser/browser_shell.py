"""The answer browser in the smallest page that can hold it, under the policy of the whole report."""

import base64
import hashlib
import json
import random
from importlib.resources import files

from jinja2 import DictLoader, Environment, PackageLoader, StrictUndefined
from jinja2.loaders import ChoiceLoader
from markupsafe import Markup

from lab.report import read_result
from lab.report.browser import browser_parts
from lab.report.svg import DARK_VARIABLES, LIGHT_VARIABLES

SHELL = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Answers of a run</title>
<meta http-equiv="Content-Security-Policy" content="{{ policy }}">
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">
<style>:root { color-scheme: light dark; {{ light }} }
@media (prefers-color-scheme: dark) { :root { {{ dark }} } }
{{ style }}</style></head>
<body><nav class="side" aria-label="Sections"></nav><main><h1>Shell</h1><p><a href="#other">other</a></p>
<section id="answers"><h2>Answers</h2>{% include "browser.html.j2" %}</section>
<section id="other"><h2>Other</h2><p>Something else.</p></section></main>
{% for island in islands %}<script type="application/octet-stream" id="{{ island.id }}">{{ island.text }}</script>
{% endfor %}<script>{{ script }}</script></body></html>
"""
METHODS = {"raft": (1, 2, 3), "rag": (1,), "closed-book": (1,), "oracle": (1,)}
LEVELS = {"raft": 0.6, "rag": 0.5, "closed-book": 0.2, "oracle": 0.8}
KINDS = ("span", "number", "unanswerable")
CAUSES = ("wrong reading", "retrieval miss", "refused")
NOUNS = ("cabin", "Tower", "cable", "brake", "élan", "valley", "winter", "permit", "ledger", "freight")


def shell(parts):
    """The page as text."""
    digest = base64.b64encode(hashlib.sha256(parts.script.encode()).digest()).decode()
    environment = Environment(
        loader=ChoiceLoader([DictLoader({"shell": SHELL}), PackageLoader("lab.report")]),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template("shell").render(
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:",
        light=LIGHT_VARIABLES, dark=DARK_VARIABLES, script=Markup(parts.script), islands=parts.islands,
        style=Markup(files("lab.report").joinpath("templates", "report.css").read_text("utf-8") + parts.style),
        context=parts.context,
    )  # fmt: skip


def result_of(folder, methods):
    """An ExperimentResult of which the browser needs no more than the methods, best first, and the primary metric."""
    estimate = {"low": None, "high": None, "n": 9, "undefined": 0}
    tree = {
        "schema_version": 1, "name": "shell", "domain": "", "track": "question", "n_test": 9, "n_clusters": 9,
        "seeds": [1], "corpus": {}, "holdout": {}, "comparisons": [], "retrieval": {}, "recommendation": {},
        "timings": {}, "environment": {}, "config": {"metrics": {"primary": "token_f1"}},
        "methods": {
            name: {"metrics": {"token_f1": estimate | {"mean": 1 - 0.1 * place}}} for place, name in enumerate(methods)
        },
    }  # fmt: skip
    path = folder / "results.json"
    path.write_text(json.dumps(tree))
    return read_result(path)


def save(folder, rows, **more):
    """Write the page of these rows and return its address."""
    rows = list(rows)
    result = result_of(folder, dict.fromkeys(row["method"] for row in rows))
    path = folder / "page.html"
    path.write_text(shell(browser_parts(result, rows, **more)), encoding="utf-8")
    return path.as_uri()


def row(key="q-1", method="rag", /, **more):
    """One line of answers.jsonl."""
    return {
        "question_id": key, "method": method, "seed": 1, "question": "How many?", "kind": "span", "cluster": "d",
        "gold": ["eight"], "answer": "eight", "raw": more.get("answer", "eight"), "hits": [],
        "scores": {"token_f1": 1.0, "exact_match": 1.0, "contains": 1.0}, "cause": None,
        "tokens": {"in": 402, "out": 6}, "seconds": 0.1234, "parse_ok": True, "truncated": False,
        "passages_dropped": 0,
    } | more  # fmt: skip


def hit(text, rank=1, **more):
    """One passage that was read."""
    return {"passage": f"d#{rank}", "document": "d", "title": "Sheet", "text": text, "score": 0.5, "rank": rank,
            "gold": False} | more  # fmt: skip


def made_up(count=70, seed=4):
    """Rows of four methods, one of them in three training runs."""
    rng = random.Random(seed)
    rows = []
    for number in range(count):
        kind = rng.choice(KINDS)
        asked = {
            "question": f"Which {rng.choice(NOUNS)} of the {rng.choice(NOUNS)}, case {number}?", "kind": kind,
            "gold": [] if kind == "unanswerable" else [f"{rng.choice(NOUNS)} {number}"],
            "cluster": f"doc-{number // 4}",
        }  # fmt: skip
        read = [hit(" ".join(rng.choices(NOUNS, k=30)), rank) for rank in (1, 2, 3)]
        for method, seeds in METHODS.items():
            for run in seeds:
                rows.append(row(f"q-{number}", method, seed=run, **asked, **said(rng, LEVELS[method], asked["gold"])))
                rows[-1]["hits"] = [] if method == "closed-book" else read
    return rows


def said(rng, level, gold):
    right = rng.random() < level
    exact = right and rng.random() < 0.7
    answer = (gold[0] if gold else "NOT_FOUND") if exact else f"the {rng.choice(NOUNS)} {rng.randint(0, 9)}"
    scores = {
        "token_f1": 1.0 if exact else round(rng.random(), 2),
        "exact_match": float(exact),
        "contains": float(right),
    }
    return {"answer": answer, "scores": scores, "cause": None if right else rng.choice(CAUSES)}

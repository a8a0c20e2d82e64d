"""The made-up result of conftest with all that a run computes today, by the lab's own functions on made-up scores.

And the same with hostile text wherever a result holds free text.
"""

import copy
import itertools
import json
from dataclasses import asdict

import numpy as np

from lab.decision_config import DEFAULT_WEIGHTS, EconomicsConfig, NeedsConfig
from lab.metrics.registry import GROUNDEDNESS
from lab.metrics.text import normalise
from lab.outcomes.abstaining import abstaining
from lab.outcomes.causes import Said, causes, count_causes, disagreements
from lab.outcomes.compare import compare_methods
from lab.outcomes.confidence import confidence
from lab.outcomes.diagnosis import diagnose
from lab.outcomes.factorial import factorial
from lab.outcomes.reading import reading
from lab.outcomes.router import route
from lab.outcomes.slices import slices
from lab.outcomes.table import QuestionFacts, ScoreTable
from lab.recommend.choose import recommend
from lab.recommend.evidence import Candidate, Evidence
from lab.statistics.clustered import estimate

SEEDS = (1, 2, 3)
METRIC, MARGIN, K = "token_f1", 0.03, 3
READERS = ("rag", "fine-tuned+rag", "raft", "oracle")
NEEDS = {
    "weights": dict(DEFAULT_WEIGHTS),  # named, so that groundedness counts
    "citations_required": True, "quality_floor": 0.2, "facts_changing_per_month": 0.05, "update_interval_months": 3,
}  # fmt: skip
PRICES = {
    "currency": "EUR", "cpu_hour": 0.4, "questions_per_month": 20_000, "updates_per_month": 2, "horizon_months": 12,
    "wrong_answer": 0.05, "hosting_per_month": {"raft": 30.0},
}  # fmt: skip

QUALITY = {
    "findings": [
        {
            "check": "lengths", "severity": "warning", "count": 1, "of": 9, "sentence": "1 of 9 questions is too long.",
            "examples": ["q-1"], "advice": "Shorten it.",
        },
    ],
    "checked": ["lengths"], "not_checked": {"language": "not installed"},
}  # fmt: skip

# Markup of HTML, Markdown and GitHub, line ends, links, an address, a mention, an issue; what hides and turns text.
EVIL = (
    "</script></details></picture><script>alert(1)</script> | <img src=x onerror=alert(2)> \u2028 [a](javascript:b) "
    "![i](x) `x` <!-- \x1b[31m \u202e __b__ **b** ~~s~~ $m$ https://a.example www.b.example c@d.example @user #1 GH-2 "
    "{{ 7 * 7 }} &amp; \\| \"' \n# head\n\n- item\n```\n    code\n\n| a |\n| - |"
)
# Values that the report looks up: as hostile text they would only leave parts of it out.
LOOKED_UP = {"rag", "raft", "fine-tuned", "fine-tuned+rag", "closed-book", "oracle", "large", "pass", "fail", "better"}


def hostile(value, texts):
    """The same shape with every text hostile but those that the report looks up."""
    if isinstance(value, dict):
        return {key: hostile(item, texts) for key, item in value.items()}
    if isinstance(value, list):
        return [hostile(item, texts) for item in value]
    return next(texts) if isinstance(value, str) and value not in LOOKED_UP else value


def hostile_tree(tree, rows, texts=(EVIL,)):
    """A full result and its answers whose free texts are `texts` in turn, with one more method of a hostile name."""
    evil, texts = texts[0], itertools.cycle(texts)
    tree, rows = copy.deepcopy(tree), copy.deepcopy(rows)
    tree["methods"][evil] = copy.deepcopy(tree["methods"]["rag"])
    for name, method in tree["methods"].items():
        kept = {"weights": method["weights"]} if name != evil else {}
        tree["methods"][name] = (
            hostile(method, texts) | kept | {"metrics": method["metrics"] | {evil: method["metrics"][METRIC]}}
        )
        label = {
            "n": 3,
            "accuracy": 0.5,
            "macro_f1": 0.4,
            "invalid": 0.1,
            "labels": [next(texts)],
            "majority": next(texts),
        }
        each = {"label": label["labels"][0], "precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 3, "said": 2}
        label |= {"majority_share": 0.5, "per_label": [each], "confusion": [[2, 1]]}
        label |= {"above_majority": {"mean": 0.0, "low": -0.1, "high": 0.1}, "mcc": 0.1}
        tree["methods"][name]["labels"] = {next(texts): label}
    kept = {key: tree["config"]["metrics"][key] for key in ("primary",)}
    for key in ("analysis", "recommendation", "corpus", "environment", "timings"):
        tree[key] = hostile(tree[key], texts) | {next(texts): next(texts)}
    tree["config"] = hostile(tree["config"], texts) | {"metrics": kept | {"margin": MARGIN}}
    tree["corpus"] |= {
        "notes": [next(texts)],
        "kinds": {next(texts): 3},
        "contradictory_questions": [[next(texts), next(texts)]],
    }
    tree["holdout"]["leaks"] |= {"near": [{"train_id": next(texts), "test_id": next(texts), "similarity": 1.0}]}
    for row in rows:
        row |= {key: next(texts) for key in ("question", "answer", "raw", "kind", "cause")} | {"gold": [next(texts)]}
        for hit in row["hits"]:
            hit |= {key: next(texts) for key in ("title", "text", "document")}
    return tree | {"name": next(texts), "domain": next(texts), "track": next(texts)}, rows


def full_tree(tree, rows, needs=NEEDS, prices=PRICES):
    """`tree` and the rows of answers.jsonl, as a run of three training seeds would save them."""
    tree, rows = json.loads(json.dumps(tree)), json.loads(json.dumps(rows))
    table = made_up_table(rows, list(tree["methods"]), set(method_names(tree, tuned=True)))
    for row in rows:
        place = int(row["question_id"].removeprefix("q-"))
        values = {name: table.values(row["method"], name)[0, place] for name in ("wrong", "abstained", "contains")}
        row["scores"] |= values
    said = [Said.from_row(row) for row in rows]
    found = causes(said, {one.id for one in table.questions if one.has_gold}, normalise)
    for row, one in zip(rows, said, strict=True):
        row["cause"] = found[one.key]
    for name, method in tree["methods"].items():
        method |= measured(name, table)
        method["metrics"] |= grounded(name, table)
    tree["seeds"] = list(SEEDS)
    tree["corpus"]["quality"] = QUALITY
    tree["comparisons"] = [asdict(one) for one in compare_methods(table, METRIC, MARGIN, 7)]
    tree["analysis"] = {
        "factorial": factorial(table, METRIC),
        "diagnosis": diagnose(table, METRIC, MARGIN, shown_k=K),
        "slices": slices(table, METRIC, 7, shown_k=K),
        "router": route(table, METRIC, shown_k=K),
        "reading": reading(table),
        "causes": {"counts": count_causes(found), "disagreements": disagreements(said, found)},
    }
    wishes = NeedsConfig.model_validate(needs), EconomicsConfig.model_validate(prices)
    tree["recommendation"] = recommend(evidence(tree, table), *wishes, draws=200)
    return json.loads(json.dumps(tree, allow_nan=False)), rows


def method_names(tree, *, tuned):
    """Methods with weights of their own, or without."""
    return [name for name, method in tree["methods"].items() if (method["weights"] != "base") == tuned]


def made_up_table(rows, methods, tuned):
    """120 questions in 58 clusters; three training runs of the tuned methods."""
    rng = np.random.default_rng(3)
    first = {row["question_id"]: row for row in rows}
    facts = tuple(
        QuestionFacts(
            id=key,
            cluster=f"doc-{place % 58}",
            kind=row["kind"],
            answerable=bool(row["gold"]),
            answer_words=len(row["gold"][0].split()) if row["gold"] else 0,
            has_gold=bool(row["gold"]),
            gold_rank=int(rng.integers(1, 6)) if row["gold"] else None,
            known=str(rng.choice(["known", "maybe", "unknown"])) if row["gold"] else None,
        )
        for place, (key, row) in enumerate(first.items())
    )
    level = {"closed-book": 0.1, "rag": 0.5, "fine-tuned": 0.25, "fine-tuned+rag": 0.55, "raft": 0.65, "oracle": 0.7}
    columns = {}
    for name in methods:
        shape = (len(SEEDS) if name in tuned else 1, len(facts))
        correct = rng.random(shape) < level.get(name, 0.4)
        declined = (rng.random(shape) < 0.15) & ~correct
        columns[name] = {
            "token_f1": np.where(correct, 1.0, rng.random(shape) * 0.2),
            "exact_match": correct.astype(float),
            "contains": (correct | (rng.random(shape) < 0.08)).astype(float),
            "wrong": (~correct & ~declined).astype(float),
            "abstained": declined.astype(float),
            "logprob": -rng.random(shape) * (1.0 - 0.5 * correct),
            "support_lexical": np.where(declined, np.nan, rng.random(shape))
            if name in READERS
            else np.full(shape, np.nan),
        }
    return ScoreTable(facts, {name: SEEDS if name in tuned else (1,) for name in methods}, columns)


def measured(name, table):
    """What a run writes of one method beside its metrics."""
    reads, tuned = name in READERS, len(table.seeds[name]) > 1
    samples = (300 + 200 * reads + 50 * np.random.default_rng(len(name)).random(10)).tolist()
    latency = {**quantiles(samples), "n": 10, "samples": samples, "beside": None}
    if name == "oracle":
        latency = {"p50": None, "p95": None, "p99": None, "n": 0, "samples": [], "beside": None}
    elif tuned:
        latency["beside"] = {**quantiles([1.4 * sample for sample in samples[:4]]), "n": 4}
    runs = zip(table.seeds[name], table.values(name, METRIC), strict=True)
    return {
        "by_seed": {str(seed): float(row.mean()) for seed, row in runs},
        "abstention": abstaining(table, name),
        "confidence": confidence(table, name),
        "latency_ms": latency,
        "throughput_per_s": 8.3,
        "memory_bytes": None if name == "oracle" else 1.31e9,
        "energy_j_per_question": None,
        "build": {
            "index_s": 9.1 * reads, "indexing_s": 0.4 * reads, "embedding_s": 8.7 * reads,
            "index_bytes": 477_000 * reads, "training_s": 212.4 * tuned, "tokens_seen": 41_233 * tuned,
            "peak_memory_bytes": 2.2e9 if tuned else None, "adapter_bytes": 9_800_000 * tuned,
        },
    }  # fmt: skip


def quantiles(samples):
    """p50, p95 and p99."""
    return {f"p{share}": float(np.percentile(samples, share)) for share in (50, 95, 99)}


def grounded(name, table):
    """The metrics of groundedness: of methods that read, those that need no further model and no quotes."""
    found = {metric: asdict(estimate(None, 120)) for metric in GROUNDEDNESS}
    if name in READERS:
        found["support_lexical"] = asdict(estimate(table.sample([(1.0, name, "support_lexical")]), 120))
        found["supporting_document"] = {"mean": 0.61, "low": 0.5, "high": 0.72, "n": 84, "undefined": 36}
    return found


def evidence(tree, table):
    """The candidates of a recommendation."""
    candidates = []
    for name in ("closed-book", "rag", "fine-tuned", "fine-tuned+rag", "raft"):
        method = tree["methods"][name]
        support = table.values(name, "support_lexical") if name in READERS else None
        candidates.append(
            Candidate(
                name, method["weights"], name in READERS, table.values(name, METRIC), table.values(name, "wrong"),
                support, tuple(method["latency_ms"]["samples"]), method["seconds_per_question"], method["tokens"]["in"],
                method["tokens"]["out"], method["build"]["index_s"], method["build"]["training_s"], 1.31e9,
            )
        )  # fmt: skip
    scope = {
        "model": "smollm2-135m", "domain": tree["domain"], "track": "question", "n": 120, "clusters": 58, "seeds": 3,
        "mde": 0.09, "device": "cpu", "date": "2026-05-04",
    }  # fmt: skip
    comparisons = compare_methods(table, METRIC, MARGIN, 7)
    return Evidence(METRIC, MARGIN, tuple(candidates), table.clusters, comparisons, "cpu", 7, scope)

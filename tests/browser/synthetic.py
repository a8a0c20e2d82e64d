"""A made-up run of any size, always the same: questions, answers of eight methods, and the passages that five read."""

import random
from itertools import accumulate

METHODS = {
    "closed-book": 0.12, "rag": 0.45, "fine-tuned": 0.22, "fine-tuned+rag": 0.55, "raft": 0.6, "oracle": 0.7,
    "second-rag": 0.5, "second-fine-tuned": 0.25,
}  # fmt: skip
READERS = ("rag", "fine-tuned+rag", "raft", "oracle", "second-rag")
KINDS = ("span", "number", "yes-no", "list", "multi-document", "unanswerable")
CAUSES = ("wrong reading", "retrieval miss", "not known", "refused", "format")
METRICS = (
    "rouge_l", "bleu", "chrf", "semantic_similarity", "support_lexical", "support_embedding", "supporting_document",
    "logprob",
)  # fmt: skip
SYLLABLES = "ba ke li mo nu ra sti ve wo ta pre dor gan hil jem lot mar nes pol quin".split()
K, WORDS = 3, 100  # passages that are read, words of each


class World:
    """`questions` questions and `passages` distinct passages; words are as uneven as in a language."""

    def __init__(self, questions, passages, seed=1):
        self.rng = random.Random(seed)
        self.count = questions
        self.words = ["".join(self.rng.choices(SYLLABLES, k=self.rng.randint(1, 4))) for _ in range(4000)]
        self.weights = list(accumulate(1 / rank for rank in range(1, len(self.words) + 1)))
        self.passages = [self.phrase(WORDS) for _ in range(passages)]

    def phrase(self, length):
        return " ".join(self.rng.choices(self.words, cum_weights=self.weights, k=length))

    def rows(self):
        """The rows of answers.jsonl, question by question."""
        for number in range(self.count):
            kind = KINDS[number % len(KINDS)]
            question = {
                "question_id": f"q-{number}", "question": f"{self.phrase(12)}?".capitalize(), "kind": kind,
                "cluster": f"doc-{number // 4}",
                "gold": [] if kind == "unanswerable" else [self.phrase(self.rng.randint(1, 5))],
            }  # fmt: skip
            hits = self.hits()
            for method, level in METHODS.items():
                yield question | self.said(method, level, question["gold"], hits)

    def hits(self):
        places = self.rng.sample(range(len(self.passages)), K)
        return [
            {"passage": f"p-{place}", "document": f"doc-{place // 2}", "title": f"Sheet {place // 2}",
             "text": self.passages[place], "score": round(self.rng.random(), 6), "rank": rank, "gold": rank == 1,
             "spans": [[10, 50]] if rank == 1 else []}
            for rank, place in enumerate(places, start=1)
        ]  # fmt: skip

    def said(self, method, level, gold, hits):
        right = self.rng.random() < level
        answer = (gold[0] if gold else "NOT_FOUND") if right else self.phrase(self.rng.randint(1, 12))
        value = 1.0 if right else round(self.rng.random() * 0.6, 12)
        scores = {"token_f1": value, "exact_match": float(right), "contains": float(right)}
        return {
            "method": method, "seed": 1, "answer": answer, "hits": hits if method in READERS else [],
            "raw": f"{answer}\n\n{self.phrase(15)}" if self.rng.random() < 0.3 else answer,
            "scores": scores | {name: self.rng.random() for name in METRICS} | {"numeric_match": None},
            "cause": None if right else self.rng.choice(CAUSES),
            "tokens": {"in": self.rng.randint(60, 700), "out": self.rng.randint(2, 30)}, "seconds": self.rng.random(),
            "parse_ok": True, "truncated": False, "passages_dropped": 0,
        }  # fmt: skip


def tree(questions):
    """results.json of such a run: as little as a report needs."""
    return {
        "schema_version": 1, "name": "large", "domain": "made-up words", "track": "question", "n_test": questions,
        "n_clusters": questions // 4, "seeds": [1], "corpus": {}, "holdout": {}, "comparisons": [], "retrieval": {},
        "methods": {
            name: {"description": name, "weights": "base", "context": "top-k" if name in READERS else "none",
                   "metrics": {"token_f1": {"mean": level, "low": level - 0.01, "high": level + 0.01, "n": questions,
                                            "undefined": 0}}}
            for name, level in METHODS.items()
        },
        "recommendation": {}, "timings": {}, "environment": {},
        "config": {"metrics": {"primary": "token_f1", "margin": 0.03}},
    }  # fmt: skip

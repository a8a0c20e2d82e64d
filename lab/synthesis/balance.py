"""Which proposals to keep when there are more than are wanted: documents first, then kinds, in turn."""

from __future__ import annotations

import random
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence

from lab.synthesis.nouns import Proposal

UNANSWERABLE = "unanswerable"


def kind_of(proposal: Proposal) -> str:
    """The kind of a proposal: its answer's, or unanswerable."""
    return proposal.answer.kind if proposal.answer else UNANSWERABLE


def choose(
    proposals: Sequence[Proposal],
    *,
    per_passage: int,
    seed: int,
    count: int | None = None,
    standing: Mapping[str, int] | None = None,
) -> tuple[Proposal, ...]:
    """At most `count` proposals (None: no limit), at most `per_passage` of each passage, balanced; in the given order.

    Documents take turns. On its turn a document gives the first waiting proposal of the kind that has the fewest so
    far, over all documents and the questions that are `standing` already (counts by kind; None: none). A further
    wording of a fact waits behind the document's other facts. The seed decides the order of the documents, and nothing
    else is random, so the same arguments choose the same proposals.
    """
    queues = _queues(proposals)
    turns = deque(sorted(queues))
    random.Random(seed).shuffle(turns)  # noqa: S311 - no secret
    taken: list[int] = []
    kinds: Counter[str] = Counter(standing or {})
    passages: Counter[str] = Counter()
    while turns and (count is None or len(taken) < count):
        document = turns.popleft()
        place = _next(queues[document], proposals, kinds, passages, per_passage)
        if place is None:
            continue
        taken.append(place)
        kinds[kind_of(proposals[place])] += 1
        passages[proposals[place].passage.id] += 1
        turns.append(document)
    return tuple(proposals[place] for place in sorted(taken))


def _queues(proposals: Sequence[Proposal]) -> dict[str, dict[str, deque[int]]]:
    """Document -> kind -> positions of proposals, first wordings before further ones."""
    seen: Counter[tuple[str, str]] = Counter()
    keyed = []
    for place, proposal in enumerate(proposals):
        document = proposal.passage.document_id
        keyed.append((seen[document, proposal.group], place))
        seen[document, proposal.group] += 1
    queues: defaultdict[str, defaultdict[str, deque[int]]] = defaultdict(lambda: defaultdict(deque))
    for _, place in sorted(keyed):
        queues[proposals[place].passage.document_id][kind_of(proposals[place])].append(place)
    return {document: dict(kinds) for document, kinds in queues.items()}


def _next(
    queues: dict[str, deque[int]],
    proposals: Sequence[Proposal],
    kinds: Counter[str],
    passages: Counter[str],
    per_passage: int,
) -> int | None:
    """The position to take from one document, removed from its queue; None when the document has no more."""
    for kind in sorted(queues, key=lambda kind: (kinds[kind], kind)):
        queue = queues[kind]
        while queue:
            place = queue.popleft()
            if passages[proposals[place].passage.id] < per_passage:
                return place
    return None

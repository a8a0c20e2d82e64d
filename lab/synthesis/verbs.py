"""Verbs and nouns that the patterns know: what they do to a thing, and how a question says it."""

from __future__ import annotations

EVENTS = (
    "founded|built|opened|established|created|published|born|introduced|discovered|completed|launched|closed|elected|signed"
    "|released|inaugurated|constructed|invented|destroyed|abolished|dissolved|renamed|demolished|formed|installed|adopted"
    "|passed|ratified|isolated|identified|awarded|appointed|crowned|annexed|conquered|restored|replaced|withdrawn|rebuilt"
    "|set up|first described|first reported|first isolated|first published|incorporated|repealed|crushed|defeated|sold"
)
MADE = {
    "invented": "invented", "discovered": "discovered", "designed": "designed", "built": "built", "written": "wrote",
    "developed": "developed", "created": "created", "founded": "founded", "painted": "painted", "composed": "composed",
    "directed": "directed", "established": "established", "led": "led", "commissioned": "commissioned",
    "introduced": "introduced",
}  # fmt: skip
# Past forms of plain events and their stems, for "When did X <stem> ...?".
PAST = {
    "opened": "open", "closed": "close", "began": "begin", "started": "start", "ended": "end", "died": "die",
    "became": "become", "won": "win", "lost": "lose", "moved": "move", "joined": "join", "left": "leave",
    "founded": "found", "published": "publish", "signed": "sign", "invaded": "invade", "conquered": "conquer",
    "captured": "capture", "bought": "buy", "sold": "sell", "launched": "launch", "released": "release",
    "merged": "merge", "declared": "declare", "adopted": "adopt", "married": "marry", "returned": "return",
    "received": "receive", "collapsed": "collapse", "sank": "sink", "arrived": "arrive", "established": "establish",
    "introduced": "introduce", "discovered": "discover", "invented": "invent", "acquired": "acquire",
    "abolished": "abolish", "defeated": "defeat", "surrendered": "surrender", "approved": "approve",
}  # fmt: skip
SIZES = {
    "long": "length", "high": "height", "tall": "height", "wide": "width", "deep": "depth", "thick": "thickness",
}  # fmt: skip
# Verbs of holding, with their auxiliary and stem.
HOLDING = {
    "has": "does have", "have": "do have", "had": "did have", "contains": "does contain", "holds": "does hold",
    "carries": "does carry", "comprises": "does comprise", "employs": "does employ", "seats": "does seat",
    "needs": "does need", "requires": "does require", "uses": "does use", "covers": "does cover", "takes": "does take",
    "produces": "does produce", "serves": "does serve", "spans": "does span", "won": "did win", "lost": "did lose",
    "consists of": "does consist of", "received": "did receive",
}  # fmt: skip
ROLES = frozenset(
    "president mayor king queen founder head director leader author inventor designer architect chair chairman emperor"
    " governor captain minister chancellor pope bishop composer editor owner".split()
)
NOT_DEFINED = frozenset(
    "result part number example member one case way reason matter lot series variety range majority kind type form bit"
    " major common key significant important first second last only same".split()
)

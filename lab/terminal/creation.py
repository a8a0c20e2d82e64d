"""A corpus that was just made, in the terminal: what was read, what was not, the questions, what to do next."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lab import rounding
from lab.create.asking import Asking
from lab.create.importing import Imported
from lab.create.make import Created
from lab.create.measure import UNKNOWN, count_words
from lab.create.placing import WAYS
from lab.escapes import one_line, visible
from lab.ingest.nouns import FileOutcome, Progress
from lab.near_documents import NearDuplicates
from lab.terminal.console import cell

BAD_SHOWN, NAMES_SHOWN, ASIDE_SHOWN, NOTES_SHOWN, PASSED_SHOWN = 12, 3, 8, 5, 2
READ_WIDTH = 100  # columns on a terminal
ONE_LINE = 2000  # columns elsewhere: programs and logs want a row on one line
DOT = "\N{MIDDLE DOT}"
GONE = "no more found"  # how reading begins the sentence on files that are gone
FEW = 30  # questions below which more should be made
ENGLISH = "English"
FATES = {
    "written": "written; every line says what it does",
    "rewritten": "written anew, to fit the questions",
    "kept": "left as it was",
    "edited": "left as you edited it, though the questions or the domain are new",
}


def progress_text(now: Progress) -> str:
    """One line while files are read, as markup."""
    return f"reading {now.done + 1:,} of {now.total:,}: {escape(one_line(now.path))}"


def show_created(console: Console, made: Created, *, default_place: bool) -> None:
    """Print what was made; `default_place` where NAME alone leads to the folder."""
    if not console.is_terminal:
        console.width = ONE_LINE
    for part in _parts(made, default_place):
        console.print(part, width=min(console.width, READ_WIDTH) if console.is_terminal else None)


def _parts(made: Created, default_place: bool) -> Iterator[RenderableType]:
    yield _title(made)
    yield Text()
    yield _formats(made)
    rows = [*_remarks(made)]
    if rows:
        yield Text()
        yield _grid(rows)
    if made.bad:
        yield Text()
        yield from _bad(made.bad)
    if made.asking.imported or made.asking.total or made.asking.waiting:
        yield Text()
        yield from _questions(made.asking)
    yield Text()
    yield from _next(made, default_place)


def _title(made: Created) -> Text:
    documents = _plural(len(made.ingested.documents), "document")
    words = f"{rounding.count(made.measured.words)} words, about {_plural(made.passages, 'passage')}"
    took = f"{rounding.short(round(made.seconds, 1))} s"
    head = Text.assemble((visible(str(made.folder)), "bold"), f"  {documents}, {words}", (f"  {took}", "dim"))
    return head


def _formats(made: Created) -> Table:
    """One row a format: files, documents, words, encodings."""
    words: Counter[str] = Counter()
    for document in made.ingested.documents:
        words[document.metadata.get("format", "")] += count_words(document.text)
    read = [one for one in made.ingested.files if one.document_ids]
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 3, 0, 0))
    table.add_column("format")
    for name in ("files", "documents", "words"):
        table.add_column(name, justify="right")
    table.add_column("encoding")
    for name, files in Counter(one.format or "" for one in read).most_common():
        own = [one for one in read if (one.format or "") == name]
        encodings = Counter(one.encoding for one in own if one.encoding)
        said = ", ".join(f"{number} in {encoding}" for encoding, number in encodings.most_common())
        documents = sum(len(one.document_ids) for one in own)
        table.add_row(cell(name), *map(rounding.count, (files, documents, words[name])), cell(said))
    return table


def _remarks(made: Created) -> Iterator[tuple[str, Text]]:
    """What is worth knowing of the documents, each with a label."""
    if made.changes is not None:
        yield "since last time", _changes(made)
    if set(made.measured.languages) - {ENGLISH, UNKNOWN}:
        yield "languages", _languages(made)
    if made.ingested.near_duplicates:
        yield "near-duplicates", _duplicates(made.ingested.near_duplicates)
    for sentence in made.ingested.notes:
        if not made.ingested.removed or not sentence.startswith(GONE):  # the changes name them
            yield "note", Text(visible(sentence))
    yield from _notes(made.ingested.files)
    passed = _by([(one.reason or "", one.path) for one in made.ingested.files if one.status == "ignored"])
    for reason, paths in passed[:PASSED_SHOWN]:
        yield "passed by", Text(visible(f"{reason}{_shown(paths)}"))


def _notes(files: Sequence[FileOutcome]) -> Iterator[tuple[str, Text]]:
    """What reading changed or left out, the commonest first, each with the files that it is said of."""
    ordered = _by([(note, one.path) for one in files if one.status == "read" for note in one.notes])
    for note, paths in ordered[:NOTES_SHOWN]:
        yield "note", Text(visible(f"{note}{_shown(paths)}"))
    if len(ordered) > NOTES_SHOWN:
        yield "", Text(f"and {len(ordered) - NOTES_SHOWN:,} other notes in ingest.json", style="dim")


def _changes(made: Created) -> Text:
    changes = made.changes
    assert changes is not None
    if not (changes.added or changes.changed or changes.removed):
        return Text(f"nothing: {_plural(changes.unchanged, 'file')} unchanged, none read again")
    parts = [
        f"{rounding.count(len(names))} {what}{_shown(names)}"
        for what, names in (("added", changes.added), ("changed", changes.changed), ("removed", changes.removed))
        if names
    ]
    return Text(visible(f"{'; '.join(parts)}; {rounding.count(changes.unchanged)} unchanged"))


def _languages(made: Created) -> Text:
    counts = made.measured.languages
    said = ", ".join(f"{name} {rounding.count(number)}" for name, number in counts.items())
    foreign = made.measured.language not in (ENGLISH, UNKNOWN)
    advice = "; minilm and smollm2-135m read English: name other models in experiment.yaml" if foreign else ""
    return Text(f"{said}{advice}")


def _duplicates(groups: Sequence[NearDuplicates]) -> Text:
    exact = sum(one.exact for one in groups)
    first = groups[0].document_ids
    said = f"{_plural(len(groups), 'group')} of documents that say nearly the same"
    same = f", {exact} of them word for word" if exact else ""
    return Text(visible(f"{said}{same}, such as {first[0]} and {first[1]}; leave one of each out"))


def _bad(bad: Sequence[FileOutcome]) -> Iterator[RenderableType]:
    yield Text(f"not read: {_plural(len(bad), 'file')}", style="bold yellow")
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(overflow="fold", max_width=40)
    table.add_column(overflow="fold")
    for one in bad[:BAD_SHOWN]:
        advice = f"; {one.advice}" if one.advice else ""
        table.add_row(cell(f"  {one.path}"), Text.assemble(visible(str(one.reason)), (visible(advice), "cyan")))
    yield table
    if len(bad) > BAD_SHOWN:
        yield Text(f"  and {len(bad) - BAD_SHOWN:,} more; ingest.json lists them all", style="dim")


def _questions(asking: Asking) -> Iterator[RenderableType]:
    yield Text.assemble(("questions", "bold"), f"  {rounding.count(asking.total)}")
    rows: list[tuple[str, Text]] = []
    if asking.imported:
        rows += _import_rows(asking.imported)
    if asking.moved:
        rows.append(
            (rounding.count(len(asking.moved)), Text("moved with their evidence, whose text stands elsewhere now"))
        )
    if asking.returned:
        rows.append((rounding.count(len(asking.returned)), Text("found their evidence again, and are asked again")))
    if rows:
        yield _grid(rows)
    if asking.aside:
        yield from _aside(asking)
    elif asking.waiting:
        yield Text(f"  {rounding.count(asking.waiting)} still set aside in questions-set-aside.jsonl", style="dim")


def _import_rows(imported: Imported) -> Iterator[tuple[str, Text]]:
    columns = (role if role == column else f"{role} ({column})" for role, column in imported.columns.items())
    unused = f"; not used: {', '.join(imported.unused)}" if imported.unused else ""
    yield "read", Text(visible(f"{imported.path.name}: {', '.join(columns)}{unused}"))
    for way, number in imported.ways.items():
        yield rounding.count(number), Text(WAYS[way])
    if imported.present:
        yield rounding.count(imported.present), Text("left out: asked already, with the same answers")
    if imported.differing:
        differ = f"left out: asked already, with other answers than in the file{_shown(imported.differing)}"
        advice = "; to take the file's, delete these lines of questions.jsonl"
        yield rounding.count(len(imported.differing)), Text(visible(f"{differ}{advice}"), style="yellow")
    if imported.unplaced:
        without = f"without evidence{_shown(imported.unplaced)}: the answer is scored, retrieval is not"
        yield rounding.count(len(imported.unplaced)), Text(visible(without))
    for note in imported.notes:
        yield "note", Text(visible(note))


def _aside(asking: Asking) -> Iterator[RenderableType]:
    rest = len(asking.aside) - ASIDE_SHOWN
    more = f"and {rest:,} more. " if rest > 0 else ""
    said = f"{_plural(len(asking.aside), 'question')} set aside: the documents no longer hold what they rest on"
    advice = (
        "Correct them and move their lines, without what is lost, from questions-set-aside.jsonl to questions.jsonl. "
        "Or let them be: they return by themselves when the text does."
    )
    yield Padding(Text(said, style="bold yellow"), (0, 0, 0, 2), expand=False)
    yield _grid([(f"  {visible(one.id)}", Text(visible(one.reason))) for one in asking.aside[:ASIDE_SHOWN]])
    yield Padding(Text(f"{more}{advice}", style="dim"), (0, 0, 0, 2), expand=False)


def _next(made: Created, default_place: bool) -> Iterator[RenderableType]:
    file = made.folder / "experiment.yaml"
    yield Text.assemble(("experiment.yaml", "bold"), f"  {FATES[made.experiment]}: {visible(str(file))}")
    if made.experiment in ("written", "rewritten"):
        yield Text(f"  domain: {visible(made.domain.text)}", style="dim")
    yield Text()
    yield Text("next", style="bold")
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 3, 0, 0))
    table.add_column(no_wrap=True, style="cyan")
    table.add_column(overflow="fold", style="dim")
    for command, why in _commands(made, default_place):
        table.add_row(cell(f"  {command}"), why)
    yield table


def _commands(made: Created, default_place: bool) -> Iterator[tuple[str, str]]:
    folder = shlex.quote(visible(str(made.folder)))
    name = made.name if default_place else folder
    again = made.name if default_place else f"{made.name} --into {shlex.quote(visible(str(made.folder.parent)))}"
    minutes = _plural(max(1, round(made.settings.seconds / 60)), "minute")
    if made.asking.total < FEW:
        yield f"lab synthesize {name}", "writes questions from the passages"
    if not made.asking.total:
        yield f"lab init {again} --questions FILE", "takes questions that you have"
        return
    yield f"lab check {folder}", "what a run would measure and cost"
    took = f", about {minutes} on 2 CPU cores" if made.experiment in ("written", "rewritten") else ""
    yield f"lab run {folder}", f"all methods on the same questions{took}"


def _grid(rows: Sequence[tuple[str, Text]]) -> Table:
    grid = Table(box=None, pad_edge=False, show_header=False, padding=(0, 3, 0, 0))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for label, text in rows:
        grid.add_row(cell(label), text)
    return grid


def _by(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """What is said, the commonest first, each with all that it is said of."""
    found: dict[str, list[str]] = {}
    for said, of in pairs:
        found.setdefault(said, []).append(of)
    return sorted(found.items(), key=lambda item: -len(item[1]))


def _shown(names: Sequence[str]) -> str:
    """` (a, b, c and 4 more)`."""
    more = f" and {len(names) - NAMES_SHOWN:,} more" if len(names) > NAMES_SHOWN else ""
    return f" ({', '.join(names[:NAMES_SHOWN])}{more})"


def _plural(number: int, noun: str) -> str:
    return f"{rounding.count(number)} {noun}{'' if number == 1 else 's'}"

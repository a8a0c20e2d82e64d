"""The page numbers that a passage of a PDF carries to those who look it up."""

import pytest
from rich.console import Console
from sample_files import pdf_bytes
from test_cutting_strategies import ToyEncoder

from lab.ask.reply import ShownPassage
from lab.ask.show import _head
from lab.corpus.pages import Pages
from lab.corpus.passages import cut_passages
from lab.ingest.ingest import ingest
from lab.types import Document, Hit

WORDS = "The pads of pump {} last four hundred hours before they are changed by the crew of the yard."


def test_passages_of_a_pdf_name_the_pages_on_which_their_words_stand(tmp_path):
    pages = [[WORDS.format("one")], [], [WORDS.format("three")], [WORDS.format("four")]]
    (tmp_path / "pads.pdf").write_bytes(pdf_bytes(pages))
    (document,) = ingest([tmp_path / "pads.pdf"]).documents
    passages = cut_passages([document], ToyEncoder(), max_tokens=12, overlap=0, cutting="window")
    pages_by_pump = {"one": "1", "three": "3", "four": "4"}
    for word, number in pages_by_pump.items():
        found = next(passage for passage in passages if f"pump {word}" in passage.text)
        assert found.pages == number
    whole = cut_passages([document], ToyEncoder(max_tokens=200), max_tokens=99, overlap=0)
    assert [passage.pages for passage in whole] == ["1-4"]
    shown = ShownPassage.of(Hit(whole[0], 0.5, 1), shown=True)
    console = Console(width=200)
    with console.capture() as capture:
        console.print(_head(shown, ()))
    assert ", p. 1-4  score" in capture.get()


@pytest.mark.parametrize(
    ("metadata", "start", "end", "pages"),
    [
        ({"pages": "[0, 10, 30]", "first_page": "7"}, 0, 10, "7"),
        ({"pages": "[0, 10, 30]", "first_page": "7"}, 9, 11, "7-8"),
        ({"pages": "[0, 10, 30]", "first_page": "7"}, 30, 99, "9"),
        ({"pages": "[0, 0, 30]"}, 0, 5, "2"),
        ({}, 0, 5, ""),
        ({"pages": "12-15"}, 0, 5, ""),
        ({"pages": "12"}, 0, 5, ""),
        ({"pages": '["a"]'}, 0, 5, ""),
        ({"pages": "[3, 1]"}, 0, 5, ""),
        ({"pages": "[]"}, 0, 5, ""),
        ({"pages": "[0, 10]", "first_page": "vii"}, 0, 5, ""),
    ],
)
def test_pages_by_offsets(metadata, start, end, pages):
    assert Pages.of(Document("d", "", "x" * 100, metadata)).named(start, end) == pages

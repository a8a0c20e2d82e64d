"""A passage's path of headings leaves with the passage: the encoder and the prompt have read it."""

from lab.export.method import passage_row
from lab.index.embed import passage_text
from lab.types import Passage


def test_title_and_text_of_an_exported_passage_are_what_was_embedded():
    passage = Passage("d#0", "d", "Handbook", "Pads last 400 hours.", 0, 20, heading="Maintenance > Brakes")
    row = passage_row(passage)
    assert "{title}\n{text}".format(**row) == passage_text(passage)
    assert row["title"] == "Handbook > Maintenance > Brakes"

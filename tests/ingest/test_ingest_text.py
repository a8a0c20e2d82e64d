"""Texts: cleaning, decoding, dividing, titles, ids."""

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.ingest.clean import clean
from lab.ingest.decode import decode
from lab.ingest.ids import MAX_ID, Ids, safe_id
from lab.ingest.nouns import Unreadable
from lab.ingest.split import split_text
from lab.ingest.titles import MAX_TITLE, file_title, markdown_title, metadata_title, text_title, tidy_title

CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy. Hlavní město leží na řece Vltavě a má přes milion obyvatel."
FRENCH = "La pompe à chaleur a été réparée le 3 août ; le coût est de 120 €. C’est déjà très cher, dit l’élève."  # noqa: RUF001
GERMAN = "Der Bürgermeister sagte: „Die Straße ist 12 km lang“ – größer als üblich. Preis: 5 €."  # noqa: RUF001
SPANISH = "Señor Núñez vive en España desde hace diez años. La máquina pesa 340 kilogramos y es de acero."
RUSSIAN = "Москва является столицей России. Население города составляет тринадцать миллионов человек."
JAPANESE = "東京は日本の首都です。人口は約千四百万人で、世界最大の都市圏の一つです。"
GREEK = "Η Αθήνα είναι η πρωτεύουσα της Ελλάδας και έχει πληθυσμό τριών εκατομμυρίων."  # noqa: RUF001


def test_cleaning_by_hand():
    assert clean("a  \r\nb\r\rc\u2028d\x0ce \t\n\n\n\n\nf\n") == ("a\nb\n\nc\nd\ne\n\nf", 0)
    assert clean("no\0w\x1b[31m so\xadft \ufeffe\u0301") == ("now[31m soft \u00e9", 4)
    assert clean("hidden\U000e0041\U000e0042 \ud800half") == ("hidden half", 3)
    assert clean(" \n\t\n") == ("", 0)
    # Joiners and marks that languages need stay.
    assert clean("می\u200cخواهم 👨\u200d👩").removed == 0  # noqa: RUF001


@given(st.text(st.characters(), max_size=60))
def test_clean_text_is_stable_and_storable(text):
    once, _ = clean(text)
    assert clean(once) == (once, 0)
    assert unicodedata.is_normalized("NFC", once)
    once.encode("utf-8")
    assert all(line == line.rstrip() for line in once.split("\n"))
    assert not any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t" for char in once)


@pytest.mark.parametrize(
    ("text", "codec", "named"),
    [
        (FRENCH, "utf-8-sig", None),
        (FRENCH, "utf-8", None),
        (FRENCH, "utf-16", "utf-16-le"),
        (FRENCH, "utf-16-be", "utf-16-be"),
        (FRENCH, "utf-16-le", "utf-16-le"),
        (FRENCH, "utf-32", "utf-32-le"),
        (FRENCH, "cp1252", "windows-1252"),
        (GERMAN, "cp1252", "windows-1252"),
        (SPANISH, "latin-1", "windows-1252"),
        (CZECH, "cp1250", "windows-1250"),
        (RUSSIAN, "cp1251", "windows-1251"),
        (RUSSIAN, "koi8-r", "koi8_r"),
        (GREEK, "cp1253", "cp1253"),
        (JAPANESE, "shift_jis", "shift_jis (cp932)"),
        (JAPANESE, "euc_jp", "euc_jis_2004"),
    ],
)
def test_encodings_are_told(text, codec, named):
    decoded = decode(text.encode(codec))
    assert (decoded.text, decoded.encoding, decoded.notes) == (text, named, ())


def test_utf16_with_its_big_endian_mark():
    assert decode(b"\xfe\xff" + FRENCH.encode("utf-16-be")).text == FRENCH


def test_a_guess_needs_no_more_than_a_sample():
    ascii_first = b"The pump was greased again.\n" * 200_000
    decoded = decode(ascii_first + GERMAN.encode("cp1252"))
    assert decoded.encoding == "windows-1252"
    assert decoded.text.endswith(GERMAN)


def test_a_broken_character_among_many_does_not_make_all_of_them_another_encoding():
    decoded = decode(RUSSIAN.encode() + b"\xff" + RUSSIAN.encode())
    assert (decoded.text, decoded.encoding) == (f"{RUSSIAN}\ufffd{RUSSIAN}", None)
    assert decoded.notes == ("1 broken UTF-8 characters replaced by U+FFFD",)


def test_a_declared_encoding_comes_before_a_guess_and_a_wrong_one_does_no_harm():
    assert decode(CZECH.encode("iso8859-2"), "iso-8859-2").text == CZECH
    assert decode(JAPANESE.encode(), "iso-8859-1").text == JAPANESE
    assert decode(GERMAN.encode("cp1252"), "no-such-code").text == GERMAN


def test_bytes_of_no_encoding():
    with pytest.raises(Unreadable, match="no encoding fits"):
        decode(bytes(range(128, 256)) * 40)


@given(st.text("ab .\n#é\u0301漢。", max_size=400), st.integers(2, 60))
def test_parts_hold_all_but_white_space(text, limit):
    spans = split_text(text, limit)
    assert all(0 < end - start <= limit for start, end in spans)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert "".join("".join(text[start:end] for start, end in spans).split()) == "".join(text.split())


def test_where_parts_end():
    before, after = "word " * 15, "more " * 15

    def first(text):
        start, end = split_text(text, 100)[0]
        return text[start:end]

    assert first(f"{before}\n# Heading\n\nText.\n\n{after}") == before.strip()
    assert first(f"{before}end.\n\nNew paragraph {after}") == f"{before}end."
    assert first(f"{before}end.\nNew line {after}") == f"{before}end."
    assert first(f"{before}end. New sentence {after}") == f"{before}end."
    assert first(f"{'x' * 70} {'y' * 70}") == "x" * 70
    assert first("z" * 130) == "z" * 100
    assert first("e" * 100 + "\u0301" + "z" * 40) == "e" * 99
    assert split_text("short", 100) == ((0, 5),)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Intro\n\n## The **brakes** of [HL-4](x.html) ##\n\n# Later", "The brakes of HL-4"),
        ("```\n# a comment\n```\n\n# Real", "Real"),
        ("Pumps\n=====\n\ntext", "Pumps"),
        ('---\ntitle: "Pump guide"\ndate: 2020\n---\n\n# Other', "Pump guide"),
        ("---\ndate: 2020\n---\n# Other", "Other"),
        ("| a |\n|---|\n| b |", ""),
        ("text\n\n---\n\nmore", ""),
        ("#hashtag", ""),
        ("snake_case_name is kept\n---", "snake_case_name is kept"),
    ],
)
def test_titles_of_markdown(text, title):
    assert markdown_title(text) == title


def test_titles_of_plain_text():
    assert text_title("Pump guide\n\nThe pump moves water.") == "Pump guide"
    assert text_title("The pump moves water.\n\nIt is old.") == ""
    assert text_title("The pump moves water\nand more") == ""
    assert text_title("1894\n\nThe founding") == ""


def test_titles_are_one_line_that_leaves_room_for_text():
    long = tidy_title("word " * 60)
    assert len(long) <= MAX_TITLE
    assert long.endswith("word…")
    assert tidy_title("a\x1b[31m\nb\u202ec") == "a[31m b\\u202ec"
    assert metadata_title("Microsoft Word - brakes.doc") == metadata_title("Untitled-1") == metadata_title("--") == ""
    assert metadata_title("Brake manual") == "Brake manual"
    assert file_title("works/brake_manual.v2.pdf") == "brake manual.v2"


def test_ids():
    assert safe_id("works/Brake manual (v2).pdf") == "works/Brake manual (v2).pdf"
    assert re.fullmatch(r"C- guide\.txt~[0-9a-f]{6}", safe_id("C# guide.txt"))
    assert safe_id("C# guide.txt") != safe_id("C\\ guide.txt")
    ids = Ids()
    assert [ids.take("a.txt"), ids.take("a.txt"), ids.take("b.txt")] == ["a.txt", "a.txt~2", "b.txt"]


@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=300))
def test_ids_are_what_a_data_file_takes(one, other):
    for name in (one, other):
        id = safe_id(clean(name).text or "x")
        assert id == id.strip()
        assert 0 < len(id) <= MAX_ID + 7
        assert "#" not in id
    if one != other:
        assert safe_id(one) != safe_id(other)

"""What in a passage could answer a question, by passages whose answers were listed by hand."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lab.synthesis.answers import find_answers
from lab.synthesis.sentences import layout
from lab.types import Passage


def passage(text, start=0, title=""):
    return Passage("d#0", "d", title, text, start, start + len(text))


def texts(text, kind=None):
    return [answer.text for answer in find_answers(passage(text)) if kind in (None, answer.kind)]


def test_numbers_come_with_their_units():
    text = "The tank holds 1,200 litres at 3.5 bar and costs $4.2 million; six chains of 12.5 mm carry it for 20 %."
    assert texts(text, "number") == ["1,200 litres", "3.5 bar", "$4.2 million", "six chains", "12.5 mm", "20 %"]


def test_dates_and_times_are_spans_and_years_are_numbers():
    text = "It opened on 12 March 1921 at 14:30 h, closed in 1944, and was sold on 2001-07-09."
    assert texts(text, "span") == ["12 March 1921", "14:30 h", "2001-07-09"]
    assert texts(text, "number") == ["1944"]


def test_a_range_is_one_answer():
    assert texts("The hall seats six to nine percent more.") == ["six to nine percent"]


def test_labels_and_citations_are_no_answers():
    text = "The reader (Agilent 2100) was described earlier (Wall et al., 2014) [12, 13] and see Tower 600 too."
    assert "2100" not in texts(text) and "600" not in texts(text) and "2014" not in texts(text)
    assert not any("Wall" in answer for answer in texts(text))


def test_a_year_alone_in_brackets_is_an_answer():
    assert "1288" in texts("The army lost the battle (1288) and went home.")


def test_names_stand_inside_sentences_or_are_codes():
    found = texts("Harvest began late. In May the K6 left Ossel Head for the Bank of Marl, and Brun Teller paid.")
    assert {"K6", "Ossel Head", "Bank of Marl", "Brun Teller"} <= set(found)
    assert "Harvest" not in found and "May" not in found


def test_key_value_lines_give_their_key():
    found = find_answers(
        passage("Weight: 412 kg\n- **Colour**: red\n* Places: Ulm, Bonn, Trier\nSee: http://x.test/a\n")
    )
    assert [(one.key, one.text, one.kind) for one in found] == [
        ("Weight", "412 kg", "number"), ("Colour", "red", "span"), ("Places", "Ulm, Bonn, Trier", "list"),
    ]  # fmt: skip


def test_cells_of_a_table_have_row_and_column():
    text = "| Model | Height | Doors |\n|---|---:|---|\n| K4 | 2.1 m | two leaves |\n| K6 | 2.4 m | |\n"
    found = [(one.key, one.text) for one in find_answers(passage(text))]
    assert found == [("K4, Height", "2.1 m"), ("K4, Doors", "two leaves"), ("K6, Height", "2.4 m")]


def test_lists_and_definitions_and_quotes():
    assert texts("The bag holds a rope, two hooks and a lamp.", "list") == ["a rope, two hooks and a lamp"]
    assert "a lift without walls" in texts("A chair is a lift without walls.")
    assert "slow is safe" in texts("The crew said \u201cslow is safe.\u201d")


def test_numbers_and_names_are_found_in_other_languages():
    found = texts("Der Kessel wiegt 412 kg und steht seit 1921 in Ulm. Die Anlage geh\u00f6rt der Stadt.")
    assert {"412 kg", "1921", "Ulm"} <= set(found)


def test_offsets_count_in_the_document():
    [answer, *_] = find_answers(passage("It weighs 40 kg.", start=100))
    assert (answer.text, answer.start, answer.end) == ("40 kg", 110, 115)


def test_sentences_end_where_they_end():
    text = "Dr. Moss left at 5 p.m. on Monday. Cf. Fig. 3 for J. Bell.\n\nNext one"
    assert [span.of(text) for span in layout(text).sentences] == [
        "Dr. Moss left at 5 p.m. on Monday.", "Cf. Fig. 3 for J. Bell.", "Next one",
    ]  # fmt: skip


WORDS = st.sampled_from(
    ["The", "K6", "weighs", "412", "kg", ".", ",", "|", "a:", "\n", "- ", "\u201cx\u201d", "It", "the", "Ossel", "Head",
     "**b**:", "(", ")", "1921", "of", "\u00e9t\u00e9", "\U0001f600", "\u2028"]
)  # fmt: skip


@settings(max_examples=200)
@given(st.lists(WORDS, max_size=60), st.integers(0, 999))
def test_every_answer_stands_where_it_says(parts, start):
    one = passage(" ".join(parts), start)
    taken = set()
    for answer in find_answers(one):
        assert one.text[answer.start - start : answer.end - start] == answer.text == answer.text.strip()
        assert 1 <= len(answer.text.split()) <= 12
        span = set(range(answer.start, answer.end))
        assert not taken & span
        taken |= span

"""What counts as personal, by the standards' own examples; and what only looks like it."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quality_world import corpus, document, question

from lab.quality.finding import clipped
from lab.quality.personal import count_personal, find_personal, is_iban, mask, passes_luhn
from lab.quality.privacy import personal_data


# IBANs of the ISO 13616 registry, card numbers that the networks publish for tests, the SSN of an advertisement.
@pytest.mark.parametrize(
    ("text", "kind", "masked"),
    [
        ("Write to jane.doe+lab@mail.uni-kassel.de today.", "e-mail address", "j***@***.de"),
        ("IBAN DE89 3704 0044 0532 0130 00, please", "IBAN", "DE***"),
        ("GB82WEST12345698765432.", "IBAN", "GB***"),
        ("NO9386011117947 is short", "IBAN", "NO***"),
        ("MT84 MALT 0110 0001 2345 MTLC AST0 01S IN FULL", "IBAN", "MT***"),
        ("card 4111 1111 1111 1111 of 2027", "card number", "4***"),
        ("378282246310005", "card number", "3***"),
        ("5555-5555-5555-4444", "card number", "5***"),
        ("her SSN 219-09-9999 was printed", "US social security number", "***-**-****"),
        ("call +49 (0)561 804-0123 now", "phone number", "+4***"),
        ("call +4915112345678 now", "phone number", "+4***"),
        ("(202) 456-1111", "phone number", "(2***"),
        ("Tel.: 030 1234567", "phone number", "03***"),
        ("from 81.2.69.142 at night", "IP address", "81.***"),
        ("from 2001:4860:4860:0:0:0:0:8888 at night", "IP address", "***:***"),
    ],
)
def test_what_is_personal_is_found_once_and_masked(text: str, kind: str, masked: str) -> None:
    found = find_personal(text)
    assert [(one.kind, one.masked) for one in found] == [(kind, masked)]
    assert mask(text) == text.replace(text[found[0].start : found[0].end], masked)
    assert find_personal(mask(text)) == [], "a mask is not personal"


@pytest.mark.parametrize(
    "text",
    [
        "Version 1.2.3.4 of 2024-05-06, section 10.20.30.40, v203.113.99.40 and 3.11.7",
        "192.168.1.1, 127.0.0.1, 10.0.0.7 and 203.0.113.9 belong to nobody",
        "info@velloway.org, no-reply@mail.org, jane@example.com, user@host and @mention",
        "images such as icon@2x.png or photo@large.jpeg",
        "git@github.com:owner/name.git",
        "DE89 3704 0044 0532 0130 01 has a wrong check digit",
        "FR89 3704 0044 0532 0130 00 has another country's length",
        "4111 1111 1111 1112 fails Luhn; 0000 0000 0000 0000 has no issuer",
        "doi:10.1016/S0140-6736(20)30183-5 and ISBN 978-3-16-148410-0",
        "the years 1914-1918 and 2019-2020, pages 123-45-678",
        "219-099-999 and 000-12-3456 and 900-12-3456",
        "+1.5 and +100 % of 12,345,678 people; 555-1234; (202) 555-0143 is made up",
        "12:30:45, 00:1B:44:11:3A:B7, 16:9",
        "Protein NP_001234567.1, accession MN908947, grant 2018ZX10301403",
    ],
)
def test_what_only_looks_personal_is_left_alone(text: str) -> None:
    assert find_personal(text) == []


@given(st.text(alphabet="0123456789", min_size=4, max_size=28), st.sampled_from(["DE", "GB", "NO", "XX"]))
def test_mod_97_is_the_remainder_of_the_number_that_the_letters_spell(digits: str, country: str) -> None:
    lengths = {"DE": 22, "GB": 22, "NO": 15}
    spelled = "".join(str(ord(letter) - 55) for letter in country)
    right = len(country + digits) == lengths.get(country) and int(digits[2:] + spelled + digits[:2]) % 97 == 1
    assert is_iban(country + digits) == right


@given(st.text(alphabet="0123456789", min_size=1, max_size=18))
def test_luhn_accepts_one_check_digit_in_ten(digits: str) -> None:
    assert sum(passes_luhn(digits + check) for check in "0123456789") == 1


@given(st.text(max_size=300))
def test_any_text_is_read_and_traces_lie_in_it_in_order(text: str) -> None:
    found = find_personal(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(before.end <= after.start for before, after in itertools.pairwise(found))


def test_a_long_run_of_nearly_personal_characters_is_read_quickly() -> None:
    for piece in ("a.", "a@", "1 ", "1-", "+1", "DE89 ", "a@b.", "1.", "1:", "("):
        count_personal(piece * 50_000)  # a pattern that goes back and forth would take hours here


def test_the_card_counts_by_document_and_never_repeats_what_it_found() -> None:
    documents = [
        document("staff", "Ask jane.doe@velloway.org or joe.bloggs@velloway.org, tel. 0561 8040123."),
        document("jane.doe@velloway.org", "jane.doe@velloway.org signed."),
        document("brakes"),
    ]
    asked = [question("q", "Whose card is 4111 1111 1111 1111?", ["j@velloway.org"])]
    found = personal_data(corpus(documents), asked)
    assert [(one.severity, one.sentence) for one in found] == [
        ("warning", "3 e-mail addresses in 2 of 3 documents."),
        ("warning", "1 phone number in 1 of 3 documents."),
        ("warning", "1 card number in 1 of 1 question."),
        ("warning", "1 e-mail address in 1 of 1 question."),
    ]
    shown = " ".join(map(clipped, found[0].examples))
    assert "jane" not in shown and "velloway" not in shown, "ids are masked, too"
    assert "staff: j***@***.org" in shown

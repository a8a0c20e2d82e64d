"""What looks personal: e-mail addresses, phone numbers, IBANs, payment cards, IP addresses, US social security numbers.

Names are not looked for. What is found is never repeated: examples are masked (`j***@***.org`). Numbers with a check
digit must pass it: IBANs ISO 7064 MOD 97-10 and their country's length, cards Luhn's formula and a known issuer.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

# Letters and digits of an IBAN by country (ISO 13616 registry).
_IBAN_LENGTHS: Mapping[str, int] = {
    pair[:2]: int(pair[2:])
    for pair in (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 "
        "FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 "
        "LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 "
        "SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
    ).split()
}
# Addresses of nobody: reserved names (RFC 2606, 6761), and what stands before @ where a role or a program answers.
_RESERVED = re.compile(r"(?:^|\.)(?:example(?:\.(?:com|org|net))?|test|invalid|localhost|local)$")
_FILES = frozenset("bmp css csv gif htm html ico jpeg jpg js json md mp3 mp4 pdf png py svg tif txt webp xml".split())
_ROLES = frozenset(
    "abuse admin billing contact customerservice editor enquiries feedback git hello help helpdesk info inquiries jobs "
    "mail marketing media no-reply noreply office orders permissions postmaster press privacy reprints sales security "
    "service support team webmaster".split()
)
_VERSION = re.compile(r"(?:\bv|versions?|release|section|chapter|build|clause)[ .:]*$", re.IGNORECASE)
_EMAIL = re.compile(r"(?<![\w.+-])([^\W_][\w.+-]{0,63})@((?:[A-Za-z0-9-]{1,63}\.){1,6}[A-Za-z]{2,24})(?![\w-])")
_PHONES = (
    re.compile(r"(?<![\w.+])\+[1-9](?:[ ().\u00a0-]{0,2}\d){7,14}(?!\w|[.,]?\d)"),  # E.123, E.164
    re.compile(r"(?<![\w.+-])(?:\([2-9]\d\d\) ?|[2-9]\d\d-)(?!555-01)[2-9]\d\d-\d{4}(?![\w-])"),  # North America
    re.compile(
        r"\b(?:tel|telephone|phone|fax|mobile|cell)\b(?: (?:no|number))?[.: ]{0,3}([(+]?\d[\d ()./-]{5,18}\d)(?!\w)",
        re.IGNORECASE,
    ),
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}")
_CARD = re.compile(r"(?<![\w./-])(?:\d{4}([ -]?)\d{4}\1\d{4}\1\d{1,7}|\d{4}([ -]?)\d{6}\2\d{4,5})(?![\w/-]|\.\d)")
_ISSUERS = re.compile(
    r"4\d{12}(?:\d{3}){0,2}$|(?:5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720))\d*$|3[47]\d{13}$"
    r"|3(?:0[0-5]|[68]\d)\d{11}$|6(?:011|5\d\d|4[4-9]\d)\d{12,15}$|35(?:2[89]|[3-8]\d)\d{12}$"
)
_SSN = re.compile(r"(?<![\w-])(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])")
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:])[0-9A-Fa-f]{1,4}(?::{1,2}[0-9A-Fa-f]{1,4}){3,7}(?![\w:])")


@dataclass(frozen=True, slots=True)
class Trace:
    """Something personal at characters [start, end) of a text; `masked` says its kind and no more."""

    kind: str
    start: int
    end: int
    masked: str


def find_personal(text: str) -> list[Trace]:
    """All that looks personal, in order; of two that overlap, the one that begins first, of these the longer."""
    found: list[Trace] = []
    for trace in sorted(_all(text), key=lambda one: (one.start, -one.end)):
        if not found or trace.start >= found[-1].end:
            found.append(trace)
    return found


def mask(text: str) -> str:
    """The text with all that looks personal masked."""
    for trace in reversed(find_personal(text)):
        text = text[: trace.start] + trace.masked + text[trace.end :]
    return text


def count_personal(text: str) -> Counter[str]:
    """How many of each kind stand in a text."""
    return Counter(trace.kind for trace in find_personal(text))


def _all(text: str) -> Iterator[Trace]:
    if "@" in text:
        yield from _emails(text)
    if not any(character.isdigit() for character in text):
        return
    for pattern in _PHONES:
        for match in pattern.finditer(text):
            group = match.lastindex or 0
            if 8 <= _digits(match[group]) <= 15:
                yield Trace("phone number", *match.span(group), f"{match[group][:2]}***")
    yield from _ibans(text)
    yield from _matching(_CARD, "card number", text, _is_card, lambda said: f"{said[0]}***")
    yield from _matching(_SSN, "US social security number", text, lambda said: True, lambda said: "***-**-****")
    for match in _IPV4.finditer(text):
        if not _VERSION.search(text, max(0, match.start() - 12), match.start()) and _is_address(match[0]):
            yield Trace("IP address", *match.span(), f"{match[0].split('.')[0]}.***")
    if "::" in text or text.count(":") >= 7:
        yield from _matching(_IPV6, "IP address", text, _is_address, lambda said: "***:***")


def _emails(text: str) -> Iterator[Trace]:
    for match in _EMAIL.finditer(text):
        name, host = match[1].casefold(), match[2].casefold()
        if name.split("+")[0] not in _ROLES and not _RESERVED.search(host) and host.rsplit(".", 1)[1] not in _FILES:
            yield Trace("e-mail address", *match.span(), f"{match[1][0]}***@***.{host.rsplit('.', 1)[1]}")


def _ibans(text: str) -> Iterator[Trace]:
    for match in _IBAN.finditer(text):
        length = _IBAN_LENGTHS.get(match[0][:2], 0)
        places = [place for place, character in enumerate(match[0]) if character != " "]
        if not length or len(places) < length:
            continue
        end = places[length - 1] + 1
        goes_on = match[0][end : end + 1] or text[match.end() : match.end() + 1]
        said = match[0][:end].replace(" ", "")
        if not goes_on.isalnum() and is_iban(said):
            yield Trace("IBAN", match.start(), match.start() + end, f"{said[:2]}***")


def _matching(
    pattern: re.Pattern[str], kind: str, text: str, holds: Callable[[str], bool], masked: Callable[[str], str]
) -> Iterator[Trace]:
    for match in pattern.finditer(text):
        if holds(match[0]):
            yield Trace(kind, *match.span(), masked(match[0]))


def is_iban(said: str) -> bool:
    """Whether an IBAN without spaces has its country's length and passes MOD 97-10 (ISO 13616): remainder 1."""
    if len(said) != _IBAN_LENGTHS.get(said[:2]):
        return False
    return int("".join(str(int(character, 36)) for character in said[4:] + said[:4])) % 97 == 1


def passes_luhn(digits: str) -> bool:
    """Luhn's formula (ISO/IEC 7812-1): every second digit from the right doubled, the digit sums add up to tens."""
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def _is_card(said: str) -> bool:
    digits = re.sub(r"\D", "", said)
    return len(digits) in range(13, 20) and _ISSUERS.match(digits) is not None and passes_luhn(digits)


def _is_address(said: str) -> bool:
    """Whether this is an address of the public internet and no version number, which has small parts."""
    try:
        address = ipaddress.ip_address(said)
    except ValueError:
        return False
    small = address.version == 4 and sum(int(one) > 20 for one in said.split(".")) < 2
    return address.is_global and not small


def _digits(said: str) -> int:
    return sum(character.isdigit() for character in said)

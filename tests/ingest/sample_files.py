"""Real files of every format that the lab reads, made without other programs, about one invented water works.

`write_sample_folder(folder)` writes a folder as people have them: good files of seven formats, and some bad ones.
"""

import io
import json
import random
import zipfile
from dataclasses import dataclass
from hashlib import md5
from html import escape

from sample_texts import (
    CARBON,
    CHLORINE,
    FAULTS,
    FINDINGS,
    HISTORY,
    IMPELLER,
    METERS,
    MONTHS,
    NAMES,
    PARTS,
    PLACES,
    PRIMING,
    PUMP,
    RESERVOIR,
    SAMPLING,
    SAND,
    SHIFTS,
    VALVES,
    ZONES,
)

PASSWORD_PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
READABLE = (
    "filters/sand-filters.md", "filters/carbon-filters.docx", "hygiene/chlorine.html", "hygiene/sampling.txt",
    "pumps/high-lift-pump.md", "pumps/impeller.pdf", "pumps/priming.docx", "pumps/parts.csv",
    "network/valves.html", "network/meters.pdf", "network/pressure-zones.txt", "history.jsonl", "faults.tsv",
    "archive.zip/reservoir.md", "archive.zip/night/shift-rules.txt",
)  # fmt: skip


@dataclass(frozen=True)
class SampleFolder:
    """What `write_sample_folder` wrote: names below the folder, "/" between them."""

    readable: tuple[str, ...]
    broken: str = "pumps/torn.pdf"
    empty: str = "hygiene/notes.txt"
    utf16: str = "hygiene/sampling.txt"
    picture: str = "network/plan.png"
    big: str | None = None


def write_sample_folder(folder, big_bytes=0):
    """Write at least 12 documents of 7 formats below `folder`, a broken PDF, an empty file, a picture, a hidden file.

    Args:
        folder: made if it is not there.
        big_bytes: size of a further text, `logbook.txt`; 0 writes none.
    """
    files = {
        "filters/sand-filters.md": SAND.encode(),
        "filters/carbon-filters.docx": docx_bytes(CARBON),
        "hygiene/chlorine.html": html_page("Chlorine dosing", CHLORINE),
        "hygiene/sampling.txt": SAMPLING.encode("utf-16"),
        "hygiene/notes.txt": b"",
        "pumps/high-lift-pump.md": PUMP.encode(),
        "pumps/impeller.pdf": pdf_bytes([wrap(page) for page in IMPELLER], title="Impeller of the high-lift pump"),
        "pumps/priming.docx": docx_bytes(PRIMING),
        "pumps/parts.csv": PARTS.encode(),
        "pumps/torn.pdf": pdf_bytes([["This page is torn."]])[:200],
        "network/valves.html": html_page("Gate valves", VALVES),
        "network/meters.pdf": pdf_bytes([wrap(page) for page in METERS], title="Water meters"),
        "network/pressure-zones.txt": ZONES.encode("cp1252"),
        "network/plan.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0",
        "history.jsonl": "".join(json.dumps(row) + "\n" for row in HISTORY).encode(),
        "faults.tsv": FAULTS.encode(),
        "archive.zip": zip_bytes({"reservoir.md": RESERVOIR, "night/shift-rules.txt": SHIFTS}),
        ".DS_Store": b"\0\0\0\1Bud1",
    }
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    if big_bytes:
        write_big_text(folder / "logbook.txt", big_bytes)
    return SampleFolder(READABLE, big="logbook.txt" if big_bytes else None)


def write_big_text(path, size, seed=1):
    """A logbook in paragraphs of sentences, at least `size` bytes of ASCII long; every entry is different."""
    rng = random.Random(seed)
    written = number = 0
    with path.open("w", encoding="ascii") as file:
        while written < size:
            number += 1
            day = f"{rng.randint(1, 28)} {rng.choice(MONTHS)} {rng.randint(1950, 2020)}"
            entry = (
                f"Entry {number}. On {day} the {rng.choice(PLACES)} station delivered {rng.randint(200, 9000)} cubic "
                f"metres at {rng.randint(2, 9)}.{rng.randint(0, 9)} bar. Shift leader {rng.choice(NAMES)} found "
                f"{rng.choice(FINDINGS)} at pump {rng.randint(1, 12)} and noted {rng.randint(1, 240)} minutes of "
                f"standstill. The next inspection was set for {rng.randint(7, 90)} days later.\n\n"
            )
            written += file.write(entry)


def wrap(text, width=84):
    """Lines of at most `width` characters; a line break in `text` ends a line."""
    lines = []
    for paragraph in text.strip().split("\n"):
        line = ""
        for word in paragraph.split():
            if line and len(line) + 1 + len(word) > width:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        lines.append(line)
    return lines


def pdf_bytes(pages, title=None, scanned=(), encrypt=None):
    """A PDF with one list of lines (Windows-1252) a page.

    Args:
        pages: lines of each page.
        title: the title in its metadata.
        scanned: numbers of pages, from 0, on which an image stands.
        encrypt: the password that opens it (RC4, 40 bits); the content stays as it is, since nobody reads that far.
    """
    count = len(pages)
    kids = " ".join(f"{5 + 2 * number} 0 R" for number in range(count))
    image = b"<</Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {count}>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        image + b"stream\n\x80\nendstream",
    ]
    for number, lines in enumerate(pages):
        content = b"BT /F1 11 Tf 50 780 Td 14 TL " + b" ".join(_pdf_line(line) for line in lines) + b" ET"
        if number in scanned:
            content += b" q 400 0 0 400 50 50 cm /I1 Do Q"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>/XObject<</I1 4 0 R>>>>"
            f"/Contents {6 + 2 * number} 0 R>>".encode()
        )
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
    trailer = b"/Root 1 0 R"
    if title is not None:
        objects.append(b"<</Title(" + _pdf_escaped(title) + b")>>")
        trailer += b"/Info %d 0 R" % len(objects)
    if encrypt is not None:
        objects.append(_encryption(encrypt))
        trailer += b"/Encrypt %d 0 R/ID[<%s><%s>]" % (len(objects), b"00" * 16, b"00" * 16)
    return _pdf_file(objects, trailer)


def _pdf_file(objects, trailer):
    file = io.BytesIO()
    file.write(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(file.tell())
        file.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    table = file.tell()
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    file.write(b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, rows))
    file.write(b"trailer<</Size %d%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, trailer, table))
    return file.getvalue()


def _pdf_line(line):
    return b"(" + _pdf_escaped(line) + b") Tj T*"


def _pdf_escaped(text):
    return text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")


def _encryption(password):
    """The dictionary of the standard security handler, revision 2 (PDF 1.4 reference, section 3.5.2)."""
    padded = (password.encode() + PASSWORD_PADDING)[:32]
    owner = _rc4(md5(padded).digest()[:5], padded)
    permissions = 0xFFFFFFFC
    key = md5(padded + owner + permissions.to_bytes(4, "little") + bytes(16)).digest()[:5]
    user = _rc4(key, PASSWORD_PADDING)
    return b"<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>" % (owner.hex().encode(), user.hex().encode())


def _rc4(key, data):
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def docx_bytes(blocks, picture=False):
    """A Word document of blocks: ("h1" | "h2" | "p" | "li", text), or ("table", rows of cells)."""
    body = "".join(_docx_block(kind, content) for kind, content in blocks)
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    types = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="Heading{n}"><w:name w:val="heading {n}"/></w:style>' for n in (1, 2)
    )
    if picture:
        body += (
            '<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/'
            'wordprocessingDrawing"><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
            '<a:graphicData><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture">'
            f'<pic:blipFill><a:blip xmlns:r="{office}" r:embed="rId9"/></pic:blipFill></pic:pic></a:graphicData>'
            "</a:graphic></wp:inline></w:drawing></w:r></w:p>"
        )
    return zip_bytes(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
            'ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
            'package.relationships+xml"/><Default Extension="png" ContentType="image/png"/>'
            f'<Override PartName="/word/document.xml" ContentType="{types}.document.main+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
            f'Type="{office}/officeDocument" Target="word/document.xml"/></Relationships>',
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
            f'Type="{office}/styles" Target="styles.xml"/><Relationship Id="rId2" Type="{office}/numbering" '
            f'Target="numbering.xml"/><Relationship Id="rId9" Type="{office}/image" Target="media/a.png"/>'
            "</Relationships>",
            "word/document.xml": f"<w:document {space}><w:body>{body}</w:body></w:document>",
            "word/styles.xml": f"<w:styles {space}>{styles}</w:styles>",
            "word/numbering.xml": f'<w:numbering {space}><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0">'
            '<w:numFmt w:val="bullet"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
            "</w:numbering>",
            "word/media/a.png": b"\x89PNG\r\n\x1a\n",
        }
    )


def _docx_block(kind, content):
    if kind == "table":
        rows = "".join(
            "<w:tr>" + "".join(f"<w:tc>{_docx_block('p', one)}</w:tc>" for one in row) + "</w:tr>" for row in content
        )
        return f"<w:tbl>{rows}</w:tbl>"
    style = {
        "h1": '<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>',
        "h2": '<w:pPr><w:pStyle w:val="Heading2"/></w:pPr>',
        "li": '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>',
        "p": "",
    }[kind]
    return f'<w:p>{style}<w:r><w:t xml:space="preserve">{escape(content)}</w:t></w:r></w:p>'


def zip_bytes(members):
    """A zip archive of names and contents (text or bytes)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def html_page(title, article):
    """A web page with menus around its article."""
    return (
        f"<!doctype html><html><head><title>{title} | Works handbook</title><style>p {{ margin: 0 }}</style></head>"
        '<body><nav><ul><li><a href="/">Home</a></li><li><a href="/pumps">Pumps</a></li><li><a href="/news">News</a>'
        f'</li></ul></nav><main><article><h1>{title}</h1>{article}</article></main><footer><a href="/legal">Legal</a> '
        "<script>track()</script></footer></body></html>"
    ).encode()

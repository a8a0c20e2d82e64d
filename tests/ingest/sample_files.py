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


MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
PLACES = ("Harrowmere", "Oxley", "Tarn Hill", "Brackwater", "Lower Fenn", "Eastgate")
NAMES = ("Ansgar Holt", "Mirela Quist", "Tobias Fenwick", "Ivana Stroud", "Piet Larkin")
FINDINGS = ("a worn shaft seal", "a cracked gasket", "a clogged strainer", "a loose coupling", "no fault")

SAND = """# Rapid sand filters

The works at Harrowmere has eight rapid sand filters. Each filter holds 62 cubic metres of quartz sand with a grain
size of 0.9 millimetres, which rests on 30 centimetres of gravel. A filter cleans 480 cubic metres of water an hour.

## Backwashing

Backwashing is the reversal of the flow through a filter, which lifts the sand and rinses out the dirt. A filter is
backwashed every 36 hours, or as soon as the loss of head reaches 1.8 metres. The wash takes 14 minutes: 4 minutes with
air alone, then 10 minutes with water at a speed of 45 metres an hour.

## Inspection

- The sand level is measured every quarter; more than 5 centimetres of loss must be filled up.
- The nozzles are inspected every 6 years.
- Mud balls larger than 20 millimetres are removed by hand.

| Property | Value |
|---|---|
| Number of filters | 8 |
| Depth of sand | 1.2 m |
| Area of a filter | 52 square metres |
| Life of the sand | 15 years |
"""

PUMP = """# High-lift pump HL-4

The high-lift pump HL-4 lifts drinking water from the clear-water tank to the reservoir on Tarn Hill, 96 metres above.
It was built in 1987 and has two stages. Its motor takes 315 kilowatts and turns 1,480 times a minute.

Rated flow: 740 cubic metres an hour
Rated head: 104 metres
Weight: 2,350 kilograms
Bearing grease: lithium soap, grade 2

## Starting

The suction valve must be open before the motor is started, or the pump runs dry. The discharge valve is opened within
90 seconds. If the bearing temperature rises above 75 degrees, the pump must be stopped.

## Maintenance

The bearings are greased every 2,000 hours with 40 grams of grease. The shaft seal is replaced every 8,000 hours. The
coupling is aligned once a year, to within 0.05 millimetres.
"""

CARBON = (
    ("h1", "Activated carbon filters"),
    ("p", "Activated carbon removes pesticides and bad taste from the water. The works has four carbon filters of "
          "steel, each with 38 cubic metres of granulated carbon made from coconut shells."),
    ("h2", "Exchange of the carbon"),
    ("p", "The carbon is exchanged after 26 months, or as soon as more than 0.08 micrograms of atrazine a litre leave "
          "the filter. The exchange takes 3 days. Used carbon is returned to the maker, who heats it to 850 degrees."),
    ("li", "Close the inlet and drain the filter."),
    ("li", "Flush out the used carbon with 60 cubic metres of water."),
    ("li", "Soak the new carbon for 24 hours."),
    ("table", (("Property", "Value"), ("Contact time", "18 minutes"), ("Bed depth", "2.4 m"), ("Filters", "4"))),
)  # fmt: skip

PRIMING = (
    ("h1", "Priming a pump"),
    ("p", "Priming is the filling of the suction line with water before a pump starts. A pump that is not primed moves "
          "air only, and its seal burns within 3 minutes."),
    ("h2", "Procedure"),
    ("p", "Connect the vacuum pump VP-2 and let it run until the sight glass shows water, which takes about 7 minutes. "
          "Close the priming cock. The main pump must start within 5 minutes after that."),
    ("h2", "Faults"),
    ("p", "If the sight glass stays empty for 12 minutes, the foot valve leaks. Replacement foot valves are kept in "
          "store room 3, shelf 14."),
)  # fmt: skip

CHLORINE = """<p>Chlorine dosing is the last step of treatment at Harrowmere. The dose is 0.25 milligrams of free
chlorine a litre in winter and 0.35 milligrams from June to September. At the customer's tap at least 0.1 milligrams
must remain.</p> <h2>Storage</h2><p>Chlorine gas is kept in ten cylinders of 65 kilograms each, in a room with a gas
alarm that sounds at 0.5 parts per million. The cylinders stand on scales; one is exchanged when less than 4 kilograms
are left in it.</p> <h2>Duties</h2><ul><li>The residual is measured every 2 hours.</li><li>The alarm is tested every
Monday at 9 o'clock.</li> <li>Breathing masks are replaced after 5 years.</li></ul>
<table><tr><th>Season</th><th>Dose</th></tr><tr><td>Winter</td><td>0.25 mg/l</td></tr><tr><td>Summer</td><td>0.35 mg/l
</td></tr></table><p>The dosing pump was made in 2011 and delivers at most 12 litres of chlorine water a minute.</p>"""

VALVES = """<p>A gate valve closes a main by a wedge that is screwed down between two seats. The network has 1,940 gate
valves, from 80 to 600 millimetres wide. A valve of 300 millimetres needs 39 turns from open to closed.</p>
<h2>Exercising</h2><p>Every valve is closed and opened again once in 2 years, so that the spindle does not seize. Valves
on mains wider than 400 millimetres are exercised every year, by two people, between 1 and 4 o'clock at night.</p>
<h2>Markers</h2><p>Blue plates show where a valve lies: the upper number is its width in millimetres, the lower ones are
the distances to the right or left and to the front, in metres. There are 1,612 plates in the town.</p>"""

SAMPLING = """Water sampling

Samples are drawn at 24 taps in the town and at 5 points in the works. Each sample is a glass bottle of 500 millilitres,
sterilised at 180 degrees. The tap is flamed, then the water runs for 5 minutes before the bottle is filled.

The bottles travel in a cool box at 4 °C and must reach the laboratory in Oxley within 8 hours. Results are known after
44 hours. More than 100 colonies a millilitre at 22 °C count as a fault, and a single Escherichia coli closes the main.

Sampling days: Tuesday and Thursday
Samples a year: 2,860
Head of the laboratory: Mirela Quist
"""

ZONES = """Pressure zones

The town is divided into four pressure zones, since it rises from 31 to 118 metres above the sea. The pressure in a
house must stay between 2.5 and 6.0 bar. Zone A, “the harbour”, is fed by gravity; its pressure is reduced at station
PR-7.

Zone B lies around the café quarter and has 11,300 inhabitants. Zone C is pumped by the booster station at Eastgate,
which has three pumps of 45 kilowatts. Zone D, the highest, has a water tower of 38 metres that holds 400 cubic metres.

The price of 1,000 litres is 2.14 € in all zones. Leaks take 9.7 % of the water, down from 16 % in 1998.
"""

IMPELLER = (
    """Impeller of the high-lift pump
The impeller is the turning wheel that gives the water its speed. That of the pump HL-4 is cast from bronze, weighs 118
kilograms and has seven blades. Its diameter is 492 millimetres when new.
Wear is measured at the blade tips. If more than 6 millimetres are lost, the efficiency falls below 78 percent and the
impeller must be replaced.""",
    """Balancing
An impeller is balanced on two wheels to grade G 6.3. Metal may be taken from the back plate only, at most 90 grams.
Cavitation is the forming of vapour bubbles in the water, which burst at the blades and pit them. It sounds like gravel
and begins when the pressure at the inlet falls below 0.4 bar.
Spare impellers: 2
Store room: 5
Delivery time: 17 weeks""",
)

METERS = (
    """Water meters
The works has 18,420 water meters in houses. A household meter is of the type Q3 = 4 and lasts 6 years, then its seal of
calibration ends. A meter that runs backwards must be reported within 2 days.""",
    """Reading
Meters are read once a year, in November, by radio. The transmitter sends every 16 seconds, and its battery lasts 12
years. Customers whose meter sends nothing get a card, which 83 percent return.
A meter test costs 120 euros; the works pays if the error is more than 4 percent.""",
)

PARTS = """part,machine,life in hours,price in euros
Shaft seal,High-lift pump HL-4,8000,412.50
Bearing 6319,High-lift pump HL-4,24000,268.00
Coupling rubber,Booster pump BP-1,6000,38.90
Membrane,Dosing pump DP-3,4000,57.20
Strainer basket,Intake,12000,149.00
Foot valve,Suction line,30000,330.00
"""

FAULTS = (
    "fault\tcause\tremedy\n"
    "Pump hums and does not turn\tOne phase is missing\tReplace fuse F3\n"
    "Pump delivers no water\tFoot valve leaks\tReplace the foot valve and prime again\n"
    "Filter overflows\tNozzles are blocked\tBackwash twice, then inspect the nozzles\n"
    "Residual chlorine is zero\tCylinder is empty\tExchange the cylinder and note its weight\n"
)

HISTORY = (
    {"id": "founding", "title": "Founding of the works", "year": 1894, "text": "The water works of Harrowmere was "
     "founded in 1894, two years after 214 people had died of cholera. The engineer Tobias Fenwick built it in 19 "
     "months for 86,000 crowns. The first steam pump, called Old Berta, delivered 90 cubic metres an hour and ran "
     "until 1931."},
    {"id": "flood", "title": "The flood of 1953", "year": 1953, "text": "In the night of 1 February 1953 the sea broke "
     "the dyke at Lower Fenn and filled the engine hall 1.7 metres deep. The town was without water for 11 days. Since "
     "then all motors stand on a floor 3 metres above the yard, and a mark beside the door shows the height of the "
     "flood."},
    {"id": "control-room", "title": "The control room", "year": 1996, "text": "The control room was opened in 1996 and "
     "watches 640 signals. Two people work there in each shift, one at night. Alarms of class 1 ring at once, those of "
     "class 2 after 10 minutes. The system stores all values for 7 years, and a copy is kept in the town hall of "
     "Oxley."},
)  # fmt: skip

RESERVOIR = """# Reservoir on Tarn Hill

The reservoir on Tarn Hill holds 12,000 cubic metres in two chambers and covers the use of 15 hours. It was dug in 1962.

## Cleaning

Each chamber is cleaned once a year, in March, when it has been emptied through the scour valve, which takes 9 hours.
The walls are washed with water at 90 bar and disinfected with hydrogen peroxide of 3 percent. The chamber is filled
again after 2 samples without germs, taken 24 hours apart.
"""

SHIFTS = """Rules of the night shift

The night shift lasts from 22 to 6 o'clock. The person on shift walks round the engine hall every 3 hours and writes the
bearing temperatures of all pumps into the logbook. Nobody enters the chlorine room alone.

At a power failure the diesel generator starts within 20 seconds. Its tank holds 1,800 litres, which last for 30 hours.
If it does not start, the person on shift calls the number 417 and closes the valve to the reservoir.
"""

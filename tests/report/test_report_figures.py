"""The ground that all charts stand on: the palette, text, and a figure as a file."""

import itertools
import math
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.report import svg
from lab.report.svg import DARK, LIGHT, THEMES, Figure

SVG = "{http://www.w3.org/2000/svg}"
SERIES = [f"s{place}" for place in range(1, 9)]
# Full dichromacy on linear RGB: Machado, Oliveira and Fernandes 2009, table 1, severity 1.0.
DEFICIENCIES = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.01182, 0.04294, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.3039)),
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}


def linear(colour):
    """sRGB hex to linear light (WCAG 2.2, relative luminance)."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def luminance(light):
    return 0.2126 * light[0] + 0.7152 * light[1] + 0.0722 * light[2]


def contrast(first, second):
    """WCAG 2.2: (lighter + 0.05) / (darker + 0.05)."""
    dark, light = sorted((luminance(linear(first)), luminance(linear(second))))
    return (light + 0.05) / (dark + 0.05)


def over(front, back, opacity):
    """The colour that one of some opacity shows on another; browsers mix the sRGB values."""
    pairs = [(int(front[place : place + 2], 16), int(back[place : place + 2], 16)) for place in (1, 3, 5)]
    return "#" + "".join(f"{round(a * opacity + b * (1 - opacity)):02x}" for a, b in pairs)


def lab(light):
    """CIE L*a*b*, D65."""
    r, g, b = (min(max(part, 0.0), 1.0) for part in light)
    x, y, z = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
        luminance((r, g, b)),
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
    )
    f = [part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z)]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def seen(colour, matrix):
    light = linear(colour)
    return lab([sum(a * b for a, b in zip(row, light, strict=True)) for row in matrix])


def test_the_contrast_formula_gives_the_known_extremes():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_legible_on_every_ground(palette):
    grounds = [palette[name] for name in ("paper", "wash", "tint")]
    for name in ("ink", "muted", "accent", "good", "bad"):
        assert min(contrast(palette[name], ground) for ground in grounds) >= 4.5, name


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_marks_stand_out_on_every_ground(palette):
    for name in SERIES:
        assert min(contrast(palette[name], palette[ground]) for ground in ("paper", "wash", "tint")) >= 3.0, name


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_on_the_deepest_shade_and_on_bars_is_legible(palette):
    assert contrast(palette["ink"], over(palette["accent"], palette["paper"], svg.DEEPEST)) >= 4.5
    for name in SERIES:
        assert contrast(palette["ink"], over(palette[name], palette["paper"], 0.22)) >= 4.5, name


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("matrix", DEFICIENCIES.values(), ids=DEFICIENCIES)
def test_no_two_series_look_alike_to_anybody(palette, matrix):
    for first, second in itertools.combinations(SERIES, 2):
        gap = math.dist(seen(palette[first], matrix), seen(palette[second], matrix))
        assert gap >= 10, (first, second, gap)  # about four just noticeable differences


def test_both_palettes_name_the_same_colours_and_the_page_gets_them_all():
    assert LIGHT.keys() == DARK.keys()
    used = set(re.findall(r"var\(--(\w+)\)", svg.RULES))
    assert used <= LIGHT.keys()
    for variables, palette in ((svg.LIGHT_VARIABLES, LIGHT), (svg.DARK_VARIABLES, DARK)):
        assert dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", variables)) == dict(palette)


FIGURE = Figure("x", "A <title>", 'It says \x00 "something" & more.', 300, 100, svg.text(0, 20, "a<b>&", kind="small"))


@pytest.mark.parametrize("theme", THEMES)
def test_a_file_is_xml_on_its_own_ground_and_knows_no_variables(theme):
    text = FIGURE.standalone(theme)
    root = ET.fromstring(text)
    assert root.get("role") == "img"
    assert root.get("aria-label") == root.find(f"{SVG}title").text == "A <title>"
    assert root.find(f"{SVG}desc").text == 'It says \ufffd "something" & more.'
    assert text.count("http") == 1  # the namespace: nothing is loaded
    assert "var(" not in text
    assert f".chart .back {{ fill: {THEMES[theme]['paper']}; }}" in text
    assert [one.text for one in root.iter(f"{SVG}text")] == ["A <title>", "a<b>&"]
    left, top, width, height = map(float, root.get("viewBox").split())
    ground = root.find(f"{SVG}rect")
    assert [float(ground.get(key)) for key in ("x", "y", "width", "height")] == [left, top, width, height]
    assert (width, height) == (float(root.get("width")), float(root.get("height")))


def test_a_file_carries_only_the_rules_that_it_uses():
    text = FIGURE.standalone("light")
    assert ".chart .small " in text
    assert ".s1" not in text


def test_inside_a_page_a_figure_has_neither_style_nor_ground():
    text = FIGURE.inline()
    assert "<style" not in text and "xmlns" not in text and "<rect" not in text


@given(st.text(max_size=60), st.floats(20, 300))
def test_fitted_text_fits(content, width):
    assert svg.text_width(svg.fit(content, width)) <= width


def test_widths_follow_the_letters():
    assert svg.text_width("iiii") < svg.text_width("nnnn") < svg.text_width("WWWW")
    assert svg.text_width("\u6f22\u5b57") == pytest.approx(2 * 13.0)  # two full-width characters, one em each
    assert svg.fit("Fine-tuned + RAG", 200.0) == "Fine-tuned + RAG"
    assert svg.fit("Fine-tuned + RAG", 60.0) == "Fine-t\N{HORIZONTAL ELLIPSIS}"


@pytest.mark.parametrize("name", svg.SHAPES)
def test_marks_are_centred_and_about_equally_large(name):
    if name == "circle":
        return
    spots = [
        tuple(map(float, spot))
        for spot in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", svg.shape(name, 50, 50, "mark", 10))
    ]
    area = abs(sum(a * d - b * c for (a, b), (c, d) in zip(spots, [*spots[1:], spots[0]], strict=True))) / 2
    assert 160 <= area <= 345  # a circle of this radius has 314
    assert all(36 <= x <= 64 and 36 <= y <= 64 for x, y in spots)

"""Finding the parts of a drawn chart."""

import re
import xml.etree.ElementTree as ET

SVG = "{http://www.w3.org/2000/svg}"


def root_of(chart):
    return ET.fromstring(chart.wide.standalone("light"))


def texts(chart):
    return [one.text for one in root_of(chart).iter(f"{SVG}text")]


def place_of(root, words):
    """x and y of a text."""
    found = next(one for one in root.iter(f"{SVG}text") if one.text == words)
    return float(found.get("x")), float(found.get("y"))


def group(root, start):
    """The parts whose tip begins with these words."""
    return next(one for one in root.iter(f"{SVG}g") if (one.find(f"{SVG}title").text or "").startswith(start))


def ends(path):
    """The corners of a path."""
    return [(float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", path.get("d"))]


def rods(parts, colour):
    return [ends(one) for one in parts.iter(f"{SVG}path") if {"rod", colour} <= set(one.get("class", "").split())]

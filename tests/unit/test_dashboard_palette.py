"""Colours of the dashboard, read from its sheet: contrast (WCAG 2.2) and simulated colour blindness (Machado 2009).

A palette that looked fine had two steps only 2 apart for a reader with deuteranopia: colours are computed, not judged.
"""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from pathlib import Path

import pytest

SHEET = Path(__file__).parents[2] / "dashboard" / "static" / "app.css"
MODES = ("light", "dark")
SUPPORT = [f"support-{step}" for step in range(1, 6)]
COVERAGE = ["us", "both", "others", "nobody"]

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB
VISION = {
    "normal": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
D65 = (0.95047, 1.0, 1.08883)
XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))


def colours(mode: str) -> dict[str, str]:
    """Custom properties by name: the dark ones over the light ones."""
    sheet = SHEET.read_text()
    light = sheet[sheet.index(":root {") : sheet.index("@media screen and (prefers-color-scheme: dark)")]
    dark = sheet[
        sheet.index("@media screen and (prefers-color-scheme: dark)") : sheet.index("/* ----", sheet.index("@media"))
    ]
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    if mode == "dark":
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark))
    return found


def linear(colour: str) -> list[float]:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def contrast(one: str, other: str) -> float:
    """1 to 21."""
    weights = (0.2126, 0.7152, 0.0722)
    bright, dim = sorted(
        (sum(w * part for w, part in zip(weights, linear(colour), strict=True)) for colour in (one, other)),
        reverse=True,
    )
    return (bright + 0.05) / (dim + 0.05)


def lab(colour: str, vision: str) -> list[float]:
    """CIELAB of a colour as somebody with that vision sees it."""
    rgb = linear(colour)
    seen = [min(max(sum(m * part for m, part in zip(row, rgb, strict=True)), 0.0), 1.0) for row in VISION[vision]]
    xyz = [
        sum(m * part for m, part in zip(row, seen, strict=True)) / white for row, white in zip(XYZ, D65, strict=True)
    ]
    x, y, z = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in xyz)
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]


def distance(one: str, other: str, vision: str) -> float:
    """CIE76 difference."""
    return sum((a - b) ** 2 for a, b in zip(lab(one, vision), lab(other, vision), strict=True)) ** 0.5


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("palette", [SUPPORT, COVERAGE], ids=["support", "coverage"])
@pytest.mark.parametrize("mode", MODES)
def test_every_two_steps_can_be_told_apart(mode: str, palette: list[str], vision: str) -> None:
    told = colours(mode)
    closest = min(combinations(palette, 2), key=lambda pair: distance(told[pair[0]], told[pair[1]], vision))
    assert distance(told[closest[0]], told[closest[1]], vision) >= 20, closest


# what is written on what
TEXT = [
    *[(ink, ground) for ink in ("text", "muted", "action") for ground in ("surface", "page", "sunken", "action-tint")],
    *[("text", f"{kind}-tint") for kind in ("good", "warning", "bad")],
    *[(kind, ground) for kind in ("good", "warning", "bad") for ground in (f"{kind}-tint", "surface", "sunken")],
    *[(f"on-heat-{step}", f"heat-{step}") for step in range(1, 6)],
    *[(ink, ground) for ink in ("text", "muted") for ground in ("facet-bar", "facet-bar-chosen")],
    ("on-action", "action"),
    ("on-action", "action-deep"),
    ("action-deep", "action-tint"),
    ("action-deep", "surface"),
    ("page", "text"),
    ("surface", "bad"),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(mode: str, ink: str, ground: str) -> None:
    told = colours(mode)
    assert contrast(told[ink], told[ground]) >= 4.5


# edges, marks and lines that carry a meaning
MARKS = [
    *[(mark, ground) for mark in ("control", "outline", "focus") for ground in ("surface", "page", "sunken")],
    *[(mark, "surface") for mark in ("plain", "action", "us", "nobody", "support-1", "support-5")],
    ("hatch", "nobody"),
]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("mark", "ground"), MARKS)
def test_marks_can_be_seen(mode: str, mark: str, ground: str) -> None:
    told = colours(mode)
    assert contrast(told[mark], told[ground]) >= 3.0


def test_no_colour_stands_outside_the_two_lists() -> None:
    """One that does is not checked here, and stays light in dark mode. Print sets its own."""
    sheet = SHEET.read_text()
    ground = sheet[
        sheet.index("/* ----", sheet.index("@media screen and (prefers-color-scheme: dark)")) : sheet.index(
            "@media print"
        )
    ]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", ground) == []


def test_steps_of_heat_darken_evenly() -> None:
    """A single hue is read by its lightness alone: no step may repeat the one before or turn back."""
    told = colours("light")
    lightness = [lab(told[f"heat-{step}"], "normal")[0] for step in range(1, 6)]
    assert all(before - after >= 5 for before, after in pairwise(lightness))

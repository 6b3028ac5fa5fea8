"""Pictures of matching: labelled with units, the same for the same data, and never drawn by accident."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from exchange.matching import plots

ROOT = Path(__file__).resolve().parents[2]
CURVE = [(0.1, 0.95, 0.9), (0.5, 0.985, 0.85), (0.9, 0.995, 0.6)]
LEVELS = [("first_name", "same", 7.1), ("first_name", "other", -5.0), ("suffix", "other", -4.6)]
DRAWN: dict[str, tuple[Callable[..., bytes], tuple[Any, ...]]] = {
    "weights": (plots.match_weights, ([-4, 0, 4, 8], {"by id or person": [0, 3, 900], "in review": [1, 2, 0]}, 7)),
    "no weights": (plots.match_weights, ([0, 1], {}, 0)),
    "calibration": (plots.calibration, (CURVE, 0.5, 0.99, 0.98, 4321)),
    "strict calibration": (plots.calibration, (CURVE, 0.999, 0.99, 0.98, 4321)),
    "no calibration": (plots.calibration, ([], 0.9, 0.99, 0.98, 12)),
    "parameters": (plots.model_parameters, (LEVELS,)),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_a_small_png_and_the_same_for_the_same_data(name: str) -> None:
    """It is stored with every refresh: bytes that differ without reason, or 100 kB each, would fill the event log."""
    draw, data = DRAWN[name]
    png = draw(*data)
    assert draw(*data) == png
    assert len(png) < 30_000
    with Image.open(io.BytesIO(png)) as image:
        assert (image.format, image.width) == ("PNG", 750)


@pytest.mark.parametrize("name", DRAWN)
def test_every_axis_says_what_it_shows_and_in_which_unit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plots, "_png", lambda figure: figure)
    draw, data = DRAWN[name]
    figure: Any = draw(*data)
    assert figure.axes[0].get_title(loc="left")
    labels = [figure.axes[-1].get_xlabel(), *(axes.get_ylabel() for axes in figure.axes)]
    if draw is not plots.model_parameters:  # there the ticks are named
        assert all(labels)
    assert any(unit in " ".join(labels) for unit in ("bits", "%"))


def test_levels_are_read_from_splinks_settings() -> None:
    settings = {
        "comparisons": [
            {
                "output_column_name": "last_name",
                "comparison_levels": [
                    {"label_for_charts": "unknown", "is_null_level": True},
                    {"label_for_charts": "same", "m_probability": 0.8, "u_probability": 0.2},
                    {"label_for_charts": "other", "m_probability": 0.1, "u_probability": 0.8},
                    {"label_for_charts": "never seen", "m_probability": 0.0, "u_probability": 0.5},
                ],
            }
        ]
    }
    assert plots.levels(settings) == [("last name", "same", 2.0), ("last name", "other", -3.0)]
    assert plots.levels({}) == []


def test_importing_the_module_does_not_import_matplotlib() -> None:
    """Half a second of every refresh, of which most draw nothing."""
    program = "import sys, exchange.matching.plots; print({'matplotlib', 'PIL', 'splink', 'duckdb'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"

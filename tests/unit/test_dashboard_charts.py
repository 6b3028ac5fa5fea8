"""Geometry of the charts: lengths, steps and lines."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dashboard import charts


def test_something_never_looks_like_nothing() -> None:
    assert charts.length(1, 1_000_000) == charts.SHORTEST
    assert charts.length(0, 1_000_000) == 0
    assert charts.length(50, 100) == 50


def test_a_bar_is_never_longer_than_its_line() -> None:
    """ "Not asked" is outside the scale and may be many times the greatest answer."""
    assert charts.length(900, 100) == 100


@pytest.mark.parametrize(("value", "greatest"), [(None, 10), (5, None), (5, 0), (-3, 10)])
def test_no_length_without_a_value_and_a_scale(value: float | None, greatest: float | None) -> None:
    assert charts.length(value, greatest) == 0
    assert charts.heat_step(value, greatest) == 0


def test_the_scale_is_over_those_who_were_asked() -> None:
    items = [{"value": 3}, {"value": 7}, {"value": 9_000, "is_unasked": True}]
    assert charts.greatest(items) == 7
    assert charts.greatest([]) == 0


def test_a_stacked_bar_is_full() -> None:
    """Rounding each part alone leaves a sliver of nothing at the end."""
    parts = charts.segments([1, 1, 1])
    assert parts[-1].start + parts[-1].width == pytest.approx(100)
    for before, after in pairwise(parts):
        assert before.start + before.width == pytest.approx(after.start)


def test_an_empty_stacked_bar_has_no_parts() -> None:
    assert [part.width for part in charts.segments([0, None, 0])] == [0, 0, 0]


def test_an_empty_part_before_the_first_draws_no_gap() -> None:
    assert [part.is_first for part in charts.segments([0, 5, 5])] == [True, True, False]


def test_heat_has_five_steps_and_a_nothing() -> None:
    assert [charts.heat_step(value, 100) for value in (0, 1, 19, 20, 40, 60, 80, 100)] == [0, 1, 1, 2, 3, 4, 5, 5]


def test_heat_scale_leaves_out_not_asked_rows_and_columns() -> None:
    columns = [{"label": "Lean"}, {"label": "Not asked", "is_unasked": True}]
    rows = [
        {"cells": [{"value": 4}, {"value": 800}]},
        {"cells": [{"value": 700}, {"value": 900}], "is_unasked": True},
    ]
    assert charts.heat_greatest(rows, columns) == 4


def test_quarters_of_a_tile() -> None:
    assert [charts.quarter(share) for share in (None, 0, 0.24, 0.25, 0.5, 0.75, 1)] == [0, 1, 1, 2, 3, 4, 4]


def test_a_line_runs_from_low_at_the_bottom_to_high_at_the_top() -> None:
    assert charts.line([0, 5, 10], 104, 24) == ["2.0,22.0 52.0,12.0 102.0,2.0"]


def test_a_day_without_a_value_breaks_the_line() -> None:
    """Joining its neighbours would draw a day that nobody measured."""
    assert len(charts.line([1, None, 3, 4], 100, 20)) == 2
    assert charts.line([None, None], 100, 20) == []
    assert charts.dots([None], 100, 20) == []


def test_a_flat_line_runs_through_the_middle() -> None:
    assert charts.line([3, 3], 24, 20) == ["2.0,10.0 22.0,10.0"]


def test_a_day_alone_between_gaps_is_a_dot() -> None:
    """A line needs two points: without the dot the only delivery of a month would be invisible."""
    assert charts.dots([None, 5, None, 5, 5], 44, 20) == [("12.0", "10.0"), ("42.0", "10.0")]
    assert charts.dots([5, 5], 24, 20) == [("22.0", "10.0")]


def test_ages() -> None:
    assert [charts.age(hours) for hours in (5, 47.4, 48, 240)] == ["5 h", "47 h", "2 d", "10 d"]


def test_freshness_against_its_target() -> None:
    assert charts.freshness(12, 24) == charts.Freshness(25.0, 50.0, "on_time")
    assert charts.freshness(24, 24).state == "on_time"
    assert charts.freshness(240, 24) == charts.Freshness(96.0, 50.0, "late")
    assert charts.freshness(None, 24).state == "none"

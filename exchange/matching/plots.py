"""Pictures of matching for people: data in, PNG out. Nothing else imports matplotlib, and this module only to draw.

Colours are Okabe and Ito's, which people tell apart with any colour vision; line style or text says the same again.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, GREEN, ORANGE, GREY, RED, INK = "#0072B2", "#009E73", "#E69F00", "#7F7F7F", "#D55E00", "#222222"
# the model has no say in what an id or a person decided
OUTCOMES = {
    "by id or person": (GREEN, "-."),
    "by rule or model": (BLUE, "-"),
    "in review": (ORANGE, "--"),
    "unmatched": (GREY, ":"),
}
WIDTH, DPI = 7.5, 100


def match_weights(edges: Sequence[float], counts: Mapping[str, Sequence[int]], without: int) -> bytes:
    """Identities by the match weight of their best candidate, a curve per outcome.

    edges: of the bins, in bits, one more than each of `counts` has. counts: one of OUTCOMES -> identities in each
    bin. without: identities that have no candidate, and so no weight.
    """
    figure, axes = _figure(3.6)
    for outcome, (colour, style) in OUTCOMES.items():
        values = counts.get(outcome, ())
        if any(values):
            label = f"{outcome} ({sum(values):,})"
            axes.stairs(values, edges, color=colour, fill=True, alpha=0.25)
            axes.stairs(values, edges, color=colour, linestyle=style, linewidth=1.6, label=label)
    # a review queue of 1 % would be a hair on a linear axis
    axes.set_yscale("log")
    axes.set_ylim(bottom=0.8)
    axes.set_xlabel("match weight of the best candidate (bits: +1 doubles the odds)")
    axes.set_ylabel("identities")
    axes.set_title(f"Weight of each identity's best candidate ({without:,} have none)", loc="left", fontsize=11, pad=24)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(
            frameon=False, fontsize=8.5, loc="lower left", bbox_to_anchor=(0, 1), ncols=len(OUTCOMES), borderaxespad=0.1
        )
    return _png(figure)


def calibration(
    curve: Sequence[tuple[float, float, float]], threshold: float, aim: float, promised: float, labelled: int
) -> bytes:
    """Estimated precision and accepted share for each threshold that could be chosen, and the one that was.

    curve: (threshold, precision, accepted share of the identities without an id), each from 0 to 1. labelled:
    identities with a checked id, from which the precision is estimated.
    """
    figure, (upper, lower) = _figure(4.6, rows=2)
    thresholds = [point[0] for point in curve]
    least = min([*thresholds, threshold])
    upper.plot(thresholds, [100 * point[1] for point in curve], color=BLUE, linewidth=1.8)
    lower.plot(thresholds, [100 * point[2] for point in curve], color=BLUE, linewidth=1.8)
    for value, text, above in ((aim, "aim", -10), (promised, "least", 3)):
        upper.axhline(100 * value, color=GREY, linestyle="--", linewidth=1)
        place: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "xytext": (3, above), **_POINTS}
        upper.annotate(f"{text} {100 * value:g} %", (0, 100 * value), color=INK, fontsize=8, **place)
    for axes in (upper, lower):
        axes.axvline(threshold, color=RED, linestyle="-.", linewidth=1.6)
        axes.set_xlim(least, 1)
    side = {"xytext": (-4, 6), "ha": "right"} if threshold > (3 + least) / 4 else {"xytext": (4, 6)}
    chosen = f"chosen: {threshold:g}, with a margin for luck in the labels"
    lower.annotate(chosen, (threshold, 0), color=INK, fontsize=9, **side, **_POINTS)
    upper.set_ylabel("estimated\nprecision (%)")
    lower.set_ylabel("accepted of those\nwithout an id (%)")
    lower.set_ylim(0, 102)
    lower.set_xlabel("threshold on the posterior (probability)")
    upper.set_title(
        f"Why this threshold: estimated from {labelled:,} identities with a checked id", loc="left", fontsize=11
    )
    return _png(figure)


def model_parameters(levels: Sequence[tuple[str, str, float]]) -> bytes:
    """The match weight of every level of every comparison: (comparison, level, bits), in the model's order."""
    figure, axes = _figure(max(2.0, 0.19 * len(levels) + 1.0))
    places = range(len(levels), 0, -1)
    weights = [weight for _, _, weight in levels]
    axes.barh(places, weights, color=[BLUE if weight >= 0 else RED for weight in weights], height=0.72)
    axes.set_yticks(places, [level for _, level, _ in levels], fontsize=7.5)
    axes.axvline(0, color=INK, linewidth=0.8)
    low, high = min([0.0, *weights]), max([0.0, *weights])
    margin = 0.12 * (high - low or 1)
    axes.set_xlim(low - margin, high + margin)
    axes.set_ylim(0.3, len(levels) + 0.7)
    for place, (_, _, weight) in zip(places, levels, strict=True):
        side = "left" if weight >= 0 else "right"
        axes.annotate(
            f"{weight:+.1f}",
            (weight, place),
            (3 if weight >= 0 else -3, 0),
            ha=side,
            va="center",
            fontsize=7,
            **_POINTS,
        )
    _name_comparisons(axes, levels, places)
    axes.set_xlabel("match weight (bits): right speaks for the same person, left against")
    axes.set_title("What each agreement or difference counts", loc="left", fontsize=11)
    return _png(figure)


def levels(splink_settings: Mapping[str, Any]) -> list[tuple[str, str, float]]:
    """The data of model_parameters(), from Splink's settings; a level without m or u has no weight and is left out."""
    return [
        (
            comparison["output_column_name"].replace("_", " "),
            level["label_for_charts"].replace("_", " "),
            math.log2(m / u),
        )
        for comparison in splink_settings.get("comparisons", [])
        for level in comparison["comparison_levels"]
        if (m := level.get("m_probability")) and (u := level.get("u_probability"))
    ]


_POINTS: dict[str, Any] = {"textcoords": "offset points"}


def _name_comparisons(axes: Axes, levels: Sequence[tuple[str, str, float]], places: Sequence[int]) -> None:
    """The comparison's name at the right of its first level, and a line between comparisons."""
    before = None
    for place, (comparison, _, _) in zip(places, levels, strict=True):
        if comparison != before:
            if before is not None:
                axes.axhline(place + 0.5, color=GREY, linewidth=0.5)
            axes.annotate(
                comparison,
                (1, place),
                xycoords=("axes fraction", "data"),
                xytext=(6, 0),
                va="center",
                fontsize=8,
                color=INK,
                **_POINTS,
            )
        before = comparison


def _figure(height: float, rows: int = 1) -> tuple[Figure, Any]:
    # the class and not pyplot: pyplot keeps every figure, and costs half a second more
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, height), dpi=DPI, layout="constrained")
    axes = figure.subplots(rows, 1, sharex=True)
    for each in [axes] if rows == 1 else axes:
        each.spines[["top", "right"]].set_visible(False)
        each.grid(axis="y" if rows > 1 else "both", color="#E5E5E5", linewidth=0.6)
        each.set_axisbelow(True)
    return figure, axes


def _png(figure: Figure) -> bytes:
    from PIL import Image

    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", facecolor="white")
    # 64 colours make it four times smaller, which counts in an event log; no metadata: same data, same bytes
    Image.open(drawn).convert("RGB").quantize(64).save(small, format="png", optimize=True)
    return small.getvalue()

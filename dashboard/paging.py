"""Pages of a list that is followed from a row on, in either direction."""

from __future__ import annotations

from typing import TypeVar

Row = TypeVar("Row")


def cut(rows: list[Row], size: int, *, is_backwards: bool, is_begun: bool) -> tuple[list[Row], Row | None, Row | None]:
    """The page, and its rows that the pages before it and after it are followed from: None where there is none.

    rows: as read, away from where the page begins, with one more than `size` if there are more. is_backwards: towards
    the beginning of the list; is_begun: from a row on, and not from the list's first.
    """
    has_more = len(rows) > size
    kept = rows[:size]
    if is_backwards:
        kept.reverse()
    has_before, has_after = (has_more, True) if is_backwards else (is_begun, has_more)
    return kept, kept[0] if kept and has_before else None, kept[-1] if kept and has_after else None

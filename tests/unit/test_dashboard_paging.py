"""Pages forwards and backwards: every row once, whichever way somebody comes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dashboard.paging import cut


def read(count: int, size: int, start: int | None, *, is_backwards: bool) -> tuple[list[int], int | None, int | None]:
    """A page of the numbers below `count`, as the database would read them."""
    if is_backwards:
        assert start is not None
        rows = list(range(start - 1, -1, -1))
    else:
        rows = list(range(0 if start is None else start + 1, count))
    return cut(rows[: size + 1], size, is_backwards=is_backwards, is_begun=start is not None)


@given(st.integers(0, 40), st.integers(1, 12))
def test_every_row_once_in_both_directions(count: int, size: int) -> None:
    """Would have caught a last page without a way back, and an empty page after a full one."""
    page, before, after = read(count, size, None, is_backwards=False)
    assert before is None
    pages = [page]
    while after is not None:
        page, before, after = read(count, size, after, is_backwards=False)
        assert page
        assert before == page[0]
        pages.append(page)
    assert [row for page in pages for row in page] == list(range(count))
    way_back = [pages[-1]]
    while before is not None:
        page, before, after = read(count, size, before, is_backwards=True)
        assert after == page[-1]
        way_back.append(page)
    assert way_back[::-1] == pages

"""What a page of the dashboard says, and whom it leaves out."""

from __future__ import annotations

import re
from html import unescape

import httpx

# the people of the view voters whom the page of voters shows unless somebody asks for more
NOT_VOTED = "(ballot_status is null or ballot_status not in ('returned', 'accepted', 'voted_in_person'))"


def texts(answer: httpx.Response) -> str:
    """The page as one line of text, with what a screen does not show."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def matching(answer: httpx.Response) -> int:
    """How many people match, as the page of voters says."""
    assert answer.status_code == 200, answer.text
    found = re.search(r"<strong>([\d,]+)</strong> voters? match", unescape(answer.text))
    assert found, answer.text
    return int(found[1].replace(",", ""))

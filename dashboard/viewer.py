"""Who looks at a page, and at which state of the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Viewer:
    """A signed-in person, for one request.

    partner_id: whose pages are shown: the person's own partner, or the one an operator looks at (is_acting); None for
    an operator on the operators' pages. role: that partner's role in the database; None while nothing is published
    for it.
    """

    user_id: int
    email: str
    partner_id: str | None
    partner_name: str | None
    role: str | None
    is_operator: bool
    is_acting: bool = False


@dataclass(frozen=True)
class DataVersion:
    """Which publication of which permissions a partner reads: two equal ones show the same rows.

    A cache without it would go on answering after the database has stopped. published_at, as_of: of the newest
    publication of all; changed_as_of: "now" of the refresh that changed this partner's rows last.
    """

    audience_id: int
    publication_count: int
    published_at: datetime
    as_of: datetime
    changed_as_of: datetime | None = None

    @property
    def key(self) -> tuple[int, int, datetime | None, date]:
        """What a kept number depends on: rows and rules, and the day that ages and weeks are counted from."""
        # not the newest publication's number: that would throw numbers away whenever somebody else's rows change. The
        # count alone begins anew for a partner that was away for a refresh, under rules that give the same audience
        return (self.audience_id, self.publication_count, self.changed_as_of, self.as_of.date())

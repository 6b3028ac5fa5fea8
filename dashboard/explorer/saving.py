"""Saving universes, and deleting them."""

from __future__ import annotations

from datetime import datetime

from psycopg import errors

from dashboard.database import Reader
from dashboard.explorer.filters import Universe
from dashboard.explorer.universes import (
    MOST_PARTS,
    TOO_MANY_PARTS,
    NoSuchUniverseError,
    count_parts,
    list_saved,
    parts_of_a_rule,
    reach,
)
from dashboard.viewer import Viewer

# a list of ids travels with every question that names it: 50,000 are 2 MB
MOST_PEOPLE = 50_000
# each is counted for the page of saved ones, and may hold MOST_PEOPLE
MOST_SAVED = 100
MOST_LETTERS = 80


class NotSavedError(ValueError):
    """It cannot be saved, or not be deleted; in words for the person who wanted it."""


async def create(
    keeper: Reader,
    viewer: Viewer,
    name: str,
    universe: Universe,
    *,
    count: int,
    as_of: datetime,
    person_ids: list[str] | None = None,
) -> int:
    """Save a universe; person_ids: of a frozen one. Returns its number. Raises NotSavedError."""
    numbers = {number for side in universe.universes for number in side}
    await _hold(keeper, viewer, numbers)
    name = clean_name(name)
    if person_ids is None:
        made_of = reach(await list_saved(keeper, viewer), numbers)
        # or it could be saved and never opened
        if parts_of_a_rule(universe.pairs()) + count_parts(made_of, numbers) > MOST_PARTS:
            raise NotSavedError(TOO_MANY_PARTS)
    there = await keeper.value("select count(*) from dashboard.universe where partner_id = %s", [viewer.partner_id])
    if there >= MOST_SAVED:
        raise NotSavedError(f"Your organization has saved {MOST_SAVED}, and that is all it may. Delete one first.")
    try:
        number = await keeper.value(
            """
            insert into dashboard.universe
                (partner_id, name, kind, filter, person_ids, person_count, as_of, created_by)
            values (%s, %s, %s, %s, %s, %s, %s, %s)
            returning universe_id
            """,
            [
                viewer.partner_id,
                name,
                "dynamic" if person_ids is None else "frozen",
                universe.query(),
                person_ids,
                count,
                as_of,
                viewer.user_id,
            ],
        )
    except errors.UniqueViolation as error:
        raise NotSavedError(f"Your organization has saved one as “{name}”. Choose another name.") from error
    return int(number)


def clean_name(text: str) -> str:
    """Raises NotSavedError for no name, and for one that would not fit on the page."""
    name = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    if not name:
        raise NotSavedError("Give it a name.")
    if len(name) > MOST_LETTERS:
        raise NotSavedError(f"The name has {len(name)} letters; it may have {MOST_LETTERS}.")
    return name


async def _hold(keeper: Reader, viewer: Viewer, numbers: set[int]) -> None:
    """Nobody deletes these until this transaction ends. Raises NoSuchUniverseError if somebody already has."""
    rows = await keeper.rows(
        "select universe_id from dashboard.universe where partner_id = %s and universe_id = any(%s) for share",
        [viewer.partner_id, sorted(numbers)],
    )
    if len(rows) < len(numbers):
        raise NoSuchUniverseError(sorted(numbers))


async def delete(keeper: Reader, viewer: Viewer, number: int) -> None:
    """Raises NoSuchUniverseError, and NotSavedError while rules are made of it."""
    held = await keeper.rows(
        "select universe_id from dashboard.universe where partner_id = %s and universe_id = %s for update",
        [viewer.partner_id, number],
    )
    if not held:
        raise NoSuchUniverseError([number])
    # after the lock: a rule that was being saved with it is there by now
    others = [f"“{one.name}”" for one in await list_saved(keeper, viewer) if number in one.names]
    if others:
        raise NotSavedError(f"It is part of {', '.join(others)}. Delete those first.")
    await keeper.execute("delete from dashboard.universe where universe_id = %s", [number])

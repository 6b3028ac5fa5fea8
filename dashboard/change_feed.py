"""What a partner's publications added, changed and retracted, and how far it said that the latter is deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import sql

from dashboard.database import Reader
from dashboard.keyset import Place, Rows, Sorting, read_page
from dashboard.viewer import Viewer
from dashboard.vocabulary import Vocabulary

RELATIONS = {"voter_responses": "Answers", "contacts": "Contacts", "suppressions": "Suppressions"}
CHANGES = {"added": "Added", "changed": "Changed", "retracted": "Retracted"}
# numbers of publications on a page; many of them changed files or terms only, and no row of a person
NUMBERS = 25
BY_PERSON = Sorting((("person_id", "text"), ("relation", "text"), ("record_key", "text"), ("change", "text")))

_SCOPES = {"caller": "by you only", "channel": "by this channel", "all": "by any channel"}

# as exchange/publishing/change_feed.py writes them
_NOW: dict[str, LiteralString] = {
    "voter_responses": """
        select
            person_id,
            concat_ws('|', question_code, coalesce(contest_id, ''), coalesce(candidate_id, '')) as record_key,
            answer_label as said, responded_from as from_on, responded_until as until_on
        from voter_responses
        where person_id = any(%s)
        """,
    "contacts": """
        select
            person_id, contact_id::text as record_key, channel,
            contact_result as said, contacted_from as from_on, contacted_until as until_on
        from contacts
        where person_id = any(%s)
        """,
}

# relation, person_id, record_key
Key = tuple[str, str, str]
# relation -> change -> rows
Counts = dict[str, dict[str, int]]


@dataclass(frozen=True)
class Published:
    """When one number of a partner's change feed came out, and as of when."""

    published_at: datetime
    as_of: datetime


@dataclass(frozen=True)
class Acknowledged:
    """began: the number with which the partner read everything anew; until: up to which it deleted what was retracted.

    until is None when it never said so.
    """

    began: int = 0
    until: int | None = None
    at: datetime | None = None

    @property
    def done(self) -> int:
        """Retractions above it are still to be deleted."""
        return max(self.began, self.until or 0)


async def counts(reader: Reader, above: int, upto: int) -> dict[int, Counts]:
    """Grain: one per publication that changed rows of persons, newest first; numbers above one and up to another."""
    rows = await reader.rows(
        """
        select publication_id, relation, change, count(*) as rows
        from changes
        where publication_id > %s and publication_id <= %s
        group by publication_id, relation, change
        order by publication_id desc
        """,
        [above, upto],
    )
    found: dict[int, Counts] = {}
    for row in rows:
        found.setdefault(row["publication_id"], {}).setdefault(row["relation"], {})[row["change"]] = row["rows"]
    return found


async def span(reader: Reader) -> tuple[int, int] | None:
    """The oldest and newest number that the feed still tells rows of; None: of none."""
    row = await reader.row("select min(publication_id) as oldest, max(publication_id) as newest from changes")
    return None if row is None or row["newest"] is None else (row["oldest"], row["newest"])


async def retracted_after(reader: Reader, number: int) -> int:
    """Rows that are to be deleted wherever they were copied, and that were not acknowledged."""
    rows: int = await reader.value(
        "select count(*) from changes where publication_id > %s and change = 'retracted'", [number]
    )
    return rows


async def page_of_changes(reader: Reader, number: int, chosen: Mapping[str, str], place: Place) -> Rows:
    """Rows of one publication. chosen: relation, change, or neither."""
    conditions = [sql.SQL("publication_id = %s"), *(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in chosen)]
    source = sql.SQL("select person_id, relation, record_key, change from changes where {}").format(
        sql.SQL(" and ").join(conditions)
    )
    return await read_page(reader, source, [number, *chosen.values()], BY_PERSON, place)


async def read_now(reader: Reader, rows: Sequence[Mapping[str, Any]]) -> dict[Key, dict[str, Any]]:
    """The answers and contacts among these rows as the partner reads them now; what is gone is not there.

    Keys: relation, person_id, record_key. Looked up by person, which is indexed.
    """
    found: dict[Key, dict[str, Any]] = {}
    for relation, query in _NOW.items():
        persons = {row["person_id"] for row in rows if row["relation"] == relation and row["change"] != "retracted"}
        if persons:
            for row in await reader.rows(query, [list(persons)]):
                found[relation, row["person_id"], row["record_key"]] = row
    return found


async def published(keeper: Reader, viewer: Viewer, above: int, upto: int) -> dict[int, Published]:
    """Number of the partner's feed -> when it came out. What is long ago is forgotten."""
    rows = await keeper.rows(
        """
        select distinct on (partner.changes_until)
            partner.changes_until as number,
            publication.published_at,
            publication.as_of
        from published.publication_partner as partner
        inner join published.publication on partner.publication_id = publication.publication_id
        inner join published.change_feed as feed on partner.partner_id = feed.partner_id
        where
            partner.partner_id = %s
            -- numbers of a feed it had before counted from elsewhere
            and partner.publication_id >= feed.began_with
            and partner.changes_until > %s
            and partner.changes_until <= %s
        -- each later publication that changed nothing for this partner repeats the number
        order by partner.changes_until, partner.publication_id
        """,
        [viewer.partner_id, above, upto],
    )
    return {row["number"]: Published(row["published_at"], row["as_of"]) for row in rows}


async def acknowledged(keeper: Reader, viewer: Viewer) -> Acknowledged:
    """How far the partner acknowledged in the feed that it has now."""
    row = await keeper.row(
        """
        select coalesce(first.changes_until, 0) as began, said.publication_id as until, said.acknowledged_at as at
        from published.change_feed as feed
        left join published.publication_partner as first
            on feed.began_with = first.publication_id and feed.partner_id = first.partner_id
        left join published.acknowledgement as said
            on feed.role_name = said.role_name and feed.began_with = said.began_with
        where feed.partner_id = %s
        order by said.publication_id desc nulls last, said.acknowledged_at
        limit 1
        """,
        [viewer.partner_id],
    )
    return Acknowledged() if row is None else Acknowledged(**row)


def in_words(row: Mapping[str, Any], words: Vocabulary, now: Mapping[str, Any] | None) -> str:
    """Which row of the person: its record_key, said. now: the row as it is read now."""
    key = row["record_key"]
    if row["relation"] == "voter_responses":
        question, contest, candidate = [*key.split("|"), "", ""][:3]
        names = [words.questions.get(question, question)]
        if candidate:
            names.append(words.candidate(candidate))
        if contest:
            names.append(words.contest(contest))
        return ", ".join(names)
    if row["relation"] == "suppressions":
        kind, scope, phone = [*key.split("|"), "", ""][:3]
        return ", ".join(filter(None, [kind.replace("_", " ").capitalize(), _SCOPES.get(scope, scope), phone]))
    return f"Contact {key[:8]}…" if now is None else words.channel(now["channel"])

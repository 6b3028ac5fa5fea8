"""What somebody wants a list of, and how it becomes one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.requests import Request

from dashboard.database import Database
from dashboard.explorer.inquiry import Inquiry, inquiry
from dashboard.explorer.people import Order, parse_order
from dashboard.explorer.universes import facets_by_office, stored
from dashboard.explorer.wording import Phrase, in_words
from dashboard.exporting.archive import Archive
from dashboard.exporting.log import Announcement, RefusedError, announce, check_size
from dashboard.exporting.readme import Taken, readme
from dashboard.exporting.rows import ID_HEADERS, Column, Size, copy_ids, copy_voters, read_columns, read_size
from dashboard.exporting.taking import Contents, Taking
from dashboard.rendering import moment
from dashboard.viewer import Viewer
from exchange.settings import Settings

KINDS = ("csv", "van")
PURPOSE_LENGTH = (10, 200)
# every choice: beside a file nothing is left to "3 more"
ALL = 10_000
_SORTED_BY = {"name": "name", "person": "ID", "county": "county", "age": "age", "last": "last contact"}
_FILE_TEXTS = {
    "csv": "Comma-separated, UTF-8, one line per person after the line of column names. A text that a spreadsheet would"
    " take for a formula begins with an apostrophe. Its columns:",
    "van": "The people's ids alone, one per line after the line with the column's name, for an upload. Its column:",
}


@dataclass(frozen=True)
class Wish:
    """What somebody asks for. pairs: the universe, as its address has it."""

    pairs: tuple[tuple[str, str], ...]
    sort: str = ""
    kind: str = "csv"
    purpose: str = ""


def clean_purpose(text: str) -> str:
    """Raises RefusedError for one that tells nothing."""
    purpose = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    least, most = PURPOSE_LENGTH
    if not least <= len(purpose) <= most:
        raise RefusedError(f"Say in {least} to {most} letters what the list is for.")
    return purpose


async def id_header(database: Database, viewer: Viewer) -> str:
    """The name of the column of ids, as the system has it that the partner takes its ids from."""
    async with database.as_keeper() as keeper:
        namespace = await keeper.value(
            "select id_namespace from registry.partners where partner_id = %s", [viewer.partner_id]
        )
    return ID_HEADERS.get(namespace, "person_id")


async def write_list(request: Request, wish: Wish, at: datetime, taking: Taking) -> None:
    """Count, announce and write, all in one snapshot. wish: with a clean purpose. at: when it is taken.

    Raises RefusedError, and what an inquiry raises, before anything is announced.
    """
    database: Database = request.app.state.database
    settings: Settings = request.app.state.settings
    header = await id_header(database, request.state.viewer)
    async with inquiry(request, wish.pairs) as question:
        order = order_of(wish, question)
        where = question.condition()
        size = await read_size(question)
        check_size(size, settings)
        columns = await read_columns(question.reader)
        if wish.kind == "van":
            query = copy_ids(header, where, order)
            columns = [Column(header, True, next(each.meaning for each in columns if each.name == "person_id"), None)]
        else:
            query = copy_voters(columns, where, order)
        text = readme(_taken(request, wish, at, question, size, order, columns))
        announcement = Announcement(
            kind=wish.kind,
            what="voters",
            filter=question.universe.query(sort=wish.sort),
            purpose=wish.purpose,
            version=question.reader.version,
            counted=size.counted,
            suppressed_left_out=size.suppressed,
        )
        # the second connection of this request: of those, one is under way
        async with request.app.state.export_places.announcing:
            export_id: UUID = await announce(database, question.viewer, announcement, size, settings)
        await taking.write(
            Contents(
                export_id=export_id,
                connection=question.reader.connection,
                archive=Archive(at),
                readme=text,
                file=_file(wish.kind),
                query=query,
                people=size.people,
                has_bom=wish.kind == "csv",
            )
        )


def order_of(wish: Wish, question: Inquiry) -> Order:
    """Raises BadFilterError for an order that is none, or one that the partner cannot see."""
    if not wish.sort:
        return Order("person", is_descending=False)
    return parse_order(wish.sort, has_names=question.domain.has_names)


def _file(kind: str) -> str:
    return {"csv": "voters.csv", "van": "voters-ids.csv"}[kind]


def _taken(
    request: Request,
    wish: Wish,
    at: datetime,
    question: Inquiry,
    size: Size,
    order: Order,
    columns: list[Column],
) -> Taken:
    settings: Settings = request.app.state.settings
    site = settings.dashboard_url or str(request.base_url).rstrip("/")
    phrases = in_words(question.universe, question.facets, question.words, question.saved, ALL)
    return Taken(
        viewer=question.viewer,
        at=at,
        purpose=wish.purpose,
        version=question.reader.version,
        size=size,
        filters=[(phrase.label, phrase.text) for phrase in phrases],
        made_of=_made_of(question),
        url=site + question.universe.url(sort=wish.sort),
        order=_SORTED_BY[order.name] + (", from the end" if order.is_descending else ""),
        file=_file(wish.kind),
        file_text=_FILE_TEXTS[wish.kind],
        columns=columns,
    )


def _made_of(question: Inquiry) -> list[tuple[str, str]]:
    """Names change nothing of a file that lies somewhere for years: what each saved universe was is told too."""
    facets_of = facets_by_office(question.domain, question.words, question.today)
    made_of = []
    for number in sorted(question.saved):
        one = question.saved[number]
        universe = stored(one.pairs, facets_of)
        phrases: list[Phrase] = in_words(universe, facets_of(universe.office), question.words, question.saved, ALL)
        rule = "; ".join(f"{phrase.label}: {phrase.text}" for phrase in phrases)
        kind = f"a fixed list of {one.person_count:,} people, found by" if one.is_frozen else "a rule:"
        made_of.append((f"“{one.name}”", f"{kind} {rule}. Saved {moment(one.created_at)} by {one.created_by}."))
    return made_of

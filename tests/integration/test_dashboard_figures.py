"""Overview, coverage and definitions: every number that leads somewhere is the number of people it leads to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
from psycopg import sql
from starlette.applications import Starlette

from dashboard.app import create_app
from tests.dashboard_exchange import AS_OF, OPERATOR, DashboardExchange, email, sign_in, site, sql_as

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]
PARTNER, OF_TWO_STATES, WITHOUT_CONTACTS = "lopez_for_governor", "voter_voice", "civic_data_fund"
TODAY = AS_OF.date()
VOID = {"meta", "link", "input", "br", "hr", "img", "rect", "line", "circle", "path"}
NUMBER = re.compile(r"\d{1,3}(?:,\d{3})*")


# -- what a page says


@dataclass
class Element:
    """A part of a page, as far as this test reads it."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None = None
    children: list[Element | str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def all(self) -> Iterator[Element]:
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.all()

    def above(self, name: str) -> Element | None:
        """The nearest one around it with this tag or class."""
        around = self.parent
        while around is not None and around.tag != name and name not in around.classes:
            around = around.parent
        return around

    def one(self, name: str) -> Element:
        return next(each for each in self.all() if name in each.classes)


class Tree(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.root = self.here = Element("page", {})
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs}, self.here)
        self.here.children.append(made)
        if tag not in VOID:
            self.here = made

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.here.children.append(Element(tag, {name: value or "" for name, value in attrs}, self.here))

    def handle_endtag(self, tag: str) -> None:
        around: Element | None = self.here
        while around is not None and around.tag != tag:
            around = around.parent
        if around is not None and around.parent is not None:
            self.here = around.parent

    def handle_data(self, data: str) -> None:
        self.here.children.append(data)


def number_of(link: Element) -> int | None:
    """The number that a link to voters carries; None for headings of a table, and parts of a bar (said beside it)."""
    if link.above("svg") is not None or link.above("th") is not None or link.above("tile") is not None:
        return None
    row = link.above("bars-row")
    if row is not None:
        said = row.one("bars-value").text
    elif link.above("td") is not None:
        # "Lehigh County, Us only: 51"
        said = link.attributes.get("aria-label", link.text).rsplit(":")[-1]
    else:
        said = link.text
    found = NUMBER.search(said)
    return int(found[0].replace(",", "")) if found else None


def links(page: str) -> list[Element]:
    return [
        each
        for each in Tree(page).root.all()
        if each.tag == "a" and each.attributes.get("href", "").startswith("/voters?")
    ]


# -- who is meant, told by the address alone


def condition(href: str) -> tuple[str, dict[str, Any]]:
    """The people of an address, over the views voters (v) and explorer (e): written anew from what it means."""
    asked = parse_qs(urlsplit(href).query, strict_parsing=True)
    office = asked.pop("office", [""])[0]
    channels = ("door", "phone", "text", "email", "mail", "event", "online", "other")
    newest = "greatest(v.last_contact_us_on, v.last_contact_others_until)"
    ages = f"(%(today)s - {newest})"
    parts: list[str] = []
    values: dict[str, Any] = {"today": TODAY}
    columns = {
        "state": "v.state",
        "county": "v.county_fips",
        "candidate": f"v.support_{office}_candidate",
        "support": f"coalesce(v.support_{office}, 0)::text",
        "mail": "coalesce(v.vote_by_mail_comfort, 0)::text",
        "postal": "coalesce(v.postal_service_trust, 0)::text",
        "reach": "v.reach",
        "suppressed": "case when v.is_suppressed then 'yes' else 'no' end",
        "ballot": "coalesce(v.ballot_status, 'none')",
        "last": f"case when {ages} <= 7 then '7' when {ages} <= 30 then '30' when {ages} <= 90 then '90'"
        f" when {newest} is null then 'never' else 'older' end",
    }
    if "ballot" not in asked:
        parts.append("coalesce(v.ballot_status, 'none') not in ('returned', 'accepted', 'voted_in_person')")
    elif asked["ballot"] == ["any"]:
        del asked["ballot"]
    for name, wanted in asked.items():
        if name == "channel":
            bits = sum(1 << channels.index(channel) for channel in wanted)
            parts.append(f"((e.channels_us | e.channels_others) & {bits}) <> 0")
        elif name == "spent":
            parts += [f"e.contacts_us_after_{ {'answered': 'answer', 'voted': 'vote'}[what] } > 0" for what in wanted]
        else:
            parts.append(f"{columns[name]} = any(%({name})s)")
            values[name] = wanted
    return " and ".join(parts) or "true", values


class People:
    """Counts the people of addresses as a partner, without the application."""

    def __init__(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        self._connection = connection
        self._known: dict[str, int] = {}

    def count(self, href: str) -> int:
        if href not in self._known:
            where, values = condition(href)
            query = f"select count(*) as people from voters v inner join explorer e using (person_id) where {where}"
            row = self._connection.execute(query, values).fetchone()
            assert row is not None
            self._known[href] = row["people"]
        return self._known[href]


@contextmanager
def people(exchange: DashboardExchange, partner: str) -> Iterator[People]:
    role = sql.Identifier(exchange.roles[partner])
    with exchange.connect_as_admin() as connection, connection.transaction():
        connection.execute(sql.SQL("set local role {}").format(role))
        connection.execute(sql.SQL("set local search_path = {}").format(role))
        yield People(connection)


def differences(page: str, counted: People) -> list[str]:
    """Marks of a page whose number is not that of the people they lead to; a page without any is one too."""
    found = [(link, number_of(link)) for link in links(page)]
    said = {link.attributes["href"] for link, number in found if number is not None}
    wrong = [
        f"{number} at {link.attributes['href']}: {counted.count(link.attributes['href'])}"
        for link, number in found
        if number is not None and number != counted.count(link.attributes["href"])
    ]
    # the parts of a bar are for the mouse: each has its number beside it
    unsaid = {link.attributes["href"] for link, _ in found if link.above("svg") is not None} - said
    return [*wrong, *(f"part of a bar without a number: {href}" for href in unsaid), *([] if said else ["no numbers"])]


@pytest.fixture(scope="module")
def app(dashboard_exchange: DashboardExchange) -> Starlette:
    """One for all partners: with one cache."""
    return create_app(dashboard_exchange.settings)


@pytest.fixture(scope="module")
def client(dashboard_exchange: DashboardExchange, app: Starlette) -> Iterator[httpx.Client]:
    with site(dashboard_exchange, app) as made:
        yield made


def of(client: httpx.Client, partner: str) -> httpx.Client:
    """The same client, signed in as the partner's person."""
    client.cookies.clear()
    sign_in(client, email(partner))
    return client


def get(client: httpx.Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code, response.text)
    return response.text


# -- every number is that of the people behind it


def test_every_number_is_that_of_the_people_it_leads_to(
    dashboard_exchange: DashboardExchange, client: httpx.Client
) -> None:
    """Of every partner, through one cache: would have caught a partner who is shown another one's numbers, too."""
    checked = 0
    for partner in dashboard_exchange.roles:
        of(client, partner)
        with people(dashboard_exchange, partner) as counted:
            for path in ("/", "/coverage", "/coverage?rows=all&order=share"):
                page = get(client, path)
                assert differences(page, counted) == [], (partner, path)
                checked += len(links(page))
    assert checked > 2000


def test_every_choice_of_coverage_counts_the_people_it_leads_to(
    dashboard_exchange: DashboardExchange, client: httpx.Client
) -> None:
    of(client, OF_TWO_STATES)
    county = "/coverage?county=42101"
    with people(dashboard_exchange, OF_TWO_STATES) as counted:
        for path in (
            "/coverage?state=NC",
            "/coverage?state=NC&county=42101",
            county,
            *(f"/coverage?office={office}" for office in ("president", "us_house", "state_house", "municipal")),
            "/coverage?office=governor&candidate=whitfield",
            *(f"/coverage?reach={reach}" for reach in ("us", "both", "others")),
            f"{county}&office=governor&reach=others",
        ):
            assert differences(get(client, path), counted) == [], path


def test_the_list_behind_a_number_has_as_many_people(client: httpx.Client) -> None:
    of(client, PARTNER)
    marks = {
        link.attributes["href"]: number
        for path in ("/", "/coverage?county=42101&office=governor")
        for link in links(get(client, path))
        if (number := number_of(link)) is not None
    }
    for href, number in list(marks.items())[::4]:
        shown = Tree(get(client, href)).root.one("results-total").text
        assert NUMBER.findall(shown)[0] == f"{number:,}", href


def test_shares_of_squares(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    of(client, OF_TWO_STATES)
    tree = Tree(get(client, "/coverage")).root
    squares = [each for each in tree.all() if each.tag == "li" and "tile" in each.classes]
    assert len(squares) > 20
    with people(dashboard_exchange, OF_TWO_STATES) as counted:
        for square in squares:
            (link,) = [each for each in square.all() if each.tag == "a"]
            href = link.attributes["href"]
            part, whole = counted.count(href), counted.count(re.sub(r"&reach=\w+", "", href))
            said = square.one("tile-value").text
            assert said == (f"{100 * part / whole:.0f} %" if part else "0 %") or said in ("< 1 %", "> 99 %"), href


def test_the_whole_is_the_sum_of_its_parts(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    """Everybody who has not voted is in one of the four; counties add up to the state."""
    of(client, PARTNER)
    (row,) = sql_as(
        dashboard_exchange,
        PARTNER,
        "select count(*) as people from voters"
        " where coalesce(ballot_status, '') not in ('returned', 'accepted', 'voted_in_person')",
    )
    overview = Counter(
        {link.attributes["href"]: number_of(link) or 0 for link in links(get(client, "/")) if link.above("stats")}
    )
    assert len(overview) == 4
    assert overview.total() == row["people"] > 0
    rows = [
        number_of(link) or 0
        for link in links(get(client, "/coverage?rows=all"))
        if link.above("tr") is not None and "county=" in link.attributes["href"]
    ]
    assert sum(rows) == row["people"]


# -- what a page costs, and when it says something new


def test_a_page_seen_again_counts_nothing(dashboard_exchange: DashboardExchange) -> None:
    """And the first time two groupings suffice for the overview, however many offices there are."""
    sent: list[str] = []
    with site(dashboard_exchange, create_app(dashboard_exchange.settings, sent.append)) as client:
        of(client, PARTNER)
        sent.clear()
        get(client, "/")
        assert sum("from explorer" in query for query in sent) == 2, sent
        for path in ("/", "/coverage", "/coverage?county=42101", "/definitions"):
            get(client, path)
            sent.clear()
            get(client, path)
            assert [query for query in sent if "explorer" in query or "group by" in query] == []


def test_a_partner_suspended_between_two_clicks_sees_nothing(dashboard_exchange: DashboardExchange) -> None:
    """The numbers are kept; the door is not."""
    with site(dashboard_exchange) as client:
        of(client, "hale_for_house")
        assert [client.get(path).status_code for path in ("/", "/coverage", "/definitions")] == [200] * 3
        dashboard_exchange.command("partner", "suspend", "hale_for_house")
        for path in ("/", "/coverage", "/definitions"):
            response = client.get(path)
            assert response.status_code in (303, 403)
            assert links(response.text) == []


def test_a_new_publication_is_counted_anew(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    of(client, "labor_table_pa")
    with people(dashboard_exchange, "labor_table_pa") as counted:
        before = counted.count("/voters?reach=nobody")
    get(client, "/")
    with dashboard_exchange.connect_as_admin() as admin, admin.transaction():
        audience = _audience(admin, "labor_table_pa")
        admin.execute(
            "update published.explorer set channels_us = 1, codes = codes | (1::bigint << 19) | (1::bigint << 21)"
            " where audience_id = %s and channels_us | channels_others = 0",
            [audience],
        )
        admin.execute(
            "update published.audience_change set publication_count = publication_count + 1 where audience_id = %s",
            [audience],
        )
    shown = {link.attributes["href"]: number_of(link) for link in links(get(client, "/"))}
    assert before > 0
    assert shown["/voters?reach=nobody"] == 0


def _audience(admin: psycopg.Connection[dict[str, Any]], partner: str) -> int:
    row = admin.execute("select audience_id from published.change_feed where partner_id = %s", [partner]).fetchone()
    assert row is not None
    return int(row["audience_id"])


# -- states of the pages


def test_changes_and_refused_files_are_told(dashboard_exchange: DashboardExchange) -> None:
    with dashboard_exchange.connect_as_admin() as admin:
        audience = _audience(admin, PARTNER)
        admin.execute(
            """
            insert into published.changes (audience_id, publication_id, relation, person_id, record_key, change)
            select %s, 2 + number %% 2, 'contacts', number::text, 'key', 'added' from generate_series(1, 1234) as number
            """,
            [audience],
        )
        admin.execute(
            "update published.my_files set status = 'refused' where file_name = ("
            " select min(file_name) from published.my_files where audience_id = %s) and audience_id = %s",
            [audience, audience],
        )
    with site(dashboard_exchange) as client:
        of(client, PARTNER)
        page = get(client, "/")
    tree = Tree(page).root
    (table,) = [each for each in tree.all() if each.tag == "table" and "Retracted" in each.text]
    cells = [each.text for each in table.all() if each.tag in ("th", "td")]
    assert cells == ["Publications 2 to 3", "Added", "Changed", "Retracted", "Contacts", "1,234", "0", "0"]
    assert "1 of your files was refused." in tree.text


def test_a_partner_that_never_contacted_anybody(client: httpx.Client) -> None:
    of(client, WITHOUT_CONTACTS)
    assert "We have not contacted anybody" in get(client, "/")
    coverage = get(client, "/coverage?reach=us")
    assert "No contacts" in coverage
    assert "We have not contacted anybody here" in coverage


def test_a_place_without_people(client: httpx.Client) -> None:
    of(client, PARTNER)
    for path in ("/coverage?state=NC", "/coverage?county=37183"):
        page = get(client, path)
        assert "No people of yours are here" in page
        assert links(page) == []
    assert "people in Wake County who" in page


def test_what_coverage_summary_tells(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    of(client, PARTNER)
    told = sql_as(
        dashboard_exchange,
        PARTNER,
        "select voters, us_only, us_and_others, others_only, nobody from coverage_summary where county_fips is null",
    )
    tree = Tree(get(client, "/coverage")).root
    (table,) = [each for each in tree.all() if each.tag == "table" and each.children and "Rounded to tens" in each.text]
    shown = [
        [cell.text for cell in row.all() if cell.tag == "td"]
        for row in table.all()
        if row.tag == "tr" and any(cell.tag == "td" for cell in row.all())
    ]
    expected = [["not told" if number is None else f"{number:,}" for number in row.values()] for row in told]
    assert shown[: len(told)] == expected


@pytest.mark.parametrize(
    "path",
    [
        "/?office=mayor",
        "/coverage?state=ZZ",
        "/coverage?county=1",
        "/coverage?office=mayor",
        "/coverage?candidate=nobody_known",
        "/coverage?reach=nobody",
        "/coverage?order=name",
        "/coverage?rows=some",
        "/coverage?name=Smith",
    ],
)
def test_what_is_no_choice_is_refused(client: httpx.Client, path: str) -> None:
    of(client, PARTNER)
    response = client.get(path)
    assert response.status_code == 400
    assert "This cannot be done" in response.text


def test_operators_have_no_numbers_of_their_own(client: httpx.Client) -> None:
    client.cookies.clear()
    sign_in(client, OPERATOR)
    for path in ("/", "/coverage", "/definitions"):
        response = client.get(path)
        assert (response.status_code, response.headers["location"]) == (303, "/admin")


def test_definitions_are_those_of_the_views(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    of(client, PARTNER)
    tree = Tree(get(client, "/definitions")).root
    shown = {each.attributes["id"] for each in tree.all() if each.tag == "details" and "id" in each.attributes}
    views = sql_as(dashboard_exchange, PARTNER, "select distinct view_name from data_dictionary")
    assert shown == {f"view-{row['view_name']}" for row in views}
    assert "1 Strong support; 2 Lean support" in tree.text


def test_pages_are_light(client: httpx.Client) -> None:
    """The first one with all that comes along may weigh 150 kB."""
    of(client, OF_TWO_STATES)
    overview = get(client, "/")
    along = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', overview))
    assert len(along) >= 4
    assert sum(map(len, [overview, *(get(client, path) for path in along)])) < 150_000
    assert all(len(get(client, path)) < 120_000 for path in ("/coverage", "/definitions"))

"""The page of voters against the database, as the partner: every number is a count(*), every page a part of one list.

The conditions here are written anew over the view `voters`, which the page does not count: a slip in the page's own
would have to be made twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode

import anyio
import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from dashboard.app import create_app
from dashboard.explorer import people
from dashboard.explorer.cube import count, read_cube
from dashboard.explorer.facets import facets
from dashboard.explorer.filters import parse
from dashboard.explorer.inquiry import ask
from dashboard.viewer import Viewer
from tests.dashboard_exchange import AS_OF, PASSWORD, DashboardExchange, email, site, sql_as

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

PARTNER = "lopez_for_governor"
OFFICE = "governor"
TODAY = AS_OF.date()
VOTED = "('returned', 'accepted', 'voted_in_person')"
NEWEST = "greatest(last_contact_us_on, last_contact_others_until)"
# in explorer only: the sum of bits of both
CHANNELS = ("door", "phone", "text", "email", "mail", "event", "online", "other")
CHANNEL_BITS = {name: 1 << bit for bit, name in enumerate(CHANNELS)}
AGES = {"18-24": (0, 24), "25-34": (25, 34), "35-44": (35, 44), "45-54": (45, 54), "55-64": (55, 64), "65-74": (65, 74)}


def answered(column: str, codes: list[str]) -> str:
    return " or ".join(f"{column} is null" if code == "0" else f"{column} = {code}" for code in codes)


def last(bucket: str) -> str:
    days = {"7": (None, 7), "30": (7, 30), "90": (30, 90), "older": (90, None)}
    if bucket == "never":
        return f"{NEWEST} is null"
    above, upto = days[bucket]
    parts = [f"{NEWEST} is not null"]
    parts += [f"{NEWEST} < date '{TODAY - timedelta(days=above)}'"] if above else []
    parts += [f"{NEWEST} >= date '{TODAY - timedelta(days=upto)}'"] if upto else []
    return " and ".join(parts)


def aged(band: str) -> str:
    if band == "unknown":
        return "birth_year is null"
    if band == "75-":
        return f"{TODAY.year} - birth_year >= 75"
    return f"{TODAY.year} - birth_year between {AGES[band][0]} and {AGES[band][1]}"


def clause(name: str, values: list[str], universe: dict[str, list[str]]) -> str:
    quoted = ", ".join(f"'{value}'" for value in values)
    plain = {
        "support": lambda: answered(f"support_{OFFICE}", values),
        "mail": lambda: answered("vote_by_mail_comfort", values),
        "postal": lambda: answered("postal_service_trust", values),
        "turnout": lambda: answered("turnout_intent", values),
        "plan": lambda: answered("vote_method_plan", values),
        "candidate": lambda: f"support_{OFFICE}_candidate in ({quoted})",
        "reach": lambda: f"reach in ({quoted})",
        "last": lambda: " or ".join(f"({last(value)})" for value in values),
        "age": lambda: " or ".join(f"({aged(value)})" for value in values),
        "party": lambda: f"coalesce(party, 'none') in ({quoted})",
        "suppressed": lambda: f"is_suppressed::text in ({quoted.replace('yes', 'true').replace('no', 'false')})",
        "ballot": lambda: f"coalesce(ballot_status, 'none') in ({quoted})",
        "channel": lambda: f"(channels_us | channels_others) & {sum(CHANNEL_BITS[value] for value in values)} <> 0",
        "county": lambda: f"county_fips in ({quoted})",
        "cd": lambda: " or ".join(
            f"congressional_district = 'ocd-division/country:us/state:pa/cd:{value.removeprefix('PA-')}'"
            for value in values
        ),
        "since": lambda: f"{by(universe)} >= date '{values[0]}'",
        "not_since": lambda: f"coalesce({by(universe)} < date '{values[0]}', true)",
        "spent": lambda: " or ".join(
            {"answered": "contacts_us_after_answer > 0", "voted": "contacts_us_after_vote > 0"}[value]
            for value in values
        ),
        "by": lambda: "true",
    }
    return plain[name]()


def by(universe: dict[str, list[str]]) -> str:
    who = universe.get("by", ["anyone"])[0]
    return {"anyone": NEWEST, "us": "last_contact_us_on", "others": "last_contact_others_until"}[who]


def where(universe: dict[str, list[str]], without: str = "") -> str:
    parts = [f"({clause(name, values, universe)})" for name, values in universe.items() if name != without]
    if universe.get("ballot") == ["any"]:
        parts = [f"({clause(n, v, universe)})" for n, v in universe.items() if n not in (without, "ballot")]
    elif "ballot" not in universe and without != "ballot":
        parts.append(f"(ballot_status is null or ballot_status not in {VOTED})")
    return " and ".join(parts) or "true"


SOURCE = "voters join (select person_id, channels_us, channels_others, contacts_us_after_answer, contacts_us_after_vote\
 from explorer) as coded using (person_id)"


@pytest.fixture(scope="module")
def sent() -> list[str]:
    """Every statement of the application, in order."""
    return []


@pytest.fixture(scope="module")
def client(dashboard_exchange: DashboardExchange, sent: list[str]) -> Iterator[httpx.Client]:
    with site(dashboard_exchange, create_app(dashboard_exchange.settings, observe=sent.append)) as found:
        sign_in(found, PARTNER)
        yield found


def sign_in(client: httpx.Client, partner: str) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert token is not None
    answer = client.post("/sign-in", data={"csrf_token": token[1], "email": email(partner), "password": PASSWORD})
    assert answer.status_code == 303, answer.text


def url(universe: dict[str, list[str]], **further: str) -> str:
    pairs = [("office", OFFICE), *((name, value) for name, values in universe.items() for value in values)]
    return "/voters?" + urlencode([*pairs, *further.items()])


def total(page: str) -> int:
    found = re.search(r'class="results-total"[^>]*><strong>([\d,]+)</strong>', page)
    assert found is not None, page[:2000]
    return int(found[1].replace(",", ""))


def counts(page: str) -> dict[tuple[str, str], int]:
    """(facet, choice) -> the number beside its box."""
    found = re.findall(r'id="f-(\w+)-([^"]+)-n">([\d,]+)<', page)
    return {(name, unescape(value)): int(number.replace(",", "")) for name, value, number in found}


def ids(page: str) -> list[str]:
    return re.findall(r'<td class="aside">([^<]+)</td>', page)


def link(page: str, rel: str) -> str | None:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', page)
    return unescape(found[1]) if found else None


def one(rows: list[dict[str, Any]]) -> int:
    return int(rows[0]["n"])


FACETS = {
    "support": list("012345"),
    "mail": list("012345"),
    "postal": list("0123"),
    "turnout": list("0123456"),
    "plan": list("0123456"),
    "candidate": ["lopez", "whitfield"],
    "reach": ["us", "both", "others", "nobody"],
    "channel": ["door", "phone", "text", "mail"],
    "last": ["never", "7", "30", "90", "older"],
    "age": [*AGES, "75-"],
    "party": ["DEM", "REP", "UNA"],
    "suppressed": ["no", "yes"],
    "ballot": ["any", "none", "requested", "sent", "returned", "accepted", "rejected"],
    "county": ["42101", "42003", "42045"],
    "cd": ["PA-3", "PA-7"],
    "since": ["2026-08-15"],
    "not_since": ["2026-10-01", "2026-07-04"],
    "by": ["us", "others", "anyone"],
    "spent": ["answered", "voted"],
}
UNIVERSES = st.dictionaries(st.sampled_from(sorted(FACETS)), st.integers(1, 3), max_size=4).flatmap(
    lambda sizes: st.fixed_dictionaries(
        {
            name: st.lists(
                st.sampled_from(FACETS[name]),
                min_size=1,
                max_size=1 if name in ("since", "not_since", "by") else size,
                unique=True,
            )
            for name, size in sizes.items()
        }
    )
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(UNIVERSES)
def test_every_number_is_a_count(
    dashboard_exchange: DashboardExchange, client: httpx.Client, universe: dict[str, list[str]]
) -> None:
    """Would have caught a box whose number is of other people than those it lists."""
    if "any" in universe.get("ballot", []):
        universe["ballot"] = ["any"]
    page = client.get(url(universe)).text
    expected = f"select count(*) as n from {SOURCE} where "
    assert total(page) == one(sql_as(dashboard_exchange, PARTNER, expected + where(universe)))
    found = counts(page)
    for name in ("support", "mail", "postal", "reach", "channel", "last", "ballot", "age", "suppressed", "party"):
        for value in FACETS[name]:
            if value == "any":
                continue
            condition = f"({where(universe, without=name)}) and ({clause(name, [value], universe)})"
            number = one(sql_as(dashboard_exchange, PARTNER, expected + condition))
            assert found[name, value] == number, (name, value, universe)
    everybody = sql_as(dashboard_exchange, PARTNER, f"select person_id from {SOURCE} where {where(universe)}")
    assert set(ids(page)) <= {row["person_id"] for row in everybody}
    assert len(ids(page)) == min(50, len(everybody))


def test_hundreds_of_candidates_are_counted_as_two_are(dashboard_exchange: DashboardExchange) -> None:
    """As of a state house: their codes do not fit in above those that are stored. The real ones come last."""

    async def compare() -> None:
        app = create_app(dashboard_exchange.settings)
        viewer = Viewer(0, "", PARTNER, PARTNER, dashboard_exchange.roles[PARTNER], is_operator=False)
        async with app.router.lifespan_context(app), ask(app, viewer, [("office", OFFICE)]) as question:
            real = question.domain.candidates[OFFICE]
            assert len(real) > 1
            others = tuple(f"nobody_{number}" for number in range(300))
            domain = replace(question.domain, candidates={OFFICE: (*others, *real)})
            few, crowded = question.facets, facets(OFFICE, domain, question.words, TODAY)
            cube = await read_cube(question.reader, crowded, sql.SQL("true"))
            for pairs in ([], [("candidate", real[0])], [("support", "1"), ("age", "25-34"), ("ballot", "any")]):
                universe = parse(pairs, crowded, OFFICE)
                found = count(cube, crowded, universe)
                expected = count(await question.cube(), few, universe)
                assert found.total == expected.total > 0
                assert {n: c for n, c in found.choices["candidate"].items() if n in real} == expected.choices[
                    "candidate"
                ]
                for name in few.keys() - {"candidate"}:
                    assert found.choices[name] == expected.choices[name], name

    anyio.run(compare)


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(UNIVERSES)
def test_the_cross_tab_and_the_places_are_counts(
    dashboard_exchange: DashboardExchange, client: httpx.Client, universe: dict[str, list[str]]
) -> None:
    """Each cell equals the page that a click on it opens."""
    if "any" in universe.get("ballot", []):
        universe["ballot"] = ["any"]
    page = client.get(url(universe, rows="postal", cols="reach")).text
    table = page.partition('class="crosstab"')[2].partition("</table>")[0]
    cells = re.findall(r'<a href="([^"]+)" aria-label="[^"]+: ([\d,]+)">', table)
    for href, number in cells[:4]:
        assert total(client.get(unescape(href)).text) == int(number.replace(",", "")) or "is-selected" in table
    counties = client.get("/voters/places/county?" + url(universe).partition("?")[2]).text
    # without JavaScript a link opens the same list
    assert counts(client.get(url(universe, open="county")).text).items() >= counts(counties).items()
    for (_, county), number in list(counts(counties).items())[:5]:
        condition = f"({where(universe, without='county')}) and county_fips = '{county}'"
        assert number == one(
            sql_as(dashboard_exchange, PARTNER, f"select count(*) as n from {SOURCE} where {condition}")
        )


ORDERS = {
    "": "upper(concat_ws(' ', last_name, first_name, middle_name, suffix)) collate \"C\", person_id",
    "-name": "upper(concat_ws(' ', last_name, first_name, middle_name, suffix)) collate \"C\" desc, person_id desc",
    "person": "person_id",
    "county": "coalesce(county_fips, ''), person_id",
    "age": "coalesce(birth_year, 0) desc, person_id desc",
    "-age": "coalesce(birth_year, 0), person_id",
    "-last": f"coalesce({NEWEST}, '0001-01-01') desc, person_id desc",
}


@pytest.mark.parametrize("order", sorted(ORDERS))
@pytest.mark.parametrize("few", [0, 1_000_000], ids=["walked", "filtered"])
def test_pages_are_the_whole_list_forwards_and_backwards(
    dashboard_exchange: DashboardExchange, client: httpx.Client, order: str, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would have caught people between two pages, or on both: of equal age, or without any contact."""
    # both ways to find a page, whatever the size of the demo
    monkeypatch.setattr(people, "FEW_PEOPLE", dict.fromkeys(people.SORTS, few))
    universe = {"party": ["DEM"]}
    expected = [
        row["person_id"]
        for row in sql_as(
            dashboard_exchange,
            PARTNER,
            f"select person_id from {SOURCE} where {where(universe)} order by {ORDERS[order]}",
        )
    ]
    pages, address = [], url(universe, sort=order) if order else url(universe)
    while address:
        page = client.get(address).text
        pages.append(ids(page))
        last_address, address = address, link(page, "next") or ""
    assert [person for page in pages for person in page] == expected
    assert len(pages) > 2
    backwards: list[list[str]] = []
    address = last_address
    while address:
        page = client.get(address).text
        backwards.insert(0, ids(page))
        address = link(page, "prev") or ""
    assert [person for page in backwards for person in page] == expected


def test_choosing_within_warm_counts_sends_no_group_by(client: httpx.Client, sent: list[str]) -> None:
    client.get(url({"support": ["1"]}))
    sent.clear()
    for universe in ({"support": ["1"], "mail": ["2"]}, {"postal": ["3"], "reach": ["nobody"]}, {"age": ["75-"]}, {}):
        assert client.get(url(universe)).status_code == 200
    assert sent
    counting = ("group by", "count(*)", "string_agg")
    assert [query for query in sent if any(word in query.lower() for word in counting)] == []


def test_a_part_of_the_page_brings_the_time_of_its_numbers(client: httpx.Client) -> None:
    """Would have caught new numbers under the old "as of", after a publication between two clicks."""
    part = client.get(url({"support": ["1"]}), headers={"HX-Request": "true"})
    assert re.search(r'id="as-of" hx-swap-oob="true">As of', part.text)
    assert part.headers["HX-Push-Url"] == url({"support": ["1"]})
    assert client.get(url({})).text.count('id="as-of"') == 1


def test_nobody_matches_without_looking_for_them(client: httpx.Client, sent: list[str]) -> None:
    client.get(url({}))
    sent.clear()
    # whom nobody contacted, nobody asked
    page = client.get(url({"reach": ["nobody"], "support": ["1"]})).text
    assert total(page) == 0
    assert "No one matches" in page
    assert [query for query in sent if "explorer" in query] == []


@pytest.mark.parametrize(
    ("address", "status"),
    [
        *((f"/voters?{query}", 400) for query in ("support=6", "office=mayor", "after=AAAA", "before=%00", "limit=9")),
        *(
            (f"/voters?{query}", 400)
            for query in ("sort=phone", "rows=support&cols=support", "rows=channel", "in=x", "open=street")
        ),
        ("/voters?in=999999", 404),
        ("/voters?not=999999", 404),
        ("/voters/places/precinct", 404),
        ("/voters/places/county?mail=9", 400),
        ("/voters/nowhere", 404),
    ],
)
def test_a_forged_address_is_refused(client: httpx.Client, address: str, status: int) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert "Traceback" not in answer.text


def test_a_cursor_is_of_one_partner(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    after = dict(parse_qsl(str(link(client.get(url({})).text, "next")).partition("?")[2]))["after"]
    with site(dashboard_exchange) as other:
        sign_in(other, "pa_party")
        assert other.get(f"/voters?after={after}").status_code == 400
        assert other.get("/voters").status_code == 200


def test_people_are_found_by_the_beginning_of_their_name(
    dashboard_exchange: DashboardExchange, client: httpx.Client
) -> None:
    page = client.get("/voters").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    row = sql_as(
        dashboard_exchange, PARTNER, "select person_id, first_name, last_name from voters order by person_id limit 1"
    )[0]
    for words in (row["last_name"].lower(), f"{row['last_name']}, {row['first_name']}", row["person_id"]):
        found = client.post("/voters/find", data={"csrf_token": token[1], "who": words})
        assert row["person_id"] in ids(found.text)
    nobody = client.post("/voters/find", data={"csrf_token": token[1], "who": "zzzz%'; drop table"})
    assert "Nobody found" in nobody.text


def test_a_partner_without_names_sees_and_sorts_none(dashboard_exchange: DashboardExchange) -> None:
    without = sql_as(
        dashboard_exchange, "exchange_operator", "select partner_id from registry.partners where voter_fields = 'ids'"
    )
    partner = next(row["partner_id"] for row in without if row["partner_id"] in dashboard_exchange.roles)
    with site(dashboard_exchange) as other:
        sign_in(other, partner)
        page = other.get("/voters").text
        assert "Name" not in re.findall(r"<th[^>]*>(?:<a[^>]*>)?([A-Za-z ]+)", page)
        assert other.get("/voters?sort=name").status_code == 400

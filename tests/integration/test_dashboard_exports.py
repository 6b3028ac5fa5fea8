"""Lists of voters: exactly who matches and may be contacted, told in the text beside them, no formula in a cell."""

from __future__ import annotations

import csv
import hashlib
import io
import re

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dashboard_exchange import DashboardExchange, email, post, sign_in, site, sql_as
from tests.dashboard_exports import PARTNER, PURPOSE, forget, ids, logged, opened, take
from tests.dashboard_pages import NOT_VOTED, texts

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

CHOICES = {
    "support=1": ("support", "support_governor = 1"),
    "support=0": ("support", "support_governor is null"),
    "mail=3": ("mail", "vote_by_mail_comfort = 3"),
    "postal=1": ("postal", "postal_service_trust = 1"),
    "reach=nobody": ("reach", "reach = 'nobody'"),
    "reach=us": ("reach", "reach = 'us'"),
    "reach=both": ("reach", "reach = 'both'"),
    "suppressed=yes": ("suppressed", "is_suppressed"),
    "county=42077": ("county", "county_fips = '42077'"),
    "age=75-": ("age", "birth_year <= 1951"),
    "ballot=any": ("ballot", "true"),
}


def test_a_list_holds_who_matches_and_may_be_contacted(
    dashboard_exchange: DashboardExchange, export_client: httpx.Client
) -> None:
    """Every list, against count(*) as the partner: nobody more, nobody less, no one who opted out."""

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(chosen=st.sets(st.sampled_from(sorted(CHOICES)), max_size=4))
    def agree(chosen: set[str]) -> None:
        by_facet: dict[str, list[str]] = {}
        for choice in chosen:
            facet, clause = CHOICES[choice]
            by_facet.setdefault(facet, []).append(clause)
        where = " and ".join(f"({' or '.join(clauses)})" for clauses in by_facet.values()) or "true"
        if "ballot=any" not in chosen:
            where += f" and {NOT_VOTED}"
        matching = ids(dashboard_exchange, where)
        allowed = ids(dashboard_exchange, f"{where} and not is_suppressed")
        answer = take(export_client, "&".join(["office=governor", *sorted(chosen)]))
        if not allowed:
            assert answer.status_code == 400
            assert "No one matches." in answer.text or "all of them must not be contacted" in answer.text
            return
        people, text, raw = opened(answer)
        assert sorted(person["person_id"] for person in people) == allowed
        row = logged(dashboard_exchange)[-1]
        left_out = len(matching) - len(allowed)
        assert (row["counted"], row["suppressed_left_out"], row["rows_sent"]) == (len(matching), left_out, len(allowed))
        assert (row["outcome"], row["sha256"]) == ("complete", hashlib.sha256(raw).hexdigest())
        assert f"People       {len(allowed):,}" in text
        if left_out:
            assert f"{len(matching):,} match; {left_out:,} of them must not be contacted" in text

    agree()


def test_columns_are_those_of_the_partner_and_say_what_they_mean(
    dashboard_exchange: DashboardExchange, export_client: httpx.Client
) -> None:
    people, text, raw = opened(take(export_client, "office=governor&support=1"))
    row = sql_as(dashboard_exchange, PARTNER, "select * from voters where person_id = %s", [people[0]["person_id"]])[0]
    assert list(people[0]) == list(row)
    assert raw.startswith(b"\xef\xbb\xbfperson_id,")
    expected = {
        name: "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in row.items()
    }
    assert people[0] == expected
    for column in sql_as(dashboard_exchange, PARTNER, "select * from data_dictionary where view_name = 'voters'"):
        if column["column_name"]:
            assert re.search(rf"^{column['column_name']} +\S", text, re.MULTILINE), column


def test_the_text_beside_it_tells_everything(
    dashboard_exchange: DashboardExchange, export_client: httpx.Client
) -> None:
    query = "office=governor&support=1&support=2&not_since=2026-10-01&county=42077"
    answer = take(export_client, query, sort="-age")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="voters-2026-10-15-0600.zip"'
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Cache-Control"] == "no-store"
    people, text, _ = opened(answer)
    for line in (
        f"Taken        15 Oct 2026, 06:00 UTC by {email(PARTNER)} for Keystone Coordinated Campaign",
        f"Purpose      {PURPOSE}",
        "Data as of   15 Oct 2026, 06:00 UTC",
        "Support · Governor   Strong support or Lean support",
        "County               Lehigh County",
        "Not contacted since  1 Oct 2026 by anyone",
        "Ballot               Not voted yet (default)",
        "Sorted by    age, from the end",
    ):
        assert f"{line}\n" in text, text
    assert f"http://127.0.0.1/voters?{'office=governor&county=42077&not_since=2026-10-01&support=1&support=2'}" in text
    assert "support_governor " in text and "1 Strong support; 2 Lean support" in " ".join(text.split())
    years = [int(person["birth_year"] or 0) for person in people]
    assert years == sorted(years)
    row = logged(dashboard_exchange)[-1]
    assert (row["kind"], row["purpose"], row["email"], row["partner_id"]) == ("csv", PURPOSE, email(PARTNER), PARTNER)
    assert row["filter"] == "office=governor&county=42077&not_since=2026-10-01&support=1&support=2&sort=-age"
    shown = texts(export_client.get("/exports"))
    assert f"{email(PARTNER)} {PURPOSE} Spreadsheet" in shown
    assert "County Lehigh County" in shown and "Whole" in shown


def test_saved_universes_are_told_beside_a_list(
    dashboard_exchange: DashboardExchange, export_client: httpx.Client
) -> None:
    """A name of today tells nobody next year what was meant."""
    saved = post(
        export_client, "/universes", "/exports", name="Reached", kind="dynamic", filter="office=governor&reach=us"
    )
    number = re.search(r"in=(\d+)", saved.headers["Location"])
    assert number
    people, text, _ = opened(take(export_client, f"office=governor&not={number[1]}"))
    where = f"(reach = 'us' and {NOT_VOTED}) is not true and {NOT_VOTED} and not is_suppressed"
    assert sorted(person["person_id"] for person in people) == ids(dashboard_exchange, where)
    assert "Not in  “Reached”\n" in text
    assert "“Reached”  a rule: Contacted by: Us only; Ballot: Not voted yet (default). Saved" in " ".join(
        text.split(" ")
    ).replace("\n", " ")


@pytest.mark.parametrize(
    ("partner", "header"),
    [("pa_party", "VANID"), ("mail_ballot_alliance", "voterbase_id"), ("carolina_doors", "StateFileID")],
)
def test_ids_for_an_upload(dashboard_exchange: DashboardExchange, partner: str, header: str) -> None:
    with site(dashboard_exchange) as client:
        sign_in(client, email(partner))
        people, text, raw = opened(take(client, "office=governor", kind="van"), "voters-ids.csv")
    forget(dashboard_exchange)
    assert raw.startswith(f"{header}\n".encode())
    assert [person[header] for person in people] == ids(
        dashboard_exchange, f"{NOT_VOTED} and is_suppressed is not true", partner
    )
    assert re.search(rf"^{header} +The person's id", text, re.MULTILINE)
    assert "first_name" not in text


NASTY = {
    "first_name": '=HYPERLINK("http://evil.example","click")',
    "middle_name": "-",
    "last_name": 'O\'Neil, "Tip"\nJr',
    "suffix": "+1",
    "address": "@SUM(A1:A9)",
    "city": "\tErie",
    "zip": "\r15213",
}


def test_no_cell_is_a_formula(dashboard_exchange: DashboardExchange, export_client: httpx.Client) -> None:
    """A spreadsheet runs what begins with = + - @: a voter file's "name" would send the list to whoever wrote it."""
    person = ids(dashboard_exchange, f"{NOT_VOTED} and not is_suppressed and support_governor = 1")[0]
    with dashboard_exchange.connect_as_admin() as admin:
        changes = ", ".join(f"{name} = %({name})s" for name in NASTY)
        admin.execute(
            f"update published.voters_{dashboard_exchange.audience(PARTNER)} set {changes}"
            " where person_id = %(person)s",
            {**NASTY, "person": person},
        )
    people, _, raw = opened(take(export_client, "office=governor&support=1"))
    found = next(each for each in people if each["person_id"] == person)
    for name, text in NASTY.items():
        assert found[name] == (text if name == "last_name" else f"'{text}"), name
    for row in csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]

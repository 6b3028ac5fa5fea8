"""From a partner's file to its view through the command line: the demo exchange, twice, damaged, elsewhere.

`exchange.refresh` is in steps (tests/warehouse_steps.py); `exchange.command("refresh")` and `attempt` are the product.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.demo_exchange import INSTANT, SMALL
from tests.oracle import Inbox, read_registry
from tests.servers import debian_15, external_database
from tests.worlds.agreement import disagreements
from tests.worlds.running import CONTRACT_VIEWS, ROOT, RunningExchange

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

REPORT = "Voter File VANID\tContact Name\tDate Canvassed\tSurvey Response\tSurvey Question Name\tContact Type\r\n"


@pytest.fixture
def exchange(demo_exchange: RunningExchange) -> RunningExchange:
    return demo_exchange


def state_of(exchange: RunningExchange) -> dict[str, dict[str, str]]:
    partners = json.loads(exchange.command("partner", "list", "--json"))
    return {
        partner["partner_id"]: exchange.texts(partner["partner_id"], CONTRACT_VIEWS)
        for partner in partners
        if partner["is_active"]
    }


def registry_bytes(exchange: RunningExchange) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in exchange.registry.glob("*.csv")}


def test_a_second_refresh_loads_nothing_and_changes_no_view(exchange: RunningExchange) -> None:
    """Would have caught rows published again, a publication time that moves, and dbt overwriting the registry."""
    before, registry = state_of(exchange), registry_bytes(exchange)
    assert len(before) >= 11
    outcome = json.loads(exchange.command("refresh", "--json", as_of=INSTANT))
    assert [feed["feed_id"] for feed in outcome["feeds"] if feed["new_records"]] == []
    assert not outcome["is_new_publication"]
    assert state_of(exchange) == before
    assert registry_bytes(exchange) == registry


def test_every_bad_file_is_named_and_none_is_half_loaded(exchange: RunningExchange) -> None:
    contacts, reports = exchange.inbox / "reyes_for_congress/contacts", exchange.inbox / "okafor_for_senate"
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("report.xls", (REPORT + "1\t\t10/1/2026\t1\tq\tWalk\r\n" * 2000).encode("utf-16"))
    bad = {
        contacts / "contacts_header.csv": b"record_id,contacted_at,channel,shoe_size\n1,2026-10-01,door,9\n",
        contacts / "contacts_nul.csv": bytes(5000),
        contacts / "contacts_empty.csv": b"",
        reports / "van_survey_responses/PersonFile_truncated.zip": whole.getvalue()[:300],
        reports / "van_survey_responses/PersonFile_utf8.zip": REPORT.encode(),
    }
    line_of_200_mb = contacts / "contacts_long.csv"
    for path, content in bad.items():
        path.write_bytes(content)
    with line_of_200_mb.open("wb") as file:
        file.write(b"record_id,contacted_at,channel\n")
        for _ in range(200):
            file.write(b"x" * 1_000_000)
    good = contacts / "contacts_good.csv"
    good.write_text("record_id,person_id,contacted_at,channel\n" + "late-1,001,2026-10-19T10:00,door\n")
    try:
        done = exchange.attempt("refresh", "--json", as_of=INSTANT)
        outcome = json.loads(done.stdout)
        assert done.returncode == 1
        refused = {(item["feed_id"], item["file_name"]): item for item in outcome["refused"]}
        # the long line is the only record of its file: more rejects than the feed allows
        assert set(refused) == {("reyes_contacts", path.name) for path in (*list(bad)[:3], line_of_200_mb)} | {
            ("okafor_van_survey", path.name) for path in list(bad)[3:]
        }
        assert all(item["problem"] for item in refused.values())
        assert refused["reyes_contacts", "contacts_header.csv"]["line"] == 1
        assert "shoe_size" in refused["reyes_contacts", "contacts_header.csv"]["problem"]
        taken = {feed["feed_id"]: feed["new_records"] for feed in outcome["feeds"] if feed["new_records"]}
        assert taken == {"reyes_contacts": 1}
        with exchange.connect_as_admin() as admin:
            stray = admin.execute(
                "select count(*) as rows from raw.generic_contacts where _file_id not in (select file_id from raw.file)"
            ).fetchone()
            assert stray == {"rows": 0}
        told = exchange.views("reyes_for_congress", ("my_files",))["my_files"]
        assert {row["file_name"] for row in told if row["status"] == "refused"} == {
            path.name for path in (*list(bad)[:3], line_of_200_mb)
        }
    finally:
        for path in (*bad, line_of_200_mb):
            path.unlink()


def test_a_dangling_partner_stops_the_refresh_and_is_named(exchange: RunningExchange) -> None:
    feeds = exchange.registry / "feeds.csv"
    text = feeds.read_text(encoding="utf-8")
    try:
        feeds.write_text(text.replace("reyes_contacts,reyes_for_congress,", "reyes_contacts,nobody,"), encoding="utf-8")
        done = exchange.attempt("refresh", as_of=INSTANT)
    finally:
        feeds.write_text(text, encoding="utf-8")
    line = 1 + text[: text.index("reyes_contacts,")].count("\n")
    assert done.returncode == 1
    said = " ".join((done.stdout + done.stderr).split())
    assert "feeds.csv" in said and f"line {line}" in said and "partner_id" in said and "nobody" in said


def test_an_inactive_partner_loses_its_door_and_gets_it_back(exchange: RunningExchange) -> None:
    partners = exchange.registry / "partners.csv"
    text = partners.read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith("hale_for_house,")]
    exchange.door("hale_for_house")
    try:
        partners.write_text(text.replace(line, line.removesuffix("true") + "false"), encoding="utf-8")
        exchange.refresh(INSTANT)
        with pytest.raises(Exception, match="not permitted to log in"):
            exchange.connect_as("hale_for_house")
    finally:
        partners.write_text(text, encoding="utf-8")
    exchange.refresh(INSTANT)
    assert exchange.views("hale_for_house", ("voters",))["voters"]


def test_a_cumulative_file_and_a_reader_that_sits_still_stop_nobody(exchange: RunningExchange) -> None:
    """Two ways one partner could stop everybody: its export under the same name again, its bad lines still in it, and a
    BI session idle in a transaction while its permissions change.
    """
    (delivered, *_) = sorted((exchange.inbox / "reyes_for_congress/contacts").glob("contacts_2*.csv"))
    feeds = exchange.registry / "feeds.csv"
    # the demo is small: two damaged lines are many
    feeds.write_text(feeds.read_text(encoding="utf-8").replace(",0.05\n", ",0.9\n"), encoding="utf-8")
    damaged = b"too,few,cells\n"
    delivered.write_bytes(delivered.read_bytes().rstrip(b"\n") + b"\n" + damaged)
    exchange.refresh(INSTANT)
    delivered.write_bytes(delivered.read_bytes() + damaged)
    partners = exchange.registry / "partners.csv"
    text = partners.read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if line.startswith("reyes_for_congress,")]
    fewer_fields = line.replace(",contact,", ",ids,")
    assert fewer_fields != line
    reader = exchange.connect_as("reyes_for_congress")
    reader.autocommit = False
    reader.execute("select count(*) from voters")
    try:
        partners.write_text(text.replace(line, fewer_fields), encoding="utf-8")
        exchange.refresh(INSTANT)
    finally:
        partners.write_text(text, encoding="utf-8")
        reader.close()
    told = exchange.views("reyes_for_congress", ("my_rejected_rows",))["my_rejected_rows"]
    assert sum(row["line_text"].startswith("too,few,cells") for row in told) == 3


def test_a_schema_that_was_anothers_is_refused(exchange: RunningExchange) -> None:
    """Else the former partner's password would open the new partner's data."""
    pa_party, nc_party = exchange.door("pa_party")["schema"], exchange.door("nc_party")["schema"]
    partners = exchange.registry / "partners.csv"
    text = partners.read_text(encoding="utf-8")
    swapped = text.replace(pa_party, "p_other").replace(nc_party, pa_party).replace("p_other", nc_party)
    try:
        partners.write_text(swapped, encoding="utf-8")
        done = exchange.attempt("refresh", as_of=INSTANT)
    finally:
        partners.write_text(text, encoding="utf-8")
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 1
    assert "share_schema" in said and "never used before" in said
    assert exchange.views("pa_party", ("voters",))["voters"]


def test_the_models_logic_holds(exchange: RunningExchange) -> None:
    """dbt's unit tests: mapping, correction, reconciliation and sharing on literal rows. A refresh leaves them out."""
    exported = exchange.command("db", "env")
    script = f"{exported}\n{Path(sys.executable).parent}/dbt --no-use-colors test --select test_type:unit"
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count(" PASS ") >= 7, done.stdout


def test_another_postgres_gives_the_same_views(tmp_path: Path) -> None:
    """On PostgreSQL 15, as an administrator who is no superuser: what managed servers offer."""
    with debian_15(tmp_path / "server") as server:
        settings = external_database(server, tmp_path / "home", "managed", as_superuser=False)
        assert settings.database_url is not None
        home, url = tmp_path / "home", settings.database_url.get_secret_value()
        exchange = RunningExchange(home, home / "registry", url)
        exchange.command("demo", "--out", str(home), *SMALL)
        exchange.refresh(INSTANT)
        feeds = list(read_registry(exchange.registry).feeds.values())
        told = disagreements(exchange, Inbox(exchange.inbox).take(feeds, INSTANT), INSTANT)
        assert not told, told

"""Matching within a refresh, on a small exchange of invented persons: what it finds, what it costs, what it stops."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from exchange.settings import Settings
from exchange.warehouse.connection import connect
from tests.servers import fresh_settings, running_warehouse

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = {
    "partners.csv": """\
partner_id,partner_name,side,kind,share_schema,id_namespace,id_scope,voter_fields,states,is_active
acme,Acme for PA,coordinated,campaign,p_0a1b2c,state_voter_id,,names,PA,true
""",
    "partner_groups.csv": "group_id,partner_id\n",
    "feeds.csv": """\
feed_id,partner_id,file_format,location,file_pattern,coverage,timezone,id_namespace,id_scope,state,expected_every_hours,min_rows,max_reject_share
pa_voters,exchange,generic_voters,voters,*.csv,snapshot,America/New_York,,,PA,,,
acme_doors,acme,generic_contacts,doors,*.csv,delta,America/New_York,state_voter_id,,PA,,,
acme_mixed_up,acme,generic_contacts,mixed_up,*.csv,delta,America/New_York,state_voter_id,,PA,,,
""",
    "contests.csv": "contest_id,office_level,contest_name,division_id,election_on,valid_from,valid_until\n",
    "candidates.csv": "candidate_id,contest_id,candidate_name,party\n",
    "answer_map.csv": "file_format,partner_id,id_scope,source_question,source_answer,question_code,contest_id,"
    "candidate_id,answer_code,valid_from,valid_until\n",
    "sharing_rules.csv": """\
rule_id,effect,contributor,recipient,subject,question_code,office_level,state,channel,embargo_days,attribution,date_precision,valid_from,valid_until,agreement
all,share,group:all,*,*,*,*,*,*,0,blind,month,,,
""",
}
FIRST = ("Mary", "Otto", "Ines", "Paul", "Ruth", "Karl", "Lucy", "Hugo", "Vera", "Carl", "Jean", "Noah", "Emma", "Dora")
LAST = ("Adams", "Brink", "Castro", "Duffy", "Evans", "Fischer", "Garcia", "Hobbs", "Iverson", "Jansen", "Kowalski")
HEAVY = {"splink", "matplotlib", "great_expectations"}
VOTERS = 400
WITH_ID = 300


def person(number: int) -> str:
    """first_name,last_name,birth_date of a voter; no two are alike."""
    born = f"{1940 + number % 60}-{1 + number % 12:02}-{1 + number % 28:02}"
    return f"{FIRST[number % len(FIRST)]},{LAST[number % len(LAST)]}{'abcdefgh'[number % 8]},{born}"


def contact(record: str, person_id: str, number: int) -> str:
    return f"{record},{person_id},{person(number)},2026-10-01,door,canvassed\n"


CONTACTS = "record_id,person_id,first_name,last_name,birth_date,contacted_at,channel,result\n"
FILES = {
    "voters/v.csv": "state_voter_id,state,first_name,last_name,birth_date\n"
    + "".join(f"{number:05},PA,{person(number)}\n" for number in range(VOTERS)),
    "doors/d.csv": CONTACTS
    + "".join(contact(f"i{number}", f"{number:05}", number) for number in range(WITH_ID))
    + "".join(contact(f"n{number}", "", number) for number in range(WITH_ID, VOTERS))
    + "x1,,Xaver,Nowhere,1950-01-01,2026-10-01,door,canvassed\n",
    # ids of somebody else throughout: a wrong id scope
    "mixed_up/m.csv": CONTACTS + "".join(contact(f"m{number}", f"{number:05}", number + 7) for number in range(60)),
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("exchange")
    files = {f"registry/{name}": text for name, text in REGISTRY.items()}
    files |= {f"home/inbox/{name}": text for name, text in FILES.items()}
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    with running_warehouse(fresh_settings(folder, registry=folder / "registry")) as settings:
        yield settings


def run(settings: Settings, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {name: text for name, text in os.environ.items() if not name.startswith("EXCHANGE_")}
    environment |= {"EXCHANGE_HOME": str(settings.home), "EXCHANGE_REGISTRY": str(settings.registry)}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600
    )


def rows(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with connect(settings, "admin") as connection:
        return connection.execute(query).fetchall()


def test_a_refresh_matches_and_names_the_feed_whose_ids_are_wrong(settings: Settings) -> None:
    done = run(settings, "-m", "exchange.cli", "refresh", "--json")
    outcome = json.loads(done.stdout)
    assert (done.returncode, outcome["failed_steps"]) == (0, []), done.stdout + done.stderr
    warned = {check["asset"] for check in outcome["failed_checks"] if check["check"] == "ids_agree_with_names"}
    assert warned == {"raw/acme_mixed_up"}
    feeds = {feed["feed_id"]: feed for feed in outcome["feeds"]}
    doors = feeds["acme_doors"]
    assert (doors["matched"], doors["unmatched"], doors["in_review"]) == (VOTERS, 1, 0)
    for step in ("dbt: before matching", "matching: matches", "do ids agree with names?", "dbt: after matching"):
        assert step in done.stderr


def test_status_tells_how_the_persons_of_each_feed_were_found(settings: Settings) -> None:
    shown = json.loads(run(settings, "-m", "exchange.cli", "status", "--json").stdout)
    doors = next(feed for feed in shown["matching"] if feed["feed_id"] == "acme_doors")
    assert doors["persons"] == VOTERS + 1
    assert doors["accepted_by"]["id"] == WITH_ID
    assert sum(doors["accepted_by"].values()) == VOTERS
    assert (doors["in_review"], doors["unmatched"]) == (0, 1)
    text = run(settings, "-m", "exchange.cli", "status").stdout
    assert "how they found their voter" in text


def test_the_pages_show_pictures(settings: Settings) -> None:
    """Stored with the materialization, so that the page needs nothing but Dagster."""
    [(shown,)] = rows(
        settings,
        "select event from dagster.event_logs where step_key = 'matching__matches'"
        " and dagster_event_type = 'ASSET_MATERIALIZATION' order by id desc limit 1",
    )
    assert shown.count("data:image/png;base64,") == 2


def test_nothing_new_imports_nothing_heavy_and_changes_nothing(settings: Settings) -> None:
    """Splink and matplotlib take seconds and 200 MB, which an hourly refresh should not pay for nothing."""
    before = rows(settings, "select * from matching.matches order by feed_id, identity_key")
    program = (
        "import sys\nfrom orchestration.refresh import main\ncode = main(['--report', sys.argv[1]])\n"
        f"open(sys.argv[2], 'w').write(str(sorted({HEAVY} & set(sys.modules))))\nsys.exit(code)"
    )
    report, modules = settings.home / "report.json", settings.home / "modules.txt"
    done = run(settings, "-c", program, str(report), str(modules))
    assert done.returncode == 0, done.stdout + done.stderr
    assert modules.read_text() == "[]"
    assert rows(settings, "select * from matching.matches order by feed_id, identity_key") == before
    assert rows(settings, "select max(publication_id), max(refresh_id) from published.publication") == [(1, 1)]


def test_a_broken_promise_publishes_nothing(settings: Settings) -> None:
    """The whole chain: the check blocks dbt's second step, and with it the publication."""
    program = (
        "from orchestration import matching_checks\nmatching_checks.PROMISED = 1.01\n"
        "from orchestration.refresh import main\nraise SystemExit(main([]))"
    )
    done = run(settings, "-c", program)
    assert done.returncode == 1
    assert "FAIL  matching: matches" in done.stdout
    assert "ok    dbt: before matching" in done.stdout
    assert "dbt: after matching" not in done.stdout
    assert "publish" not in done.stdout
    assert rows(settings, "select max(publication_id) from published.publication") == [(1,)]


def test_full_matches_the_same(settings: Settings) -> None:
    query = (
        "select feed_id, identity_key, status, method, voter_id, weight, posterior from matching.matches order by 1, 2"
    )
    before = rows(settings, query)
    done = run(settings, "-m", "exchange.cli", "refresh", "--full")
    assert done.returncode == 0, done.stdout + done.stderr
    assert rows(settings, query) == before
    [(scored,)] = rows(settings, "select scored from matching.run order by run_id desc limit 1")
    assert scored == VOTERS + 1 + 60

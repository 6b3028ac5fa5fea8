"""`exchange refresh` and `exchange up` as an operator meets them: one small exchange, driven from outside."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from exchange.settings import Settings
from exchange.warehouse.connection import connect, connection_info
from exchange.warehouse.run_lock import only_run
from tests.servers import fresh_settings, running_warehouse

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

ROOT = Path(__file__).resolve().parents[2]
REGISTRY = {
    "partners.csv": """\
partner_id,partner_name,side,kind,share_schema,id_namespace,id_scope,voter_fields,states,is_active
acme,Acme for PA,coordinated,campaign,p_0a1b2c,state_voter_id,,names,PA,true
beta,Beta,coordinated,organization,p_1a1b2c,state_voter_id,,ids,PA,true
""",
    "partner_groups.csv": "group_id,partner_id\n",
    # a dot and a hyphen: feed ids are free text, names of Dagster's steps are not
    "feeds.csv": """\
feed_id,partner_id,file_format,location,file_pattern,coverage,timezone,id_namespace,id_scope,state,expected_every_hours,min_rows,max_reject_share
pa-voters,exchange,generic_voters,voters,*.csv,snapshot,America/New_York,,,PA,,,
acme.doors,acme,generic_contacts,acme,*.csv,delta,America/New_York,state_voter_id,,PA,24,,
beta_doors,beta,generic_contacts,beta,*.csv,delta,America/New_York,state_voter_id,,PA,24,,
""",
    "contests.csv": """\
contest_id,office_level,contest_name,division_id,election_on,valid_from,valid_until
president,president,President,ocd-division/country:us,2026-11-03,,
""",
    "candidates.csv": "candidate_id,contest_id,candidate_name,party\njane,president,Jane Doe,D\n",
    "answer_map.csv": """\
file_format,partner_id,id_scope,source_question,source_answer,question_code,contest_id,candidate_id,answer_code,valid_from,valid_until
generic_contacts,*,*,support,strong,candidate_support,president,jane,1,,
""",
    "sharing_rules.csv": """\
rule_id,effect,contributor,recipient,subject,question_code,office_level,state,channel,embargo_days,attribution,date_precision,valid_from,valid_until,agreement
all,share,group:all,*,*,*,*,*,*,0,blind,month,,,
""",
}
CONTACTS = "record_id,person_id,contacted_at,channel,result,question,answer\n"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Two partners and a voter file; the files of beta: one good, one with an unknown header."""
    folder = tmp_path_factory.mktemp("exchange")
    files = {f"registry/{name}": text for name, text in REGISTRY.items()} | {
        "home/inbox/voters/v.csv": "state_voter_id,state,last_name\n" + "".join(f"00{n},PA,Lee\n" for n in range(30)),
        "home/inbox/acme/a.csv": CONTACTS
        + "".join(f"r{n},00{n},2026-10-01,door,canvassed,support,strong\n" for n in range(20))
        + "r20,,2026-10-01,door,canvassed,support,strong\n"
        + "r21,001,soon,door,canvassed,support,strong\n",
        "home/inbox/beta/good.csv": CONTACTS + "b1,001,2026-10-02,phone,canvassed,support,strong\n",
        "home/inbox/beta/wrong.csv": "record_id,contacted_at,channel,wat\n1,2026-10-02,door,x\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    with running_warehouse(fresh_settings(folder, registry=folder / "registry")) as settings:
        yield settings


def start(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    environment = {name: text for name, text in os.environ.items() if not name.startswith("EXCHANGE_")}
    environment |= {"EXCHANGE_HOME": str(settings.home), "EXCHANGE_REGISTRY": str(settings.registry)}
    command = [sys.executable, "-m", "exchange.cli", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True)


def run(settings: Settings, *arguments: str) -> subprocess.CompletedProcess[str]:
    process = start(settings, *arguments)
    out, err = process.communicate(timeout=600)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def processes_of(settings: Settings) -> list[str]:
    """Command lines of the live processes of this exchange (but its server): those whose variables name its home."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if f"EXCHANGE_HOME={settings.home}".encode() in environment.split(b"\0") and command:
            found.append(command)
    return found


def test_a_refused_file_is_named_and_the_other_feeds_go_on(settings: Settings) -> None:
    """Would have caught one partner's bad file stopping everybody, or passing in silence."""
    done = run(settings, "refresh", "--json")
    outcome = json.loads(done.stdout)
    assert (done.returncode, outcome["succeeded"], outcome["failed_steps"]) == (1, False, []), done.stderr
    (refused,) = outcome["refused"]
    assert (refused["feed_id"], refused["file_name"], refused["line"]) == ("beta_doors", "wrong.csv", 1)
    assert "wat" in refused["problem"]
    failed = {(check["severity"], check["asset"], check["check"]) for check in outcome["failed_checks"]}
    # acme's one time "soon" and the voter file without districts are odd, and only odd
    assert failed == {
        ("ERROR", "raw/beta_doors", "every_file_was_taken"),
        ("WARN", "raw/acme.doors", "contents_are_plausible"),
        ("WARN", "raw/pa-voters", "contents_are_plausible"),
    }

    feeds = {feed["feed_id"]: feed for feed in outcome["feeds"]}
    acme = feeds["acme.doors"]
    assert (acme["new_files"], acme["new_records"], acme["loaded"], acme["rejected"]) == (1, 22, 22, 0)
    assert (acme["matched"], acme["unmatched"], acme["quarantined"]) == (20, 1, 1)
    assert feeds["beta_doors"]["matched"] == 1
    # acme's 20 answers; of person 001 both partners' answers are about the same: one row
    assert outcome["partners"]["beta"]["voter_responses"] == 20
    assert outcome["is_new_publication"]
    assert processes_of(settings) == []


def test_the_run_and_its_checks_are_in_the_instance_that_the_ui_shows(settings: Settings) -> None:
    with connect(settings, "admin") as connection:
        runs = connection.execute("select pipeline_name, status from dagster.runs").fetchall()
        checks = connection.execute(
            "select asset_key, check_name, execution_status from dagster.asset_check_executions"
            " where asset_key like '%beta%' or asset_key like '%published%'"
        ).fetchall()
    assert runs == [("refresh_job", "SUCCESS")]
    assert sorted(checks) == [
        ('["published", "partner_views"]', "every_active_partner_has_its_views", "SUCCEEDED"),
        ('["raw", "beta_doors"]', "contents_are_plausible", "SUCCEEDED"),
        ('["raw", "beta_doors"]', "every_file_was_taken", "FAILED"),
        ('["raw", "beta_doors"]', "ids_agree_with_names", "SUCCEEDED"),
    ]


def test_one_feed_alone_and_nothing_new_publishes_nothing(settings: Settings) -> None:
    """The refused file belongs to a feed that was not asked for: exit code 0."""
    done = run(settings, "refresh", "--feed", "acme.doors")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "feed acme.doors" in done.stdout
    assert "beta_doors " not in done.stdout.partition("Feeds")[0]
    assert "No view changed; the last is 1." in done.stdout


def test_status_tells_the_same_counts(settings: Settings) -> None:
    shown = json.loads(run(settings, "status", "--json").stdout)
    feeds = {feed["feed_id"]: feed for feed in shown["feeds"]}
    assert (feeds["acme.doors"]["matched"], feeds["acme.doors"]["is_on_time"]) == (20, True)
    assert shown["publication"]["publication_id"] == 1
    assert "acme.doors" in run(settings, "status").stdout


def test_a_second_refresh_beside_a_running_one_says_so(settings: Settings) -> None:
    with connect(settings, "admin") as connection:
        runs = connection.execute("select count(*) from dagster.runs").fetchone()
    with only_run(settings):
        done = run(settings, "refresh")
    assert done.returncode == 1
    assert "Another refresh of this exchange is running" in done.stderr
    with connect(settings, "admin") as connection:
        assert connection.execute("select count(*) from dagster.runs").fetchone() == runs


def test_an_interrupted_refresh_leaves_no_process_and_frees_the_lock(settings: Settings) -> None:
    """Would have caught a dbt that builds on after Ctrl-C, and a lock held for ever."""
    process = start(settings, "refresh")
    deadline = time.monotonic() + 240
    while not any("dbt" in command and "build" in command for command in processes_of(settings)):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    assert process.returncode != 0
    assert processes_of(settings) == []
    with only_run(settings), connect(settings, "admin") as connection:
        begun = connection.execute("select count(*) from dagster.runs where status = 'STARTED'").fetchone()
    assert begun == (0,)


@contextmanager
def up(settings: Settings) -> Iterator[tuple[subprocess.Popen[str], dict[str, str], list[str]]]:
    """`exchange up`: the process, its addresses by name, and all that it said. Ends with SIGTERM."""
    process = start(settings, "up", "--dagster-port", "0", "--dashboard-port", "0")
    assert process.stdout is not None
    said = []
    try:
        while line := process.stdout.readline():
            said.append(line)
            if line.startswith("Ctrl-C"):
                break
        assert said and said[-1].startswith("Ctrl-C"), process.communicate(timeout=120)[1]
        yield process, {words[0]: words[1] for words in map(str.split, said) if len(words) > 1}, said
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=120)


def test_up_serves_dagster_and_the_dashboard_and_leaves_no_process(settings: Settings) -> None:
    with up(settings) as (process, addresses, said):
        with urllib.request.urlopen(f"{addresses['Dagster']}/server_info", timeout=30) as answer:
            assert json.load(answer)["dagster_version"]
        with urllib.request.urlopen(f"{addresses['Dashboard']}/sign-in", timeout=30) as answer:
            assert b"password" in answer.read()
        assert any("dagster-daemon" in command for command in processes_of(settings))
        # nobody has an account yet
        assert any("exchange user add" in line for line in said)
    assert process.returncode == 0
    assert processes_of(settings) == []
    # the server was running before: it goes on
    assert connection_info(settings, "admin").port


def test_up_that_is_killed_outright_leaves_no_process(settings: Settings) -> None:
    """Would have caught a dashboard that goes on serving an exchange nobody watches."""
    with up(settings) as (process, _, _):
        process.kill()
        process.wait(30)
        deadline = time.monotonic() + 60
        while processes_of(settings):
            assert time.monotonic() < deadline, processes_of(settings)
            time.sleep(0.2)


def test_up_says_at_once_that_a_port_is_taken(settings: Settings) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = run(settings, "up", "--dagster-port", "0", "--dashboard-port", port)
    assert done.returncode == 1
    assert port in done.stderr and "--dashboard-port" in done.stderr

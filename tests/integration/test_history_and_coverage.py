"""What was known at each publication stays known through corrections, retractions, late rows and --full, and is gone
with a withdrawal; coverage and spent contacts are what counting one by one gives.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from psycopg.rows import dict_row

from exchange.intake import withdrawal
from exchange.publishing import publish
from exchange.warehouse.run_lock import only_run
from tests.warehouse_steps import SteppedExchange, stepped_exchange

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

REGISTRY = {
    "partners": """\
partner_id,partner_name,side,kind,share_schema,id_namespace,id_scope,voter_fields,states,is_active
exchange,,,,,,,,,
ann,Ann,coordinated,campaign,p_000001,state_voter_id,NC,ids,NC,true
bob,Bob,coordinated,party,p_000002,state_voter_id,NC,ids,NC,true
""",
    "partner_groups": "group_id,partner_id\n",
    "feeds": """\
feed_id,partner_id,file_format,location,file_pattern,coverage,timezone,id_namespace,id_scope,state,expected_every_hours,min_rows,max_reject_share
voters,exchange,generic_voters,voters,*,snapshot,,,,NC,,,
ballots,exchange,generic_ballots,ballots,*,delta,,,,NC,,,
ann,ann,generic_contacts,ann,*,delta,UTC,state_voter_id,NC,NC,,,
bob,bob,generic_contacts,bob,*,snapshot,UTC,state_voter_id,NC,NC,,,
""",
    "contests": """\
contest_id,office_level,contest_name,division_id,election_on,valid_from,valid_until
nc_senate,us_senate,,ocd-division/country:us/state:nc,2026-11-03,,
""",
    "candidates": "candidate_id,contest_id,candidate_name,party\nlee,nc_senate,Ada Lee,\n",
    "answer_map": "file_format,partner_id,id_scope,source_question,source_answer,question_code,contest_id,candidate_id,"
    "answer_code,valid_from,valid_until\n"
    + "".join(
        f"generic_contacts,*,*,senate,{code},candidate_support,nc_senate,lee,{code},,\n"
        f"generic_contacts,*,*,mail,{code},vote_by_mail_comfort,,,{code},,\n"
        for code in range(1, 6)
    ),
    "sharing_rules": "rule_id,effect,contributor,recipient,subject,question_code,office_level,state,channel,"
    "embargo_days,attribution,date_precision,valid_from,valid_until,agreement\nr1,share,*,*,*,*,*,*,*,0,named,day,,,\n",
}
# voters 001 to 005 are the literal cases; random contacts go to the others
VOTERS = [
    {"state": "NC", "state_voter_id": f"{n:03}", "first_name": name, "last_name": f"Farn{name.lower()}", "zip": "27601"}
    for n, name in enumerate(
        ["Ann", "Bart", "Cleo", "Dora", "Egon", "Faye", "Gil", "Hera", "Iris", "Jack", "Kyra", "Luke"], 1
    )
]
FIRST, SECOND, THIRD = (datetime(2026, 10, day, 12, tzinfo=UTC) for day in (1, 5, 10))
RESULTS = ("canvassed", "not_home", "do_not_call", "opted_out_caller", "refused")


def answer(record_id: str, voter: int, on: str, question: str, code: int) -> dict[str, str]:
    return contact(record_id, voter, on, "door") | {"question": question, "answer": str(code)}


def contact(record_id: str, voter: int, on: str, channel: str, result: str = "") -> dict[str, str]:
    person = VOTERS[voter - 1]
    told = {"record_id": record_id, "person_id": person["state_voter_id"], "contacted_at": f"{on}T15:00:00"}
    names = {name: person[name] for name in ("first_name", "last_name", "state", "zip")}
    return told | names | {"channel": channel, "result": result, "question": "", "answer": ""}


def random_contacts(rng: Random, prefix: str) -> list[dict[str, str]]:
    rows = []
    for number in range(60):
        voter, on = rng.randint(6, 11), date(2026, 8, 20) + timedelta(rng.randint(0, 41))
        told = contact(f"{prefix}{number}", voter, on.isoformat(), rng.choice(["door", "phone"]), rng.choice(RESULTS))
        if rng.random() < 0.4:
            told |= {"result": "", "question": rng.choice(["senate", "mail"]), "answer": str(rng.randint(1, 5))}
        rows.append(told)
    return rows


def deliver(exchange: SteppedExchange, location: str, name: str, rows: list[dict[str, str]]) -> None:
    folder = exchange.inbox / location
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def refresh(exchange: SteppedExchange, as_of: datetime, *, full: bool = False) -> None:
    exchange.refresh(as_of, full=full)
    exchange._build("--select", "path:models/sharing")
    publish.publish(exchange.settings)


def as_of(*arguments: str) -> dict[str, Any]:
    done = attempt(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def attempt(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "exchange.cli", "as-of", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ, timeout=120)


def literal(told: dict[str, Any], folder: Path, moment: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """(voter, question) -> (answer, how often asked, whether they disagree, record), of the voters of literal cases."""
    out = folder / "answers.csv"
    out.unlink(missing_ok=True)
    count = as_of(moment, "--out", str(out))["rows_in_file"]
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == count == sum(line["voters"] for line in told["answers"])
    return {
        (row["state_voter_id"], row["question_code"]): (
            *(row["answer_code"], row["response_count"]),
            *(row["answers_disagree"], row["record_id"]),
        )
        for row in rows
        if row["state_voter_id"] < "006"
    }


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SteppedExchange]:
    """Three refreshes: the first; a correction and a retraction; a late answer older than the newest, and a new one."""
    folder = tmp_path_factory.mktemp("history")
    (folder / "registry").mkdir()
    for name, text in REGISTRY.items():
        (folder / "registry" / f"{name}.csv").write_text(text, encoding="utf-8")
    rng = Random(5)
    with stepped_exchange(folder / "home", folder / "registry") as exchange:
        deliver(exchange, "voters", "v.csv", VOTERS)
        ballots = [
            {"state": "NC", "state_voter_id": f"{n:03}", "election_on": "2026-11-03", "ballot_status": status}
            | {"status_on": f"2026-09-{n:02}"}
            for n, status in enumerate(["returned", "sent", "accepted", "rejected", "returned"], 6)
        ]
        deliver(exchange, "ballots", "b.csv", ballots)
        deliver(
            exchange,
            "ann",
            "1.csv",
            [answer("a1", 1, "2026-09-20", "senate", 1), answer("a2", 2, "2026-09-20", "mail", 1)],
        )
        kept, retracted = answer("b1", 3, "2026-09-15", "senate", 2), answer("b2", 4, "2026-09-18", "senate", 3)
        noise = random_contacts(rng, "r")
        deliver(exchange, "bob", "1.csv", [kept, retracted, *noise])
        refresh(exchange, FIRST)

        deliver(exchange, "ann", "2.csv", [answer("a1", 1, "2026-09-20", "senate", 5)])
        deliver(exchange, "bob", "2.csv", [kept, *noise])
        refresh(exchange, SECOND)

        late, new = answer("a3", 3, "2026-09-10", "senate", 4), answer("a4", 5, "2026-10-08", "senate", 1)
        deliver(exchange, "ann", "3.csv", [late, new, *random_contacts(rng, "s")])
        deliver(exchange, "bob", "3.csv", [kept, *noise[5:]])
        refresh(exchange, THIRD)
        yield exchange


def rows(exchange: SteppedExchange, query: str) -> list[dict[str, Any]]:
    with exchange.connect(row_factory=dict_row) as connection:
        return connection.execute(query.encode()).fetchall()


HISTORY = "select * from marts.voter_responses_history order by voter_id, topic_id, known_from_refresh"


def test_each_date_shows_what_was_published_then(exchange: SteppedExchange, tmp_path: Path) -> None:
    support, mail = "candidate_support", "vote_by_mail_comfort"
    first = as_of("2026-10-01")
    assert first["publication"]["as_of"] == FIRST.isoformat()
    assert literal(first, tmp_path, "2026-10-01") == {
        ("001", support): ("1", "1", "f", "a1"),
        ("002", mail): ("1", "1", "f", "a2"),
        ("003", support): ("2", "1", "f", "b1"),
        ("004", support): ("3", "1", "f", "b2"),
    }
    # the correction replaces, the retraction leaves nothing; a day without a publication shows the one before
    second = as_of("2026-10-09T23:00-04:00")
    assert second["publication"]["as_of"] == SECOND.isoformat()
    assert literal(second, tmp_path, "2026-10-07") == {
        ("001", support): ("5", "1", "f", "a1"),
        ("002", mail): ("1", "1", "f", "a2"),
        ("003", support): ("2", "1", "f", "b1"),
    }
    # the late answer is older: it is counted and does not win
    assert literal(as_of("2027-01-01"), tmp_path, "2027-01-01") == {
        ("001", support): ("5", "1", "f", "a1"),
        ("002", mail): ("1", "1", "f", "a2"),
        ("003", support): ("2", "2", "t", "b1"),
        ("005", support): ("1", "1", "f", "a4"),
    }
    current = rows(exchange, "select * from marts.responses_current order by voter_id, topic_id")
    still = [row for row in rows(exchange, HISTORY) if row["known_until_refresh"] is None]
    assert [{name: row[name] for name in current[0]} for row in still] == current
    # people's data went out in three files
    exported = [row["details"] for row in rows(exchange, "select details from ops.audit where what = 'exported'")]
    assert [(told["what"], Path(told["file"]).name) for told in exported] == [("answers", "answers.csv")] * 3


def test_a_full_refresh_and_a_second_build_add_no_version(exchange: SteppedExchange) -> None:
    """A crash after dbt, then the same refresh again; and --full, which makes everything else anew."""
    before = rows(exchange, HISTORY)
    assert any(row["known_until_refresh"] is not None for row in before)
    exchange.build()
    assert rows(exchange, HISTORY) == before
    refresh(exchange, THIRD + timedelta(days=1), full=True)
    assert rows(exchange, HISTORY) == before


def test_it_says_what_it_cannot_show(exchange: SteppedExchange) -> None:
    early = attempt("2026-09-30")
    assert early.returncode == 1 and "publication 1 was the first" in " ".join(early.stderr.split())
    assert attempt("yesterday").returncode == 1
    assert attempt("2026-10-01", "--contest", "nc_governor").returncode == 1
    assert attempt().returncode == 2

    shown = attempt("2026-10-05", "--voter", "NC/001")
    assert shown.returncode == 0 and "Strong oppose" in shown.stdout and "Publication 2" in shown.stdout
    counted = as_of("2026-10-05", "--question", "vote_by_mail_comfort", "--state", "nc")["answers"]
    assert {line["question_code"] for line in counted} == {"vote_by_mail_comfort"}
    assert as_of("2026-10-05", "--voter", "NC/004")["answers"] == []


def test_coverage_is_what_counting_gives(exchange: SteppedExchange) -> None:
    """Counted one contact at a time, from the facts, after increments: a voter that was not touched would show."""
    contacts = rows(
        exchange,
        "select * from marts.fct_contacts left join vocabulary.contact_results using (result_no)",
    )
    responses = rows(exchange, "select * from marts.fct_voter_responses")
    answered = Counter(response["contact_id"] for response in responses)
    expected: dict[tuple[int, int], dict[str, Any]] = {}
    for one in contacts:
        told = expected.setdefault((one["voter_id"], one["partner_no"]), {"attempts": 0, "talks": set(), "on": set()})
        told["attempts"] += 1
        told["on"].add(one["contact_on"])
        if one["contact_result"] == "canvassed" or answered[one["contact_id"]]:
            told["talks"].add(one["contact_id"])
    coverage = rows(exchange, "select * from marts.coverage")
    assert {
        (row["voter_id"], row["partner_no"]): (row["attempt_count"], row["conversation_count"], row["last_attempt_on"])
        for row in coverage
    } == {key: (told["attempts"], len(told["talks"]), max(told["on"])) for key, told in expected.items()}
    assert sum(row["response_count"] for row in coverage) == len(responses)
    reached = {row["voter_id"]: row["reached_by"] for row in rows(exchange, "select * from marts.voter_coverage")}
    partners = Counter(voter for voter, _ in expected)
    assert len(reached) == len(VOTERS)
    assert set(reached.values()) == {"none", "one", "several"}
    assert reached == {voter: {0: "none", 1: "one"}.get(partners[voter], "several") for voter in reached}


def test_spent_contacts_are_what_counting_gives(exchange: SteppedExchange) -> None:
    contacts = rows(exchange, "select * from marts.fct_contacts inner join vocabulary.channels using (channel_no)")
    responses = rows(exchange, "select * from marts.fct_voter_responses")
    ballots = rows(exchange, "select * from marts.ballot_status where ballot_status in ('returned', 'accepted')")
    against = rows(
        exchange,
        "select suppressions.*, partner_no from marts.suppressions"
        " left join marts.dim_partners on caller_partner_id = partner_id",
    )
    expected: Counter[tuple[int, date, int, str]] = Counter()
    for one in contacts:
        voter, on, at, ours = one["voter_id"], one["contact_on"], one["contacted_at"], one["partner_no"]
        asked = [r for r in responses if r["voter_id"] == voter and 1 <= (on - r["contact_on"]).days <= 30]
        told = {
            "attempt_count": True,
            "answered_us_count": any(r["partner_no"] == ours for r in asked),
            "answered_any_count": bool(asked),
            "voted_count": any(b["voter_id"] == voter and b["status_on"] < on <= b["election_on"] for b in ballots),
            "suppressed_count": any(
                s["voter_id"] == voter
                and s["effective_on"] < on
                and ((s["kind"], one["channel"]) == ("do_not_call", "phone") or s["partner_no"] == ours)
                for s in against
            ),
            "duplicate_count": any(
                other["voter_id"] == voter
                and other["partner_no"] != ours
                and timedelta(0) < at - other["contacted_at"] <= timedelta(days=14)
                for other in contacts
            ),
        }
        told["avoidable_count"] = told["answered_any_count"] or told["voted_count"] or told["suppressed_count"]
        expected.update((ours, on.replace(day=1), one["channel_no"], name) for name, is_so in told.items() if is_so)
    spent = rows(exchange, "select * from marts.contacts_spent")
    actual = Counter(
        {
            (row["partner_no"], row["month_on"], row["channel_no"], name): row[name]
            for row in spent
            for name in row
            if name.endswith("_count") and row[name]
        }
    )
    assert {name for *_, name in expected} == {name for name in spent[0] if name.endswith("_count")}
    assert actual == expected


def test_what_is_withdrawn_is_in_no_publication_any_more(exchange: SteppedExchange, tmp_path: Path) -> None:
    """The last test: ann's second file, the correction, is taken back. The first answer counts again, from now on."""
    [corrected] = [row for row in rows(exchange, HISTORY) if row["record_id"] == "a1" and row["answer_code"] == 5]
    with only_run(exchange.settings), exchange.connect() as connection:
        [file] = [one for one in withdrawal.loaded_files(connection) if one.file_id == corrected["file_id"]]
        withdrawal.take_back(connection, [file])
    told = as_of("2026-10-05")
    assert [(feed["feed_id"], feed["files"], feed["records"]) for feed in told["withdrawn_since"]] == [("ann", 1, 1)]
    assert ("001", "candidate_support") not in literal(told, tmp_path, "2026-10-05")

    refresh(exchange, THIRD + timedelta(days=2))
    stored = rows(exchange, "select * from marts.response_versions")
    assert corrected["file_id"] not in {row["file_id"] for row in stored}
    versions = [row for row in rows(exchange, HISTORY) if row["record_id"] == "a1"]
    assert [row["answer_code"] for row in versions] == [1, 1]
    assert [row["known_from"] for row in versions] == [FIRST, THIRD + timedelta(days=2)]
    assert literal(as_of("2027-01-01"), tmp_path, "2027-01-01")["001", "candidate_support"] == ("1", "1", "f", "a1")

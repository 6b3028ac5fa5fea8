"""`exchange publication`, rollback and its hold, acknowledgement: one small exchange, refreshed twice.

Between the two refreshes, publications are made of `sharing` tables that the test itself changes: a dbt run tells
nothing more about them and takes half a minute.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from exchange.errors import ExchangeError
from exchange.intake.withdrawal import loaded_files, take_back
from exchange.publishing.publish import publish
from exchange.publishing.rollback import resume, roll_back
from exchange.settings import Settings
from exchange.warehouse.connection import connect
from exchange.warehouse.run_lock import AlreadyRunningError, only_run
from tests.demo_exchange import INSTANT
from tests.publications import give_another_audience
from tests.worlds.running import CONTRACT_VIEWS, RunningExchange

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

READER, OTHER, CONTRIBUTOR = "pa_party", "voter_voice", "reyes_for_congress"
READERS = (READER, OTHER, CONTRIBUTOR)
# a rollback changes what these tell: that it happened, when, and nothing of suppressions
NOT_ROLLED_BACK = ("changes", "freshness", "suppressions")
ROLLED_BACK = tuple(view for view in CONTRACT_VIEWS if view not in NOT_ROLLED_BACK)
KEYS = {
    "voter_responses": ("question_code", "contest_id", "candidate_id"),
    "contacts": ("contact_id",),
    "suppressions": ("kind", "scope", "phone"),
}
# one row per person, whom publishing marks as suppressed
PERSONS = ("voters", "explorer")
OF_PERSONS = (*KEYS, *PERSONS)
Copy = dict[tuple[str, str, str], dict[str, Any]]


class Exchange(RunningExchange):
    """The running exchange, with what this process needs to publish itself."""

    def __init__(self, home: Path) -> None:
        super().__init__(home, home / "registry")
        self.settings = Settings(home=home, registry=home / "registry", database_url=None, as_of=INSTANT)
        # what partners saw, by publication
        self.seen: dict[int, dict[str, dict[str, str]]] = {}

    def publish(self) -> int:
        made = publish(self.settings).publication_id
        assert made is not None, "something has changed"
        return made

    def remember(self, publication_id: int) -> None:
        self.seen[publication_id] = self.views_of_all()

    def views_of_all(self) -> dict[str, dict[str, str]]:
        return {partner: self.texts(partner, ROLLED_BACK) for partner in READERS}

    def told(self, *arguments: str) -> Any:
        return json.loads(self.command("publication", *arguments, "--json", as_of=INSTANT))

    def refused(self, *arguments: str) -> str:
        done = self.attempt(*arguments, as_of=INSTANT)
        assert done.returncode == 1, done.stdout + done.stderr
        return " ".join(done.stderr.replace("│", " ").split())

    def copy_of(self, partner: str) -> Copy:
        """What a partner that copies its views keeps: (view, person, record key) -> row."""
        return {
            (view, row["person_id"], "|".join(str(row[name] if row[name] is not None else "") for name in names)): row
            for view, names in KEYS.items()
            for row in self.views(partner, tuple(KEYS))[view]
        }

    def replayed(self, partner: str, since: int, before: Copy) -> dict[str, set[tuple[str, str, str]]]:
        """The keys that the change feed tells since its number `since`, by change."""
        told: dict[str, set[tuple[str, str, str]]] = {"added": set(), "changed": set(), "retracted": set()}
        for row in self.views(partner, ("changes",))["changes"]:
            if row["publication_id"] > since:
                told[row["change"]].add((row["relation"], row["person_id"], row["record_key"]))
        return told

    def newest_number(self, partner: str) -> int:
        return max((row["publication_id"] for row in self.views(partner, ("changes",))["changes"]), default=0)


@pytest.fixture(scope="module")
def exchange(demo_exchange: RunningExchange) -> Exchange:
    exchange = Exchange(demo_exchange.home)
    exchange.remember(1)
    return exchange


def differences(before: Copy, after: Copy) -> dict[str, set[tuple[str, str, str]]]:
    return {
        "added": set(after.keys() - before.keys()),
        "changed": {key for key in before.keys() & after.keys() if before[key] != after[key]},
        "retracted": set(before.keys() - after.keys()),
    }


def bad_data(exchange: Exchange) -> None:
    """Answers lost, answers changed, a person gone who is suppressed, a new opt-out of somebody else."""
    with exchange.connect_as_admin() as admin:
        admin.execute("delete from sharing.voter_responses where voter_id % 4 = 0")
        admin.execute("update sharing.voter_responses set channel = 'mail' where voter_id % 4 = 1")
        for relation in PERSONS:
            admin.execute(f"update sharing.{relation} set party = 'wrong' where voter_id % 3 = 0")
        of_reader = "audience_id = (select audience_id from sharing.audiences where partner_id = %s)"
        gone = admin.execute(
            f"select min(voter_id) as it from sharing.suppressions where kind <> 'wrong_number' and {of_reader}",
            [READER],
        ).fetchone()
        assert gone is not None and gone["it"] is not None
        for relation in (*PERSONS, "suppressions"):
            admin.execute(f"delete from sharing.{relation} where voter_id = %s", [gone["it"]])
        opted_out = admin.execute(
            f"select min(voter_id) as it from sharing.voters where not is_suppressed and {of_reader}", [READER]
        ).fetchone()
        assert opted_out is not None
        admin.execute(
            "insert into sharing.suppressions (audience_id, voter_id, person_id, phone, scope, kind, effective_on)"
            " select audience_id, voter_id, person_id, null, 'all', 'opted_out', '2026-10-19' from sharing.voters"
            " where voter_id = %s",
            [opted_out["it"]],
        )
        for relation in PERSONS:
            admin.execute(f"update sharing.{relation} set is_suppressed = true where voter_id = %s", [opted_out["it"]])


def digests_that_do_not_fit(admin: psycopg.Connection[dict[str, Any]], relation: str) -> int:
    """Rows of a published table whose digest is not that of their text without the audience."""
    admin.execute("set timezone = 'UTC'")
    columns = admin.execute(
        "select string_agg(quote_ident(attname), ', ' order by attnum) as it from pg_attribute"
        " where attrelid = %s::regclass and attnum > 0 and attname <> '_row_digest'",
        [f"published.{relation}"],
    ).fetchone()
    assert columns is not None
    text = f"row({columns['it']})::text"
    row = admin.execute(
        f"select count(*) as it from published.{relation}"
        f" where _row_digest <> md5(substr({text}, strpos({text}, ',')))::uuid"
    ).fetchone()
    assert row is not None
    return int(row["it"])


def test_a_publication_is_told_as_partners_saw_it(exchange: Exchange) -> None:
    """Would have caught counts of another publication, a partner told another's rows, a diff unlike the views."""
    before = {partner: exchange.copy_of(partner) for partner in READERS}
    bad_data(exchange)
    assert exchange.publish() == 2
    exchange.remember(2)

    listed = exchange.told("list")
    assert [one["publication_id"] for one in listed["publications"]] == [2, 1]
    assert [one["can_go_back"] for one in listed["publications"]] == [False, True]
    assert listed["hold"] is None

    shown = {(one["partner_id"], one["relation"]): one for one in exchange.told("show", "2")["views"]}
    first = {(one["partner_id"], one["relation"]): one for one in exchange.told("show", "1")["views"]}
    with exchange.connect_as(READER) as reader:
        for view in ("voter_responses", "contacts", "voters", "explorer", "suppressions"):
            counted = reader.execute(f"select count(*) as it from {view}").fetchone()
            assert counted is not None
            state, earlier = shown[READER, view], first[READER, view]
            assert state["row_count"] == counted["it"]
            assert state["row_count"] == earlier["row_count"] + state["added"] - state["removed"]
            assert (state["digest"] == earlier["digest"]) == (view == "contacts")

    for partner in READERS:
        expected = differences(before[partner], exchange.copy_of(partner))
        assert expected["retracted"] and expected["changed"]
        rows = exchange.told("diff", "1", "2", "--partner", partner, "--rows")
        told: dict[str, set[tuple[str, str, str]]] = {"added": set(), "changed": set(), "retracted": set()}
        for row in rows:
            told[row["change"]].add((row["relation"], row["person_id"], row["record_key"]))
        assert told == expected
        counts = {one["relation"]: one for one in exchange.told("diff", "1", "2", "--partner", partner)}
        for view in KEYS:
            if view in counts:
                assert {change: counts[view][change] for change in expected} == {
                    change: sum(key[0] == view for key in keys) for change, keys in expected.items()
                }
        assert counts["voters"]["by_record"] is False


def test_only_the_partner_acknowledges_and_only_what_it_was_told(exchange: Exchange) -> None:
    """Would have caught a partner that acknowledges for another, or what is not published yet, or not at all because
    its sessions are read-only.
    """
    newest = exchange.newest_number(READER)
    own, foreign = exchange.door(READER)["schema"], exchange.door(OTHER)["schema"]
    with exchange.connect_as(READER) as reader:
        assert reader.execute("select acknowledge_changes(1) as upto").fetchone() == {"upto": 1}
        for _ in range(2):
            assert reader.execute(f"select acknowledge_changes({newest}) as upto").fetchone() == {"upto": newest}
        assert reader.execute("select acknowledge_changes(1) as upto").fetchone() == {"upto": newest}, "never less"
        for number in ("100", "0", "null"):
            with pytest.raises(psycopg.errors.InvalidParameterValue):
                reader.execute(f"select acknowledge_changes({number})")
        for call in (f"{foreign}.acknowledge_changes(1)", f"published.acknowledge_changes('{foreign}', 1)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(f"select {call}")
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedTable)):
            reader.execute("select * from published.acknowledgement")
        line = "select meaning from data_dictionary where view_name like 'acknowledge_changes%'"
        assert reader.execute(line).fetchone() is not None

    with connect(exchange.settings, "web", autocommit=True) as web:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            web.execute(f"select {own}.acknowledge_changes(1)")
        # as the dashboard does for somebody who signed in for the partner
        with web.transaction():
            web.execute(f"set local role {own}")
            assert web.execute(f"select {own}.acknowledge_changes(1)").fetchone() == (newest,)

    after_a_week = INSTANT + timedelta(days=8)
    found = json.loads(exchange.command("publication", "acknowledgements", "--json", as_of=after_a_week))
    told = {one["partner_id"]: one for one in found}
    assert told[READER]["acknowledged_until"] == told[READER]["newest_retraction"] == newest
    assert told[READER]["overdue_since"] is None and told[READER]["unacknowledged_rows"] == 0
    assert told[OTHER]["overdue_since"] == (INSTANT + timedelta(days=7)).isoformat()
    assert told[OTHER]["unacknowledged_rows"] > 0
    status = json.loads(exchange.command("status", "--json", as_of=after_a_week))
    assert OTHER in status["acknowledgements_overdue"] and READER not in status["acknowledgements_overdue"]


def test_an_open_acknowledgement_makes_no_publication_wait(exchange: Exchange) -> None:
    """Would have caught a lock that a partner could hold against everybody's news."""
    with exchange.connect_as(OTHER) as other, other.transaction():
        other.execute("select acknowledge_changes(1)")
        with exchange.connect_as_admin() as admin:
            admin.execute("update sharing.voters set party = 'wrong again' where voter_id % 3 = 0")
        assert exchange.publish() == 3


def test_partners_see_again_what_they_saw(exchange: Exchange) -> None:
    """Would have caught rows that stay or come twice, a suppression that is lost, a feed that keeps silent."""
    before = {partner: exchange.copy_of(partner) for partner in READERS}
    numbers = {partner: exchange.newest_number(partner) for partner in READERS}
    made = exchange.told("rollback", "2")
    assert (made["publication_id"], made["back_to"]) == (4, 2)
    assert exchange.views_of_all() == exchange.seen[2]
    # also from there, further back and forth again
    assert exchange.told("rollback", "1")["publication_id"] == 5
    assert exchange.told("rollback", "2")["publication_id"] == 6
    assert exchange.views_of_all() == exchange.seen[2]
    assert exchange.told("rollback", "1")["publication_id"] == 7

    for partner in READERS:
        after = exchange.copy_of(partner)
        feed = exchange.replayed(partner, numbers[partner], before[partner])
        # told several times on the way: nothing that differs is left out
        changed = set().union(*differences(before[partner], after).values())
        assert changed <= set().union(*feed.values())
        lost = {key for key in before[partner] if key[0] == "suppressions"} - after.keys()
        assert lost == set(), "no suppression goes"

    # the views of then, but for who is suppressed now: one person who opted out meanwhile
    now = exchange.views_of_all()
    for partner in READERS:
        for view in ROLLED_BACK:
            old, new = exchange.seen[1][partner][view].splitlines(), now[partner][view].splitlines()
            differing = set(old) ^ set(new)
            assert len(old) == len(new) and len(differing) in ((0, 2) if view in PERSONS else (0,)), (partner, view)
    with exchange.connect_as(READER) as reader:
        opted_out = "select person_id from suppressions where effective_on = '2026-10-19' and phone is null"
        shown = reader.execute(f"select is_suppressed from voters where person_id in ({opted_out})").fetchall()
        assert all(row["is_suppressed"] for row in shown)
        for view in PERSONS:
            everybody = reader.execute(
                "select is_suppressed, exists (select from suppressions where kind <> 'wrong_number'"
                f" and suppressions.person_id = persons.person_id) as is_listed from {view} as persons"
            ).fetchall()
            assert all(row["is_suppressed"] == row["is_listed"] for row in everybody), view
    with exchange.connect_as_admin() as admin:
        for relation in PERSONS:
            counted = admin.execute(
                f"""
                select persons.audience_id from published.{relation} as persons
                group by 1 having count(*) <> (select row_count from published.audience_state as state
                    where state.audience_id = persons.audience_id and state.relation = '{relation}')
                """
            ).fetchall()
            assert counted == [], relation
        # a digest that does not fit its row would be taken for a change, or hide one
        for relation in (*PERSONS, "freshness", "voter_responses"):
            assert digests_that_do_not_fit(admin, relation) == 0
        rows = admin.execute("select kind, back_to, published_by from published.publication order by 1, 2").fetchall()
        assert [row["kind"] for row in rows].count("rollback") == 4 and all(row["published_by"] for row in rows)


def test_no_refresh_is_published_on_hold(exchange: Exchange) -> None:
    """Would have caught a scheduled refresh that brings the bad data back, and a withdrawal that does not show."""
    with pytest.raises(ExchangeError, match="on hold since the rollback to publication 1"):
        publish(exchange.settings)
    refused = exchange.refused("withdraw", "--partner", CONTRIBUTOR, "--yes")
    assert "on hold" in refused and "exchange publication resume" in refused
    with connect(exchange.settings, "loader") as loader:
        assert all(file.withdrawn_at is None for file in loaded_files(loader))
    assert json.loads(exchange.command("status", "--json"))["hold"]["back_to"] == 1
    assert "publication resume" in exchange.command("status")


def test_after_the_hold_everything_is_compared(exchange: Exchange) -> None:
    """Would have caught a refresh that brings only what it finds new, on top of what was rolled back."""
    assert exchange.told("resume")["ended"]["back_to"] == 1
    assert exchange.told("resume")["ended"] is None
    with exchange.connect_as_admin() as admin:
        acts = admin.execute(
            "select what, (details ->> 'back_to')::int as back_to, (details ->> 'publication_id')::int as made"
            " from ops.audit where what in ('publication_rolled_back', 'publication_resumed') order by at"
        ).fetchall()
    # who did it, both ways; and the second `resume`, which ended nothing, is no act
    assert [tuple(act.values()) for act in acts] == [
        *(("publication_rolled_back", back_to, made) for back_to, made in ((2, 4), (1, 5), (2, 6), (1, 7))),
        ("publication_resumed", 1, 7),
    ]
    with pytest.raises(ExchangeError, match="Nothing was built"):
        publish(exchange.settings)
    exchange.refresh(INSTANT)
    # the true data never changed: what the test did to it in between is gone, without a trace
    assert exchange.views_of_all() == exchange.seen[1]
    with exchange.connect_as(READER) as reader:
        assert reader.execute("select from suppressions where effective_on = '2026-10-19'").fetchall() == []


def test_what_was_withdrawn_never_comes_back(exchange: Exchange) -> None:
    """Would have caught a rollback that shows it, and rows of it that the undo log keeps."""
    newest = exchange.told("list", "--limit", "1")["publications"][0]["publication_id"]
    with exchange.connect_as_admin() as admin:
        admin.execute("update sharing.voters set party = 'later'")
    later = exchange.publish()
    with connect(exchange.settings, "loader") as loader:
        files = [file for file in loaded_files(loader) if file.partner_id == CONTRIBUTOR][:1]
        take_back(loader, files)
    refused = exchange.refused("publication", "rollback", str(newest))
    assert "withdrawn since" in refused and CONTRIBUTOR in refused
    with exchange.connect_as_admin() as admin:
        assert admin.execute("select from published.undo limit 1").fetchall() != []
        publish(exchange.settings)
        assert admin.execute("select from published.undo limit 1").fetchall() == []
    for number in (newest, later):
        with pytest.raises(ExchangeError, match="withdrawn"):
            roll_back(exchange.settings, number)


def test_permissions_of_then_never_come_back(exchange: Exchange) -> None:
    """Would have caught a rollback that shows a partner what it may no longer see."""
    newest = exchange.told("list", "--limit", "1")["publications"][0]["publication_id"]
    with exchange.connect_as_admin() as admin:
        give_another_audience(admin, OTHER)
    exchange.publish()
    refused = exchange.refused("publication", "rollback", str(newest))
    assert "other permissions" in refused and OTHER in refused and READER not in refused


def seen_of(exchange: Exchange, partner: str, person_id: str) -> dict[str, list[dict[str, Any]]]:
    """The person's rows in the views of a partner, read by the partner itself; views without any are left out."""
    found = exchange.views(partner, OF_PERSONS)
    told = {view: [row for row in found[view] if row["person_id"] == person_id] for view in OF_PERSONS}
    return {view: rows for view, rows in told.items() if rows}


def persons(admin: psycopg.Connection[dict[str, Any]], condition: str) -> dict[int, dict[str, str]]:
    """Voters that every reader sees, with the id that each knows them by."""
    rows = admin.execute(
        "select voters.voter_id, jsonb_object_agg(door.partner_id, voters.person_id) as ids from published.voters"
        " inner join published.door using (audience_id) where door.partner_id = any(%s)"
        f" group by voters.voter_id having count(*) = 3 and bool_and({condition}) order by 1",
        [list(READERS)],
    ).fetchall()
    return {row["voter_id"]: row["ids"] for row in rows}


ANSWERED = "exists (select from published.voter_responses as given where given.voter_id = voters.voter_id)"


def protect(admin: psycopg.Connection[dict[str, Any]], voter_id: int) -> None:
    """As a voter file does that flags the person."""
    assert admin.execute("update marts.dim_voters set is_protected = true where voter_id = %s", [voter_id]).rowcount


def opt_out(admin: psycopg.Connection[dict[str, Any]], voter_id: int, caller: str = "") -> None:
    """As a new report does; of a caller: it binds, and is told to, that partner only."""
    admin.execute(
        "insert into marts.suppressions (voter_id, state, phone, scope, kind, caller_partner_id, effective_on)"
        " select voter_id, state, '', %s, 'opted_out', %s, '2026-10-18' from marts.dim_voters where voter_id = %s",
        ["caller" if caller else "all", caller, voter_id],
    )


def is_suppressed(exchange: Exchange, partner: str, person_id: str) -> bool:
    """As the partner reads it, whose views must agree."""
    rows = seen_of(exchange, partner, person_id)
    listed = any(row["kind"] == "opted_out" for row in rows.get("suppressions", []))
    for view in PERSONS:
        (person,) = rows[view]
        assert person["is_suppressed"] == listed, view
    return listed


def undo_rows_of(admin: psycopg.Connection[dict[str, Any]], voter_id: int) -> int:
    rows = admin.execute("select content from published.undo where content is not null").fetchall()
    return sum(row["content"].split(",")[1] == str(voter_id) for row in rows)


def test_who_is_protected_or_opted_out_since_comes_back_as_such_or_not_at_all(exchange: Exchange) -> None:
    """Would have caught a rollback that shows again who was protected, or as one to contact who asked not to be."""
    with exchange.connect_as_admin() as admin:
        for relation in OF_PERSONS:
            named = admin.execute(
                "select array_agg(attname::text order by attnum) as it from pg_attribute"
                " where attrelid = %s::regclass and attnum in (1, 2)",
                [f"published.{relation}"],
            ).fetchone()
            assert named == {"it": ["audience_id", "voter_id"]}, "the undo log knows by them whose row it keeps"
        shown, away, later = list(persons(admin, f"not is_suppressed and {ANSWERED}").items())[:3]
        # an older change of the same person lies in the log too
        admin.execute("update sharing.voters set party = 'older'")
        back_to = exchange.publish()
        assert undo_rows_of(admin, shown[0]) > 0
        protect(admin, shown[0])
        opt_out(admin, away[0])
        for relation in OF_PERSONS:
            admin.execute(f"delete from sharing.{relation} where voter_id = any(%s)", [[shown[0], away[0]]])
        exchange.publish()
        assert undo_rows_of(admin, shown[0]) == 0 < undo_rows_of(admin, away[0])
        # known since the last refresh that was published
        protect(admin, later[0])
    exchange.told("rollback", str(back_to))
    for partner in READERS:
        assert seen_of(exchange, partner, shown[1][partner]) == {}
        assert seen_of(exchange, partner, later[1][partner]) == {}
        assert is_suppressed(exchange, partner, away[1][partner])


def test_on_hold_what_protects_is_published_and_nothing_else(exchange: Exchange) -> None:
    """Would have caught a hold that keeps opt-outs, protected persons and partners that left waiting for its end."""
    gone = "okafor_for_senate"
    with exchange.connect_as(gone) as former:
        assert former.execute("select from voters limit 1").fetchall() != []
    before = {partner: exchange.newest_number(partner) for partner in READERS}
    with exchange.connect_as_admin() as admin:
        protected, opted_out, told_one = list(persons(admin, f"not is_suppressed and {ANSWERED}").items())[:3]
        for relation in PERSONS:
            admin.execute(f"update sharing.{relation} set party = 'on hold'")
        protect(admin, protected[0])
        opt_out(admin, opted_out[0])
        opt_out(admin, told_one[0], CONTRIBUTOR)
        admin.execute("delete from sharing.audiences where partner_id = %s", [gone])
        for _ in range(2):
            with pytest.raises(ExchangeError, match=r"on hold since the rollback.*: only new suppressions"):
                publish(exchange.settings)
        kinds = admin.execute("select kind from published.publication order by publication_id desc limit 2").fetchall()
        assert [row["kind"] for row in kinds] == ["protection", "rollback"], "the second had nothing to publish"
        assert undo_rows_of(admin, protected[0]) == 0
        for relation in (*PERSONS, "suppressions", "freshness"):
            assert digests_that_do_not_fit(admin, relation) == 0
        for relation in PERSONS:
            assert admin.execute(f"select from published.{relation} where party = 'on hold'").fetchall() == []
    for partner in READERS:
        assert seen_of(exchange, partner, protected[1][partner]) == {}
        assert is_suppressed(exchange, partner, opted_out[1][partner])
        assert is_suppressed(exchange, partner, told_one[1][partner]) == (partner == CONTRIBUTOR)
        feed = exchange.replayed(partner, before[partner], {})
        assert ("suppressions", opted_out[1][partner], "opted_out|all|") in feed["added"]
        assert protected[1][partner] in {person for _, person, _ in feed["retracted"]}
    with pytest.raises(psycopg.OperationalError):
        exchange.connect_as(gone)


def test_on_hold_permissions_of_today_stop_a_second_rollback(exchange: Exchange) -> None:
    """Would have caught rows that no rule shows any more, shown again because the last publication did not know."""
    listed = exchange.told("list", "--limit", "3")["publications"]
    back_to = listed[-1]["publication_id"]
    with exchange.connect_as_admin() as admin:
        admin.execute("update registry.sharing_rules set valid_until = '2026-10-20' where rule_id = 'r01'")
    tomorrow = exchange.settings.model_copy(update={"as_of": INSTANT + timedelta(days=1)})
    with pytest.raises(ExchangeError, match="do not show today") as refused:
        roll_back(tomorrow, back_to)
    assert refused.value.got == "r01"
    with exchange.connect_as_admin() as admin:
        give_another_audience(admin, OTHER)
    with pytest.raises(ExchangeError, match=r"on hold.*whose permissions changed sees what it saw") as held:
        publish(exchange.settings)
    assert OTHER in str(held.value)
    with pytest.raises(ExchangeError, match="other permissions") as refused:
        roll_back(exchange.settings, back_to)
    assert OTHER in str(refused.value.got)


def test_a_running_refresh_is_neither_rolled_back_nor_resumed(exchange: Exchange) -> None:
    """Would have caught the build of a running refresh, of what changed only, published onto tables rolled back."""
    with only_run(exchange.settings):
        with pytest.raises(AlreadyRunningError):
            roll_back(exchange.settings, 1)
        with pytest.raises(AlreadyRunningError):
            resume(exchange.settings)
    assert exchange.told("list")["hold"] is not None

"""What `exchange rules` says of the demo exchange is what its partners' views really show, row by row."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from exchange import rules
from exchange.errors import ExchangeError
from exchange.registry import Registry, load_registry
from exchange.rules import RowExplained
from exchange.rules.audiences import audience_count
from exchange.rules.facts import contributors, given_answers
from exchange.rules.judging import SUBJECTS
from exchange.rules.live_rows import Contact, Response
from exchange.rules.ruleset import Ruleset
from tests.demo_exchange import SMALL
from tests.warehouse_steps import BuiltExchange
from tests.worlds.running import RunningExchange

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

# some embargoes of the demo's rules are over, some are not
AS_OF = datetime(2026, 10, 15, 15, tzinfo=UTC)
Connection = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningExchange]:
    home = tmp_path_factory.mktemp("demo")
    with BuiltExchange(home, home / "registry") as exchange:
        exchange.command("demo", "--out", str(home), *SMALL)
        # one partner gives too little, one enough: what is explained and what is shown must agree on both
        limits = "partner,window_days,min_answers\nreyes_for_congress,365,1000\npa_party,365,1\n"
        (home / "registry" / "give_to_get.csv").write_text(limits, encoding="utf-8")
        exchange.refresh(AS_OF)
        yield exchange


@pytest.fixture(scope="module")
def admin(demo: RunningExchange) -> Iterator[Connection]:
    url = demo.command("db", "url").strip().splitlines()[-1]
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def registry(demo: RunningExchange) -> Registry:
    return load_registry(demo.registry)


@pytest.fixture(scope="module")
def changed(demo: RunningExchange, tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """The registry with a withhold less, a shorter embargo, a named rule more, a partner activated, other limits."""
    folder = tmp_path_factory.mktemp("changed") / "registry"
    shutil.copytree(demo.registry, folder)
    lines = (folder / "sharing_rules.csv").read_text(encoding="utf-8").splitlines()
    lines = [line.replace(",30,blind,two_months", ",7,blind,month") for line in lines if not line.startswith("r13,")]
    lines.append("r19,share,group:independent,voter_voice,*,*,*,*,*,0,named,day,,,")
    (folder / "sharing_rules.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    partners = (folder / "partners.csv").read_text(encoding="utf-8")
    (folder / "partners.csv").write_text(partners.replace(",NC,false", ",NC,true"), encoding="utf-8")
    limits = "partner,window_days,min_answers\nreyes_for_congress,365,1\nlabor_table_pa,1,1000\n"
    (folder / "give_to_get.csv").write_text(limits, encoding="utf-8")
    return load_registry(folder)


def recipients(registry: Registry) -> list[str]:
    return [partner.partner_id for partner in registry.partners if partner.is_active and not partner.is_exchange]


def view(admin: Connection, registry: Registry, partner_id: str, name: str, columns: str) -> Counter[tuple[Any, ...]]:
    """The rows of a partner's view, each with how often it is there."""
    schema = registry.partner(partner_id).share_schema or ""
    query = sql.SQL("select {} from {}").format(
        sql.SQL(", ").join(map(sql.Identifier, columns.split())), sql.Identifier(schema, name)
    )
    return Counter(admin.execute(query).fetchall())


def explained(admin: Connection, registry: Registry, recipient: str, subject: str) -> list[RowExplained]:
    """Every live row of every partner, explained for the recipient."""
    if subject == "responses":
        live = admin.execute("select partner_id, feed_id || '/' || record_id from marts.responses_described")
        return [rules.explain_record(admin, registry, recipient, *row) for row in live.fetchall()]
    live = admin.execute("select partner_id, contact_id::text from marts.contacts_described")
    return [rules.explain_contact(admin, registry, recipient, *row) for row in live.fetchall()]


def face(told: RowExplained) -> tuple[Any, ...]:
    """What the recipient reads of every shown row, whichever view it is in."""
    assert told.judged is not None and told.person is not None and told.row is not None
    form = told.judged.verdict.form
    own = told.judged.verdict.outcome == "own"
    contributor = told.row.partner_id if form is not None and form.named else None
    return told.person.person_id, told.judged.shown_from, told.judged.shown_until, contributor, own


def test_answers_are_shown_exactly_as_explained(admin: Connection, registry: Registry) -> None:
    """Every answer of everybody, for every partner: the view holds those said to be shown, in that form, and no other.

    Would have caught a newest answer taken before hiding, an id of another state, and a link that unmasks.
    """
    for recipient in recipients(registry):
        expected = Counter(
            (
                *face(told),
                *(told.row.question_code, told.row.contest_id, told.row.candidate_id, told.row.answer_code),
                str(told.row.contact_id) if told.is_linked else None,
            )
            for told in explained(admin, registry, recipient, "responses")
            if told.is_shown and isinstance(told.row, Response)
        )
        columns = "person_id responded_from responded_until contributor is_own question_code contest_id candidate_id"
        found = view(admin, registry, recipient, "voter_responses", f"{columns} answer_code contact_id")
        read = Counter({(*row[:-1], row[-1] and str(row[-1])): count for row, count in found.items()})
        assert expected == read, f"{recipient}: {expected - read} expected, {read - expected} found"
        assert expected, recipient


def test_contacts_are_listed_and_counted_exactly_as_explained(admin: Connection, registry: Registry) -> None:
    for recipient in recipients(registry):
        told = explained(admin, registry, recipient, "contacts")
        expected = Counter(
            (*face(one), str(one.row.contact_id)) for one in told if one.is_shown and isinstance(one.row, Contact)
        )
        columns = "person_id contacted_from contacted_until contributor is_own contact_id"
        found = view(admin, registry, recipient, "contacts", columns)
        read = Counter({(*row[:-1], str(row[-1])): count for row, count in found.items()})
        assert expected == read, f"{recipient}: {expected - read} expected, {read - expected} found"

        reach = Counter(
            (one.person.person_id, one.judged.verdict.outcome == "own")
            for one in told
            if one.counts_for_reach and one.person is not None and one.judged is not None
        )
        voters = view(admin, registry, recipient, "voters", "person_id contacts_us contacts_others")
        assert {(person, own): count for (person, own), count in reach.items()} == {
            (person, own): count
            for person, us, others in voters
            for own, count in ((True, us), (False, others))
            if count
        }, recipient


def test_a_pair_is_the_sum_of_its_rows_and_the_comparison_that_of_its_pairs(
    admin: Connection, registry: Registry, changed: Registry
) -> None:
    """Both registries, all pairs: the same rows counted by class, and by interval of dates."""
    visible: dict[tuple[str, str, str], list[int]] = {}
    for number, one in enumerate((registry, changed)):
        for recipient in recipients(one):
            for contributor in contributors(admin) - {recipient, "exchange"}:
                told = rules.explain_pair(admin, one, recipient, contributor)
                assert told.parties.registry_differs == (one is changed)
                for subject in SUBJECTS:
                    total = told.total(subject)
                    visible.setdefault((recipient, contributor, subject), [0, 0])[number] = total.visible
                    assert total.rows >= total.visible >= total.nameable
    compared = rules.compare(admin, registry, changed)
    assert {
        (pair.recipient, pair.contributor, pair.subject): [pair.tally.before, pair.tally.after]
        for pair in compared.pairs
    } == {key: counts for key, counts in visible.items() if any(counts)}
    assert any(pair.tally.gained for pair in compared.pairs) and any(pair.tally.reformed for pair in compared.pairs)
    assert rules.compare(admin, registry, registry).is_empty and not compared.is_empty
    assert (compared.below_before, compared.below_after) == (["reyes_for_congress"], ["labor_table_pa"])
    of_reyes = [pair.tally for pair in compared.pairs if pair.recipient == "reyes_for_congress"]
    assert of_reyes and all(tally.gained == tally.after for tally in of_reyes)


def test_rows_of_a_pair_are_listed_with_the_partners_the_view_has(admin: Connection, registry: Registry) -> None:
    """By class, without looking at a row: contacts of others in each form, as many as each view lists."""
    for recipient in recipients(registry):
        expected: Counter[tuple[str | None, str]] = Counter()
        for contributor in contributors(admin) - {recipient}:
            for share in rules.explain_pair(admin, registry, recipient, contributor).classes:
                if share.row_class.subject == "contacts" and share.form is not None and share.nameable:
                    named = contributor if share.form.named else None
                    expected[named, share.form.date_precision] += share.nameable
        found: Counter[tuple[str | None, str]] = Counter()
        listed = view(admin, registry, recipient, "contacts", "contributor contacted_from contacted_until is_own")
        for (contributor, since, until, is_own), count in listed.items():
            precision = "day" if since == until else "month" if (until - since).days < 31 else "two_months"
            if not is_own:
                found[contributor, precision] += count
        assert expected == found, recipient


def test_audiences_are_those_of_the_last_refresh(admin: Connection, registry: Registry) -> None:
    found = rules.audiences(admin)
    assert sorted(partner for audience in found for partner in audience.partners) == sorted(recipients(registry))
    ruleset = Ruleset.of(registry, AS_OF.date(), given_answers(admin))
    assert len(found) == audience_count(registry, ruleset, contributors(admin))
    for audience in found:
        for partner in audience.partners:
            rows = view(admin, registry, partner, "voter_responses", "person_id").total()
            assert audience.rows["voter_responses"] == rows


def test_a_record_that_is_no_answer_says_what_it_is(admin: Connection, registry: Registry) -> None:
    lines = "from intermediate.int_contact_lines__resolved as lines"
    records = {
        "quarantined": f"select partner_id, feed_id, source_record_key {lines} where problem is not null",
        "unmatched": f"select partner_id, feed_id, source_record_key {lines} where match_status = 'unmatched'",
        "retracted": "select partner_id, feed_id, source_record_key from intermediate.int_contact_lines__delivered"
        " where delivery_status = 'retracted'",
        "copy": f"select lines.partner_id, feed_id, record_id {lines}"
        " inner join marts.dim_feeds as feeds using (feed_id) inner join marts.response_copies as copies"
        " on feeds.feed_no = copies.feed_no and lines.source_record_key = copies.record_id",
    }
    for fate, query in records.items():
        partner, feed, record = admin.execute(query.encode()).fetchone() or ("", "", "")
        told = rules.explain_record(admin, registry, "civic_data_fund", partner, f"{feed}/{record}")
        assert told.located is not None and told.located.fate == fate and told.located.told
        assert told.judged is None and not told.is_shown
        if fate == "copy":
            assert told.located.counted_as is not None
            counted = rules.explain_record(admin, registry, "civic_data_fund", partner, told.located.counted_as)
            assert counted.judged is not None
    # an answer that is not taken still tells of a contact
    query = f"""select partner_id, feed_id, source_record_key {lines}
        where source_question is not null and question_code is null and problem is null and voter_id is not null"""
    partner, feed, record = admin.execute(query.encode()).fetchone() or ("", "", "")
    told = rules.explain_record(admin, registry, "civic_data_fund", partner, f"{feed}/{record}")
    assert told.located is not None and told.located.fate == "contact" and told.is_contact


@pytest.mark.parametrize(
    ("recipient", "contributor", "row", "said"),
    [
        ("pa_party", "okafor_for_senate", "no_such_feed/1", "No feed of this name"),
        ("pa_party", "okafor_for_senate", "mail_ballot_survey/1", "--contributor mail_ballot_alliance"),
        ("pa_party", "okafor_for_senate", "okafor_van_survey/1", "has this record"),
        # reference data tells of no answer
        ("pa_party", "exchange", "exchange_voters_pa/1", "has this record"),
        ("pa_party", "okafor_for_senate", "1", "No feed of this name"),
        ("pa_party", "nobody", "okafor_van_survey/1", "no such partner"),
        ("nobody", "okafor_for_senate", "okafor_van_survey/1", "no such partner"),
        ("exchange", "okafor_for_senate", "okafor_van_survey/1", "no views"),
    ],
)
def test_what_nobody_knows_is_refused_with_its_place(
    admin: Connection, registry: Registry, recipient: str, contributor: str, row: str, said: str
) -> None:
    with pytest.raises(ExchangeError, match=said) as refused:
        rules.explain_record(admin, registry, recipient, contributor, row)
    assert str(refused.value.place)


def test_a_contact_of_nobody_or_of_another_is_refused(admin: Connection, registry: Registry) -> None:
    [theirs] = admin.execute(
        "select contact_id::text from marts.contacts_described where partner_id = 'nc_party' limit 1"
    ).fetchone() or [""]
    for contact_id, said in {
        "1": "no contact_id",
        "00000000-0000-0000-0000-000000000000": "no such contact",
        theirs: "--contributor nc_party",
    }.items():
        with pytest.raises(ExchangeError, match=said):
            rules.explain_contact(admin, registry, "pa_party", "lopez_for_governor", contact_id)


def test_what_else_keeps_a_visible_row_out_is_told(admin: Connection, registry: Registry) -> None:
    """The demo has no protected voter, and nobody there leaves the voter file: they are made here and unmade."""
    query = "select feed_id || '/' || record_id, voter_id from marts.responses_described where partner_id = 'nc_party'"
    row, voter_id = next(
        (row, voter_id)
        for row, voter_id in admin.execute(query).fetchall()
        if rules.explain_record(admin, registry, "hale_for_house", "nc_party", row).is_shown
    )

    def hindrances(of: Registry = registry) -> list[str]:
        told = rules.explain_record(admin, of, "hale_for_house", "nc_party", row)
        assert told.judged is not None and told.judged.is_visible
        return [*told.hindrances]

    inactive = [
        partner.model_copy(update={"is_active": partner.partner_id != "hale_for_house"})
        for partner in registry.partners
    ]
    assert hindrances(replace(registry, partners=inactive)) == ["inactive"]
    for spoil, mend, expected in (
        ("set is_protected = true where voter_id =", "set is_protected = false where voter_id =", "protected"),
        (
            "set voter_id = -voter_id where voter_id =",
            "set voter_id = -voter_id where voter_id = -",
            "left_the_voter_file",
        ),
    ):
        admin.execute(f"update marts.dim_voters {spoil}{voter_id}".encode())
        found = hindrances()
        admin.execute(f"update marts.dim_voters {mend}{voter_id}".encode())
        assert found == [expected]
    assert hindrances() == []


def test_the_commands_print_and_refuse(demo: RunningExchange, admin: Connection, changed: Registry) -> None:
    pair = ("rules", "explain", "--recipient", "voter_voice", "--contributor", "okafor_for_senate")
    shown = demo.command(*pair)
    assert "withheld" in shown and "r13" in shown and "different sides" in shown
    [row] = admin.execute(
        "select feed_id || '/' || record_id from marts.responses_described"
        " where partner_id = 'okafor_for_senate' and question_code = 'candidate_support' limit 1"
    ).fetchone() or [""]
    told = json.loads(demo.command(*pair, "--row", row, "--json"))
    assert told["judged"]["verdict"] == {
        "outcome": "withheld",
        "form": None,
        "rule_ids": ["r13"],
        "visible_from": None,
    }
    assert {rule["rule"]["rule_id"]: rule["result"] for rule in told["judged"]["rules"]}["r13"] == "hides"
    assert told["hindrances"] == ["hidden"] and not told["is_shown"]

    told_of_limit = demo.command("rules", "explain", "--recipient", "reyes_for_congress", "--contributor", "pa_party")
    assert "must give 1,000 answers in 365 days and gave" in told_of_limit
    assert "below the give-to-get limit" in told_of_limit and "0 of 93 contacts are visible" in told_of_limit
    terms = demo.views("reyes_for_congress", ("sharing_terms",))["sharing_terms"]
    assert any("1000 answers in 365 days" in row["term"] and "too few" in row["term"] for row in terms)

    refused = demo.attempt(*pair, "--row", "okafor_van_survey/no such record")
    assert refused.returncode == 1 and "No loaded file of the feed has this record" in refused.stderr
    assert demo.attempt(*pair, "--row", "a/b", "--contact", "1").returncode == 2

    folders = str(demo.registry), str(changed.path)
    assert "Nothing changes." in demo.command("rules", "diff", folders[0], folders[0], "--exit-code")
    differs = demo.attempt("rules", "diff", *folders, "--exit-code")
    assert differs.returncode == 1 and "removed" in differs.stdout and "old_north_pac" in differs.stdout
    assert json.loads(demo.command("rules", "diff", *folders, "--json", "--on", "2026-12-01"))["today"] == "2026-12-01"
    assert json.loads(demo.command("rules", "audiences", "--json"))["count"] == 11


def test_a_suspended_partner_reads_nothing_whatever_the_rules_say(
    demo: RunningExchange, admin: Connection, registry: Registry
) -> None:
    """Last: it closes a door."""
    shown = [told for told in explained(admin, registry, "hale_for_house", "contacts") if told.is_shown]
    demo.command("partner", "suspend", "hale_for_house")
    again = [
        told for told in explained(admin, registry, "hale_for_house", "contacts") if told.hindrances == ["suspended"]
    ]
    assert len(again) == len(shown) > 0


def test_an_exchange_without_facts_says_so(demo: RunningExchange, tmp_path: Path) -> None:
    with RunningExchange(tmp_path / "home", demo.registry) as empty:
        told = empty.attempt("rules", "audiences")
        assert told.returncode == 1 and "no audiences yet" in told.stderr
        told = empty.attempt("rules", "explain", "--recipient", "pa_party", "--contributor", "nc_party")
        assert told.returncode == 1 and "no facts to judge yet" in told.stderr

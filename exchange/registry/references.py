"""Every name in a registry file must exist where it is defined. One function per referring file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exchange.errors import ExchangeError
from exchange.registry.lines import Entry, Table
from exchange.registry.rows import EVERY, EXCHANGE_PARTNER, IGNORE, Contest, Feed, Partner
from exchange.registry.tables import Tables

BUILT_IN_GROUPS = ("all", "coordinated", "independent")
# a partner without one of these has no side, no door or no ids: it could not be served
_NEEDED_OF_PARTNERS = ("side", "kind", "share_schema", "id_namespace", "voter_fields", "is_active")


def dangling(entry: Entry[Any], column: str, table: Table[Any], key: str | None = None) -> Iterator[ExchangeError]:
    """A problem if the entry's value of `column` is given and is not among the table's keys."""
    value = getattr(entry.row, column)
    key = key or column
    if value is not None and table.lacks(key, value):
        yield entry.problem(
            column,
            f"The {column} is not known.",
            expected=f"a {key} of {table.path.name}",
            got=value,
            remedy=f"Correct it, or add it to {table.path.name}.",
        )


def unknown_partner(entry: Entry[Any], column: str, tables: Tables) -> Iterator[ExchangeError]:
    if getattr(entry.row, column) != EXCHANGE_PARTNER:
        yield from dangling(entry, column, tables.partners, "partner_id")


def unknown_format(entry: Entry[Any], tables: Tables) -> Iterator[ExchangeError]:
    if entry.row.file_format not in tables.file_formats:
        yield entry.problem(
            "file_format",
            "The file_format is not known.",
            expected=f"one of {', '.join(sorted(tables.file_formats))}",
            got=entry.row.file_format,
            remedy="Correct it, or describe the format in models/staging/<system>/_<system>__sources.yml.",
        )


def reversed_dates(entry: Entry[Any]) -> Iterator[ExchangeError]:
    since, until = entry.row.valid_from, entry.row.valid_until
    if since and until and since > until:
        yield entry.problem(
            "valid_until",
            "valid_until is before valid_from.",
            expected=f"{since} or later",
            got=str(until),
            remedy="Both days are included; correct one of them.",
        )


def partners(tables: Tables) -> Iterator[ExchangeError]:
    for entry in tables.partners.entries():
        partner = entry.row
        if partner.partner_id in BUILT_IN_GROUPS:
            remedy = "It names a built-in group; choose another id."
            yield entry.problem("partner_id", "The partner_id is reserved.", got=partner.partner_id, remedy=remedy)
        if not partner.is_exchange:
            for column in _NEEDED_OF_PARTNERS:
                if getattr(partner, column) is None:
                    remedy = "Only the partner 'exchange' may leave it blank."
                    yield entry.problem(column, "The cell is blank.", expected="a value", remedy=remedy)
        yield from dangling(entry, "id_namespace", tables.id_namespaces, "namespace")
        yield from _scope_of_ids(entry, tables)
        for state in (partner.states or EVERY).split(" "):
            yield from unknown_state(entry, "states", state, tables)


def partner_groups(tables: Tables) -> Iterator[ExchangeError]:
    for entry in tables.partner_groups.entries():
        yield from unknown_partner(entry, "partner_id", tables)
        if entry.row.group_id in BUILT_IN_GROUPS:
            remedy = "Its members follow from partners.csv; choose another name."
            yield entry.problem("group_id", "The group is built in.", got=entry.row.group_id, remedy=remedy)


def feeds(tables: Tables) -> Iterator[ExchangeError]:
    for entry in tables.feeds.entries():
        feed = entry.row
        yield from unknown_partner(entry, "partner_id", tables)
        yield from unknown_format(entry, tables)
        yield from dangling(entry, "id_namespace", tables.id_namespaces, "namespace")
        yield from _scope_of_ids(entry, tables)
        if feed.state:
            yield from unknown_state(entry, "state", feed.state, tables)
        if feed.timezone is None and feed.partner_id != EXCHANGE_PARTNER:
            expected = "an IANA time zone such as America/New_York"
            remedy = "The day of a contact is judged in it."
            yield entry.problem("timezone", "The cell is blank.", expected=expected, remedy=remedy)


def _scope_of_ids(entry: Entry[Partner] | Entry[Feed], tables: Tables) -> Iterator[ExchangeError]:
    kind = tables.scope_kinds.get(entry.row.id_namespace or "")
    if kind == "committee" and entry.row.id_scope is None:
        remedy = f"Ids of {entry.row.id_namespace} are unique only within a committee."
        yield entry.problem("id_scope", "The cell is blank.", expected="the committee", remedy=remedy)
    if kind == "state" and entry.row.id_scope is not None:
        yield from unknown_state(entry, "id_scope", entry.row.id_scope, tables)


def unknown_state(entry: Entry[Any], column: str, state: str, tables: Tables) -> Iterator[ExchangeError]:
    if state != EVERY and tables.us_states.lacks("state", state):
        expected = "a two-letter code of us_states.csv, in capitals"
        yield entry.problem(column, "The state is not known.", expected=expected, got=state, remedy="Correct it.")


def contests(tables: Tables) -> Iterator[ExchangeError]:
    first_line: dict[tuple[object, ...], int] = {}
    for entry in tables.contests.entries():
        yield from reversed_dates(entry)
        yield from _same_contest(entry, first_line)
        if entry.row.valid_from and entry.row.valid_from > entry.row.election_on:
            yield entry.problem(
                "valid_from",
                "The contest becomes valid after its election.",
                expected=f"{entry.row.election_on} or earlier",
                got=str(entry.row.valid_from),
                remedy="Correct valid_from or election_on.",
            )


def _same_contest(entry: Entry[Contest], first_line: dict[tuple[object, ...], int]) -> Iterator[ExchangeError]:
    """An office is its level and name: a county elects its sheriff and its clerk on one day."""
    contest = entry.row
    name = " ".join((contest.contest_name or "").lower().split())
    key = (contest.office_level, name, contest.division_id, contest.election_on)
    first = first_line.setdefault(key, entry.line)
    if first != entry.line:
        yield entry.problem(
            "contest_id",
            f"The contest stands on line {first} already: same office, division and election_on.",
            expected="each contest once, or contest_name telling two offices apart",
            got=contest.contest_id,
            remedy="Keep one of the two and let candidates.csv and answer_map.csv name it.",
        )


def candidates(tables: Tables) -> Iterator[ExchangeError]:
    for entry in tables.candidates.entries():
        yield from dangling(entry, "contest_id", tables.contests)


def vocabulary(tables: Tables) -> Iterator[ExchangeError]:
    for question in tables.questions.entries():
        yield from dangling(question, "rolls_up_to", tables.questions, "question_code")
        if question.row.question_code in (IGNORE, EVERY):
            yield question.problem("question_code", "The code is reserved.", got=question.row.question_code)
    for answer in tables.answers.entries():
        yield from dangling(answer, "question_code", tables.questions)
    for result in tables.contact_results.entries():
        if (result.row.suppression_kind is None) != (result.row.suppression_scope is None):
            remedy = "Fill in suppression_kind and suppression_scope, or neither."
            yield result.problem("suppression_scope", "A suppression needs a kind and a scope.", remedy=remedy)
    for result_code in tables.result_codes.entries():
        yield from unknown_format(result_code, tables)
        yield from dangling(result_code, "contact_result", tables.contact_results)
    for channel_code in tables.channel_codes.entries():
        yield from unknown_format(channel_code, tables)
        yield from dangling(channel_code, "channel", tables.channels)
    for tool in tables.tools.entries():
        yield from unknown_format(tool, tables)
    for county in tables.counties.entries():
        yield from dangling(county, "state", tables.us_states)
    for county_code in tables.voter_file_counties.entries():
        yield from unknown_format(county_code, tables)
        yield from dangling(county_code, "county_fips", tables.counties)
    for code in tables.voter_file_codes.entries():
        yield from unknown_format(code, tables)

"""No two lines of a file may say the same thing: the keys of every file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from exchange.errors import ExchangeError, Place
from exchange.registry.lines import Table
from exchange.registry.tables import Tables


def duplicates(tables: Tables) -> Iterator[ExchangeError]:
    """One problem per line whose key stands on an earlier line already. Bad lines take part."""
    yield from _repeated(tables.partners, "partner_id")
    yield from _repeated(tables.partners, "share_schema")
    yield from _repeated(tables.partner_groups, "group_id", "partner_id")
    yield from _repeated(tables.feeds, "feed_id")
    yield from _repeated(tables.contests, "contest_id")
    yield from _repeated(tables.candidates, "candidate_id", "contest_id")
    yield from _repeated(tables.sharing_rules, "rule_id")
    yield from _repeated(tables.give_to_get, "partner", "window_days")
    yield from _repeated(tables.questions, "question_code")
    yield from _repeated(tables.answers, "question_code", "answer_code")
    yield from _repeated(tables.contact_results, "contact_result")
    yield from _repeated(tables.contact_results, "result_rank")
    yield from _repeated(tables.contact_results, "result_no")
    yield from _repeated(tables.channels, "channel")
    yield from _repeated(tables.channels, "channel_no")
    yield from _repeated(tables.tools, "file_format")
    yield from _repeated(tables.result_codes, "file_format", "source_code")
    yield from _repeated(tables.channel_codes, "file_format", "source_code")
    yield from _repeated(tables.id_namespaces, "namespace")
    yield from _repeated(tables.us_states, "state")
    yield from _repeated(tables.counties, "county_fips")
    yield from _repeated(tables.voter_file_counties, "file_format", "county_code")
    yield from _repeated(tables.voter_file_codes, "file_format", "code_kind", "source_code")


def _repeated(table: Table[Any], *columns: str) -> Iterator[ExchangeError]:
    first_line: dict[tuple[str | None, ...], int] = {}
    for line in table.lines:
        key = tuple(line.text(column) for column in columns)
        if None in key:
            continue
        first = first_line.setdefault(key, line.number)
        if first != line.number:
            yield ExchangeError(
                f"The {' and '.join(columns)} stand on line {first} already.",
                place=Place(file=str(table.path), line=line.number, column=columns[0]),
                expected="each one once",
                got=", ".join(str(part) for part in key),
                remedy="Remove or rename one of the two lines.",
            )

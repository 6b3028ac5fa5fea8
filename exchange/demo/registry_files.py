"""The registry of the demo as CSV files. It depends on the number of partners only, never on the seed or the sizes."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from exchange.demo.contests import CANDIDATES, CONTESTS, Candidate, Contest
from exchange.demo.partners import Membership, Partner, make_groups, make_partners
from exchange.demo.questions import IGNORE, Ask
from exchange.demo.rules import Rule, make_rules
from exchange.demo.streams import Feed, Stream, make_streams, reference_feeds

_ANSWER_FORMAT = {
    "van_reports": "van_survey_response_report",
    "van_pipeline": "van_contactssurveyresponses",
    "thrutext": "thrutext_surveys",
    "spoke": "spoke_contacts",
    "generic": "generic_contacts",
}


class AnswerMapping(NamedTuple):
    """Columns of answer_map.csv, in order."""

    file_format: str
    partner_id: str
    id_scope: str
    source_question: str
    source_answer: str
    question_code: str
    contest_id: str
    candidate_id: str
    answer_code: str
    valid_from: str
    valid_until: str


class DemoRegistry(NamedTuple):
    """Everything the registry files say, and the streams behind the feeds."""

    partners: tuple[Partner, ...]
    groups: tuple[Membership, ...]
    streams: tuple[Stream, ...]
    feeds: tuple[Feed, ...]
    rules: tuple[Rule, ...]
    answers: tuple[AnswerMapping, ...]


def make_registry(partner_count: int) -> DemoRegistry:
    partners = make_partners(partner_count)
    groups = make_groups(partners)
    streams = make_streams(partners)
    feeds = (*reference_feeds(), *(feed for stream in streams for feed in stream.feeds()))
    mappings = dict.fromkeys(row for stream in streams for ask in stream.script for row in _map_rows(stream, ask))
    return DemoRegistry(partners, groups, streams, feeds, make_rules(partners, groups), tuple(mappings))


def _map_rows(stream: Stream, ask: Ask) -> Iterable[AnswerMapping]:
    # VAN ids and question names hold in one instance or committee only; a text or a plain question is the partner's
    scope = stream.scope if stream.tool.startswith("van") else "*"
    partner = ask.map_partner or stream.partner_id
    ignore = ask.question_code == IGNORE
    for text, code in (("*", 0),) if ignore else ask.answers:
        yield AnswerMapping(
            _ANSWER_FORMAT[stream.tool], partner, scope, ask.source_question, text, ask.question_code,
            ask.contest_id, ask.candidate_id, "" if ignore else str(code), ask.valid_from, ask.valid_until,
        )  # fmt: skip


def write_registry(registry: DemoRegistry, folder: Path) -> None:
    """Write the seven files of the registry; the folder is made if needed, files of these names are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "partners.csv", Partner._fields, registry.partners)
    _write(folder / "partner_groups.csv", Membership._fields, registry.groups)
    _write(folder / "feeds.csv", Feed._fields, registry.feeds)
    _write(folder / "contests.csv", Contest._fields, CONTESTS)
    _write(folder / "candidates.csv", Candidate._fields, CANDIDATES)
    _write(folder / "answer_map.csv", AnswerMapping._fields, registry.answers)
    _write(folder / "sharing_rules.csv", Rule._fields, registry.rules)


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)

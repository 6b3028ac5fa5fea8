"""All files of one registry and of the vocabulary, as read: what the checks look at."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from exchange.registry import rows, vocabulary
from exchange.registry.lines import Table
from exchange.registry.reading import read_table


@dataclass(frozen=True)
class Tables:
    """One attribute per file, named like the file."""

    partners: Table[rows.Partner]
    partner_groups: Table[rows.PartnerGroup]
    feeds: Table[rows.Feed]
    contests: Table[rows.Contest]
    candidates: Table[rows.Candidate]
    answer_map: Table[rows.AnswerMapping]
    sharing_rules: Table[rows.SharingRule]
    give_to_get: Table[rows.GiveToGet]
    questions: Table[vocabulary.Question]
    answers: Table[vocabulary.Answer]
    contact_results: Table[vocabulary.ContactResult]
    channels: Table[vocabulary.Channel]
    tools: Table[vocabulary.Tool]
    result_codes: Table[vocabulary.ResultCode]
    channel_codes: Table[vocabulary.ChannelCode]
    id_namespaces: Table[vocabulary.IdNamespace]
    us_states: Table[vocabulary.State]
    counties: Table[vocabulary.County]
    voter_file_counties: Table[vocabulary.VoterFileCounty]
    voter_file_codes: Table[vocabulary.VoterFileCode]

    @cached_property
    def file_formats(self) -> set[str]:
        """The formats a feed may have."""
        # the intake reads registries, so it can be imported only once this package is complete
        from exchange.intake.formats import load_formats

        return set(load_formats())

    @cached_property
    def candidacies(self) -> set[tuple[str | None, str | None]]:
        """Who stands where: (candidate_id, contest_id)."""
        return {(line.text("candidate_id"), line.text("contest_id")) for line in self.candidates.lines}

    @cached_property
    def answer_codes(self) -> dict[str | None, set[str]]:
        """The codes, as text, of every question."""
        codes: dict[str | None, set[str]] = defaultdict(set)
        for line in self.answers.lines:
            codes[line.text("question_code")].add(line.text("answer_code") or "")
        return dict(codes)

    @cached_property
    def question_scopes(self) -> dict[str, str]:
        return {question.question_code: question.scope for question in self.questions.rows()}

    @cached_property
    def scope_kinds(self) -> dict[str, str]:
        """Within what an id of each namespace is unique: state, committee or none."""
        return {row.namespace: row.scope_kind for row in self.id_namespaces.rows()}

    def all(self) -> Iterator[Table[Any]]:
        for attribute in fields(self):
            yield getattr(self, attribute.name)

    def digest(self) -> str:
        """sha256 (hex) over every file's name, length and bytes, in the order above. Absent ones are left out."""
        digest = hashlib.sha256()
        for table in self.all():
            if table.is_absent:
                continue
            digest.update(f"{table.path.name} {len(table.content)}\n".encode())
            digest.update(table.content)
        return digest.hexdigest()


def read_tables(registry: Path, vocabulary_folder: Path) -> Tables:
    """Read every file of both folders. Files of other names are left alone (READMEs, dbt's YAML)."""
    return Tables(
        partners=read_table(registry / "partners.csv", rows.Partner),
        partner_groups=read_table(registry / "partner_groups.csv", rows.PartnerGroup),
        feeds=read_table(registry / "feeds.csv", rows.Feed),
        contests=read_table(registry / "contests.csv", rows.Contest),
        candidates=read_table(registry / "candidates.csv", rows.Candidate),
        answer_map=read_table(registry / "answer_map.csv", rows.AnswerMapping),
        sharing_rules=read_table(registry / "sharing_rules.csv", rows.SharingRule),
        give_to_get=read_table(registry / "give_to_get.csv", rows.GiveToGet, is_optional=True),
        questions=read_table(vocabulary_folder / "questions.csv", vocabulary.Question),
        answers=read_table(vocabulary_folder / "answers.csv", vocabulary.Answer),
        contact_results=read_table(vocabulary_folder / "contact_results.csv", vocabulary.ContactResult),
        channels=read_table(vocabulary_folder / "channels.csv", vocabulary.Channel),
        tools=read_table(vocabulary_folder / "tools.csv", vocabulary.Tool),
        result_codes=read_table(vocabulary_folder / "result_codes.csv", vocabulary.ResultCode),
        channel_codes=read_table(vocabulary_folder / "channel_codes.csv", vocabulary.ChannelCode),
        id_namespaces=read_table(vocabulary_folder / "id_namespaces.csv", vocabulary.IdNamespace),
        us_states=read_table(vocabulary_folder / "us_states.csv", vocabulary.State),
        counties=read_table(vocabulary_folder / "counties.csv", vocabulary.County),
        voter_file_counties=read_table(vocabulary_folder / "voter_file_counties.csv", vocabulary.VoterFileCounty),
        voter_file_codes=read_table(vocabulary_folder / "voter_file_codes.csv", vocabulary.VoterFileCode),
    )

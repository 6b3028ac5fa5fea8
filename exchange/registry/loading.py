"""Loads a registry folder with the vocabulary, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from exchange.errors import ExchangeError, Place
from exchange.registry import answers, duplicates, firewall, references, rows, vocabulary
from exchange.registry.tables import Tables, read_tables
from exchange.settings import PROJECT_ROOT

VOCABULARY = PROJECT_ROOT / "seeds" / "vocabulary"


class RegistryError(ExchangeError):
    """The registry cannot be used. `problems` has every problem found, in order of file and line."""

    def __init__(self, path: Path, problems: list[ExchangeError]) -> None:
        self.problems = problems
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(
            f"The registry has {count}.",
            place=Place(file=str(path)),
            remedy="Mend them; `exchange doctor` checks again.",
        )

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(f"- {problem}" for problem in self.problems)])


@dataclass(frozen=True)
class Registry:
    """One exchange's facts and the vocabulary, checked: every reference in it resolves. One list per file.

    give_to_get: empty without its file, which is optional.
    """

    path: Path
    partners: list[rows.Partner]
    partner_groups: list[rows.PartnerGroup]
    feeds: list[rows.Feed]
    contests: list[rows.Contest]
    candidates: list[rows.Candidate]
    answer_map: list[rows.AnswerMapping]
    sharing_rules: list[rows.SharingRule]
    give_to_get: list[rows.GiveToGet]
    questions: list[vocabulary.Question]
    answers: list[vocabulary.Answer]
    contact_results: list[vocabulary.ContactResult]
    channels: list[vocabulary.Channel]
    tools: list[vocabulary.Tool]
    result_codes: list[vocabulary.ResultCode]
    channel_codes: list[vocabulary.ChannelCode]
    id_namespaces: list[vocabulary.IdNamespace]
    us_states: list[vocabulary.State]
    counties: list[vocabulary.County]
    voter_file_counties: list[vocabulary.VoterFileCounty]
    voter_file_codes: list[vocabulary.VoterFileCode]
    _digest: str = field(repr=False)

    def feed(self, feed_id: str) -> rows.Feed:
        """Raises ExchangeError if there is no such feed."""
        for feed in self.feeds:
            if feed.feed_id == feed_id:
                return feed
        known = ", ".join(sorted(feed.feed_id for feed in self.feeds))
        raise self._unknown("feed", feed_id, "feeds.csv", known)

    def partner(self, partner_id: str) -> rows.Partner:
        """The partner; `exchange` exists without a row. Raises ExchangeError if there is no such partner."""
        for partner in self.partners:
            if partner.partner_id == partner_id:
                return partner
        if partner_id == rows.EXCHANGE_PARTNER:
            return rows.Partner(partner_id=rows.EXCHANGE_PARTNER)
        known = ", ".join(sorted(partner.partner_id for partner in self.partners))
        raise self._unknown("partner", partner_id, "partners.csv", known)

    def members(self, term: str) -> set[str]:
        """The partner ids that a rule or a limit means: by an id, `group:<id>` or `*`."""
        return firewall.members(term, self.partners, self.partner_groups)

    def digest(self) -> str:
        """sha256 (hex) of all files' bytes, vocabulary included: equal digests mean equal registries."""
        return self._digest

    def _unknown(self, what: str, value: str, file: str, known: str) -> ExchangeError:
        return ExchangeError(
            f"There is no such {what} in the registry.",
            place=Place(file=str(self.path / file)),
            expected=f"one of {known}" if known else f"a {what} of {file}",
            got=value,
            remedy=f"Correct the name, or add the {what} to {file}.",
        )


def load_registry(path: Path, vocabulary: Path | None = None) -> Registry:
    """Read and check every file of the registry folder and of the vocabulary (default: the shipped one).

    Raises ExchangeError if there is no such folder, RegistryError with all problems found: a registry that loads has
    none.
    """
    if not path.is_dir():
        raise ExchangeError(
            "The registry's folder does not exist.",
            place=Place(file=str(path)),
            expected="a folder with partners.csv, feeds.csv and the other registry files",
            remedy="Correct EXCHANGE_REGISTRY, or copy seeds/registry there to begin with.",
        )
    tables = read_tables(path, vocabulary or VOCABULARY)
    found = list(problems(tables))
    if found:
        raise RegistryError(path, found)
    return Registry(
        path=path,
        partners=tables.partners.rows(),
        partner_groups=tables.partner_groups.rows(),
        feeds=tables.feeds.rows(),
        contests=tables.contests.rows(),
        candidates=tables.candidates.rows(),
        answer_map=tables.answer_map.rows(),
        sharing_rules=tables.sharing_rules.rows(),
        give_to_get=tables.give_to_get.rows(),
        questions=tables.questions.rows(),
        answers=tables.answers.rows(),
        contact_results=tables.contact_results.rows(),
        channels=tables.channels.rows(),
        tools=tables.tools.rows(),
        result_codes=tables.result_codes.rows(),
        channel_codes=tables.channel_codes.rows(),
        id_namespaces=tables.id_namespaces.rows(),
        us_states=tables.us_states.rows(),
        counties=tables.counties.rows(),
        voter_file_counties=tables.voter_file_counties.rows(),
        voter_file_codes=tables.voter_file_codes.rows(),
        _digest=tables.digest(),
    )


def problems(tables: Tables) -> Iterator[ExchangeError]:
    """Every problem of every file, in order of file and line."""
    found = [problem for table in tables.all() for problem in table.problems]
    found += [
        *duplicates.duplicates(tables),
        *references.partners(tables),
        *references.partner_groups(tables),
        *references.feeds(tables),
        *references.contests(tables),
        *references.candidates(tables),
        *references.vocabulary(tables),
        *answers.answer_map(tables),
        *firewall.sharing_rules(tables),
        *firewall.give_to_get(tables),
    ]
    order = {str(table.path): position for position, table in enumerate(tables.all())}
    yield from sorted(found, key=lambda problem: (order[problem.place.file or ""], problem.place.line or 0))

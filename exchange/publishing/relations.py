"""The relations partners read, and where each one's rows come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from exchange.registry.rows import OfficeLevel

# Columns that partitions carry but no view shows: the partition key, our internal keys, and the row's digest.
HIDDEN_COLUMNS = ("audience_id", "voter_id", "file_id", "_row_digest")

# The names of a person are shown from voter_fields `names` on, the address and phone from `contact` on.
NAME_COLUMNS = ("first_name", "middle_name", "last_name", "suffix", "name_key")
CONTACT_COLUMNS = ("address", "city", "zip", "phone")

# What a person answered, in voters and explorer: support of an office's candidate, and the questions about the person.
ANSWER_COLUMNS = (
    *(f"support_{office}" for office in get_args(OfficeLevel)),
    "vote_by_mail_comfort",
    "postal_service_trust",
    "turnout_intent",
    "vote_method_plan",
)


@dataclass(frozen=True)
class Relation:
    """One published relation. `name`: the view's name in every partner's schema; `rows`: a query over internal schemas.

    Grain of `rows`: the relation's own, with `audience_id` first. Column comments come from `sharing.<name>`.
    `record_key`: columns that with person_id tell one row from another in the change feed; None: not in the feed.
    `is_of_persons`: it has a `voter_id`, and `rows` are those of touched voters only (exchange/publishing/scope.py).
    `is_person`: one row is one person of `voters`: who it is, as far as voter_fields let it be read, and is_suppressed.
    `indexes`: those of its table besides person_id and voter_id, as `create index on …` takes them.
    """

    name: str
    rows: str
    record_key: tuple[str, ...] | None = None
    is_of_persons: bool = False
    is_person: bool = False
    indexes: tuple[str, ...] = ()

    @classmethod
    def of_model(cls, name: str) -> Relation:
        return cls(name, f"select * from sharing.{name}")

    @classmethod
    def of_persons(cls, name: str, record_key: tuple[str, ...] | None = None) -> Relation:
        return cls(name, f"select * from sharing.{name}", record_key, is_of_persons=True)

    @classmethod
    def of_each_person(cls, name: str, indexes: tuple[str, ...] = ()) -> Relation:
        # not in the change feed: a person's row changes with the voter file, or because one of the others changed
        return cls(name, f"select * from sharing.{name}", is_of_persons=True, is_person=True, indexes=indexes)

    @property
    def keys(self) -> tuple[str, ...]:
        """What tells published rows apart, and finds them by the indexes of the relation's table."""
        return ("audience_id", "voter_id", "_row_digest") if self.is_of_persons else ("audience_id", "_row_digest")

    @property
    def order(self) -> str:
        """The order in which rows are filled in: it tells a partner nothing but the rows themselves.

        A person's rows lie together: partners ask for them by person, and a publication replaces them by voter.
        """
        person = 'person_id collate "C", ' if self.is_of_persons else ""
        return f"audience_id, {person}_row_digest"

    def shows(self, column: str, voter_fields: str) -> bool:
        """Whether a partner with these `voter_fields` has the column in its view."""
        if column in HIDDEN_COLUMNS:
            return False
        if not self.is_person:
            return True
        if column in NAME_COLUMNS:
            return voter_fields in ("names", "contact")
        if column in CONTACT_COLUMNS:
            return voter_fields == "contact"
        return True


# Freshness tells when an audience's data last changed: it is applied last, when the changes of the others are known.
FRESHNESS = Relation(
    "freshness",
    """
    select freshness.*, audience_change.last_published_at
    from sharing.freshness
    left join published.audience_change using (audience_id)
    """,
)

# Counted once a day: in between its rows stay (exchange/publishing/scope.py).
COVERAGE = Relation.of_model("coverage_summary")

PERSONS = (
    Relation.of_each_person("voters"),
    # sorted as the dashboard pages through persons: person_id decides among equals, so a page begins where one ended
    Relation.of_each_person(
        "explorer",
        indexes=(
            """((coalesce(name_key, '') collate "C"), person_id)""",
            "((coalesce(county_fips, '')), person_id)",
            "((coalesce(birth_year, 0)), person_id)",
            "((coalesce(greatest(last_contact_us_on, last_contact_others_until), '0001-01-01'::date)), person_id)",
            # few people pass a filter of several answers: these find them without reading everybody
            *(f"({column}) where {column} is not null" for column in ANSWER_COLUMNS),
        ),
    ),
)

RELATIONS = (
    Relation.of_persons("voter_responses", record_key=("question_code", "contest_id", "candidate_id")),
    Relation.of_persons("contacts", record_key=("contact_id",)),
    *PERSONS,
    Relation.of_persons("suppressions", record_key=("kind", "scope", "phone")),
    Relation.of_model("my_files"),
    Relation.of_model("my_rejected_rows"),
    Relation.of_model("my_quarantined_rows"),
    Relation.of_model("my_statement"),
    Relation.of_model("sharing_terms"),
    COVERAGE,
    Relation(
        "data_dictionary",
        f"""
        select audiences.audience_id, dictionary.*
        from published.dictionary
        cross join (select distinct audience_id, voter_fields from sharing.audiences) as audiences
        where dictionary.column_name is null
            or dictionary.view_name <> all(array{[relation.name for relation in PERSONS]})
            or not (
                dictionary.column_name = any(array{list(NAME_COLUMNS)}) and audiences.voter_fields = 'ids'
                or dictionary.column_name = any(array{list(CONTACT_COLUMNS)}) and audiences.voter_fields <> 'contact'
            )
        """,
    ),
)

# Filled by what a publication did to the others (exchange/publishing/change_feed.py).
CHANGES = Relation(
    "changes",
    """
    select
        null::int as audience_id,
        null::int as publication_id,
        null::text as relation,
        null::text as person_id,
        null::text as record_key,
        null::text as change
    where false
    """,
)

# every view of a partner's schema
VIEWS = (*RELATIONS, FRESHNESS, CHANGES)

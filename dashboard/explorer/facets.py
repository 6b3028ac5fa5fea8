"""The facets there are: what they are called, which choices they offer, which columns of `explorer` they read."""

from __future__ import annotations

from datetime import date, timedelta

from psycopg import sql

from dashboard.explorer.domain import Domain
from dashboard.explorer.facet import Choice, Facet
from dashboard.vocabulary import OFFICES, Vocabulary

# bit n-1 of channels_us and channels_others
CHANNELS = ("door", "phone", "text", "email", "mail", "event", "online", "other")
REACH = {"nobody": "Nobody", "us": "Us only", "others": "Others only", "both": "Us and others"}
BALLOTS = {
    "none": "No ballot asked for",
    "requested": "Requested",
    "sent": "Sent",
    "returned": "Returned",
    "accepted": "Accepted",
    "rejected": "Rejected",
    "voted_in_person": "Voted in person",
}
VOTED = ("returned", "accepted", "voted_in_person")
# days since the newest contact by anyone, and what a code above them is called
LAST = {
    "never": "Never",
    "7": "In the last 7 days",
    "30": "8 to 30 days ago",
    "90": "31 to 90 days ago",
    "older": "Longer ago",
}
_LAST_DAYS = (7, 30, 90)
AGES = ("18-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75-", "unknown")
_AGE_ENDS = (24, 34, 44, 54, 64, 74)
SUPPRESSED = {"no": "May be contacted", "yes": "Must not be contacted"}
LAST_CONTACT = "greatest(last_contact_us_on, last_contact_others_until)"

PERSON_QUESTIONS = {
    "mail": "vote_by_mail_comfort",
    "postal": "postal_service_trust",
    "turnout": "turnout_intent",
    "plan": "vote_method_plan",
}


def facets(office: str, domain: Domain, vocabulary: Vocabulary, today: date) -> dict[str, Facet]:
    """Every facet by its parameter, in the order of the page. today: what ages and days are counted from."""
    found = [
        _answers("support", "candidate_support", f"support_{office}", vocabulary, f"Support · {OFFICES[office]}"),
        _listed(
            "candidate",
            "Candidate",
            "Whom the newest answer about this office is about.",
            _candidates(domain.candidates.get(office, ()), vocabulary),
            f"support_{office}_candidate",
            bits=10,
        ),
        *(
            _answers(name, question, question, vocabulary, vocabulary.questions[question])
            for name, question in PERSON_QUESTIONS.items()
        ),
        Facet(
            "reach",
            "Contacted by",
            "Who has contacted them, as far as you may see. Others are never named here.",
            tuple(Choice(value, REACH[value], code) for code, value in enumerate(("nobody", "us", "others", "both"))),
            sql.SQL("(channels_us <> 0)::int + 2 * (channels_others <> 0)::int"),
            _itself,
            bits=2,
        ),
        Facet(
            "last",
            "Last contact",
            "Days since the newest contact by anyone. Where others' dates are blurred, the last possible day counts.",
            tuple(Choice(value, label, code) for code, (value, label) in enumerate(LAST.items())),
            _last_bucket(today),
            _itself,
            bits=3,
        ),
        Facet(
            "channel",
            "Channel",
            "How anyone has contacted them. One person may have been contacted in several ways.",
            tuple(Choice(value, vocabulary.channels.get(value, value), 1 << bit) for bit, value in enumerate(CHANNELS)),
            sql.SQL("channels_us | channels_others"),
            _itself,
            bits=8,
            is_set=True,
        ),
        Facet(
            "suppressed",
            "May we contact them?",
            "People who opted out, have died or moved, as somebody reported. Lists never hold them.",
            tuple(Choice(value, label, code) for code, (value, label) in enumerate(SUPPRESSED.items())),
            sql.SQL("is_suppressed"),
            sql.SQL("coalesce({}, false)::int").format,
            bits=1,
        ),
        _listed(
            "ballot",
            "Ballot",
            "Where their ballot for the next election is. Who has voted is left out unless you ask.",
            {value: label for value, label in BALLOTS.items() if value != "none"},
            "ballot_status",
            bits=3,
            none=Choice("none", BALLOTS["none"], 0),
        ),
        Facet(
            "age",
            "Age",
            "The age they reach this year.",
            tuple(Choice(value, _age_label(value), _age_code(value)) for value in AGES),
            _age_band(today),
            _itself,
            bits=3,
        ),
        _listed(
            "party",
            "Party",
            "Party of registration, as on the voter file.",
            {party: party for party in domain.parties},
            "party",
            bits=5,
            none=Choice("none", "Not known", 0),
        ),
    ]
    return {facet.name: facet for facet in found}


def _candidates(found: tuple[str, ...], vocabulary: Vocabulary) -> dict[str, str]:
    """Candidate -> name; with the contest, if somebody runs in two of them: a primary and the election."""
    names = {candidate: vocabulary.candidate(candidate) for candidate in found}
    for candidate, name in list(names.items()):
        known = vocabulary.candidates.get(candidate)
        if known and list(names.values()).count(name) > 1:
            names[candidate] = f"{name}, {vocabulary.contest(known.contest_id)}"
    return names


def _answers(name: str, question: str, column: str, vocabulary: Vocabulary, label: str) -> Facet:
    """A question: the answers' own codes, and 0 for people who were not asked, as far as the partner may see."""
    choices = tuple(Choice(str(code), text, code) for code, text in vocabulary.answers[question])
    return Facet(
        name,
        label,
        "The newest answer that you may see, whoever asked.",
        (*choices, Choice("0", "Not asked", 0)),
        sql.Identifier(column),
        sql.SQL("coalesce({}, 0)").format,
        bits=4,
    )


def _listed(
    name: str,
    label: str,
    definition: str,
    values: dict[str, str],
    column: str,
    *,
    bits: int,
    none: Choice | None = None,
) -> Facet:
    """A column of text: the code is the place in the list of values. 0: empty; the highest: beyond the list."""
    beyond = 2**bits - 1
    known = list(values)[: beyond - 1]
    choices = tuple(Choice(value, values[value], place) for place, value in enumerate(known, 1))

    def encode(key: sql.Composable) -> sql.Composable:
        return sql.SQL(
            "case when {key} is null then 0 else coalesce(array_position({known}::text[], {key}), {beyond}) end"
        ).format(key=key, known=sql.Literal(known), beyond=sql.Literal(beyond))

    return Facet(name, label, definition, (*choices, none) if none else choices, sql.Identifier(column), encode, bits)


def _itself(key: sql.Composable) -> sql.Composable:
    return sql.SQL("({})").format(key)


def _last_bucket(today: date) -> sql.Composable:
    branches = sql.SQL(" ").join(
        sql.SQL("when {} >= {} then {}").format(
            sql.SQL(LAST_CONTACT), sql.Literal(today - timedelta(days=days)), sql.Literal(code)
        )
        for code, days in enumerate(_LAST_DAYS, 1)
    )
    return sql.SQL("case when {} is null then 0 {} else {} end").format(
        sql.SQL(LAST_CONTACT), branches, sql.Literal(len(_LAST_DAYS) + 1)
    )


def _age_band(today: date) -> sql.Composable:
    branches = sql.SQL(" ").join(
        sql.SQL("when birth_year >= {} then {}").format(sql.Literal(today.year - end), sql.Literal(code))
        for code, end in enumerate(_AGE_ENDS, 1)
    )
    return sql.SQL("case when birth_year is null then 0 {} else {} end").format(
        branches, sql.Literal(len(_AGE_ENDS) + 1)
    )


def _age_code(band: str) -> int:
    return 0 if band == "unknown" else AGES.index(band) + 1


def _age_label(band: str) -> str:
    return {"unknown": "Not known", "75-": "75 and older"}.get(band, band.replace("-", " to "))

"""The facets there are: what they are called, which choices they offer, which columns of `explorer` they read."""

from __future__ import annotations

from datetime import date, timedelta

from dashboard.explorer.domain import MOST_PARTIES, Domain
from dashboard.explorer.facet import Choice, Column, Facet, Flag, Stored
from dashboard.vocabulary import OFFICES, Vocabulary

# in the order of their bits
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
# what day and year the number 0 would be in explorer.codes
_DAY_ZERO = date(1999, 12, 31)
_YEAR_ZERO = 1849
AGES = ("18-24", "25-34", "35-44", "45-54", "55-64", "65-74", "75-", "unknown")
_AGE_ENDS = (24, 34, 44, 54, 64, 74)
SUPPRESSED = {"no": "May be contacted", "yes": "Must not be contacted"}
LAST_CONTACT = "greatest(last_contact_us_on, last_contact_others_until)"

# in the order in which explorer.codes has them
PERSON_QUESTIONS = {
    "mail": "vote_by_mail_comfort",
    "postal": "postal_service_trust",
    "turnout": "turnout_intent",
    "plan": "vote_method_plan",
}
ANSWER_BITS = 4
# a state house has some hundreds
MOST_CANDIDATES = 1022


def facets(office: str, domain: Domain, vocabulary: Vocabulary, today: date) -> dict[str, Facet]:
    """Every facet by its parameter, in the order of the page. today: what ages and days are counted from."""
    found = [
        _answers(
            "support", "candidate_support", f"Support · {OFFICES[office]}", vocabulary, Column(f"support_{office}")
        ),
        _listed(
            "candidate",
            "Candidate",
            "Whom the newest answer about this office is about.",
            _candidates(domain.candidates.get(office, ()), vocabulary),
            f"support_{office}_candidate",
            most=MOST_CANDIDATES,
        ),
        *(
            _answers(
                name,
                question,
                vocabulary.questions[question],
                vocabulary,
                Column(question),
                Stored(place * ANSWER_BITS, ANSWER_BITS),
            )
            for place, (name, question) in enumerate(PERSON_QUESTIONS.items())
        ),
        Facet(
            "reach",
            "Contacted by",
            "Who has contacted them, as far as you may see. Others are never named here.",
            _choices(REACH),
            bits=2,
            stored=Stored(19, 2),
        ),
        Facet(
            "last",
            "Last contact",
            "Days since the newest contact by anyone. Where others' dates are blurred, the last possible day counts.",
            _choices(LAST),
            bits=3,
            stored=Stored(37, 14, _last_steps(today)),
        ),
        Facet(
            "channel",
            "Channel",
            "How anyone has contacted them. One person may have been contacted in several ways.",
            tuple(Choice(value, vocabulary.channels.get(value, value), 1 << bit) for bit, value in enumerate(CHANNELS)),
            bits=8,
            stored=Stored(21, 8),
            is_set=True,
        ),
        Facet(
            "suppressed",
            "May we contact them?",
            "People who opted out, have died or moved, as somebody reported. Lists never hold them.",
            _choices(SUPPRESSED),
            bits=1,
            column=Flag("is_suppressed"),
        ),
        Facet(
            "ballot",
            "Ballot",
            "Where their ballot for the next election is. Who has voted is left out unless you ask.",
            (*_choices(BALLOTS)[1:], _choices(BALLOTS)[0]),
            bits=3,
            stored=Stored(16, 3),
        ),
        Facet(
            "age",
            "Age",
            "The age they reach this year.",
            tuple(Choice(value, _age_label(value), _age_code(value)) for value in AGES),
            bits=3,
            stored=Stored(29, 8, _age_steps(today)),
        ),
        _listed(
            "party",
            "Party",
            "Party of registration, as on the voter file.",
            {party: party for party in domain.parties},
            "party",
            most=MOST_PARTIES,
            none=Choice("none", "Not known", 0),
        ),
    ]
    return {facet.name: facet for facet in found}


def _choices(labels: dict[str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(value, label, code) for code, (value, label) in enumerate(labels.items()))


def _candidates(found: tuple[str, ...], vocabulary: Vocabulary) -> dict[str, str]:
    """Candidate -> name; with the contest, if somebody runs in two of them: a primary and the election."""
    names = {candidate: vocabulary.candidate(candidate) for candidate in found}
    for candidate, name in list(names.items()):
        known = vocabulary.candidates.get(candidate)
        if known and list(names.values()).count(name) > 1:
            names[candidate] = f"{name}, {vocabulary.contest(known.contest_id)}"
    return names


def _answers(
    name: str, question: str, label: str, vocabulary: Vocabulary, column: Column, stored: Stored | None = None
) -> Facet:
    """A question: the answers' own codes, and 0 for people who were not asked, as far as the partner may see."""
    choices = tuple(Choice(str(code), text, code) for code, text in vocabulary.answers[question])
    return Facet(
        name,
        label,
        "The newest answer that you may see, whoever asked.",
        (*choices, Choice("0", "Not asked", 0)),
        ANSWER_BITS,
        stored,
        column,
    )


def _listed(
    name: str,
    label: str,
    definition: str,
    values: dict[str, str],
    column: str,
    *,
    most: int,
    none: Choice | None = None,
) -> Facet:
    """A column of text: the code is the place in the list of values. 0: empty; the highest: beyond the list."""
    known = tuple(values)[:most]
    bits = (len(known) + 1).bit_length()
    choices = tuple(Choice(value, values[value], place) for place, value in enumerate(known, 1))
    return Facet(
        name, label, definition, (*choices, none) if none else choices, bits, column=Column(column, known, 2**bits - 1)
    )


def _last_steps(today: date) -> tuple[tuple[int, int], ...]:
    """The longer ago, the smaller the number: 1 is long ago."""
    ends = ((today - timedelta(days=days), code) for code, days in enumerate(_LAST_DAYS, 1))
    steps = [((end - _DAY_ZERO).days, code) for end, code in ends]
    return ((1, len(_LAST_DAYS) + 1), *reversed(steps))


def _age_steps(today: date) -> tuple[tuple[int, int], ...]:
    """The older, the smaller the number: 1 is born long ago."""
    steps = [(today.year - end - _YEAR_ZERO, code) for code, end in enumerate(_AGE_ENDS, 1)]
    return ((1, len(_AGE_ENDS) + 1), *reversed(steps))


def _age_code(band: str) -> int:
    return 0 if band == "unknown" else AGES.index(band) + 1


def _age_label(band: str) -> str:
    return {"unknown": "Not known", "75-": "75 and older"}.get(band, band.replace("-", " to "))

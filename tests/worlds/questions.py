"""Random contests of several levels, their candidates, and how partners' words map to them."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from .world import Row

US = "ocd-division/country:us"
CONTESTS = (
    # contest_id, office_level, division
    ("us-president", "president", US),
    ("nc-senate", "us_senate", f"{US}/state:nc"),
    ("ga-senate", "us_senate", f"{US}/state:ga"),
    ("nc-02", "us_house", f"{US}/state:nc/cd:2"),
    ("nc-04", "us_house", f"{US}/state:nc/cd:4"),
    ("ga-05", "us_house", f"{US}/state:ga/cd:5"),
    ("nc-governor", "governor", f"{US}/state:nc"),
    ("nc-sldu-15", "state_senate", f"{US}/state:nc/sldu:15"),
    ("nc-sldl-33", "state_house", f"{US}/state:nc/sldl:33"),
    ("ga-sldl-56", "state_house", f"{US}/state:ga/sldl:56"),
    ("wake-sheriff", "county", f"{US}/state:nc/county:wake"),
    ("fulton-chair", "county", f"{US}/state:ga/county:fulton"),
    ("raleigh-mayor", "municipal", f"{US}/state:nc/place:raleigh"),
    ("chapel-hill-mayor", "municipal", f"{US}/state:nc/place:chapel_hill"),
)
PERSON_QUESTIONS = {
    "vote_by_mail_comfort": 5,
    "postal_service_trust": 3,
    "turnout_intent": 6,
    "vote_method_plan": 5,
}
SUPPORT_CODES = 5
IGNORED_QUESTION = "Yard sign?"


def contests() -> list[Row]:
    return [
        {
            "contest_id": contest_id,
            "office_level": level,
            "contest_name": contest_id.replace("-", " ").title(),
            "division_id": division,
            "election_on": "2026-11-03",
            "valid_from": "",
            "valid_until": "",
        }
        for contest_id, level, division in CONTESTS
    ]


def candidates() -> list[Row]:
    """Two of each contest."""
    return [
        {
            "candidate_id": f"{contest_id}-{letter}",
            "contest_id": contest_id,
            "candidate_name": f"{letter.upper()} of {contest_id}",
            "party": party,
        }
        for contest_id, _, _ in CONTESTS
        for letter, party in (("a", "DEM"), ("b", "REP"))
    ]


def random_answer_map(rng: Random, partners: list[Row], first_day: date) -> list[Row]:
    """Everybody's words; some partners use the same words for other codes, some change their meaning on a day."""
    rows = []
    for question, codes, columns in _questions():
        for code in range(1, codes + 1):
            rows.append(_mapping(question, str(code), columns | {"answer_code": str(code)}))
    own_words = rng.sample([row["partner_id"] for row in partners], 2)
    for question, codes, columns in rng.sample(_questions(), 6):
        partner = rng.choice(own_words)
        if any(row["source_question"] == question and row["partner_id"] == partner for row in rows):
            continue
        change = first_day + timedelta(days=rng.randint(-20, 0))
        for code in range(1, codes + 1):
            mapping = _mapping(question, str(code), columns | {"partner_id": partner})
            before = {"answer_code": str(codes + 1 - code), "valid_until": change.isoformat()}
            after = {"answer_code": "1", "valid_from": (change + timedelta(days=1)).isoformat()}
            rows += [mapping | before, mapping | after]
    rows.append(_mapping(IGNORED_QUESTION, "*", {"question_code": "ignore"}))
    return rows


def question_texts() -> list[tuple[str, int]]:
    """What may be asked, with the number of answers: '1', '2' ..."""
    return [(question, codes) for question, codes, _ in _questions()]


def _questions() -> list[tuple[str, int, Row]]:
    found = [
        (
            f"Support {contest_id} {letter}",
            SUPPORT_CODES,
            {
                "question_code": "candidate_support",
                "contest_id": contest_id,
                "candidate_id": f"{contest_id}-{letter}",
            },
        )
        for contest_id, _, _ in CONTESTS
        for letter in "ab"
    ]
    return found + [(f"About {code}", codes, {"question_code": code}) for code, codes in PERSON_QUESTIONS.items()]


def _mapping(question: str, answer: str, columns: Row) -> Row:
    return {
        "file_format": "generic_contacts",
        "partner_id": "*",
        "id_scope": "*",
        "source_question": question,
        "source_answer": answer,
        "question_code": "",
        "contest_id": "",
        "candidate_id": "",
        "answer_code": "",
        "valid_from": "",
        "valid_until": "",
    } | columns

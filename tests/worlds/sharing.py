"""Random sharing rules of every kind, always obeying the firewall between the two sides, and give-to-get limits."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from .world import Row

EMBARGO_DAYS = (0, 0, 1, 7, 14, 30)
CHANNELS = ("door", "phone", "text", "email", "mail", "event", "online", "other")
OFFICE_LEVELS = ("president", "us_senate", "us_house", "governor", "state_senate", "state_house", "county")
QUESTIONS = (
    "candidate_support",
    "vote_by_mail_comfort",
    "postal_service_trust",
    "turnout_intent",
    "vote_method_plan",
)


# days, and answers near what a partner of a world gives in them: some meet a limit, some do not, and some cross it
LIMITS = ((3, (2, 4, 8)), (10, (6, 10, 15)), (60, (15, 25, 35)))


def random_limits(rng: Random, partners: list[Row], groups: list[Row]) -> list[Row]:
    """Up to three limits, each about one partner or several; a quarter of all worlds have none."""
    terms = rng.choice([selectors(partners, groups), [row["partner_id"] for row in partners]])
    return [random_limit(rng, term) for term in rng.sample(terms, rng.randint(0, 3))]


def random_limit(rng: Random, partner: str) -> Row:
    window_days, numbers = rng.choice(LIMITS)
    return {"partner": partner, "window_days": str(window_days), "min_answers": str(rng.choice(numbers))}


def selectors(partners: list[Row], groups: list[Row]) -> list[str]:
    """Everything that a rule or a limit may say for partners."""
    found = ["*", "group:all", "group:coordinated", "group:independent"]
    found += sorted({f"group:{row['group_id']}" for row in groups})
    return found + [row["partner_id"] for row in partners]


def random_rules(rng: Random, partners: list[Row], groups: list[Row], today: list[date], count: int = 40) -> list[Row]:
    """`today`: the UTC dates of the refreshes; validity starts and ends on them, the day before and the day after."""
    terms = selectors(partners, groups)
    rules = []
    for number in range(count):
        withholds = rng.random() < 0.2
        rule = {
            "rule_id": f"rule-{number:02d}",
            "effect": "withhold" if withholds else "share",
            "contributor": rng.choice(terms),
            # a withholding for everybody would leave nothing to test
            "recipient": rng.choice([row["partner_id"] for row in partners] if withholds else terms),
            **_subject(rng),
            "state": rng.choice(["*", "*", "NC", "GA"]),
            "channel": rng.choice(CHANNELS) if withholds or rng.random() < 0.3 else "*",
            "embargo_days": str(rng.choice(EMBARGO_DAYS)),
            "attribution": rng.choice(["blind", "named"]),
            "date_precision": rng.choice(["day", "month", "two_months"]),
            **_validity(rng, today),
            "agreement": f"agreement {number}",
        }
        if crosses_sides(rule, partners, groups):
            rule |= {"attribution": "blind", "date_precision": rng.choice(["month", "two_months"])}
        rules.append(rule)
    return rules


def crosses_sides(rule: Row, partners: list[Row], groups: list[Row]) -> bool:
    """Could the rule match a contributor of one side and a recipient of the other?"""
    givers = {row["side"] for row in partners if selects(rule["contributor"], row, groups)}
    takers = {row["side"] for row in partners if selects(rule["recipient"], row, groups)}
    return any(giver != taker for giver in givers for taker in takers)


def selects(selector: str, partner: Row, groups: list[Row]) -> bool:
    if selector in ("*", "group:all", partner["partner_id"], f"group:{partner['side']}"):
        return True
    return {"group_id": selector.removeprefix("group:"), "partner_id": partner["partner_id"]} in groups


def _subject(rng: Random) -> Row:
    subject = rng.choice(["responses", "responses", "contacts", "*"])
    if subject == "contacts" or rng.random() < 0.4:
        return {"subject": subject, "question_code": "*", "office_level": "*"}
    question = rng.choice(["*", "candidate_support", *QUESTIONS])
    level = rng.choice(OFFICE_LEVELS) if question in ("*", "candidate_support") and rng.random() < 0.5 else "*"
    return {"subject": subject, "question_code": question, "office_level": level}


def _validity(rng: Random, today: list[date]) -> Row:
    bounds = sorted(rng.choice(today) + timedelta(days=rng.choice([-1, 0, 1])) for _ in range(2))
    return {
        "valid_from": bounds[0].isoformat() if rng.random() < 0.3 else "",
        "valid_until": bounds[1].isoformat() if rng.random() < 0.3 else "",
    }

"""Names of codes and values of one small partner, for tests of the dashboard that need no database."""

from __future__ import annotations

from datetime import date

from dashboard.explorer.domain import Domain
from dashboard.vocabulary import OFFICES, Candidate, Contest, Vocabulary

WORDS = Vocabulary(
    answers={
        "candidate_support": [
            (1, "Strong support"),
            (2, "Lean support"),
            (3, "Undecided"),
            (4, "Lean oppose"),
            (5, "Strong oppose"),
        ],
        "vote_by_mail_comfort": [(code, f"Comfort {code}") for code in range(1, 6)],
        "postal_service_trust": [(1, "Trusts"), (2, "Unsure"), (3, "Distrusts")],
        "turnout_intent": [(code, f"Turnout {code}") for code in range(1, 7)],
        "vote_method_plan": [(code, f"Plan {code}") for code in range(1, 7)],
    },
    questions={
        "candidate_support": "Support for a candidate",
        "vote_by_mail_comfort": "Comfort with voting by mail",
        "postal_service_trust": "Trust in the Postal Service",
        "turnout_intent": "Intention to vote",
        "vote_method_plan": "How the voter plans to vote",
    },
    channels={"door": "Door", "phone": "Phone call", "text": "Text message"},
    contact_results={},
    contests={"pa_governor": Contest("pa_governor", "governor", "Governor", "ocd", date(2026, 11, 3))},
    candidates={"lopez": Candidate("lopez", "pa_governor", "María Lopez", "DEM")},
    counties={"42101": "Philadelphia County", "42003": "Allegheny County"},
    states={"PA": "Pennsylvania"},
)
DOMAIN = Domain(
    voters=100,
    answers={office: 10 * (office == "governor") for office in OFFICES},
    candidates={"governor": ("lopez", "whitfield")},
    parties=("DEM", "REP"),
    places={"state": ("PA",), "county": ("42003", "42101"), "cd": ("PA-3",), "sd": (), "hd": ("PA-9", "PA-10")},
    county_states={"42003": "PA", "42101": "PA"},
    has_names=True,
)

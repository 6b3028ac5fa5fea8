"""What partners ask, in each tool's own words, and how an answer in those words maps to the exchange's codes.

Grain: one Ask per (partner's script, question). The words differ by tool on purpose: "1" means support for the
opponent in one committee's question, and one question id is re-cycled after the primary.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from exchange.demo.contests import CONTEST_OF, NAME_OF

SUPPORT = "candidate_support"
MAIL = "vote_by_mail_comfort"
POSTAL = "postal_service_trust"
TURNOUT = "turnout_intent"
PLAN = "vote_method_plan"
IGNORE = "ignore"

WORDS: dict[str, tuple[str, ...]] = {
    MAIL: ("Very comfortable", "Somewhat comfortable", "Not very comfortable", "Not at all comfortable",
           "Already voted"),
    POSTAL: ("Trusts", "Unsure", "Does not trust"),
    TURNOUT: ("Definitely", "Probably", "Undecided", "Probably not", "Will not vote"),
    PLAN: ("By mail", "Early in person", "Election day", "Undecided"),
    SUPPORT: ("Strong support", "Lean support", "Undecided", "Lean oppose", "Strong oppose"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ask:
    """`answers`: (the tool's text, answer code) in the tool's order; `share`: how often an answering voter is asked.

    `map_partner`: the partner of the answer_map row, `*` for a wording that everybody on a format uses;
    blank: the partner itself. For an `ignore` question the codes mean nothing.
    """

    source_question: str
    answers: tuple[tuple[str, int], ...]
    question_code: str
    candidate_id: str = ""
    share: float = 1.0
    valid_from: str = ""
    valid_until: str = ""
    map_partner: str = ""

    @property
    def contest_id(self) -> str:
        return CONTEST_OF.get(self.candidate_id, "")


def _surname(candidate: str) -> str:
    return NAME_OF[candidate].split()[-1]


def van_support(name: str, candidate: str, rival: str, share: float = 1.0) -> Ask:
    """A VAN candidate question: labels name whom the voter leans to; only the leading digit is regular."""
    ours, theirs = _surname(candidate), _surname(rival)
    labels = (f"1 - Strong {ours}", f"2 - Lean {ours}", "3 - Undecided", f"4 - Lean {theirs}", f"5 - Strong {theirs}")
    return Ask(name, tuple((label, code) for code, label in enumerate(labels, 1)), SUPPORT, candidate, share)


def van_opposition(name: str, candidate: str, rival: str, share: float = 0.2) -> Ask:
    """The rival's question, recorded about our candidate: here 1 is support for the opponent."""
    asked = van_support(name, rival, candidate, share)
    return replace(asked, answers=tuple((text, 6 - code) for text, code in asked.answers), candidate_id=candidate)


def van_person(name: str, question_code: str, share: float) -> Ask:
    labels = [(f"{code} - {word}", code) for code, word in enumerate(WORDS[question_code], 1)]
    return Ask(name, tuple(labels), question_code, share=share)


def by_ids(ask: Ask, question_id: int, first_response_id: int) -> Ask:
    """The same question as a VAN pipeline table has it: ids instead of words."""
    answers = tuple((str(first_response_id + n), code) for n, (_, code) in enumerate(ask.answers))
    return replace(ask, source_question=str(question_id), answers=answers)


def plain(name: str, question_code: str, candidate: str = "", share: float = 1.0, map_partner: str = "") -> Ask:
    """A generic file's question: the answer is the code."""
    answers = tuple((str(code), code) for code in range(1, len(WORDS[question_code]) + 1))
    return Ask(name, answers, question_code, candidate, share, map_partner=map_partner)


def texted(question: str, question_code: str, candidate: str = "", share: float = 1.0) -> Ask:
    """A texting tool's question: the answer is the label of a branch of the script."""
    answers = tuple((word, code) for code, word in enumerate(WORDS[question_code], 1))
    return Ask(question, answers, question_code, candidate, share)


def ignored(question: str, *answers: str, share: float = 0.1) -> Ask:
    """Known and not taken: a row with it is a contact without a response."""
    return Ask(question, tuple((answer, 0) for answer in answers), IGNORE, share=share)


def reversed_scale(ask: Ask) -> Ask:
    """The partner counts the other way round: its 1 is our last code."""
    codes = [code for _, code in ask.answers]
    return replace(
        ask, answers=tuple((text, code) for (text, _), code in zip(ask.answers, reversed(codes), strict=True))
    )


def until_primary(ask: Ask) -> Ask:
    return replace(ask, valid_until="2026-05-19")


def after_primary(ask: Ask) -> Ask:
    return replace(ask, valid_from="2026-05-20")

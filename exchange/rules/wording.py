"""Verdicts, rules and rows in words, for people who run the exchange."""

from __future__ import annotations

from datetime import date
from typing import Any

from exchange.registry import SharingRule
from exchange.rules.changes import RowChange, RuleChange
from exchange.rules.comparing import Tally
from exchange.rules.explaining import ShareOfClass
from exchange.rules.giving import LimitOnPartner
from exchange.rules.judging import Form, Mismatch, Validity, Verdict
from exchange.rules.live_rows import Contact, Response
from exchange.rules.parties import Parties, Party
from exchange.rules.records import Located
from exchange.rules.rows import Hindrance, RowExplained, RuleOnRow

_PRECISIONS = {"day": "to the day", "month": "to the month", "two_months": "to two months"}
_FIELDS = {"question_code": "question", "office_level": "office level"}
_FATES = {
    "not_a_contact": "It is neither an answer nor a contact",
    "quarantined": "It is quarantined",
    "in_review": "It is in review",
    "unmatched": "It is unmatched",
    "copy": "It is a copy",
    "superseded": "It is superseded",
    "retracted": "It is retracted",
}


def form(one: Form) -> str:
    """`named, to the day`."""
    return f"{'named' if one.named else 'blind'}, {_PRECISIONS[one.date_precision]}"


def rule_form(rule: SharingRule) -> str | None:
    if rule.attribution is None or rule.date_precision is None or rule.effect == "withhold":
        return None
    return form(Form(rule.attribution == "named", rule.date_precision))


def validity(rule: SharingRule, now: Validity) -> str:
    if now == "not_yet":
        return f"from {rule.valid_from}"
    if now == "ended":
        return f"ended {rule.valid_until}"
    return f"yes, until {rule.valid_until}" if rule.valid_until else "yes"


def parties(told: Parties) -> list[str]:
    """What holds for all rows between the two."""
    lines = [f"{_party(told.recipient)} {_states(told.recipient)}", _party(told.contributor)]
    if told.recipient.partner_id == told.contributor.partner_id:
        lines = [lines[0], "A partner sees its own rows always: exact, and marked as its own."]
    elif told.is_across:
        lines.append("They are on different sides: what one sees of the other is blind and coarser than a day.")
    lines += [limit(one, told.recipient.partner_id) for one in told.limits]
    if not told.recipient.has_views:
        why = "is inactive" if not told.recipient.is_active else "is suspended"
        lines.append(f"{told.recipient.partner_id} {why} and reads nothing: this is what the rules would show.")
    if told.registry_differs:
        lines.append("The registry has changed since that refresh: the views follow with the next one.")
    return lines


def limit(one: LimitOnPartner, partner_id: str) -> str:
    """`a must give 100 answers in 30 days (group:table) and gave 42: too few, no rule shows it others' rows.`"""
    asked = f"{_count(one.limit.min_answers, 'answer')} in {_count(one.limit.window_days, 'day')}"
    meant_by = "" if one.limit.partner == partner_id else f" ({one.limit.partner})"
    enough = "enough." if one.is_met else "too few, so no rule shows it rows of others."
    return f"{partner_id} must give {asked}{meant_by} and gave {one.given:,}: {enough}"


def share(one: ShareOfClass) -> str:
    """What the rules say of some rows of a class."""
    if one.form is not None:
        return form(one.form)
    if one.outcome == "embargoed" and one.visible_from and one.first_on < one.last_on:
        return f"embargo, for the first row until {one.visible_from}"
    return _hidden(Verdict(one.outcome, visible_from=one.visible_from))


def verdict(one: Verdict) -> str:
    """`visible (blind, to the month) by r03` or `hidden (withheld) by r13`."""
    if one.outcome == "own":
        return f"visible ({form(one.form)}), its own" if one.form else "its own"
    rules = " and ".join(one.rule_ids)
    if one.outcome == "not_in_force":
        return f"hidden (what matches is not in force: {rules})"
    by = f" by {rules}" if rules else ""
    return f"visible ({form(one.form)}){by}" if one.form else f"hidden ({_hidden(one)}){by}"


def rule_on_row(one: RuleOnRow) -> str:
    """What one rule says of the row."""
    if one.result == "no_match":
        mismatches = "; ".join(_mismatch(each) for each in one.mismatches)
        late = "" if one.validity == "in_force" else f"; not in force ({validity(one.rule, one.validity)})"
        return f"does not match: {mismatches}{late}"
    if one.result == "not_in_force":
        return f"matches, but is not in force: {validity(one.rule, one.validity)}"
    if one.result == "hides":
        return "matches and hides the row"
    if one.result == "embargoed":
        return f"matches, but embargo {_until(one.visible_from)}"
    if one.result == "below_limit":
        return f"matches, but the recipient is below its give-to-get limit: {rule_form(one.rule)}"
    return f"matches and counts: {rule_form(one.rule)}"


def row(one: Response | Contact) -> str:
    """The row itself, without its voter's name."""
    where = f"of a voter in {one.state}, by {one.channel}, on {one.contact_on}"
    if isinstance(one, Contact):
        return f"A contact {where}: {one.contact_result or 'no result'}."
    label = f" {one.answer_label}" if one.answer_label else ""
    return f"An answer {where}: {topic(one)} = {one.answer_code}{label}."


def topic(one: Response) -> str:
    """`candidate_support (governor, pa_governor_2026, lopez)`."""
    about = ", ".join(part for part in (one.office_level, one.contest_id, one.candidate_id) if part)
    return f"{one.question_code} ({about})" if about else one.question_code


def fate(one: Located) -> str:
    """Where a record is that is no row of the marts."""
    sentences = [f"{_FATES[one.fate]}: {one.told}.", "No rule is asked: it is in nobody's voter_responses or contacts."]
    if one.counted_as is not None:
        sentences.append(f"What counts is {one.counted_as}")
    if one.what_to_do is not None:
        sentences.append(one.what_to_do)
    return " ".join(sentences)


def shown(told: RowExplained) -> str:
    """Whether the row stands in a view of the recipient, and what else keeps it out."""
    view = "contacts" if isinstance(told.row, Contact) else "voter_responses"
    if told.is_shown and told.judged is not None and told.person is not None:
        since, until = told.judged.shown_from, told.judged.shown_until
        dates = f"{since}" if since == until else f"{since} to {until}"
        link = "" if told.is_linked is None else f" {_link(is_linked=told.is_linked)}"
        return f"Shown in {view}: person_id {told.person.person_id}, dated {dates}.{link}"
    reasons = "; ".join(_hindrance(each, told) for each in told.hindrances)
    reach = " It counts for reach all the same, through an answer given in it." if told.counts_for_reach else ""
    return f"Not shown in {view}: {reasons}.{reach}"


def reformed(tally: Tally) -> str:
    """`12 blind, to the month -> named, to the day`."""
    return "; ".join(f"{rows:,} {form(old)} -> {form(new)}" for (old, new), rows in tally.reformed.items())


def change(one: RowChange) -> str:
    """What differs in a line: `valid_until: (blank) -> 2026-12-31`."""
    told = ", ".join(f"{name}: {_blank(old)} -> {_blank(new)}" for name, (old, new) in one.columns.items())
    if isinstance(one, RuleChange) and one.kind != "removed" and one.validity != "in_force":
        told = "; ".join(
            part for part in (told, f"not in force on this day ({one.validity.replace('_', ' ')})") if part
        )
    return told


def _hidden(one: Verdict) -> str:
    return {
        "outside_states": "a voter of a state it does not see",
        "withheld": "withheld",
        "below_limit": "below the give-to-get limit",
        "embargoed": f"embargo {_until(one.visible_from)}",
        "not_in_force": "what matches is not in force",
    }.get(one.outcome, "no rule shows it")


def _until(day: date | None) -> str:
    return f"until {day}" if day else "without end, or beyond the rule's own"


def _mismatch(one: Mismatch) -> str:
    has = "has none" if one.row is None else f"has {one.row}"
    return f"{_FIELDS.get(one.field, one.field)}: the rule says {one.rule}, the row {has}"


def _hindrance(one: Hindrance, told: RowExplained) -> str:
    if one == "hidden":
        return "the rules hide it"
    if one == "newer_answer":
        newest = next(seen.answer for seen in told.answers if seen.is_visible)
        return f"{newest.feed_id}/{newest.record_id} of {newest.partner_id} is the newest visible answer"
    recipient = told.parties.recipient.partner_id
    return {
        "inactive": f"{recipient} is inactive and has no views",
        "suspended": f"{recipient} is suspended and reads nothing",
        "left_the_voter_file": "the voter is not on the voter file now",
        "protected": "the voter is protected and in no view of anybody",
    }.get(one, f"the person has no id in {recipient}'s namespace")


def _link(*, is_linked: bool) -> str:
    if is_linked:
        return "Its contact_id leads to its row in contacts."
    return "Its contact_id is empty: the contact is hidden or shown in another form."


def _party(party: Party) -> str:
    if party.has_left:
        return f"{party.partner_id}: has left the registry, so no rule is about it."
    state = "" if party.is_active or party.partner_id == "exchange" else ", inactive"
    return f"{party.partner_id}: {party.side or 'on no side'}{state}{', suspended' if party.is_suspended else ''}."


def _states(party: Party) -> str:
    if not party.states:
        return "It sees voters of no state."
    return "It sees voters of every state." if party.states == "*" else f"It sees voters of {party.states}."


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _blank(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "(blank)" if value is None else str(value)

"""`exchange rules`: why does a partner see a row, and who gains or loses by a change of the registry?"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from exchange import rules
from exchange.cli.console import console, print_json, table
from exchange.errors import ExchangeError, Place
from exchange.registry import load_registry
from exchange.rules import Comparison, PairExplained, RowExplained, documents, wording
from exchange.rules.judging import SUBJECTS
from exchange.settings import Settings
from exchange.warehouse.bootstrap import administrator

app = typer.Typer(
    help="Explain and compare sharing rules. For operators: no rule applies to what they say.",
    no_args_is_help=True,
    add_completion=False,
)

# where sharing makes the rows; --json has every relation
SHOWN_RELATIONS = ("voter_responses", "contacts", "voters", "suppressions")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def explain(
    recipient: Annotated[str, typer.Option(metavar="PARTNER", help="Who would see it.")],
    contributor: Annotated[str, typer.Option(metavar="PARTNER", help="Whose rows.")],
    row: Annotated[str | None, typer.Option(metavar="FEED/RECORD", help="This record alone.")] = None,
    contact: Annotated[str | None, typer.Option(metavar="CONTACT_ID", help="This contact alone.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what RECIPIENT sees of CONTRIBUTOR, in which form and by which rules; or why (not) one row.

    Judged by the registry as it is, on the facts and the day of the newest refresh.
    """
    if row is not None and contact is not None:
        raise typer.BadParameter("name a record or a contact, not both.", param_hint="--contact")
    settings = Settings()
    registry = load_registry(settings.registry)
    with administrator(settings) as connection:
        if row is None and contact is None:
            pair = rules.explain_pair(connection, registry, recipient, contributor)
            print_json(documents.pair_document(pair)) if as_json else _print_pair(pair)
            return
        if row is not None:
            told = rules.explain_record(connection, registry, recipient, contributor, row)
        else:
            told = rules.explain_contact(connection, registry, recipient, contributor, str(contact))
    print_json(documents.row_document(told)) if as_json else _print_row(told, row or f"contact {contact}")


@app.command()
def diff(
    registry_a: Annotated[Path, typer.Argument(metavar="REGISTRY_A", help="The registry's folder before.")],
    registry_b: Annotated[Path, typer.Argument(metavar="REGISTRY_B", help="The registry's folder after.")],
    on: Annotated[str | None, typer.Option(metavar="DATE", help="Judge on this day, not the last refresh's.")] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 if anything changes.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say who gains and loses how many rows if REGISTRY_B takes the place of REGISTRY_A, by today's facts.

    Counted are other partners' live rows that the rules show, before reconciling: an answer that a newer one hides
    counts too. A registry that would not load is refused.
    """
    settings = Settings()
    before, after = load_registry(registry_a), load_registry(registry_b)
    with administrator(settings) as connection:
        told = rules.compare(connection, before, after, _day(on))
    print_json(documents.comparison_document(told)) if as_json else _print_comparison(told)
    if exit_code and not told.is_empty:
        raise typer.Exit(1)


@app.command()
def audiences(as_json: AsJson = False) -> None:
    """List the audiences of the last refresh: partners with the same permissions, and the rows they read."""
    with administrator(Settings()) as connection:
        found = rules.audiences(connection)
    if as_json:
        print_json({"count": len(found), "audiences": [asdict(audience) for audience in found]})
        return
    columns = ["audience", "partners", "own rows of", "states", "ids", "fields", *SHOWN_RELATIONS]
    rows = [
        [
            *(str(one.audience_id), ", ".join(one.partners), one.contributor, one.states),
            *(" ".join(part for part in (one.id_namespace, one.id_scope) if part), one.voter_fields),
            *(one.rows.get(relation) for relation in SHOWN_RELATIONS),
        ]
        for one in found
    ]
    console().print(table(f"{len(found)} audiences: published rows", columns, rows, numbers=SHOWN_RELATIONS))


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        place = Place(column="--on")
        raise ExchangeError("This is no day.", place=place, expected="a date such as 2026-10-31", got=text) from None


def _print_pair(told: PairExplained) -> None:
    out = console()
    recipient, contributor = told.parties.recipient.partner_id, told.parties.contributor.partner_id
    out.print(f"What {recipient} sees of {contributor}, on {told.parties.today} (refresh {told.parties.refresh_id}).")
    for line in wording.parties(told.parties):
        out.print(line, markup=False)
    columns = ["rule", "effect", "contributor", "recipient", "subject", "question", "office", "state", "channel"]
    columns += ["embargo", "form", "in force", "responses", "contacts"]
    rules_of_pair = [
        [
            *(one.rule.rule_id, one.rule.effect, one.rule.contributor, one.rule.recipient, one.rule.subject),
            *(one.rule.question_code, one.rule.office_level, one.rule.state, one.rule.channel, one.rule.embargo_days),
            *(wording.rule_form(one.rule), wording.validity(one.rule, one.validity), one.responses, one.contacts),
        ]
        for one in told.rules
    ]
    if rules_of_pair:
        title = "Rules about the two, and how many rows each one matches"
        out.print(table(title, columns, rules_of_pair, numbers=["embargo", "responses", "contacts"]))
    elif recipient != contributor:
        out.print("No rule is about the two.")
    columns = ["subject", "question", "office", "state", "channel", "rows", "nameable", "shown", "rules", "dates"]
    shares = [
        [
            *(one.row_class.subject, one.row_class.question_code, one.row_class.office_level, one.row_class.state),
            *(one.row_class.channel, one.rows, one.nameable, wording.share(one), " ".join(one.rule_ids)),
            f"{one.first_on} to {one.last_on}",
        ]
        for one in told.classes
    ]
    if shares:
        out.print(table(f"Rows of {contributor}", columns, shares, numbers=["rows", "nameable"]))
    for subject in SUBJECTS:
        total = told.total(subject)
        out.print(
            f"{total.visible:,} of {total.rows:,} {subject} are visible,"
            f" {total.nameable:,} of them about people whom {recipient}'s views can name."
        )


def _print_row(told: RowExplained, asked: str) -> None:
    out = console()
    recipient = told.parties.recipient.partner_id
    out.print(f"{asked}, for {recipient}, on {told.parties.today} (refresh {told.parties.refresh_id}).", markup=False)
    for line in wording.parties(told.parties):
        out.print(line, markup=False)
    if told.row is None or told.judged is None:
        if told.located is not None:
            out.print(f"{told.located.file_name}, line {told.located.line}. {wording.fate(told.located)}", markup=False)
        return
    if told.located is not None and told.located.fate == "contact":
        out.print(f"The record is part of the contact {told.located.contact_id} and has no answer.", markup=False)
    out.print(wording.row(told.row), markup=False)
    on_row = [[one.rule.rule_id, one.rule.effect, wording.rule_on_row(one)] for one in told.judged.rules]
    if on_row:
        out.print(table("Rules about the two", ["rule", "effect", "this row"], on_row))
    out.print(f"By the rules: {wording.verdict(told.judged.verdict)}.", markup=False)
    out.print(wording.shown(told), markup=False)
    answers = [
        [
            *(f"{one.answer.feed_id}/{one.answer.record_id}", one.answer.partner_id, one.answer.contacted_at),
            f"{wording.topic(one.answer)} = {one.answer.answer_code}"
            if told.is_contact
            else str(one.answer.answer_code),
            *(wording.verdict(one.verdict), "this row" if one.is_this_row else None),
        ]
        for one in told.answers
    ]
    if answers:
        about = "given in this contact" if told.is_contact else "of this voter to the same question, the newest first"
        out.print(table(f"Answers {about}", ["record", "contributor", "at", "answer", f"for {recipient}", ""], answers))


def _print_comparison(told: Comparison) -> None:
    out = console()
    out.print(f"Judged on {told.today}, by the facts of refresh {told.refresh_id}.")
    changes = [["rule", one.key, one.kind, wording.change(one)] for one in told.changes.rules]
    changes += [["limit", one.key, one.kind, wording.change(one)] for one in told.changes.limits]
    changes += [["partner", one.key, one.kind, wording.change(one)] for one in told.changes.partners]
    for kind, memberships in (
        ("added", told.changes.memberships_added),
        ("removed", told.changes.memberships_removed),
    ):
        changes += [["member", f"{partner} of group:{group}", kind, ""] for group, partner in memberships]
    if changes:
        out.print(table("What differs", ["", "id", "change", "columns"], changes))
    numbers = ["before", "after", "gained", "lost"]
    pairs = [
        [
            *(pair.recipient, pair.contributor, pair.subject, pair.tally.before, pair.tally.after),
            *(pair.tally.gained, pair.tally.lost, wording.reformed(pair.tally)),
        ]
        for pair in told.pairs
        if pair.tally.is_changed
    ]
    if pairs:
        columns = ["recipient", "contributor", "subject", *numbers, "in another form"]
        out.print(table("Who sees other rows", columns, pairs, numbers=numbers))
        tallies = [pair.tally for pair in told.pairs]
        gained, lost = sum(tally.gained for tally in tallies), sum(tally.lost for tally in tallies)
        other_form = sum(tally.reformed.total() for tally in tallies)
        out.print(f"Together: {gained:,} gained, {lost:,} lost, {other_form:,} in another form.")
    elif changes:
        out.print("Nobody sees other rows.")
    else:
        out.print("Nothing changes.")
    out.print(f"Audiences: {told.audiences_before} before, {told.audiences_after} after.")
    if told.below_before or told.below_after:
        before, after = (", ".join(partners) or "nobody" for partners in (told.below_before, told.below_after))
        out.print(f"Below their give-to-get limit: {before} before, {after} after.", markup=False)
    if told.changes.other_files:
        files = ", ".join(told.changes.other_files)
        out.print(f"Also different, and not judged: {files}. They change the facts at the next refresh.", markup=False)

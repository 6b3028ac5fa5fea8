"""The vocabulary that ships: complete as the design demands, and free of contradictions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from exchange.registry import Registry, load_registry
from tests.registry_files import write_registry


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return load_registry(write_registry(tmp_path_factory.mktemp("registry")))


def test_codes_of_the_design(registry: Registry) -> None:
    answers = {(answer.question_code, answer.answer_code): answer for answer in registry.answers}
    scopes = {question.question_code: question.scope for question in registry.questions}
    about_the_person = ("vote_by_mail_comfort", "postal_service_trust", "turnout_intent", "vote_method_plan")
    assert scopes["candidate_support"] == "contest"
    assert [scopes[code] for code in about_the_person] == ["person"] * 4
    assert [answers["candidate_support", code].answer_label for code in range(1, 6)] == [
        "Strong support",
        "Lean support",
        "Undecided",
        "Lean oppose",
        "Strong oppose",
    ]
    assert [answers["candidate_support", code].rollup_code for code in range(1, 6)] == [
        "supporter",
        "supporter",
        "undecided",
        "opponent",
        "opponent",
    ]
    assert answers["vote_by_mail_comfort", 5].answer_label == "Already voted"
    results = (
        "canvassed texted not_home refused left_message busy call_back come_back language_barrier "
        "wrong_number disconnected undeliverable moved deceased do_not_call do_not_text do_not_walk "
        "do_not_mail do_not_email opted_out"
    )
    scopes_and_undo = "opted_out_caller opted_out_all opted_in"
    assert {result.contact_result for result in registry.contact_results} == {
        *results.split(),
        *scopes_and_undo.split(),
    }
    channels = "door phone text email mail event online other"
    assert [channel.channel for channel in registry.channels] == channels.split()


def test_ranks_tell_results_apart(registry: Registry) -> None:
    # with equal ranks, which result of a conversation is shown would be chance
    ranks = [result.result_rank for result in registry.contact_results]
    assert len(set(ranks)) == len(ranks)


def test_every_answer_rolls_up(registry: Registry) -> None:
    assert all(answer.rollup_code for answer in registry.answers)


@pytest.mark.parametrize(
    ("file_format", "source_code", "contact_result"),
    [
        # VAN's names collide by abbreviation (DC, DE, CB): the ids must not be mixed up
        ("van_contactscontacts", "4", "deceased"),
        ("van_contactscontacts", "13", "come_back"),
        ("van_contactscontacts", "17", "call_back"),
        ("van_contactscontacts", "22", "do_not_call"),
        ("van_contactscontacts", "131", "do_not_email"),
        ("van_contact_history_report", "Deliverability Error", "undeliverable"),
        ("spoke_contacts", "needsMessage", None),
        ("spoke_contacts", "messaged", "texted"),
    ],
)
def test_result_codes(registry: Registry, file_format: str, source_code: str, contact_result: str | None) -> None:
    codes = {(code.file_format, code.source_code): code.contact_result for code in registry.result_codes}
    assert codes[file_format, source_code] == contact_result


@pytest.mark.parametrize(
    ("namespace", "scope_kind", "good", "bad"),
    [
        ("state_voter_id", "state", "08719967", "a b"),
        ("vanid_voterfile", "state", "6455083", "V6455083"),
        ("vanid_campaign", "committee", "6455083", ""),
        ("dwid", "none", "15406767", "IL-15406767"),
        ("voterbase_id", "none", "IL-12568670", "12568670"),
        ("pdi_id", "none", "NV123456", "NV 1"),
        ("lalvoterid", "none", "LALGA399157167", "LAL399157167"),
        ("exchange", "none", "4711", "x"),
    ],
)
def test_namespaces(registry: Registry, namespace: str, scope_kind: str, good: str, bad: str) -> None:
    found = next(row for row in registry.id_namespaces if row.namespace == namespace)
    assert found.scope_kind == scope_kind
    assert re.search(found.pattern, good)
    assert not re.search(found.pattern, bad)


def test_places(registry: Registry) -> None:
    divisions = {county.county_fips: county.division_id for county in registry.counties}
    us = "ocd-division/country:us"
    assert divisions["37001"] == f"{us}/state:nc/county:alamance"
    assert divisions["42101"] == f"{us}/state:pa/county:philadelphia"
    # an independent city and the county of its name are two divisions
    assert (divisions["24510"], divisions["24005"]) == (
        f"{us}/state:md/place:baltimore",
        f"{us}/state:md/county:baltimore",
    )
    assert divisions["22071"] == f"{us}/state:la/parish:orleans"
    assert divisions["11001"] == f"{us}/district:dc"
    assert len(divisions) == 3143
    assert len(set(divisions.values())) == len(divisions)
    assert len(registry.us_states) == 56
    fips = {state.state: state.state_fips for state in registry.us_states}
    assert all(county.county_fips.startswith(fips[county.state]) for county in registry.counties)


def test_a_vocabulary_may_be_replaced_and_is_checked(tmp_path: Path) -> None:
    shipped = Path(__file__).parents[2] / "seeds" / "vocabulary"
    own = tmp_path / "vocabulary"
    own.mkdir()
    for file in shipped.glob("*.csv"):
        (own / file.name).write_bytes(file.read_bytes())
    with (own / "questions.csv").open("a") as questions:
        questions.write("roads,Opinion on roads,person,\n")
    folder = write_registry(tmp_path / "registry")
    assert load_registry(folder, own).questions[-1].question_code == "roads"
    assert load_registry(folder, own).digest() != load_registry(folder).digest()
    with (own / "answers.csv").open("a") as answers:
        answers.write("bridges,1,Good,\n")
    with pytest.raises(Exception, match="bridges"):
        load_registry(folder, own)

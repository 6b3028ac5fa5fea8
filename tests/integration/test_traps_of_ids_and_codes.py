"""The traps of who a row is about and what it means: each with its literal rows, seen through the partners' own logins.

The registry, the voters and who sees whom are in tests/traps/registry.py; ann calls a voter by the state's id, the
others by DWID. Traps of visibility, time and opt-outs are in test_traps.py.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.traps import Seen, delivers, seen_by_partners

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    with seen_by_partners(sys.modules[__name__], tmp_path_factory.mktemp("traps")) as found:
        yield found


# 6. Id scope


@delivers(
    "bob_van_nc",
    """
    statecode,contactscontactid,vanid,resultid,committeeid,datecanvassed,contacttypeid
    NC,1,7777,14,9,2026-08-01T10:00:00-04:00,2
    """,
)
@delivers(
    "bob_van_ca",
    """
    statecode,contactscontactid,vanid,resultid,committeeid,datecanvassed,contacttypeid
    CA,1,7777,14,9,2026-08-02T10:00:00-07:00,1
    """,
)
@delivers(
    "bob_doors",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    same-digits,7777,2026-08-03T10:00:00,email,canvassed,,
    """,
)
def test_vanid_7777_of_two_states_and_dwid_7777_are_told_apart(seen: Seen) -> None:
    by_bob = [row for state in ("NC", "CA") for row in seen.rows("ann", "contacts", "0601", state=state)]
    # the same state voter id, too; the DWID is the Californian's
    told = {(row["state"], row["channel"]) for row in by_bob if row["contributor"] == "bob"}
    assert told == {("NC", "door"), ("CA", "email"), ("CA", "phone")}


@delivers(
    "ann_county",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    with-zero,0601,2026-08-04T10:00:00,mail,canvassed,Mail?,1
    without-zero,601,2026-08-04T10:00:00,mail,canvassed,Mail?,4
    """,
)
def test_leading_zeros_are_part_of_an_id(seen: Seen) -> None:
    assert seen.answers("ann", "0601")["vote_by_mail_comfort"] == 1
    assert seen.answers("ann", "601")["vote_by_mail_comfort"] == 4


@delivers(
    "bob_committee_c1",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    c1,42,2026-08-05T10:00:00,door,canvassed,Mail?,1
    """,
)
@delivers(
    "bob_committee_c2",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    c2,42,2026-08-05T10:00:00,door,canvassed,Mail?,4
    """,
)
def test_a_mycampaign_id_is_its_committees(seen: Seen) -> None:
    assert seen.answers("ann", "0602") == {"vote_by_mail_comfort": 1}
    assert seen.answers("ann", "0603") == {"vote_by_mail_comfort": 4}


@delivers(
    "bob_committee_c2",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    before-the-merge,43,2026-08-06T10:00:00,mail,do_not_mail,,
    after-the-merge,42,2026-08-07T10:00:00,mail,do_not_mail,,
    """,
)
def test_two_ids_of_one_person_do_not_double_an_opt_out(seen: Seen) -> None:
    assert seen.kinds("ann", "0603") == [("do_not_mail", "channel")]


@delivers(
    "moved_ids",
    """
    state,state_voter_id,namespace,scope,external_id
    NC,0605,dwid,,605
    """,
)
@delivers(
    "moved_ids",
    """
    state,state_voter_id,namespace,scope,external_id
    NC,0606,dwid,,605
    """,
    refresh="october",
)
@delivers(
    "bob_doors",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    no-mail,605,2026-08-06T10:00:00,mail,do_not_mail,,
    """,
)
def test_a_re_matched_person_takes_an_opt_out_along_and_leaves_no_copy(seen: Seen) -> None:
    assert seen.kinds("ann", "0605", after="august") == [("do_not_mail", "channel")]
    assert seen.kinds("ann", "0605") == []
    assert seen.kinds("ann", "0606") == [("do_not_mail", "channel")]


# 7. Question and answer ids


@delivers(
    "bob_answers_nc",
    """
    statecode,contactssurveyresponseid,vanid,contactscontactid,surveyquestionid,surveyresponseid,datecanvassed,contacttypeid,committeeid
    NC,71,5701,71,311838,1288926,2022-10-01T10:00:00-04:00,2,9
    NC,72,5702,72,311838,1288926,2026-08-01T10:00:00-04:00,2,9
    """,
)
@delivers(
    "bob_answers_ca",
    """
    statecode,contactssurveyresponseid,vanid,contactscontactid,surveyquestionid,surveyresponseid,datecanvassed,contacttypeid,committeeid
    CA,71,5701,71,311838,1288926,2026-08-01T10:00:00-07:00,2,9
    """,
)
def test_a_question_id_means_what_its_state_and_year_say(seen: Seen) -> None:
    assert seen.answers("ann", "0701", state="NC") == {"lee22": 1}
    assert seen.answers("ann", "0702", state="NC") == {"lee": 1}
    assert seen.answers("ann", "0701", state="CA") == {"kim": 5}


@delivers(
    "ann_doors",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    for-the-other,704,2026-08-01T10:00:00,door,canvassed,Ray for governor?,1
    """,
)
def test_a_1_for_the_opponent_is_no_1_for_us(seen: Seen) -> None:
    assert seen.answers("ann", "0703") == {"ray": 1}
    voter = seen.row("ann", "voters", "0703")
    assert (voter["support_governor"], voter["support_governor_candidate"]) == (1, "ray")


@delivers(
    "bob_answers_nc",
    """
    statecode,contactssurveyresponseid,vanid,contactscontactid,surveyquestionid,surveyresponseid,datecanvassed,contacttypeid,committeeid
    NC,73,5703,73,311838,1288999,2026-08-01T10:00:00-04:00,2,9
    """,
)
def test_an_unmapped_answer_is_quarantined_with_the_line_that_the_map_lacks(seen: Seen) -> None:
    row = seen.quarantined("bob", "answer|NC|9|73")
    assert row["reason"] == "answer is not in the answer map"
    line = "van_contactssurveyresponses,bob,NC,311838,1288999,,,,,,"
    assert line in row["what_to_do"]
    said = seen.operator.command("map", "suggest", "--partner", "bob")
    assert line in said.splitlines()
    # nobody became undecided
    assert 3 not in seen.answers("bob", "704").values()


# 8. Code collisions


@delivers(
    "bob_van_history",
    """
    Voter File VANID\tContact Name\tDate Canvassed\tResult\tContact Type\tCanvassed By
    5801\tEaton, Pat\t08/01/2026\tDC\tWalk\tKo
    5801\tEaton, Pat\t08/02/2026\tNot Home\tWalk\tKo
    5801\tEaton, Pat\t08/03/2026\tNot Home\tWalk\tKo
    5801\tEaton, Pat\t08/04/2026\tCome Back\tWalk\tKo
    """,
    encoding="utf-16",
)
@delivers(
    "bob_van_nc",
    """
    statecode,contactscontactid,vanid,resultid,committeeid,datecanvassed,contacttypeid
    NC,81,5801,13,9,2026-08-05T10:00:00-04:00,2
    NC,82,5801,17,9,2026-08-06T10:00:00-04:00,1
    """,
)
def test_a_short_code_of_two_meanings_is_quarantined_and_not_guessed(seen: Seen) -> None:
    # DC: deceased in VAN, do not call elsewhere
    assert seen.kinds("ann", "0801") == []
    problems = [row["reason"] for row in seen.views["bob", "my_quarantined_rows", "october"]]
    assert [problem for problem in problems if "'DC'" in problem]
    # CB is both; their ids are not
    results = {row["channel"]: row["contact_result"] for row in seen.rows("ann", "contacts", "0801")}
    assert results["phone"] == "call_back"
    assert {"come_back", "not_home"} <= {row["contact_result"] for row in seen.rows("ann", "contacts", "0801")}


@delivers(
    "bob_van_nc",
    """
    statecode,contactscontactid,vanid,resultid,committeeid,datecanvassed,contacttypeid
    NC,83,5802,4,9,2026-08-05T10:00:00-04:00,2
    NC,84,5803,4,9,2026-08-05T10:00:00-04:00,2
    NC,85,5803,4,9,2026-08-06T10:00:00-04:00,2
    """,
)
@delivers(
    "cat_doors",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    confirmed,802,2026-10-01T10:00:00,door,deceased,,
    """,
    refresh="october",
)
def test_a_death_counts_when_a_second_organization_says_so(seen: Seen) -> None:
    assert seen.kinds("ann", "0802", after="august") == []
    assert seen.kinds("ann", "0802") == [("deceased", "all")]
    assert seen.kinds("ann", "0803") == [], "twice by one organization is one word"


# 9. Contests across boundaries


@delivers(
    "ann_doors",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    not-theirs,901,2026-08-01T10:00:00,door,canvassed,Fox for House?,1
    same-surname,901,2026-08-01T10:05:00,door,canvassed,Lee for sheriff?,1
    """,
)
def test_an_answer_about_somebody_elses_race_is_kept_and_is_no_support(seen: Seen) -> None:
    shown = {row["candidate_id"]: row["on_ballot"] for row in seen.rows("ann", "voter_responses", "0901")}
    assert shown == {"fox": False, "lee-sheriff": True}
    voter = seen.row("ann", "voters", "0901")
    assert (voter["support_us_house"], voter["support_governor"], voter["support_county"]) == (None, None, 1)


@delivers(
    "ann_doors",
    """
    record_id,person_id,contacted_at,channel,result,question,answer
    november,902,2026-08-01T10:00:00,door,canvassed,Fox for House?,1
    september,902,2026-08-01T10:05:00,door,canvassed,Gil for House?,1
    """,
)
@delivers(
    "voters",
    """
    state_voter_id,state,first_name,last_name,address,city,zip,county_fips,congressional_district,phone
    0902,NC,Pat,Irwin,7 New St,Raleigh,27601,37183,2,
    """,
    refresh="october",
)
def test_the_district_is_that_of_election_day(seen: Seen) -> None:
    """Moved from district 1 to 2 after the special election of 8 September, before that of 3 November."""
    before, after = (seen.rows("ann", "voter_responses", "0902", after=refresh) for refresh in ("august", "october"))
    assert {row["candidate_id"]: row["on_ballot"] for row in before} == {"fox": True, "gil": True}
    assert {row["candidate_id"]: row["on_ballot"] for row in after} == {"fox": False, "gil": True}


# 10. One phone, several voters, and one record a day


@delivers(
    "bob_doors",
    """
    record_id,person_id,phone,contacted_at,channel,result,question,answer
    wrong,1001,919-555-1000,2026-08-01T10:00:00,phone,wrong_number,,
    right,1002,919-555-1000,2026-08-02T10:00:00,phone,canvassed,Mail?,1
    """,
)
def test_a_wrong_number_cuts_the_phone_from_the_person_not_from_the_household(seen: Seen) -> None:
    assert [row["kind"] for row in seen.rows("ann", "suppressions", "1001")] == ["wrong_number"]
    assert "9195551000" in seen.row("ann", "suppressions", "1001")["phone"]
    assert seen.kinds("ann", "1002") == []
    assert seen.answers("ann", "1002") == {"vote_by_mail_comfort": 1}


@delivers(
    "bob_doors",
    """
    record_id,person_id,phone,contacted_at,channel,result,question,answer
    stop,1004,919-555-1004,2026-08-01T10:00:00,text,opted_out,,
    """,
)
def test_an_opted_out_phone_is_opted_out_for_everybody_who_has_it(seen: Seen) -> None:
    assert seen.kinds("ann", "1004") == [("opted_out", "channel")]
    assert seen.kinds("ann", "1005") == [("opted_out", "channel")]
    assert "9195551004" in seen.row("ann", "suppressions", "1005")["phone"]


@delivers(
    "bob_texts",
    """
    timestamp,message_id,message_direction,conversation_id,contact_id,contact_phone,dwid
    2026-08-05 10:00:00,m1,outgoing,c1,k1,9195551003,1003
    2026-08-05 10:05:00,m2,incoming,c1,k1,9195551003,1003
    """,
)
@delivers(
    "bob_text_answers",
    """
    conversation_id,contact_id,survey_id,survey_question,response,updated_at,contact_phone,dwid
    c1,k1,s1,Lee?,Yes,2026-08-05 10:06:00,9195551003,1003
    """,
)
@delivers(
    "bob_van_nc",
    """
    statecode,contactscontactid,vanid,resultid,committeeid,datecanvassed,contacttypeid
    NC,101,6003,14,9,2026-08-05T10:06:00-04:00,37
    """,
)
@delivers(
    "bob_answers_nc",
    """
    statecode,contactssurveyresponseid,vanid,contactscontactid,surveyquestionid,surveyresponseid,datecanvassed,contacttypeid,committeeid
    NC,101,6003,101,311838,1288926,2026-08-05T10:06:00-04:00,37,9
    """,
)
def test_a_conversation_that_the_texting_tool_and_van_both_tell_counts_once(seen: Seen) -> None:
    [contact] = seen.rows("ann", "contacts", "1003")
    assert (contact["channel"], contact["contact_result"]) == ("text", "canvassed")
    assert seen.row("ann", "voters", "1003")["contacts_others"] == 1
    assert seen.answers("ann", "1003") == {"lee": 1}
    assert seen.row("ann", "voter_responses", "1003")["contact_id"] == contact["contact_id"]

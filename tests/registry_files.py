"""A small good registry as literal text, for tests that spoil one thing in it."""

from __future__ import annotations

from pathlib import Path

GOOD = {
    "partners.csv": """\
partner_id,partner_name,side,kind,share_schema,id_namespace,id_scope,voter_fields,states,is_active
exchange,The exchange,,,,,,,,
pa_party,Party of PA,coordinated,party,p_0a1b2c,vanid_voterfile,,names,PA,true
gov_campaign,Governor 2026,coordinated,campaign,p_1a1b2c,vanid_campaign,C77,ids,PA NC,true
mail_votes,"Mail Votes, Inc.",independent,organization,p_2a1b2c,dwid,,contact,*,true
door_group,Doors,independent,organization,p_3a1b2c,state_voter_id,NC,ids,NC,false
""",
    "partner_groups.csv": """\
group_id,partner_id
hard,pa_party
hard,gov_campaign
soft,mail_votes
mixed,pa_party
mixed,door_group
""",
    "feeds.csv": """\
feed_id,partner_id,file_format,location,file_pattern,coverage,timezone,id_namespace,id_scope,state,expected_every_hours,min_rows,max_reject_share
voters_pa,exchange,generic_voters,exchange/voters,*.csv,snapshot,,,,PA,,,
gov_contacts,gov_campaign,generic_contacts,gov,contacts*.csv,delta,America/New_York,vanid_campaign,C77,PA,24,1,0.05
mail_spoke,mail_votes,spoke_contacts,s3://bucket/mail,*.csv,snapshot,US/Central,dwid,,,12.5,0,1
""",
    "contests.csv": """\
contest_id,office_level,contest_name,division_id,election_on,valid_from,valid_until
gov26,governor,Governor,ocd-division/country:us/state:pa,2026-11-03,2026-01-01,2026-11-03
hd7,state_house,,ocd-division/country:us/state:pa/sldl:7,2026-11-03,,
""",
    "candidates.csv": """\
candidate_id,contest_id,candidate_name,party
lee,gov26,Ada Lee,D
ray,gov26,Bo Ray,R
fox,hd7,Cy Fox,
""",
    "answer_map.csv": """\
file_format,partner_id,id_scope,source_question,source_answer,question_code,contest_id,candidate_id,answer_code,valid_from,valid_until
generic_contacts,gov_campaign,*,Gov ID,1,candidate_support,gov26,lee,1,,2026-06-30
generic_contacts,gov_campaign,*,Gov ID,1,candidate_support,gov26,ray,1,2026-07-01,
generic_contacts,*,*,Gov ID,1,candidate_support,gov26,lee,2,,
generic_contacts,gov_campaign,C77,Gov ID,1,candidate_support,gov26,lee,1,,
spoke_contacts,mail_votes,*,Will you vote by mail?,Sure,vote_by_mail_comfort,,,1,,
spoke_contacts,mail_votes,*,Volunteer?,*,ignore,,,,,
""",
    "sharing_rules.csv": """\
rule_id,effect,contributor,recipient,subject,question_code,office_level,state,channel,embargo_days,attribution,date_precision,valid_from,valid_until,agreement
r1,share,group:hard,group:coordinated,*,*,*,*,*,0,named,day,2026-01-01,2026-12-31,MOU 1
r2,share,group:all,*,responses,candidate_support,governor,PA,door,,blind,two_months,,,
r3,withhold,gov_campaign,group:mixed,contacts,*,*,NC,*,,,,,,
r4,share,mail_votes,door_group,*,*,*,*,*,14,named,day,,,
""",
}


def write_registry(folder: Path, **changed: str | None) -> Path:
    """Write the good registry with some files replaced, or left out (None); `partners=` is partners.csv."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (GOOD | {f"{stem}.csv": text for stem, text in changed.items()}).items():
        if text is not None:
            (folder / name).write_text(text, encoding="utf-8")
    return folder

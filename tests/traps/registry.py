"""Four organizations and 40 voters of two states, as literal text.

ann and bob (coordinated) show each other everything, by name and day. cat (independent) and ann see each other blind,
in windows of two months. Nobody sees what eve contributes. ann knows voters by their state's id, the others by DWID.
"""

from __future__ import annotations

REGISTRY = {
    "partners": """\
partner_id,partner_name,side,kind,share_schema,id_namespace,id_scope,voter_fields,states,is_active
ann,Ann for Governor,coordinated,campaign,p_0a0001,state_voter_id,,ids,*,true
bob,Party of Bob,coordinated,party,p_0a0002,dwid,,ids,*,true
cat,Cats for Mail,independent,organization,p_0a0003,dwid,,ids,*,true
eve,Eve's Doors,coordinated,organization,p_0a0004,dwid,,ids,*,true
""",
    "partner_groups": """\
group_id,partner_id
friends,ann
friends,bob
""",
    "sharing_rules": """\
rule_id,effect,contributor,recipient,subject,question_code,office_level,state,channel,embargo_days,attribution,date_precision,valid_from,valid_until,agreement
friends,share,group:friends,group:friends,*,*,*,*,*,0,named,day,,,
to_ann,share,cat,ann,*,*,*,*,*,0,blind,two_months,,,
to_cat,share,ann,cat,*,*,*,*,*,0,blind,two_months,,,
""",
    "feeds": """\
feed_id,partner_id,file_format,location,file_pattern,coverage,timezone,id_namespace,id_scope,state,expected_every_hours,min_rows,max_reject_share
voters,exchange,generic_voters,voters,*.csv,delta,America/New_York,state_voter_id,,,,,
ids,exchange,generic_person_ids,ids,*.csv,delta,UTC,,,,,,
moved_ids,exchange,generic_person_ids,moved_ids,*.csv,snapshot,UTC,,,,,,
ann_doors,ann,generic_contacts,ann_doors,*.csv,delta,America/New_York,dwid,,,,,
ann_county,ann,generic_contacts,ann_county,*.csv,delta,America/New_York,state_voter_id,NC,NC,,,
bob_doors,bob,generic_contacts,bob_doors,*.csv,delta,America/New_York,dwid,,,,,
bob_west,bob,generic_contacts,bob_west,*.csv,delta,America/Los_Angeles,dwid,,,,,
bob_list,bob,generic_contacts,bob_list,*.csv,snapshot,America/New_York,dwid,,,,,
bob_committee_c1,bob,generic_contacts,bob_c1,*.csv,delta,America/New_York,vanid_campaign,C1,,,,
bob_committee_c2,bob,generic_contacts,bob_c2,*.csv,delta,America/New_York,vanid_campaign,C2,,,,
bob_van_history,bob,van_contact_history_report,bob_history,*.csv,delta,America/New_York,vanid_voterfile,NC,NC,,,
bob_van_nc,bob,van_contactscontacts,bob_van_nc,*.csv,delta,America/New_York,vanid_voterfile,NC,NC,,,
bob_van_ca,bob,van_contactscontacts,bob_van_ca,*.csv,delta,America/Los_Angeles,vanid_voterfile,CA,CA,,,
bob_answers_nc,bob,van_contactssurveyresponses,bob_answers_nc,*.csv,delta,America/New_York,vanid_voterfile,NC,NC,,,
bob_answers_ca,bob,van_contactssurveyresponses,bob_answers_ca,*.csv,delta,America/Los_Angeles,vanid_voterfile,CA,CA,,,
bob_texts,bob,thrutext_messages,bob_texts,*.csv,delta,America/New_York,dwid,,,,,
bob_text_answers,bob,thrutext_surveys,bob_text_answers,*.csv,delta,America/New_York,dwid,,,,,
cat_doors,cat,generic_contacts,cat_doors,*.csv,delta,America/New_York,dwid,,,,,
eve_doors,eve,generic_contacts,eve_doors,*.csv,delta,America/New_York,dwid,,,,,
""",
    "contests": """\
contest_id,office_level,contest_name,division_id,election_on,valid_from,valid_until
gov22,governor,Governor,ocd-division/country:us/state:nc,2022-11-08,,
gov26,governor,Governor,ocd-division/country:us/state:nc,2026-11-03,,
ca-gov26,governor,Governor,ocd-division/country:us/state:ca,2026-11-03,,
house-1,us_house,House,ocd-division/country:us/state:nc/cd:1,2026-11-03,,
house-1-special,us_house,House,ocd-division/country:us/state:nc/cd:1,2026-09-08,,
sheriff,county,Sheriff,ocd-division/country:us/state:nc/county:wake,2026-11-03,,
""",
    "candidates": """\
candidate_id,contest_id,candidate_name,party
lee22,gov22,Ada Lee,D
lee,gov26,Ada Lee,D
ray,gov26,Bo Ray,R
kim,ca-gov26,Cy Kim,D
fox,house-1,Di Fox,D
gil,house-1-special,Ed Gil,D
lee-sheriff,sheriff,Al Lee,R
""",
    # the tools' words; VAN's numbers mean something per state, and 311838 was used again in a new year
    "answer_map": """\
file_format,partner_id,id_scope,source_question,source_answer,question_code,contest_id,candidate_id,answer_code,valid_from,valid_until
generic_contacts,*,*,Lee for governor?,1,candidate_support,gov26,lee,1,,
generic_contacts,*,*,Lee for governor?,2,candidate_support,gov26,lee,2,,
generic_contacts,*,*,Lee for governor?,4,candidate_support,gov26,lee,4,,
generic_contacts,*,*,Lee for governor?,5,candidate_support,gov26,lee,5,,
generic_contacts,*,*,Ray for governor?,1,candidate_support,gov26,ray,1,,
generic_contacts,*,*,Lee for sheriff?,1,candidate_support,sheriff,lee-sheriff,1,,
generic_contacts,*,*,Fox for House?,1,candidate_support,house-1,fox,1,,
generic_contacts,*,*,Gil for House?,1,candidate_support,house-1-special,gil,1,,
generic_contacts,*,*,Mail?,1,vote_by_mail_comfort,,,1,,
generic_contacts,*,*,Mail?,4,vote_by_mail_comfort,,,4,,
thrutext_surveys,*,*,Lee?,Yes,candidate_support,gov26,lee,1,,
van_contactssurveyresponses,bob,NC,311838,1288926,candidate_support,gov22,lee22,1,,2025-12-31
van_contactssurveyresponses,bob,NC,311838,1288926,candidate_support,gov26,lee,1,2026-01-01,
van_contactssurveyresponses,bob,CA,311838,1288926,candidate_support,ca-gov26,kim,5,,
""",
}

# who is who: the exchange's own files are made of this
VOTERS = """\
state,state_voter_id,last_name,congressional_district,phone,dwid,vanid
NC,0101,Abbot,1,,101,5101
NC,0102,Baker,1,,102,5102
NC,0103,Cobb,1,,103,5103
NC,0201,Dunn,1,,201,5201
NC,0202,Ellis,1,,202,5202
CA,0301,Farr,30,,301,5301
CA,0302,Gates,30,,302,5302
CA,0303,Hood,30,,303,5303
CA,0304,Ives,30,,304,5304
CA,0305,Jarvis,30,,305,5305
NC,0401,Keith,1,,401,5401
NC,0402,Lamb,1,,402,5402
NC,0403,Marsh,1,,403,5403
NC,0501,Nash,1,9195550501,501,5501
NC,0502,Orr,1,9195550502,502,5502
NC,0503,Pratt,1,9195550503,503,5503
NC,0504,Quick,1,9195550504,504,5504
NC,0505,Rudd,1,9195550505,505,5505
NC,0506,Swift,1,9195550506,506,5506
NC,0601,Tate,1,,60001,7777
NC,601,Upton,1,,60002,5602
CA,0601,Voss,30,,7777,7777
NC,0602,Walsh,1,,60003,5603
NC,0603,Xu,1,,60004,5604
NC,0605,York,1,,,5605
NC,0606,Zorn,1,,,5606
NC,0701,Ashe,1,,701,5701
CA,0701,Boone,30,,702,5701
NC,0702,Cary,1,,703,5702
NC,0703,Dare,1,,704,5703
NC,0801,Eaton,1,,801,5801
NC,0802,Floyd,1,,802,5802
NC,0803,Grier,1,,803,5803
NC,0901,Hyde,2,,901,5901
NC,0902,Irwin,1,,902,5902
NC,1001,Jones,1,9195551000,1001,6001
NC,1002,Jones,1,9195551000,1002,6002
NC,1003,Kerr,1,9195551003,1003,6003
NC,1004,Lowe,1,9195551004,1004,6004
NC,1005,Lowe,1,9195551004,1005,6005
"""
# MyCampaign ids: the same number in two committees, two persons; and one person with two numbers
CAMPAIGN_IDS = """\
state,state_voter_id,namespace,scope,external_id
NC,0602,vanid_campaign,C1,42
NC,0603,vanid_campaign,C2,42
NC,0603,vanid_campaign,C2,43
"""

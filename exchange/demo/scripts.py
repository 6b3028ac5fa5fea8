"""The scripts: which questions each stream asks, in the words of its tool. Grain: one tuple of Asks per stream."""

from __future__ import annotations

from exchange.demo.questions import (
    MAIL,
    PLAN,
    POSTAL,
    SUPPORT,
    TURNOUT,
    Ask,
    after_primary,
    by_ids,
    ignored,
    plain,
    reversed_scale,
    texted,
    until_primary,
    van_opposition,
    van_person,
    van_support,
)

_PA_GOVERNOR_NOW = by_ids(van_support("SR_26_Lopez_GE", "lopez", "whitfield"), 311838, 1288926)

SCRIPTS: dict[str, tuple[Ask, ...]] = {
    "pa_party_van": (
        # question 311838 was re-cycled: before the primary its answers were about the primary
        until_primary(by_ids(van_support("", "lopez_primary", "hartley_primary"), 311838, 1288926)),
        after_primary(_PA_GOVERNOR_NOW),
        by_ids(van_support("", "benning", "kessel", 0.2), 312004, 1289610),
        by_ids(van_support("", "amato", "lopez_sd14", 0.2), 312077, 1290015),
        by_ids(van_support("", "fenwick", "rossi", 0.15), 312081, 1290040),
        by_ids(van_person("", MAIL, 0.4), 312150, 1290300),
        by_ids(van_person("", PLAN, 0.3), 312151, 1290310),
        by_ids(van_person("", TURNOUT, 0.25), 312152, 1290320),
        by_ids(ignored("", "yes", "no", share=0.08), 309999, 1280001),
    ),
    "nc_party_van": (
        # the same digits as a question of the Pennsylvania instance, another question: ids hold per state
        by_ids(van_support("", "okafor", "brandt"), 311838, 1288926),
        by_ids(van_support("", "dubose", "fisk", 0.2), 402210, 1660100),
        by_ids(van_support("", "ngo", "bartlett", 0.2), 402211, 1660120),
        by_ids(van_support("", "sato", "pruitt", 0.15), 402212, 1660140),
        by_ids(van_support("", "ellery_2028", "stroud_2028", 0.1), 402260, 1660400),
        by_ids(van_person("", PLAN, 0.35), 402300, 1660500),
        by_ids(van_person("", POSTAL, 0.2), 402301, 1660510),
        by_ids(ignored("", "yes", "no", share=0.08), 399001, 1650001),
    ),
    "pa_party_spoke": (
        # two steps of the script ask the same text: Spoke heads them …_1 and …_2, and a contact meets one of them
        texted("Can Maria Lopez count on your vote?_1", SUPPORT, "lopez", 0.6),
        texted("Can Maria Lopez count on your vote?_2", SUPPORT, "lopez", 0.3),
        texted("How comfortable are you with voting by mail?", MAIL, share=0.4),
        ignored("Would you like a yard sign?", "Yes", "No", share=0.1),
    ),
    "hale_spoke": (
        texted("Will you support Bettina Hale for State House?", SUPPORT, "hale"),
        texted('Heard of "Souls to the Polls", early voting?', TURNOUT, share=0.4),
        texted("Raleigh mayor: Tomás Ibarra?", SUPPORT, "ibarra", 0.4),
    ),
    "lopez_van": (
        van_support("SR_26_Lopez_0926", "lopez", "whitfield"),
        van_opposition("Opposition preference", "lopez", "whitfield"),
        van_person("Vote by mail comfort", MAIL, 0.3),
        van_person("USPS trust", POSTAL, 0.2),
        ignored("Volunteer ask", "Yes", "Maybe", "No", share=0.1),
    ),
    "okafor_van": (
        van_support("Okafor ID", "okafor", "brandt"),
        van_person("Vote plan", PLAN, 0.4),
        van_person("Turnout", TURNOUT, 0.2),
    ),
    "labor_table_van": (
        # the Republican's own question: 1 is support for him
        van_support("Whitfield support", "whitfield", "lopez", 0.6),
        van_support("Lopez support", "lopez", "whitfield", 0.6),
        van_support("PA-07 Reyes", "reyes", "dorsey", 0.2),
        van_person("Post office", POSTAL, 0.3),
    ),
    "lopez_thrutext": (
        texted("Do you plan to vote for María Lopez, our next governor?", SUPPORT, "lopez"),
        texted("How will you vote?", PLAN, share=0.4),
    ),
    "voter_voice_thrutext": (
        texted("Comfort with voting by mail", MAIL),
        texted("Trust in USPS to deliver your ballot", POSTAL, share=0.6),
        texted("2028: Ellery?", SUPPORT, "ellery_2028", 0.15),
        ignored("Wants a reminder", "Yes", "No", share=0.15),
    ),
    "carolina_doors_contacts": (
        plain("okafor_support", SUPPORT, "okafor", map_partner="*"),
        plain("abara_nc02", SUPPORT, "abara", 0.2),
        plain("gaines_nc12", SUPPORT, "gaines", 0.15),
        plain("vbm_comfort", MAIL, share=0.3, map_partner="*"),
        plain("turnout", TURNOUT, share=0.3, map_partner="*"),
        ignored("flyer_left", "yes", "no", share=0.1),
    ),
    "carolina_doors_sheets": (
        plain("okafor_support", SUPPORT, "okafor", map_partner="*"),
        plain("vote_plan", PLAN, share=0.5, map_partner="*"),
    ),
    "mail_ballot_survey": (
        plain("vbm_comfort", MAIL, map_partner="*"),
        # this partner's 1 means distrust; everybody else's 1 means trust
        reversed_scale(plain("postal_trust", POSTAL, share=0.8)),
        plain("vote_plan", PLAN, share=0.3, map_partner="*"),
    ),
    "reyes_contacts": (
        plain("reyes_support", SUPPORT, "reyes"),
        plain("lopez_support", SUPPORT, "lopez", 0.4, map_partner="*"),
        plain("postal_trust", POSTAL, share=0.2, map_partner="*"),
    ),
    "old_north_contacts": (
        plain("okafor_support", SUPPORT, "okafor", map_partner="*"),
        plain("turnout", TURNOUT, share=0.5, map_partner="*"),
    ),
}

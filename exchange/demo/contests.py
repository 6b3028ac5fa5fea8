"""Contests and candidates of the demo. Names are invented; 2026 has no presidential race, so that one is an early ask.

Grain: one Contest per election of one office; one Candidate per name on its ballot.
"""

from __future__ import annotations

from typing import NamedTuple

_US = "ocd-division/country:us"
_PA, _NC = f"{_US}/state:pa", f"{_US}/state:nc"
_GENERAL = "2026-11-03"


class Contest(NamedTuple):
    """Columns of contests.csv, in order. Blank dates: no bound."""

    contest_id: str
    office_level: str
    contest_name: str
    division_id: str
    election_on: str
    valid_from: str = "2025-11-05"
    valid_until: str = ""


class Candidate(NamedTuple):
    """Columns of candidates.csv, in order."""

    candidate_id: str
    contest_id: str
    candidate_name: str
    party: str


CONTESTS: tuple[Contest, ...] = (
    Contest("us_president_2028", "president", "President of the United States 2028", _US, "2028-11-07", "2026-01-01"),
    Contest("nc_us_senate_2026", "us_senate", "United States Senate, North Carolina", _NC, _GENERAL),
    Contest("pa_us_house_03_2026", "us_house", "United States House, Pennsylvania 3", f"{_PA}/cd:3", _GENERAL),
    Contest("pa_us_house_07_2026", "us_house", "United States House, Pennsylvania 7", f"{_PA}/cd:7", _GENERAL),
    Contest("nc_us_house_02_2026", "us_house", "United States House, North Carolina 2", f"{_NC}/cd:2", _GENERAL),
    Contest("nc_us_house_12_2026", "us_house", "United States House, North Carolina 12", f"{_NC}/cd:12", _GENERAL),
    Contest("pa_governor_2026", "governor", "Governor of Pennsylvania", _PA, _GENERAL),
    Contest(
        "pa_governor_primary_2026", "governor", "Governor of Pennsylvania, Democratic primary", _PA, "2026-05-19",
        "2025-11-05", "2026-05-19",
    ),
    Contest("pa_state_senate_14_2026", "state_senate", "Pennsylvania Senate 14", f"{_PA}/sldu:14", _GENERAL),
    Contest("nc_state_senate_13_2026", "state_senate", "North Carolina Senate 13", f"{_NC}/sldu:13", _GENERAL),
    Contest("pa_state_house_022_2026", "state_house", "Pennsylvania House 22", f"{_PA}/sldl:22", _GENERAL),
    Contest("nc_state_house_034_2026", "state_house", "North Carolina House 34", f"{_NC}/sldl:34", _GENERAL),
    Contest("nc_mecklenburg_sheriff_2026", "county", "Sheriff of Mecklenburg County", f"{_NC}/county:mecklenburg",
            _GENERAL),
    Contest("nc_wake_commissioners_2026", "county", "Wake County Commissioners", f"{_NC}/county:wake", _GENERAL),
    Contest("nc_raleigh_mayor_2026", "municipal", "Mayor of Raleigh", f"{_NC}/place:raleigh", _GENERAL),
)  # fmt: skip

CANDIDATES: tuple[Candidate, ...] = (
    Candidate("ellery_2028", "us_president_2028", "Joan Ellery", "DEM"),
    Candidate("stroud_2028", "us_president_2028", "Curtis Stroud", "REP"),
    Candidate("okafor", "nc_us_senate_2026", "Adaeze Okafor", "DEM"),
    Candidate("brandt", "nc_us_senate_2026", "Neil Brandt", "REP"),
    Candidate("tillery", "nc_us_senate_2026", "Hope Tillery", "LIB"),
    Candidate("benning", "pa_us_house_03_2026", "Marcus Benning", "DEM"),
    Candidate("kessel", "pa_us_house_03_2026", "Laura Kessel", "REP"),
    Candidate("reyes", "pa_us_house_07_2026", "Daniel Reyes", "DEM"),
    Candidate("dorsey", "pa_us_house_07_2026", "Patrick Dorsey", "REP"),
    Candidate("abara", "nc_us_house_02_2026", "Simone Abara", "DEM"),
    Candidate("mcnair", "nc_us_house_02_2026", "Todd McNair", "REP"),
    Candidate("lindqvist", "nc_us_house_12_2026", "Per Lindqvist", "DEM"),
    Candidate("gaines", "nc_us_house_12_2026", "Roy Gaines", "REP"),
    Candidate("lopez", "pa_governor_2026", "María Lopez", "DEM"),
    Candidate("whitfield", "pa_governor_2026", "Grant Whitfield", "REP"),
    Candidate("lopez_primary", "pa_governor_primary_2026", "María Lopez", "DEM"),
    Candidate("hartley_primary", "pa_governor_primary_2026", "Owen Hartley", "DEM"),
    # the same surname as the candidate for governor: labels must not decide a mapping
    Candidate("lopez_sd14", "pa_state_senate_14_2026", "Victor Lopez", "REP"),
    Candidate("amato", "pa_state_senate_14_2026", "Gina Amato", "DEM"),
    Candidate("sato", "nc_state_senate_13_2026", "Erin Sato", "DEM"),
    Candidate("pruitt", "nc_state_senate_13_2026", "Dale Pruitt", "REP"),
    Candidate("fenwick", "pa_state_house_022_2026", "Ida Fenwick", "DEM"),
    Candidate("rossi", "pa_state_house_022_2026", "Mark Rossi", "REP"),
    Candidate("hale", "nc_state_house_034_2026", "Bettina Hale", "DEM"),
    Candidate("crump", "nc_state_house_034_2026", "Vernon Crump", "REP"),
    Candidate("dubose", "nc_mecklenburg_sheriff_2026", "Andre Dubose", "DEM"),
    Candidate("fisk", "nc_mecklenburg_sheriff_2026", "Carol Fisk", "REP"),
    Candidate("ngo", "nc_wake_commissioners_2026", "Linh Ngo", "DEM"),
    Candidate("bartlett", "nc_wake_commissioners_2026", "Sue Bartlett", "REP"),
    Candidate("ibarra", "nc_raleigh_mayor_2026", "Tomás Ibarra", "DEM"),
    Candidate("quincy", "nc_raleigh_mayor_2026", "Faye Quincy", "UNA"),
)

PARTY_OF: dict[str, str] = {candidate.candidate_id: candidate.party for candidate in CANDIDATES}
CONTEST_OF: dict[str, str] = {candidate.candidate_id: candidate.contest_id for candidate in CANDIDATES}
NAME_OF: dict[str, str] = {candidate.candidate_id: candidate.candidate_name for candidate in CANDIDATES}
DIVISION_OF: dict[str, str] = {contest.contest_id: contest.division_id for contest in CONTESTS}

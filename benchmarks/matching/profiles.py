"""How wrong the world is: the shares by which a population's file and its contacts differ from the truth."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Profile:
    """Shares of people (on the file) or of contacts (in partners' tools) that something happens to."""

    name: str
    # the file
    moved: float  # the file still has the old address
    moved_to_other_state: float
    file_maiden_name: float  # of women who took a name
    file_typo: float
    file_no_birth_date: float
    file_phone: float
    file_cell: float  # of the file's phones: the voter's own cell, not the home's line
    file_recycled_phone: float  # the number belongs to somebody else today
    file_email: float
    # the contacts
    typo: float  # per name or address
    nickname: float  # where the name has one
    wrong_first: float  # middle name, initial only, two people in one field
    swapped_names: float
    other_last: float  # maiden or joined name, or half of a joined one
    no_unit: float
    birth_date_wrong: float
    birth_year_only: float
    shared_phone: float  # the number of another member of the household
    bare_zip: float  # 07030 delivered as 7030
    no_state: float
    wrong_id: float = 0.007
    not_voters: float = 0.14
    relatives: float = 0.85  # of those who are not voters: live with one


USUAL = Profile(
    name="usual",
    moved=0.065,
    moved_to_other_state=0.003,
    file_maiden_name=0.025,
    file_typo=0.004,
    file_no_birth_date=0.01,
    file_phone=0.64,
    file_cell=0.35,
    file_recycled_phone=0.03,
    file_email=0.12,
    typo=0.03,
    nickname=0.16,
    wrong_first=0.02,
    swapped_names=0.006,
    other_last=0.03,
    no_unit=0.3,
    birth_date_wrong=0.06,
    birth_year_only=0.06,
    shared_phone=0.02,
    bare_zip=0.3,
    no_state=0.06,
)
HARD = Profile(
    name="hard",
    moved=0.11,
    moved_to_other_state=0.006,
    file_maiden_name=0.04,
    file_typo=0.012,
    file_no_birth_date=0.03,
    file_phone=0.64,
    file_cell=0.38,
    file_recycled_phone=0.06,
    file_email=0.08,
    typo=0.07,
    nickname=0.3,
    wrong_first=0.04,
    swapped_names=0.015,
    other_last=0.06,
    no_unit=0.4,
    birth_date_wrong=0.1,
    birth_year_only=0.1,
    shared_phone=0.05,
    bare_zip=0.6,
    no_state=0.15,
)
PROFILES = {profile.name: profile for profile in (USUAL, HARD)}


@dataclass(frozen=True)
class Channel:
    """A kind of tool: its share of the contacts, how many of its voters carry an id, and what it knows of a person."""

    share: float
    with_id: float
    first: float
    last: float
    middle: float
    birth_date: float
    address: float
    zip: float
    phone: float
    email: float
    from_file: float = 0.0  # the tool began with the file's own phone or address


CHANNELS = {
    "door": Channel(0.24, 0.64, 0.97, 0.92, 0.1, 0.0, 0.97, 0.95, 0.15, 0.02, from_file=0.7),
    "event": Channel(0.1, 0.38, 0.99, 0.97, 0.1, 0.15, 0.6, 0.96, 0.75, 0.8, from_file=0.3),
    "web": Channel(0.2, 0.34, 0.98, 0.96, 0.05, 0.2, 0.4, 0.95, 0.55, 0.97, from_file=0.2),
    "phone": Channel(0.24, 0.58, 0.97, 0.94, 0.05, 0.02, 0.3, 0.78, 1.0, 0.05, from_file=0.95),
    "text": Channel(0.22, 0.52, 0.92, 0.12, 0.0, 0.0, 0.0, 0.05, 1.0, 0.0),
}

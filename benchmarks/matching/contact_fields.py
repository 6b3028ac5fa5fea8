"""How one person is taken down by one tool: which fields, in which notation, with which errors."""

from __future__ import annotations

from random import Random
from typing import Any

from benchmarks.matching.name_lists import NICKNAMES
from benchmarks.matching.names import accented
from benchmarks.matching.profiles import Channel, Profile
from benchmarks.matching.typing_errors import mistyped
from benchmarks.matching.words import STREET_TYPES

Person = dict[str, Any]
_DIRECTION_WORDS = {"N": "North", "S": "South", "E": "East", "W": "West"}


def write_down(person: Person, channel: Channel, profile: Profile, luck: Random) -> list[str | None]:
    """Values of RAW_COLUMNS after the id: state, names, suffix, birth date, address, city, ZIP, phones, emails."""

    def knows(share: float) -> bool:
        return luck.random() < share

    first, middle, last, suffix = _names(person, channel, profile, luck)
    if not (first or last):
        first = person["first_word"]
    # who walks or calls a list meets movers less often, and writes down what the list says
    listed = person["voter_id"] and person["has_moved"] and knows(channel.from_file)
    place = person["place_on_file"] if listed else person
    address = city = code = None
    if knows(channel.address):
        address, city = _address(place, profile, luck), place["city"] if knows(0.9) else None
    if knows(channel.zip):
        code = _zip(place["zip"], profile, luck)
    elif knows(0.3) and channel.zip > 0.4:
        city = place["city"]
    birth_date = _birth_date(person["birth_iso"], profile, luck) if knows(channel.birth_date) else None
    phones = _phones(person, channel, profile, luck) if knows(channel.phone) else []
    emails = [person["email"]] if knows(channel.email) else []
    if emails and luck.random() < profile.typo / 2:
        user, _, host = emails[0].partition("@")
        emails = [mistyped(user, luck) + "@" + host]
    state = None if knows(profile.no_state * (1 if code or address else 3)) else place["state"]
    case = luck.random()
    texts = [first, middle, last, suffix, address, city]
    if case < 0.18:
        texts = [text and text.upper() for text in texts]
    elif case < 0.3:
        texts = [text and text.lower() for text in texts]
    first, middle, last, suffix, address, city = texts
    return [
        state,
        *(first, middle, last, suffix, birth_date, address, city, code),
        " ".join(sorted(set(phones))) or None,
        " ".join(sorted({email.lower() for email in emails})) or None,
    ]


def _names(person: Person, channel: Channel, profile: Profile, luck: Random) -> list[str | None]:
    first, last, middle = person["first_word"], person["whole_last"], person["middle_word"]
    short = NICKNAMES.get(first)
    if short and luck.random() < profile.nickname:
        first = luck.choice(short)
    elif luck.random() < profile.wrong_first:
        relative = luck.choice(["Mary", "John", "Jennifer", "Mike"])
        first = luck.choice([middle or first, first[0], f"{first} {middle or first[0]}", f"{first} & {relative}"])
    if person["other_word"] and luck.random() < 0.35:
        last = luck.choice([person["last_word"], person["other_word"]])
    elif person["maiden_word"] and luck.random() < profile.other_last * 2:
        last = luck.choice(
            [person["maiden_word"], f"{person['maiden_word']}-{last}", f"{last} {person['maiden_word']}"]
        )
    if luck.random() < 0.3:
        first, last = accented(first), accented(last)
    if luck.random() < profile.typo:
        first = mistyped(first, luck)
    if luck.random() < profile.typo:
        last = mistyped(last, luck)
    if luck.random() < profile.swapped_names:
        first, last = last, first
    suffix = None
    if person["suffix_word"]:
        written = luck.random()
        if written < 0.3:
            suffix = person["suffix_word"] + luck.choice(["", "."])
        elif written < 0.6:
            last += luck.choice([" ", ", "]) + person["suffix_word"] + luck.choice(["", "."])
    if middle and luck.random() < 0.5:
        middle = middle[0] + luck.choice(["", "."])
    return [
        first if luck.random() < channel.first else None,
        middle if middle and luck.random() < channel.middle else None,
        last if luck.random() < channel.last else None,
        suffix,
    ]


def _address(place: Person, profile: Profile, luck: Random) -> str:
    street, kind, direction = place["street"], place["street_type"], place["direction"]
    number = str(place["house_number"])
    if luck.random() < profile.typo:
        street = mistyped(street, luck)
    if luck.random() < profile.typo / 3:
        number = mistyped(number, luck) if len(number) > 2 else number
    if luck.random() < 0.35:
        kind = luck.choice([STREET_TYPES[kind], kind + ".", kind + ","])
    elif luck.random() < 0.03:
        kind = ""
    if direction and luck.random() < 0.25:
        direction = "".join(_DIRECTION_WORDS[letter] for letter in direction)
    elif direction and luck.random() < 0.08:
        direction = ""
    unit = ""
    if place["unit"] and luck.random() >= profile.no_unit:
        unit = luck.choice(["Apt ", "Apt. ", "#", "Unit ", "apt", "Apartment ", "No. "]) + str(place["unit"])
    return " ".join(part for part in (number, direction, street, kind, unit) if part)


def _zip(code: str, profile: Profile, luck: Random) -> str:
    if luck.random() < 0.01:
        code = code[:3] + f"{luck.randrange(100):02}"
    if code.startswith("0") and luck.random() < profile.bare_zip:
        code = code.lstrip("0")
    elif luck.random() < 0.15:
        code += luck.choice(["-", ""]) + f"{luck.randrange(1, 9999):04}"
    return code


def _birth_date(iso: str, profile: Profile, luck: Random) -> str:
    year, month, day = iso.split("-")
    if luck.random() < profile.birth_year_only:
        return year
    if luck.random() < profile.birth_date_wrong:
        kind = luck.random()
        if kind < 0.35 and int(day) <= 12:
            month, day = day, month
        elif kind < 0.6:
            day = f"{min(28, max(1, int(day) + luck.choice([-1, 1, 10, -10]))):02}"
        elif kind < 0.8:
            year = str(int(year) + luck.choice([-1, 1, -10, 10]))
        else:
            month, day = "01", "01"
    style = luck.random()
    if style < 0.55:
        return f"{year}-{month}-{day}"
    return f"{month}/{day}/{year}" if style < 0.8 else f"{int(month)}/{int(day)}/{year}"


def _phones(person: Person, channel: Channel, profile: Profile, luck: Random) -> list[str]:
    own = person["cell"] or person["line"]
    if person["line"] and luck.random() < 0.12:
        own = person["line"]
    if person["known_phone"] and person["voter_id"] and luck.random() < channel.from_file:
        own = person["known_phone"]
    if person["relative_cell"] and luck.random() < profile.shared_phone:
        own = person["relative_cell"]
    found = [own] if own else []
    if person["line"] and luck.random() < 0.04:
        found.append(person["line"])
    if found and luck.random() < profile.typo / 3:
        digit = luck.randrange(3, 10)
        found[0] = found[0][:digit] + str(luck.randrange(10)) + found[0][digit + 1 :]
    return found

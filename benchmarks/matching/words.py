"""The population's codes in words: names, streets, numbers, mailboxes. Grain of view `persons`: one person."""

from __future__ import annotations

import duckdb
import numpy as np

from benchmarks.matching.homes import STATES
from benchmarks.matching.names import Names

_STREETS = """Main Oak Maple Cedar Pine Elm Washington Lake Hill Walnut Spring Park Church Ridge Mill River Jackson
    Lincoln Franklin Jefferson Madison Adams Monroe Cherry Chestnut Sunset Highland Forest Willow Meadow Dogwood
    Hickory Laurel Magnolia Poplar Spruce Birch Sycamore Valley View Prospect Pleasant Union Liberty Market Broad
    Water Front School College Court Bridge Orchard Garden Summit Woodland Fairview Lakeview Riverside Hillcrest
    Ashley Andrews Holly Ivy Juniper Kingston Lexington Marshall Northwood Oxford Princeton Queens Raleigh Salem
    Taylor Upland Vernon Windsor York Zion Amherst Berkshire Cambridge Devon Essex Fulton Grant Harrison Irving
    Jasper Kirkwood Lafayette Mulberry Newport Olive Peachtree Quail Rosewood Stonewall Timber Victoria Wilson
    Yellowstone Aspen Briar Cypress Driftwood Evergreen Fox Greenbrier Heron Indigo Kensington Linden Mockingbird
    Nottingham Osprey Pebble Saint_Johns Old_Mill Martin_Luther_King 1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th 11th
    12th 14th 15th 21st 33rd 42nd 103rd"""
# as a file writes it, and how else people write it
STREET_TYPES = {
    "St": "Street",
    "Ave": "Avenue",
    "Rd": "Road",
    "Dr": "Drive",
    "Ln": "Lane",
    "Ct": "Court",
    "Blvd": "Boulevard",
    "Pl": "Place",
    "Cir": "Circle",
    "Way": "Way",
    "Ter": "Terrace",
    "Hwy": "Highway",
}
DIRECTIONS = ("", "N", "S", "E", "W", "NE", "NW", "SE", "SW")
SUFFIXES = ("", "Jr", "Sr", "III")
MAIL_HOSTS = ("gmail.com", "yahoo.com", "hotmail.com", "aol.com", "comcast.net", "icloud.com")
_LOCAL_NUMBERS = 7_900_000  # of an area code: 210-0000 … 999-9999


def store_words(con: duckdb.DuckDBPyConnection, names: Names, rng: np.random.Generator) -> None:
    """Lookup tables and the view `persons` over `people` and `homes`."""
    streets, types = _STREETS.split(), list(STREET_TYPES)
    codes = _one(con, "select max(street) + 1 from homes")
    spread = rng.integers(0, len(streets), codes), rng.choice(len(types), size=codes, p=_falling(len(types)))
    cities = rng.choice(len(names.last), size=_one(con, "select max(city) + 1 from homes"), replace=False)
    ends = ("ville", "ton", " City", "burg", " Springs", "", "field", " Township")
    table(con, "street", [streets[name].replace("_", " ") for name in spread[0]])
    table(con, "street_type", [types[kind] for kind in spread[1]])
    table(con, "city", [names.last[city] + ends[number % len(ends)] for number, city in enumerate(cities)])
    con.execute("create or replace table state (code integer, word text, areas text[])")
    for number, state in enumerate(STATES):
        con.execute(
            "insert into state values (?, ?, ?)", [number, state.name, [str(area) for area in state.area_codes]]
        )
    con.execute(f"create or replace view places as {_PLACES}")
    con.execute(f"create or replace view persons as {_PERSONS}")


def table(con: duckdb.DuckDBPyConnection, name: str, words: list[str]) -> None:
    con.register("words", {"code": np.arange(len(words)), "word": np.array(words)})
    con.execute(f"create or replace table {name} as select * from words")
    con.unregister("words")


def _one(con: duckdb.DuckDBPyConnection, query: str) -> int:
    row = con.execute(query).fetchall()[0]
    return int(row[0])


def _falling(count: int) -> np.ndarray:
    shares = 1 / (np.arange(count) + 2)
    return np.asarray(shares / shares.sum())


def _phone(number: str, state: str) -> str:
    """Ten digits of an area code of the state; different numbers below 70 million give different digits."""
    # a prime far from any multiple of the sizes below spreads neighbours over the state's area codes
    spread = f"(({number})::bigint * 6700417 % (len({state}.areas) * {_LOCAL_NUMBERS}))"
    return (
        f"{state}.areas[({spread} // {_LOCAL_NUMBERS} + 1)::integer] || (2100000 + {spread} % {_LOCAL_NUMBERS})::text"
    )


def _listed(words: tuple[str, ...], code: str) -> str:
    return f"({list(words)})[{code} + 1]"


_PLACES = f"""
select
    homes.home, state.word as state, lpad(homes.zip::text, 5, '0') as zip, city.word as city,
    homes.house_number, {_listed(DIRECTIONS, "homes.direction")} as direction, street.word as street,
    street_type.word as street_type, homes.unit,
    case when homes.has_line then {_phone("homes.home * 2 + 1", "state")} end as line
from homes
join state on state.code = homes.state
join street on street.code = homes.street
join street_type on street_type.code = homes.street
join city on city.code = homes.city
"""

_PERSONS = f"""
select
    people.*, first_name.word as first_word, middle_name.word as middle_word, last_name.word as last_word,
    other_name.word as other_word, maiden_name.word as maiden_word,
    last_name.word || coalesce(if(people.role = 1, '-', ' ') || other_name.word, '') as whole_last,
    {_listed(SUFFIXES, "people.suffix")} as suffix_word,
    case when people.has_cell then {_phone("people.person * 2", "cell_state")} end as cell,
    {_phone("people.file_phone_of * 2", "cell_state")} as recycled,
    replace(lower(case people.mail_style
        when 0 then first_name.word || '.' || last_name.word || people.mail_number
        when 1 then left(first_name.word, 1) || last_name.word || people.mail_number
        when 2 then first_name.word || year(people.born_on) || left(last_name.word, 2) || people.mail_number % 97
        else 'the' || last_name.word || 's' || people.home end), '''', '')
        || '@' || {_listed(MAIL_HOSTS, "people.mail_host")} as email
from people
join homes on homes.home = people.home
join state as cell_state on cell_state.code = (homes.state + people.cell_from_elsewhere::integer) % {len(STATES)}
join first_name on first_name.code = people.first
join last_name on last_name.code = people.last
left join first_name as middle_name on middle_name.code = people.middle
left join last_name as other_name on other_name.code = people.other_last
left join last_name as maiden_name on maiden_name.code = people.maiden
"""

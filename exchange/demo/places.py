"""Cities of the demo with their real county codes. District numbers are plausible, not official.

Grain: one row per city. A city's voters are split in equal runs over each of its district lists. No ZIP code, county
or district here identifies anybody: addresses on these streets are invented.
"""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """`weight`: share of its state's voters (any unit); districts as plain numbers."""

    state: str
    city: str
    county: str
    county_fips: str
    weight: float
    zips: tuple[str, ...]
    congress: tuple[int, ...]
    senate: tuple[int, ...]
    house: tuple[int, ...]


PLACES: tuple[Place, ...] = (
    Place("PA", "Philadelphia", "Philadelphia", "42101", 150, ("19103", "19121", "19134", "19146"),
          (2, 3), (2, 4, 8), (172, 181, 186, 192)),
    Place("PA", "Pittsburgh", "Allegheny", "42003", 90, ("15206", "15213", "15222"),
          (12,), (38, 42), (19, 21, 24)),
    Place("PA", "Allentown", "Lehigh", "42077", 60, ("18102", "18104"), (7,), (14, 16), (22, 132)),
    Place("PA", "Bethlehem", "Northampton", "42095", 45, ("18015", "18018"), (7,), (18,), (135, 136)),
    Place("PA", "Reading", "Berks", "42011", 40, ("19601", "19606"), (4, 6), (24,), (126, 127)),
    Place("PA", "Doylestown", "Bucks", "42017", 45, ("18901", "18902"), (1,), (6, 10), (143, 144)),
    Place("PA", "West Chester", "Chester", "42029", 40, ("19380", "19382"), (6,), (44,), (155, 156)),
    Place("PA", "Norristown", "Montgomery", "42091", 55, ("19401", "19403"), (4,), (12, 44), (54, 148)),
    Place("PA", "Media", "Delaware", "42045", 35, ("19063",), (5,), (26,), (161, 165)),
    Place("PA", "Lancaster", "Lancaster", "42071", 40, ("17602", "17603"), (11,), (36,), (49, 96)),
    Place("PA", "York", "York", "42133", 35, ("17401", "17403"), (10, 11), (28,), (47, 95)),
    Place("PA", "Harrisburg", "Dauphin", "42043", 30, ("17102", "17110"), (10,), (34,), (103, 104)),
    Place("PA", "Scranton", "Lackawanna", "42069", 30, ("18504", "18510"), (8,), (22,), (113, 114)),
    Place("PA", "Wilkes-Barre", "Luzerne", "42079", 25, ("18702", "18705"), (8,), (20,), (119, 121)),
    Place("PA", "Erie", "Erie", "42049", 30, ("16502", "16509"), (16,), (50,), (1, 2)),
    Place("PA", "State College", "Centre", "42027", 20, ("16801", "16803"), (15,), (34,), (77, 82)),
    Place("PA", "Greensburg", "Westmoreland", "42129", 25, ("15601",), (14,), (40,), (57,)),
    Place("NC", "Raleigh", "Wake", "37183", 110, ("27601", "27604", "27610"),
          (2,), (13, 15, 16), (34, 38, 49)),
    Place("NC", "Cary", "Wake", "37183", 45, ("27511", "27513"), (2, 13), (17,), (21, 41)),
    Place("NC", "Charlotte", "Mecklenburg", "37119", 130, ("28202", "28205", "28215"),
          (12, 14), (38, 40), (92, 99, 102)),
    Place("NC", "Durham", "Durham", "37063", 60, ("27701", "27707"), (4,), (20, 22), (29, 30)),
    Place("NC", "Chapel Hill", "Orange", "37135", 25, ("27514", "27516"), (4,), (23,), (50, 56)),
    Place("NC", "Greensboro", "Guilford", "37081", 60, ("27401", "27406"), (5, 6), (27, 28), (57, 58)),
    Place("NC", "Winston-Salem", "Forsyth", "37067", 50, ("27101", "27104"), (5,), (32,), (71, 72)),
    Place("NC", "Fayetteville", "Cumberland", "37051", 45, ("28301", "28314"), (7,), (19,), (42, 44)),
    Place("NC", "Asheville", "Buncombe", "37021", 40, ("28801", "28806"), (11,), (46, 49), (114, 115)),
    Place("NC", "Wilmington", "New Hanover", "37129", 35, ("28401", "28403"), (7,), (7,), (18, 20)),
    Place("NC", "Greenville", "Pitt", "37147", 25, ("27834", "27858"), (1, 3), (5,), (8, 9)),
    Place("NC", "Gastonia", "Gaston", "37071", 25, ("28052", "28054"), (14,), (43,), (108, 109)),
    Place("NC", "Hickory", "Catawba", "37035", 20, ("28601", "28602"), (10,), (45,), (89, 96)),
    Place("NC", "Burlington", "Alamance", "37001", 20, ("27215", "27217"), (4,), (25,), (63, 64)),
    Place("NC", "Jacksonville", "Onslow", "37133", 15, ("28540", "28546"), (3,), (6,), (14, 15)),
)  # fmt: skip

STATES: tuple[str, ...] = ("PA", "NC")

"""A registry with as many partners as wanted, written beside the demo's contests and candidates.

Contributors have an audience each. The others receive in groups of two with the same permissions, so that 100 partners
are about 70 audiences. Every fifth partner works in all states, the others in two.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STATES = ("AZ", "FL", "GA", "MI", "MN", "NC", "NV", "OH", "PA", "WI")
# from how many others each receives: agreements are made one by one, however many take part
RECEIVED = 6
# who gives what, when and in which form: agreements of the kinds that the demo has
FORMS = (("named", "day", 0), ("named", "month", 7), ("blind", "month", 30), ("blind", "two_months", 90))


@dataclass(frozen=True)
class Partners:
    """How many take part, and how many of them deliver."""

    total: int

    @property
    def contributors(self) -> int:
        return self.total if self.total <= 12 else self.total * 2 // 5


def write(partners: Partners, folder: Path) -> None:
    """Replace partners, groups, feeds, rules and answers in a registry that the demo wrote."""
    names = [f"partner_{number:03}" for number in range(partners.total)]
    write_rows(
        folder / "partners.csv",
        [
            {
                "partner_id": name,
                "partner_name": f"Partner {number}",
                "side": "coordinated" if _group(number, partners) % 2 else "independent",
                "kind": "organization",
                "share_schema": f"p_{number + 1:06x}",
                "id_namespace": "dwid" if _group(number, partners) % 3 else "voterbase_id",
                "id_scope": "",
                "voter_fields": "ids",
                "states": _states(_group(number, partners)),
                "is_active": "true",
            }
            for number, name in enumerate(names)
        ],
    )
    write_rows(
        folder / "feeds.csv",
        [
            {
                "feed_id": f"feed_{number:03}",
                "partner_id": name,
                "file_format": "generic_contacts",
                "location": name,
                "file_pattern": "*.csv",
                "coverage": "delta",
                "timezone": "America/New_York",
                "id_namespace": "dwid",
            }
            for number, name in enumerate(names[: partners.contributors])
        ],
    )
    write_rows(
        folder / "partner_groups.csv",
        [{"group_id": f"g{_group(number, partners)}", "partner_id": name} for number, name in enumerate(names)],
    )
    write_rows(folder / "sharing_rules.csv", _rules(partners, names))
    # nothing is delivered, so nothing is mapped
    write_rows(folder / "answer_map.csv", [])


def _group(number: int, partners: Partners) -> int:
    """Contributors are groups of one, the others of two."""
    if number < partners.contributors:
        return number
    return partners.contributors + (number - partners.contributors) // 2


def _states(group: int) -> str:
    states = states_of(group)
    return "*" if states == STATES else " ".join(states)


def states_of(group: int) -> tuple[str, ...]:
    """Where a group works: every fifth in all states, the others in two or one."""
    if group % 5 == 0:
        return STATES
    return tuple(sorted({STATES[group % 10], STATES[(group * 3 + 1) % 10]}))


def _rules(partners: Partners, names: list[str]) -> list[dict[str, Any]]:
    """Each group receives from the next six contributors, in the form of the pair; across the sides blind and late."""
    rules: list[dict[str, Any]] = []
    groups = sorted({_group(number, partners) for number in range(partners.total)})
    for group in groups:
        for giver in sorted((group + distance) % partners.contributors for distance in range(1, RECEIVED + 1)):
            if giver == group:
                continue
            same_side = giver % 2 == group % 2
            attribution, precision, embargo = FORMS[(giver + group) // 2 % 4 if same_side else 2 + giver % 2]
            rules.append(
                {
                    "rule_id": f"r{group}_{giver}",
                    "effect": "share",
                    "contributor": names[giver],
                    "recipient": f"group:g{group}",
                    **dict.fromkeys(("subject", "question_code", "office_level", "state", "channel"), "*"),
                    "embargo_days": embargo,
                    "attribution": attribution,
                    "date_precision": precision,
                    "valid_from": "2026-01-01",
                    "agreement": "benchmark",
                }
            )
    return rules


def write_rows(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open(newline="", encoding="utf-8") as file:
        columns = next(csv.reader(file))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)

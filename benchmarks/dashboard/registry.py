"""Three partners: one that sees a whole state, and two small ones that work in it for others to see."""

from __future__ import annotations

from pathlib import Path

from benchmarks.sharing.registry import write_rows

BIG, SMALL = "big", ("small_blind", "small_named")
# who sees all voters; what the small ones see stays small, so that the world is built in minutes
STATE, OTHER_STATE = "PA", "NV"
FORMS = {"small_blind": ("blind", "month", 7), "small_named": ("named", "day", 0)}


def write(folder: Path) -> None:
    """Replace partners, groups, feeds, rules and answers in a registry that the demo wrote."""
    names = (BIG, *SMALL)
    write_rows(
        folder / "partners.csv",
        [
            {
                "partner_id": name,
                "partner_name": name.replace("_", " ").capitalize(),
                "side": "independent",
                "kind": "organization",
                "share_schema": f"p_{number:06x}",
                "id_namespace": "dwid",
                "id_scope": "",
                "voter_fields": "names" if name == BIG else "ids",
                "states": STATE if name == BIG else OTHER_STATE,
                "is_active": "true",
            }
            for number, name in enumerate(names, 1)
        ],
    )
    write_rows(
        folder / "feeds.csv",
        [
            {
                "feed_id": f"{name}_contacts",
                "partner_id": name,
                "file_format": "generic_contacts",
                "location": name,
                "file_pattern": "*.csv",
                "coverage": "delta",
                "timezone": "America/New_York",
                "id_namespace": "dwid",
            }
            for name in names
        ],
    )
    write_rows(folder / "partner_groups.csv", [{"group_id": name, "partner_id": name} for name in names])
    write_rows(
        folder / "sharing_rules.csv",
        [
            {
                "rule_id": f"{subject}_{name}",
                "effect": "share",
                "contributor": name,
                "recipient": f"group:{BIG}",
                "subject": subject,
                **dict.fromkeys(("question_code", "office_level", "state", "channel"), "*"),
                "embargo_days": embargo,
                "attribution": attribution,
                "date_precision": precision,
                "valid_from": "2026-01-01",
                "agreement": "benchmark",
            }
            for name, (attribution, precision, embargo) in FORMS.items()
            for subject in ("responses", "contacts")
        ],
    )
    # nothing is delivered, so nothing is mapped
    write_rows(folder / "answer_map.csv", [])

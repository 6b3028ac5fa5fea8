"""Random worlds are worth what they contain: the cases that rules are about must really occur in them."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.oracle import Inbox, read_registry, views_of, world_at
from tests.oracle.rules import gives_enough, party_matches
from tests.oracle.suppressions import held_suppressions, judged
from tests.oracle.views import ViewRow
from tests.oracle.views import World as OracleWorld

from . import World, random_world
from .sharing import crosses_sides

SEEDS = range(6)


def oracle_after(world: World, stage: int, folder: Path) -> OracleWorld:
    """What the oracle knows after the refresh of a stage, from files on disk."""
    world.write_registry(folder / "registry")
    feeds = list(read_registry(folder / "registry").feeds.values())
    inbox = Inbox(folder / "inbox")
    for number in range(stage + 1):
        world.write_stage(folder / "inbox", number)
        inbox.take(feeds, world.instants[number])
    assert inbox.refused == []
    return world_at(folder / "registry", inbox.deliveries, world.instants[stage])


def test_the_same_seed_gives_the_same_world() -> None:
    assert random_world(Random(5)) == random_world(Random(5))
    assert random_world(Random(5)) != random_world(Random(6))


def test_rules_obey_the_firewall() -> None:
    for seed in range(30):
        registry = random_world(Random(seed), people=4, rows_per_feed=4).registry
        for rule in registry["sharing_rules"]:
            if crosses_sides(rule, registry["partners"], registry["partner_groups"]):
                assert rule["attribution"] == "blind"
                assert rule["date_precision"] != "day"


def test_worlds_contain_what_rules_are_about(tmp_path: Path) -> None:
    seen: set[object] = set()
    for seed in SEEDS:
        world = random_world(Random(seed))
        oracle = oracle_after(world, 2, tmp_path / str(seed))
        seen.update(oracle.facts.set_aside.keys())
        seen.update(_faces_of_suppressions(oracle))
        seen.update(_faces_of_limits(oracle))
        for partner_id in world.partner_ids:
            views = views_of(partner_id, oracle)
            for row in views["voter_responses"]:
                seen.update(_faces_of_a_response(row))
            for row in views["voters"]:
                seen.update((row["reach"], row["is_suppressed"], row["ballot_status"]))
    wanted: set[object] = {
        *("us", "both", "others", "nobody"),
        *("own", "named", "blind", "listed", "not listed", "disagree", "one day", "one month", "two months"),
        *("on ballot", "not on ballot", "of the person"),
        *("limit met", "limit not met"),
        *("unmatched", "answer not in the answer map", "channel not understood", "result not understood"),
        *(
            "contact time not understood",
            "no record key",
            "question without answer or answer without question",
        ),
        *("opted_out undone", "do_not_text undone", "moved void", "deceased void", "deceased waits", "deceased counts"),
        *(
            "to one caller",
            "by phone",
            "by phone, to one caller",
            "by phone, of nobody known",
            "said by the voter file",
        ),
    }
    assert wanted - seen == set()


def test_moving_time_changes_what_is_seen(tmp_path: Path) -> None:
    world = random_world(Random(1))
    counts = []
    for stage in (0, 1, 2):
        oracle = oracle_after(world, stage, tmp_path / str(stage))
        counts.append([len(views_of(partner_id, oracle)["contacts"]) for partner_id in world.partner_ids])
    assert counts[0] != counts[1] != counts[2]


def _faces_of_limits(oracle: OracleWorld) -> set[object]:
    faces: set[object] = set()
    for partner in oracle.registry.partners.values():
        own = [event for event in oracle.facts.events if event.partner_id == partner.partner_id and event.answer]
        given = [event.contact_on for event in own]
        if any(party_matches(limit.partner, partner, oracle.registry) for limit in oracle.registry.limits):
            faces.add("limit met" if gives_enough(partner, oracle.registry, oracle.today, given) else "limit not met")
    return faces


def _faces_of_suppressions(oracle: OracleWorld) -> set[str]:
    judgements = judged(oracle)
    told = {(report.voter, report.kind, report.phone) for report, _ in judgements}
    faces = {f"{report.kind} {verdict}" for report, verdict in judgements}
    for held in held_suppressions(oracle):
        caller = "to one caller" if held.caller else ""
        if (held.voter, held.kind, held.phone) in told:
            faces.add(caller)
        elif held.phone:
            faces.add(", ".join(filter(None, ("by phone", caller))))
            if (None, held.kind, held.phone) in told:
                faces.add("by phone, of nobody known")
        else:
            faces.add("said by the voter file")
    return faces


def _faces_of_a_response(row: ViewRow) -> list[str]:
    days = (row["responded_until"] - row["responded_from"]).days
    faces = ["own" if row["is_own"] else "named" if row["contributor"] else "blind"]
    faces.append("one day" if days == 0 else "one month" if days < 31 else "two months")
    faces.append("listed" if row["contact_id"] else "not listed")
    faces.append({True: "on ballot", False: "not on ballot", None: "of the person"}[row["on_ballot"]])
    return faces + (["disagree"] if row["answers_disagree"] else [])

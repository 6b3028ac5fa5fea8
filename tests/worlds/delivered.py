"""What a world's reference files say: its voters with their ids, and the same files as snapshots."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from .people import Person
from .world import DeliveredFile, World


def whole_files(rng: Random, feed_id: str, files: list[DeliveredFile]) -> list[DeliveredFile]:
    """The feed's files, each with what those before it told too, but for two rows: who leaves may come back."""
    known: dict[tuple[str, ...], dict[str, str]] = {}
    made = []
    for file in files:
        if file.feed_id == feed_id:
            for row in file.rows:
                key = ("state", "state_voter_id") if feed_id == "voters" else tuple(row)
                known[tuple(row[column] for column in key)] = row
            left = rng.sample(sorted(known), 2) if file.stage else []
            file = replace(file, rows=[row for key, row in known.items() if key not in left])
        made.append(file)
    return made


def people_of(world: World) -> list[Person]:
    """The voters of a world with the ids of its crosswalk, whenever they arrive."""
    ids: dict[tuple[str, str], dict[tuple[str, str], list[str]]] = {}
    for file in world.files:
        for row in file.rows:
            if file.feed_id == "voters":
                ids.setdefault((row["state"], row["state_voter_id"]), {})
            elif file.feed_id == "person_ids":
                known = ids.setdefault((row["state"], row["state_voter_id"]), {})
                scope = row["scope"] or (row["state"] if row["namespace"] == "vanid_voterfile" else "")
                known.setdefault((row["namespace"], scope), []).append(row["external_id"])
    return [Person(*voter, known) for voter, known in sorted(ids.items())]

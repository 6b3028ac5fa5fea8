"""A random story of one exchange: what is delivered, taken back, decided and changed between refreshes.

`log` tells it in words, so that a failing story can be read; the same generator state tells the same story.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from tests.warehouse_steps import SteppedExchange

from .delivered import people_of, whole_files
from .generation import random_world
from .questions import CONTESTS
from .sharing import random_limit
from .tools import ToolDeliveries, tool_answers, tool_feeds
from .world import DeliveredFile, World

REFERENCE_FEEDS = ("voters", "person_ids", "ballots")
ZONES = ("America/New_York", "Pacific/Honolulu", "Asia/Tokyo", "UTC")


@dataclass
class Story:
    """`registry_folder` holds the world's registry as it is now; `waiting`: per feed the files to come, in order."""

    rng: Random
    world: World
    registry_folder: Path
    now: datetime
    waiting: dict[str, list[DeliveredFile]]
    # what each refresh took: its instant and its files
    taken: list[tuple[datetime, list[DeliveredFile]]] = field(default_factory=list)
    withdrawn: list[tuple[str, str]] = field(default_factory=list)
    # (feed, identity, decision, state, voter), in the order in which people took them
    decisions: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    def turn(self, exchange: SteppedExchange) -> None:
        """Some deliveries, some other changes, one refresh."""
        self.log.append(f"--- {self.now:%Y-%m-%d %H:%M}")
        files = self._deliver(exchange.inbox)
        if self.taken:
            for _ in range(self.rng.choice([0, 1, 1, 2, 3])):
                self.rng.choice(SHARING_CHANGES if exchange.shares else CHANGES)(self, exchange)
        self.world.write_registry(self.registry_folder)
        exchange.refresh(self.now)
        self.taken.append((self.now, files))
        self.now += timedelta(hours=self.rng.choice([0, 1, 12, 24, 60]))

    def _deliver(self, inbox: Path) -> list[DeliveredFile]:
        """The next files of about half of the feeds: at first voters, and ids of some."""
        files = []
        for feed_id, waiting in self.waiting.items():
            is_needed = not self.taken and feed_id in ("voters", "person_ids")
            while waiting and (is_needed or self.rng.random() < 0.5):
                is_needed = False
                files.append(waiting.pop(0))
                files[-1].write(inbox)
                self.log.append(f"deliver {feed_id} {files[-1].name}: {len(files[-1].rows)} rows")
        return files

    def withdraw(self, exchange: SteppedExchange) -> None:
        with exchange.connect() as connection:
            present = connection.execute(
                "select feed_id, file_name from raw.file where feed_id <> all(%s) order by file_id",
                [list(REFERENCE_FEEDS)],
            ).fetchall()
        present = [file for file in present if file not in self.withdrawn]
        if present:
            file = self.rng.choice(present)
            exchange.withdraw(*file)
            self.withdrawn.append(file)
            self.log.append(f"withdraw {file}")

    def decide(self, exchange: SteppedExchange) -> None:
        """Somebody says who a person of a feed is: this voter, not this one, or nobody."""
        with exchange.connect() as connection:
            identities = connection.execute(
                "select feed_id, identity_key from matching.identity"
                " inner join intermediate.int_identities using (feed_id, identity_key)"
                ' order by feed_id collate "C", identity_key collate "C"'
            ).fetchall()
            voters = connection.execute(
                "select keys.state, keys.state_voter_id from intermediate.int_voter_keys as keys"
                " inner join matching.voter using (voter_id) order by keys.state, keys.state_voter_id"
            ).fetchall()
        if identities and voters:
            who, voter = self.rng.choice(identities), self.rng.choice(voters)
            decision = self.rng.choice(["match", "match", "no_match", "nobody"])
            line = (*who, "no_match", "", "") if decision == "nobody" else (*who, decision, *voter)
            write_decisions(self.registry_folder.parent / "decisions.csv", [line])
            exchange.decide(self.registry_folder.parent / "decisions.csv")
            self.decisions.append(line)
            self.log.append(f"decide {line}")

    def remap(self, exchange: SteppedExchange) -> None:
        """An answer gets another meaning, loses it, or has another one from a day on (a re-cycled question)."""
        rows = self.world.registry["answer_map"]
        row = self.rng.choice([row for row in rows if row["question_code"] != "ignore"])
        told = f"{row['file_format']} {row['partner_id']} {row['source_question']} {row['source_answer']}"
        kind = self.rng.choice(["removed", "another code", "re-cycled"])
        if kind == "removed":
            rows.remove(row)
        elif kind == "another code":
            row["answer_code"] = self.rng.choice(["1", "2", "3"])
        elif not row["valid_from"] and not row["valid_until"]:
            day = (self.now - timedelta(days=self.rng.randrange(30))).date()
            rows.append(row | {"answer_code": self.rng.choice(["1", "2"]), "valid_from": str(day + timedelta(days=1))})
            row["valid_until"] = str(day)
        self.log.append(f"answer map: {told} {kind}")

    def rezone(self, exchange: SteppedExchange) -> None:
        feed = self._contacts_feed()
        feed["timezone"] = self.rng.choice(ZONES)
        self.log.append(f"feed {feed['feed_id']}: time zone {feed['timezone']}")

    def recover(self, exchange: SteppedExchange) -> None:
        feed = self._contacts_feed()
        feed["coverage"] = "delta" if feed["coverage"] == "snapshot" else "snapshot"
        self.log.append(f"feed {feed['feed_id']}: coverage {feed['coverage']}")

    def recontest(self, exchange: SteppedExchange) -> None:
        contest = self.rng.choice(self.world.registry["contests"])
        _, level, division = self.rng.choice(CONTESTS)
        contest |= {"office_level": level, "division_id": division}
        contest["election_on"] = self.rng.choice(["2026-11-03", "2026-11-03", "2026-09-29", "2027-05-04"])
        self.log.append(f"contest {contest['contest_id']}: {level} {division} {contest['election_on']}")

    def regulate(self, exchange: SteppedExchange) -> None:
        """A sharing rule comes, goes or changes."""
        rules = self.world.registry["sharing_rules"]
        rule = self.rng.choice(rules)
        kind = self.rng.choice(["removed", "embargo", "ends"])
        if kind == "removed":
            rules.remove(rule)
        elif kind == "embargo":
            rule["embargo_days"] = self.rng.choice(["0", "3", "21"])
        else:
            rule["valid_until"] = (self.now + timedelta(days=self.rng.randrange(-1, 3))).date().isoformat()
        self.log.append(f"sharing rule {rule['rule_id']}: {kind}")

    def limit(self, exchange: SteppedExchange) -> None:
        """A give-to-get limit comes, or asks for another number than before."""
        limits = self.world.registry.setdefault("give_to_get", [])
        partner = self.rng.choice(self.world.registry["partners"])["partner_id"]
        limits[:] = [row for row in limits if row["partner"] != partner] + [random_limit(self.rng, partner)]
        self.log.append(f"limit of {partner}: {limits[-1]}")

    def join_or_leave(self, exchange: SteppedExchange) -> None:
        """A partner pauses or returns, or works in other states."""
        partner = self.rng.choice([row for row in self.world.registry["partners"] if row["partner_id"] != "exchange"])
        if self.rng.random() < 0.5:
            partner["is_active"] = "false" if partner["is_active"] == "true" else "true"
        else:
            partner["states"] = self.rng.choice(["*", "NC", "GA", "GA NC"])
        self.log.append(f"partner {partner['partner_id']}: active {partner['is_active']}, states {partner['states']}")

    def nothing(self, exchange: SteppedExchange) -> None:
        self.log.append("nothing")

    def _contacts_feed(self) -> dict[str, str]:
        return self.rng.choice(
            [feed for feed in self.world.registry["feeds"] if feed["feed_id"] not in REFERENCE_FEEDS]
        )


CHANGES = (
    Story.withdraw, Story.withdraw, Story.decide, Story.decide, Story.remap, Story.remap, Story.rezone, Story.recover,
    Story.recontest, Story.nothing,
)  # fmt: skip
# where partners' views are looked at
SHARING_CHANGES = (
    *CHANGES, Story.regulate, Story.regulate, Story.regulate, Story.limit, Story.limit, Story.join_or_leave,
)  # fmt: skip


def random_story(rng: Random, registry_folder: Path, *, stages: int = 4, people: int = 25) -> Story:
    """A world of plain feeds, and one partner with tools of vendors."""
    world = random_world(rng, stages=stages, people=people, rows_per_feed=16)
    registry = world.registry
    with_tools = registry["partners"][0]["partner_id"]
    feeds = tool_feeds(with_tools, rng)
    registry["feeds"] += feeds
    registry["answer_map"] += tool_answers()
    tools = ToolDeliveries(rng, feeds, people_of(world), world.instants[0].date())
    files = world.files + tools.files(stages, 12)
    for feed_id in ("voters", "person_ids"):
        if rng.random() < 0.5:
            [feed] = [feed for feed in registry["feeds"] if feed["feed_id"] == feed_id]
            feed["coverage"] = "snapshot"
            files = whole_files(rng, feed_id, files)
    world = replace(world, files=files)
    waiting: dict[str, list[DeliveredFile]] = {feed["feed_id"]: [] for feed in registry["feeds"]}
    for file in world.files:
        waiting[file.feed_id].append(file)
    world.write_registry(registry_folder)
    return Story(rng, world, registry_folder, world.instants[0], waiting)


def write_decisions(path: Path, lines: list[tuple[str, str, str, str, str]]) -> None:
    """A file of `exchange review import`."""
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["feed_id", "source_person_id", "decision", "state", "state_voter_id"])
        writer.writerows(lines)

"""Random deliveries of one contacts feed: corrections, retractions, ties, strangers, rows that cannot be understood."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from .people import PHONE_COUNT, Person
from .questions import IGNORED_QUESTION, question_texts
from .sharing import CHANNELS, EMBARGO_DAYS
from .world import DeliveredFile, Row

# few times of day, so that several partners speak to a person at the same instant; two of them change the UTC
# date
TIMES = (time(0, 0), time(12, 0), time(12, 0), time(16, 30), time(23, 59, 59))
RESULTS = ("canvassed", "canvassed", "", "not_home", "refused", "left_message", "texted", "call_back")
SUPPRESSING = (
    *("opted_out", "opted_out", "opted_out_caller", "opted_out_caller", "opted_out_all", "opted_in"),
    *("do_not_call", "do_not_text", "do_not_walk", "do_not_mail", "wrong_number"),
    *("deceased", "deceased", "moved", "moved"),
)
# few, so that one of them belongs to several people; as people write them
PHONES = ("919555{}", "(919) 555-{}", "+1 919.555.{}")
GARBAGE = (
    {"channel": "fax"},
    {"channel": ""},
    {"result": "spoke to the dog"},
    {"contacted_at": "last week"},
    {"contacted_at": "2026-02-30T10:00:00"},
    {"answer": ""},
    {"question": "Unheard of?", "answer": "1"},
    {"answer": "17"},
)


class FeedDeliveries:
    """One feed's truth as its partner holds it, delivered stage by stage."""

    def __init__(self, rng: Random, feed: Row, people: list[Person], today: list[date], size: int) -> None:
        self.rng = rng
        self.feed = feed
        self.zone = ZoneInfo(feed["timezone"])
        self.people = people
        self.days = interesting_days(today)
        self.size = size
        self.records: dict[str, Row] = {}

    def files(self, stages: int) -> list[DeliveredFile]:
        files: list[DeliveredFile] = []
        for stage in range(stages):
            touched = self._grow(self.size if stage == 0 else self.size // 3)
            if stage:
                touched += self._correct(self.size // 4)
            if self.feed["coverage"] == "snapshot":
                self._retract(self.size // 8 if stage else 0)
                files.append(self._file(stage, 0, list(self.records)))
            else:
                files += self._delta_files(stage, touched)
        return files

    def _delta_files(self, stage: int, touched: list[str]) -> list[DeliveredFile]:
        """Two files that share some records: the later file, and in it the later line, wins."""
        half = len(touched) // 2
        first = self._file(stage, 0, touched[:half] or touched)
        twice = self.rng.sample(touched, min(3, len(touched)))
        self._correct_these(twice)
        second = self._file(stage, 1, touched[half:] + twice)
        outdated = [row | {"answer": "2"} if row["answer"] else row for row in first.rows[:2]]
        return [
            DeliveredFile(stage, first.feed_id, first.location, first.name, outdated + first.rows),
            second,
        ]

    def _file(self, stage: int, number: int, record_ids: list[str]) -> DeliveredFile:
        rows = [dict(self.records[record_id]) for record_id in record_ids if record_id in self.records]
        if self.rng.random() < 0.3:
            rows.append(self._row("", self.rng.choice(self.people)))  # a line without a key
        return DeliveredFile(stage, self.feed["feed_id"], self.feed["location"], f"{stage}_{number}_contacts.csv", rows)

    def _grow(self, count: int) -> list[str]:
        """New conversations of one to three lines, mostly about one person each."""
        added: list[str] = []
        while len(added) < count:
            person = self.rng.choice(self.people)
            key = f"talk-{len(self.records)}" if self.rng.random() < 0.7 else ""
            first: Row | None = None
            for _ in range(self.rng.choice([1, 1, 2, 3])):
                record_id = f"{self.rng.choice(['A-', 'a_', 'b', 'Z'])}{len(self.records):03d}"
                row = self._row(record_id, person) | {"contact_key": key}
                if first and self.rng.random() < 0.7:
                    same = {column: first[column] for column in ("contacted_at", "channel", "person_id", "state")}
                    row |= same
                if self.rng.random() < 0.05:
                    row |= self._identity(self.rng.choice(self.people))
                first = first or row
                self.records[record_id] = row
                added.append(record_id)
                if row["result"] in SUPPRESSING and self.rng.random() < 0.4:
                    added.append(self._second_thought(row))
        return added

    def _second_thought(self, row: Row) -> str:
        """The same person about the same channel and number at another time: it may be before."""
        record_id = f"t{len(self.records):03d}"
        changed = {"record_id": record_id, "contact_key": "", "question": "", "answer": ""}
        channel = {"do_not_call": "phone", "do_not_text": "text", "do_not_walk": "door", "do_not_mail": "mail"}
        changed["channel"] = channel.get(row["result"], row["channel"])
        self.records[record_id] = row | changed | {"contacted_at": self._moment_text(), "result": "opted_in"}
        return record_id

    def _correct(self, count: int) -> list[str]:
        chosen = self.rng.sample(sorted(self.records), min(count, len(self.records)))
        self._correct_these(chosen)
        return chosen

    def _correct_these(self, record_ids: list[str]) -> None:
        for record_id in record_ids:
            old = self.records[record_id]
            new = self._row(record_id, self.rng.choice(self.people)) | {"contact_key": old["contact_key"]}
            kept = self.rng.choice(
                [
                    ("person_id", "state", "contacted_at", "channel", "question"),
                    ("person_id", "state", "contacted_at", "channel", "result"),
                    ("person_id", "state", "question", "answer", "result"),
                    ("contacted_at", "channel", "question", "answer"),
                ]
            )
            self.records[record_id] = new | {column: old[column] for column in kept}

    def _retract(self, count: int) -> None:
        for record_id in self.rng.sample(sorted(self.records), min(count, len(self.records))):
            del self.records[record_id]

    def _row(self, record_id: str, person: Person) -> Row:
        rng = self.rng
        row = {
            "record_id": record_id,
            "contact_key": "",
            **self._identity(person),
            "contacted_at": self._moment_text(),
            "channel": rng.choice(CHANNELS),
            "result": rng.choice(SUPPRESSING) if rng.random() < 0.15 else rng.choice(RESULTS),
            "phone": self._phone(person),
            "question": "",
            "answer": "",
        }
        if rng.random() < 0.7:
            question, codes = self._question(person)
            row |= {"question": question, "answer": str(rng.randint(1, codes))}
        elif rng.random() < 0.1:
            row |= {"question": IGNORED_QUESTION, "answer": rng.choice(["yes", "no"])}
        if rng.random() < 0.06:
            row |= rng.choice(GARBAGE)
        return row

    def _question(self, person: Person) -> tuple[str, int]:
        """Few questions per person, so that answers meet."""
        texts = question_texts()
        local = [text for text in texts if f" {person.state.lower()}-" in text[0] or "president" in text[0]]
        return self.rng.choice(local[:4] if self.rng.random() < 0.5 else texts)

    def _identity(self, person: Person) -> Row:
        """Mostly a known id; sometimes none, a stranger's, or one with blanks around."""
        namespace = self.feed["id_namespace"]
        scope = self.feed["id_scope"] or (
            self.feed["state"] if namespace in ("state_voter_id", "vanid_voterfile") else ""
        )
        external_id = person.id_in(self.rng, namespace, scope)
        chance = self.rng.random()
        if chance < 0.05:
            external_id = self.rng.choice(["", "999999", "0" + external_id])
        elif chance < 0.1:
            external_id = f" {external_id} "
        # a person without an id still has the partner's own key: such rows are plausible, only not matched by id
        own_key = f"own-{person.state}-{person.state_voter_id}"
        return {"person_id": external_id, "source_person_id": own_key, "state": person.state}

    def _phone(self, person: Person) -> str:
        """None, the person's own, or anybody's."""
        chance = self.rng.random()
        if chance < 0.4:
            return ""
        return self.rng.choice(PHONES).format(
            person.phone if chance < 0.8 else f"{self.rng.randrange(PHONE_COUNT):04d}"
        )

    def _moment_text(self) -> str:
        """A time as tools write it: bare date, local time, or with an offset."""
        day, clock = self.rng.choice(self.days), self.rng.choice(TIMES)
        if self.rng.random() < 0.1:
            return day.isoformat()
        if self.rng.random() < 0.4:
            return datetime.combine(day, clock).isoformat(sep=self.rng.choice("T "))
        moment = datetime.combine(day, clock, UTC)
        if self.rng.random() < 0.5:
            return moment.isoformat().replace("+00:00", "Z")
        return moment.astimezone(self.zone).isoformat()


def interesting_days(today: list[date]) -> list[date]:
    """Days on which an embargo ends on, before or after a refresh; ends of months; a few far back."""
    days = [
        day - timedelta(days=embargo) + timedelta(days=shift)
        for day in today
        for embargo in EMBARGO_DAYS
        for shift in (-1, 0, 1)
    ]
    return [*days, date(2026, 8, 31), date(2026, 9, 1), date(2026, 7, 1), date(2026, 2, 28)]

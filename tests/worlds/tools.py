"""Random exports of one partner's tools: two texting tools, and its VAN, which repeats what the first did."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from .people import Person
from .questions import CONTESTS
from .world import DeliveredFile, Row

# in answer_map.csv: the texting tool's words, VAN's ids
SUPPORTED = CONTESTS[:4]
ANSWERS = ("1", "2", "3", "4", "5")
FORMATS = ("thrutext_messages", "thrutext_surveys", "thrutext_opt_outs", "spoke_contacts")
VAN_FORMATS = ("van_contactscontacts", "van_contactssurveyresponses")
RESULT_IDS = ("1", "2", "14", "4", "5", "20", "22", "130", "17")
CONTACT_TYPES = ("37", "37", "1", "2")


def tool_feeds(partner_id: str, rng: Random) -> list[Row]:
    """A feed of each format. Texting tools say the DWID; VAN says the VANID of the line's state."""
    return [
        {
            "feed_id": f"{partner_id}_{file_format}",
            "partner_id": partner_id,
            "file_format": file_format,
            "location": f"{partner_id}/{file_format}",
            "file_pattern": "*.csv",
            "coverage": rng.choice(["delta", "delta", "snapshot"]),
            "timezone": rng.choice(["America/New_York", "America/Los_Angeles"]),
            "id_namespace": "vanid_voterfile" if file_format in VAN_FORMATS else "dwid",
            "id_scope": "",
            "state": "",
            "expected_every_hours": "24",
            "min_rows": "",
            "max_reject_share": "",
        }
        for file_format in (*FORMATS, *VAN_FORMATS)
    ]


def tool_answers() -> list[Row]:
    """Lines of answer_map.csv for every question and answer that the tools deliver."""
    rows = []
    for number, (contest_id, _, _) in enumerate(SUPPORTED):
        for code in ANSWERS:
            for file_format, question, answer in (
                ("thrutext_surveys", contest_id, code),
                ("spoke_contacts", contest_id, code),
                ("van_contactssurveyresponses", str(9000 + number), str(90000 + 10 * number + int(code))),
            ):
                rows.append(
                    {
                        "file_format": file_format,
                        "partner_id": "*",
                        "id_scope": "*",
                        "source_question": question,
                        "source_answer": answer,
                        "question_code": "candidate_support",
                        "contest_id": contest_id,
                        "candidate_id": f"{contest_id}-a",
                        "answer_code": code,
                        "valid_from": "",
                        "valid_until": "",
                    }
                )
    return rows


class ToolDeliveries:
    """What the tools of one partner know, delivered stage by stage."""

    def __init__(self, rng: Random, feeds: list[Row], people: list[Person], first_day: date) -> None:
        self.rng = rng
        self.feeds = {feed["file_format"]: feed for feed in feeds}
        self.people = people
        self.first_day = first_day
        self.rows: dict[str, dict[str, Row]] = {file_format: {} for file_format in (*FORMATS, *VAN_FORMATS)}
        self.talks = 0

    def files(self, stages: int, talks: int) -> list[DeliveredFile]:
        files = []
        for stage in range(stages):
            before = {name: dict(rows) for name, rows in self.rows.items()}
            for _ in range(talks if stage == 0 else max(talks // 2, 1)):
                self._talk(self.rng.choice(self.people))
            if stage:
                self._change_minds()
            for file_format, rows in self.rows.items():
                is_delta = self.feeds[file_format]["coverage"] == "delta"
                told = [row for key, row in rows.items() if not is_delta or before[file_format].get(key) != row]
                if told:
                    feed = self.feeds[file_format]
                    files.append(DeliveredFile(stage, feed["feed_id"], feed["location"], f"{stage}_0.csv", told))
        return files

    def _talk(self, person: Person) -> None:
        """One conversation by text; often VAN has it too, as one record of that day; sometimes only VAN has one."""
        self.talks += 1
        number = self.talks
        day = self.first_day - timedelta(days=self.rng.randrange(12))
        moment = datetime.combine(day, time(self.rng.randrange(24), self.rng.randrange(60)))
        contest = self.rng.randrange(len(SUPPORTED))
        answer = self.rng.choice(ANSWERS) if self.rng.random() < 0.7 else ""
        kind = self.rng.random()
        if kind < 0.6:
            self._thrutext(number, person, moment, contest, answer)
        elif kind < 0.8:
            self._spoke(number, person, contest, answer)
        if kind < 0.4 or kind >= 0.8:
            kept = moment + timedelta(minutes=self.rng.choice([0, 0, 30, 600]))
            self._van(number, person, kept, contest, answer if self.rng.random() < 0.8 else self.rng.choice(ANSWERS))

    def _thrutext(self, number: int, person: Person, moment: datetime, contest: int, answer: str) -> None:
        rng = self.rng
        known = {
            "conversation_id": f"c{number}",
            "contact_id": f"k-{person.state}-{person.state_voter_id}",
            "contact_first_name": "",
            "contact_last_name": "",
            "contact_phone": f"919555{rng.randint(100, 199):04d}",
            "dwid": person.id_in(rng, "dwid", "") if rng.random() < 0.95 else "",
        }
        for turn, direction in enumerate(("outgoing", "incoming") if answer else ("outgoing",)):
            stamp = {"timestamp": str(moment + timedelta(minutes=turn)), "message_id": f"m{number}-{turn}"}
            self.rows["thrutext_messages"][f"m{number}-{turn}"] = {**stamp, "message_direction": direction, **known}
        if answer:
            told = {"survey_id": "s1", "survey_question": SUPPORTED[contest][0], "response": answer}
            said_at = {"updated_at": str(moment + timedelta(minutes=2))}
            self.rows["thrutext_surveys"][f"c{number}"] = {**known, **told, **said_at}
        if rng.random() < 0.15:
            stamp = {"timestamp": str(moment + timedelta(minutes=3)), "opt_out_type": "STOP"}
            self.rows["thrutext_opt_outs"][f"c{number}"] = {**stamp, **known}

    def _spoke(self, number: int, person: Person, contest: int, answer: str) -> None:
        questions = {f"question[{contest_id}]": "" for contest_id, _, _ in SUPPORTED}
        self.rows["spoke_contacts"][str(number)] = {
            "campaignId": str(number % 3),
            "contact[cell]": f"+1919555{self.rng.randint(100, 199):04d}",
            "contact[state]": person.state,
            "contact[optOut]": self.rng.choice(["false", "false", "true"]),
            "contact[messageStatus]": self.rng.choice(["messaged", "convo", "needsMessage"]),
            "contact[external_id]": person.id_in(self.rng, "dwid", ""),
            **questions,
            f"question[{SUPPORTED[contest][0]}]": answer,
        }

    def _van(self, number: int, person: Person, moment: datetime, contest: int, answer: str) -> None:
        known = {
            "statecode": person.state,
            "contactscontactid": str(number),
            "vanid": person.id_in(self.rng, "vanid_voterfile", person.state) or "999999",
            "committeeid": "77",
            "datecanvassed": moment.isoformat(sep=" "),
            "contacttypeid": self.rng.choice(CONTACT_TYPES),
        }
        if not answer:
            self.rows["van_contactscontacts"][str(number)] = {**known, "resultid": self.rng.choice(RESULT_IDS)}
            return
        self.rows["van_contactscontacts"][str(number)] = {**known, "resultid": "14"}
        ids = {"surveyquestionid": str(9000 + contest), "surveyresponseid": str(90000 + 10 * contest + int(answer))}
        row_id = {"contactssurveyresponseid": str(number)}
        self.rows["van_contactssurveyresponses"][str(number)] = {**known, **row_id, **ids}

    def _change_minds(self) -> None:
        """Corrections, and records that vanish from the next snapshot."""
        for rows in self.rows.values():
            for key in self.rng.sample(sorted(rows), min(2, len(rows))):
                if self.rng.random() < 0.4:
                    del rows[key]
                elif "response" in rows[key]:
                    rows[key] = rows[key] | {"response": self.rng.choice(ANSWERS)}
                elif "resultid" in rows[key]:
                    rows[key] = rows[key] | {"resultid": self.rng.choice(RESULT_IDS)}
                elif "datecanvassed" in rows[key]:
                    rows[key] = rows[key] | {"datecanvassed": f"{self.first_day} 09:00:00"}

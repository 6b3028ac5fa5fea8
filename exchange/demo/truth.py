"""What the generator knows and the exchange must find out: one line per delivered record, as it must come out.

Grain of rows.csv: one row per delivered contact record (a Spoke line holds several: the contact and its answers).
"""

from __future__ import annotations

import csv
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from exchange.demo.conversations import Talk
from exchange.demo.questions import IGNORE, Ask

ROWS_HEADER = (
    "feed_id", "file_name", "record_key", "state", "state_voter_id", "question_code", "contest_id", "candidate_id",
    "answer_code", "contact_result", "channel", "contacted_at", "expected_status", "why", "line", "partner_id",
    "contact_source", "contact_key", "id_matches",
)  # fmt: skip

README = """# Truth of this demo exchange

Written by `exchange demo` beside the files it delivered; nothing in the exchange reads it. Only tests do.

`rows.csv`: one row per delivered contact record.
- `file_name`, `line`: where it stands; `line` is the physical line of the decoded text on which the record starts,
  header = 1.
- `record_key`: the record's key within its feed, parts joined by `|`; blank for a rejected line:
  generic_contacts `record_id`; van_contactscontacts `attempt|statecode|committeeid|contactscontactid`;
  van_contactssurveyresponses `answer|statecode|committeeid|contactssurveyresponseid`;
  van_survey_response_report `answer|vanid|date canvassed|contact type|question name`;
  van_contact_history_report `attempt|vanid|date canvassed|contact type|result|canvassed by`;
  thrutext_messages `message|message_id`; thrutext_surveys `answer|conversation_id|survey_id|survey_question`;
  thrutext_opt_outs `opt-out|conversation_id`; spoke_contacts `campaignId|cell` for the contact itself, and then
  `|opt-out` or `|question[…]` for what else the line says.
- `state`, `state_voter_id`: who it truly is; a blank id: deliberately nobody in the voter file.
- `id_matches`: the delivered id leads to exactly that voter (false: no id, unknown id, an id of two voters, the other
  state's id, an id whose leading zeros a spreadsheet removed).
- `question_code` … `answer_code`: what the answer means; blank for a record without an answer.
- `contact_result`, `channel`: as mapped by the vocabulary; an answer of a vendor's tool implies `canvassed`;
  `contact_result` is blank where a plain record delivers none.
- `contacted_at`: with offset, in the feed's time zone; date-only reports mean noon there. Blank for Spoke, whose
  export has no time: the exchange uses the time at which the file was received.
- `expected_status`: `accepted`; `ignored` (the question is known and not taken: a contact without a response);
  `quarantined` (not understood); `rejected` (a damaged line); `superseded` (a newer delivery of the same record, or a
  newer snapshot without it); `duplicate` (an identical later delivery counts); `copied` (VAN repeats an answer that
  the partner's texting tool has: it counts once). `why` says it in words.
- `contact_source`, `contact_key`: records with both equal, about one person, are one contact; VAN's record of a text
  has those of the texting tool's conversation.

`persons.csv`: one row per registered voter: household, and its id in each namespace. An id that two voters carry is
marked in `shared_ids` (namespaces, separated by blanks) on the voter whose id it is; the voter of the next line carries
it too, besides its own.
"""
VISIBILITY_NOTE = """
`visibility.csv`: what each active partner may see of others' and of its own records at {as_of}: `partner_id`,
`feed_id`, `record_key`, `subject` (`responses`: that record; `contacts`: the contact whose earliest record it is).
Only records with `id_matches` count. Spoke records count as received at that instant.
"""
NO_VISIBILITY_NOTE = "\n`visibility.csv` is not written: the demo has more than {limit:,} contact rows.\n"


class Place(NamedTuple):
    """Where a record was written."""

    feed_id: str
    file_name: str
    line: int


class Truth:
    """Writes truth/rows.csv while the files are written; keeps counts only: (feed, status) → records."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.counts: dict[tuple[str, str], int] = {}
        self._file = (folder / "rows.csv").open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(ROWS_HEADER)

    def record(
        self, place: Place, record_key: str, contact: tuple[str, str, str], talk: Talk, *, result: str = "",
        contacted_at: str = "", answer: tuple[Ask, int] | None = None, wrong: str = "", duplicate: bool = False,
        replaced: str = "", copied: bool = False, id_matches: bool | None = None,
    ) -> None:  # fmt: skip
        """One record. `contact`: partner, contact source, contact key. `wrong`: why it must be quarantined;
        `replaced`: why a later delivery counts instead; `copied`: another tool's answer counts instead."""
        ask, code = answer or (None, 0)
        taken = ask is not None and ask.question_code != IGNORE and not wrong
        status, why = (
            ("copied", "the texting tool's answer counts") if copied else _status(ask, wrong, duplicate, replaced)
        )
        person = talk.person
        matches = talk.identity.is_unique if id_matches is None else id_matches
        self._count(place.feed_id, status)
        self._writer.writerow(
            (
                place.feed_id, place.file_name, record_key, person.state, person.state_voter_id,
                ask.question_code if ask and taken else "", ask.contest_id if ask and taken else "",
                ask.candidate_id if ask and taken else "", code if taken else "", result, talk.channel, contacted_at,
                status, why, place.line, *contact, "true" if matches else "false",
            )
        )  # fmt: skip

    def rejected(self, place: Place, partner_id: str, damage: str) -> None:
        """A damaged line: nothing of it can be told."""
        self._count(place.feed_id, "rejected")
        blank = [""] * len(ROWS_HEADER)
        blank[0], blank[1], blank[12], blank[13] = place.feed_id, place.file_name, "rejected", damage
        blank[14], blank[15], blank[18] = str(place.line), partner_id, "false"
        self._writer.writerow(blank)

    def _count(self, feed_id: str, status: str) -> None:
        self.counts[feed_id, status] = self.counts.get((feed_id, status), 0) + 1

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _status(ask: Ask | None, wrong: str, duplicate: bool, replaced: str) -> tuple[str, str]:
    # the newest delivery is found first and judged afterwards, so an old version is never quarantined
    if duplicate:
        return "duplicate", "delivered again, identical"
    if replaced:
        return "superseded", replaced
    if wrong:
        return "quarantined", wrong
    if ask is not None and ask.question_code == IGNORE:
        return "ignored", "question known and not taken"
    return "accepted", ""

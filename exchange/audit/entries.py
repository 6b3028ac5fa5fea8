"""From the server's messages to what partners' logins did: statements as they begin, end and fail."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from exchange.audit import statements

ROLE = re.compile(r"p_[0-9a-f]{6}")
_STATEMENT = re.compile(r"statement: (.*)", re.DOTALL)
_EXECUTE = re.compile(r"execute (?:fetch from )?", re.DOTALL)
_FUNCTION = re.compile(r"fastpath function call: ")
_DURATION = re.compile(r"duration: ([0-9.]+) ms")
# steps before the execution, each with a duration of its own
_PREPARING = ("PARSE", "BIND")
# what a session does while no statement has begun
_UNBEGUN = (*_PREPARING, "idle", "idle in transaction", "idle in transaction (aborted)", "authentication", "startup")
# of FATAL: refused logins, and connections beyond the limit
_LOGIN_REFUSED = re.compile(r"28...|53300|42501|3D000|55000")
MOST_COLONS = 20
_CUT = "is cut"
# within a message its quotes are escaped: here another one begins, behind one that a crash cut off
_BEGINNING = '{"timestamp":"'
LONGEST_LINE = 4_000_000


@dataclass
class Statement:
    """Grain: one statement of a partner's login, or one refused login. See the comments on ops.access_log."""

    session_id: str
    line_number: int
    at: str
    role: str
    relations: list[str]
    kind: str
    client_addr: str | None
    duration_ms: float | None = None
    error_code: str | None = None


@dataclass
class Ending:
    """How the last statement of a session ended whose beginning was collected before."""

    session_id: str
    duration_ms: float | None
    error_code: str | None


@dataclass
class Batch:
    """What some lines of the log tell."""

    statements: list[Statement] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    unreadable: int = 0


def read_batch(lines: Iterable[bytes], own: frozenset[str]) -> Batch:
    """Understand whole lines of the log, in order. own: names of the views that every partner's schema holds."""
    batch = Batch()
    # what runs in each session; None: its statement ended
    running: dict[str, Statement | None] = {}
    for line in lines:
        entry = parsed(line)
        if entry is None:
            batch.unreadable += 1
        elif ROLE.fullmatch(entry.get("user") or ""):
            _take(entry, own, batch, running)
    return batch


def parsed(line: bytes) -> dict[str, Any] | None:
    """One message; of one longer than LONGEST_LINE its beginning. None: it is no message."""
    text = line.decode(errors="replace")
    if len(line) >= LONGEST_LINE:
        # cut within its text, perhaps within an escape; what comes before the text is short
        text = re.sub(r"\\(u[0-9a-fA-F]{0,3})?$", "", text) + f'", "{_CUT}": true}}'
    for start in sorted({0, text.rfind(_BEGINNING)} - {-1}):
        try:
            entry = json.loads(text[start:], strict=False)
        except ValueError:
            continue
        return entry if isinstance(entry, dict) and "message" in entry else None
    return None


def _take(entry: dict[str, Any], own: frozenset[str], batch: Batch, running: dict[str, Statement | None]) -> None:
    session_id, message = entry["session_id"], entry["message"]
    began = _begun(entry, own)
    if began is not None:
        if _CUT in entry:
            # what is cut off may name any of them
            began.relations = sorted(own)
        batch.statements.append(began)
        running[session_id] = began
    elif duration := _DURATION.match(message):
        if entry.get("ps") not in _PREPARING:
            _end(session_id, float(duration.group(1)), None, batch, running)
    elif entry.get("error_severity") in ("ERROR", "FATAL"):
        nothing_runs = running.get(session_id) is None and (session_id in running or entry.get("ps") in _UNBEGUN)
        failed = _failed(entry, own) if nothing_runs else None
        if failed is not None:
            batch.statements.append(failed)
        else:
            _end(session_id, None, entry.get("state_code"), batch, running)


def _end(
    session_id: str, duration: float | None, code: str | None, batch: Batch, running: dict[str, Statement | None]
) -> None:
    if session_id not in running:
        batch.endings.append(Ending(session_id, duration, code))
    elif statement := running[session_id]:
        statement.duration_ms, statement.error_code = duration, code
    running[session_id] = None


def _begun(entry: dict[str, Any], own: frozenset[str]) -> Statement | None:
    message = entry["message"]
    if entry.get("error_severity") != "LOG":
        return None
    if found := _STATEMENT.match(message):
        text = found.group(1)
        # EXECUTE of a statement prepared in SQL: the detail is the text of its PREPARE
        mentioned = {*statements.relations(text, own), *statements.relations(entry.get("detail") or "", own)}
        return _statement(entry, sorted(mentioned), statements.kind(text))
    if found := _EXECUTE.match(message):
        name_and_text = message[found.end() :]
        named = _named_behind_a_name(name_and_text, own)
        return _statement(entry, named, statements.kind(name_and_text.partition(": ")[2]))
    if _FUNCTION.match(message):
        return _statement(entry, [], "function")
    return None


def _named_behind_a_name(name_and_text: str, own: frozenset[str]) -> list[str]:
    """The views of `NAME: TEXT`. The name is the client's to choose, colons and quotes too: every end of it counts."""
    ends = [colon.end() for colon in re.finditer(": ", name_and_text)]
    if len(ends) > MOST_COLONS or len(name_and_text) > statements.LONGEST_READ:
        return statements.relations_anywhere(name_and_text, own)
    return sorted({name for end in ends for name in statements.relations(name_and_text[end:], own)})


def _failed(entry: dict[str, Any], own: frozenset[str]) -> Statement | None:
    """A statement or login that was refused before it began: it has no line of its own but this."""
    code, text = entry.get("state_code"), entry.get("statement")
    if text is not None:
        return _statement(entry, statements.relations(text, own), statements.kind(text), code)
    if entry.get("error_severity") == "FATAL" and _LOGIN_REFUSED.fullmatch(code or ""):
        return _statement(entry, [], "login", code)
    return None


def _statement(entry: dict[str, Any], named: list[str], kind: str, code: str | None = None) -> Statement:
    return Statement(
        session_id=entry["session_id"],
        line_number=int(entry["line_num"]),
        at=entry["timestamp"],
        role=entry["user"],
        relations=named,
        kind=kind,
        client_addr=entry.get("remote_host"),
        error_code=code,
    )


def own_messages(lines: Iterable[bytes]) -> Iterator[str]:
    """What the server says of itself, a line each: no partner's message, no statement."""
    for line in lines:
        entry = parsed(line)
        if entry is not None and not ROLE.fullmatch(entry.get("user") or ""):
            yield f"{entry.get('timestamp')} {entry.get('error_severity')}: {entry['message']}".replace("\n", " ")

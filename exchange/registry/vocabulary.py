"""The vocabulary that ships with the code: what codes exist and what the tools' own codes mean in them."""

from __future__ import annotations

from typing import Literal

from exchange.registry.columns import DivisionId, Pattern, Row, SmallInt, StateCode, Text


class Question(Row):
    """One canonical question. Scope: asked about a contest, or about the person."""

    question_code: Text
    question_label: Text
    scope: Literal["contest", "person"]
    rolls_up_to: Text | None = None


class Answer(Row):
    """One answer of one question, and the coarser answer it counts as."""

    question_code: Text
    answer_code: SmallInt
    answer_label: Text
    rollup_code: Text | None = None


class ContactResult(Row):
    """One outcome of an attempt. Lowest result_rank is shown when a conversation has several.

    result_no: what facts carry for it; given once, and no other result ever gets it.
    suppression_kind is set when the outcome keeps others from contacting; suppression_scope says how widely.
    """

    contact_result: Text
    contact_result_label: Text
    result_rank: SmallInt
    suppression_kind: Text | None = None
    suppression_scope: Literal["caller", "channel", "all"] | None = None
    result_no: SmallInt


class Channel(Row):
    """One way of contact. channel_no: what facts carry for it; given once, and no other channel ever gets it."""

    channel: Text
    channel_label: Text
    channel_no: SmallInt


class Tool(Row):
    """Which tool writes a format of contacts. Of two ranks, the higher tells conversations of the lower once more."""

    file_format: Text
    tool: Text
    tool_rank: SmallInt


class ResultCode(Row):
    """What one tool's result code means. A blank contact_result: a known code, but nobody was contacted."""

    file_format: Text
    source_code: Text
    contact_result: Text | None = None


class ChannelCode(Row):
    """Which channel one tool's contact type is."""

    file_format: Text
    source_code: Text
    channel: Text


class IdNamespace(Row):
    """One system of person ids; within which scope an id is unique, and what an id looks like."""

    namespace: Text
    namespace_label: Text
    scope_kind: Literal["state", "committee", "none"]
    pattern: Pattern


class State(Row):
    """One state, the District of Columbia or a territory."""

    state: StateCode
    state_fips: Text
    state_name: Text


class County(Row):
    """One county or county equivalent, with its OCD division id."""

    county_fips: Text
    county_name: Text
    state: StateCode
    division_id: DivisionId


class VoterFileCounty(Row):
    """Which county a code or name of one state's voter file is."""

    file_format: Text
    county_code: Text
    county_fips: Text


class VoterFileCode(Row):
    """What one code of a state's voter or ballot file means. code_kind: which of the file's columns is meant."""

    file_format: Text
    code_kind: Literal["registration_status", "ballot_status", "ballot_channel"]
    source_code: Text
    meaning: Text

"""The text of the files of a new file format. What only a person can say is a `fill_in`: dbt refuses to parse it."""

from __future__ import annotations

import json

from exchange.scaffold.new_format import Format

# column of the staging model -> what a person has to say
QUESTIONS = {
    "record_key": "the key of the delivered line, unique in the feed, as in clean_text('id')",
    "contact_key": "the key of the conversation its rows share, or null if each row is one",
    "source_person_id": "the tool's own key of the person, or null",
    "external_id": "the person's id in the feed's id_namespace, or null",
    "contacted_at_raw": "the column with the time of the contact, as delivered",
    "contacted_at": "that time in UTC, as in staging.to_instant(column, timezone)",
    "channel": "a code of channels.csv, as in 'phone', or a column that channel_codes.csv translates",
    "contact_result": "a code of contact_results.csv, as in 'canvassed', or null",
    "source_question": "the question as the tool names it, or null where the line has none",
    "source_answer": "the answer as the tool names it, or null",
}
_CLEANERS = {"phone": "clean_phone", "email": "clean_email"}


def source_head(system: str) -> str:
    """The start of a new source file, before its tables."""
    return f"""\
# What a delivered file of each format looks like. The reader (exchange/intake), the raw table and the dbt source all
# come from this description; see docs/add-a-source-system.md for what each key means.
sources:
  - name: {system}
    schema: raw
    description: "FILL IN: what {system} is, and how it exports."
    tables:
"""


def source_table(described: Format) -> str:
    """The description of one file format, as the last entry of `tables`."""
    columns = "".join(
        f"          - name: {raw}\n"
        f"            config: {{meta: {{headers: [{json.dumps(header, ensure_ascii=False)}]"
        f"{', required: true' if header in described.required else ''}}}}}\n"
        for header, raw in described.columns.items()
    )
    return f"""\
      - name: {described.name}
        description: "Grain: one row per delivered line: FILL IN what a line tells."
        config:
          meta:
            file:
              delimiter: {json.dumps(described.sample.delimiter)}
              encoding: {described.sample.encoding}
              unknown_columns: refuse
        columns:
{columns}"""


def staging_sql(described: Format) -> str:
    """The staging model: everything the formats share is there, everything of this one is to be filled in."""
    answers = "".join(
        f'        {{{{ fill_in("{column}: {question}") }}}} as {column},\n' for column, question in QUESTIONS.items()
    )
    person = "".join(
        f"        {{{{ {_CLEANERS.get(column, 'clean_text')}('{raw}') }}}} as {column},\n"
        for column, raw in described.person.items()
    )
    scope = f"{{{{ state_scope('{described.row_state}') }}}} as person_scope" if described.row_state else "person_scope"
    row_state = f"        {described.row_state} as row_state,\n" if described.row_state else ""
    arguments = ['contact_source="feed_id"', 'record_key="coalesce(record_key, " ~ line_key() ~ ")"']
    arguments += ['contact_key="coalesce(contact_key, record_key, " ~ line_key() ~ ")"']
    arguments += ['person_key="coalesce(source_person_id, external_id)"']
    arguments += [f"person={list(described.person)}"] if described.person else []
    arguments += ['row_state="row_state"'] if described.row_state else []
    ends = ",\n        ".join(arguments)
    return f"""\
-- Grain: one row per delivered line of a {described.name} file.
{{{{ config(
    indexes=[{{'columns': ['_file_id', '_row_number'], 'unique': true}}, {{'columns': ['feed_id', 'source_row_key']}}],
    meta={{'tells': ['_file_id', 'feed_id', 'source_row_key', 'source_person_key']}},
) }}}}
with

lines as (
    {{{{ delivered_lines('{described.system}', '{described.name}') }}}}
),

channels as (
    select * from {{{{ ref('channels') }}}}
),

contact_results as (
    select * from {{{{ ref('contact_results') }}}}
),

-- materialized: parsed once per line, not once per mention
cleaned as materialized (
    select
        _file_id,
        _row_number,
        feed_id,
        partner_id,
        file_format,
        timezone,
        feed_state,
        person_namespace,
        {scope},
{person}{row_state}{answers.removesuffix(chr(10)).removesuffix(",")}
    from lines
),

judged as (
    select
        cleaned.*,
        case
            when cleaned.record_key is null then 'the key of the line is empty'
            when cleaned.contacted_at is null
                then {{{{ problem('contacted_at', 'cleaned.contacted_at_raw', 'a date or time') }}}}
            when channels.channel is null
                then {{{{ problem('channel', 'cleaned.channel', 'a channel of the vocabulary') }}}}
            when cleaned.contact_result is not null and contact_results.contact_result is null
                then {{{{ problem('result', 'cleaned.contact_result', 'a contact result of the vocabulary') }}}}
            when cleaned.source_question is null and cleaned.source_answer is not null
                then 'answer without a question'
            when cleaned.source_question is not null and cleaned.source_answer is null
                then 'question without an answer'
        end as problem
    from cleaned
    left join channels on cleaned.channel = channels.channel
    left join contact_results on cleaned.contact_result = contact_results.contact_result
),

contact_lines as (
    {{{{ contact_lines(
        'judged',
        {ends}
    ) }}}}
)

select * from contact_lines
"""


def staging_yml(described: Format, columns: list[tuple[str, str]]) -> str:
    """Descriptions, and a unit test that fails. columns: (name, description) that all contact formats share."""
    listed = "".join(
        f"      - name: {name}\n        description: {json.dumps(text, ensure_ascii=False)}\n" for name, text in columns
    )
    model, system, name = described.model, described.system, described.name
    return f"""\
models:
  - name: {model}
    description: "Grain: one row per delivered line of a {name} file."
    columns:
{listed}
unit_tests:
  - name: fill_in_{model}
    description: "FILL IN: the rule of this format that could be got wrong, on literal rows. Fails until then."
    model: {model}
    overrides: {{macros: {{is_incremental: false}}}}
    given:
      - {{input: "source('{system}', '{name}')", rows: []}}
      - {{input: ref('stg_files'), rows: []}}
      - {{input: ref('channels'), rows: []}}
      - {{input: ref('contact_results'), rows: []}}
{"      - {input: ref('us_states'), rows: []}" + chr(10) if described.row_state else ""}\
    expect:
      rows:
        - {{source_record_key: fill in}}
"""


def suite(described: Format) -> str:
    """The expectations: which columns a plausible file fills."""
    required = [raw for header, raw in described.columns.items() if header in described.required]
    filled = "".join(
        f'            *filled("{raw}", note="Every line of the sample had it: an empty column is another export."),\n'
        for raw in required
    )
    return f'''\
"""Plausible {described.name} files. FILL IN: what one row is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.rules import filled

if TYPE_CHECKING:
    import great_expectations as gx


def suite() -> gx.ExpectationSuite:
    """What a plausible batch looks like; see `expectations.rules` for the words."""
    import great_expectations as gx

    return gx.ExpectationSuite(
        name="{described.name}",
        expectations=[
{filled}        ],
    )
'''

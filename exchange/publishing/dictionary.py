"""The data dictionary: every view and column with meaning, codes and unit, taken from the dbt models' descriptions."""

from __future__ import annotations

import re

from psycopg import Cursor

from exchange.publishing.relations import HIDDEN_COLUMNS

# What dbt cannot describe because publish itself makes it.
OWN_DESCRIPTIONS = {
    ("freshness", "last_published_at"): "When your data last changed (UTC).",
    ("changes", None): "One row per publication and row of another view that it added, changed or retracted. The"
    " newest 100 publications that touched your data; the first one of a view is not listed.",
    ("changes", "publication_id"): "Number of the publication among those that changed your data, from 1.",
    ("changes", "relation"): "The view: voter_responses, contacts or suppressions.",
    ("changes", "person_id"): "The person's id in your own namespace.",
    ("changes", "record_key"): "Which row of that person: its question, contest and candidate; its contact_id; or its"
    " kind, scope and phone; separated by |.",
    ("changes", "change"): "added, changed or retracted: a retracted row is to be deleted wherever it was copied.",
    ("acknowledge_changes(publication_id)", None): "A function, no view: `select acknowledge_changes(12)` says that you"
    " deleted, wherever you copied it, what your publications up to 12 retracted.",
    ("data_dictionary", None): "One row per view and column you can read.",
    ("data_dictionary", "view_name"): "The view.",
    ("data_dictionary", "column_name"): "The column; null for the line about the view itself.",
    ("data_dictionary", "data_type"): "The column's Postgres type.",
    ("data_dictionary", "meaning"): "What it means; of a view: what one row is.",
    ("data_dictionary", "codes"): "The codes it may hold, each with its label.",
}

_OWN_TYPES = {"last_published_at": "timestamp with time zone", "publication_id": "integer"}

# A model's rows are those of all audiences. A partner knows none: its view holds the rows of one.
_GRAIN = re.compile(r"^Grain: one row per (audience \+ )?")

# Columns whose codes the vocabulary lists, each with the query for "code label" lines.
_CODES = """
    select
        'question_code' as column_name,
        string_agg(question_code || ' ' || question_label, '; ' order by question_code) as codes
    from vocabulary.questions
    union all
    select
        'answer_code',
        string_agg(concat_ws(' ', question_code, answer_code, answer_label), '; ' order by question_code, answer_code)
    from vocabulary.answers
    union all
    select question_code, string_agg(concat_ws(' ', answer_code, answer_label), '; ' order by answer_code)
    from vocabulary.answers group by question_code
    union all
    select
        'support_' || office_level,
        (select string_agg(concat_ws(' ', answer_code, answer_label), '; ' order by answer_code)
         from vocabulary.answers where question_code = 'candidate_support')
    from unnest(array['president', 'us_senate', 'us_house', 'governor', 'state_senate', 'state_house', 'county',
                      'municipal']) as office_level
    union all
    select 'channel', string_agg(channel || ' ' || channel_label, '; ' order by channel) from vocabulary.channels
    union all
    select 'contact_result', string_agg(contact_result || ' ' || contact_result_label, '; ' order by contact_result)
    from vocabulary.contact_results
"""


def for_partners(description: str) -> str:
    """A model's or column's description in dbt, as partners read it: without what only the warehouse knows."""
    return _GRAIN.sub("One row per ", description)


def refresh(cursor: Cursor, relation_names: list[str]) -> None:
    """Fill published.dictionary (grain: view + column) from the comments of the sharing tables."""
    cursor.execute(
        "create table if not exists published.dictionary"
        " (view_name text, column_name text, data_type text, meaning text, codes text)"
    )
    cursor.execute("truncate published.dictionary")
    described = cursor.execute(
        f"""
        select
            class.relname::text,
            attribute.attname::text,
            format_type(attribute.atttypid, attribute.atttypmod),
            coalesce(col_description(class.oid, attribute.attnum), ''),
            codes.codes
        from pg_class as class
        inner join pg_attribute as attribute on attribute.attrelid = class.oid
        left join ({_CODES}) as codes on codes.column_name = attribute.attname
        where class.relnamespace = 'sharing'::regnamespace and class.relname = any(%(relations)s)
            and attribute.attnum > 0 and not attribute.attisdropped and attribute.attname <> all(%(hidden)s)
        union all
        select relname::text, null, null, coalesce(obj_description(oid, 'pg_class'), ''), null
        from pg_class where relnamespace = 'sharing'::regnamespace and relname = any(%(relations)s)
        """,
        {"relations": relation_names, "hidden": list(HIDDEN_COLUMNS)},
    ).fetchall()
    own = [
        (view, column, _OWN_TYPES.get(column or "", column and "text"), meaning, None)
        for (view, column), meaning in OWN_DESCRIPTIONS.items()
    ]
    cursor.executemany(
        "insert into published.dictionary values (%s, %s, %s, %s, %s)",
        [
            (view, column, kind, for_partners(meaning), codes)
            for view, column, kind, meaning, codes in [*described, *own]
        ],
    )

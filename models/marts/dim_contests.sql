-- Grain: one row per contest: one office of one division in one election.
{{ config(
    materialized='incremental',
    unique_key=['contest_id'],
    indexes=[{'columns': ['contest_id'], 'unique': true}],
    meta={'keys': [], 'touched_by': {}, 'tells': ['contest_id']},
) }}

with

contests as (
    select * from {{ ref('contests') }}
),

described as (
    select
        contest_id,
        office_level,
        contest_name,
        division_id,
        election_on,
        valid_from,
        valid_until
    from contests
)

select * from described

-- Grain: one row per file of reference data (voters, ids, ballots, zones) + place where its lines are now.
{% set about_voters = ['int_person_ids__delivered', 'int_ballots__delivered', 'int_voter_history__delivered'] %}
{{ config(
    materialized='incremental',
    unique_key=['_file_id', 'place'],
    meta={
        'keys': [],
        'touched_by': {
            'int_voters__delivered': none,
            'int_person_ids__delivered': none,
            'int_ballots__delivered': none,
            'int_voter_history__delivered': none,
            'int_pa_zones__delivered': none,
            'int_voter_survivors': none,
        },
    },
) }}

with

known_voters as (
    select
        state,
        state_voter_id
    from {{ ref('int_voter_survivors') }}
),

places as (
    -- a voter's own line, or what a county's district slots hold: there is nobody to match
    {% for model in ['int_voters__delivered', 'int_pa_zones__delivered'] %}
        select
            _file_id,
            case
                when delivery_status <> 'live' then delivery_status
                when problem is not null then 'quarantined'
                else 'matched'
            end as place
        from {{ ref(model) }}
        union all
    {% endfor %}
    {% for model in about_voters %}
        select
            lines._file_id,
            case
                when lines.delivery_status <> 'live' then lines.delivery_status
                when lines.problem is not null then 'quarantined'
                when known_voters.state is null then 'unmatched'
                else 'matched'
            end as place
        from {{ ref(model) }} as lines
        left join known_voters
            on
                lines.state = known_voters.state
                and lines.state_voter_id = known_voters.state_voter_id
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

counted as (
    select
        _file_id,
        place,
        count(*) as line_count
    from places
    group by _file_id, place
)

select * from counted
where {{ touched() }}

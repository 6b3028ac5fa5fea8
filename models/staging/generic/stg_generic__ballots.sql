-- Grain: one row per delivered line of a generic_ballots file: one voter's ballot in one election.
with

lines as (
    {{ delivered_lines('generic', 'generic_ballots') }}
),

-- materialized: parsed once per line, not once per mention
cleaned as materialized (
    select
        feed_id,
        partner_id,
        file_format,
        upper({{ clean_text('state') }}) as state,
        {{ clean_text('state_voter_id') }} as state_voter_id,
        election_on as election_on_raw,
        staging.to_day(election_on) as election_on,
        lower({{ clean_text('ballot_status') }}) as ballot_status,
        status_on as status_on_raw,
        staging.to_day(status_on) as status_on,
        _file_id,
        _row_number
    from lines
),

ballots as (
    select
        feed_id,
        partner_id,
        file_format,
        coalesce(state || '|' || state_voter_id || '|' || election_on, {{ line_key() }}) as source_record_key,
        state,
        state_voter_id,
        election_on,
        ballot_status,
        status_on,
        0 as line_order,
        case
            when state is null or state_voter_id is null then 'state or state_voter_id is empty'
            when election_on is null
                then {{ problem('election_on', 'election_on_raw', 'a date') }}
            when ballot_status not in ('requested', 'sent', 'returned', 'accepted', 'rejected', 'voted_in_person')
                then {{ problem('ballot_status', 'ballot_status', 'requested, sent, returned, accepted, rejected or voted_in_person') }}
            when status_on_raw ~ '\S' and status_on is null
                then {{ problem('status_on', 'status_on_raw', 'a date') }}
        end as problem,
        _file_id,
        _row_number
    from cleaned
)

select * from ballots

-- Grain: one row per delivered line of ncvhis: one ballot cast.
with

lines as (
    {{ delivered_lines('nc', 'nc_voter_history') }}
),

-- materialized: parsed once per line, not once per mention
cleaned as materialized (
    select
        feed_id,
        partner_id,
        file_format,
        'NC' as state,
        upper({{ clean_text('ncid') }}) as state_voter_id,
        election_lbl,
        staging.to_day(election_lbl) as election_on,
        -- 11/03/2020 GENERAL: the day is a column of its own
        {{ clean_text("regexp_replace(election_desc, '^[ 0-9/]+', '')") }} as election_label,
        {{ clean_text('voting_method') }} as voting_method,
        {{ clean_text('voted_party_cd') }} as voted_party,
        _file_id,
        _row_number
    from lines
),

history as (
    select
        feed_id,
        partner_id,
        file_format,
        coalesce('NC|' || state_voter_id || '|' || election_on || '|' || coalesce(election_label, ''), {{ line_key() }})
            as source_record_key,
        state,
        state_voter_id,
        election_on,
        election_label,
        voting_method,
        voted_party,
        case
            when state_voter_id is null then 'ncid is empty'
            when election_on is null then {{ problem('election_lbl', 'election_lbl', 'a date') }}
        end as problem,
        _file_id,
        _row_number
    from cleaned
)

select * from history

-- Grain: one row per delivered line of absentee_YYYYMMDD: one ballot request or early vote.
with

lines as (
    {{ delivered_lines('nc', 'nc_absentee') }}
),

request_types as (
    select
        source_code,
        meaning
    from {{ ref('voter_file_codes') }}
    where file_format = 'nc_absentee' and code_kind = 'ballot_channel'
),

return_statuses as (
    select
        source_code,
        meaning
    from {{ ref('voter_file_codes') }}
    where file_format = 'nc_absentee' and code_kind = 'ballot_status'
),

-- materialized: parsed once per line, not once per mention
cleaned as materialized (
    select
        feed_id,
        partner_id,
        file_format,
        'NC' as state,
        upper({{ clean_text('ncid') }}) as state_voter_id,
        election_dt,
        staging.to_day(election_dt) as election_on,
        upper({{ clean_text('ballot_req_type') }}) as request_type,
        upper({{ clean_text('ballot_rtn_status') }}) as return_status,
        staging.to_day(ballot_req_dt) as requested_on,
        staging.to_day(ballot_send_dt) as sent_on,
        staging.to_day(ballot_rtn_dt) as returned_on,
        _file_id,
        _row_number
    from lines
),

told as (
    select
        cleaned.*,
        request_types.meaning as channel,
        case
            when request_types.meaning = 'in_person' and return_statuses.meaning = 'accepted' then 'voted_in_person'
            when return_statuses.meaning is not null then return_statuses.meaning
            when cleaned.return_status is not null or request_types.meaning is null then null
            when cleaned.returned_on is not null then 'returned'
            when cleaned.sent_on is not null then 'sent'
            else 'requested'
        end as ballot_status
    from cleaned
    left join request_types on cleaned.request_type = request_types.source_code
    left join return_statuses on cleaned.return_status = return_statuses.source_code
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
        case ballot_status
            when 'requested' then requested_on
            when 'sent' then sent_on
            else coalesce(returned_on, sent_on, requested_on)
        end as status_on,
        -- a ballot that was spoiled and sent again has two lines, in any order: what counts beats what does not, then the later day
        (case when ballot_status in ('accepted', 'voted_in_person') then 2 when ballot_status = 'rejected' then 0 else 1 end) * 100000
        + coalesce(greatest(requested_on, sent_on, returned_on) - date '2000-01-01', 0) as line_order,
        case
            when state_voter_id is null then 'ncid is empty'
            when election_on is null then {{ problem('election_dt', 'election_dt', 'a date') }}
            when channel is null then {{ problem('ballot_req_type', 'request_type', 'a code of voter_file_codes.csv') }}
            when ballot_status is null then {{ problem('ballot_rtn_status', 'return_status', 'a code of voter_file_codes.csv') }}
        end as problem,
        _file_id,
        _row_number
    from told
)

select * from ballots

-- Grain: one row per live report of a suppression, with whether it counts or why not: undone (its reporter took it back), void
-- (an official source shows otherwise), or it waits (for a second organization, or for a match of its person).
{{ config(
    materialized='incremental',
    access='private',
    unique_key=['_file_id', '_row_number', 'source_record_key'],
    indexes=[{'columns': ['person_key']}, {'columns': ['voter_id']}, {'columns': ['phone']}],
    meta={
        'keys': ['person_key'],
        'touched_by': {
            'int_suppression_reports': ['person_key'],
            'suppression_disproofs': {'voter_id': 'voter_id'},
        },
        'tells': ['voter_id', 'phone'],
    },
) }}

with

reports as (
    select * from {{ ref('int_suppression_reports') }}
    where {{ touched('person_key') }}
),

disproved as (
    select * from {{ ref('suppression_disproofs') }}
),

-- by the time of contact, and strictly later: of two at once the opt-out counts. What is about no one channel (scope `all`, a
-- wrong number, deceased, moved) is taken back by correcting or retracting the record only.
lifted as (
    select
        opt_outs._file_id,
        opt_outs._row_number,
        opt_outs.source_record_key,
        min(opt_ins.reported_on) as lifted_on
    from reports as opt_outs
    inner join reports as opt_ins
        on
            opt_outs.person_key = opt_ins.person_key
            and opt_outs.partner_id = opt_ins.partner_id
            and opt_outs.channel = opt_ins.channel
            and opt_outs.reported_at < opt_ins.reported_at
            and coalesce(opt_outs.phone = opt_ins.phone, true)
    where opt_outs.kind <> 'opted_in' and opt_ins.kind = 'opted_in'
    group by opt_outs._file_id, opt_outs._row_number, opt_outs.source_record_key
),

weighed as (
    select
        reports.*,
        lifted.lifted_on,
        case
            when lifted.lifted_on is not null then 'undone'
            when reports.kind = 'moved' and reports.reported_on < disproved.new_address_on then 'void'
            when reports.kind = 'deceased' and reports.partner_id <> 'exchange' and reports.reported_on < disproved.alive_on
                then 'void'
            -- an opt-out of a number counts for whoever has it, also while its person waits for a decision
            when reports.voter_id is null and (reports.phone is null or reports.kind = 'wrong_number') then 'waits'
            else 'counts'
        end as verdict
    from reports
    left join lifted
        on
            reports._file_id = lifted._file_id
            and reports._row_number = lifted._row_number
            and reports.source_record_key = lifted.source_record_key
    left join disproved on reports.voter_id = disproved.voter_id
    where reports.kind <> 'opted_in'
),

judged as (
    select
        feed_id,
        source_record_key,
        partner_id,
        person_key,
        voter_id,
        phone,
        channel,
        kind,
        scope,
        reported_on,
        lifted_on,
        -- vendors' codes for these two are often wrong (one bad mapping marks the living dead): one organization is not enough
        case
            when
                kind in ('deceased', 'moved') and verdict = 'counts'
                and min(partner_id) over of_one_mind = max(partner_id) over of_one_mind
                and partner_id <> 'exchange'
                then 'waits'
            else verdict
        end as verdict,
        _file_id,
        _row_number
    from weighed
    window of_one_mind as (partition by voter_id, kind, verdict)
)

select * from judged

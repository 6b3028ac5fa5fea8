-- Grain: one row per live response event (feed_id + record_id): one answer of one voter to one question.
with

lines as (
    select * from {{ ref('int_contact_lines__resolved') }}
    where problem is null and voter_id is not null and question_code is not null
),

contacts as (
    select * from {{ ref('fct_contacts') }}
),

contests as (
    select * from {{ ref('dim_contests') }}
),

voters as (
    select * from {{ ref('dim_voters') }}
),

responses as (
    select
        lines.feed_id,
        lines.source_record_key as record_id,
        contacts.contact_id,
        lines.partner_id,
        lines.voter_id,
        voters.state,
        lines.question_code,
        lines.contest_id,
        lines.candidate_id,
        contests.office_level,
        lines.answer_code,
        lines.channel,
        lines.contacted_at,
        lines.contact_on,
        -- kept when it is about somebody else's race, but no support for a race on this voter's ballot
        contests.division_id = any(voters.division_ids) as on_ballot
    from lines
    inner join voters on lines.voter_id = voters.voter_id
    inner join contacts
        on
            lines.contact_source = contacts.contact_source
            and lines.source_contact_key = contacts.source_contact_key
            and lines.voter_id = contacts.voter_id
    left join contests on lines.contest_id = contests.contest_id
)

select * from responses

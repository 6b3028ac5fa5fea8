-- Grain: one row per voter + phone + kind + scope that must not be contacted (again) this way.
with

lines as (
    select * from {{ ref('int_contact_lines__resolved') }}
    where problem is null and voter_id is not null
),

contact_results as (
    select * from {{ ref('contact_results') }}
    where suppression_kind is not null
),

voters as (
    select * from {{ ref('dim_voters') }}
),

reported as (
    select
        lines.voter_id,
        lines.partner_id,
        lines.phone,
        lines.contact_on,
        contact_results.suppression_kind as kind,
        contact_results.suppression_scope as scope
    from lines
    inner join contact_results on lines.contact_result = contact_results.contact_result
),

-- vendors' codes for these two are often wrong (one bad mapping marks the living dead): one reporter is not enough
confirmed_kinds as (
    select
        voter_id,
        kind
    from reported
    group by voter_id, kind
    having kind not in ('deceased', 'moved') or count(distinct partner_id) >= 2
),

confirmed as (
    select
        reported.voter_id,
        voters.state,
        reported.phone,
        reported.scope,
        reported.kind,
        min(reported.contact_on) as effective_on
    from reported
    inner join confirmed_kinds
        on
            reported.voter_id = confirmed_kinds.voter_id
            and reported.kind = confirmed_kinds.kind
    inner join voters on reported.voter_id = voters.voter_id
    group by reported.voter_id, voters.state, reported.phone, reported.scope, reported.kind
)

select * from confirmed

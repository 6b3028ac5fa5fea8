-- Grain: one row per audience + record of its partner's files that could not be read.
with

audiences as (
    select
        audience_id,
        own_partner_id
    from {{ ref('audiences') }}
    where own_partner_id is not null
),

rejected as (
    select * from {{ ref('ops_rejected_rows') }}
),

my_rejected_rows as (
    select
        audiences.audience_id,
        rejected.file_id,
        rejected.feed_id,
        rejected.file_name,
        rejected.line_number,
        rejected.reason,
        rejected.what_to_do,
        rejected.line_text
    from rejected
    inner join audiences on rejected.partner_id = audiences.own_partner_id
)

select * from my_rejected_rows

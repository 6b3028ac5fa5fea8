-- Grain: one row per audience + line of its partner's files that was read but not understood.
with

audiences as (
    select
        audience_id,
        own_partner_id
    from {{ ref('audiences') }}
    where own_partner_id is not null
),

quarantined as (
    select * from {{ ref('ops_quarantined_rows') }}
),

my_quarantined_rows as (
    select
        audiences.audience_id,
        quarantined.file_id,
        quarantined.feed_id,
        quarantined.file_name,
        quarantined.line_number,
        quarantined.record_key,
        quarantined.problem as reason,
        quarantined.what_to_do
    from quarantined
    inner join audiences on quarantined.partner_id = audiences.own_partner_id
)

select * from my_quarantined_rows

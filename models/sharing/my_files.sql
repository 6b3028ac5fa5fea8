-- Grain: one row per audience + file that its partner delivered, with what became of every record.
with

audiences as (
    select
        audience_id,
        own_partner_id
    from {{ ref('audiences') }}
    where own_partner_id is not null
),

reconciled as (
    select * from {{ ref('ops_row_reconciliation') }}
),

refused as (
    select * from {{ ref('ops_refused_files') }}
),

my_files as (
    select
        audiences.audience_id,
        reconciled.file_id,
        reconciled.feed_id,
        reconciled.file_name,
        reconciled.file_format,
        case when reconciled.withdrawn_at is null then 'loaded' else 'withdrawn' end as status,
        reconciled.received_at,
        reconciled.records,
        reconciled.loaded,
        reconciled.rejected,
        reconciled.quarantined,
        reconciled.superseded,
        reconciled.retracted,
        reconciled.matched,
        reconciled.unmatched,
        null as problem,
        null as what_to_do
    from reconciled
    inner join audiences on reconciled.partner_id = audiences.own_partner_id
    union all
    select
        audiences.audience_id,
        null as file_id,
        refused.feed_id,
        refused.file_name,
        null as file_format,
        'refused' as status,
        refused.first_refused_at as received_at,
        null as records,
        null as loaded,
        null as rejected,
        null as quarantined,
        null as superseded,
        null as retracted,
        null as matched,
        null as unmatched,
        concat(refused.problem, case when refused.line_number is not null then concat(' (line ', refused.line_number, ')') end) as problem,
        refused.what_to_do
    from refused
    inner join audiences on refused.partner_id = audiences.own_partner_id
)

select * from my_files

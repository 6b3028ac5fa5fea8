-- Grain: one row per partner ever in the registry, with the number that facts carry instead of its name. A number is given once
-- and kept: this table is never rebuilt.
{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false, on_schema_change='fail') }}

with

partners as (
    select partner_id from {{ ref('partners') }}
    union
    select partner_id from {{ ref('feeds') }}
    union
    select partner_id from {{ source('intake', 'file') }}
),

known as (
    {% if is_incremental() %}
        select
            partner_no,
            partner_id
        from {{ this }}
    {% else %}
        select
            null::smallint as partner_no,
            null::text as partner_id
        where false
    {% endif %}
),

last_no as (
    select coalesce(max(partner_no), 0) as partner_no from known
),

new_keys as (
    select
        (last_no.partner_no + row_number() over (order by partners.partner_id collate "C"))::smallint as partner_no, -- noqa: RF02
        partners.partner_id
    from partners
    cross join last_no
    left join known on partners.partner_id = known.partner_id
    where known.partner_id is null
)

select * from new_keys

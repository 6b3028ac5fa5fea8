-- Grain: one row per partner ever in the registry: who contributes. One who left keeps the number, without attributes.
{{ config(
    materialized='incremental',
    unique_key=['partner_no'],
    indexes=[{'columns': ['partner_no'], 'unique': true}],
    meta={'keys': [], 'touched_by': {}, 'tells': ['partner_no']},
) }}

with

partner_keys as (
    select * from {{ ref('int_partner_keys') }}
),

partners as (
    select * from {{ ref('partners') }}
),

described as (
    select
        partner_keys.partner_no,
        partner_keys.partner_id,
        partners.partner_name,
        partners.side,
        partners.kind,
        coalesce(partners.is_active, false) as is_active
    from partner_keys
    left join partners on partner_keys.partner_id = partners.partner_id
)

select * from described

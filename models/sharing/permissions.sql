-- Grain: one row per audience + profile of rows that it may see, with the latest contact date at which a row is shown in each form.
with

entitlements as (
    select * from {{ ref('entitlements') }}
),

permissions as (
    select
        audience_id,
        audience_no,
        profile_no,
        is_own,
        shown_until,
        named_until,
        day_until,
        month_until
    from entitlements
    where not is_halted
)

select * from permissions

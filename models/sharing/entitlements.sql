-- Grain: one row per audience + profile of rows that are its own or that the rules show to it, with the latest contact date at which
-- a row is shown in each form. Also of an audience below its give-to-get limit, which receives none of them: who may count who is
-- entitled must not learn who gave too little.
with

class_permissions as (
    select * from {{ ref('class_permissions') }}
),

row_profiles as (
    select * from {{ ref('row_profiles') }}
),

audiences as (
    select distinct
        audience_id,
        is_below_limit
    from {{ ref('audiences') }}
),

entitlements as (
    select distinct
        class_permissions.audience_id,
        class_permissions.audience_no,
        row_profiles.profile_no,
        class_permissions.is_own,
        audiences.is_below_limit and not class_permissions.is_own as is_halted,
        class_permissions.shown_until,
        class_permissions.named_until,
        class_permissions.day_until,
        class_permissions.month_until
    from class_permissions
    inner join row_profiles on class_permissions.class_no = row_profiles.class_no
    inner join audiences on class_permissions.audience_id = audiences.audience_id
)

select * from entitlements

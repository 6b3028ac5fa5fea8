-- Grain: one row per audience + profile of rows that it may see, with the latest contact date at which a row is shown in each form.
with

class_permissions as (
    select * from {{ ref('class_permissions') }}
),

row_profiles as (
    select * from {{ ref('row_profiles') }}
),

permissions as (
    select distinct
        class_permissions.audience_id,
        class_permissions.audience_no,
        row_profiles.profile_no,
        class_permissions.is_own,
        class_permissions.shown_until,
        class_permissions.named_until,
        class_permissions.day_until,
        class_permissions.month_until
    from class_permissions
    inner join row_profiles on class_permissions.class_no = row_profiles.class_no
)

select * from permissions

-- Grain: one row per class of rows that some audience may see, with its profile: classes that all audiences see alike have the same.
with

row_classes as (
    select * from {{ ref('row_classes') }}
),

class_permissions as (
    select * from {{ ref('class_permissions') }}
),

described as (
    select
        class_no,
        md5(string_agg(
            concat_ws(
                ' ',
                audience_id,
                is_own,
                shown_until,
                coalesce(named_until, '-infinity'),
                coalesce(day_until, '-infinity'),
                coalesce(month_until, '-infinity')
            ),
            ',' order by audience_id
        )) as permissions_key
    from class_permissions
    group by class_no
),

row_profiles as (
    select
        row_classes.class_no,
        (dense_rank() over (order by described.permissions_key))::int as profile_no,
        row_classes.subject,
        row_classes.partner_no,
        row_classes.topic_id,
        row_classes.channel_no,
        row_classes.state
    from row_classes
    inner join described on row_classes.class_no = described.class_no
)

select * from row_profiles

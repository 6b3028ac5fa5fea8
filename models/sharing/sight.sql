-- Grain: one row per profile + window of contact dates (after_on, until_on]: the set of audiences that may see its rows of these
-- days, a bit for each audience_no.
with

permissions as (
    select * from {{ ref('permissions') }}
),

audiences as (
    select max(audience_no) as audience_count
    from {{ ref('audiences') }}
),

numbered as (
    select
        permissions.profile_no,
        permissions.shown_until,
        set_bit(repeat('0', audiences.audience_count)::bit varying, permissions.audience_no - 1, 1) as audience
    from permissions
    cross join audiences
),

together as (
    select
        profile_no,
        shown_until,
        bit_or(audience) as audiences
    from numbered
    group by profile_no, shown_until
),

sight as (
    select
        profile_no,
        coalesce(lag(shown_until) over (partition by profile_no order by shown_until asc), '-infinity') as after_on,
        shown_until as until_on,
        -- who sees later days sees these too
        (bit_or(audiences) over (partition by profile_no order by shown_until desc))::bit varying as audiences
    from together
)

select * from sight

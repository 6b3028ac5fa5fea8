-- Grain: one row per audience + live response it may see, in the form it may see it (contributor and dates masked).
-- Exact times stay here for ranking only; no published column carries them for another partner's row.
with

responses as (
    select * from {{ ref('responses_described') }}
),

audiences as (
    select distinct
        audience_id,
        own_partner_id
    from {{ ref('audiences') }}
),

permissions as (
    select * from {{ ref('permissions') }}
    where subject = 'responses'
),

own as (
    select
        audiences.audience_id,
        {{ response_columns('responses') }},
        responses.partner_id as contributor,
        true as is_own,
        'day' as date_precision
    from responses
    inner join audiences on responses.partner_id = audiences.own_partner_id
),

others as (
    select
        permissions.audience_id,
        {{ response_columns('responses') }},
        case when responses.contact_on <= permissions.named_until then responses.partner_id end as contributor,
        false as is_own,
        {{ shown_precision('responses.contact_on') }} as date_precision
    from responses
    inner join permissions
        on
            responses.partner_id = permissions.partner_id
            and responses.question_code = permissions.question_code
            and coalesce(responses.office_level, '') = permissions.office_level
            and responses.state = permissions.state
            and responses.channel = permissions.channel
            and responses.contact_on <= permissions.shown_until
),

unioned as (
    select * from own
    union all
    select * from others
),

visible as (
    select
        unioned.*,
        {{ window_start('contact_on', 'date_precision') }} as shown_from,
        {{ window_end('contact_on', 'date_precision') }} as shown_until
    from unioned
)

select * from visible

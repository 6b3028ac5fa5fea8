-- Grain: one row per audience + month + question in which its partner gave or received answers: how many, and what they earn.
--
-- offered counts rows and the partners entitled to them, by rules alone: how many of these rows win elsewhere would betray newer
-- hidden ones, and to leave out who is below its give-to-get limit would betray how much it gives. What is received counts in the
-- month of the first day shown, so that a blurred date stays blurred.
with

audiences as (
    select
        audience_id,
        own_partner_id,
        count(*) as partner_count
    from {{ ref('audiences') }}
    group by audience_id, own_partner_id
),

partners as (
    select * from {{ ref('dim_partners') }}
),

answers as (
    select * from {{ ref('answer_spans') }}
),

-- also of who is below its limit
permissions as (
    select * from {{ ref('entitlements') }}
),

reduced_credits as (
    select * from {{ ref('reduced_credits') }}
),

topics as (
    select * from {{ ref('dim_topics') }}
),

contributors as (
    select
        audiences.audience_id,
        partners.partner_no
    from audiences
    inner join partners on audiences.own_partner_id = partners.partner_id
),

entitled as (
    select
        permissions.audience_id,
        permissions.is_own,
        permissions.is_halted,
        audiences.partner_count,
        answers.partner_no,
        answers.question_code,
        answers.contact_on,
        {{ window_start('answers.contact_on', shown_precision('answers.contact_on')) }} as shown_from,
        answers.given_count,
        answers.shown_count
    from answers
    inner join permissions
        on
            answers.profile_no = permissions.profile_no
            and answers.contact_on <= permissions.shown_until
    inner join audiences on permissions.audience_id = audiences.audience_id
),

entries as (
    select
        audience_id,
        contact_on as counted_on,
        question_code,
        given_count as gave,
        0 as offered,
        0 as received,
        0 as lacking_days
    from entitled
    where is_own
    union all
    select
        contributors.audience_id,
        entitled.contact_on as counted_on,
        entitled.question_code,
        0 as gave,
        entitled.shown_count * entitled.partner_count as offered,
        0 as received,
        0 as lacking_days
    from entitled
    inner join contributors on entitled.partner_no = contributors.partner_no
    where not entitled.is_own
    union all
    select
        audience_id,
        shown_from as counted_on,
        question_code,
        0 as gave,
        0 as offered,
        shown_count as received,
        0 as lacking_days
    from entitled
    where not is_own and not is_halted
    union all
    select
        reduced_credits.audience_id,
        reduced_credits.contact_on as counted_on,
        topics.question_code,
        0 as gave,
        0 as offered,
        0 as received,
        reduced_credits.lacking_days
    from reduced_credits
    inner join topics on reduced_credits.topic_id = topics.topic_id
    where reduced_credits.audience_id in (select audiences.audience_id from audiences)
),

statement as (
    select
        audience_id,
        date_trunc('month', counted_on)::date as month_on,
        question_code,
        sum(gave)::int as gave,
        sum(offered)::int as offered,
        sum(received)::int as received,
        round(sum(gave) - sum(lacking_days) / 90.0, 2)::numeric(12, 2) as credits
    from entries
    group by audience_id, date_trunc('month', counted_on)::date, question_code
    having sum(gave) > 0 or sum(received) > 0
)

select * from statement

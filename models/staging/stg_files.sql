-- Grain: one row per loaded file that was not withdrawn, with what reading its lines takes from its feed. Where a feed's time zone
-- or id scope becomes another, its files are read again; a file that is withdrawn takes its lines along.
{{ config(
    unique_key=['file_id'],
    indexes=[{'columns': ['file_id'], 'unique': true}],
    meta={'keys': [], 'touched_by': {}, 'tells': ['file_id', 'feed_id']},
) }}

with

files as (
    select * from {{ source('intake', 'file') }}
    where withdrawn_at is null
),

feeds as (
    select * from {{ ref('feeds') }}
),

namespaces as (
    select * from {{ ref('id_namespaces') }}
),

described as (
    select
        files.file_id,
        files.feed_id,
        files.partner_id,
        files.file_format,
        files.received_at,
        feeds.timezone,
        feeds.state as feed_state,
        feeds.id_namespace as person_namespace,
        case namespaces.scope_kind
            when 'state' then coalesce(upper(feeds.id_scope), upper(feeds.state))
            when 'committee' then feeds.id_scope
        end as person_scope,
        namespaces.scope_kind as person_scope_kind,
        feeds.coverage
    from files
    inner join feeds on files.feed_id = feeds.feed_id
    left join namespaces on feeds.id_namespace = namespaces.namespace
)

select * from described

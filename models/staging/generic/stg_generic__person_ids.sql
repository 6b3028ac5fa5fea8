-- Grain: one row per delivered line of a generic_person_ids file: one external id of one voter.
with

lines as (
    {{ delivered_lines('generic', 'generic_person_ids') }}
),

namespaces as (
    select * from {{ ref('id_namespaces') }}
),

-- materialized: parsed once per line, not once per mention
cleaned as materialized (
    select
        feed_id,
        partner_id,
        file_format,
        upper({{ clean_text('state') }}) as state,
        {{ clean_text('state_voter_id') }} as state_voter_id,
        lower({{ clean_text('namespace') }}) as namespace,
        {{ clean_text('scope') }} as scope,
        {{ clean_text('external_id') }} as external_id,
        _file_id,
        _row_number
    from lines
),

person_ids as (
    select
        cleaned.feed_id,
        cleaned.partner_id,
        cleaned.file_format,
        coalesce(
            cleaned.state || '|' || cleaned.state_voter_id || '|' || cleaned.namespace || '|' || cleaned.external_id
            || coalesce('|' || cleaned.scope, ''),
            {{ line_key() }}
        ) as source_record_key,
        cleaned.state,
        cleaned.state_voter_id,
        cleaned.namespace,
        -- an id of a state-scoped namespace belongs to the voter's state unless the file says otherwise
        case namespaces.scope_kind
            when 'state' then coalesce(upper(cleaned.scope), cleaned.state)
            when 'committee' then cleaned.scope
        end as scope,
        cleaned.external_id,
        case
            when cleaned.state is null or cleaned.state_voter_id is null then 'state or state_voter_id is empty'
            when namespaces.namespace is null
                then {{ problem('namespace', 'cleaned.namespace', 'an id namespace of the vocabulary') }}
            when namespaces.scope_kind = 'committee' and cleaned.scope is null
                then {{ problem('scope', 'cleaned.scope', 'the committee that issued the id') }}
            when cleaned.external_id is null then 'external_id is empty'
            when cleaned.external_id !~ namespaces.pattern
                then {{ problem('external_id', 'cleaned.external_id', 'the pattern of its namespace') }}
        end as problem,
        cleaned._file_id,
        cleaned._row_number
    from cleaned
    left join namespaces on cleaned.namespace = namespaces.namespace
)

select * from person_ids

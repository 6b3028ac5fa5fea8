-- Grain: one row per delivered line about a district slot of a Pennsylvania county, with what became of its delivery.
{{ config(
    materialized='incremental',
    unique_key=['_file_id', '_row_number'],
    meta={'keys': [], 'touched_by': {'stg_pa__zone_types': none, 'stg_pa__zone_codes': none}, 'compare': false},
) }}
with

zones as (
    {% for model in ['stg_pa__zone_types', 'stg_pa__zone_codes'] %}
        select
            feed_id,
            partner_id,
            file_format,
            source_record_key,
            is_newest,
            problem,
            _file_id,
            _row_number
        from {{ ref(model) }}
        {{ 'union all' if not loop.last }}
    {% endfor %}
),

ranked as (
    select
        zones.*,
        row_number() over (
            partition by zones.feed_id, zones.source_record_key
            order by zones._file_id desc, zones._row_number desc
        ) as delivery_rank,
        case when not zones.is_newest then 0 end as newest_file_id
    from zones
),

delivered as (
    select
        feed_id,
        partner_id,
        file_format,
        source_record_key,
        problem,
        {{ delivery_status() }} as delivery_status,
        _file_id,
        _row_number
    from ranked
)

select * from delivered
where {{ touched() }}

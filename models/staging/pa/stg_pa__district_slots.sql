-- Grain: one row per county whose zone types are known: which of the 40 district slots holds what.
{{ config(
    unique_key=['county'],
    indexes=[{'columns': ['county'], 'unique': true}],
    meta={'keys': [], 'touched_by': {'stg_pa__zone_types': none}, 'tells': ['county']},
) }}
with

zone_types as (
    select * from {{ ref('stg_pa__zone_types') }}
    where is_newest and problem is null
),

slots as (
    select
        county,
        max(zone_number) filter (where zone_kind = 'cd') as cd_slot,
        max(zone_number) filter (where zone_kind = 'sldu') as sldu_slot,
        max(zone_number) filter (where zone_kind = 'sldl') as sldl_slot,
        max(zone_number) filter (where zone_kind = 'municipality') as municipality_slot,
        -- two slots of one kind contradict each other: neither is believed
        count(*) filter (where zone_kind = 'cd') as cd_slots,
        count(*) filter (where zone_kind = 'sldu') as sldu_slots,
        count(*) filter (where zone_kind = 'sldl') as sldl_slots
    from zone_types
    group by county
)

select * from slots
where {{ touched() }}

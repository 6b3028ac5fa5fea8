-- records = rejected + superseded + retracted + quarantined + matched + unmatched, per file. Would have caught a staging
-- model whose inner join to a code list drops lines with a code the list does not have.
{{ config(group='core') }}

select
    file_id,
    feed_id,
    file_name,
    missing_row_count
from {{ ref('ops_row_reconciliation') }}
where missing_row_count <> 0

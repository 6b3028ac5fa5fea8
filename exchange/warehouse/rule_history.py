"""How the rules about what one partner shares came to be: a function that tells it to the dashboard.

ops.audit holds every change of the registry, also who shares what with whom behind a partner's back, so no role of the
dashboard may read it. This function reads it as the owner and gives out the lines about one partner's own rows.
"""

from __future__ import annotations

from psycopg import sql

from exchange.warehouse.changes import Changes
from exchange.warehouse.roles import DASHBOARD

FUNCTION = "dashboard.shared_rule_history"

# replayed from the first audit on: whether a rule was about a partner depends on the groups and the side of that day
_BODY = """
declare
    event record;
    part record;
    changed record;
    files jsonb := '{}';
    lines jsonb;
    known jsonb := '{}';
    found jsonb;
begin
    if to_regclass('ops.audit') is null then
        return;
    end if;
    for event in
        select audit.at, audit.details from ops.audit
        where audit.what = 'registry_changed' order by audit.at, audit.audit_id
    loop
        for part in select entry.key as file, entry.value as kinds from jsonb_each(event.details) as entry loop
            lines := coalesce(files -> part.file, '{}')
                - array(select jsonb_object_keys(coalesce(part.kinds -> 'removed', '{}')))
                || coalesce(part.kinds -> 'added', '{}');
            -- of a changed line the audit keeps what each column was and is
            for changed in select entry.key, entry.value from jsonb_each(part.kinds -> 'changed') as entry loop
                lines := lines || jsonb_build_object(changed.key, (lines -> changed.key) || (
                    select jsonb_object_agg(col.key, col.value -> 1) from jsonb_each(changed.value) as col
                ));
            end loop;
            files := files || jsonb_build_object(part.file, lines);
        end loop;
        with
        sides as (
            select line.value ->> 'partner_id' as partner_id, line.value ->> 'side' as side
            from jsonb_each(files -> 'partners') as line
        ),
        members as (
            select 'group:' || (line.value ->> 'group_id') as party, line.value ->> 'partner_id' as partner_id
            from jsonb_each(files -> 'partner_groups') as line
            union all
            select 'group:' || sides.side as party, sides.partner_id from sides
        ),
        names as (
            select unnest(array[partner, '*', 'group:all']) as party
            union all
            select members.party from members where members.partner_id = partner
        ),
        concerning as (
            select 'sharing_rules' as file, line.key, line.value
            from jsonb_each(files -> 'sharing_rules') as line
            where
                line.value ->> 'contributor' in (select names.party from names)
                -- a rule for a group may have this partner as its only recipient: that is what others share with it
                and (
                    line.value ->> 'recipient' in ('*', 'group:all')
                    or line.value ->> 'recipient' in (
                        select members.party from members where members.partner_id <> partner
                    )
                    or line.value ->> 'recipient' not like 'group:%' and line.value ->> 'recipient' <> partner
                )
            union all
            select 'give_to_get' as file, line.key, line.value
            from jsonb_each(files -> 'give_to_get') as line
            where line.value ->> 'partner' in (select names.party from names)
        )
        select coalesce(jsonb_object_agg(concerning.file || ' ' || concerning.key, concerning.value), '{}')
        into found from concerning;
        return query
        select
            event.at,
            split_part(entry.key, ' ', 1),
            substr(entry.key, strpos(entry.key, ' ') + 1),
            known -> entry.key,
            found -> entry.key
        from jsonb_each(known || found) as entry
        where (known -> entry.key) is distinct from (found -> entry.key)
        order by entry.key;
        known := found;
    end loop;
end
"""
_CREATE = """
create or replace function dashboard.shared_rule_history(partner text)
returns table (at timestamptz, file_name text, line_key text, before jsonb, after jsonb)
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as {body};
comment on function dashboard.shared_rule_history(text) is
    'Grain: one row per audited change of the registry + line of sharing_rules or give_to_get that it made, changed or'
    ' ended for this partner: rules about what it shares, and limits on it. before or after is null where there was, or'
    ' is, none.';
alter function dashboard.shared_rule_history(text) owner to exchange_owner;
revoke all on function dashboard.shared_rule_history(text) from public;
"""


def create_rule_history(changes: Changes) -> None:
    """Writes only what is missing or another one. In the bootstrap, after the schema and the roles."""
    name = f"{FUNCTION}(text)"
    if changes.rows("select prosrc from pg_proc where oid = to_regprocedure(%s)", [name]) != [(_BODY,)]:
        changes.apply(f"create the function {FUNCTION}", sql.SQL(_CREATE).format(body=sql.Literal(_BODY)))
    if changes.rows("select where not has_function_privilege(%s, %s, 'execute')", [DASHBOARD, name]):
        changes.apply(
            f"{DASHBOARD} may ask {FUNCTION}",
            sql.SQL("grant execute on function dashboard.shared_rule_history(text) to {}").format(
                sql.Identifier(DASHBOARD)
            ),
        )

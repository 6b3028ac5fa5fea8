"""dbt as exchange_dbt: views, tables, incremental models by temporary table, seeds, comments, the catalog."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from exchange.settings import PROJECT_ROOT
from exchange.warehouse.connection import connect, connection_info
from tests.servers import fresh_settings, running_warehouse

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]

FILES = {
    "dbt_project.yml": (
        "name: small\nprofile: exchange\nmodels:\n  +persist_docs: {relation: true, columns: true}\n"
        "seeds:\n  +schema: registry\n"
    ),
    "macros/generate_schema_name.sql": (
        "{% macro generate_schema_name(name, node) %}{{ name or target.schema }}{% endmacro %}"
    ),
    "seeds/facts.csv": "a,b\n1,x\n2,y\n",
    "models/seen.sql": "select * from {{ ref('facts') }}",
    "models/kept.sql": "{{ config(materialized='table', schema='marts') }} select * from {{ ref('seen') }}",
    "models/grown.sql": (
        "{{ config(materialized='incremental', unique_key='a', schema='sharing') }} select * from {{ ref('kept') }}"
    ),
    "models/schema.yml": (
        "models:\n  - name: kept\n    description: Kept.\n"
        "    columns: [{name: a, data_tests: [unique, not_null]}]\n"
        "unit_tests:\n  - name: same\n    model: kept\n"
        "    given: [{input: ref('seen'), rows: [{a: 1, b: x}]}]\n    expect: {rows: [{a: 1, b: x}]}\n"
    ),
}


def test_dbt_builds_and_documents(tmp_path: Path) -> None:
    project = tmp_path / "project"
    for name, text in FILES.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    with running_warehouse(fresh_settings(tmp_path)) as settings:
        environment = {
            **os.environ,
            **connection_info(settings, "dbt").as_env(),
            "DBT_PROFILES_DIR": str(PROJECT_ROOT / "dbt_project"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        }
        script = (
            "from dbt.cli.main import dbtRunner; r = dbtRunner()\n"
            # the second build goes the way of the temporary table
            "for words in (['build'], ['build'], ['docs', 'generate']):\n"
            "    assert r.invoke([*words, '--quiet']).success, words"
        )
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        with connect(settings, "owner") as owner:
            assert owner.execute("select count(*) from sharing.grown").fetchone() == (2,)
            assert owner.execute("select obj_description('marts.kept'::regclass)").fetchone() == ("Kept.",)

"""A new source system, or one more file format of one: description, staging model, expectations, union branch."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace as changed
from pathlib import Path
from typing import Any

import yaml

from exchange.errors import ExchangeError, Place
from exchange.intake.formats import load_formats
from exchange.scaffold import system_files
from exchange.scaffold.files import Made, write
from exchange.scaffold.names import checked, column_names
from exchange.scaffold.new_format import Format
from exchange.scaffold.sample import read_sample

# the staging model whose columns, with their descriptions, every staging model of contacts has
_PATTERN = Path("models/staging/generic/stg_generic__contacts.yml")
_UNION = Path("models/intermediate/int_contact_lines.sql")


def new_system(root: Path, system: str, header: Path, table: str, required: Collection[str] = ()) -> Made:
    """Describe the file format `<system>_<table>` from a sample file. Raises ExchangeError, and writes nothing, if it
    exists, or if the sample tells too little. required: headers a file must have; empty: those the sample always fills.
    """
    checked(system, "source system")
    checked(table, "table of a source system")
    described = _described(system, table, header, required)
    folder = root / "models" / "staging" / system
    _refuse_known(described, root / "models" / "staging")
    created = {
        folder / f"{described.model}.sql": system_files.staging_sql(described),
        folder / f"{described.model}.yml": system_files.staging_yml(described, _shared_columns(root)),
        root / "expectations" / f"{described.name}.py": system_files.suite(described),
    }
    edited = {}
    sources = folder / f"_{system}__sources.yml"
    if sources.exists():
        edited[sources] = _with_table(sources, described)
    else:
        created = {sources: system_files.source_head(system) + system_files.source_table(described)} | created
    union = root / _UNION
    with_branch = _with_branch(union.read_text(encoding="utf-8"), described)
    if with_branch is not None:
        edited[union] = with_branch
    write(created, edited)
    return Made(tuple(created), tuple(edited), _steps(described, folder, union in edited))


def _described(system: str, table: str, header: Path, required: Collection[str]) -> Format:
    sample = read_sample(header)
    unknown = [name for name in required if name not in sample.headers]
    if unknown:
        raise ExchangeError(
            "The sample has no such column.",
            place=Place(file=str(header), line=1),
            expected=f"one of {', '.join(sample.headers)}",
            got=unknown[0],
        )
    needed = frozenset(required) or sample.filled
    if not needed:
        raise ExchangeError(
            "The sample does not tell which columns every file has.",
            place=Place(file=str(header)),
            remedy="Name them with --required (several times), or take a sample with lines in it.",
        )
    columns = dict(zip(sample.headers, column_names(sample.headers), strict=True))
    return Format(system, table, changed(sample, file_name=header.name), columns, needed)


def _refuse_known(described: Format, staging: Path) -> None:
    if described.name in load_formats(staging):
        raise ExchangeError(
            "There is such a file format already; nothing was written.",
            place=Place(file=str(staging / described.system)),
            got=described.name,
            remedy="Choose another --table, or change its description by hand.",
        )


def _shared_columns(root: Path) -> list[tuple[str, str]]:
    """Column and description, as an existing model has them."""
    content: Any = yaml.safe_load((root / _PATTERN).read_text(encoding="utf-8"))
    return [(column["name"], column["description"]) for column in content["models"][0]["columns"]]


def _with_table(sources: Path, described: Format) -> str:
    """The source file with one more table at its end, which is where its tables must end."""
    text = sources.read_text(encoding="utf-8").rstrip("\n") + "\n\n" + system_files.source_table(described)
    before: Any = yaml.safe_load(sources.read_text(encoding="utf-8"))
    after: Any = None
    try:
        after = yaml.safe_load(text)
        added = after["sources"][-1]["tables"].pop()
    except (yaml.YAMLError, KeyError, TypeError, IndexError):
        added = None
    if added is None or added["name"] != described.name or after != before:
        raise ExchangeError(
            "The source file is not laid out as expected; nothing was written.",
            place=Place(file=str(sources)),
            expected="one source, with `tables` as its last key, indented as in the other source files",
            remedy="Bring it into that form, or describe the format by hand.",
        )
    return text


def _with_branch(text: str, described: Format) -> str | None:
    """The union of all contact formats with one more import and branch; None if the text has another form."""
    imports = list(re.finditer(r"^\w+ as \(\n    select \* from \{\{ ref\('stg_\w+'\) \}\}\n\),\n\n", text, re.M))
    union = re.search(
        r"^unioned as \(\n(?:    select \* from \w+\n    union all\n)*    select \* from \w+\n(?=\)|$)", text, re.M
    )
    if not imports or union is None or re.search(rf"^{described.name} as \(", text, re.M):
        return None
    imported = f"{described.name} as (\n    select * from {{{{ ref('{described.model}') }}}}\n),\n\n"
    branch = f"    union all\n    select * from {described.name}\n"
    return text[: imports[-1].end()] + imported + text[imports[-1].end() : union.end()] + branch + text[union.end() :]


def _steps(described: Format, folder: Path, is_in_union: bool) -> tuple[str, ...]:
    model = f"{described.model}.sql"
    union = () if is_in_union else (f"{_UNION}: import {described.model}, and add a `union all` branch",)
    encoding = described.sample.encoding
    doubt = (
        f"{folder.name}/_{described.system}__sources.yml: the sample is no UTF-8, and taken for {encoding}: is it?",
    )
    return (
        *(doubt if encoding in ("latin-1", "windows-1252") else ()),
        f"{folder.name}/{model}: fill in each fill_in(…); until then dbt does not parse, and names the next one",
        *union,
        f"{folder.name}/{described.model}.yml: a unit test for each rule that could be got wrong (the one there fails)",
        f"search {folder.name}/ and expectations/{described.name}.py for FILL IN: what a line tells, in words",
        "seeds/vocabulary/result_codes.csv and channel_codes.csv: the tool's own codes",
        f"exchange new feed FEED --partner PARTNER --format {described.name}",
    )

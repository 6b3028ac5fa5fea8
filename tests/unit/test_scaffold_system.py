"""`exchange new system`: from a sample file to a format that lints and loads, and refuses to be used half-done."""

from __future__ import annotations

import re
import subprocess
import zipfile
from pathlib import Path

import pytest
import yaml

from exchange.errors import ExchangeError
from exchange.intake.formats import FileFormat, load_formats
from exchange.scaffold.names import column_names
from exchange.scaffold.sample import read_sample
from exchange.scaffold.system import new_system
from tests.project_copy import SCRIPTS, ProjectCopy

HEADER = "Call ID,Called At,VANID,contact[firstName],E-mail,State,timezone,1st try\n"
LINE = "1,2026-10-01,77,Mary Secret,mary@example.com,PA,EST,yes\n"


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.csv"
    path.write_text(HEADER + LINE + LINE.replace(",77,", ",,"), encoding="utf-8")
    return path


@pytest.fixture
def project(tmp_path: Path) -> ProjectCopy:
    return ProjectCopy(tmp_path / "copy")


def formats(project: ProjectCopy) -> dict[str, FileFormat]:
    # a process reads them once
    load_formats.cache_clear()
    return load_formats(project.root / "models" / "staging")


def lint(project: ProjectCopy, *paths: Path) -> subprocess.CompletedProcess[str]:
    command = [str(SCRIPTS / "sqlfluff"), "lint", "--disable-progress-bar", *map(str, paths)]
    return subprocess.run(command, cwd=project.root, capture_output=True, text=True, check=False)


def test_everything_written_lints_and_loads_at_once(project: ProjectCopy, sample: Path) -> None:
    made = new_system(project.root, "dialer", sample, "calls")
    described = formats(project)["dialer_calls"]
    assert (described.delimiter, described.encoding, described.unknown_columns) == (",", "utf-8", "refuse")
    columns = {column.headers[0]: column.name for column in described.columns}
    # macros/delivered_lines.sql adds a `timezone`; a name cannot begin with a digit
    assert columns == {
        "Call ID": "call_id",
        "Called At": "called_at",
        "VANID": "vanid",
        "contact[firstName]": "contact_first_name",
        "E-mail": "e_mail",
        "State": "state",
        "timezone": "delivered_timezone",
        "1st try": "delivered_1st_try",
    }
    assert [column.name for column in described.columns if not column.required] == ["vanid"]
    queries = [path for path in (*made.created, *made.edited) if path.suffix == ".sql"]
    assert len(queries) == 2
    done = lint(project, *queries)
    assert done.returncode == 0, done.stdout
    project.run("ruff check expectations && ruff format --check expectations")


def test_no_value_of_the_sample_is_copied(project: ProjectCopy, sample: Path) -> None:
    made = new_system(project.root, "dialer", sample, "calls")
    assert not any("Secret" in path.read_text() or "mary@" in path.read_text() for path in made.created)


def test_the_new_format_is_a_branch_of_the_union(project: ProjectCopy, sample: Path) -> None:
    """Without it the format would load and reach nobody."""
    new_system(project.root, "dialer", sample, "calls")
    union = (project.root / "models/intermediate/int_contact_lines.sql").read_text()
    assert union.count("{{ ref('stg_dialer__calls') }}") == 1
    assert "    union all\n    select * from dialer_calls\n)" in union


def test_the_new_model_follows_its_files_as_the_others_do(project: ProjectCopy, sample: Path) -> None:
    """Without the same columns told, a correction delivered to it would leave the old line in the marts."""
    new_system(project.root, "dialer", sample, "calls")
    made = (project.root / "models/staging/dialer/stg_dialer__calls.sql").read_text()
    shipped = (project.root / "models/staging/generic/stg_generic__contacts.sql").read_text()
    config = re.search(r"\{\{ config\(.*?\n\) \}\}\n", shipped, re.S)
    assert config and config[0] in made
    (test,) = yaml.safe_load((project.root / "models/staging/dialer/stg_dialer__calls.yml").read_text())["unit_tests"]
    assert test["overrides"] == {"macros": {"is_incremental": False}}
    assert {"input": "ref('stg_files')", "rows": []} in test["given"]


def test_a_second_format_of_a_system_leaves_the_first_as_it_is(project: ProjectCopy, sample: Path) -> None:
    new_system(project.root, "dialer", sample, "calls")
    sources = project.root / "models/staging/dialer/_dialer__sources.yml"
    first = sources.read_text()
    new_system(project.root, "dialer", sample, "texts")
    assert sources.read_text().startswith(first)
    tables = yaml.safe_load(sources.read_text())["sources"][0]["tables"]
    assert [table["name"] for table in tables] == ["dialer_calls", "dialer_texts"]


@pytest.mark.parametrize("table", ["contacts", "exports"])
def test_a_format_of_a_shipped_system_is_added_or_refused(project: ProjectCopy, sample: Path, table: str) -> None:
    before = {path: path.read_bytes() for path in (project.root / "models").rglob("*.*")}
    if table == "exports":
        new_system(project.root, "spoke", sample, table)
        assert {"spoke_contacts", "spoke_exports"} <= set(formats(project))
    else:
        with pytest.raises(ExchangeError, match="already"):
            new_system(project.root, "spoke", sample, table)
        assert {path: path.read_bytes() for path in (project.root / "models").rglob("*.*")} == before


def test_nothing_is_overwritten_and_nothing_is_left_half_written(project: ProjectCopy, sample: Path) -> None:
    taken = project.root / "expectations" / "dialer_calls.py"
    taken.write_text("mine\n")
    with pytest.raises(ExchangeError, match="exists already"):
        new_system(project.root, "dialer", sample, "calls")
    assert taken.read_text() == "mine\n"
    assert not (project.root / "models/staging/dialer").exists()


def test_a_header_alone_does_not_tell_what_is_required(project: ProjectCopy, sample: Path) -> None:
    sample.write_text(HEADER)
    with pytest.raises(ExchangeError, match="--required"):
        new_system(project.root, "dialer", sample, "calls")
    with pytest.raises(ExchangeError, match="no such column"):
        new_system(project.root, "dialer", sample, "calls", ["Call Id"])
    new_system(project.root, "dialer", sample, "calls", ["Call ID"])


def test_a_report_in_a_zip_is_read_as_it_comes(tmp_path: Path) -> None:
    text = "VANID\tContact Name\r\n7\tA, B\r\n".encode("utf-16")
    with zipfile.ZipFile(tmp_path / "report.zip", "w") as archive:
        archive.writestr("report.xls", text)
    sample = read_sample(tmp_path / "report.zip")
    assert (sample.delimiter, sample.encoding, sample.headers, sample.lines) == (
        "\t",
        "utf-16",
        ("VANID", "Contact Name"),
        1,
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"a,,c\n1,2,3\n", "Header 2 is blank"),
        (b"a,b,A\n1,2,3\n", "twice"),
        (b"Report of October\na,b,c\n1,2,3\n4,5,6\n", "as many cells"),
    ],
)
def test_a_sample_that_tells_nothing_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "sample.csv"
    path.write_bytes(content)
    with pytest.raises(ExchangeError, match=said):
        read_sample(path)


def test_an_old_encoding_is_taken_for_windows_and_asked_about(project: ProjectCopy, sample: Path) -> None:
    sample.write_bytes(b"id,note\n1,caf\xe9 \x93x\x94\n")
    made = new_system(project.root, "dialer", sample, "calls")
    assert formats(project)["dialer_calls"].encoding == "windows-1252"
    assert "windows-1252: is it?" in made.steps[0]


def test_headers_that_fall_together_stay_apart() -> None:
    assert column_names(["Phone", "phone", "PHONE #", "???", "x" * 80]) == [
        "phone",
        "phone_2",
        "phone_3",
        "column_4",
        "x" * 59,
    ]

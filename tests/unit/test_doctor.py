"""`exchange doctor` finds what is wrong and says how to mend it. Nothing here starts a server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from exchange import diagnosis
from exchange.cli import app
from exchange.settings import Settings
from tests.registry_files import GOOD, write_registry


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for field in Settings.model_fields:
        monkeypatch.delenv(f"EXCHANGE_{field.upper()}", raising=False)
    home = tmp_path / "home"
    for location in ("exchange/voters", "gov"):
        (home / "inbox" / location).mkdir(parents=True)
    write_registry(tmp_path / "registry")
    monkeypatch.setenv("EXCHANGE_HOME", str(home))
    monkeypatch.setenv("EXCHANGE_REGISTRY", str(tmp_path / "registry"))
    # what is installed on the machine of the test is another test's business
    monkeypatch.setattr(diagnosis.installation, "packages", lambda: iter(()))
    return home


def run() -> tuple[int, dict[str, Any]]:
    result = CliRunner().invoke(app, ["doctor", "--json"])
    return result.exit_code, json.loads(result.stdout)


def wrong(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [finding for finding in document["findings"] if finding["status"] == "wrong"]


def test_a_sound_installation_passes_and_nothing_is_started(home: Path) -> None:
    before = sorted(home.rglob("*"))
    code, document = run()
    assert (code, document["ok"], wrong(document)) == (0, True, [])
    assert {finding["check"] for finding in document["findings"]} >= {
        "python",
        "database",
        "credentials",
        "dbt",
        "registry",
        "inbox",
    }
    assert sorted(home.rglob("*")) == before


def test_every_setting_is_listed_and_no_secret_is_shown(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGE_ID_SECRET", "swordfish")
    monkeypatch.setenv("EXCHANGE_DATABASE_URL", "postgresql://u:tunafish@127.0.0.1:1/x")
    _, document = run()
    settings = {setting["name"]: setting for setting in document["settings"]}
    assert set(settings) == {f"EXCHANGE_{field.upper()}" for field in Settings.model_fields}
    assert all(setting["description"] for setting in settings.values())
    assert settings["EXCHANGE_HOME"]["value"] == str(home)
    assert settings["EXCHANGE_ID_SECRET"] == settings["EXCHANGE_ID_SECRET"] | {
        "value": "(hidden)",
        "is_set": True,
    }
    assert settings["EXCHANGE_AS_OF"] == settings["EXCHANGE_AS_OF"] | {"value": None, "is_set": False}
    assert "fish" not in json.dumps(document)
    assert "fish" not in CliRunner().invoke(app, ["doctor"]).output


@pytest.mark.usefixtures("home")
def test_problems_of_the_registry_are_listed_with_file_and_line(tmp_path: Path) -> None:
    write_registry(
        tmp_path / "registry",
        partners=GOOD["partners.csv"].replace("p_0a1b2c", "P1"),
        candidates=GOOD["candidates.csv"].replace("hd7", "hd8"),
    )
    code, document = run()
    assert code == 1
    assert [finding["where"] for finding in wrong(document)] == [
        f"{tmp_path}/registry/partners.csv:3",
        f"{tmp_path}/registry/candidates.csv:4",
    ]
    shown = CliRunner().invoke(app, ["doctor"])
    assert shown.exit_code == 1
    assert f"{tmp_path}/registry/partners.csv:3: column share_schema" in shown.stdout
    assert "2 things are wrong." in shown.stdout


def test_missing_inbox(home: Path) -> None:
    (home / "inbox" / "gov").rmdir()
    code, document = run()
    assert code == 1
    assert [(finding["check"], finding["remedy"]) for finding in wrong(document)] == [
        ("inbox", f"mkdir -p {home}/inbox/gov")
    ]


def test_credentials_others_can_read(home: Path) -> None:
    folder = home / "credentials"
    folder.mkdir(mode=0o700)
    (folder / "exchange_web").write_text("secret")
    (folder / "exchange_web").chmod(0o640)
    code, document = run()
    assert code == 1
    assert [finding["remedy"] for finding in wrong(document)] == [f"chmod 600 {folder}/exchange_web"]
    (folder / "exchange_web").chmod(0o600)
    folder.chmod(0o755)
    assert [finding["remedy"] for finding in wrong(run()[1])] == [f"chmod 700 {folder}"]
    folder.chmod(0o700)
    assert run()[0] == 0


@pytest.mark.usefixtures("home")
def test_a_setting_that_cannot_be_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGE_AS_OF", "yesterday")
    code, document = run()
    assert code == 1
    assert "EXCHANGE_AS_OF" in wrong(document)[0]["message"]


@pytest.mark.usefixtures("home")
def test_a_misspelt_setting_is_worth_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXCHANGE_HOEM", "/elsewhere")
    code, document = run()
    assert code == 0
    notes = [finding["message"] for finding in document["findings"] if finding["status"] == "note"]
    assert "EXCHANGE_HOEM is set but means nothing." in notes


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("url", ["postgresql://u:tunafish@127.0.0.1:1/x", "tunafish", "host='tunafish"])
def test_a_server_elsewhere_that_does_not_answer(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("EXCHANGE_DATABASE_URL", url)
    code, document = run()
    assert code == 1
    assert [finding["check"] for finding in wrong(document)] == ["database"]
    assert "tunafish" not in json.dumps(document)


def test_packages_are_compared_with_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\ndependencies = ["pydantic>=2", "typer[all]>=0", "no-such>=1"]\n'
    )
    (tmp_path / "requirements.lock").write_text("pydantic==1.0.0 \\\n    --hash=sha256:00\nno-such==1.0\n")
    monkeypatch.setattr(diagnosis.installation, "PROJECT_ROOT", tmp_path)
    found = list(diagnosis.installation.packages())
    assert [finding.status for finding in found] == ["wrong", "wrong"]
    assert "requirements.lock says 1.0.0" in found[0].message
    assert "no-such is not installed" in found[1].message
    assert all("make run" in (finding.remedy or "") for finding in found)

"""`exchange doctor`: every setting, every check, what is wrong and how to mend it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.markup import escape

from exchange.cli.console import console, print_json, table
from exchange.diagnosis import Finding, SettingShown, findings, settings_problems, settings_shown
from exchange.settings import Settings

_MARKS = {"ok": "[green]ok[/]", "note": "[yellow]note[/]", "wrong": "[red]wrong[/]"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print settings and findings as JSON.")] = False,
) -> None:
    """Check the installation: settings, packages, database, credentials, dbt, registry, inboxes.

    Starts and changes nothing. Exit code 1 if anything is wrong; notes are not.
    """
    shown: list[SettingShown] = []
    try:
        settings = Settings()
    except ValidationError as error:
        found = list(settings_problems(error))
    else:
        shown = settings_shown(settings)
        found = list(findings(settings))
    wrong = [finding for finding in found if finding.status == "wrong"]
    if as_json:
        document = {
            "ok": not wrong,
            "settings": [asdict(setting) for setting in shown],
            "findings": [asdict(finding) for finding in found],
        }
        print_json(document)
    else:
        _print(shown, found, len(wrong))
    if wrong:
        raise typer.Exit(1)


def _print(shown: list[SettingShown], found: list[Finding], wrong: int) -> None:
    if shown:
        rows = [(setting.name, _value(setting), setting.description) for setting in shown]
        console().print(table("Settings", ["setting", "value", "meaning"], rows))
    for finding in found:
        where = f"{finding.where}: " if finding.where else ""
        console().print(f"{_MARKS[finding.status]} {finding.check}: {escape(where + finding.message)}")
        if finding.remedy:
            console().print(f"     {escape(finding.remedy)}")
    console().print()
    verdict = "Nothing is wrong." if not wrong else f"{wrong} things are wrong." if wrong > 1 else "1 thing is wrong."
    console().print(f"[bold]{verdict}[/]")


def _value(setting: SettingShown) -> str:
    value = "(unset)" if setting.value is None else setting.value
    return value if setting.is_set else f"{value} (default)"

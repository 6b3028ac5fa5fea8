"""The settings as a person may see them, and what cannot be understood in them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import SecretStr, ValidationError

from exchange.diagnosis.finding import Finding
from exchange.settings import Settings

PREFIX = "EXCHANGE_"


@dataclass(frozen=True)
class SettingShown:
    """One setting as a person may see it: a secret's value never."""

    name: str
    value: str | None
    is_set: bool
    description: str


def settings_shown(settings: Settings) -> list[SettingShown]:
    """Grain: one per setting, in the order they are declared."""
    shown = []
    for field, info in Settings.model_fields.items():
        value = getattr(settings, field)
        text = None if value is None else "(hidden)" if isinstance(value, SecretStr) else str(value)
        is_set = field in settings.model_fields_set
        shown.append(SettingShown(f"{PREFIX}{field.upper()}", text, is_set, info.description or ""))
    return shown


def settings_problems(error: ValidationError) -> Iterator[Finding]:
    """The environment variables that the settings could not be read from."""
    for fault in error.errors():
        name = PREFIX + "_".join(str(part) for part in fault["loc"]).upper()
        remedy = f"Correct or unset the environment variable {name}."
        yield Finding("settings", "wrong", f"{name} cannot be understood: {fault['msg']}.", remedy)


def environment() -> Iterator[Finding]:
    known = {f"{PREFIX}{field.upper()}" for field in Settings.model_fields}
    for name in sorted(os.environ):
        # EXCHANGE_DBT_* are what a refresh hands to dbt
        if name.startswith(PREFIX) and name not in known and not name.startswith(f"{PREFIX}DBT_"):
            yield Finding("settings", "note", f"{name} is set but means nothing.", "Unset it, or correct its name.")

"""Python, the packages and dbt's profile: what `make run` installs."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

import yaml

from exchange.diagnosis.finding import Finding
from exchange.settings import PROJECT_ROOT

OLDEST_PYTHON = (3, 11)


def python() -> Iterator[Finding]:
    found = ".".join(str(part) for part in sys.version_info[:3])
    if sys.version_info[:2] < OLDEST_PYTHON:
        needed = ".".join(str(part) for part in OLDEST_PYTHON)
        yield Finding("python", "wrong", f"Python is {found}.", f"Install Python {needed} or newer; then `make run`.")
    else:
        yield Finding("python", "ok", f"Python {found}")


def packages() -> Iterator[Finding]:
    """The packages pyproject.toml names, in the versions requirements.lock pins."""
    remedy = "`make run` installs requirements.lock into the virtual environment."
    try:
        project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        lock = (PROJECT_ROOT / "requirements.lock").read_text(encoding="utf-8")
    except OSError as error:
        yield Finding("packages", "wrong", f"{error.filename} cannot be read.", "Restore it from the repository.")
        return
    # a package may be pinned several times, for several Pythons
    pinned: dict[str, list[str]] = {}
    for name, pin in re.findall(r"^([A-Za-z0-9._-]+)==([^\s\\;]+)", lock, re.MULTILINE):
        pinned.setdefault(name, []).append(pin)
    wrong = False
    for dependency in project["dependencies"]:
        name = re.split(r"[\[<>=!~; ]", dependency, maxsplit=1)[0]
        try:
            installed = version(name)
        except PackageNotFoundError:
            wrong = True
            yield Finding("packages", "wrong", f"{name} is not installed.", remedy)
            continue
        if name in pinned and installed not in pinned[name]:
            wrong = True
            message = f"{name} is {installed}, requirements.lock says {' or '.join(pinned[name])}."
            yield Finding("packages", "wrong", message, remedy)
    if not wrong:
        yield Finding("packages", "ok", f"{len(project['dependencies'])} packages as in requirements.lock")


def dbt_profile() -> Iterator[Finding]:
    project, profiles = PROJECT_ROOT / "dbt_project.yml", PROJECT_ROOT / "dbt_project" / "profiles.yml"
    remedy = "Restore it from the repository."
    contents = []
    for path in (project, profiles):
        try:
            contents.append(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
        except OSError:
            yield Finding("dbt", "wrong", f"{path} cannot be read.", remedy)
            return
        except yaml.YAMLError as error:
            yield Finding("dbt", "wrong", f"{path} is not YAML: {error}", remedy)
            return
    name = contents[0].get("profile")
    target = contents[1].get(name, {})
    if target.get("target") not in target.get("outputs", {}):
        yield Finding("dbt", "wrong", f"{profiles} has no usable profile {name!r}.", remedy)
    else:
        yield Finding("dbt", "ok", f"dbt profile {name!r} in {profiles}")

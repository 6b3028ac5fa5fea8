"""Who may import whom: data moves in one direction, and so do imports. Read from the source, by its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("exchange", "orchestration", "expectations", "dashboard")

# package -> modules of ours that it may import, besides itself
ALLOWED = {
    "exchange": set(),
    "expectations": {"exchange.errors"},
    "orchestration": {"exchange", "expectations"},
    "dashboard": {"exchange.settings", "exchange.warehouse"},
}


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported_modules(source: Path) -> Iterator[tuple[int, str]]:
    """Line and full name of every module of ours that a file imports, inside functions too."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"), filename=str(source))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source}:{node.lineno}: relative imports hide where a module comes from"
            # `from exchange import settings` imports exchange.settings
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def is_within(module: str, allowed: str) -> bool:
    return module == allowed or module.startswith(f"{allowed}.")


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_go_one_way(package: str) -> None:
    """Would have caught Dagster creeping into the plain Python, and the dashboard reaching past its database role."""
    wrong = [
        f"{source.relative_to(ROOT)}:{line} imports {module}"
        for source in sources(package)
        for line, module in imported_modules(source)
        if module.split(".")[0] in {*PACKAGES, "tests"} - {package}
        and not any(is_within(module, allowed) for allowed in ALLOWED[package])
    ]
    assert wrong == []


@pytest.mark.parametrize("package", ["exchange", "expectations", "dashboard"])
def test_only_orchestration_knows_dagster_and_only_expectations_great_expectations(package: str) -> None:
    foreign = {"dagster", "dagster_dbt", "dagster_postgres", "dbt"} | (
        set() if package == "expectations" else {"great_expectations"}
    )
    wrong = [
        f"{source.relative_to(ROOT)}:{line} imports {module}"
        for source in sources(package)
        for line, module in imported_modules(source)
        if module.split(".")[0] in foreign
    ]
    assert wrong == []


@pytest.mark.parametrize("package", PACKAGES)
def test_modules_stay_readable(package: str) -> None:
    """House style: modules under 250 lines, no drawer for leftovers."""
    lengths = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in sources(package)}
    long = {path: lines for path, lines in lengths.items() if lines > 250}
    assert long == {}
    assert [path for path in sources(package) if path.stem in {"utils", "helpers", "common", "misc"}] == []

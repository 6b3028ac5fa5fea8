"""What a suite found in a batch, in words. Does not import Great Expectations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["critical", "warning"]


@dataclass(kw_only=True, frozen=True)
class Finding:
    """One sentence of a suite, judged on one batch. `threshold` and `observed` are shares of the judged rows (0-1)."""

    expectation: str
    severity: Severity
    passed: bool
    threshold: float
    observed: float
    examples: tuple[str, ...]
    note: str


def failed(findings: Sequence[Finding], severity: Severity) -> list[Finding]:
    """The findings of one severity that did not pass."""
    return [finding for finding in findings if not finding.passed and finding.severity == severity]


def markdown(findings: Sequence[Finding]) -> str:
    """A table with what failed first; one line per sentence."""
    lines = [
        "| result | expectation | observed | threshold | failing examples |",
        "| --- | --- | --- | --- | --- |",
    ]
    for finding in sorted(findings, key=lambda finding: (finding.passed, finding.severity)):
        result = "passed" if finding.passed else finding.severity
        examples = ", ".join(f"`{_cell(example)}`" for example in finding.examples)
        shares = f"{finding.observed:.1%} | {finding.threshold:.0%}"
        lines.append(f"| {result} | {_cell(finding.expectation)} | {shares} | {examples} |")
    return "\n".join(lines)


def sentence(finding: Finding) -> str:
    """One failed finding as a sentence, with the reason it matters."""
    examples = f", for example {', '.join(map(repr, finding.examples[:3]))}" if finding.examples else ""
    shares = f"in {finding.observed:.1%} of the rows, expected {finding.threshold:.0%}"
    return f"{finding.expectation}: {shares}{examples}. {finding.note}"


def _cell(text: str, limit: int = 60) -> str:
    # a value is a partner's text: it must not break the table, nor a 200 MB line the page
    shown = text if len(text) <= limit else f"{text[:limit]}…"
    return shown.replace("|", "\\|").replace("`", "'").replace("\n", " ").replace("\r", " ")

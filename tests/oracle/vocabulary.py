"""The shipped vocabulary as the oracle reads it: canonical codes and the tools' own codes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .registry import Row, read_csv


@dataclass(frozen=True)
class Vocabulary:
    """`results`: contact result -> its row. `*_codes`: (file format, tool's code) -> canonical code.

    `scope_kinds`: namespace -> state, committee or none. `county_divisions`: county FIPS -> OCD id.
    `tool_ranks`: file format -> rank; a higher one tells again what a lower one told.
    """

    question_scope: dict[str, str]
    answer_labels: dict[tuple[str, int], str]
    results: dict[str, Row]
    channels: frozenset[str]
    result_codes: dict[tuple[str, str], str]
    channel_codes: dict[tuple[str, str], str]
    scope_kinds: dict[str, str]
    county_divisions: dict[str, str]
    tool_ranks: dict[str, int]

    def channel(self, file_format: str, text: str) -> str | None:
        """The canonical channel; None: not understood. Plain formats use our codes, tools their own."""
        if file_format.startswith("generic_"):
            return text if text in self.channels else None
        return self.channel_codes.get((file_format, text))

    def result(self, file_format: str, text: str) -> str | None:
        """The canonical contact result; None: empty or not understood; '': known, but no contact took place."""
        if file_format.startswith("generic_"):
            return text if text in self.results else None
        return self.result_codes.get((file_format, text))

    def result_rank(self, result: str) -> int:
        return int(self.results[result]["result_rank"])

    def suppression_kind(self, result: str) -> str | None:
        return self.results[result].get("suppression_kind") or None

    def needs_state(self, namespace: str) -> bool:
        return self.scope_kinds[namespace] == "state"

    def needs_scope(self, namespace: str) -> bool:
        return self.scope_kinds[namespace] != "none"


def read_vocabulary(folder: Path) -> Vocabulary:
    return Vocabulary(
        question_scope={row["question_code"]: row["scope"] for row in read_csv(folder / "questions.csv")},
        answer_labels={
            (row["question_code"], int(row["answer_code"])): row["answer_label"]
            for row in read_csv(folder / "answers.csv")
        },
        results={row["contact_result"]: row for row in read_csv(folder / "contact_results.csv")},
        channels=frozenset(row["channel"] for row in read_csv(folder / "channels.csv")),
        result_codes={
            (row["file_format"], row["source_code"]): row["contact_result"]
            for row in read_csv(folder / "result_codes.csv")
        },
        channel_codes={
            (row["file_format"], row["source_code"]): row["channel"] for row in read_csv(folder / "channel_codes.csv")
        },
        scope_kinds={row["namespace"]: row["scope_kind"] for row in read_csv(folder / "id_namespaces.csv")},
        county_divisions={row["county_fips"]: row["division_id"] for row in read_csv(folder / "counties.csv")},
        tool_ranks={row["file_format"]: int(row["tool_rank"]) for row in read_csv(folder / "tools.csv")},
    )

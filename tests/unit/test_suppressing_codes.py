"""Codes that silence somebody: each tool's own, since the same letters mean something else in another tool."""

from __future__ import annotations

from pathlib import Path

import pytest

from exchange.registry import Registry, load_registry
from tests.registry_files import write_registry

SHIPPED = Path(__file__).parents[2] / "seeds" / "vocabulary"
# every code of every format that suppresses. A new one is added here by hand, from its vendor's documentation: a wrong
# one marks the living dead, or clears a do-not-call.
SUPPRESSING = {
    "van_contact_history_report": {
        "Moved": "moved",
        "Deceased": "deceased",
        "Do Not Call": "do_not_call",
        "Do Not Text": "do_not_text",
        "Do Not Walk": "do_not_walk",
        "Do Not Mail": "do_not_mail",
        "Do Not Email": "do_not_email",
        "Wrong Number": "wrong_number",
    },
    "van_contactscontacts": {
        "4": "deceased",
        "5": "moved",
        "20": "wrong_number",
        "22": "do_not_call",
        "23": "do_not_walk",
        "130": "do_not_text",
        "131": "do_not_email",
    },
}


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    return load_registry(write_registry(tmp_path_factory.mktemp("registry")))


def test_every_suppressing_code_is_one_of_these(registry: Registry) -> None:
    kinds = {result.contact_result: result.suppression_kind for result in registry.contact_results}
    found: dict[str, dict[str, str]] = {}
    for code in registry.result_codes:
        if code.contact_result and (kinds[code.contact_result] or code.contact_result == "opted_in"):
            found.setdefault(code.file_format, {})[code.source_code] = code.contact_result
    assert found == SUPPRESSING


def test_scopes(registry: Registry) -> None:
    results = {result.contact_result: result for result in registry.contact_results}
    scopes = {code: (result.suppression_kind, result.suppression_scope) for code, result in results.items()}
    assert scopes["opted_out"] == ("opted_out", "channel")
    assert scopes["opted_out_caller"] == ("opted_out", "caller")
    assert scopes["opted_out_all"] == ("opted_out", "all")
    assert scopes["wrong_number"] == ("wrong_number", "channel")
    assert scopes["deceased"] == ("deceased", "all")
    # the undo is no suppression, and no ordinary result either
    assert scopes["opted_in"] == scopes["disconnected"] == (None, None)


def test_the_same_letters_may_mean_another_thing_in_another_format(tmp_path: Path) -> None:
    own = tmp_path / "vocabulary"
    own.mkdir()
    for file in SHIPPED.glob("*.csv"):
        (own / file.name).write_bytes(file.read_bytes())
    with (own / "result_codes.csv").open("a") as codes:
        # DC is Deceased at VAN and Do Not Call at Callserver; DE the other way round Do Not Email
        codes.write("van_contact_history_report,DC,deceased\nspoke_contacts,DC,do_not_call\n")
    folder = write_registry(tmp_path / "registry")
    meant = {
        (code.file_format, code.source_code): code.contact_result for code in load_registry(folder, own).result_codes
    }
    assert meant["van_contact_history_report", "DC"] == "deceased"
    assert meant["spoke_contacts", "DC"] == "do_not_call"
    with (own / "result_codes.csv").open("a") as codes:
        codes.write("spoke_contacts,DC,deceased\n")
    with pytest.raises(Exception, match="DC"):
        load_registry(folder, own)

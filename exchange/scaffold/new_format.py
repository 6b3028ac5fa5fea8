"""A new file format as its sample shows it: columns, and which of them tell who the person is."""

from __future__ import annotations

from dataclasses import dataclass

from exchange.scaffold.sample import Sample

# person column -> headers (letters and digits alone) that can mean nothing else
_PERSON_HEADERS = {
    "first_name": {"firstname", "fname", "givenname", "contactfirstname"},
    "middle_name": {"middlename", "middleinitial", "contactmiddlename"},
    "last_name": {"lastname", "lname", "surname", "contactlastname"},
    "suffix": {"suffix", "namesuffix"},
    "birth_date": {"birthdate", "dateofbirth", "dob"},
    "address": {"address", "address1", "streetaddress"},
    "city": {"city", "contactcity"},
    "zip": {"zip", "zipcode", "zip5", "postalcode", "contactzip"},
    "phone": {"phone", "phonenumber", "contactphone", "cell", "cellphone", "contactcell"},
    "email": {"email", "emailaddress", "contactemail"},
}
_STATE_HEADERS = {"state", "contactstate"}


@dataclass(frozen=True)
class Format:
    """A new file format. columns: header -> raw column, in the file's order; required: headers a file must have."""

    system: str
    table: str
    sample: Sample
    columns: dict[str, str]
    required: frozenset[str]

    @property
    def name(self) -> str:
        return f"{self.system}_{self.table}"

    @property
    def model(self) -> str:
        return f"stg_{self.system}__{self.table}"

    @property
    def person(self) -> dict[str, str]:
        """Person column -> raw column, for headers that name one."""
        plain = {_plain(header): raw for header, raw in reversed(self.columns.items())}
        found = {}
        for column, headers in _PERSON_HEADERS.items():
            raw = next((plain[header] for header in plain if header in headers), None)
            if raw is not None:
                found[column] = raw
        return found

    @property
    def row_state(self) -> str | None:
        return next((raw for header, raw in self.columns.items() if _plain(header) in _STATE_HEADERS), None)


def _plain(header: str) -> str:
    return "".join(letter for letter in header.casefold() if letter.isalnum())

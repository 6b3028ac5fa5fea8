"""`make docs`: dbt's documentation as one file that asks nobody for anything when it is opened."""

from __future__ import annotations

import os
import re
from pathlib import Path

from exchange.errors import ExchangeError, Place
from exchange.scaffold.files import replace
from exchange.settings import Settings

# the page's own scripts build their code at run time; everything else comes from the file itself or not at all
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:;"
    " font-src data:; connect-src 'none'; base-uri 'none'; form-action 'none'"
)
_HEAD = '<head><meta charset="utf-8">'


def sealed(page: str) -> str:
    """The page with a policy that lets it load nothing. Raises ExchangeError if dbt's page has another form."""
    if not page.count(_HEAD) == 1:
        raise ExchangeError("dbt's documentation page has another form than expected.", expected=_HEAD)
    policy = f'{_HEAD}<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    # an icon that was never filled in, and a canonical address on another host's root
    without_links = re.sub(r'<link rel="(?:shortcut icon|canonical)"[^>]*/>', "", page, count=2)
    return without_links.replace(_HEAD, policy + '<link rel="icon" href="data:,">', 1)


def main() -> None:
    """Seal what `dbt docs generate --static` wrote, and say where it is."""
    generated = Path(os.environ["DBT_TARGET_PATH"]) / "static_index.html"
    if not generated.exists():
        raise ExchangeError("dbt wrote no page.", place=Place(file=str(generated)), remedy="`make docs` makes both.")
    page = Settings().home / "docs" / "index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.touch()
    replace(page, sealed(generated.read_text(encoding="utf-8")))
    print(f"The models' documentation: file://{page}")


if __name__ == "__main__":
    main()

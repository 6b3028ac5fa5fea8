"""`python -m benchmarks.matching.learn_defaults`: renew exchange/matching/default_model.json from four worlds.

What matching starts from where an exchange has few ids to learn from. Run it after a change of the comparisons.
"""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.matching.generate import generate
from exchange.matching import defaults
from exchange.matching.frequencies import count_frequencies
from exchange.matching.model import train
from exchange.matching.standard import standardize
from exchange.matching.workbench import open_workbench

# seeds that no table of results uses
WORLDS = [(profile, seed) for profile in ("usual", "hard") for seed in (11, 12)]
TARGET = Path(defaults.__file__).with_name("default_model.json")


def main() -> None:
    """Train on the truth of each world and write the mean."""
    settings = []
    for profile, seed in WORLDS:
        con = open_workbench()
        generate(con, voters=100_000, identities=20_000, seed=seed, profile=profile)
        standardize(con, "raw_voters", "voters")
        standardize(con, "raw_identities", "identities")
        count_frequencies(con, "voters", "frequencies")
        con.execute("create table labels as select identity_id, voter_id from truth where voter_id is not null")
        sides = {"voters": "voters", "identities": "identities", "labels": "labels", "frequencies": "frequencies"}
        settings.append(train(con, **sides, version=1, seed=1).settings)
        con.close()
    TARGET.write_text(json.dumps(defaults.mean_weights(settings), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

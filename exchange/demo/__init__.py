"""A believable exchange made from a seed: registry, partners' raw files in real vendor formats, and the truth beside.

Every name, number and answer is invented. Nothing else of the exchange imports this package but its command.
"""

from exchange.demo.generate import (
    DEFAULT_CONTACTS,
    DEFAULT_PARTNERS,
    DEFAULT_SEED,
    DEFAULT_VOTERS,
    Demo,
    DemoOptions,
    write_demo,
)

__all__ = [
    "DEFAULT_CONTACTS",
    "DEFAULT_PARTNERS",
    "DEFAULT_SEED",
    "DEFAULT_VOTERS",
    "Demo",
    "DemoOptions",
    "write_demo",
]

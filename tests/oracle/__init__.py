"""The independent oracle: what every partner must see, computed naively from the sharing rules.

It imports nothing of the product. Where product and oracle disagree, docs/sharing-rules.md decides who is right.
"""

from .comparison import Difference, differences, report
from .exchange import VOCABULARY, Views, expected_views, viewers, views_of, world_at
from .inbox import Delivery, Inbox
from .registry import EXCHANGE, read_registry

__all__ = [
    "EXCHANGE",
    "VOCABULARY",
    "Delivery",
    "Difference",
    "Inbox",
    "Views",
    "differences",
    "expected_views",
    "read_registry",
    "report",
    "viewers",
    "views_of",
    "world_at",
]

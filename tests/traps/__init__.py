"""The exchange in which the traps of cross-organization contact data are laid: registry, voters, who sees what."""

from .laying import Seen, delivers, seen_by_partners

__all__ = ["Seen", "delivers", "seen_by_partners"]

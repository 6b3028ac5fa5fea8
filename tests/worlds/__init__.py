"""Random worlds: whole little exchanges (registry and deliveries in stages) that tests run through the product."""

from .generation import random_world
from .world import DeliveredFile, World

__all__ = ["DeliveredFile", "World", "random_world"]

"""Sorting voters: filters, counts of every choice, pages of people, saved universes."""

"""Writes the files that adding a partner, a feed, a source system or a model needs. Nothing here overwrites a file."""

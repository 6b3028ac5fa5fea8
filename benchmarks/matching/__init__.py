"""Matching measured against known truth: the project's own population, FEBRL4 and pseudopeople, and other methods."""
